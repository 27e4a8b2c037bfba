//! Decoding with everything that is known: the line's own key, a key file, the stored keys, the formats learned so far.
//!
//! What comes in: a frame and when it was received. What goes out: what it says, or the refusal; and by the way which keys
//! were used how often, and formats that are new. Never: more than a few keys tried on one telegram.

use std::cell::Cell;

use jiff::{SignedDuration, Timestamp};
use rustc_hash::FxHashMap;
use tidstro_model::{ActorId, DeviceId, MeterId};
use tidstro_store::{MeterKeyNo, Permit, StoredFormat};
use tidstro_telegram::{
    DecodeOptions, Format, FormatId, Formats, Joined, Key, KeyMark, KeyRing, KeySource, Received, Refusal,
    Telegram, join,
};

use crate::keys::{StoredKeys, TitleKeys};
use crate::{FlowFault, Workspace};

/// Keys tried on one telegram: the one that holds, and a few that held before or will. Each further one makes it more
/// likely that a wrong key looks right.
const TRIED_MAX: usize = 4;
/// Uses counted in memory before they are written down.
const USES_HELD: u64 = 65_536;
/// The longest they are held.
const HELD_FOR: SignedDuration = SignedDuration::from_mins(1);

/// What telegrams are decoded with.
pub(super) struct Decoder<'a> {
    file: &'a KeyRing,
    stored: StoredKeys,
    formats: Formats,
    /// Formats not yet kept.
    learned: Vec<Format>,
    /// Uses not yet written down.
    uses: FxHashMap<MeterKeyNo, u64>,
    held: u64,
    written: Timestamp,
}

impl<'a> Decoder<'a> {
    /// Loads what is stored.
    pub(super) async fn load(
        workspace: &Workspace,
        actor: &ActorId,
        file: &'a KeyRing,
        now: Timestamp,
    ) -> Result<Self, FlowFault> {
        let stored = StoredKeys::load(workspace, actor, now).await?;
        let mut formats = Formats::new();
        for format in workspace.store.formats().await? {
            // One that does not hold together any more is learned again.
            if let Ok(format) = Format::new(id_of(&format), &format.headers) {
                formats.insert(format);
            }
        }
        let (learned, uses) = (Vec::new(), FxHashMap::default());
        Ok(Self { file, stored, formats, learned, uses, held: 0, written: now })
    }

    /// Loads the keys anew: somebody may have brought others. Uses must be written down before.
    pub(super) async fn renew(
        &mut self,
        workspace: &Workspace,
        actor: &ActorId,
        now: Timestamp,
    ) -> Result<(), FlowFault> {
        self.stored = StoredKeys::load(workspace, actor, now).await?;
        Ok(())
    }

    /// Decodes a telegram received at that moment.
    pub(super) fn decode(
        &mut self,
        received: &Received,
        own: Option<&Key>,
        at: Timestamp,
    ) -> Result<(Telegram, OpenedBy), Refusal> {
        let decode =
            |keys: &Attempt<'_>, formats: &Formats| received.decode(keys, formats, &DecodeOptions::default());
        let (telegram, used) = self.with_each_key(own, at, decode)?;
        let by = self.note(used, &telegram);
        Ok((telegram, by))
    }

    /// Puts the message together that the first of these pieces belongs to; `None` as long as pieces are missing.
    pub(super) fn join(
        &mut self,
        pieces: &[&Received],
        at: Timestamp,
    ) -> Result<Option<(Joined, OpenedBy)>, Refusal> {
        let put_together =
            |keys: &Attempt<'_>, formats: &Formats| join(pieces, keys, formats, &DecodeOptions::default());
        let (joined, used) = self.with_each_key(None, at, put_together)?;
        Ok(joined.map(|joined| {
            let by = self.note(used, &joined.telegram);
            (joined, by)
        }))
    }

    /// Tries the keys in turn until one does, and says which; the refusal where none does.
    fn with_each_key<T>(
        &self,
        own: Option<&Key>,
        at: Timestamp,
        open: impl Fn(&Attempt<'_>, &Formats) -> Result<T, Refusal>,
    ) -> Result<(T, Option<Used>), Refusal> {
        let mut tried = 0;
        loop {
            let attempt = Attempt::new(self, own, at, tried);
            let opened = open(&attempt, &self.formats);
            tried += 1;
            match opened {
                Ok(opened) => return Ok((opened, attempt.used.get())),
                Err(refusal) if !(attempt.has_more.get() && tried < TRIED_MAX && blames_key(&refusal)) => {
                    return Err(refusal);
                }
                Err(_) => {}
            }
        }
    }

    /// Notes which key was used and which format came with the telegram; gives what its counters need to know.
    fn note(&mut self, used: Option<Used>, telegram: &Telegram) -> OpenedBy {
        if let Some(key) = used.and_then(|used| used.number) {
            self.count_use(key);
        }
        if let Some(format) = &telegram.format
            && self.formats.insert(format.clone())
        {
            self.learned.push(format.clone());
        }
        let key = used.map(|used| used.mark);
        let followers = key.map(|key| self.stored.followers(&telegram.meter, key)).unwrap_or_default();
        OpenedBy { key, followers }
    }

    /// Whether a telegram of this meter that waits for a key may be opened now.
    pub(super) fn knows_key(&self, device: DeviceId) -> bool {
        let of_meter = |meter: MeterId| self.file.key(&meter).is_some() || self.stored.knows(&meter);
        device.meter().is_some_and(of_meter)
    }

    /// The stored keys of DLMS meters.
    pub(super) const fn titles(&self) -> &TitleKeys {
        &self.stored.titles
    }

    /// Counts one use of a stored key.
    pub(super) fn count_use(&mut self, key: MeterKeyNo) {
        *self.uses.entry(key).or_default() += 1;
        self.held += 1;
    }

    /// Formats learned since the last call.
    pub(super) fn learned(&mut self) -> Vec<Format> {
        std::mem::take(&mut self.learned)
    }

    /// Uses to write down, under which permit; `None` where it is too early for that.
    pub(super) fn uses_due(
        &mut self,
        now: Timestamp,
        at_once: bool,
    ) -> Option<(&Permit, Vec<(MeterKeyNo, u64)>)> {
        let is_due = at_once || self.held >= USES_HELD || now.duration_since(self.written) >= HELD_FOR;
        let permit = self.stored.permit.as_ref().filter(|_| is_due && self.held > 0)?;
        (self.held, self.written) = (0, now);
        Some((permit, std::mem::take(&mut self.uses).into_iter().collect()))
    }
}

/// What opened a telegram, as its counters need to know.
#[derive(Debug, Default)]
pub(super) struct OpenedBy {
    /// The key; `None` for a telegram in the clear.
    pub(super) key: Option<KeyMark>,
    /// The keys that follow it in its slot.
    pub(super) followers: Vec<KeyMark>,
}

/// A key that was asked for.
#[derive(Clone, Copy)]
struct Used {
    /// Its number, where it is a stored one.
    number: Option<MeterKeyNo>,
    mark: KeyMark,
}

/// A format as the store keeps it.
pub(super) fn stored_format(format: &Format) -> StoredFormat {
    let FormatId { manufacturer, version, medium, signature, is_protected } = format.id();
    StoredFormat {
        manufacturer,
        version,
        medium,
        signature,
        is_protected,
        headers: format.headers().to_vec(),
    }
}

fn id_of(format: &StoredFormat) -> FormatId {
    let StoredFormat { manufacturer, version, medium, signature, is_protected, .. } = *format;
    FormatId { manufacturer, version, medium, signature, is_protected }
}

/// Whether another key may do better.
fn blames_key(refusal: &Refusal) -> bool {
    matches!(refusal.kind(), "wrong-key" | "mac")
}

/// One try: gives of each meter the key whose turn it is.
struct Attempt<'a> {
    own: Option<&'a Key>,
    file: &'a KeyRing,
    stored: &'a StoredKeys,
    at: Timestamp,
    turn: usize,
    has_more: Cell<bool>,
    used: Cell<Option<Used>>,
}

impl<'a> Attempt<'a> {
    fn new(decoder: &'a Decoder<'_>, own: Option<&'a Key>, at: Timestamp, turn: usize) -> Self {
        let (file, stored) = (decoder.file, &decoder.stored);
        Self { own, file, stored, at, turn, has_more: Cell::new(false), used: Cell::new(None) }
    }
}

impl KeySource for Attempt<'_> {
    /// The line's own key, the file's, then the stored ones. Where a meter has fewer, its last one: a telegram may need
    /// the keys of two.
    fn key(&self, meter: &MeterId) -> Option<&Key> {
        let given = self.own.into_iter().chain(self.file.key(meter)).map(|key| (key, None));
        let stored = self.stored.candidates(meter, self.at).into_iter();
        let mut keys = given.chain(stored.map(|(key, number)| (key, Some(number))));
        let chosen = keys.by_ref().take(self.turn + 1).last();
        if keys.next().is_some() {
            self.has_more.set(true);
        }
        let (key, number) = chosen?;
        self.used.set(Some(Used { number, mark: KeyMark::of(key) }));
        Some(key)
    }
}

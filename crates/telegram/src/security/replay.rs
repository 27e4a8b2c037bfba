//! Repeated, replayed and downgraded telegrams: rules over what was heard of each meter.
//!
//! What comes in: a decoded telegram and when it was received. What goes out: a [`Verdict`]: whether its readings
//! count. No clock is read and nothing is stored here: the state of a meter is a few bytes that a store keeps. Counters
//! that a key protects must rise. The access number has eight bits, wraps, and is compared only within a
//! quarter of an hour; what is sent in the clear proves nothing and is only told apart.

mod keyed;

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use tidstro_model::{MeterId, Verdict};

use crate::{Security, Telegram, keys::slot};

pub use keyed::{Hearing, KeyMark, MeterCounters};

/// Telegrams remembered of each meter.
const REMEMBERED: usize = 4;
/// Seconds within which an access number means one telegram: at one telegram in eight seconds, the fastest of OMS, it
/// counts 113 in this time and cannot have wrapped.
const WINDOW: i64 = 15 * 60;
/// The session number without its three bits of encryption.
const SESSION: u32 = (1 << 29) - 1;

/// What was heard of every meter.
///
/// ```
/// use tidstro_model::Verdict;
/// use tidstro_telegram::{DecodeOptions, KeyRing, Replay, decode};
///
/// let frame = [
///     0x14, 0x44, 0x2d, 0x2c, 0x78, 0x56, 0x34, 0x12, 0x1b, 0x07, 0x7a, 0x2a, 0, 0, 0, 0x0c, 0x13, 0x27, 4, 0x85, 2,
/// ];
/// let telegram = decode(&frame, &KeyRing::new(), &DecodeOptions::default())?;
/// let mut replay = Replay::new();
/// let received = jiff::Timestamp::UNIX_EPOCH;
/// assert_eq!(replay.hear(&telegram, received), Verdict::Fresh);
/// assert_eq!(replay.hear(&telegram, received), Verdict::Repeat);
/// # Ok::<(), tidstro_telegram::Refusal>(())
/// ```
#[derive(Debug, Default)]
pub struct Replay {
    meters: FxHashMap<u64, ReplayState>,
}

/// What was heard of one meter: 72 bytes in memory, at most 55 stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReplayState {
    /// The best protection seen.
    rank: Rank,
    entries: [Option<Entry>; REMEMBERED],
}

/// Why stored bytes are no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the {got} stored bytes are no state of a meter's counters; forget it, the next telegram begins anew"
)]
pub struct ReplayStateFault {
    /// Bytes found.
    pub got: usize,
}

/// How well a telegram is protected; more is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[repr(u8)]
enum Rank {
    #[default]
    Nothing,
    Encrypted,
    Authenticated,
}

impl Rank {
    /// The rank that a stored byte stands for.
    const fn of(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Nothing),
            1 => Some(Self::Encrypted),
            2 => Some(Self::Authenticated),
            _ => None,
        }
    }
}

/// What numbers a telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    /// Nothing that a key protects.
    Unproven,
    /// The access number, 8 bits.
    Access,
    /// The session of the extended link layer.
    Session,
    /// The message counter.
    Message,
}

/// One telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    number: u32,
    /// Seconds since 1970.
    at: u32,
    /// The low half of its fingerprint.
    print: u32,
    kind: Kind,
}

impl Replay {
    /// Nothing heard yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many meters were heard.
    #[must_use]
    pub fn len(&self) -> usize {
        self.meters.len()
    }

    /// Whether none was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.meters.is_empty()
    }

    /// Judges a telegram and remembers it if its readings count. `received` is when its gateway heard it, or now where
    /// nobody says.
    pub fn hear(&mut self, telegram: &Telegram, received: Timestamp) -> Verdict {
        self.meters.entry(slot(telegram.meter)).or_default().hear(telegram, Some(received))
    }

    /// The state of a meter, to be stored after [`Replay::hear`].
    #[must_use]
    pub fn state(&self, meter: MeterId) -> Option<ReplayState> {
        self.meters.get(&slot(meter)).copied()
    }

    /// Sets the state of a meter as it was stored.
    pub fn restore(&mut self, meter: MeterId, state: ReplayState) {
        self.meters.insert(slot(meter), state);
    }

    /// Forgets a meter: its electronics were exchanged and its counters begin anew. Returns whether it was known.
    pub fn forget(&mut self, meter: MeterId) -> bool {
        self.meters.remove(&slot(meter)).is_some()
    }
}

impl ReplayState {
    /// As [`Replay::hear`], of the one meter this is the state of. Where nobody says when the telegram was received, its
    /// access number says nothing, since a file of a month is read in one go, and nothing makes an older counter a late one.
    pub fn hear(&mut self, telegram: &Telegram, received: Option<Timestamp>) -> Verdict {
        let mut entry = Entry::of(telegram, received.unwrap_or(Timestamp::UNIX_EPOCH));
        if received.is_none() {
            entry.at = self.entries.iter().flatten().map(|known| known.at).max().unwrap_or_default();
            if entry.kind == Kind::Access {
                (entry.kind, entry.number) = (Kind::Unproven, 0);
            }
        }
        self.judge(rank_of(telegram.security), entry)
    }

    fn judge(&mut self, rank: Rank, entry: Entry) -> Verdict {
        if rank < self.rank {
            return Verdict::Downgrade;
        }
        let verdict = self.compare(entry);
        if verdict.gives_readings() {
            self.rank = rank;
            self.remember(entry);
        }
        verdict
    }

    fn compare(&self, entry: Entry) -> Verdict {
        let of_kind = || self.entries.iter().flatten().filter(|known| known.kind == entry.kind);
        let is_same = |known: &&Entry| known.number == entry.number && entry.is_comparable(known);
        if of_kind().filter(is_same).any(|known| known.print == entry.print) {
            return Verdict::Repeat;
        }
        if entry.kind != Kind::Unproven && of_kind().any(|known| is_same(&known)) {
            return Verdict::CounterReused;
        }
        let newest = match entry.kind {
            Kind::Unproven => return Verdict::Fresh,
            Kind::Access => of_kind().max_by_key(|known| known.at),
            Kind::Session | Kind::Message => of_kind().max_by_key(|known| known.number),
        };
        newest.map_or(Verdict::Fresh, |newest| entry.after(newest))
    }

    /// Takes a free place, or that of the telegram heard longest ago.
    fn remember(&mut self, entry: Entry) {
        let at = |known: &&mut Option<Entry>| known.map(|known| (known.at, known.number));
        if let Some(oldest) = self.entries.iter_mut().min_by_key(at)
            && oldest.is_none_or(|oldest| (oldest.at, oldest.number) <= (entry.at, entry.number))
        {
            *oldest = Some(entry);
        }
    }
}

impl Entry {
    fn of(telegram: &Telegram, received: Timestamp) -> Self {
        let (kind, number) = numbered(telegram);
        let at = u32::try_from(received.as_second().max(0)).unwrap_or(u32::MAX);
        let [a, b, c, d, ..] = telegram.fingerprint.to_le_bytes();
        Self { number, at, print: u32::from_le_bytes([a, b, c, d]), kind }
    }

    /// Whether the same number in both means the same telegram.
    fn is_comparable(&self, known: &Self) -> bool {
        match self.kind {
            Kind::Session | Kind::Message => true,
            Kind::Access | Kind::Unproven => self.seconds_after(known).abs() <= WINDOW,
        }
    }

    fn seconds_after(&self, known: &Self) -> i64 {
        i64::from(self.at) - i64::from(known.at)
    }

    /// What a telegram is whose number differs from that of the newest one.
    fn after(&self, newest: &Self) -> Verdict {
        let seconds = self.seconds_after(newest);
        let is_forward = match self.kind {
            Kind::Access if seconds > WINDOW => true,
            Kind::Access => self.number.wrapping_sub(newest.number) & 0xff <= 0x80,
            _ => self.number > newest.number,
        };
        match (is_forward, seconds < 0) {
            (_, true) if self.kind == Kind::Access => Verdict::Late,
            (true, _) => Verdict::Fresh,
            (false, true) => Verdict::Late,
            (false, false) => Verdict::Older,
        }
    }
}

const fn rank_of(security: Security) -> Rank {
    if security.is_authenticated() {
        Rank::Authenticated
    } else if security.is_protected() {
        Rank::Encrypted
    } else {
        Rank::Nothing
    }
}

/// The strongest number of a telegram. One that no key protects is none: anybody can write it.
fn numbered(telegram: &Telegram) -> (Kind, u32) {
    let Telegram { security, message_counter, session_number, access_number, .. } = telegram;
    match (rank_of(*security), message_counter, session_number, access_number) {
        (Rank::Authenticated, Some(counter), ..) => (Kind::Message, *counter),
        (Rank::Encrypted, _, Some(session), _) => (Kind::Session, *session & SESSION),
        (Rank::Encrypted | Rank::Authenticated, _, _, Some(access)) => (Kind::Access, u32::from(*access)),
        _ => (Kind::Unproven, 0),
    }
}

/// The first byte of stored states; another one means another form.
const FORM: u8 = 1;
/// Bytes of a stored entry.
const ENTRY: usize = 13;

impl ReplayState {
    /// The bytes to store: form, best protection, then for each telegram its kind, number, second and half fingerprint,
    /// low bytes first.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORM, self.rank as u8];
        for Entry { number, at, print, kind } in self.entries.iter().flatten() {
            bytes.push(*kind as u8);
            bytes.extend([number, at, print].into_iter().flat_map(|field| field.to_le_bytes()));
        }
        bytes
    }

    /// A state as it was stored.
    ///
    /// # Errors
    /// [`ReplayStateFault`] for bytes that are none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReplayStateFault> {
        Self::read(bytes).ok_or(ReplayStateFault { got: bytes.len() })
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (&[FORM, rank], stored) = bytes.split_first_chunk()? else { return None };
        let rank = Rank::of(rank)?;
        let (stored, rest) = stored.as_chunks::<ENTRY>();
        if !rest.is_empty() || stored.len() > REMEMBERED {
            return None;
        }
        let mut entries = [None; REMEMBERED];
        for (entry, stored) in entries.iter_mut().zip(stored) {
            *entry = Some(Entry::read(*stored)?);
        }
        Some(Self { rank, entries })
    }
}

impl Entry {
    fn read([kind, a, b, c, d, e, f, g, h, i, j, k, l]: [u8; ENTRY]) -> Option<Self> {
        let kind = match kind {
            0 => Kind::Unproven,
            1 => Kind::Access,
            2 => Kind::Session,
            3 => Kind::Message,
            _ => return None,
        };
        let [number, at, print] = [[a, b, c, d], [e, f, g, h], [i, j, k, l]].map(u32::from_le_bytes);
        Some(Self { number, at, print, kind })
    }
}

#[cfg(test)]
mod tests;

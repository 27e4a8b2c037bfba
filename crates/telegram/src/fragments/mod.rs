//! Messages that come in several telegrams (EN 13757-7:2018 § 6.2).
//!
//! What comes in: the telegrams that [`decode_with`](crate::decode_with) refuses as [`Refusal::Fragment`], in any order,
//! from any gateway. What goes out: the whole message, decoded, once its last piece has come. A message is only
//! believed with a code or tag over the whole of it: without one nothing tells pieces of two messages apart. However
//! many meters begin messages they never end, the memory stays within [`Fragments::LIMIT`].

mod join;

use std::{collections::BTreeMap, fmt};

use rustc_hash::FxHashMap;
use tidstro_model::MeterId;

use crate::{
    DecodeOptions, FormatSource, KeySource, Refusal, Security, Sources, Telegram, decode_with, fingerprint,
    layers::{self, Afl, FragmentNo, Piece, ell::Ell},
    link::{self, Frame, Opened},
    read_content,
    security::{self, ell::Unwrapped},
};

pub use join::{Joined, join};

/// Pieces of messages that are not whole yet. `Debug` shows how many, not what they say.
#[derive(Default)]
pub struct Fragments {
    partial: FxHashMap<MeterId, Partial>,
    /// Bytes kept in all.
    kept: usize,
    /// How many pieces were taken in; tells which message was touched last.
    taken: u64,
}

impl fmt::Debug for Fragments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fragments").field("messages", &self.partial.len()).finish_non_exhaustive()
    }
}

/// What has come of one message.
#[derive(Default)]
struct Partial {
    afl: Afl,
    pieces: BTreeMap<u8, Box<[u8]>>,
    /// Number of the last piece, once it has come.
    last: Option<u8>,
    touched: u64,
}

impl Fragments {
    /// Bytes of pieces kept at most; beyond, those touched longest ago are forgotten.
    pub const LIMIT: usize = 1 << 20;

    /// No pieces yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Messages that wait for further pieces.
    #[must_use]
    pub fn len(&self) -> usize {
        self.partial.len()
    }

    /// Whether no message waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.partial.is_empty()
    }

    /// Takes a fragment; gives the telegram of the whole message if this was the piece it waited for. Offsets of the
    /// readings count from the last piece's first byte, as if the message had come in it. A piece that was taken before
    /// changes nothing; another one with the same number begins a new message of the meter.
    ///
    /// # Errors
    /// [`Refusal`] for a frame that cannot be read, or a whole message that cannot be verified, decrypted or read.
    /// [`Refusal::Fragment`] never.
    pub fn add(
        &mut self,
        frame: &[u8],
        keys: &impl KeySource,
        formats: &impl FormatSource,
        options: &DecodeOptions,
    ) -> Result<Option<Telegram>, Refusal> {
        let Opened { frame: opened, .. } = link::open(frame)?;
        let Unwrapped { frame: opened, ell, security } = security::ell::open(opened, keys, options)?;
        let Some(piece) = layers::read_piece(&opened, ell.as_ref())? else {
            return decode_with(frame, keys, formats, options).map(Some);
        };
        let Some((afl, message)) = self.take(&opened, &piece) else { return Ok(None) };
        let sources = Sources { keys, formats, options };
        read_message(&opened, ell.as_ref(), security, afl, &message, &sources).map(Some)
    }

    /// Keeps the piece; gives the message if it is whole now, and forgets it.
    fn take(&mut self, frame: &Frame<'_>, piece: &Piece) -> Option<(Afl, Vec<u8>)> {
        let bytes = frame.bytes.get(piece.start..frame.content.end).unwrap_or_default();
        self.taken += 1;
        let partial = self.partial.entry(piece.sender).or_default();
        self.kept -= partial.len();
        partial.add(piece, bytes);
        partial.touched = self.taken;
        if let Some(whole) = partial.whole() {
            self.partial.remove(&piece.sender);
            return Some(whole);
        }
        self.kept += partial.len();
        while self.kept > Self::LIMIT {
            self.forget_older_half();
        }
        None
    }

    /// Half at once, so that a flood of beginnings costs little for each. The message touched last always stays: alone
    /// it cannot reach the limit.
    fn forget_older_half(&mut self) {
        let oldest = self.partial.values().map(|partial| partial.touched).min().unwrap_or_default();
        let middle = oldest.midpoint(self.taken);
        self.partial.retain(|_, partial| partial.touched > middle || partial.touched == self.taken);
        self.kept = self.partial.values().map(Partial::len).sum();
    }
}

impl Partial {
    /// Bytes it keeps, with what a piece costs besides them.
    fn len(&self) -> usize {
        const COST: usize = 32;
        self.pieces.values().map(|piece| piece.len() + COST).sum()
    }

    fn add(&mut self, piece: &Piece, bytes: &[u8]) {
        let FragmentNo { number, is_last } = piece.no;
        let is_other = self.pieces.get(&number).is_some_and(|known| **known != *bytes)
            || self.last.is_some_and(|last| number > last || (is_last && number != last));
        let joined = self.afl.joined(piece.afl).filter(|_| !is_other);
        let Some(afl) = joined else {
            *self = Self::default();
            return self.add(piece, bytes);
        };
        self.afl = afl;
        self.pieces.insert(number, bytes.into());
        self.last = self.last.or(is_last.then_some(number));
    }

    /// The message if every piece from 1 to the last is there.
    fn whole(&self) -> Option<(Afl, Vec<u8>)> {
        let last = self.last?;
        (self.pieces.len() == usize::from(last))
            .then(|| (self.afl, self.pieces.values().flat_map(|piece| piece.iter().copied()).collect()))
    }
}

/// Reads a whole message behind the link layers of its last piece.
fn read_message(
    frame: &Frame<'_>,
    ell: Option<&Ell>,
    security: Security,
    afl: Afl,
    message: &[u8],
    sources: &Sources<'_, impl KeySource, impl FormatSource>,
) -> Result<Telegram, Refusal> {
    let start = frame.content.start;
    let bytes = [frame.bytes.get(..start).unwrap_or_default(), message].concat();
    let frame = Frame { content: start..bytes.len(), bytes: bytes.into(), wire: frame.wire };
    let layers = layers::read_joined(&frame, ell, afl)?;
    let mut telegram = read_content(frame, &layers, ell, security, sources)?;
    if !telegram.security.is_authenticated() {
        let (meter, mode) = (layers.meter, layers.config.mode);
        return Err(Refusal::Unauthenticated { meter, mode, missing: "code over all fragments" });
    }
    telegram.fingerprint = fingerprint::of_bytes(message);
    Ok(telegram)
}

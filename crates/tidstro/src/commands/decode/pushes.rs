//! Messages of electricity meters among the lines: pushes of DLMS, whole or in pieces, and P1 telegrams.
//!
//! What comes in: frames that can be nothing else than a push, and lines of P1 telegrams. What goes out: what each says, or
//! why it says nothing.

use jiff::Timestamp;
use tidstro_dlms::{
    Framing, Joined, KeyRing, Options, P1Lines, P1Step, Piece, Pieces, Push, Refusal, decode,
};
use tidstro_telegram::uplink::Uplink;

/// What is known of electricity meters along an input.
#[derive(Default)]
pub(super) struct Pushes {
    keys: KeyRing,
    pieces: Pieces<()>,
    lines: P1Lines,
}

/// What became of a frame.
pub(super) enum Pushed {
    /// Its pushes, each with what it says or why nothing.
    Whole(Vec<Result<Push, Refusal>>),
    /// A piece whose others have not come.
    Piece,
    /// No part of a push.
    Refused(Refusal),
}

impl Pushes {
    pub(super) fn new(keys: KeyRing) -> Self {
        Self { keys, ..Self::default() }
    }

    /// A frame of that framing; pieces of one gateway belong together.
    pub(super) fn frame(&mut self, uplink: &Uplink, framing: Framing) -> Pushed {
        let piece = Piece {
            sender: uplink.gateway.as_deref().unwrap_or_default(),
            framing,
            bytes: &uplink.frame,
            at: uplink.received.unwrap_or(Timestamp::UNIX_EPOCH),
        };
        match self.pieces.add(&piece, ()) {
            Joined::Whole { bytes, .. } => {
                Pushed::Whole(decode(&bytes, framing, &self.keys, &Options::default()))
            }
            Joined::Waiting { .. } => Pushed::Piece,
            Joined::Refused(refusal) => Pushed::Refused(refusal),
        }
    }

    /// What a line is to P1 telegrams.
    pub(super) fn p1_line(&mut self, bytes: &[u8]) -> P1Step {
        self.lines.line(bytes)
    }

    /// Messages whose other parts did not come.
    pub(super) fn open(&self) -> u64 {
        self.pieces.len() as u64 + u64::from(self.lines.is_open())
    }
}

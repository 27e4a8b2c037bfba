//! The link layer: a frame's bytes, proven by its length and checksums.
//!
//! What comes in: the bytes as received. What goes out: a [`Frame`] without block CRCs, borrowed where
//! nothing had to be removed. A frame whose length or checksum does not fit never leaves here.

pub(crate) mod crc;
mod wired;
mod wireless;

use std::borrow::Cow;
use std::ops::Range;

use crate::Refusal;

/// L-field 255, format A: 256 bytes and 17 block CRCs.
const LONGEST: usize = 256 + 17 * 2;

/// L, C, M, A and one CI byte.
const SHORTEST: usize = 11;

/// Which wire the frame was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// Wireless M-Bus (EN 13757-4): the link layer names the sender.
    Wireless,
    /// Wired M-Bus (EN 13757-2): the link layer has a one-byte address only.
    Wired,
}

/// A frame, and how else the same bytes can be read.
#[derive(Debug)]
pub(crate) struct Opened<'a> {
    /// The frame.
    pub(crate) frame: Frame<'a>,
    /// The frame without CRCs, where what looks like the CRCs of format B may be content: two bytes are a CRC by
    /// chance once in 65,536 frames. What the content says decides.
    pub(crate) or_plain: Option<Frame<'a>>,
}

impl<'a> Opened<'a> {
    const fn only(frame: Frame<'a>) -> Self {
        Self { frame, or_plain: None }
    }
}

/// A proven frame.
#[derive(Debug, Clone)]
pub(crate) struct Frame<'a> {
    /// The whole frame without block CRCs; offsets everywhere count from its first byte.
    pub(crate) bytes: Cow<'a, [u8]>,
    /// What follows the link layer: the first CI byte up to the end, a wired trailer left out.
    pub(crate) content: Range<usize>,
    /// The wire.
    pub(crate) wire: Wire,
}

impl Frame<'_> {
    /// The same frame, its bytes borrowed.
    pub(crate) fn borrowed(&self) -> Frame<'_> {
        Frame { bytes: Cow::Borrowed(&self.bytes), content: self.content.clone(), wire: self.wire }
    }
}

/// Proves a frame and removes its block CRCs.
pub(crate) fn open(bytes: &[u8]) -> Result<Opened<'_>, Refusal> {
    if bytes.len() < SHORTEST {
        return Err(Refusal::TooShort { got: bytes.len(), needed: SHORTEST });
    }
    if bytes.len() > LONGEST {
        return Err(Refusal::TooLong { got: bytes.len(), limit: LONGEST });
    }
    if wired::begins_like_one(bytes) {
        return wired::open(bytes).map(Opened::only);
    }
    wireless::open(bytes).and_then(wireless::from_meter)
}

//! Wireless frames (EN 13757-4:2019 § 12.5): formats A and B, with and without block CRCs.
//!
//! What comes in: a frame that begins with its L-field. Which format it has follows from the L-field, the
//! number of bytes and the CRCs:
//! - format A with CRCs: L counts no CRC, so the frame is longer than L says; every CRC must be right,
//! - format B with CRCs: L counts them; taken for one only if every CRC is right,
//! - no CRCs: exactly as long as L says. A receiver that removed the CRCs of format B must have corrected L;
//!   accepting a shorter frame would accept a cut one.
//!
//! The last bytes of a frame without CRCs are a CRC of format B by chance once in 65,536 frames; both readings go
//! out then.

use std::borrow::Cow;

use super::{Frame, Opened, SHORTEST, Wire, crc::crc};
use crate::Refusal;

/// L, C, M and A: the first block of both formats. The first CI follows.
const FIRST_BLOCK: usize = 10;
/// Data bytes in each further block of format A.
const BLOCK_A: usize = 16;
/// Bytes of format B before the first CRC, and between it and the second: L is a byte, so there are two at most.
const BLOCK_B: usize = 126;
const CRC: usize = 2;

/// Finds the frame's format and removes its CRCs.
pub(super) fn open(bytes: &[u8]) -> Result<Opened<'_>, Refusal> {
    let stated = bytes.first().copied().unwrap_or_default();
    let expected = usize::from(stated) + 1;
    if expected < SHORTEST {
        return Err(Refusal::Length { stated, expected, got: bytes.len() });
    }
    if bytes.len() == expected {
        let plain = frame(Cow::Borrowed(bytes));
        return Ok(match format_b(bytes) {
            Some(without) => Opened { frame: frame(Cow::Owned(without)), or_plain: Some(plain) },
            None => Opened::only(plain),
        });
    }
    if bytes.len() == expected + CRC * blocks_a(expected) {
        return format_a(bytes).map(|plain| Opened::only(frame(Cow::Owned(plain))));
    }
    Err(Refusal::Length { stated, expected, got: bytes.len() })
}

/// Lets a meter's own messages pass: SND-NR, SND-IR, ACC-NR, ACC-DMD, and RSP-UD with its two flow bits
/// (EN 13757-4:2019 § 12.5.4).
pub(super) fn from_meter(opened: Opened<'_>) -> Result<Opened<'_>, Refusal> {
    match opened.frame.bytes.get(1).copied().unwrap_or_default() {
        0x44 | 0x46..=0x48 | 0x08 | 0x18 | 0x28 | 0x38 => Ok(opened),
        c => Err(Refusal::NotFromMeter { c }),
    }
}

fn frame(bytes: Cow<'_, [u8]>) -> Frame<'_> {
    let content = FIRST_BLOCK..bytes.len();
    Frame { bytes, content, wire: Wire::Wireless }
}

/// Blocks of a format A frame with this many bytes without CRCs.
const fn blocks_a(plain: usize) -> usize {
    1 + plain.saturating_sub(FIRST_BLOCK).div_ceil(BLOCK_A)
}

/// Checks and removes every CRC of a format A frame.
fn format_a(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut plain = Vec::with_capacity(bytes.len());
    let (first, rest) = bytes.split_at_checked(FIRST_BLOCK + CRC).unwrap_or((bytes, &[]));
    let blocks = std::iter::once(first).chain(rest.chunks(BLOCK_A + CRC));
    let mut offset = 0;
    for (index, block) in blocks.enumerate() {
        let (data, got) = block.split_last_chunk::<CRC>().unwrap_or((block, &[0; CRC]));
        let (expected, got) = (crc(data), u16::from_be_bytes(*got));
        offset += data.len();
        if expected != got {
            return Err(Refusal::Crc { block: index + 1, offset, expected, got });
        }
        offset += CRC;
        plain.extend_from_slice(data);
    }
    Ok(plain)
}

/// The frame without CRCs if every CRC of format B is right. Its L-field keeps counting them.
fn format_b(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    for block in bytes.chunks(BLOCK_B + CRC) {
        let (data, got) = block.split_last_chunk::<CRC>()?;
        if crc(data) != u16::from_be_bytes(*got) {
            return None;
        }
        plain.extend_from_slice(data);
    }
    (plain.len() >= SHORTEST).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame without CRCs and with `len` bytes, all different from their neighbours.
    fn plain(len: u8) -> Vec<u8> {
        (0..len).map(|n| if n == 0 { len - 1 } else { n.wrapping_mul(7) }).collect()
    }

    fn with_crc(block: &[u8]) -> Vec<u8> {
        [block, &crc(block).to_be_bytes()].concat()
    }

    fn as_format_a(plain: &[u8]) -> Vec<u8> {
        let (first, rest) = plain.split_at(10);
        let mut frame = with_crc(first);
        rest.chunks(16).for_each(|block| frame.extend(with_crc(block)));
        frame
    }

    fn as_format_b(plain: &[u8]) -> Vec<u8> {
        let mut counted = plain.to_vec();
        counted[0] += if plain.len() > 126 { 4 } else { 2 };
        counted.chunks(126).flat_map(with_crc).collect()
    }

    #[test]
    fn every_form_gives_the_same_bytes() {
        for len in [11, 12, 25, 26, 27, 42, 43, 90, 126, 127, 128, 200, 250] {
            let plain = plain(len);
            let opened = |bytes: &[u8]| open(bytes).unwrap().frame.bytes[1..].to_vec();
            assert_eq!(opened(&plain), plain[1..], "plain {len}");
            assert_eq!(opened(&as_format_a(&plain)), plain[1..], "format A {len}");
            assert_eq!(opened(&as_format_b(&plain)), plain[1..], "format B {len}");
        }
    }

    #[test]
    fn a_damaged_block_is_named() {
        let mut frame = as_format_a(&plain(40));
        frame[14] ^= 0x40;
        let Refusal::Crc { block, offset, .. } = open(&frame).unwrap_err() else { panic!("a CRC is wrong") };
        assert_eq!((block, offset), (2, 28));
    }

    #[test]
    fn a_wrong_length_is_named() {
        let frame = plain(40);
        for cut in [11, 20, 36, 38, 39] {
            let refusal = open(&frame[..cut]).unwrap_err();
            assert_eq!(refusal, Refusal::Length { stated: 39, expected: 40, got: cut });
        }
        assert!(matches!(open(&[5; 12]), Err(Refusal::Length { stated: 5, .. })));
    }
}

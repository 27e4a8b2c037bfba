//! Wired long frames (EN 13757-2): `68 L L 68`, C, A, CI and data, checksum, `16`.

use std::borrow::Cow;

use super::{Frame, Wire};
use crate::Refusal;

/// Start byte, two L-fields and start byte before, checksum and stop byte after what L counts.
const HEAD: usize = 4;
const TAIL: usize = 2;

/// Whether the first four bytes are a wired long frame's. The length is checked by [`open`].
pub(super) fn begins_like_one(bytes: &[u8]) -> bool {
    matches!(bytes, [0x68, a, b, 0x68, ..] if a == b)
}

/// Proves length, stop byte and checksum.
pub(super) fn open(bytes: &[u8]) -> Result<Frame<'_>, Refusal> {
    let stated = bytes.get(1).copied().unwrap_or_default();
    let expected = usize::from(stated) + HEAD + TAIL;
    let (counted, tail) = match bytes.get(HEAD..).map(|rest| rest.split_at_checked(usize::from(stated))) {
        Some(Some((counted, [checksum, stop]))) => (counted, (*checksum, *stop)),
        _ => return Err(Refusal::Length { stated, expected, got: bytes.len() }),
    };
    check_tail(counted, tail)?;
    // C and A come before the first CI.
    Ok(Frame { bytes: Cow::Borrowed(bytes), content: HEAD + 2..expected - TAIL, wire: Wire::Wired })
}

fn check_tail(counted: &[u8], (got, stop): (u8, u8)) -> Result<(), Refusal> {
    let offset = HEAD + counted.len();
    if stop != 0x16 {
        return Err(Refusal::StopByte { offset: offset + 1, got: stop });
    }
    let expected = counted.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    if got == expected { Ok(()) } else { Err(Refusal::Checksum { offset, expected, got }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Vec<u8> {
        let counted = [0x08, 0x01, 0x72, 1, 2, 3, 4];
        let sum = counted.iter().sum();
        [&[0x68, 7, 7, 0x68][..], &counted, &[sum, 0x16]].concat()
    }

    #[test]
    fn the_content_leaves_out_the_trailer() {
        let bytes = frame();
        let opened = open(&bytes).unwrap();
        assert_eq!(&opened.bytes[opened.content], [0x72, 1, 2, 3, 4]);
    }

    #[test]
    fn damage_is_named() {
        let mut bytes = frame();
        bytes[8] ^= 1;
        assert_eq!(open(&bytes).unwrap_err(), Refusal::Checksum { offset: 11, expected: 0x86, got: 0x85 });
        let mut bytes = frame();
        bytes[12] = 0;
        assert_eq!(open(&bytes).unwrap_err(), Refusal::StopByte { offset: 12, got: 0 });
        let bytes = frame();
        let cut = &bytes[..11];
        assert_eq!(open(cut).unwrap_err(), Refusal::Length { stated: 7, expected: 13, got: 11 });
    }
}

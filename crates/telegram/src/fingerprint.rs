//! A short number for the bytes of a telegram.
//!
//! What comes in: a proven frame. What goes out: a number that is the same whichever gateway heard the telegram: the
//! length field, which format B raises, the CRCs, and what repeaters change do not count. It tells telegrams apart and proves nothing.

use std::{borrow::Cow, ops::RangeInclusive};

use crate::link::Frame;

/// The factor of FNV-1a, 64 bits, and its first value.
const PRIME: u64 = 0x0000_0100_0000_01b3;
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

/// The number of a frame. It stays the same from version to version, so it may be stored.
pub(crate) fn of(frame: &Frame<'_>) -> u64 {
    of_bytes(&as_sent(frame))
}

/// CI fields of the extended link layer, behind which the communication control stands.
const EXTENDED_LINK: RangeInclusive<u8> = 0x8c..=0x8f;
/// The bits of the communication control that a repeater sets: hop count and repeated access (EN 13757-4 clause 12.2.2).
const REPEATED: u8 = 0x12;

/// The telegram as its meter sent it: without length field and CRCs, and without what a repeater changes.
pub(crate) fn as_sent<'f>(frame: &'f Frame<'_>) -> Cow<'f, [u8]> {
    let bytes = frame.bytes.get(1..frame.content.end).unwrap_or_default();
    let ci = frame.bytes.get(frame.content.start);
    let is_repeated = |control: &u8| control & REPEATED != 0;
    match bytes.get(frame.content.start) {
        Some(control) if ci.is_some_and(|ci| EXTENDED_LINK.contains(ci)) && is_repeated(control) => {
            let mut bytes = bytes.to_vec();
            if let Some(control) = bytes.get_mut(frame.content.start) {
                *control &= !REPEATED;
            }
            bytes.into()
        }
        _ => bytes.into(),
    }
}

/// FNV-1a over words of eight bytes, the last one filled with zeros, then over the length.
pub(crate) fn of_bytes(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(byte, given)| *byte = *given);
    let words = words.iter().chain([&last]).map(|word| u64::from_le_bytes(*word));
    let hash = words.fold(BASIS, mixed);
    mixed(hash, u64::try_from(bytes.len()).unwrap_or(u64::MAX))
}

/// The high half is folded into the low one, so that every bit of a word reaches every bit of the number.
const fn mixed(hash: u64, word: u64) -> u64 {
    let product = (hash ^ word).wrapping_mul(PRIME);
    product ^ product >> 32
}

#[cfg(test)]
mod tests {
    use super::of_bytes;

    #[test]
    fn every_byte_and_the_length_count() {
        let bytes: Vec<u8> = (0..40).collect();
        let all = of_bytes(&bytes);
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 0x10;
            assert_ne!(of_bytes(&other), all, "{at}");
        }
        assert_ne!(of_bytes(&[]), of_bytes(&[0]));
        assert_ne!(of_bytes(&[7; 8]), of_bytes(&[7; 16]));
    }

    #[test]
    fn a_repeater_changes_nothing() {
        let heard = |control: u8, access: u8| {
            let mut frame =
                vec![20, 0x44, 0x2d, 0x2c, 0x78, 0x56, 0x34, 0x12, 0x1b, 0x16, 0x8c, control, access];
            frame.extend([0x78, 0x0c, 0x13, 0x27, 0x04, 0x85, 0x02, 0x2f]);
            crate::as_sent(&frame).unwrap()
        };
        assert_eq!(heard(0x32, 7), heard(0x20, 7), "hop count and repeated access are the repeater's");
        assert_ne!(heard(0x20, 7), heard(0x20, 8));
        assert_ne!(heard(0x20, 7), heard(0x60, 7));
    }

    #[test]
    fn the_number_is_kept_for_stored_ones() {
        assert_eq!(of_bytes(b"tidstro"), 14_642_964_333_440_785_322);
    }
}

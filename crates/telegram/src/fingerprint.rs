//! A short number for the bytes of a telegram.
//!
//! What comes in: a proven frame. What goes out: a number that is the same whichever gateway heard the telegram: the
//! length field, which format B raises, and the CRCs do not count. It tells telegrams apart and proves nothing.

use crate::link::Frame;

/// The factor of FNV-1a, 64 bits, and its first value.
const PRIME: u64 = 0x0000_0100_0000_01b3;
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

/// The number of a frame. It stays the same from version to version, so it may be stored.
pub(crate) fn of(frame: &Frame<'_>) -> u64 {
    of_bytes(frame.bytes.get(1..frame.content.end).unwrap_or_default())
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
    fn the_number_is_kept_for_stored_ones() {
        assert_eq!(of_bytes(b"tidstro"), 14_642_964_333_440_785_322);
    }
}

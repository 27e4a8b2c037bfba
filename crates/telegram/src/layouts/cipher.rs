//! How makers hide their own data: a key stream of a shift register, or AES with the meter's key.
//!
//! What comes in: a window as it was sent, and what the layout says of its cipher. What goes out: the window in the
//! clear, once for each key that may be the one; the layout's fixed bytes say which it is. A cipher with keys that
//! everybody knows hides nothing and proves nothing.

use aes::{
    Aes128,
    cipher::{Array, BlockModeDecrypt, KeyIvInit},
};
use serde::{Deserialize, Deserializer, de::Error};

use tidstro_wire::hex_byte;

use crate::Key;

const BLOCK: usize = 16;
/// The sender's address in a wireless frame.
const ADDRESS: std::ops::Range<usize> = 2..10;

/// A maker's cipher.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Cipher {
    /// A key stream from a linear feedback shift register of 32 bits, the same keys in every device (the maker's radio
    /// protocol PRIOS). Each key has eight bytes, whose halves are added (exclusive or), and then four bytes of the
    /// frame at each place in `mixed`, all highest byte first. For each byte of the window the register moves eight
    /// times to the left, taking in the sum of the bits in `taps`; its low byte is added.
    Lfsr {
        keys: Vec<LfsrKey>,
        taps: Vec<u32>,
        /// Offsets in the frame, not in the window.
        mixed: Vec<usize>,
        /// The first byte that is hidden.
        from: usize,
    },
    /// AES-128-CBC with the meter's key and the vector of security mode 5: the sender's address, then eight times the
    /// access number.
    AesCbc {
        /// Where the access number is.
        access: usize,
        /// The first encrypted byte; all that follows are whole blocks.
        from: usize,
    },
}

/// The register's first content, before the frame is mixed in.
#[derive(Debug, Clone, Copy)]
pub(super) struct LfsrKey(u32);

impl Cipher {
    /// Whether the meter's own key is needed.
    pub(super) const fn needs_key(&self) -> bool {
        matches!(self, Self::AesCbc { .. })
    }

    /// The window in the clear, under each key that may be the right one.
    pub(super) fn undone(&self, frame: &[u8], window: &[u8], key: Option<&Key>) -> Vec<Vec<u8>> {
        match self {
            Self::Lfsr { keys, taps, mixed, from } => {
                let words: Option<Vec<u32>> = mixed.iter().map(|at| word(frame, *at)).collect();
                let Some(words) = words else { return Vec::new() };
                let mix = words.iter().fold(0, |sum, word| sum ^ word);
                keys.iter().map(|LfsrKey(key)| lfsr(window, *from, key ^ mix, taps)).collect()
            }
            Self::AesCbc { access, from } => {
                key.and_then(|key| aes_cbc(frame, window, *access, *from, key)).into_iter().collect()
            }
        }
    }
}

fn word(frame: &[u8], at: usize) -> Option<u32> {
    frame.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

fn lfsr(window: &[u8], from: usize, mut register: u32, taps: &[u32]) -> Vec<u8> {
    let mut clear = window.to_vec();
    for byte in clear.iter_mut().skip(from) {
        for _ in 0..8 {
            let sum = taps.iter().fold(0, |sum, tap| sum ^ register.checked_shr(*tap).unwrap_or(0));
            register = register << 1 | sum & 1;
        }
        let [.., low] = register.to_be_bytes();
        *byte ^= low;
    }
    clear
}

fn aes_cbc(frame: &[u8], window: &[u8], access: usize, from: usize, key: &Key) -> Option<Vec<u8>> {
    let mut iv = [*window.get(access)?; BLOCK];
    iv.iter_mut().zip(frame.get(ADDRESS)?).for_each(|(byte, address)| *byte = *address);
    let mut clear = window.to_vec();
    let (blocks, rest) = Array::slice_as_chunks_mut(clear.get_mut(from..)?);
    if !rest.is_empty() {
        return None;
    }
    cbc::Decryptor::<Aes128>::new(key.bytes().into(), &iv.into()).decrypt_blocks(blocks);
    Some(clear)
}

impl<'de> Deserialize<'de> for LfsrKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let bytes: Result<Vec<u8>, usize> = pairs.iter().map(|pair| hex_byte(*pair)).collect();
        let halves = bytes.ok().filter(|_| rest.is_empty()).and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
        let [a, b, c, d, e, f, g, h] =
            halves.ok_or_else(|| Error::custom("a key is 16 hexadecimal digits"))?;
        Ok(Self(u32::from_be_bytes([a, b, c, d]) ^ u32::from_be_bytes([e, f, g, h])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stream_is_its_own_inverse_and_leaves_what_lies_before() {
        let window = [0x01, 0x02, 0x4b, 0x10, 0x20, 0x30];
        let hidden = lfsr(&window, 2, 0x1234_5678, &[1, 2, 11, 31]);
        assert_eq!(hidden[..2], window[..2]);
        assert_ne!(hidden[2..], window[2..]);
        assert_eq!(lfsr(&hidden, 2, 0x1234_5678, &[1, 2, 11, 31]), window);
    }

    #[test]
    fn the_register_moves_as_published() {
        // One bit is taken in from bits 1, 2, 11 and 31; the low byte after eight moves is added.
        assert_eq!(lfsr(&[0], 0, 0x8000_0000, &[1, 2, 11, 31]), [0xb9]);
        assert_eq!(lfsr(&[0, 0], 0, 0, &[1, 2, 11, 31]), [0, 0]);
    }

    #[test]
    fn only_whole_blocks_are_decrypted() {
        let key = Key::new([7; 16]);
        assert!(aes_cbc(&[0; 12], &[1; 18], 0, 2, &key).is_some());
        assert!(aes_cbc(&[0; 12], &[1; 19], 0, 2, &key).is_none());
        assert!(aes_cbc(&[0; 9], &[1; 18], 0, 2, &key).is_none());
        assert!(aes_cbc(&[0; 12], &[], 0, 2, &key).is_none());
    }
}

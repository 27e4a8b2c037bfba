//! Keys of DLMS meters: where a decoder finds them.
//!
//! What comes in: keys in hexadecimal, by system title. What goes out: [`KeyRing`], which finds the keys of a
//! meter in the same time however many meters it knows. Keys are wiped when dropped and never printed.

use std::fmt;

use rustc_hash::FxHashMap;
use tidstro_wire::hex_byte;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{KeySet, KeyUse, SystemTitle, TitleKey};

/// An AES key: 16 bytes for suites 0 and 1, 32 for suite 2. Wiped when dropped; `Debug` shows no byte of it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub enum Key {
    /// AES-128.
    Aes128([u8; 16]),
    /// AES-256.
    Aes256([u8; 32]),
}

/// Why a text is no key. The text itself is not repeated: it may be most of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Neither 32 nor 64 characters.
    #[error("has {got} characters, a key is 32 or 64 hexadecimal digits")]
    Length {
        /// Characters found.
        got: usize,
    },
    /// A character that is no hexadecimal digit.
    #[error("character {position} is not a hexadecimal digit")]
    NotHex {
        /// Position of the character, from 1.
        position: usize,
    },
}

impl Key {
    /// Reads 32 or 64 hexadecimal digits, upper or lower case.
    ///
    /// # Errors
    /// [`KeyFault`] for another length or another character.
    pub fn parse_hex(text: &str) -> Result<Self, KeyFault> {
        match text.len() {
            32 => {
                let mut key = [0; 16];
                fill(&mut key, text).map(|()| Self::taking(&mut key, Self::Aes128))
            }
            64 => {
                let mut key = [0; 32];
                fill(&mut key, text).map(|()| Self::taking(&mut key, Self::Aes256))
            }
            _ => Err(KeyFault::Length { got: text.chars().count() }),
        }
    }

    /// The key, and zeros where its bytes were.
    fn taking<const N: usize>(bytes: &mut [u8; N], made: fn([u8; N]) -> Self) -> Self {
        let key = made(*bytes);
        bytes.zeroize();
        key
    }

    /// The key with these bytes; `None` unless they are 16 or 32.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let short = bytes.try_into().map(Self::Aes128).ok();
        short.or_else(|| bytes.try_into().map(Self::Aes256).ok())
    }

    /// The secret bytes, for ciphers and for sealing them. Nothing may print them.
    #[must_use]
    pub const fn bytes(&self) -> &[u8] {
        match self {
            Self::Aes128(bytes) => bytes,
            Self::Aes256(bytes) => bytes,
        }
    }
}

fn fill(key: &mut [u8], text: &str) -> Result<(), KeyFault> {
    for (index, (byte, pair)) in key.iter_mut().zip(text.as_bytes().as_chunks::<2>().0).enumerate() {
        *byte = hex_byte(*pair).map_err(|at| KeyFault::NotHex { position: index * 2 + at + 1 })?;
    }
    Ok(())
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(redacted)")
    }
}

/// The keys of one meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The global unicast encryption key (Danish meters: GPK60).
    pub encryption: Key,
    /// The authentication key (Danish meters: GPK61). Without it nothing authenticated is read.
    pub authentication: Option<Key>,
}

/// Where the decoder asks for keys.
pub trait KeySource {
    /// The keys of the sender for this set, if there are any.
    fn keys(&self, title: SystemTitle, set: KeySet) -> Option<&Keys>;
}

impl KeySource for Keys {
    /// The same keys for every meter and set: for a line that brought its own.
    fn keys(&self, _title: SystemTitle, _set: KeySet) -> Option<&Keys> {
        Some(self)
    }
}

impl KeySource for Option<Keys> {
    fn keys(&self, _title: SystemTitle, _set: KeySet) -> Option<&Keys> {
        self.as_ref()
    }
}

/// The keys of many meters, by system title and set.
#[derive(Debug, Clone, Default)]
pub struct KeyRing {
    keys: FxHashMap<(SystemTitle, KeySet), Keys>,
}

impl KeyRing {
    /// A ring without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The keys of a key file. A ring has no days: of keys that follow each other it has the newest.
    #[must_use]
    pub fn of(keys: &[TitleKey]) -> Self {
        let mut newest: FxHashMap<(SystemTitle, KeyUse), &TitleKey> = FxHashMap::default();
        for key in keys {
            let known = newest.entry((key.title, key.used_for)).or_insert(key);
            if key.from > known.from {
                *known = key;
            }
        }
        let mut ring = Self::new();
        for (set, used_for) in [(KeySet::Unicast, KeyUse::Encryption), (KeySet::Broadcast, KeyUse::Broadcast)]
        {
            for ((title, _), key) in newest.iter().filter(|((_, use_of_it), _)| *use_of_it == used_for) {
                let authentication = newest.get(&(*title, KeyUse::Authentication));
                let authentication = authentication.map(|key| key.key.clone());
                ring.insert(*title, set, Keys { encryption: key.key.clone(), authentication });
            }
        }
        ring
    }

    /// Adds the keys of a meter; returns whether they replaced others.
    pub fn insert(&mut self, title: SystemTitle, set: KeySet, keys: Keys) -> bool {
        if self.keys.len() == self.keys.capacity() {
            self.grow();
        }
        self.keys.insert((title, set), keys).is_some()
    }

    /// A growing hash table would free its old memory with the keys in it; copied and dropped, they are wiped.
    fn grow(&mut self) {
        let mut larger = FxHashMap::default();
        larger.reserve(self.keys.len() + 1);
        larger.extend(self.keys.iter().map(|(slot, keys)| (*slot, keys.clone())));
        self.keys = larger;
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

impl KeySource for KeyRing {
    fn keys(&self, title: SystemTitle, set: KeySet) -> Option<&Keys> {
        self.keys.get(&(title, set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_32_or_64_digits_and_never_shown() {
        let short = Key::parse_hex("000102030405060708090a0B0C0D0E0F").unwrap();
        assert_eq!((short.bytes().len(), short.bytes()[15]), (16, 15));
        let long = Key::parse_hex(&"a5".repeat(32)).unwrap();
        assert_eq!((long.bytes().len(), long.bytes()[31]), (32, 0xa5));
        let keys = Keys { encryption: short, authentication: Some(long) };
        assert!(!format!("{keys:?}").contains("a5") && format!("{keys:?}").contains("redacted"));
        assert_eq!(Key::parse_hex("0102"), Err(KeyFault::Length { got: 4 }));
        let fault = Key::parse_hex("000102030405060708090a0B0C0D0E0g");
        assert_eq!(fault, Err(KeyFault::NotHex { position: 32 }));
    }

    #[test]
    fn a_ring_tells_meters_and_sets_apart() {
        let keys = |byte| Keys { encryption: Key::Aes128([byte; 16]), authentication: None };
        let titles: Vec<_> = (0..100).map(|number| SystemTitle([number; 8])).collect();
        let mut ring = KeyRing::new();
        for (title, byte) in titles.iter().zip(0..) {
            assert!(!ring.insert(*title, KeySet::Unicast, keys(byte)));
        }
        assert!(ring.insert(titles[7], KeySet::Unicast, keys(200)));
        assert_eq!(ring.keys(titles[7], KeySet::Unicast), Some(&keys(200)));
        assert_eq!(ring.keys(titles[8], KeySet::Unicast), Some(&keys(8)));
        assert_eq!((ring.keys(titles[8], KeySet::Dedicated), ring.len()), (None, 100));
    }
}

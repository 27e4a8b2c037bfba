//! Keys of meters: where a decoder finds them.
//!
//! What comes in: 16-byte keys in hex, and key files. What goes out: [`KeyRing`], which finds the key of a
//! meter in the same time however many meters it knows. Keys are wiped when dropped and never printed.

mod file;
mod kem;
mod table;

use std::{collections::BTreeMap, fmt};

use subtle::ConstantTimeEq;
use tidstro_model::{Manufacturer, Medium, MeterId, MeterNumber};
use tidstro_wire::hex_byte;
use zeroize::{Zeroize, ZeroizeOnDrop};

pub use file::{KeyFileEntry, KeyFileFault, parse_key_file};
pub use kem::{KemFault, parse_kem};
use table::Table;

/// The AES-128 key of a meter. Wiped when dropped; `Debug` shows no byte of it.
#[derive(Clone, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 16]);

impl PartialEq for Key {
    /// In constant time: how long it takes tells nothing of either key.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// Why a text is no key. The text itself is not repeated: it may be most of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Not 32 characters.
    #[error("has {got} characters, a key is 32 hexadecimal digits")]
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
    /// The key with these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Reads 32 hexadecimal digits, upper or lower case.
    ///
    /// # Errors
    /// [`KeyFault`] for another length or another character.
    pub fn parse_hex(text: &str) -> Result<Self, KeyFault> {
        let digits: &[u8; 32] =
            text.as_bytes().try_into().map_err(|_| KeyFault::Length { got: text.chars().count() })?;
        let mut key = Self([0; 16]);
        for (index, (byte, pair)) in key.0.iter_mut().zip(digits.as_chunks::<2>().0).enumerate() {
            *byte = hex_byte(*pair).map_err(|at| KeyFault::NotHex { position: index * 2 + at + 1 })?;
        }
        Ok(key)
    }

    /// The secret bytes, for ciphers and for sealing them. Nothing may print them.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(redacted)")
    }
}

/// Where the decoder asks for a meter's key.
pub trait KeySource {
    /// The key of this meter, if there is one.
    fn key(&self, meter: &MeterId) -> Option<&Key>;

    /// The meter's key with this key ID (EN 13757-7:2018 table 24), 0 to 15. A source that keeps one key of each meter
    /// gives that: the code or tag of the message proves it.
    fn slot(&self, meter: &MeterId, id: u8) -> Option<&Key> {
        let _ = id;
        self.key(meter)
    }
}

impl KeySource for Key {
    /// One key for every meter: for a line that brought its own.
    fn key(&self, _meter: &MeterId) -> Option<&Key> {
        Some(self)
    }
}

impl KeySource for Option<Key> {
    fn key(&self, _meter: &MeterId) -> Option<&Key> {
        self.as_ref()
    }
}

/// The key a line brought itself, if it did; else the ring's.
///
/// ```
/// use tidstro_telegram::{Key, KeyRing, KeySource, LineKey};
///
/// let (own, ring) = (Key::new([7; 16]), KeyRing::new());
/// let meter = tidstro_telegram::address(&[
///     0x0e, 0x44, 0x2d, 0x2c, 0x78, 0x56, 0x34, 0x12, 0x1b, 0x07, 0x7a, 0x2a, 0, 0, 0,
/// ])?;
/// assert!(LineKey { own: Some(&own), ring: &ring }.key(&meter).is_some());
/// assert!(LineKey { own: None, ring: &ring }.key(&meter).is_none());
/// # Ok::<(), tidstro_telegram::Refusal>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct LineKey<'a> {
    /// The line's own key.
    pub own: Option<&'a Key>,
    /// The keys the operator knows.
    pub ring: &'a KeyRing,
}

impl KeySource for LineKey<'_> {
    fn key(&self, meter: &MeterId) -> Option<&Key> {
        self.own.or_else(|| self.ring.key(meter))
    }

    fn slot(&self, meter: &MeterId, id: u8) -> Option<&Key> {
        self.own.or_else(|| self.ring.slot(meter, id))
    }
}

/// One entry of a key file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEntry {
    /// The manufacturer.
    pub manufacturer: Manufacturer,
    /// The meter number.
    pub number: MeterNumber,
    /// The version; `None` fits any.
    pub version: Option<u8>,
    /// The device type; `None` fits any.
    pub medium: Option<Medium>,
    /// The key.
    pub key: Key,
}

/// The keys of many meters. Finding one takes the same time for one meter as for a million.
///
/// An entry that names version and type comes before one that leaves one open, and that before one that
/// leaves both open.
#[derive(Debug, Clone, Default)]
pub struct KeyRing {
    /// Version and type named.
    exact: Table,
    /// Type open.
    any_medium: Table,
    /// Version open.
    any_version: Table,
    /// Both open.
    any: Table,
    /// Keys of the slots from 1 on, for meters that name the slot in each telegram.
    slots: BTreeMap<u8, Self>,
}

impl KeyRing {
    /// A ring without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry; returns whether it replaced one for exactly the same meter.
    pub fn insert(&mut self, entry: KeyEntry) -> bool {
        let KeyEntry { manufacturer, number, version, medium, key } = entry;
        let table = match (version, medium) {
            (Some(_), Some(_)) => &mut self.exact,
            (Some(_), None) => &mut self.any_medium,
            (None, Some(_)) => &mut self.any_version,
            (None, None) => &mut self.any,
        };
        let medium = medium.unwrap_or(OPEN_MEDIUM);
        table.insert(slot(MeterId { manufacturer, number, version: version.unwrap_or(OPEN), medium }), key)
    }

    /// Adds the key with this key ID; 0 is the meter's first. Returns whether it replaced one for exactly the same meter.
    pub fn insert_slot(&mut self, id: u8, entry: KeyEntry) -> bool {
        if id == 0 { self.insert(entry) } else { self.slots.entry(id).or_default().insert(entry) }
    }

    /// How many entries there are, those of further slots apart.
    #[must_use]
    pub fn len(&self) -> usize {
        [&self.exact, &self.any_medium, &self.any_version, &self.any].iter().map(|table| table.len()).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads a key file, TOML or CSV, told apart by its first line.
    ///
    /// TOML has one `[[key]]` table for each key, with `manufacturer`, `id` and `key`, and where known
    /// `version`, `type` and `slot` (numbers, or hexadecimal digits in quotes), `from` and `to` (local days).
    /// CSV has the header `manufacturer,id,version,type,key` (or `;`), which may go on with `slot,from,to`;
    /// version, type and slot in hexadecimal, each of them and the days may be empty.
    ///
    /// A ring knows no days: of several keys of a slot it takes the newest. A telegram that names no slot is read with the
    /// lowest one the meter has.
    ///
    /// # Errors
    /// [`KeyFileFault`] with the line, for text that is neither, or a field that is not what it should be,
    /// or two entries for the same meter. A part of a key file is never used.
    pub fn parse(text: &str) -> Result<Self, KeyFileFault> {
        parse_key_file(text).map(Self::of)
    }

    /// The keys of a key file. A ring has no days: of keys that follow each other in a slot it has the newest.
    #[must_use]
    pub fn of(mut entries: Vec<KeyFileEntry>) -> Self {
        // The last one inserted stays.
        entries.sort_by_key(|entry| (std::cmp::Reverse(entry.slot), entry.from));
        let mut ring = Self::new();
        for KeyFileEntry { entry, slot, .. } in entries {
            ring.insert_slot(slot, entry.clone());
            ring.insert(entry);
        }
        ring
    }
}

impl KeySource for KeyRing {
    // Inlined, the identity stays in registers: read back from memory, it waits for the look-up before.
    #[inline]
    fn key(&self, meter: &MeterId) -> Option<&Key> {
        let meter = *meter;
        self.exact
            .find(slot(meter))
            .or_else(|| self.any_medium.find(slot(MeterId { medium: OPEN_MEDIUM, ..meter })))
            .or_else(|| self.any_version.find(slot(MeterId { version: OPEN, ..meter })))
            .or_else(|| self.any.find(slot(MeterId { version: OPEN, medium: OPEN_MEDIUM, ..meter })))
    }

    fn slot(&self, meter: &MeterId, id: u8) -> Option<&Key> {
        self.slots.get(&id).and_then(|ring| ring.key(meter)).or_else(|| self.key(meter))
    }
}

/// What stands for an open version or type; each table leaves the same parts open, so it means nothing else there.
const OPEN: u8 = 0;
const OPEN_MEDIUM: Medium = Medium(OPEN);

/// The four parts of a meter's identity in one number: 16 + 32 + 8 + 8 bits.
#[inline]
pub(crate) fn slot(meter: MeterId) -> u64 {
    let [n0, n1, n2, n3] = meter.number.0.to_le_bytes();
    let [m0, m1] = meter.manufacturer.field().to_le_bytes();
    u64::from_le_bytes([n0, n1, n2, n3, m0, m1, meter.version, meter.medium.0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(version: u8, medium: u8) -> MeterId {
        MeterId {
            manufacturer: Manufacturer::parse("KAM").unwrap(),
            number: MeterNumber(0x1234_5678),
            version,
            medium: Medium(medium),
        }
    }

    fn entry(version: Option<u8>, medium: Option<u8>, key: u8) -> KeyEntry {
        let MeterId { manufacturer, number, .. } = meter(0, 0);
        KeyEntry { manufacturer, number, version, medium: medium.map(Medium), key: Key::new([key; 16]) }
    }

    #[test]
    fn the_entry_that_says_most_is_found_first() {
        let mut ring = KeyRing::new();
        ring.insert(entry(None, None, 1));
        ring.insert(entry(None, Some(7), 2));
        ring.insert(entry(Some(0x1b), None, 3));
        assert!(!ring.insert(entry(Some(0x1b), Some(7), 4)));
        assert!(ring.insert(entry(Some(0x1b), Some(7), 5)));
        for (version, medium, expected) in [(0x1b, 7, 5), (0x1b, 6, 3), (0x1c, 7, 2), (0x1c, 6, 1)] {
            assert_eq!(ring.key(&meter(version, medium)), Some(&Key::new([expected; 16])));
        }
        let other = MeterId { number: MeterNumber(1), ..meter(0x1b, 7) };
        assert_eq!((ring.key(&other), ring.len()), (None, 4));
    }

    #[test]
    fn a_telegram_that_names_its_slot_gets_that_key() {
        let meter = meter(0x1b, 7);
        let text = |slots: &str| format!("manufacturer,id,version,type,key,slot,from,to\n{slots}");
        let line =
            |key: u8, slot: u8| format!("KAM,12345678,,,{},{slot},,\n", format!("{key:02x}").repeat(16));
        let ring = KeyRing::parse(&text(&[line(1, 0), line(2, 1), line(3, 2)].concat())).unwrap();
        for (slot, key) in [(0, 1), (1, 2), (2, 3), (9, 1)] {
            assert_eq!(ring.slot(&meter, slot), Some(&Key::new([key; 16])), "{slot}");
            let own = Key::new([7; 16]);
            assert_eq!(LineKey { own: Some(&own), ring: &ring }.slot(&meter, slot), Some(&own));
        }
        // Without a first slot, the lowest serves telegrams that name none.
        let ring = KeyRing::parse(&text(&[line(3, 2), line(2, 1)].concat())).unwrap();
        assert_eq!((ring.key(&meter), ring.len()), (Some(&Key::new([2; 16])), 1));
    }

    #[test]
    fn keys_are_32_digits_and_never_shown() {
        let key = Key::parse_hex("000102030405060708090a0B0C0D0E0F").unwrap();
        assert_eq!(key.bytes()[15], 15);
        assert_eq!(format!("{key:?}"), "Key(redacted)");
        assert_eq!(Key::parse_hex("0102"), Err(KeyFault::Length { got: 4 }));
        let fault = Key::parse_hex("000102030405060708090a0B0C0D0E0g");
        assert_eq!(fault, Err(KeyFault::NotHex { position: 32 }));
    }
}

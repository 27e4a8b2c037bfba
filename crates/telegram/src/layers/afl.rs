//! The authentication and fragmentation layer, AFL (EN 13757-7:2018 § 6, OMS vol. 2 § 6).
//!
//! What comes in: the bytes after CI 90. What goes out: its fields. Nothing is verified here.

use super::config::KeyChoice;
use tidstro_wire::Cursor;

/// Bits of the fragmentation control field.
const MORE_FRAGMENTS: u16 = 1 << 14;
const HAS_CONTROL: u16 = 1 << 13;
const HAS_LENGTH: u16 = 1 << 12;
const HAS_COUNTER: u16 = 1 << 11;
const HAS_CODE: u16 = 1 << 10;
const HAS_KEY_INFO: u16 = 1 << 9;
/// Nothing covers these bits, so a message that sets them is not read as one of today's.
const RESERVED: u16 = 1 << 15 | 1 << 8;

/// The authentication layer of one message, or of one fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Afl {
    /// Which piece of a message; `None` for a message in one telegram.
    pub(crate) fragment: Option<FragmentNo>,
    /// Bits are set that the standard keeps for later.
    pub(crate) has_reserved: bool,
    /// Message control field.
    pub(crate) control: Option<u8>,
    /// Key information field: the low byte chooses the key, the high byte is its version.
    pub(crate) key_info: Option<u16>,
    /// Message counter.
    pub(crate) message_counter: Option<u32>,
    /// The authentication code.
    pub(crate) code: Option<Code>,
    /// Message length field.
    pub(crate) message_len: Option<u16>,
}

/// A fragment's number, from 1, and whether it is the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FragmentNo {
    pub(crate) number: u8,
    pub(crate) is_last: bool,
}

/// The bytes of an authentication code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code {
    bytes: [u8; 16],
    len: usize,
}

impl Code {
    fn of(given: &[u8]) -> Option<Self> {
        let mut bytes = [0; 16];
        bytes.get_mut(..given.len())?.copy_from_slice(given);
        Some(Self { bytes, len: given.len() })
    }

    /// As sent.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// How a message is authenticated (EN 13757-7:2018 table 6), with the bytes of its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authentication {
    /// Not by this layer.
    None,
    /// AES-CMAC, cut to this length.
    Cmac(usize),
    /// AES-GMAC, cut to this length.
    Gmac(usize),
    /// A code the standard keeps for later.
    Reserved,
}

impl Afl {
    /// Reads the fields in their order; `None` if they run past the layer's own length or the end. Bytes the layer's
    /// length counts beyond the known fields are a code of another size than the control field says.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let len = usize::from(cursor.byte()?);
        let mut layer = Cursor::new(cursor.take(len)?, 0);
        let fields = u16::from_le_bytes(layer.array()?);
        let has = |bit: u16| fields & bit != 0;
        let control = if has(HAS_CONTROL) { Some(layer.byte()?) } else { None };
        let key_info = if has(HAS_KEY_INFO) { Some(u16::from_le_bytes(layer.array()?)) } else { None };
        let message_counter = if has(HAS_COUNTER) { Some(u32::from_le_bytes(layer.array()?)) } else { None };
        let length_field = if has(HAS_LENGTH) { 2 } else { 0 };
        let code_len = layer.left().checked_sub(length_field)?;
        let code = if has(HAS_CODE) { Some(Code::of(layer.take(code_len)?)?) } else { None };
        let message_len = if has(HAS_LENGTH) { Some(u16::from_le_bytes(layer.array()?)) } else { None };
        let fragment = fragment(fields);
        let has_reserved = has(RESERVED) || (has(MORE_FRAGMENTS) && fragment.is_none());
        Some(Self { fragment, has_reserved, control, key_info, message_counter, code, message_len })
    }

    /// What the message control field says; none without it.
    pub(crate) fn authentication(&self) -> Authentication {
        match self.control.map_or(0, |control| control & 0x0f) {
            0 => Authentication::None,
            3 => Authentication::Cmac(2),
            4 => Authentication::Cmac(4),
            5 => Authentication::Cmac(8),
            6 => Authentication::Cmac(12),
            7 => Authentication::Cmac(16),
            8 => Authentication::Gmac(12),
            9 => Authentication::Gmac(16),
            _ => Authentication::Reserved,
        }
    }

    /// Whether the message carries, or announces, a code.
    pub(crate) fn is_coded(&self) -> bool {
        self.code.is_some() || self.authentication() != Authentication::None
    }

    /// The key this layer chooses; without the field the transport header chooses.
    pub(crate) fn key(&self) -> Option<KeyChoice> {
        let [choice, _version] = self.key_info?.to_le_bytes();
        Some(KeyChoice::of(choice))
    }

    /// The fields a code covers before the message, in their order (EN 13757-7:2018 § 9.5).
    pub(crate) fn covered(&self) -> Vec<u8> {
        let mut covered = Vec::with_capacity(9);
        covered.extend(self.control);
        covered.extend(self.key_info.map(u16::to_le_bytes).into_iter().flatten());
        covered.extend(self.message_counter.map(u32::to_le_bytes).into_iter().flatten());
        covered.extend(self.message_len.map(u16::to_le_bytes).into_iter().flatten());
        covered
    }

    /// Both layers' fields, where neither contradicts the other.
    pub(crate) fn joined(self, other: Self) -> Option<Self> {
        Some(Self {
            fragment: None,
            has_reserved: self.has_reserved || other.has_reserved,
            control: agreed(self.control, other.control)?,
            key_info: agreed(self.key_info, other.key_info)?,
            message_counter: agreed(self.message_counter, other.message_counter)?,
            code: agreed(self.code, other.code)?,
            message_len: agreed(self.message_len, other.message_len)?,
        })
    }
}

/// The fragment's number; a message in one telegram has number 0.
fn fragment(fields: u16) -> Option<FragmentNo> {
    let [number, _] = fields.to_le_bytes();
    (number > 0).then_some(FragmentNo { number, is_last: fields & MORE_FRAGMENTS == 0 })
}

#[expect(clippy::option_option, reason = "the outer one says whether the two agree")]
fn agreed<T: PartialEq>(one: Option<T>, other: Option<T>) -> Option<Option<T>> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => None,
        (one, other) => Some(one.or(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Option<Afl> {
        Afl::read(&mut Cursor::new(bytes, 0))
    }

    #[test]
    fn the_fields_of_oms_are_read() {
        // Length 15, control 25 (CMAC of 8 bytes with counter), counter 7, code.
        let bytes = [15, 0x00, 0x2c, 0x25, 7, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x7a];
        let mut cursor = Cursor::new(&bytes, 0);
        let afl = Afl::read(&mut cursor).unwrap();
        assert_eq!((afl.authentication(), afl.message_counter), (Authentication::Cmac(8), Some(7)));
        assert_eq!((afl.code.unwrap().bytes(), afl.fragment), (&[1, 2, 3, 4, 5, 6, 7, 8][..], None));
        assert_eq!(afl.covered(), [0x25, 7, 0, 0, 0]);
        assert_eq!(cursor.peek(), Some(0x7a));
    }

    #[test]
    fn all_fields_stand_in_their_order() {
        // Fragment 2 of more, control 74, key 3 derived in version 1, counter 7, code of 4 bytes, length 300.
        let bytes = [15, 0x02, 0x7e, 0x74, 0x13, 1, 7, 0, 0, 0, 1, 2, 3, 4, 0x2c, 0x01];
        let afl = read(&bytes).unwrap();
        assert_eq!(afl.fragment, Some(FragmentNo { number: 2, is_last: false }));
        assert_eq!(afl.key(), Some(KeyChoice { id: 3, derivation: 1 }));
        assert_eq!((afl.authentication(), afl.message_len), (Authentication::Cmac(4), Some(300)));
        assert_eq!(afl.covered(), [0x74, 0x13, 1, 7, 0, 0, 0, 0x2c, 0x01]);
    }

    #[test]
    fn a_layer_that_ends_early_is_none() {
        assert_eq!(read(&[3, 0x00, 0x2c, 0x25]), None);
        assert_eq!(read(&[15, 0x00, 0x2c]), None);
        // A code of more than 16 bytes.
        assert_eq!(read(&[[24, 0x00, 0x2c].as_slice(), &[0; 22]].concat()), None);
    }

    #[test]
    fn more_fragments_of_a_message_in_one_telegram_is_reserved() {
        assert!(read(&[2, 0x00, 0x40]).unwrap().has_reserved);
        assert!(read(&[2, 0x00, 0x80]).unwrap().has_reserved);
        assert!(!read(&[2, 0x01, 0x40]).unwrap().has_reserved);
    }
}

//! The authentication and fragmentation layer, AFL (EN 13757-7:2018 § 6, OMS vol. 2 § 6).
//!
//! What comes in: the bytes after CI 90. What goes out: its fields. Nothing is verified here.

use crate::cursor::Cursor;

/// Bits of the fragmentation control field.
const MORE_FRAGMENTS: u16 = 1 << 14;
const HAS_CONTROL: u16 = 1 << 13;
const HAS_LENGTH: u16 = 1 << 12;
const HAS_COUNTER: u16 = 1 << 11;
const HAS_MAC: u16 = 1 << 10;
const HAS_KEY_INFO: u16 = 1 << 9;
/// Zero in a message that is whole.
const FRAGMENT_ID: u16 = 0xff;
/// Nothing covers these bits, so a message that sets them is not read as one of today's.
const RESERVED: u16 = 1 << 15 | 1 << 8;

/// The authentication layer of one unfragmented message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Afl {
    /// The message is (or may be) spread over several telegrams.
    pub(crate) is_fragment: bool,
    /// Message control field: which authentication (bits 0 to 3).
    pub(crate) control: Option<u8>,
    /// Message counter.
    pub(crate) message_counter: Option<u32>,
    /// The authentication code, 8 bytes for the CMAC of OMS.
    pub(crate) mac: Option<[u8; 8]>,
    /// Message length field.
    pub(crate) message_len: Option<u16>,
}

impl Afl {
    /// AES-CMAC cut to 8 bytes, the one OMS uses (EN 13757-7:2018 table 10).
    pub(crate) const CMAC_8: u8 = 5;

    /// Reads the fields in their order; `None` if they run past the layer's own length or the end.
    /// Bytes the length field counts beyond the known fields are a code of another size.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let len = usize::from(cursor.byte()?);
        let mut layer = Cursor::new(cursor.take(len)?, 0);
        let fields = u16::from_le_bytes(layer.array()?);
        let has = |bit: u16| fields & bit != 0;
        let control = if has(HAS_CONTROL) { Some(layer.byte()?) } else { None };
        if has(HAS_KEY_INFO) {
            layer.take(2)?;
        }
        let message_counter = if has(HAS_COUNTER) { Some(u32::from_le_bytes(layer.array()?)) } else { None };
        let length_field = if has(HAS_LENGTH) { 2 } else { 0 };
        let code = if has(HAS_MAC) { layer.take(layer.left().checked_sub(length_field)?)? } else { &[] };
        let message_len = if has(HAS_LENGTH) { Some(u16::from_le_bytes(layer.array()?)) } else { None };
        Some(Self {
            is_fragment: has(MORE_FRAGMENTS | FRAGMENT_ID | RESERVED),
            control,
            message_counter,
            mac: code.try_into().ok(),
            message_len,
        })
    }

    /// The authentication type of the message control field; 0 where there is none.
    pub(crate) fn authentication(&self) -> u8 {
        self.control.map_or(0, |control| control & 0x0f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_oms_are_read() {
        // Length 15, control 25 (CMAC of 8 bytes with counter), counter 7, code.
        let bytes = [15, 0x00, 0x2c, 0x25, 7, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x7a];
        let mut cursor = Cursor::new(&bytes, 0);
        let afl = Afl::read(&mut cursor).unwrap();
        assert_eq!((afl.authentication(), afl.message_counter), (Afl::CMAC_8, Some(7)));
        assert_eq!((afl.mac, afl.is_fragment), (Some([1, 2, 3, 4, 5, 6, 7, 8]), false));
        assert_eq!(cursor.peek(), Some(0x7a));
    }

    #[test]
    fn a_layer_that_ends_early_is_none() {
        assert_eq!(Afl::read(&mut Cursor::new(&[3, 0x00, 0x2c, 0x25], 0)), None);
        assert_eq!(Afl::read(&mut Cursor::new(&[15, 0x00, 0x2c], 0)), None);
    }
}

//! The configuration field: security mode, key, and how much is encrypted (EN 13757-7:2018 § 7.7, OMS vol. 2 § 7.2.4).
//!
//! What comes in: the bytes after the status byte of a transport header. What goes out: [`Config`], and the cursor at
//! the first byte of the payload. Nothing is verified here.

use tidstro_wire::Cursor;

/// Bytes of an AES block.
const BLOCK: usize = 16;
/// High byte of the configuration field: a message counter of four bytes follows (modes 7, 8 and 10).
const HAS_COUNTER: u8 = 1 << 5;
/// High byte in mode 9: a tag of 12 bytes ends the telegram.
const HAS_TAG: u8 = 1 << 5;
/// Low byte in mode 9: the length of the encrypted, and of the clear part, has two bytes instead of one.
const LONG_ENCRYPTED: u8 = 1 << 6;
const LONG_CLEAR: u8 = 1 << 7;
/// Extension of the field: a key version of one byte follows.
const HAS_KEY_VERSION: u8 = 1 << 6;
/// Low byte in mode 10: all of the payload is encrypted.
const ALL: u8 = 0xff;
/// Bytes of the tag of mode 9.
const TAG_9: usize = 12;

/// Security as the transport header announces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Config {
    /// Security mode, 0 to 31.
    pub(crate) mode: u8,
    /// Bytes encrypted from the start of the payload; `None` if all of them are.
    pub(crate) encrypted_len: Option<usize>,
    /// Clear bytes that follow the encrypted ones and count as part of the message (mode 9).
    pub(crate) clear_len: usize,
    /// Which key.
    pub(crate) key: KeyChoice,
    /// The message counter, where the transport header carries it itself.
    pub(crate) message_counter: Option<u32>,
    /// Bytes of the authentication tag behind the payload: 0 none (or not in this mode); `None` a size the standard
    /// keeps for later.
    pub(crate) tag_len: Option<usize>,
    /// Offset after the fields that a tag covers: the configuration field, its extension and its lengths.
    pub(crate) covered_end: usize,
}

/// Which of a meter's keys, and what is made of it (EN 13757-7:2018 tables 24 and 25).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct KeyChoice {
    /// Key ID: 0 where a meter has one key, up to 15.
    pub(crate) id: u8,
    /// 0 the key itself, 1 keys derived for each message (function A), others reserved.
    pub(crate) derivation: u8,
}

impl KeyChoice {
    /// Reads `..DDKKKK`.
    pub(crate) const fn of(byte: u8) -> Self {
        Self { id: byte & 0x0f, derivation: byte >> 4 & 3 }
    }
}

impl Config {
    /// No header: nothing is encrypted.
    pub(crate) const CLEAR: Self = Self {
        mode: 0,
        encrypted_len: Some(0),
        clear_len: 0,
        key: KeyChoice { id: 0, derivation: 0 },
        message_counter: None,
        tag_len: Some(0),
        covered_end: 0,
    };

    /// Reads the field and what its mode lets follow. `None` if the telegram ends before.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let [low, high] = cursor.array()?;
        let mode = high & 0x1f;
        let config = Self { mode, ..Self::CLEAR };
        let blocks = Some(usize::from(low >> 4) * BLOCK);
        let config = match mode {
            5 => Self { encrypted_len: blocks, covered_end: cursor.at(), ..config },
            7 => Self { encrypted_len: blocks, ..config }.extended(cursor, high)?,
            8 => Self { encrypted_len: None, ..config }.extended(cursor, high)?,
            9 => config.with_lengths(cursor, [low, high])?,
            10 => {
                let encrypted_len = (low != ALL).then_some(usize::from(low));
                Self { encrypted_len, ..config }.extended(cursor, high)?
            }
            _ => Self { covered_end: cursor.at(), ..config },
        };
        Some(config)
    }

    /// Modes 7, 8 and 10: one byte with the key, in mode 10 a second one with the tag's size in its low four bits;
    /// then message counter and key version as announced (EN 13757-7:2018 § 7.7.5, § 7.7.6 and § 7.7.8).
    fn extended(self, cursor: &mut Cursor<'_>, high: u8) -> Option<Self> {
        let key = cursor.byte()?;
        let tag_len = if self.mode == 10 { tag_of(cursor.byte()? & 0x0f) } else { Some(0) };
        let covered_end = cursor.at();
        let message_counter = if high & HAS_COUNTER == 0 { None } else { Some(counter(cursor)?) };
        if key & HAS_KEY_VERSION != 0 {
            cursor.byte()?;
        }
        Some(Self { key: KeyChoice::of(key), tag_len, covered_end, message_counter, ..self })
    }

    /// Mode 9 has no extension: its low byte has the key, and two lengths and the message counter follow
    /// (EN 13757-7:2018 § 7.7.7).
    fn with_lengths(self, cursor: &mut Cursor<'_>, [low, high]: [u8; 2]) -> Option<Self> {
        let encrypted_len = Some(length(cursor, low & LONG_ENCRYPTED != 0)?);
        let clear_len = length(cursor, low & LONG_CLEAR != 0)?;
        let covered_end = cursor.at();
        let message_counter = Some(counter(cursor)?);
        let tag_len = Some(if high & HAS_TAG == 0 { 0 } else { TAG_9 });
        Some(Self {
            encrypted_len,
            clear_len,
            key: KeyChoice::of(low),
            message_counter,
            tag_len,
            covered_end,
            ..self
        })
    }
}

fn counter(cursor: &mut Cursor<'_>) -> Option<u32> {
    cursor.array().map(u32::from_le_bytes)
}

fn length(cursor: &mut Cursor<'_>, is_long: bool) -> Option<usize> {
    let [low, high] = if is_long { cursor.array()? } else { [cursor.byte()?, 0] };
    Some(usize::from(u16::from_le_bytes([low, high])))
}

/// Sizes of the tag of mode 10. Telegrams show that 1 is 8 bytes; that the others are the next sizes of the standard in
/// their order is a conclusion.
const fn tag_of(code: u8) -> Option<usize> {
    match code {
        0 => Some(4),
        1 => Some(8),
        2 => Some(12),
        3 => Some(16),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Option<(Config, usize)> {
        let mut cursor = Cursor::new(bytes, 0);
        Config::read(&mut cursor).map(|config| (config, cursor.at()))
    }

    #[test]
    fn fields_are_read_low_byte_first() {
        assert_eq!(read(&[0, 0]), Some((Config { covered_end: 2, ..Config::CLEAR }, 2)));
        let mode_5 = Config { mode: 5, encrypted_len: Some(48), covered_end: 2, ..Config::CLEAR };
        assert_eq!(read(&[0x30, 0x85]), Some((mode_5, 2)));
        assert_eq!(read(&[0x30]), None);
    }

    #[test]
    fn the_extension_names_key_and_counter() {
        let (mode_7, end) = read(&[0x50, 0x07, 0x13]).unwrap();
        assert_eq!((mode_7.mode, mode_7.encrypted_len, end), (7, Some(80), 3));
        assert_eq!(mode_7.key, KeyChoice { id: 3, derivation: 1 });
        let (mode_7, end) = read(&[0x50, 0x27, 0x50, 1, 2, 0, 0, 9]).unwrap();
        assert_eq!((mode_7.message_counter, mode_7.covered_end, end), (Some(0x0201), 3, 8));
        for cut in 2..8 {
            assert_eq!(read(&[0x50, 0x27, 0x50, 1, 2, 0, 0, 9][..cut]), None, "{cut}");
        }
    }

    #[test]
    fn mode_10_names_its_tag() {
        let (all, end) = read(&[0xff, 0x2a, 0x10, 0x01, 0x8c, 0x57, 0x0e, 0x00]).unwrap();
        assert_eq!((all.encrypted_len, all.tag_len, all.covered_end, end), (None, Some(8), 4, 8));
        assert_eq!(all.message_counter, Some(0x000e_578c));
        let (part, _) = read(&[0x20, 0x0a, 0x10, 0x04]).unwrap();
        assert_eq!((part.encrypted_len, part.tag_len, part.message_counter), (Some(32), None, None));
    }

    #[test]
    fn mode_9_names_its_lengths() {
        let (short, end) = read(&[0x01, 0x29, 20, 0, 7, 0, 0, 0]).unwrap();
        assert_eq!((short.encrypted_len, short.clear_len, short.tag_len), (Some(20), 0, Some(12)));
        assert_eq!((short.message_counter, short.covered_end, end), (Some(7), 4, 8));
        let (long, end) = read(&[0xc0, 0x09, 0x2c, 0x01, 2, 0, 7, 0, 0, 0]).unwrap();
        assert_eq!((long.encrypted_len, long.clear_len, long.tag_len, end), (Some(300), 2, Some(0), 10));
    }
}

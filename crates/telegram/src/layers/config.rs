//! The configuration field: security mode and how much is encrypted (EN 13757-7:2018 § 7.5.8, OMS vol. 2 § 7.2.4).

use crate::cursor::Cursor;

/// Bytes of an AES block.
const BLOCK: usize = 16;

/// Security as the transport header announces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Config {
    /// Security mode, 0 to 31.
    pub(crate) mode: u8,
    /// Bytes encrypted from the start of the payload.
    pub(crate) encrypted_len: usize,
    /// Configuration field extension; modes from 7 on have one.
    pub(crate) extension: Option<u8>,
}

impl Config {
    /// No header: nothing is encrypted.
    pub(crate) const CLEAR: Self = Self { mode: 0, encrypted_len: 0, extension: None };

    /// Reads two bytes, and for mode 7 the third.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let field = u16::from_le_bytes(cursor.array()?);
        let [low, high] = field.to_le_bytes();
        let mode = high & 0x1f;
        // Modes 5 and 7: bits 4 to 7 count the encrypted blocks.
        let encrypted_len = if matches!(mode, 5 | 7) { usize::from(low >> 4) * BLOCK } else { 0 };
        let extension = if mode == 7 { Some(cursor.byte()?) } else { None };
        Some(Self { mode, encrypted_len, extension })
    }

    /// Key derivation the extension selects: 0 none, 1 the CMAC derivation of OMS (bits 4 and 5).
    pub(crate) fn key_derivation(self) -> u8 {
        self.extension.map_or(0, |extension| extension >> 4 & 3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_low_byte_first() {
        let read = |bytes: &[u8]| Config::read(&mut Cursor::new(bytes, 0));
        assert_eq!(read(&[0, 0]), Some(Config::CLEAR));
        assert_eq!(read(&[0x30, 0x85]), Some(Config { mode: 5, encrypted_len: 48, extension: None }));
        let mode7 = read(&[0x50, 0x07, 0x10]).unwrap();
        assert_eq!((mode7.mode, mode7.encrypted_len, mode7.key_derivation()), (7, 80, 1));
        assert_eq!(read(&[0x50, 0x07]), None);
    }
}

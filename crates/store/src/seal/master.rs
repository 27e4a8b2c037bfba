//! The master key: it wraps the controller's key, which wraps all others.

use super::SealingKey;
use crate::StoreFault;

/// The key that wraps all others. It comes from a file or the environment, never from the database.
#[derive(Clone)]
pub struct MasterKey(pub(super) SealingKey);

impl MasterKey {
    /// A key of 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`StoreFault::MasterKeyForm`] for anything else. The text itself is never shown.
    pub fn parse(text: &str) -> Result<Self, StoreFault> {
        let digits = text.trim().as_bytes();
        let mut bytes = [0_u8; 32];
        if digits.len() != 64 {
            return Err(StoreFault::MasterKeyForm);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| StoreFault::MasterKeyForm)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| StoreFault::MasterKeyForm)?;
        }
        Ok(Self(SealingKey::from_bytes(bytes)))
    }

    /// A new random key, and its text for the file that keeps it.
    ///
    /// # Errors
    /// [`StoreFault::NoRandomness`] if the system has none.
    pub fn random() -> Result<(Self, zeroize::Zeroizing<String>), StoreFault> {
        let key = SealingKey::random()?;
        let mut text = zeroize::Zeroizing::new(String::with_capacity(64));
        for byte in key.bytes() {
            for nibble in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
        }
        Ok((Self(key), text))
    }
}

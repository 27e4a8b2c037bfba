//! Who may open a file of keys that leaves: a public key of age.
//!
//! What comes in: `age1…`, and the bytes of a file. What goes out: the file in the form of age (<https://c2sp.org/age>), which
//! the program `age` and its like open with the recipient's secret key. Nothing is opened here.

use std::fmt;

use tidstro_store::StoreFault;

/// Whose secret key opens the file.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRecipient(age::x25519::Recipient);

/// Why a text names no recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRecipientFault {
    /// It does not begin with `age1`.
    #[error("does not begin with `age1`; give the public key that `age-keygen` prints")]
    Prefix,
    /// A character is missing or wrong, or the checksum is.
    #[error("is damaged: its length or checksum does not fit; copy the whole line again")]
    Damaged,
}

impl KeyRecipient {
    /// Reads a public key of age, `age1…`.
    ///
    /// # Errors
    /// [`KeyRecipientFault`].
    pub fn parse(text: &str) -> Result<Self, KeyRecipientFault> {
        if !text.starts_with("age1") {
            return Err(KeyRecipientFault::Prefix);
        }
        text.parse().map(Self).map_err(|_| KeyRecipientFault::Damaged)
    }

    /// Seals a file, each time with another key.
    pub(super) fn seal(&self, file: &[u8]) -> Result<Vec<u8>, StoreFault> {
        age::encrypt(&self.0, file).map_err(|_| StoreFault::Sealing)
    }
}

impl fmt::Debug for KeyRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRecipient({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipient_opens_it_and_nobody_else_does() {
        let (own, other) = (age::x25519::Identity::generate(), age::x25519::Identity::generate());
        let recipient = KeyRecipient::parse(&own.to_public().to_string()).unwrap();
        let sealed = recipient.seal(b"keys").unwrap();
        assert_eq!(age::decrypt(&own, &sealed).unwrap(), b"keys");
        assert!(age::decrypt(&other, &sealed).is_err());
        assert_ne!(sealed, recipient.seal(b"keys").unwrap(), "another key each time");
    }

    /// The example of the specification of age.
    const EXAMPLE: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

    #[test]
    fn a_public_key_is_read_and_a_damaged_one_is_not() {
        assert!(KeyRecipient::parse(EXAMPLE).is_ok());
        assert_eq!(KeyRecipient::parse("AGE-SECRET-KEY-1"), Err(KeyRecipientFault::Prefix));
        assert_eq!(KeyRecipient::parse(&EXAMPLE[..61]), Err(KeyRecipientFault::Damaged));
        for at in 4..62 {
            for other in ["q", "p", "b", "Q"] {
                let mut text = EXAMPLE.to_owned();
                text.replace_range(at..=at, other);
                if text != EXAMPLE {
                    assert_eq!(KeyRecipient::parse(&text), Err(KeyRecipientFault::Damaged), "{at}{other}");
                }
            }
        }
    }
}

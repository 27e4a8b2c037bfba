//! Protection of APDUs (IEC 62056-5-3 § 5): who sent it, under which keys, and whether that is proven.
//!
//! What comes in: a protected APDU and a source of keys. What goes out: the content, verified before any of
//! it is used; or a refusal that names the header. Keys never leave this folder.

mod cipher;
mod file;
mod key;

use std::fmt;

use zeroize::Zeroizing;

use crate::Refusal;

pub use file::{KeyUse, TitleFileFault, TitleKey, parse_title_keys};
pub use key::{Key, KeyFault, KeyRing, KeySource, Keys};
pub use tidstro_model::SystemTitle;

/// Which keys an APDU is protected with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeySet {
    /// The meter's global key (general-glo-ciphering, `glo-` services).
    Unicast,
    /// The global key that many meters share (bit 6 of the security control byte).
    Broadcast,
    /// The key of one association (general-ded-ciphering, `ded-` services).
    Dedicated,
}

/// What a protected APDU says of its protection, in the clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CipherHeader {
    /// Who sent it.
    pub title: SystemTitle,
    /// Whether under a dedicated key.
    pub is_dedicated: bool,
    /// Security control byte: bits 0 to 3 suite, bit 4 authenticated, bit 5 encrypted, bit 6 broadcast key, bit 7
    /// compressed.
    pub control: u8,
    /// Invocation counter: rises with every APDU under one key. Whoever keeps state must refuse one that does
    /// not.
    pub invocation_counter: u32,
    /// Bytes of the protected content, tag included.
    pub protected_len: usize,
}

impl CipherHeader {
    /// The security suite: 0 and 1 are AES-GCM-128, 2 is AES-GCM-256.
    #[must_use]
    pub const fn suite(&self) -> u8 {
        self.control & 0x0f
    }

    /// Whether there is a tag.
    #[must_use]
    pub const fn is_authenticated(&self) -> bool {
        self.control & 0x10 != 0
    }

    /// Whether the content is encrypted.
    #[must_use]
    pub const fn is_encrypted(&self) -> bool {
        self.control & 0x20 != 0
    }

    /// Which keys it is protected with.
    #[must_use]
    pub const fn key_set(&self) -> KeySet {
        match (self.is_dedicated, self.control & 0x40 != 0) {
            (true, _) => KeySet::Dedicated,
            (false, true) => KeySet::Broadcast,
            (false, false) => KeySet::Unicast,
        }
    }

    const fn is_compressed(&self) -> bool {
        self.control & 0x80 != 0
    }

    fn nonce(&self) -> [u8; 12] {
        let mut nonce = [0; 12];
        let bytes = self.title.0.into_iter().chain(self.invocation_counter.to_be_bytes());
        nonce.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        nonce
    }

    /// Length of the keys this suite asks for.
    const fn key_len(&self) -> Option<usize> {
        match self.suite() {
            0 | 1 => Some(16),
            2 => Some(32),
            _ => None,
        }
    }
}

impl fmt::Display for CipherHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, security {:02X}, counter {}", self.title, self.control, self.invocation_counter)
    }
}

/// What protected a push, and so what is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Nothing: only the frame's check, if it has one.
    Clear,
    /// AES-GCM. Authenticated only if the header says so ([`CipherHeader::is_authenticated`]).
    Ciphered(CipherHeader),
}

impl Security {
    /// Whether a tag was verified: the sender had the keys, and nobody changed anything.
    #[must_use]
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::Ciphered(header) if header.is_authenticated())
    }

    /// The word used in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Ciphered(header) if !header.is_authenticated() => "gcm-encrypted",
            Self::Ciphered(header) if !header.is_encrypted() => "gcm-authenticated",
            Self::Ciphered(_) => "gcm",
        }
    }
}

/// The content of a protected APDU, after its tag (if it has one) was verified.
pub(crate) fn open(
    header: CipherHeader,
    protected: &[u8],
    keys: &impl KeySource,
) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let keys = usable(header, keys)?;
    cipher::open(header, keys, protected).ok_or(Refusal::Tag { header })
}

/// The protected bytes of a content, tag last.
pub(crate) fn protect(header: CipherHeader, keys: &Keys, content: &[u8]) -> Result<Vec<u8>, Refusal> {
    let keys = usable(header, keys)?;
    cipher::protect(header, keys, content).ok_or(Refusal::Tag { header })
}

/// The keys, if all that the header asks for are there.
fn usable(header: CipherHeader, keys: &impl KeySource) -> Result<&Keys, Refusal> {
    if !header.is_authenticated() && !header.is_encrypted() {
        return Err(Refusal::NotProtected { header });
    }
    if header.is_compressed() {
        return Err(Refusal::ProtectionNotYet { header, what: "compression" });
    }
    let expected = header.key_len();
    let expected = expected.ok_or(Refusal::ProtectionNotYet { header, what: "a suite above 2" })?;
    let keys = keys.keys(header.title, header.key_set()).ok_or(Refusal::KeyMissing { header })?;
    if header.is_authenticated() && keys.authentication.is_none() {
        return Err(Refusal::AuthenticationKeyMissing { header });
    }
    let authentication = keys.authentication.as_ref().filter(|_| header.is_authenticated());
    let odd = [Some(&keys.encryption), authentication]
        .into_iter()
        .flatten()
        .find(|key| key.bytes().len() != expected);
    odd.map_or(Ok(keys), |key| Err(Refusal::KeyLength { header, expected, got: key.bytes().len() }))
}

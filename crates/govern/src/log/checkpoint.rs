//! Checkpoints: signed statements of what the log was.
//!
//! What comes in: a head, a signing key. What goes out: a text that people can read and an Ed25519
//! signature (RFC 8032) over its bytes. Never: the secret part of a key in a text, an error or `Debug`.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{Hash, Segment, StreamId, hex, unhex};

/// An Ed25519 signature.
pub type Signature = [u8; 64];

/// The name of a store in its checkpoints: 16 random bytes, made once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin(pub [u8; 16]);

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// The key that signs checkpoints. Wiped from memory when dropped.
pub struct LogKey(SigningKey);

impl LogKey {
    /// The key of a seed of 32 random bytes (RFC 8032 § 5.1.5).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs the bytes of a text.
    #[must_use]
    pub fn sign(&self, text: &str) -> Signature {
        self.0.sign(text.as_bytes()).to_bytes()
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogKey({})", self.public().fingerprint())
    }
}

/// The key that checks signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads 32 bytes; `None` if they are no point of the curve.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        VerifyingKey::from_bytes(bytes).ok().map(Self)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// What people compare.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(Sha256::digest(self.bytes()).into())
    }

    /// Whether the signature is this key's over the text. Strict (RFC 8032 § 5.1.7, without keys of
    /// small order): one signature has one form.
    #[must_use]
    pub fn verifies(&self, text: &str, signature: &Signature) -> bool {
        self.0.verify_strict(text.as_bytes(), &ed25519_dalek::Signature::from_bytes(signature)).is_ok()
    }
}

/// SHA-256 of a public key, as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(Hash);

impl Fingerprint {
    /// Reads 64 hexadecimal digits, small or capital, with or without spaces or colons between them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.chars().filter(|letter| !matches!(letter, ' ' | ':'));
        unhex(&digits.collect::<String>().to_ascii_lowercase()).map(Self)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// What is signed when a segment closes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which store.
    pub origin: Origin,
    /// Which of its streams.
    pub stream: StreamId,
    /// The segment closed.
    pub segment: u64,
    /// Number of the last event the head covers.
    pub last_seq: u64,
    /// Head of the segment.
    pub head: Hash,
    /// When it was closed.
    pub at: Timestamp,
}

impl Checkpoint {
    /// The checkpoint of a closed segment.
    #[must_use]
    pub fn of(origin: Origin, stream: StreamId, segment: &Segment) -> Self {
        let last_seq = segment.next_seq().saturating_sub(1);
        let head = segment.head(stream);
        Self { origin, stream, segment: segment.number, last_seq, head, at: segment.closed_at }
    }

    /// The signed text: six lines, each ended by a line feed.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { origin, stream, segment, last_seq, head, at } = self;
        let head = hex(head);
        format!(
            "tidstro checkpoint 1\norigin {origin}\nstream {stream}\nsegment {segment} to event {last_seq}\n\
             head {head}\nat {at}\n"
        )
    }
}

//! Events and the chain of their hashes.
//!
//! What comes in: what happened, and the hash of the event before. What goes out: the hash of this
//! event, or the first place where a chain does not fit. Never: a person's data; a subject appears
//! as a keyed commitment only, whose meaning ends with the key.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tidstro_model::{ActivityId, ActorId};

use crate::vocabulary::words;

words!(
    /// What kind of thing happened.
    EventKind {
        /// A register became the one decided by. The detail is its hash.
        RegisterActivated = "register-activated",
        /// The gate granted an ask.
        Granted = "granted",
        /// The gate refused an ask.
        Refused = "refused",
        /// Somebody asked why the gate would say yes or no.
        Explained = "explained",
        /// Something was registered: a batch of blocks, master data.
        Registered = "registered",
    }
);

impl EventKind {
    /// The code of the kind in the store: the same as its word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.word()
    }
}

/// One thing that happened. Append-only: an event is never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What kind of thing.
    pub kind: EventKind,
    /// Who did it.
    pub actor: ActorId,
    /// What for, where there was a purpose.
    pub purpose: Option<ActivityId>,
    /// The code of the rule that decided, where one did.
    pub rule: Option<String>,
    /// A keyed commitment to the subject, where there was one.
    pub subject_commitment: Option<[u8; 32]>,
    /// The rest, in words without personal data.
    pub detail: String,
}

/// The hash before the first event.
pub const GENESIS: [u8; 32] = [0; 32];

/// Names the encoding below; another encoding gets another name.
const DOMAIN: &[u8] = b"tidstro event 1";

/// The hash of an event: SHA-256 over the prior hash and a canonical encoding.
///
/// In this order, numbers big-endian: the domain `tidstro event 1`; `prior`, 32 bytes; `seq`, 8; the
/// instant in nanoseconds since 1970, 16; then `kind`, `actor`, `purpose`, `rule`,
/// `subject_commitment`, `detail`. A text or commitment is its length in bytes, 8, and its bytes; an
/// absent one is the byte 0 and a present one the byte 1 before it. Each part says where it ends, so
/// that two different events never have one encoding.
#[must_use]
pub fn chain(prior: &[u8; 32], event: &Event, seq: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update(prior);
    hash.update(seq.to_be_bytes());
    hash.update(event.at.as_nanosecond().to_be_bytes());
    text(&mut hash, event.kind.code().as_bytes());
    text(&mut hash, event.actor.as_str().as_bytes());
    optional(&mut hash, event.purpose.as_ref().map(|purpose| purpose.as_str().as_bytes()));
    optional(&mut hash, event.rule.as_ref().map(String::as_bytes));
    optional(&mut hash, event.subject_commitment.as_ref().map(<[u8; 32]>::as_slice));
    text(&mut hash, event.detail.as_bytes());
    hash.finalize().into()
}

fn text(hash: &mut Sha256, bytes: &[u8]) {
    // No target has a pointer of more than 64 bits, so the length is exact.
    hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
    hash.update(bytes);
}

fn optional(hash: &mut Sha256, bytes: Option<&[u8]>) {
    hash.update([u8::from(bytes.is_some())]);
    if let Some(bytes) = bytes {
        text(hash, bytes);
    }
}

/// Where a chain of events does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// The number does not follow the one before: events were removed, added, or moved.
    #[error(
        "event {seq} stands where event {expected} is expected; keep the log as it is and restore the missing part from a backup"
    )]
    OutOfSequence {
        /// The number found.
        seq: u64,
        /// The number that follows.
        expected: u64,
    },
    /// The hash is not that of the event and all before it: one of them was changed.
    #[error(
        "event {seq} does not have the hash of its content and of the events before it; keep the log as it is and compare it with a backup"
    )]
    Broken {
        /// The number of the event.
        seq: u64,
    },
}

impl ChainFault {
    /// The number of the first event that does not fit.
    #[must_use]
    pub const fn seq(self) -> u64 {
        match self {
            Self::OutOfSequence { seq, .. } | Self::Broken { seq } => seq,
        }
    }
}

/// Checks a whole chain from its first event: `(seq, event, hash)` in order. Gives the number of
/// events checked.
///
/// Found are a changed, removed, added or moved event. Not found is the removal of the last ones: what
/// the last hash should be must be known from elsewhere.
///
/// # Errors
/// [`ChainFault`] at the first event that does not fit.
pub fn verify_chain(events: impl Iterator<Item = (u64, Event, [u8; 32])>) -> Result<u64, ChainFault> {
    let (mut prior, mut expected, mut checked) = (GENESIS, None, 0);
    for (seq, event, hash) in events {
        if let Some(expected) = expected.filter(|&expected| expected != seq) {
            return Err(ChainFault::OutOfSequence { seq, expected });
        }
        if chain(&prior, &event, seq) != hash {
            return Err(ChainFault::Broken { seq });
        }
        (prior, expected, checked) = (hash, seq.checked_add(1), checked + 1);
    }
    Ok(checked)
}

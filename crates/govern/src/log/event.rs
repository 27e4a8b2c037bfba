//! Events, their canonical encoding, and the hash that chains each to the one before.
//!
//! What comes in: what happened, and the hash of the event before. What goes out: the bytes of a leaf,
//! its hash, and the chained hash. Never: a person's data; a subject appears as a keyed commitment only,
//! whose meaning ends with the key.

use std::fmt;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tidstro_model::{ActivityId, ActorId, CaseId};

use super::leaf_hash;
use crate::vocabulary::words;

/// A SHA-256 hash, or a keyed commitment of the same size.
pub type Hash = [u8; 32];

/// The hash before the first event of a stream, and the head before its first segment.
pub const GENESIS: Hash = [0; 32];

words!(
    /// Which of a writer's two streams an event is in.
    Stream {
        /// What later state is folded from. Kept as long as that state.
        Facts = "facts",
        /// Who used what, and who tried. Expires after a set interval.
        Uses = "uses",
    }
);

words!(
    /// What kind of thing happened.
    EventKind {
        /// The gate granted an ask.
        Granted = "granted",
        /// The gate refused an ask.
        Refused = "refused",
        /// Somebody asked why the gate would say yes or no.
        Explained = "explained",
        /// Something was registered: a batch of blocks, master data.
        Registered = "registered",
        /// Values went into files for somebody. The detail counts them, and names the key of their pseudonyms.
        Exported = "exported",
        /// Somebody could not log in.
        LoginFailed = "login-failed",
        /// Somebody was locked out after too many failed logins.
        LockedOut = "locked-out",
        /// A lockout ended.
        Unlocked = "unlocked",
        /// Somebody logged in. The detail says how many factors were proved.
        LoggedIn = "logged-in",
        /// Somebody logged out, or was logged out.
        LoggedOut = "logged-out",
        /// Something changed of an account: it was opened, activated, locked, closed, or a credential of it was set. The detail
        /// says which.
        AccountChanged = "account-changed",
        /// Somebody looked at who has which role, or decided about one of them.
        AccessReviewed = "access-reviewed",
        /// Somebody looked for events in the log, or took all of it. The detail says by which criteria.
        LogRead = "log-read",
        /// A register became the one decided by. The detail is its hash.
        RegisterActivated = "register-activated",
        /// A wider register was approved. The detail is its hash.
        RegisterApproved = "register-approved",
        /// Rules of validation were taken in and judge from now on. The detail is their name and hash.
        RulesTakenIn = "rules-taken-in",
        /// A retention run showed what it would erase.
        RetentionPreviewed = "retention-previewed",
        /// A preview was approved.
        RetentionApproved = "retention-approved",
        /// Personal data were erased.
        Erased = "erased",
        /// Something moved leases: consent, objection, restriction, hold, the end of a contract.
        LeaseEvent = "lease-event",
        /// Something happened in a case.
        CaseEvent = "case-event",
        /// Events from outside were looked at. The detail counts them.
        Imported = "imported",
        /// Keys of meters came in or were followed by others. The detail counts them.
        MeterKeysChanged = "meter-keys-changed",
        /// Somebody asked for keys of meters to be handed out. The detail is the hash of the request, and what it asks for.
        MeterKeysAsked = "meter-keys-asked",
        /// A request for keys of meters was approved. The detail is its hash.
        MeterKeysApproved = "meter-keys-approved",
        /// Keys of meters were handed out. The detail is the hash of the request, to whom, and how many.
        MeterKeysExported = "meter-keys-exported",
        /// Somebody said that a meter's counters began anew. The detail is its number, from which day on, and why.
        MeterCountersBegan = "meter-counters-began",
        /// The data set was moved to another place. The detail names both.
        Moved = "moved",
        /// The events of a segment were deleted; its root stays. The detail names it.
        SegmentExpired = "segment-expired",
    }
);

impl EventKind {
    /// The code of the kind in the store: the same as its word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.word()
    }

    /// Which stream events of this kind are in.
    #[must_use]
    pub const fn stream(self) -> Stream {
        match self {
            Self::Granted
            | Self::Refused
            | Self::Explained
            | Self::Registered
            | Self::Exported
            | Self::LoginFailed
            | Self::LockedOut
            | Self::Unlocked
            | Self::LoggedIn
            | Self::LoggedOut
            | Self::AccountChanged
            | Self::AccessReviewed
            | Self::LogRead => Stream::Uses,
            Self::RegisterActivated
            | Self::RegisterApproved
            | Self::RulesTakenIn
            | Self::RetentionPreviewed
            | Self::RetentionApproved
            | Self::Erased
            | Self::LeaseEvent
            | Self::CaseEvent
            | Self::Imported
            | Self::MeterKeysChanged
            | Self::MeterKeysAsked
            | Self::MeterKeysApproved
            | Self::MeterKeysExported
            | Self::MeterCountersBegan
            | Self::Moved
            | Self::SegmentExpired => Stream::Facts,
        }
    }

    /// Whether another program may report events of this kind. What this program alone can know, such as
    /// an approval or an erasure, nobody else may say.
    #[must_use]
    pub const fn comes_from_outside(self) -> bool {
        matches!(self, Self::LeaseEvent | Self::CaseEvent)
    }
}

/// A stream of one writer: `uses/1`. Writers never share a stream, so they never wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId {
    /// Which of the writer's streams.
    pub stream: Stream,
    /// The writer, counted from 1.
    pub writer: u16,
}

impl StreamId {
    /// Reads what `Display` writes, exactly.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (stream, writer) = text.split_once('/')?;
        let id = Self { stream: Stream::from_word(stream)?, writer: writer.parse().ok()? };
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.stream, self.writer)
    }
}

/// One thing that happened. Append-only: an event is never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What kind of thing.
    pub kind: EventKind,
    /// Who did it. Residents are named by a part of their commitment, never by their number.
    pub actor: ActorId,
    /// What for, where there was a purpose.
    pub purpose: Option<ActivityId>,
    /// The code of the rule that decided, where one did.
    pub rule: Option<String>,
    /// Keyed commitments to the subjects it concerns, each once, in ascending order.
    pub subjects: Vec<Hash>,
    /// The case it belongs to, where there is one.
    pub case: Option<CaseId>,
    /// The rest, in words without personal data: of a use, the operation and the search criteria.
    pub detail: String,
}

impl Event {
    /// An event without purpose, rule, subjects and case.
    #[must_use]
    pub const fn new(at: Timestamp, kind: EventKind, actor: ActorId, detail: String) -> Self {
        Self { at, kind, actor, purpose: None, rule: None, subjects: Vec::new(), case: None, detail }
    }

    /// The event as the log's number `seq` of its stream.
    #[must_use]
    pub fn view(&self, seq: u64) -> EventView<'_> {
        EventView {
            seq,
            at: self.at,
            kind: self.kind.code(),
            actor: self.actor.as_str(),
            purpose: self.purpose.as_ref().map(ActivityId::as_str),
            rule: self.rule.as_deref(),
            subjects: &self.subjects,
            case: self.case.as_ref().map(CaseId::as_str),
            detail: &self.detail,
        }
    }
}

/// An event as it is hashed: texts as they stand. A log is checked without knowing every kind in it, so
/// that an older program still verifies a newer log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventView<'a> {
    /// Its number in the stream, counted from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// The code of its kind.
    pub kind: &'a str,
    /// Who did it.
    pub actor: &'a str,
    /// What for.
    pub purpose: Option<&'a str>,
    /// The code of the rule that decided.
    pub rule: Option<&'a str>,
    /// Whom it concerns.
    pub subjects: &'a [Hash],
    /// The case it belongs to.
    pub case: Option<&'a str>,
    /// The rest.
    pub detail: &'a str,
}

/// How the events of a segment are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Schema 1 of the store: one stream, at most one commitment, no case.
    First,
    /// The form written now.
    Second,
}

impl Form {
    /// Its number in segments and bundles.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }

    /// The form of a number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::First),
            2 => Some(Self::Second),
            _ => None,
        }
    }
}

impl EventView<'_> {
    /// Appends the canonical encoding: the bytes of the event's leaf.
    ///
    /// In this order, numbers big-endian: in the second form the domain `tidstro event 2`; `seq`, 8
    /// bytes; the instant in nanoseconds since 1970, 16; then `kind`, `actor`, `purpose`, `rule`,
    /// `subjects`, in the second form `case`, and `detail`. A text is its length in bytes, 8, and its
    /// bytes; an absent one is the byte 0 and a present one the byte 1 before it. Subjects are their
    /// number, 8, and 32 bytes each; in the first form they are one optional commitment written like a
    /// text. Each part says where it ends, so that two different events never have one encoding.
    pub fn encode(&self, form: Form, out: &mut Vec<u8>) {
        if form == Form::Second {
            out.extend_from_slice(b"tidstro event 2");
        }
        out.extend_from_slice(&self.seq.to_be_bytes());
        out.extend_from_slice(&self.at.as_nanosecond().to_be_bytes());
        text(out, self.kind.as_bytes());
        text(out, self.actor.as_bytes());
        optional(out, self.purpose.map(str::as_bytes));
        optional(out, self.rule.map(str::as_bytes));
        match form {
            Form::First => optional(out, self.subjects.first().map(Hash::as_slice)),
            Form::Second => {
                length(out, self.subjects.len());
                out.extend_from_slice(self.subjects.as_flattened());
                optional(out, self.case.map(str::as_bytes));
            }
        }
        text(out, self.detail.as_bytes());
    }
}

fn text(out: &mut Vec<u8>, bytes: &[u8]) {
    length(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn length(out: &mut Vec<u8>, length: usize) {
    // No target has a pointer of more than 64 bits, so the length is exact.
    out.extend_from_slice(&u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
}

fn optional(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    out.push(u8::from(bytes.is_some()));
    if let Some(bytes) = bytes {
        text(out, bytes);
    }
}

/// What ties an event to the log: its leaf in the segment's tree, and its link in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Hash of the leaf (RFC 6962).
    pub leaf: Hash,
    /// The hash that chains this event to the one before.
    pub hash: Hash,
}

/// Links an event to `prior`: the hash of the event before it, or the head of the segment before.
///
/// The second form hashes `tidstro chain 2`, `prior` and the hash of the leaf; the first hashed
/// `tidstro event 1`, `prior` and the leaf itself. `buffer` is used again from event to event.
#[must_use]
pub fn link(form: Form, prior: &Hash, event: &EventView<'_>, buffer: &mut Vec<u8>) -> Link {
    buffer.clear();
    event.encode(form, buffer);
    let leaf = leaf_hash(buffer);
    let chained = match form {
        Form::First => {
            Sha256::new().chain_update(b"tidstro event 1").chain_update(prior).chain_update(buffer)
        }
        Form::Second => Sha256::new().chain_update(b"tidstro chain 2").chain_update(prior).chain_update(leaf),
    };
    Link { leaf, hash: chained.finalize().into() }
}

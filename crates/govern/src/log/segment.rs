//! Segments: consecutive events of one stream, closed together, deleted together.
//!
//! What comes in: events in order, the local day of each, the instant of closing. What goes out: the
//! segment's root and its head, chained to the head before. Never: a segment without events.

use jiff::{Timestamp, civil::Date};
use sha2::{Digest, Sha256};

use super::{EventView, Form, GENESIS, Hash, StreamId, Tree, link};

/// Events after which a segment is closed.
pub const SEGMENT_EVENTS: u64 = 4096;

/// A closed segment. Its head covers it and everything before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Counted from 1 in its stream.
    pub number: u64,
    /// How its events are encoded.
    pub form: Form,
    /// Number of its first event.
    pub first_seq: u64,
    /// Its events, at least 1.
    pub count: u64,
    /// The RFC 6962 root over the encodings of its events.
    pub root: Hash,
    /// Head of the segment before; [`GENESIS`] for the first.
    pub prior: Hash,
    /// When it was closed.
    pub closed_at: Timestamp,
}

impl Segment {
    /// The hash that stands for this segment and all before it.
    ///
    /// SHA-256 over, numbers big-endian: `tidstro segment 1`; the stream's name, preceded by its length
    /// in one byte; `number`, `first_seq`, `count`, 8 bytes each; the number of the form, 1; the instant
    /// of closing in nanoseconds since 1970, 16; `root`; `prior`.
    #[must_use]
    pub fn head(&self, stream: StreamId) -> Hash {
        let name = stream.to_string();
        let mut hash = Sha256::new_with_prefix(b"tidstro segment 1");
        // A word and a number of 16 bits: far below 256 bytes.
        hash.update([u8::try_from(name.len()).unwrap_or(u8::MAX)]);
        hash.update(name);
        for number in [self.number, self.first_seq, self.count] {
            hash.update(number.to_be_bytes());
        }
        hash.update([self.form.number()]);
        hash.update(self.closed_at.as_nanosecond().to_be_bytes());
        hash.update(self.root);
        hash.update(self.prior);
        hash.finalize().into()
    }

    /// Number of the event after its last one.
    #[must_use]
    pub const fn next_seq(&self) -> u64 {
        self.first_seq.saturating_add(self.count)
    }
}

/// A segment that still takes events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSegment {
    /// Counted from 1 in its stream.
    pub number: u64,
    /// How its events are encoded.
    pub form: Form,
    /// Number of its first event.
    pub first_seq: u64,
    /// Head of the segment before.
    pub prior: Hash,
    /// Local day of its first event; `None` while it has none.
    pub first_day: Option<Date>,
    /// Hash of its last event; the prior head while it has none.
    pub last_hash: Hash,
    /// The leaves so far.
    pub tree: Tree,
}

impl OpenSegment {
    /// The first segment of a stream.
    #[must_use]
    pub fn first() -> Self {
        Self::empty(1, 1, GENESIS, Form::Second)
    }

    /// The segment that follows a closed one.
    #[must_use]
    pub fn after(segment: &Segment, stream: StreamId) -> Self {
        Self::empty(segment.number.saturating_add(1), segment.next_seq(), segment.head(stream), Form::Second)
    }

    /// A segment before its first event.
    pub(super) fn empty(number: u64, first_seq: u64, prior: Hash, form: Form) -> Self {
        Self { number, form, first_seq, prior, first_day: None, last_hash: prior, tree: Tree::default() }
    }

    /// Number the next event gets.
    #[must_use]
    pub const fn next_seq(&self) -> u64 {
        self.first_seq.saturating_add(self.tree.count())
    }

    /// Whether it must be closed before an event of this local day: when it holds [`SEGMENT_EVENTS`]
    /// events, or events of another local day. One rule for all streams.
    #[must_use]
    pub fn is_due(&self, day: Date) -> bool {
        self.tree.count() >= SEGMENT_EVENTS || self.first_day.is_some_and(|first| first != day)
    }

    /// Takes an event in and gives its hash. `day` is the local day of the event.
    pub fn push(&mut self, event: &EventView<'_>, day: Date, buffer: &mut Vec<u8>) -> Hash {
        self.first_day = self.first_day.or(Some(day));
        self.link(event, buffer)
    }

    /// Links an event; the day does not matter to a segment that is being checked.
    pub(super) fn link(&mut self, event: &EventView<'_>, buffer: &mut Vec<u8>) -> Hash {
        let link = link(self.form, &self.last_hash, event, buffer);
        self.tree.push(link.leaf);
        self.last_hash = link.hash;
        link.hash
    }

    /// The segment closed at `at`; `None` if it has no events.
    #[must_use]
    pub fn close(&self, at: Timestamp) -> Option<Segment> {
        (self.tree.count() > 0).then(|| Segment {
            number: self.number,
            form: self.form,
            first_seq: self.first_seq,
            count: self.tree.count(),
            root: self.tree.root(),
            prior: self.prior,
            closed_at: at,
        })
    }
}

/// The detail of a [`super::EventKind::SegmentExpired`] event: which segment lost its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExpiredSegment {
    /// Of which stream.
    pub stream: StreamId,
    /// Which one.
    pub number: u64,
}

impl ExpiredSegment {
    /// Reads what `Display` writes, exactly.
    #[must_use]
    pub fn parse(detail: &str) -> Option<Self> {
        let (stream, number) = detail.split_once(" segment ")?;
        let expired = Self { stream: StreamId::parse(stream)?, number: number.parse().ok()? };
        (expired.to_string() == detail).then_some(expired)
    }
}

impl std::fmt::Display for ExpiredSegment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} segment {}", self.stream, self.number)
    }
}

//! The signed statement in the first line of a bundle.

use jiff::Timestamp;

use super::super::{Hash, Origin, PublicKey, StreamId, StreamReport, hex, unhex};

/// How far a stream goes in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamEnd {
    /// The stream.
    pub stream: StreamId,
    /// Its segments, expired ones among them.
    pub segments: u64,
    /// Number of its last event.
    pub last_seq: u64,
    /// Head of its last segment.
    pub head: Hash,
}

impl StreamEnd {
    /// Whether this is what was found.
    pub(super) fn is_reached_by(&self, found: &StreamReport) -> bool {
        (self.stream, self.segments, self.last_seq, self.head)
            == (found.stream, found.segments(), found.last_seq, found.head)
    }

    fn parse(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        let ["stream", stream, "segments", segments, "events", last_seq, "head", head] = words.as_slice()
        else {
            return None;
        };
        Some(Self {
            stream: StreamId::parse(stream)?,
            segments: segments.parse().ok()?,
            last_seq: last_seq.parse().ok()?,
            head: unhex(head)?,
        })
    }
}

/// What a bundle states about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleHead {
    /// Whose log it is.
    pub origin: Origin,
    /// The key that signed it, and every checkpoint in it.
    pub key: PublicKey,
    /// When it was made.
    pub at: Timestamp,
    /// Its streams, in their order in the file.
    pub streams: Vec<StreamEnd>,
}

impl BundleHead {
    /// The signed text: a line each for version, origin, key, instant and stream, each ended by a line
    /// feed.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { origin, key, at, streams } = self;
        let key = hex(key.bytes());
        let mut text = format!("tidstro bundle 1\norigin {origin}\nkey {key}\nat {at}\n");
        for StreamEnd { stream, segments, last_seq, head } in streams {
            let head = hex(head);
            text.push_str(&format!("stream {stream} segments {segments} events {last_seq} head {head}\n"));
        }
        text
    }

    /// Reads what [`BundleHead::text`] writes, exactly.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("tidstro bundle 1\norigin ")?;
        let (origin, rest) = rest.split_once("\nkey ")?;
        let (key, rest) = rest.split_once("\nat ")?;
        let (at, rest) = rest.split_once('\n')?;
        let head = Self {
            origin: Origin(unhex(origin)?),
            key: PublicKey::from_bytes(&unhex(key)?)?,
            at: at.parse().ok()?,
            streams: rest.lines().map(StreamEnd::parse).collect::<Option<_>>()?,
        };
        (head.text() == text).then_some(head)
    }
}

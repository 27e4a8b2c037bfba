//! A log in memory, written with the rules of the crate and read as a bundle.

use jiff::{Timestamp, civil::Date, civil::date};
use tidstro_govern::log::{
    BundleHead, Checkpoint, ExpiredSegment, Fingerprint, GENESIS, Hash, LogKey, OpenSegment, Origin, Segment,
    Stream, StreamEnd, StreamId, event_line, header_line, segment_line,
};
use tidstro_govern::{Event, EventKind};
use tidstro_model::{ActivityId, ActorId};

pub(super) const FACTS: StreamId = StreamId { stream: Stream::Facts, writer: 1 };
pub(super) const USES: StreamId = StreamId { stream: Stream::Uses, writer: 1 };

pub(super) const DAY: Date = date(2026, 3, 20);
const ORIGIN: Origin = Origin([7; 16]);

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::new(1_774_000_000 + second, 250_000_000).unwrap()
}

pub(super) fn granted(number: u8) -> Event {
    let actor = ActorId::parse("staff:anna").unwrap();
    let event = Event::new(at(number.into()), EventKind::Granted, actor, format!("read \"row\" {number}"));
    Event {
        purpose: Some(ActivityId::parse("billing").unwrap()),
        subjects: vec![[number; 32]; usize::from(number % 3)],
        ..event
    }
}

pub(super) fn fact(number: u8) -> Event {
    let actor = ActorId::parse("job:open").unwrap();
    Event::new(at(number.into()), EventKind::RegisterActivated, actor, format!("hash {number}"))
}

pub(super) fn expired(number: u64) -> Event {
    let actor = ActorId::parse("job:retention").unwrap();
    let detail = ExpiredSegment { stream: USES, number }.to_string();
    Event::new(at(200), EventKind::SegmentExpired, actor, detail)
}

/// A closed segment with its events.
pub(super) struct Kept {
    pub(super) segment: Segment,
    pub(super) events: Vec<(Event, Hash)>,
    pub(super) is_live: bool,
}

/// One stream.
pub(super) struct Shelf {
    pub(super) stream: StreamId,
    pub(super) kept: Vec<Kept>,
    open: OpenSegment,
}

impl Shelf {
    pub(super) fn new(stream: StreamId) -> Self {
        Self { stream, kept: Vec::new(), open: OpenSegment::first() }
    }

    /// Appends a segment of these events and closes it.
    pub(super) fn segment(mut self, events: Vec<Event>) -> Self {
        let mut linked = Vec::new();
        for event in events {
            let hash = self.open.push(&event.view(self.open.next_seq()), DAY, &mut Vec::new());
            linked.push((event, hash));
        }
        let segment = self.open.close(at(100)).unwrap();
        self.open = OpenSegment::after(&segment, self.stream);
        self.kept.push(Kept { segment, events: linked, is_live: true });
        self
    }

    pub(super) fn expire(&mut self, index: usize) {
        self.kept[index].events.clear();
        self.kept[index].is_live = false;
    }

    fn end(&self) -> StreamEnd {
        let last = self.kept.last().map(|kept| &kept.segment);
        StreamEnd {
            stream: self.stream,
            segments: self.kept.len() as u64,
            last_seq: last.map_or(0, |segment| segment.next_seq() - 1),
            head: last.map_or(GENESIS, |segment| segment.head(self.stream)),
        }
    }
}

/// A log and its key.
pub(super) struct Book {
    pub(super) shelves: Vec<Shelf>,
    pub(super) key: LogKey,
}

impl Book {
    pub(super) fn of(shelves: Vec<Shelf>) -> Self {
        Self { shelves, key: LogKey::from_seed(&[3; 32]) }
    }

    /// Two streams; the first of three segments of the uses has expired.
    pub(super) fn small() -> Self {
        let facts = Shelf::new(FACTS).segment(vec![fact(1)]).segment(vec![fact(2), expired(1)]);
        let mut uses = Shelf::new(USES)
            .segment((0..4).map(granted).collect())
            .segment((4..6).map(granted).collect())
            .segment((6..9).map(granted).collect());
        uses.expire(0);
        Self::of(vec![facts, uses])
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.key.public().fingerprint()
    }

    pub(super) fn header(&self) -> String {
        let streams = self.shelves.iter().map(Shelf::end).collect();
        let statement = BundleHead { origin: ORIGIN, key: self.key.public(), at: at(300), streams }.text();
        header_line(&statement, &self.key.sign(&statement))
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.header()];
        for Shelf { stream, kept, .. } in &self.shelves {
            for Kept { segment, events, is_live } in kept {
                let checkpoint = Checkpoint::of(ORIGIN, *stream, segment);
                lines.push(segment_line(*stream, segment, *is_live, &self.key.sign(&checkpoint.text())));
                let numbered = (segment.first_seq..).zip(events);
                lines.extend(numbered.map(|(seq, (event, hash))| event_line(&event.view(seq), hash)));
            }
        }
        lines
    }
}

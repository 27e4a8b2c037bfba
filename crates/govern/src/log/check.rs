//! Whether a log holds: the one check behind a bundle and behind the store.
//!
//! What comes in: segments and their events, in the order of the log, streamed. What goes out: what was
//! checked, or the first fault. Never: more of the log in memory than one subtree's roots and the list
//! of expired segments; a segment without events passed over without a statement that it expired.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    Checkpoint, EventKind, EventView, ExpiredSegment, Fingerprint, Form, GENESIS, Hash, LogFault,
    OpenSegment, Origin, PublicKey, Segment, Signature, Stream, StreamId,
};

/// What was checked of one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamReport {
    /// The stream.
    pub stream: StreamId,
    /// Closed segments whose events were checked.
    pub segments_live: u64,
    /// Closed segments whose events have expired.
    pub segments_expired: u64,
    /// Events checked.
    pub events: u64,
    /// Of these, events of the open segment, which no checkpoint covers yet.
    pub events_open: u64,
    /// Number of the last event.
    pub last_seq: u64,
    /// Head of the last closed segment.
    pub head: Hash,
    /// When it was closed; `None` for a stream without closed segments.
    pub last_checkpoint: Option<Timestamp>,
}

impl StreamReport {
    const fn new(stream: StreamId) -> Self {
        Self {
            stream,
            segments_live: 0,
            segments_expired: 0,
            events: 0,
            events_open: 0,
            last_seq: 0,
            head: GENESIS,
            last_checkpoint: None,
        }
    }

    /// Closed segments so far.
    #[must_use]
    pub const fn segments(&self) -> u64 {
        self.segments_live + self.segments_expired
    }

    fn is_continued_by(&self, segment: &Segment) -> Result<(), LogFault> {
        let (stream, found, expected) = (self.stream, segment.number, self.segments() + 1);
        if found != expected {
            return Err(LogFault::SegmentOutOfSequence { stream, found, expected });
        }
        let continues = segment.prior == self.head && segment.first_seq == self.last_seq + 1;
        // More events than one segment can hold would let numbers overflow.
        let has_size = (1..=u64::from(u32::MAX)).contains(&segment.count);
        let has_form = segment.form == Form::Second || found == 1;
        if continues && has_size && has_form {
            Ok(())
        } else {
            Err(LogFault::Unchained { stream, segment: found })
        }
    }
}

/// What was checked of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogReport {
    /// The name of the store in its checkpoints.
    pub origin: Origin,
    /// Fingerprint of the key that signed them.
    pub key: Fingerprint,
    /// Stream by stream.
    pub streams: Vec<StreamReport>,
}

impl LogReport {
    /// Events checked, over all streams.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.streams.iter().map(|stream| stream.events).sum()
    }
}

/// Checks a log as it streams by.
#[derive(Debug)]
pub struct LogCheck {
    origin: Origin,
    key: PublicKey,
    /// Streams seen, the current one last.
    streams: Vec<StreamReport>,
    /// The segment whose events are coming; without its closed form for the open end.
    current: Option<(OpenSegment, Option<Segment>)>,
    /// Segments without events.
    gone: BTreeSet<ExpiredSegment>,
    /// Segments the log says have expired.
    stated: BTreeSet<ExpiredSegment>,
    buffer: Vec<u8>,
}

impl LogCheck {
    /// A check of the log of this store, signed with this key.
    #[must_use]
    pub const fn new(origin: Origin, key: PublicKey) -> Self {
        Self {
            origin,
            key,
            streams: Vec::new(),
            current: None,
            gone: BTreeSet::new(),
            stated: BTreeSet::new(),
            buffer: Vec::new(),
        }
    }

    /// Begins the next stream.
    ///
    /// # Errors
    /// [`LogFault::EventsMissing`] if the last segment is not complete.
    pub fn stream(&mut self, stream: StreamId) -> Result<(), LogFault> {
        self.complete()?;
        self.streams.push(StreamReport::new(stream));
        Ok(())
    }

    /// The next closed segment of the stream. Its events follow, unless it has lost them lawfully.
    ///
    /// # Errors
    /// [`LogFault`] if it does not continue the stream or is not signed.
    pub fn segment(
        &mut self,
        segment: &Segment,
        is_live: bool,
        signature: &Signature,
    ) -> Result<(), LogFault> {
        self.complete()?;
        let Some(report) = self.streams.last_mut() else { return Ok(()) };
        let stream = report.stream;
        report.is_continued_by(segment)?;
        let checkpoint = Checkpoint::of(self.origin, stream, segment);
        if !self.key.verifies(&checkpoint.text(), signature) {
            return Err(LogFault::Unsigned { stream, segment: segment.number });
        }
        (report.head, report.last_checkpoint) = (checkpoint.head, Some(segment.closed_at));
        if is_live {
            report.segments_live += 1;
            let open = OpenSegment::empty(segment.number, segment.first_seq, segment.prior, segment.form);
            self.current = Some((open, Some(segment.clone())));
        } else {
            report.segments_expired += 1;
            report.last_seq = checkpoint.last_seq;
            self.gone.insert(ExpiredSegment { stream, number: segment.number });
        }
        Ok(())
    }

    /// The events of the open segment follow.
    ///
    /// # Errors
    /// [`LogFault::EventsMissing`] if the last closed segment is not complete.
    pub fn open_end(&mut self) -> Result<(), LogFault> {
        self.complete()?;
        if let Some(report) = self.streams.last() {
            let open =
                OpenSegment::empty(report.segments() + 1, report.last_seq + 1, report.head, Form::Second);
            self.current = Some((open, None));
        }
        Ok(())
    }

    /// The next event, with its hash.
    ///
    /// # Errors
    /// [`LogFault`] if it is not the event that was written there.
    pub fn event(&mut self, event: &EventView<'_>, hash: &Hash) -> Result<(), LogFault> {
        let Some(report) = self.streams.last_mut() else { return Ok(()) };
        let stream = report.stream;
        let expected = report.last_seq + 1;
        if event.seq != expected {
            return Err(LogFault::OutOfSequence { stream, seq: event.seq, expected });
        }
        let Some((open, closed)) = self.current.as_mut() else {
            return Err(LogFault::Added { stream, seq: event.seq });
        };
        if open.link(event, &mut self.buffer) != *hash {
            return Err(LogFault::Broken { stream, seq: event.seq });
        }
        if open.form == Form::Second {
            self.stated.extend(statement(stream, event)?);
        }
        report.last_seq = event.seq;
        report.events += 1;
        report.events_open += u64::from(closed.is_none());
        if closed.as_ref().is_some_and(|segment| segment.count == open.tree.count()) {
            self.complete()?;
        }
        Ok(())
    }

    /// The open end must be as it was left: `last` is the hash of its last event.
    ///
    /// # Errors
    /// [`LogFault::End`] if the last events were removed or changed.
    pub fn ends_with(&mut self, last: &Hash) -> Result<(), LogFault> {
        let Some(report) = self.streams.last() else { return Ok(()) };
        match self.current.take() {
            Some((open, None)) if open.last_hash == *last => Ok(()),
            _ => Err(LogFault::End { stream: report.stream, seq: report.last_seq }),
        }
    }

    /// The end of the log: what was checked.
    ///
    /// # Errors
    /// [`LogFault::NotExpired`], [`LogFault::NotDeleted`], [`LogFault::EventsMissing`].
    pub fn finish(mut self) -> Result<LogReport, LogFault> {
        self.complete()?;
        if let Some(&ExpiredSegment { stream, number }) = self.gone.difference(&self.stated).next() {
            return Err(LogFault::NotExpired { stream, segment: number });
        }
        if let Some(&ExpiredSegment { stream, number }) = self.stated.difference(&self.gone).next() {
            return Err(LogFault::NotDeleted { stream, segment: number });
        }
        Ok(LogReport { origin: self.origin, key: self.key.fingerprint(), streams: self.streams })
    }

    /// The segment whose events came must have all of them.
    fn complete(&mut self) -> Result<(), LogFault> {
        let (Some((open, Some(closed))), Some(report)) = (self.current.take(), self.streams.last()) else {
            return Ok(());
        };
        let (stream, segment, found) = (report.stream, closed.number, open.tree.count());
        if found != closed.count {
            return Err(LogFault::EventsMissing { stream, segment, expected: closed.count, found });
        }
        if open.tree.root() != closed.root {
            return Err(LogFault::Root { stream, segment });
        }
        Ok(())
    }
}

/// The expired segment an event states, if it states one. Kinds this program does not know are let pass.
fn statement(stream: StreamId, event: &EventView<'_>) -> Result<Option<ExpiredSegment>, LogFault> {
    let kind = EventKind::from_word(event.kind);
    if kind.is_some_and(|kind| kind.stream() != stream.stream) {
        return Err(LogFault::Misplaced { stream, seq: event.seq });
    }
    let states = kind == Some(EventKind::SegmentExpired) && stream.stream == Stream::Facts;
    Ok(if states { ExpiredSegment::parse(event.detail) } else { None })
}

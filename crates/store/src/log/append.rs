//! Appending events, and closing segments.

use crate::db::{Connection, params};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tidstro_govern::Event;
use tidstro_govern::log::{Checkpoint, OpenSegment, Segment, Signature, Stream, StreamId};
use tidstro_model::{ActivityId, CaseId};

use super::concerned::logged_actor;
use super::stream::{Tail, insert_segment, instant, origin, stored};
use crate::StoreFault;
use crate::personal::Writing;

/// Appends an event to its stream and returns its number. Call inside the transaction of what it records.
pub(crate) fn append(writing: &mut Writing, event: Event) -> Result<i64, StoreFault> {
    let recorded = event.at;
    append_many(writing, [event], recorded)
}

/// Appends events, each to its stream, and returns the number of the last one; 0 for none. `recorded` is
/// the present instant: its local day says when a segment is full.
pub(crate) fn append_many(
    writing: &mut Writing,
    events: impl IntoIterator<Item = Event>,
    recorded: Timestamp,
) -> Result<i64, StoreFault> {
    let mut appending = Appending { recorded, tails: [None, None], buffer: Vec::new() };
    let mut seq = 0;
    for event in events {
        seq = appending.append(writing, event)?;
    }
    for tail in appending.tails.iter().flatten() {
        tail.save(&writing.db)?;
    }
    Ok(seq)
}

/// Appends an event where the keys are not at hand. The open segment stays open, whatever day it is: to close it takes
/// the signing key, and the next writer has that.
pub(crate) fn append_without_keys(db: &Connection, event: &Event) -> Result<(), StoreFault> {
    let at = instant(event.at.as_millisecond())?;
    let event = Event { at, ..event.clone() };
    let mut tail = Tail::load(db, event.kind.stream())?;
    let day = tail.open.first_day.unwrap_or_else(|| at.to_zoned(TimeZone::UTC).date());
    let view = event.view(tail.open.next_seq());
    let hash = tail.open.push(&view, day, &mut Vec::new());
    insert(db, tail.stream_no, stored(view.seq), &event, &hash)?;
    tail.save(db)
}

/// Closes the open segment of every stream that has events, so that a checkpoint covers all of them.
pub(crate) fn close_all(writing: &mut Writing, at: Timestamp) -> Result<(), StoreFault> {
    for mut tail in Tail::all(&writing.db)? {
        close(writing, &mut tail, at)?;
        tail.save(&writing.db)?;
    }
    Ok(())
}

/// The open segments that one call appends to.
struct Appending {
    recorded: Timestamp,
    tails: [Option<Tail>; 2],
    buffer: Vec<u8>,
}

impl Appending {
    fn append(&mut self, writing: &mut Writing, event: Event) -> Result<i64, StoreFault> {
        let at = instant(event.at.as_millisecond())?;
        let event = Event { at, actor: logged_actor(writing, event.actor)?, ..event };
        let [facts, uses] = &mut self.tails;
        let (stream, slot) = match event.kind.stream() {
            Stream::Facts => (Stream::Facts, facts),
            Stream::Uses => (Stream::Uses, uses),
        };
        let tail = match slot {
            Some(tail) => tail,
            None => slot.insert(Tail::load(&writing.db, stream)?),
        };
        let day = writing.zone.day_of(self.recorded);
        if tail.open.is_due(day) {
            close(writing, tail, self.recorded)?;
        }
        let view = event.view(tail.open.next_seq());
        let hash = tail.open.push(&view, day, &mut self.buffer);
        insert(&writing.db, tail.stream_no, stored(view.seq), &event, &hash)
    }
}

/// Closes a segment that has events, signs its checkpoint, and opens the next.
pub(super) fn close(writing: &Writing, tail: &mut Tail, at: Timestamp) -> Result<(), StoreFault> {
    if let Some(segment) = tail.open.close(instant(at.as_millisecond())?) {
        let signature = sign(writing, tail.stream, &segment)?;
        insert_segment(&writing.db, tail.stream_no, &segment, &signature)?;
        tail.open = OpenSegment::after(&segment, tail.stream);
    }
    Ok(())
}

/// The signature of a segment's checkpoint.
pub(super) fn sign(writing: &Writing, stream: StreamId, segment: &Segment) -> Result<Signature, StoreFault> {
    let checkpoint = Checkpoint::of(origin(&writing.db)?, stream, segment);
    Ok(writing.vault.log_key()?.sign(&checkpoint.text()))
}

fn insert(
    db: &Connection,
    stream_no: i64,
    seq: i64,
    event: &Event,
    hash: &[u8; 32],
) -> Result<i64, StoreFault> {
    db.prepare_cached(
        "-- append_event
         INSERT INTO event (stream_no, event_seq, at_ms, kind, actor, purpose, rule, subjects, case_id, detail, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        stream_no,
        seq,
        event.at.as_millisecond(),
        event.kind.code(),
        event.actor.as_str(),
        event.purpose.as_ref().map(ActivityId::as_str),
        event.rule,
        event.subjects.as_flattened(),
        event.case.as_ref().map(CaseId::as_str),
        event.detail,
        hash,
    ])?;
    if !event.subjects.is_empty() {
        let mut index = db.prepare_cached(
            "-- index_event
             INSERT INTO event_subject (commitment, stream_no, event_seq) VALUES (?1, ?2, ?3)",
        )?;
        for commitment in &event.subjects {
            index.execute(params![commitment, stream_no, seq])?;
        }
    }
    Ok(seq)
}

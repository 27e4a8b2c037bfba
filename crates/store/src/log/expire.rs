//! Expiry: whole segments of old uses are deleted, their roots stay.

use crate::db::{Connection, OptionalExtension, params};
use jiff::Timestamp;
use tidstro_govern::log::{ExpiredSegment, Stream};
use tidstro_govern::{Event, EventKind};
use tidstro_model::ActorId;

use super::append::{append, close};
use super::stream::{StoredSegment, Tail, stored};
use super::verify::each_event;
use crate::StoreFault;
use crate::personal::Writing;

/// Deletes the events of the oldest segment of the uses, if all of them happened before `before`, and
/// says so in the facts. Returns how many events that were, or `None` if there was nothing to delete.
/// Call inside a transaction, and again until there is nothing left.
pub(crate) fn expire_next(
    writing: &mut Writing,
    before: Timestamp,
    actor: &ActorId,
    now: Timestamp,
) -> Result<Option<u64>, StoreFault> {
    let mut tail = Tail::load(&writing.db, Stream::Uses)?;
    if tail.open.is_due(writing.zone.day_of(now)) {
        close(writing, &mut tail, now)?;
        tail.save(&writing.db)?;
    }
    let Some(number) = oldest_live(&writing.db, tail.stream_no)? else { return Ok(None) };
    let segments = StoredSegment::all(&writing.db, tail.stream_no)?;
    let found = segments.into_iter().map(|stored| stored.segment).find(|segment| segment.number == number);
    let segment = found.ok_or(StoreFault::Row { what: "segment.segment_no" })?;
    let (first, next) = (stored(segment.first_seq), stored(segment.next_seq()));
    if !is_all_before(&writing.db, tail.stream_no, (first, next), before)? {
        return Ok(None);
    }
    remove_from_index(&writing.db, tail.stream_no, segment.first_seq, segment.next_seq())?;
    delete_events(&writing.db, tail.stream_no, (first, next))?;
    mark_expired(&writing.db, tail.stream_no, stored(number))?;
    let statement = ExpiredSegment { stream: tail.stream, number }.to_string();
    append(writing, Event::new(now, EventKind::SegmentExpired, actor.clone(), statement))?;
    Ok(Some(segment.count))
}

fn oldest_live(db: &Connection, stream_no: i64) -> Result<Option<u64>, StoreFault> {
    let number: Option<i64> = db
        .prepare_cached(
            "-- oldest_live_segment
             SELECT min(segment_no) FROM segment WHERE stream_no = ?1 AND is_expired = 0",
        )?
        .query_row([stream_no], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(number.and_then(|number| u64::try_from(number).ok()))
}

fn is_all_before(
    db: &Connection,
    stream_no: i64,
    (first, next): (i64, i64),
    before: Timestamp,
) -> Result<bool, StoreFault> {
    let last_ms: Option<i64> = db
        .prepare_cached(
            "-- last_instant
             SELECT max(at_ms) FROM event WHERE stream_no = ?1 AND event_seq >= ?2 AND event_seq < ?3",
        )?
        .query_row(params![stream_no, first, next], |row| row.get(0))?;
    Ok(last_ms.is_none_or(|last_ms| last_ms < before.as_millisecond()))
}

fn remove_from_index(
    db: &Connection,
    stream_no: i64,
    first_seq: u64,
    next_seq: u64,
) -> Result<(), StoreFault> {
    let mut remove = db.prepare_cached(
        "-- remove_event_subject
         DELETE FROM event_subject WHERE commitment = ?1 AND stream_no = ?2 AND event_seq = ?3",
    )?;
    each_event(db, stream_no, first_seq, Some(next_seq), |event, _| {
        for commitment in event.subjects {
            remove.execute(params![commitment, stream_no, stored(event.seq)])?;
        }
        Ok(())
    })
}

fn delete_events(db: &Connection, stream_no: i64, (first, next): (i64, i64)) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- delete_expired_events
         DELETE FROM event WHERE stream_no = ?1 AND event_seq >= ?2 AND event_seq < ?3",
    )?
    .execute(params![stream_no, first, next])?;
    Ok(())
}

fn mark_expired(db: &Connection, stream_no: i64, segment_no: i64) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- mark_expired
         UPDATE segment SET is_expired = 1 WHERE stream_no = ?1 AND segment_no = ?2",
    )?
    .execute(params![stream_no, segment_no])?;
    Ok(())
}

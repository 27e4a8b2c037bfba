//! Looking for events in the log: by who, what for, what kind and when, or whom they concern.
//!
//! What comes in: what is looked for, and the number before which it is looked. What goes out: the newest events of one stream that
//! fit, and where to go on. Never: a search through more than [`SEEN`] events at once, so that a log of any length is asked in the
//! same short time; a way from an event to whom it concerns.

use crate::db::{Connection, Row, params};
use jiff::Timestamp;
use tidstro_govern::EventKind;
use tidstro_govern::log::{Hash, Stream};
use tidstro_model::{ActivityId, ActorId};

use super::stream::{Tail, commitments, instant, stored};
use crate::StoreFault;

/// Events looked at in one search at most.
const SEEN: u64 = 50_000;

/// What is looked for in one stream of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    /// In which stream.
    pub stream: Stream,
    /// Who did it; `None` for anybody.
    pub actor: Option<ActorId>,
    /// What for; `None` for any purpose and none.
    pub purpose: Option<ActivityId>,
    /// What kind of thing; `None` for any.
    pub kind: Option<EventKind>,
    /// From when on.
    pub start: Timestamp,
    /// Until when, exclusive.
    pub end: Timestamp,
    /// Only events before this number of the stream; `None` from the newest on.
    pub before: Option<u64>,
    /// Events of one page. At least one.
    pub limit: u32,
}

/// One event as a list shows it. Whom it concerns is counted and not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its number in the stream.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What kind of thing.
    pub kind: EventKind,
    /// Who did it; residents by a part of their commitment.
    pub actor: ActorId,
    /// What for.
    pub purpose: Option<ActivityId>,
    /// The rule that decided.
    pub rule: Option<String>,
    /// The case it belongs to.
    pub case: Option<String>,
    /// The rest, in words without personal data.
    pub detail: String,
    /// How many subjects it concerns by name of their commitments.
    pub concerned: usize,
}

/// Some events, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// The events.
    pub entries: Vec<LogEntry>,
    /// The number before which the search goes on; `None` if there is nothing more.
    pub next: Option<u64>,
}

/// The newest events that fit.
pub(super) fn search(db: &Connection, query: &LogQuery) -> Result<LogPage, StoreFault> {
    search_among(db, query, SEEN)
}

/// The same among so many events at most.
pub(super) fn search_among(db: &Connection, query: &LogQuery, seen: u64) -> Result<LogPage, StoreFault> {
    let tail = Tail::load(db, query.stream)?;
    let floor = first_since(db, tail.stream_no, query.start)?;
    let ceiling = match query.stream {
        // What is used is recorded at once. What is reported may be recorded long after it happened.
        Stream::Uses => end_of_those_until(db, tail.stream_no, query.end)?,
        Stream::Facts => None,
    };
    let newest = tail.open.next_seq();
    let below = [query.before, ceiling].into_iter().flatten().fold(newest, u64::min);
    let lowest = floor.max(below.saturating_sub(seen));
    let entries = entries(db, query, (tail.stream_no, lowest, below))?;
    let is_full = entries.len() as u64 >= u64::from(query.limit);
    let next = if is_full { entries.last().map(|entry| entry.seq) } else { Some(lowest) };
    Ok(LogPage { entries, next: next.filter(|next| *next > floor) })
}

/// The newest events of the uses that concern somebody and were done by somebody else.
pub(super) fn concerning(
    db: &Connection,
    (commitment, own): (&Hash, &ActorId),
    (before, limit): (Option<u64>, u32),
) -> Result<LogPage, StoreFault> {
    let tail = Tail::load(db, Stream::Uses)?;
    let mut statement = db.prepare_cached(
        "-- events_concerning
         SELECT e.event_seq, e.at_ms, e.kind, e.actor, e.purpose, e.rule, e.subjects, e.case_id, e.detail
         FROM event_subject s JOIN event e ON e.stream_no = s.stream_no AND e.event_seq = s.event_seq
         WHERE s.commitment = ?1 AND s.stream_no = ?2 AND s.event_seq < ?3 AND e.actor <> ?4
         ORDER BY s.event_seq DESC LIMIT ?5",
    )?;
    let below = before.map_or(i64::MAX, stored);
    let mut rows = statement.query(params![commitment, tail.stream_no, below, own.as_str(), limit])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(&row)?);
    }
    let is_full = entries.len() as u64 >= u64::from(limit);
    let next = entries.last().filter(|_| is_full).map(|entry| entry.seq);
    Ok(LogPage { entries, next })
}

fn entries(
    db: &Connection,
    query: &LogQuery,
    (stream_no, lowest, below): (i64, u64, u64),
) -> Result<Vec<LogEntry>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- search_events
         SELECT e.event_seq, e.at_ms, e.kind, e.actor, e.purpose, e.rule, e.subjects, e.case_id, e.detail
         FROM event e
         WHERE e.stream_no = ?1 AND e.event_seq >= ?2 AND e.event_seq < ?3
           AND e.at_ms >= ?4 AND e.at_ms < ?5
           AND (?6 = '' OR e.actor = ?6) AND (?7 = '' OR e.purpose = ?7) AND (?8 = '' OR e.kind = ?8)
         ORDER BY e.event_seq DESC LIMIT ?9",
    )?;
    let mut rows = statement.query(params![
        stream_no,
        stored(lowest),
        stored(below),
        query.start.as_millisecond(),
        query.end.as_millisecond(),
        query.actor.as_ref().map_or("", ActorId::as_str),
        query.purpose.as_ref().map_or("", ActivityId::as_str),
        query.kind.map_or("", EventKind::code),
        query.limit,
    ])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(&row)?);
    }
    Ok(entries)
}

fn entry(row: &Row<'_>) -> Result<LogEntry, StoreFault> {
    let damaged = || StoreFault::Row { what: "event" };
    let (kind, actor, purpose): (String, String, Option<String>) = (row.get(2)?, row.get(3)?, row.get(4)?);
    let subjects: Vec<u8> = row.get(6)?;
    Ok(LogEntry {
        seq: row.get::<_, i64>(0)?.unsigned_abs(),
        at: instant(row.get(1)?)?,
        kind: EventKind::from_word(&kind).ok_or_else(damaged)?,
        actor: ActorId::parse(&actor).map_err(|_| damaged())?,
        purpose: purpose.as_deref().map(ActivityId::parse).transpose().map_err(|_| damaged())?,
        rule: row.get(5)?,
        case: row.get(7)?,
        detail: row.get(8)?,
        concerned: commitments(&subjects)?.len(),
    })
}

/// The number of the first event that can have been recorded at an instant or later: segments closed before hold none.
fn first_since(db: &Connection, stream_no: i64, start: Timestamp) -> Result<u64, StoreFault> {
    let first: i64 = db
        .prepare_cached(
            "-- first_event_since
             SELECT coalesce(max(s.first_seq + s.event_count), 1) FROM segment s
             WHERE s.stream_no = ?1 AND s.closed_ms < ?2",
        )?
        .query_row(params![stream_no, start.as_millisecond()], |row| row.get(0))?;
    Ok(first.unsigned_abs())
}

/// The number after the last event that can have been recorded before an instant; `None` for the open segment.
fn end_of_those_until(db: &Connection, stream_no: i64, end: Timestamp) -> Result<Option<u64>, StoreFault> {
    let after: Option<i64> = db
        .prepare_cached(
            "-- end_of_events_until
             SELECT min(s.first_seq + s.event_count) FROM segment s WHERE s.stream_no = ?1 AND s.closed_ms >= ?2",
        )?
        .query_row(params![stream_no, end.as_millisecond()], |row| row.get(0))?;
    Ok(after.map(i64::unsigned_abs))
}

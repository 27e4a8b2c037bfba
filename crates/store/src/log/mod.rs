//! The log: hash-chained events, appended in the transaction of what they record.
//!
//! An entry names actors, purposes and rules; whom it concerns is a keyed commitment. Nothing is ever
//! changed or removed here.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use tidstro_govern::{Event, EventKind, GENESIS, chain, verify_chain};
use tidstro_model::{ActivityId, ActorId};

use crate::StoreFault;

/// Appends an event to the chain and returns its number. The log keeps milliseconds.
pub(crate) fn append(db: &Connection, event: Event) -> Result<i64, StoreFault> {
    let at_ms = event.at.as_millisecond();
    let event = Event { at: instant(at_ms)?, ..event };
    let last: Option<(i64, [u8; 32])> = db
        .prepare_cached(
            "-- last_event
             SELECT event_seq, hash FROM event ORDER BY event_seq DESC LIMIT 1",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (last_seq, prior) = last.unwrap_or((0, GENESIS));
    let seq = last_seq + 1;
    let hash = chain(&prior, &event, seq.unsigned_abs());
    db.prepare_cached(
        "-- append_event
         INSERT INTO event (event_seq, at_ms, kind, actor, purpose, rule, commitment, detail, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        seq,
        at_ms,
        event.kind.code(),
        event.actor.as_str(),
        event.purpose.as_ref().map(ActivityId::as_str),
        event.rule,
        event.subject_commitment,
        event.detail,
        hash,
    ])?;
    Ok(seq)
}

/// Appends an event whose detail says a state, unless the last event of its kind says the same.
pub(crate) fn append_if_changed(
    db: &Connection,
    kind: EventKind,
    actor: ActorId,
    detail: String,
    at: Timestamp,
) -> Result<(), StoreFault> {
    let last: Option<String> = db
        .prepare_cached(
            "-- last_detail
             SELECT detail FROM event WHERE kind = ?1 ORDER BY event_seq DESC LIMIT 1",
        )?
        .query_row([kind.code()], |row| row.get(0))
        .optional()?;
    if last.as_ref() != Some(&detail) {
        append(db, Event { at, kind, actor, purpose: None, rule: None, subject_commitment: None, detail })?;
    }
    Ok(())
}

/// Recomputes the whole chain.
///
/// Returns the number of events.
pub(crate) fn verify(db: &Connection) -> Result<u64, StoreFault> {
    let mut statement = db.prepare(
        "-- all_events
         SELECT event_seq, at_ms, kind, actor, purpose, rule, commitment, detail, hash
         FROM event ORDER BY event_seq",
    )?;
    let mut rows = statement.query([])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(stored_event(row)?);
    }
    Ok(verify_chain(events.into_iter())?)
}

fn stored_event(row: &rusqlite::Row<'_>) -> Result<(u64, Event, [u8; 32]), StoreFault> {
    let damaged = |what| StoreFault::Row { what };
    let kind: String = row.get(2)?;
    let actor: String = row.get(3)?;
    let purpose: Option<String> = row.get(4)?;
    let event = Event {
        at: instant(row.get(1)?)?,
        kind: EventKind::from_word(&kind).ok_or(damaged("event.kind"))?,
        actor: ActorId::parse(&actor).map_err(|_| damaged("event.actor"))?,
        purpose: match purpose {
            Some(text) => Some(ActivityId::parse(&text).map_err(|_| damaged("event.purpose"))?),
            None => None,
        },
        rule: row.get(5)?,
        subject_commitment: row.get(6)?,
        detail: row.get(7)?,
    };
    Ok((row.get::<_, i64>(0)?.unsigned_abs(), event, row.get(8)?))
}

fn instant(at_ms: i64) -> Result<Timestamp, StoreFault> {
    Timestamp::from_millisecond(at_ms).map_err(|_| StoreFault::Row { what: "event.at_ms" })
}

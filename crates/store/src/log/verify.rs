//! Checking the whole log, streamed row by row.

use crate::db::{Connection, Row, params};
use tidstro_govern::log::{EventView, Hash, LogCheck, LogReport};

use super::stream::{StoredSegment, Tail, commitments, instant, origin, stored};
use crate::StoreFault;
use crate::seal::Vault;

/// Recomputes every hash and checks every signature.
pub(crate) fn verify(db: &Connection, vault: &Vault) -> Result<LogReport, StoreFault> {
    // One transaction, so that what is appended or expires meanwhile is not seen in part.
    let snapshot = db.snapshot()?;
    let mut check = LogCheck::new(origin(&snapshot)?, vault.log_key()?.public());
    for tail in Tail::all(&snapshot)? {
        check.stream(tail.stream)?;
        for stored in StoredSegment::all(&snapshot, tail.stream_no)? {
            check.segment(&stored.segment, !stored.is_expired, &stored.signature)?;
            if !stored.is_expired {
                let next = stored.segment.next_seq();
                check_events(&snapshot, &mut check, tail.stream_no, stored.segment.first_seq, Some(next))?;
            }
        }
        check.open_end()?;
        check_events(&snapshot, &mut check, tail.stream_no, tail.open.first_seq, None)?;
        check.ends_with(&tail.open.last_hash)?;
    }
    Ok(check.finish()?)
}

fn check_events(
    db: &Connection,
    check: &mut LogCheck,
    stream_no: i64,
    first_seq: u64,
    next_seq: Option<u64>,
) -> Result<(), StoreFault> {
    each_event(db, stream_no, first_seq, next_seq, |event, hash| Ok(check.event(event, hash)?))
}

/// Hands on the events of a stream from one number up to another, exclusive, or to the end.
pub(super) fn each_event(
    db: &Connection,
    stream_no: i64,
    first_seq: u64,
    next_seq: Option<u64>,
    mut take: impl FnMut(&EventView<'_>, &Hash) -> Result<(), StoreFault>,
) -> Result<(), StoreFault> {
    let mut statement = db.prepare_cached(
        "-- events
         SELECT event_seq, at_ms, kind, actor, purpose, rule, subjects, case_id, detail, hash
         FROM event WHERE stream_no = ?1 AND event_seq >= ?2 AND event_seq < ?3 ORDER BY event_seq",
    )?;
    let next_seq = next_seq.map_or(i64::MAX, stored);
    let mut rows = statement.query(params![stream_no, stored(first_seq), next_seq])?;
    while let Some(row) = rows.next()? {
        let (event, hash) = stored_event(&row)?;
        take(&event, &hash)?;
    }
    Ok(())
}

fn stored_event<'a>(row: &'a Row<'_>) -> Result<(EventView<'a>, Hash), StoreFault> {
    let event = EventView {
        seq: row.get::<_, i64>(0)?.unsigned_abs(),
        at: instant(row.get(1)?)?,
        kind: text(row, 2)?,
        actor: text(row, 3)?,
        purpose: optional(row, 4)?,
        rule: optional(row, 5)?,
        subjects: commitments(row.get_ref(6)?.as_blob().map_err(|_| damaged())?)?,
        case: optional(row, 7)?,
        detail: text(row, 8)?,
    };
    Ok((event, row.get(9)?))
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, StoreFault> {
    row.get_ref(column)?.as_str().map_err(|_| damaged())
}

fn optional<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a str>, StoreFault> {
    row.get_ref(column)?.as_str_or_null().map_err(|_| damaged())
}

fn damaged() -> StoreFault {
    StoreFault::Row { what: "event" }
}

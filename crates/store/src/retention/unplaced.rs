//! Meters nobody has placed: what was kept of them ends after the register's interval, for nobody's lease ends it.
//!
//! An interval comes in; how many rows were deleted goes out. Keys first, rows second, as in a run. Never: anything of a
//! point that master data know.

use crate::db::{Connection, params};
use jiff::Timestamp;
use tidstro_calendar::{Period, epoch_day};
use tidstro_govern::{Event, EventKind};
use tidstro_model::{ActorId, KeyNo, PointNo};

use super::erase::{erase_days, erase_telegrams_under};
use crate::personal::Writing;
use crate::{StoreFault, log};

/// Deletes what points without master data hold of local days longer ago than `keep`, and says in the facts how much that
/// was.
pub(crate) fn erase_unplaced(
    writing: &mut Writing,
    keep: Period,
    actor: &ActorId,
    now: Timestamp,
) -> Result<u64, StoreFault> {
    let first_kept = keep.before(writing.zone.day_of(now));
    let limit = Limit { day: epoch_day(first_kept), ms: writing.zone.day_start(first_kept).as_millisecond() };
    let points = unplaced(&writing.db, &limit)?;
    if points.is_empty() {
        return Ok(0);
    }
    let forget: Vec<_> = points.iter().map(|(_, key)| (*key, first_kept)).collect();
    match writing.vault.forget_before(&forget) {
        // Another process holds the old state for a moment; the next start does it.
        Err(StoreFault::KeysInUse) => return Ok(0),
        done => done?,
    };
    writing.transact(|writing| {
        let mut rows = 0;
        for (point, key) in &points {
            rows += erase_point(writing, (*point, *key), &limit)?;
        }
        let detail = format!("{rows} rows of meters that nobody has placed, before {first_kept}");
        log::append(writing, Event::new(now, EventKind::Erased, actor.clone(), detail))?;
        writing.forget();
        Ok(rows)
    })
}

/// The first local day that stays, and its first instant.
struct Limit {
    day: i32,
    ms: i64,
}

/// Points without master data that hold something older, and their keys.
fn unplaced(db: &Connection, limit: &Limit) -> Result<Vec<(PointNo, KeyNo)>, StoreFault> {
    let points = db
        .prepare_cached(
            "-- unplaced
             SELECT p.point_no, p.premises_key_no FROM point p JOIN area a USING (area_no)
             WHERE a.kind = 'unassigned'
               AND (EXISTS (SELECT 1 FROM series s JOIN series_state t USING (series_no)
                            WHERE s.point_no = p.point_no AND t.first_day < ?1)
                    OR EXISTS (SELECT 1 FROM raw_telegram r
                               WHERE r.key_no = p.premises_key_no AND r.received_ms < ?2)
                    OR EXISTS (SELECT 1 FROM alarm e WHERE e.point_no = p.point_no AND e.day < ?1))",
        )?
        .query_map(params![limit.day, limit.ms], |row| {
            Ok((PointNo::new(row.get(0)?), KeyNo::new(row.get(1)?)))
        })?
        .collect::<Result<_, _>>()?;
    Ok(points)
}

fn erase_point(
    writing: &mut Writing,
    (point, key): (PointNo, KeyNo),
    limit: &Limit,
) -> Result<u64, StoreFault> {
    let db = &writing.db;
    let series: Vec<u32> = db
        .prepare_cached(
            "-- series_of_unplaced
             SELECT series_no FROM series WHERE point_no = ?1",
        )?
        .query_map([point.as_u32()], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut rows = erase_telegrams_under(db, key, limit.ms)? + erase_alarms_before(db, point, limit.day)?;
    for series in series {
        rows += erase_days(writing, series, (i32::MIN, limit.day))?;
    }
    Ok(rows)
}

fn erase_alarms_before(db: &Connection, point: PointNo, day: i32) -> Result<u64, StoreFault> {
    let rows = db
        .prepare_cached(
            "-- erase_alarms_of_unplaced
             DELETE FROM alarm WHERE point_no = ?1 AND day < ?2",
        )?
        .execute(params![point.as_u32(), day])?;
    Ok(rows as u64)
}

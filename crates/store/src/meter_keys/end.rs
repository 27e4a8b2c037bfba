//! Keys that end: a key goes with the telegrams it opened.
//!
//! A local day comes in; the keys of which nothing is kept any more are deleted. A key is still needed while it holds, while
//! its meter hangs somewhere, or while a telegram of its days is kept. One whose meter never hung anywhere stays.

use crate::db::Connection;
use jiff::Timestamp;
use tidstro_calendar::epoch_day;
use tidstro_govern::{Event, EventKind};
use tidstro_model::ActorId;

use crate::personal::Writing;
use crate::{StoreFault, log};

/// Deletes the keys that are over. Call inside [`Writing::transact`].
pub(crate) fn end_over(writing: &mut Writing, actor: ActorId, now: Timestamp) -> Result<(), StoreFault> {
    let deleted = delete_over(&writing.db, epoch_day(writing.zone.day_of(now)))?;
    if deleted > 0 {
        let detail = format!("{deleted} deleted with the telegrams they opened");
        log::append(writing, Event::new(now, EventKind::MeterKeysChanged, actor, detail))?;
    }
    Ok(())
}

/// Deletes the keys that are over on a local day, and returns how many.
pub(super) fn delete_over(db: &Connection, today: i32) -> Result<u64, StoreFault> {
    let over = include_str!("over.sql");
    let deleted = db.prepare_cached(over)?.execute([today])?;
    db.execute(
        "-- delete_uses_of_no_key
         DELETE FROM meter_key_use WHERE meter_key_no NOT IN (SELECT meter_key_no FROM meter_key)",
        [],
    )?;
    Ok(deleted as u64)
}

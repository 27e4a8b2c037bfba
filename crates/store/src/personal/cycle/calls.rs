//! Counts of calls by area and local day, kept up with the calls themselves.

use jiff::Timestamp;
use tidstro_calendar::epoch_day;
use tidstro_model::DeviceNo;

use crate::StoreFault;
use crate::collect::CallState;
use crate::db::{OptionalExtension, params};
use crate::personal::Writing;

/// Counts a call of a meter in the cycle that ends at an instant: `tries` is how often it had been called before. A meter
/// that hangs at no grid area is not counted. Call inside [`Writing::transact`], once for each call noted.
pub(crate) fn count_call(
    writing: &Writing,
    (device, cycle): (DeviceNo, Timestamp),
    tries: u32,
    state: CallState,
) -> Result<(), StoreFault> {
    let period = epoch_day(writing.zone.day_of(last_moment(cycle)));
    let Some(area) = grid_area(writing, device, period)? else { return Ok(()) };
    let (called, retried) = (i64::from(tries == 0), i64::from(tries > 0));
    let failed = i64::from(state == CallState::Failed);
    writing
        .db
        .prepare_cached(
            "-- count_call
             INSERT INTO cycle_calls (area_no, period, called, retried, failed) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (area_no, period) DO UPDATE SET called = cycle_calls.called + excluded.called,
                 retried = cycle_calls.retried + excluded.retried, failed = cycle_calls.failed + excluded.failed",
        )?
        .execute(params![area, period, called, retried, failed])?;
    Ok(())
}

/// The last millisecond of a cycle: the one that ends at midnight is of the day before.
pub(super) fn last_moment(cycle: Timestamp) -> Timestamp {
    cycle.saturating_sub(jiff::SignedDuration::from_millis(1)).unwrap_or(cycle)
}

fn grid_area(writing: &Writing, device: DeviceNo, period: i32) -> Result<Option<u32>, StoreFault> {
    let area = writing
        .db
        .prepare_cached(
            "-- grid_area_of_device
             SELECT p.area_no FROM installation i
                  JOIN point p ON p.point_no = i.point_no JOIN area a ON a.area_no = p.area_no
             WHERE i.device_no = ?1 AND i.start_day <= ?2 AND i.end_day > ?2
                   AND i.retired_seq IS NULL AND a.kind = 'grid-area'",
        )?
        .query_row(params![device.as_u32(), period], |row| row.get(0))
        .optional()?;
    Ok(area)
}

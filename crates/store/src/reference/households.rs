//! When one household after the other had a point: local days only, and nobody's name.

use tidstro_calendar::from_epoch_day;
use tidstro_model::{DayRange, PointNo};

use crate::StoreFault;
use crate::db::{Connection, params};

/// The local days of each occupancy of a point, in order. Days of nobody lie between them.
pub(crate) fn households(db: &Connection, point: PointNo) -> Result<Vec<DayRange>, StoreFault> {
    let rows: Vec<(i32, i32)> = db
        .prepare_cached(
            "-- households
             SELECT o.start_day, o.end_day
             FROM occupancy_point op JOIN occupancy o ON o.occupancy_no = op.occupancy_no
             WHERE op.point_no = ?1 ORDER BY o.start_day",
        )?
        .query_map(params![point.as_u32()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let days = |(start, end)| DayRange::new(from_epoch_day(start)?, from_epoch_day(end)?).ok();
    let days: Option<Vec<DayRange>> = rows.into_iter().map(days).collect();
    days.ok_or(StoreFault::Row { what: "occupancy: its days" })
}

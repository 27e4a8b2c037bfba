//! Which sums cannot be made again, because values behind them are erased.
//!
//! What comes in: an area and local days of one month. What goes out, to a closure: each point that counts in the area, or
//! counted there before master data changed, with each local day of which what was kept there is erased. An erased day leaves no
//! row that says that it had values, so every day before which a point is closed is told. Never: a value.

use std::collections::BTreeSet;

use tidstro_calendar::Zone;
use tidstro_model::PointNo;

use super::computed::SERIES;
use super::part::Part;
use super::point::{SettledPoint, formerly_settled, settled_points};
use crate::StoreFault;
use crate::db::{Connection, params};
use crate::personal::over_days_of;

/// What a point counts in now, and what it counted in by what is retired.
pub(super) type NowAndBefore<'a> = (&'a SettledPoint, Option<&'a SettledPoint>);

/// Goes over the erased days of a part, some thousand points at a time.
pub(super) fn over_erased(
    (db, zone): (&Connection, &Zone),
    part: Part,
    each: &mut impl FnMut(NowAndBefore<'_>, i32) -> Result<(), StoreFault>,
) -> Result<(), StoreFault> {
    let closed = closed_points(db, part)?;
    for points in closed.chunks(SERIES as usize) {
        over_points((db, zone), (part, points), each)?;
    }
    Ok(())
}

fn over_points(
    (db, zone): (&Connection, &Zone),
    (part, points): (Part, &[PointNo]),
    each: &mut impl FnMut(NowAndBefore<'_>, i32) -> Result<(), StoreFault>,
) -> Result<(), StoreFault> {
    let (days, none) = (part.dates()?, SettledPoint::default());
    let now = settled_points(db, zone, (points, days))?;
    let before = formerly_settled(db, zone, (&points.iter().copied().collect::<BTreeSet<_>>(), days))?;
    for (point, day) in over_days_of(db, points, part.days.0..part.days.1)? {
        each((now.get(&point).unwrap_or(&none), before.get(&point)), day)?;
    }
    Ok(())
}

/// The points of an area, now or ever, of which some of these days are erased; rising.
fn closed_points(db: &Connection, part: Part) -> Result<Vec<PointNo>, StoreFault> {
    let points = db
        .prepare_cached(
            "-- closed_points
             SELECT c.point_no
             FROM (SELECT q.point_no FROM point q WHERE q.closed_before > ?2
                   UNION SELECT op.point_no
                   FROM occupancy o JOIN occupancy_point op ON op.occupancy_no = o.occupancy_no
                   WHERE o.consumption_from > o.start_day AND o.consumption_from > ?2 AND o.start_day < ?3) c
             JOIN point p ON p.point_no = c.point_no JOIN area a ON a.area_no = p.area_no
             WHERE a.kind = 'grid-area'
                   AND (a.name = ?1 OR EXISTS (
                        SELECT 1 FROM point_period pp
                        WHERE pp.point_no = c.point_no
                              AND (pp.grid_area = ?1 OR pp.from_area = ?1 OR pp.to_area = ?1)))
             ORDER BY c.point_no",
        )?
        .query_map(params![part.area.to_string(), part.days.0, part.days.1], |row| {
            Ok(PointNo::new(row.get(0)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(points)
}

//! Which interval series should have values on a local day: those of points that are connected then, at the resolution
//! the market knows.
//!
//! What comes in: a point, and what changed of its master data. What goes out: its grid area on a day, and how the number
//! expected of each area changes from day to day. Points the market does not know, or that the hub computes, are expected
//! nowhere (D.1 §§ 2 and 7).

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_model::{AreaNo, DayRange, PointNo, Resolution, SeriesNo};

use super::counts::CycleChanges;
use super::state::day_state;
use crate::StoreFault;
use crate::db::{Connection, Row, Things, params};
use crate::personal::Writing;
use crate::reference::MasterChange;

/// Some local days on which values of a point are expected in one area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::personal) struct Expected {
    start: i32,
    end: i32,
    resolution: Resolution,
    area: AreaNo,
}

/// The area in which values of a resolution are expected on a local day.
pub(in crate::personal) fn area_on(
    expected: &[Expected],
    resolution: Resolution,
    period: i32,
) -> Option<AreaNo> {
    let is_it = |of: &&Expected| of.resolution == resolution && (of.start..of.end).contains(&period);
    expected.iter().find(is_it).map(|of| of.area)
}

/// When values of a point are expected, as it was known once a change of master data was made; `i64::MAX` for now.
pub(in crate::personal) fn expected_of(
    db: &Connection,
    point: PointNo,
    known: i64,
) -> Result<Vec<Expected>, StoreFault> {
    db.prepare_cached(&expected_sql("expected_of", "pp.point_no = ?1"))?
        .query_and_then(params![point.as_u32(), known], expected_from)?
        .collect()
}

/// The same for many points. A point with none is left out.
pub(in crate::personal) fn expected_of_all(
    db: &Connection,
    points: &[i64],
    known: i64,
) -> Result<FxHashMap<PointNo, Vec<Expected>>, StoreFault> {
    let sql = expected_sql("expected_of_all", "pp.point_no = ?1");
    let rows = db.query_each(&sql, Things::Numbers(points), params![known], |row| {
        Ok::<_, StoreFault>((PointNo::new(row.get(4)?), expected_from(row)?))
    })?;
    let mut found: FxHashMap<PointNo, Vec<Expected>> = FxHashMap::default();
    for (point, expected) in rows {
        found.entry(point).or_default().push(expected);
    }
    Ok(found)
}

/// `?2` is the last change of master data that is known.
fn expected_sql(name: &str, condition: &str) -> String {
    format!(
        "-- {name}
         SELECT pp.start_day, pp.end_day, pp.resolution, a.area_no, pp.point_no
         FROM point_period pp JOIN area a ON a.name = pp.grid_area AND a.kind = 'grid-area'
         WHERE {condition} AND pp.created_seq <= ?2 AND (pp.retired_seq IS NULL OR pp.retired_seq > ?2)
               AND pp.connection = 'connected' AND pp.sub_type <> 'calculated'
               AND pp.resolution IN ('PT15M', 'PT1H')
         ORDER BY pp.start_day"
    )
}

fn expected_from(row: &Row<'_>) -> Result<Expected, StoreFault> {
    let resolution: String = row.get(2)?;
    let resolution = Resolution::from_code(&resolution);
    Ok(Expected {
        start: row.get(0)?,
        end: row.get(1)?,
        resolution: resolution.ok_or(StoreFault::Row { what: "point_period.resolution" })?,
        area: AreaNo::new(row.get(3)?),
    })
}

/// The interval series that should have values in an area on a local day.
pub(super) fn expected_series(
    db: &Connection,
    area: AreaNo,
    period: i32,
) -> Result<Vec<SeriesNo>, StoreFault> {
    let series = db
        .prepare_cached(
            "-- expected_series
             SELECT s.series_no
             FROM area a
                  JOIN point_period pp ON pp.grid_area = a.name AND pp.start_day <= ?2 AND pp.end_day > ?2
                       AND pp.retired_seq IS NULL AND pp.connection = 'connected' AND pp.sub_type <> 'calculated'
                  JOIN series s ON s.point_no = pp.point_no AND s.kind = 'interval' AND s.resolution = pp.resolution
             WHERE a.area_no = ?1 AND a.kind = 'grid-area' AND pp.resolution IN ('PT15M', 'PT1H')
             ORDER BY s.series_no",
        )?
        .query_map(params![area.as_u32(), period], |row| row.get(0).map(SeriesNo::new))?
        .collect::<Result<_, _>>()?;
    Ok(series)
}

/// What follows for operating days from a change of master data. Call inside [`Writing::transact`], after its rows.
pub(crate) fn master_changed(writing: &mut Writing, change: &MasterChange) -> Result<(), StoreFault> {
    let Some(number) = change.number() else { return Ok(()) };
    let mut points: BTreeMap<PointNo, Vec<DayRange>> = BTreeMap::new();
    for (point, days) in &change.done.touched {
        points.entry(*point).or_default().push(*days);
    }
    let (mut numbers, mut states) = (Numbers::default(), CycleChanges::default());
    let all: Vec<i64> = points.keys().map(|point| point.as_u32().into()).collect();
    let old: Vec<i64> = points
        .keys()
        .filter(|point| !change.fresh.is_new(**point))
        .map(|point| point.as_u32().into())
        .collect();
    let mut befores = expected_of_all(&writing.db, &old, number - 1)?;
    let mut afters = expected_of_all(&writing.db, &all, number)?;
    for (point, days) in points {
        let before = befores.remove(&point).unwrap_or_default();
        let after = afters.remove(&point).unwrap_or_default();
        if before != after {
            numbers.add(&before, -1);
            numbers.add(&after, 1);
            if !change.fresh.is_new(point) {
                move_states(writing, point, (&before, &after), &days, &mut states)?;
            }
        }
    }
    numbers.save(&writing.db)?;
    states.save(&writing.db)
}

/// How the numbers expected change, by area and first local day.
#[derive(Default)]
struct Numbers {
    changes: BTreeMap<(AreaNo, i32), i64>,
}

impl Numbers {
    fn add(&mut self, expected: &[Expected], count: i64) {
        for of in expected {
            *self.changes.entry((of.area, of.start)).or_default() += count;
            *self.changes.entry((of.area, of.end)).or_default() -= count;
        }
    }

    fn save(self, db: &Connection) -> Result<(), StoreFault> {
        let mut add = db.prepare_cached(
            "-- add_expected
             INSERT INTO cycle_expected (area_no, day, change) VALUES (?1, ?2, ?3)
             ON CONFLICT (area_no, day) DO UPDATE SET change = cycle_expected.change + excluded.change",
        )?;
        for ((area, day), change) in self.changes {
            if change != 0 {
                add.execute(params![area.as_u32(), day, change])?;
            }
        }
        Ok(())
    }
}

/// Days with values that are expected elsewhere now, or no more, are counted there.
fn move_states(
    writing: &mut Writing,
    point: PointNo,
    (before, after): (&[Expected], &[Expected]),
    days: &[DayRange],
    changes: &mut CycleChanges,
) -> Result<(), StoreFault> {
    for stored in stored_intervals(&writing.db, point)? {
        for days in days {
            let from = epoch_day(days.start()).max(stored.first);
            let to = epoch_day(days.end()).min(stored.last.saturating_add(1));
            for period in from..to {
                let areas = [before, after].map(|expected| area_on(expected, stored.resolution, period));
                if areas[0] != areas[1] {
                    move_state(writing, (stored.series, period), areas, changes)?;
                }
            }
        }
    }
    Ok(())
}

fn move_state(
    writing: &mut Writing,
    (series, period): (SeriesNo, i32),
    [before, after]: [Option<AreaNo>; 2],
    changes: &mut CycleChanges,
) -> Result<(), StoreFault> {
    let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "series_block.period" })?;
    let state = day_state(&writing.db, &mut writing.vault, (day, series))?;
    if let Some(area) = before {
        changes.moved((area, period), state, None);
    }
    if let Some(area) = after {
        changes.moved((area, period), None, state);
    }
    Ok(())
}

/// An interval series of a point with blocks, and its first and last local day.
struct StoredIntervals {
    series: SeriesNo,
    resolution: Resolution,
    first: i32,
    last: i32,
}

fn stored_intervals(db: &Connection, point: PointNo) -> Result<Vec<StoredIntervals>, StoreFault> {
    db.prepare_cached(
        "-- stored_intervals
         SELECT s.series_no, s.resolution, t.first_day, t.last_day
         FROM series s JOIN series_state t ON t.series_no = s.series_no
         WHERE s.point_no = ?1 AND s.kind = 'interval' ORDER BY s.series_no",
    )?
    .query_and_then([point.as_u32()], |row| {
        let resolution: String = row.get(1)?;
        let resolution = Resolution::from_code(&resolution);
        Ok(StoredIntervals {
            series: SeriesNo::new(row.get(0)?),
            resolution: resolution.ok_or(StoreFault::Row { what: "series.resolution" })?,
            first: row.get(2)?,
            last: row.get(3)?,
        })
    })?
    .collect()
}

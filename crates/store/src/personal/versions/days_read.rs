//! On which days the points of buildings were read, without what was read.
//!
//! A permit to read alarms comes in: whether a meter works is technical, and how much somebody uses is not in it. For each point
//! it reaches the number of days goes out on which a value came from its source; nothing is opened. Never: a value, or a day of
//! an occupancy that is out of the permit's reach.

use jiff::Timestamp;
use rustc_hash::{FxHashMap, FxHashSet};
use tidstro_calendar::epoch_day;
use tidstro_govern::{Operation, Reach, Target};
use tidstro_metering::MonthIndex;
use tidstro_model::{AreaKind, AreaNo, DayRange, OccupancyNo, PointNo};

use super::month_rows::month_of;
use crate::db::{Connection, params};
use crate::gate::{Disclosed, Permit, Terms};
use crate::personal::cause::CauseKind;
use crate::personal::cover::cuts_of;
use crate::{Store, StoreFault};

/// A metering point of a building, and on how many of some days something was read there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PointRead {
    /// The point.
    pub point: PointNo,
    /// Its building.
    pub area: AreaNo,
    /// On how many of the days asked for a value came from its source.
    pub days: u32,
}

impl Store {
    /// On how many of these local days each point of the permit's buildings was read, in order of point. Days of somebody whom the
    /// permit does not reach are not counted, and their points are left out.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read alarms, [`StoreFault::AlarmsLeftOut`] where the register has
    /// none.
    pub async fn days_read(
        &self,
        permit: &Permit,
        days: DayRange,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<PointRead>>, StoreFault> {
        let category = self.columns.alarms().ok_or(StoreFault::AlarmsLeftOut)?;
        let terms = permit.must_allow(Operation::Read, category, now)?;
        let read = self.threads.read(move |reading| days_read(&reading.db, &terms, days)).await?;
        Ok(Disclosed::new(read, permit))
    }
}

fn days_read(db: &Connection, terms: &Terms, days: DayRange) -> Result<Vec<PointRead>, StoreFault> {
    let area = match terms.target {
        Target::Area(area) => Some(area),
        Target::Everything => None,
        // What the neighbours' meters do is not told with one's own.
        Target::Point(_) | Target::Subject(_) | Target::Dossier(_) => return Ok(Vec::new()),
    };
    if !terms.scope().areas.contains(&AreaKind::Building) {
        return Ok(Vec::new());
    }
    let days = (epoch_day(days.start()), epoch_day(days.end()));
    let reach = Reached::of(db, &terms.scope().reach, days)?;
    let mut points = points(db, area)?;
    points.retain(|read| reach.has(read.point));
    let mut seen: FxHashMap<PointNo, u32> = FxHashMap::default();
    for day in days.0..days.1 {
        for point in read_on(db, area, day)? {
            *seen.entry(point).or_default() += 1;
        }
    }
    for read in &mut points {
        read.days = seen.get(&read.point).copied().unwrap_or_default();
    }
    Ok(points)
}

/// Which points a permit reaches on some days.
struct Reached {
    /// Points of occupancies it does not reach.
    cut: FxHashSet<PointNo>,
    /// Only the points of these occupancies, if the reach names them.
    only: Option<FxHashSet<PointNo>>,
}

impl Reached {
    fn of(db: &Connection, reach: &Reach, days: (i32, i32)) -> Result<Self, StoreFault> {
        let cut = cuts_of(reach).into_iter().filter(|(_, from)| *from > days.0);
        let cut = points_lived_at(db, cut.map(|(occupancy, _)| occupancy), days)?;
        let only = match reach {
            Reach::Occupancies(named) => {
                Some(points_lived_at(db, named.iter().map(|(occupancy, _)| *occupancy), days)?)
            }
            Reach::Target { .. } => None,
        };
        Ok(Self { cut, only })
    }

    fn has(&self, point: PointNo) -> bool {
        !self.cut.contains(&point) && self.only.as_ref().is_none_or(|only| only.contains(&point))
    }
}

/// The points of occupancies that have one of these days.
fn points_lived_at(
    db: &Connection,
    occupancies: impl Iterator<Item = OccupancyNo>,
    (start, end): (i32, i32),
) -> Result<FxHashSet<PointNo>, StoreFault> {
    let mut points = FxHashSet::default();
    let mut statement = db.prepare_cached(
        "-- points_lived_at
         SELECT p.point_no FROM occupancy o JOIN occupancy_point p ON p.occupancy_no = o.occupancy_no
         WHERE o.occupancy_no = ?1 AND o.start_day < ?3 AND o.end_day > ?2",
    )?;
    for occupancy in occupancies {
        let found = statement
            .query_map(params![occupancy.as_u32(), start, end], |row| Ok(PointNo::new(row.get(0)?)))?;
        for point in found {
            points.insert(point?);
        }
    }
    Ok(points)
}

/// The points of a building, or of all, with nothing read yet.
fn points(db: &Connection, area: Option<AreaNo>) -> Result<Vec<PointRead>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- points_of_buildings
         SELECT p.point_no, p.area_no FROM point p JOIN area a ON a.area_no = p.area_no
         WHERE a.kind = ?1 AND (CAST(?2 AS BIGINT) IS NULL OR p.area_no = ?2) ORDER BY p.point_no",
    )?;
    let of = params![AreaKind::Building.code(), area.map(AreaNo::as_u32)];
    let rows = statement.query_map(of, |row| {
        Ok(PointRead { point: PointNo::new(row.get(0)?), area: AreaNo::new(row.get(1)?), days: 0 })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The points of which a value of this local day came from its source. Estimates and judgements are no readings.
fn read_on(db: &Connection, area: Option<AreaNo>, day: i32) -> Result<FxHashSet<PointNo>, StoreFault> {
    let source = CauseKind::Source.word();
    let point = |row: &crate::db::Row<'_>| Ok(PointNo::new(row.get(0)?));
    let mut points: FxHashSet<PointNo> = match area {
        // Of one building its series are looked up; of all, the day is gone through.
        Some(area) => db
            .prepare_cached(
                "-- read_on_in_building
                 SELECT DISTINCT s.point_no
                 FROM point p
                      JOIN series s ON s.point_no = p.point_no
                      JOIN series_block b ON b.period = ?1 AND b.series_no = s.series_no
                      JOIN registration r ON r.registered_seq = b.registered_seq
                 WHERE p.area_no = ?3 AND r.cause = ?2",
            )?
            .query_map(params![day, source, area.as_u32()], point)?
            .collect::<Result<_, _>>()?,
        None => db
            .prepare_cached(
                "-- read_on
                 SELECT DISTINCT s.point_no
                 FROM series_block b
                      JOIN registration r ON r.registered_seq = b.registered_seq
                      JOIN series s ON s.series_no = b.series_no
                 WHERE b.period = ?1 AND r.cause = ?2",
            )?
            .query_map(params![day, source], point)?
            .collect::<Result<_, _>>()?,
    };
    if is_compacted(db, day)? {
        points.extend(read_in_months(db, area, day)?);
    }
    Ok(points)
}

fn is_compacted(db: &Connection, day: i32) -> Result<bool, StoreFault> {
    let count: i64 = db
        .prepare_cached(
            "-- is_compacted
             SELECT count(*) FROM compacted_month WHERE period = ?1",
        )?
        .query_row([month_of(day)?], |row| row.get(0))?;
    Ok(count > 0)
}

/// The same, of days whose month is closed.
fn read_in_months(db: &Connection, area: Option<AreaNo>, day: i32) -> Result<FxHashSet<PointNo>, StoreFault> {
    let mut points = FxHashSet::default();
    let mut from_source: FxHashMap<i64, bool> = FxHashMap::default();
    let period = month_of(day)?;
    let mut statement = db.prepare_cached(
        "-- read_in_months
         SELECT s.point_no, m.held
         FROM series_month m JOIN series s ON s.series_no = m.series_no JOIN point p ON p.point_no = s.point_no
         WHERE m.period = ?1 AND (CAST(?2 AS BIGINT) IS NULL OR p.area_no = ?2)",
    )?;
    let mut rows = statement.query(params![period, area.map(AreaNo::as_u32)])?;
    while let Some(row) = rows.next()? {
        let held: Vec<u8> = row.get(1)?;
        let index = MonthIndex::decode(&held)?;
        for version in index.newest().iter().chain(index.older()) {
            if period + i32::from(version.day) - 1 == day
                && is_from_source(db, &mut from_source, version.seq)?
            {
                points.insert(PointNo::new(row.get(0)?));
            }
        }
    }
    Ok(points)
}

fn is_from_source(
    db: &Connection,
    known: &mut FxHashMap<i64, bool>,
    registration: i64,
) -> Result<bool, StoreFault> {
    if let Some(is_source) = known.get(&registration) {
        return Ok(*is_source);
    }
    let cause: String = db
        .prepare_cached(
            "-- cause_of_registration
             SELECT cause FROM registration WHERE registered_seq = ?1",
        )?
        .query_row([registration], |row| row.get(0))?;
    let is_source = cause == CauseKind::Source.word();
    known.insert(registration, is_source);
    Ok(is_source)
}

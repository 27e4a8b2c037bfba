//! The counts of grid areas by operating day: one small read, whatever the number of points.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_govern::{Operation, Reach, Target};
use tidstro_metering::cycle::DayState;
use tidstro_model::{AreaKind, AreaNo, DayRange};

use crate::db::{Connection, params};
use crate::gate::Terms;
use crate::{Permit, Store, StoreFault};

/// The operating days of one grid area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleArea {
    /// Its name.
    pub area: String,
    /// Its days from the first one of which anything came, in order; each day that was asked for.
    pub days: Vec<CycleDay>,
}

/// What is there of one operating day of an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleDay {
    /// The operating day.
    pub day: Date,
    /// Interval series that should have values.
    pub expected: u64,
    /// How many are in which state. What of `expected` is in none has nothing yet.
    pub states: BTreeMap<DayState, u64>,
    /// What was tried to get them.
    pub calls: DayCalls,
}

/// Calls of meters for one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayCalls {
    /// Meters called, once for each cycle of the day.
    pub called: u64,
    /// Calls that were made again.
    pub retried: u64,
    /// Cycles in which a meter was given up.
    pub failed: u64,
}

impl Store {
    /// How far the operating days have come in the grid areas the permit reaches.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to compute from consumption.
    pub async fn cycle_board(
        &self,
        permit: &Permit,
        days: DayRange,
        now: Timestamp,
    ) -> Result<Vec<CycleArea>, StoreFault> {
        let terms = permit.must_allow(Operation::Compute, self.columns.series()?, now)?;
        self.threads.read(move |reading| board(&reading.db, &terms, days)).await
    }
}

fn board(db: &Connection, terms: &Terms, days: DayRange) -> Result<Vec<CycleArea>, StoreFault> {
    let scope = terms.scope();
    // A count of a whole area is no answer to somebody who reaches single occupancies of it.
    let is_whole = matches!(scope.reach, Reach::Target { .. }) && scope.areas.contains(&AreaKind::GridArea);
    let (true, Some(days)) = (is_whole, scope.days.intersect(days)) else { return Ok(Vec::new()) };
    let mut areas = Vec::new();
    for (number, name) in grid_areas(db, terms.target)? {
        let Some(first) = first_day(db, number)? else { continue };
        let (from, to) = (epoch_day(days.start()).max(first), epoch_day(days.end()));
        areas.push(CycleArea { area: name, days: days_of(db, number, (from, to))? });
    }
    Ok(areas)
}

fn grid_areas(db: &Connection, target: Target) -> Result<Vec<(AreaNo, String)>, StoreFault> {
    let areas: Vec<(u32, String)> = db
        .prepare_cached(
            "-- grid_areas
             SELECT a.area_no, a.name FROM area a WHERE a.kind = 'grid-area' ORDER BY a.name",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let areas = areas.into_iter().map(|(number, name)| (AreaNo::new(number), name));
    Ok(areas
        .filter(|(number, _)| matches!(target, Target::Everything) || target == Target::Area(*number))
        .collect())
}

/// The first local day of which anything came in an area, or for which a meter was called.
fn first_day(db: &Connection, area: AreaNo) -> Result<Option<i32>, StoreFault> {
    let first = db
        .prepare_cached(
            "-- first_cycle_day
             SELECT min(x.period)
             FROM (SELECT min(c.period) AS period FROM cycle_day c WHERE c.area_no = ?1
                   UNION ALL SELECT min(c.period) AS period FROM cycle_calls c WHERE c.area_no = ?1) x",
        )?
        .query_row([area.as_u32()], |row| row.get(0))?;
    Ok(first)
}

fn days_of(db: &Connection, area: AreaNo, (from, to): (i32, i32)) -> Result<Vec<CycleDay>, StoreFault> {
    let (mut states, calls) = (states_of(db, area, (from, to))?, calls_of(db, area, (from, to))?);
    let numbers = Numbers::read(db, area)?;
    (from..to)
        .map(|period| {
            let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "cycle_day.period" })?;
            let (states, calls) =
                (states.remove(&period).unwrap_or_default(), calls.get(&period).copied().unwrap_or_default());
            Ok(CycleDay { day, expected: numbers.on(period), states, calls })
        })
        .collect()
}

type States = BTreeMap<i32, BTreeMap<DayState, u64>>;

fn states_of(db: &Connection, area: AreaNo, (from, to): (i32, i32)) -> Result<States, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- cycle_days
         SELECT c.period, c.state, c.series FROM cycle_day c
         WHERE c.area_no = ?1 AND c.period >= ?2 AND c.period < ?3",
    )?;
    let mut rows = statement.query(params![area.as_u32(), from, to])?;
    let mut states = States::new();
    while let Some(row) = rows.next()? {
        let (state, series): (String, i64) = (row.get(1)?, row.get(2)?);
        let damaged = StoreFault::Row { what: "cycle_day" };
        let (Some(state), Ok(series)) = (DayState::from_code(&state), u64::try_from(series)) else {
            return Err(damaged);
        };
        if series > 0 {
            states.entry(row.get(0)?).or_default().insert(state, series);
        }
    }
    Ok(states)
}

fn calls_of(
    db: &Connection,
    area: AreaNo,
    (from, to): (i32, i32),
) -> Result<BTreeMap<i32, DayCalls>, StoreFault> {
    let calls = db
        .prepare_cached(
            "-- cycle_calls
             SELECT c.period, c.called, c.retried, c.failed FROM cycle_calls c
             WHERE c.area_no = ?1 AND c.period >= ?2 AND c.period < ?3",
        )?
        .query_map(params![area.as_u32(), from, to], |row| {
            let count = |index| row.get::<_, i64>(index).map(i64::unsigned_abs);
            Ok((row.get(0)?, DayCalls { called: count(1)?, retried: count(2)?, failed: count(3)? }))
        })?
        .collect::<Result<_, _>>()?;
    Ok(calls)
}

/// How many interval series are expected of an area on each local day.
struct Numbers {
    /// First local days, each with the number from then on; in order.
    from: Vec<(i32, u64)>,
}

impl Numbers {
    fn read(db: &Connection, area: AreaNo) -> Result<Self, StoreFault> {
        let mut statement = db.prepare_cached(
            "-- cycle_expected
             SELECT e.day, e.change FROM cycle_expected e WHERE e.area_no = ?1 ORDER BY e.day",
        )?;
        let mut rows = statement.query([area.as_u32()])?;
        let (mut from, mut number) = (Vec::new(), 0_i64);
        while let Some(row) = rows.next()? {
            number += row.get::<_, i64>(1)?;
            let known =
                u64::try_from(number).map_err(|_| StoreFault::Row { what: "cycle_expected.change" })?;
            from.push((row.get(0)?, known));
        }
        Ok(Self { from })
    }

    fn on(&self, period: i32) -> u64 {
        let next = self.from.partition_point(|(day, _)| *day <= period);
        next.checked_sub(1).and_then(|last| self.from.get(last)).map_or(0, |(_, number)| *number)
    }
}

//! Counting anew: from the blocks themselves, beside what was kept up.
//!
//! A permit to compute and days of an area come in; the days whose kept counts were others go out, and are right then.
//! Needed once for days that were stored before counts were kept, and a proof at any time that they are the sum of what
//! is stored.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::epoch_day;
use tidstro_govern::Operation;
use tidstro_metering::cycle::DayState;
use tidstro_model::AreaNo;

use super::counts::CycleChanges;
use super::expected::expected_series;
use super::only_area;
use super::state::day_state;
use crate::db::{Connection, params};
use crate::personal::Writing;
use crate::{Permit, Store, StoreFault};

impl Store {
    /// Counts days of the area the permit is about anew; gives those whose counts were others. Each day is counted in
    /// a transaction of its own.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to compute from consumption of one area.
    pub async fn recount_cycle(
        &self,
        permit: &Permit,
        days: Vec<Date>,
        now: Timestamp,
    ) -> Result<Vec<Date>, StoreFault> {
        let terms = permit.must_allow(Operation::Compute, self.columns.series()?, now)?;
        let area = only_area(&terms)?;
        let mut others = Vec::new();
        for day in days {
            let job = move |writing: &mut Writing| writing.transact(|writing| recount(writing, area, day));
            if self.threads.write(job).await? {
                others.push(day);
            }
        }
        Ok(others)
    }
}

/// Whether the kept counts of a day were others.
fn recount(writing: &mut Writing, area: AreaNo, day: Date) -> Result<bool, StoreFault> {
    let period = epoch_day(day);
    let mut counted = CycleChanges::default();
    let mut sums: BTreeMap<DayState, i64> = BTreeMap::new();
    for series in expected_series(&writing.db, area, period)? {
        let state = day_state(&writing.db, &mut writing.vault, (day, series))?;
        counted.moved((area, period), None, state);
        if let Some(state) = state {
            *sums.entry(state).or_default() += 1;
        }
    }
    let kept = kept(&writing.db, (area, period))?;
    if kept == sums {
        return Ok(false);
    }
    writing
        .db
        .prepare_cached(
            "-- drop_cycle_day
             DELETE FROM cycle_day WHERE area_no = ?1 AND period = ?2",
        )?
        .execute(params![area.as_u32(), period])?;
    counted.save(&writing.db)?;
    Ok(true)
}

fn kept(db: &Connection, (area, period): (AreaNo, i32)) -> Result<BTreeMap<DayState, i64>, StoreFault> {
    db.prepare_cached(
        "-- kept_cycle_day
         SELECT c.state, c.series FROM cycle_day c WHERE c.area_no = ?1 AND c.period = ?2 AND c.series <> 0",
    )?
    .query_and_then(params![area.as_u32(), period], |row| {
        let state: String = row.get(0)?;
        let state = DayState::from_code(&state).ok_or(StoreFault::Row { what: "cycle_day.state" })?;
        Ok((state, row.get(1)?))
    })?
    .collect()
}

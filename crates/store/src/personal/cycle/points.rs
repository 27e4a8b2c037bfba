//! The points behind the counts of a day.
//!
//! A permit to read consumption of one area comes in, and a local day; each of its interval series that the permit
//! reaches goes out with its state. Blocks are opened here and their values stay here.

use jiff::Timestamp;
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};
use tidstro_calendar::{Zone, epoch_day};
use tidstro_govern::Operation;
use tidstro_metering::IntervalBlock;
use tidstro_metering::cycle::DayState;
use tidstro_model::{AreaNo, Findings, Mark, PointNo, Quality, SeriesNo};

use super::expected::expected_series;
use super::only_area;
use super::state::{last_release, state_with};
use crate::collect::CallState;
use crate::db::{Connection, params};
use crate::gate::{Disclosed, Terms};
use crate::personal::read::{DayInReach, each_interval_day};
use crate::reference::SeriesEntry;
use crate::seal::Vault;
use crate::{Permit, Store, StoreFault};

/// One interval series on one operating day. It has no `Debug`: with its place it is about a home.
#[derive(Clone)]
pub struct CyclePoint {
    /// Which series, at which point.
    pub entry: SeriesEntry,
    /// Whether it should have values that day.
    pub is_expected: bool,
    /// How far the day has come; `None` if nothing is there.
    pub state: Option<DayState>,
    /// Intervals that have a value.
    pub present: u32,
    /// Intervals of the day.
    pub expected: u32,
    /// Intervals whose value is an estimate.
    pub estimated: u32,
    /// Rules that any of its values failed.
    pub findings: Findings,
    /// What was tried to get the day.
    pub calls: PointCalls,
}

/// Calls of the meters of one point for one day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PointCalls {
    /// How often they were called.
    pub tries: u32,
    /// Why the last call that did not reach its end did not: a word.
    pub reason: Option<String>,
    /// Whether the meter was given up in a cycle.
    pub is_failed: bool,
}

impl Store {
    /// The interval series of the area the permit is about on a local day, as far as it reaches, and of these the wanted ones.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read consumption of one area.
    pub async fn cycle_points(
        &self,
        permit: &Permit,
        day: Date,
        wanted: impl Fn(&CyclePoint) -> bool + Send + 'static,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<CyclePoint>>, StoreFault> {
        let terms = permit.must_allow(Operation::Read, self.columns.series()?, now)?;
        let (area, zone) = (only_area(&terms)?, self.zone.clone());
        let found = self
            .threads
            .read(move |reading| {
                let of = (&reading.db, &mut reading.vault, &zone);
                points(of, &terms, (area, day), wanted)
            })
            .await?;
        Ok(Disclosed::new(found, permit))
    }
}

fn points(
    (db, vault, zone): (&Connection, &mut Vault, &Zone),
    terms: &Terms,
    (area, day): (AreaNo, Date),
    wanted: impl Fn(&CyclePoint) -> bool,
) -> Result<Vec<CyclePoint>, StoreFault> {
    let calls = calls_of(db, zone, (area, day))?;
    let expected: FxHashSet<SeriesNo> = expected_series(db, area, epoch_day(day))?.into_iter().collect();
    let mut points = Vec::new();
    each_interval_day((db, vault), terms, day, |reached| {
        let is_expected = expected.contains(&reached.entry.meta.series);
        if is_expected || reached.newest.is_some() {
            let found = CyclePoint { is_expected, ..point(db, zone, (day, reached), &calls)? };
            points.extend(Some(found).filter(&wanted));
        }
        Ok(())
    })?;
    Ok(points)
}

fn point(
    db: &Connection,
    zone: &Zone,
    (day, reached): (Date, DayInReach),
    calls: &FxHashMap<PointNo, PointCalls>,
) -> Result<CyclePoint, StoreFault> {
    let DayInReach { entry, newest } = reached;
    let expected = zone.slots(day, entry.meta.resolution).unwrap_or_default();
    let calls = calls.get(&entry.meta.point).cloned().unwrap_or_default();
    let mut point = CyclePoint {
        is_expected: false,
        state: None,
        present: 0,
        expected,
        estimated: 0,
        findings: Findings::NONE,
        calls,
        entry,
    };
    if let Some((seq, block)) = newest {
        let last = last_release(db, (epoch_day(day), point.entry.meta.series))?;
        point.state = state_with(DayState::of_values(&block), seq, last);
        point.look_at(&block);
    }
    Ok(point)
}

impl CyclePoint {
    fn look_at(&mut self, block: &IntervalBlock) {
        let count = |of: &dyn Fn(&Mark) -> bool| {
            u32::try_from(block.marks().iter().filter(|mark| of(mark)).count()).unwrap_or(u32::MAX)
        };
        self.present = count(&|mark| mark.quality() != Quality::Missing);
        self.estimated = count(&|mark| mark.quality() == Quality::Estimated);
        let all =
            block.marks().iter().fold(Mark::new(Quality::Missing), |all, mark| all.with_all(mark.findings()));
        self.findings = all.findings();
    }
}

/// What was tried for a day, by point.
fn calls_of(
    db: &Connection,
    zone: &Zone,
    (area, day): (AreaNo, Date),
) -> Result<FxHashMap<PointNo, PointCalls>, StoreFault> {
    let span = zone.day(day);
    let mut statement = db.prepare_cached(
        "-- calls_of_day
         SELECT i.point_no, c.tries, c.state, c.reason
         FROM collect_call c
              JOIN installation i ON i.device_no = c.device_no AND i.start_day <= ?2 AND i.end_day > ?2
                   AND i.retired_seq IS NULL
              JOIN point p ON p.point_no = i.point_no
         WHERE c.cycle_ms > ?3 AND c.cycle_ms <= ?4 AND p.area_no = ?1
         ORDER BY c.cycle_ms",
    )?;
    let (start, end) = (span.start().as_millisecond(), span.end().as_millisecond());
    let mut rows = statement.query(params![area.as_u32(), epoch_day(day), start, end])?;
    let mut calls: FxHashMap<PointNo, PointCalls> = FxHashMap::default();
    while let Some(row) = rows.next()? {
        let (state, reason): (String, Option<String>) = (row.get(2)?, row.get(3)?);
        let of_point = calls.entry(PointNo::new(row.get(0)?)).or_default();
        of_point.tries = of_point.tries.saturating_add(row.get(1)?);
        of_point.is_failed |= state == CallState::Failed.code();
        of_point.reason = reason.or(of_point.reason.take());
    }
    Ok(calls)
}

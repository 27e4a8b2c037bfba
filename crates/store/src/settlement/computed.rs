//! Sums computed from the blocks, for an area and local days of one month.
//!
//! What comes in: a connection that sees one state of the data, and the keys. What goes out: the sums of each day, the groups of
//! which a block is erased, and each block that is listed as left out and is not, or the other way round. Series are
//! gone over in the order in which they are stored, some thousand at a time; whole months are added at once where nothing of
//! the point changes in them, and every other day as a registration adds it. Never: more than those series in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::Timestamp;
use tidstro_calendar::Zone;
use tidstro_metering::settlement::{
    DaySums, EnergyUnit, GroupKey, MonthSums, MonthValues, settled_resolution,
};
use tidstro_metering::{IntervalBlock, Month};
use tidstro_model::{DayRange, Factor, PointNo, SeriesNo};

use super::beyond::{NowAndBefore, over_erased};
use super::changed::{How, count_intervals, why_left};
use super::part::{Part, date, day_bit};
use super::point::{SettledPeriod, SettledPoint, formerly_settled, settled_points};
use super::{Left, left};
use crate::StoreFault;
use crate::db::Connection;
use crate::personal::{Scan, ScanOf, Scanned, over_days};
use crate::reference::{SettledSeries, settled_series};
use crate::seal::Vault;

/// Series of one go.
pub(super) const SERIES: u32 = 4_096;

/// Sums of local days, made from their blocks.
pub(super) struct Computed {
    /// The days in order.
    pub(super) days: Vec<DaySums>,
    /// Groups of points whose block of a day is erased.
    pub(super) erased: BTreeSet<(i32, GroupKey)>,
}

/// Computes the sums of a part. `differs` hears of each series and local day that is left out and not listed so, with the reason,
/// or listed and not left out.
pub(super) fn compute(
    (db, vault, zone): (&Connection, &mut Vault, &Zone),
    part: Part,
    differs: &mut impl FnMut((i32, SeriesNo), Option<Left>) -> Result<(), StoreFault>,
) -> Result<Computed, StoreFault> {
    let mut computing = Computing::new(zone, part)?;
    let mut scan = Scan::default();
    let mut after = None;
    loop {
        let series = settled_series(db, (part.area, part.days), after, SERIES)?;
        let Some(last) = series.last() else { break };
        after = Some(last.meta.series);
        let mut going = Going::load(db, zone, &computing, series)?;
        let numbers: Vec<SeriesNo> = going.series.iter().map(|series| series.meta.series).collect();
        let of = ScanOf { period: part.month, days: part.days, series: &numbers };
        scan.newest((db, vault), &of, &mut |at, found| going.take(&mut computing, at, found))?;
        going.find_erased(db, &computing)?;
        going.note_beyond(db, &mut computing)?;
        going.compare_left(db, &computing, differs)?;
        // The keys of these series are not used again.
        vault.close_keys();
    }
    over_erased((db, zone), part, &mut |point, day| computing.note_erased(point, day))?;
    computing.finish()
}

/// What was added up so far.
struct Computing<'a> {
    zone: &'a Zone,
    part: Part,
    days: DayRange,
    /// The first instant of each day, and of the day after the last.
    starts: Vec<Timestamp>,
    together: MonthSums,
    /// Days that were added one by one.
    apart: BTreeMap<i32, DaySums>,
    erased: BTreeSet<(i32, GroupKey)>,
    block: IntervalBlock,
}

impl<'a> Computing<'a> {
    fn new(zone: &'a Zone, part: Part) -> Result<Self, StoreFault> {
        let days = part.dates()?;
        let starts = (part.days.0..=part.days.1).map(|day| date(day).map(|day| zone.day_start(day)));
        let starts = starts.collect::<Result<_, _>>()?;
        let together = MonthSums::new(zone, days, settled_resolution(days.start()))?;
        let (apart, erased, block) = (BTreeMap::new(), BTreeSet::new(), IntervalBlock::empty(0));
        Ok(Self { zone, part, days, starts, together, apart, erased, block })
    }

    fn of_day(&mut self, day: i32) -> Result<&mut DaySums, StoreFault> {
        Ok(match self.apart.entry(day) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => {
                let date = date(day)?;
                new.insert(DaySums::new(self.zone, date, settled_resolution(date))?)
            }
        })
    }

    /// The period that alone holds on days from one on, if nothing of it needs a look at each day.
    fn plain_period<'p>(
        &self,
        (point, series): (&'p SettledPoint, &SettledSeries),
        (first, count): (i32, usize),
    ) -> Option<&'p SettledPeriod> {
        let at = usize::try_from(first - self.part.days.0).ok()?;
        let (start, end) = (*self.starts.get(at)?, *self.starts.get(at + count)?);
        let holds = |one: &&SettledPeriod| one.period.valid.start() < end && one.period.valid.end() > start;
        let mut holding = point.periods.iter().filter(holds);
        let only = holding.next().filter(|_| holding.next().is_none())?;
        let is_whole = only.period.valid.start() <= start && only.period.valid.end() >= end;
        let is_plain =
            !only.is_grid_loss && only.factor == Factor::ONE && why_left(only, &series.meta).is_none();
        (is_whole && is_plain).then_some(only)
    }

    /// Notes that a block of a point is erased: the sums of the groups it counts in, or counted in, on the day are beyond
    /// computing.
    fn note_erased(&mut self, (now, before): NowAndBefore<'_>, day: i32) -> Result<(), StoreFault> {
        let area = self.part.area;
        let sums = self.of_day(day)?;
        let periods = now.periods.iter().chain(before.map_or(&[][..], |before| &before.periods));
        let on_day = periods.filter(|one| !sums.part(one.period.valid).is_empty());
        let groups: Vec<_> = on_day.flat_map(|one| GroupKey::of(&one.period)).collect();
        let of_area = groups.into_iter().map(|(group, _)| group).filter(|group| group.area == area);
        self.erased.extend(of_area.map(|group| (day, group)));
        Ok(())
    }

    fn finish(self) -> Result<Computed, StoreFault> {
        let mut days = self.together.into_days()?;
        for (day, sums) in (self.part.days.0..).zip(&mut days) {
            if let Some(apart) = self.apart.get(&day) {
                sums.merge(apart)?;
            }
            sums.retain_area(self.part.area);
        }
        Ok(Computed { days, erased: self.erased })
    }
}

/// The series of one go.
struct Going {
    series: Vec<SettledSeries>,
    /// What the point of each counts in.
    points: Vec<SettledPoint>,
    /// Days of each with a newest version, and those of them that open no more: one bit for each day of the part.
    found: Vec<u32>,
    erased: Vec<u32>,
    left: BTreeMap<(i32, SeriesNo), Left>,
}

impl Going {
    fn load(
        db: &Connection,
        zone: &Zone,
        computing: &Computing<'_>,
        series: Vec<SettledSeries>,
    ) -> Result<Self, StoreFault> {
        let mut numbers: Vec<PointNo> = series.iter().map(|series| series.meta.point).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let known = settled_points(db, zone, (&numbers, computing.days))?;
        let of = |series: &SettledSeries| known.get(&series.meta.point).cloned().unwrap_or_default();
        let points = series.iter().map(of).collect();
        let (found, erased) = (vec![0; series.len()], vec![0; series.len()]);
        Ok(Self { series, points, found, erased, left: BTreeMap::new() })
    }

    fn take(
        &mut self,
        computing: &mut Computing<'_>,
        at: usize,
        scanned: Scanned<'_>,
    ) -> Result<(), StoreFault> {
        match scanned {
            Scanned::Month { first, month, positions } => {
                (first..).zip(positions.clone()).for_each(|(day, _)| self.note_found(computing, at, day));
                self.add_month(computing, (at, first), (month, positions))
            }
            Scanned::Day { day, block } => {
                self.note_found(computing, at, day);
                self.add_day(computing, (at, day), block)
            }
            Scanned::Erased { day } => {
                self.note_found(computing, at, day);
                self.note_erased(computing, at, day);
                Ok(())
            }
        }
    }

    fn note_found(&mut self, computing: &Computing<'_>, at: usize, day: i32) {
        if let Some(found) = self.found.get_mut(at) {
            *found |= bit(computing, day);
        }
    }

    fn note_erased(&mut self, computing: &Computing<'_>, at: usize, day: i32) {
        if let Some(erased) = self.erased.get_mut(at) {
            *erased |= bit(computing, day);
        }
    }

    /// Adds days of an opened month at once, or one by one.
    fn add_month(
        &mut self,
        computing: &mut Computing<'_>,
        (at, first): (usize, i32),
        (month, positions): (&Month, Range<usize>),
    ) -> Result<(), StoreFault> {
        let (Some(point), Some(series)) = (self.points.get(at), self.series.get(at)) else { return Ok(()) };
        if let Some(settled) = computing.plain_period((point, series), (first, positions.len()))
            && let Some(days) = month.days(positions.clone())
        {
            let resolution = series.meta.resolution;
            let values = MonthValues { resolution, unit: EnergyUnit::WattHour, days };
            if computing.together.add(&settled.period, date(first)?, &values).is_ok() {
                return Ok(());
            }
        }
        let mut block = std::mem::replace(&mut computing.block, IntervalBlock::empty(0));
        for (day, position) in (first..).zip(positions) {
            let is_interval = month.interval_into(position, &mut block);
            self.add_day(computing, (at, day), is_interval.then_some(&block))?;
        }
        computing.block = block;
        Ok(())
    }

    /// Adds one day, as its registration did.
    fn add_day(
        &mut self,
        computing: &mut Computing<'_>,
        (at, day): (usize, i32),
        block: Option<&IntervalBlock>,
    ) -> Result<(), StoreFault> {
        let (Some(point), Some(series)) = (self.points.get(at), self.series.get(at)) else { return Ok(()) };
        let why = match block {
            Some(block) => count_intervals(computing.of_day(day)?, &series.meta, (point, block), How::In),
            None => Some(Left::Unit),
        };
        if let Some(why) = why {
            self.left.insert((day, series.meta.series), why);
        }
        Ok(())
    }

    /// Finds days between the first and the last one with values that have none because they were erased.
    fn find_erased(&mut self, db: &Connection, computing: &Computing<'_>) -> Result<(), StoreFault> {
        for at in 0..self.series.len() {
            let absent: Vec<i32> = self
                .days_of(at, computing)
                .filter(|day| !self.is_in(&self.found, computing, (at, *day)))
                .collect();
            let Some(series) = self.series.get(at).filter(|_| !absent.is_empty()) else { continue };
            for day in over_days(db, series.meta.point, absent)? {
                self.note_erased(computing, at, day);
            }
        }
        Ok(())
    }

    /// Notes which sums the erased days put beyond computing. An erased block stays counted where it was when master data change
    /// later, so the groups of what was known before count too.
    fn note_beyond(&self, db: &Connection, computing: &mut Computing<'_>) -> Result<(), StoreFault> {
        let is_touched = |(_, erased): &(&SettledSeries, &u32)| **erased != 0;
        let touched: BTreeSet<PointNo> = self
            .series
            .iter()
            .zip(&self.erased)
            .filter(is_touched)
            .map(|(series, _)| series.meta.point)
            .collect();
        if touched.is_empty() {
            return Ok(());
        }
        let before = formerly_settled(db, computing.zone, (&touched, computing.days))?;
        for (at, (series, now)) in self.series.iter().zip(&self.points).enumerate() {
            let is_erased = |day: &i32| self.is_in(&self.erased, computing, (at, *day));
            let erased: Vec<i32> = self.days_of(at, computing).filter(is_erased).collect();
            for day in erased {
                computing.note_erased((now, before.get(&series.meta.point)), day)?;
            }
        }
        Ok(())
    }

    /// The days of the part from the first to the last one with values of a series.
    fn days_of(&self, at: usize, computing: &Computing<'_>) -> Range<i32> {
        let (start, end) = computing.part.days;
        self.series
            .get(at)
            .map_or(0..0, |series| series.first_day.max(start)..series.last_day.saturating_add(1).min(end))
    }

    fn is_in(&self, days: &[u32], computing: &Computing<'_>, (at, day): (usize, i32)) -> bool {
        days.get(at).is_some_and(|days| days & bit(computing, day) != 0)
    }

    /// Compares what is left out with what is listed so. An erased day stays listed as it was.
    fn compare_left(
        &self,
        db: &Connection,
        computing: &Computing<'_>,
        differs: &mut impl FnMut((i32, SeriesNo), Option<Left>) -> Result<(), StoreFault>,
    ) -> Result<(), StoreFault> {
        let ends = self.series.first().zip(self.series.last());
        let Some((first, last)) = ends else { return Ok(()) };
        for day in computing.part.days.0..computing.part.days.1 {
            let listed: BTreeMap<SeriesNo, Left> =
                left::on_day(db, day, (first.meta.series, last.meta.series))?.into_iter().collect();
            let found = self.left.range((day, SeriesNo::new(0))..=(day, SeriesNo::new(u32::MAX)));
            let either: BTreeSet<SeriesNo> =
                listed.keys().copied().chain(found.map(|((_, series), _)| *series)).collect();
            for series in either {
                let now = self.left.get(&(day, series));
                if now != listed.get(&series) && self.is_looked_at(computing, (series, day)) {
                    differs((day, series), now.copied())?;
                }
            }
        }
        Ok(())
    }

    fn is_looked_at(&self, computing: &Computing<'_>, (series, day): (SeriesNo, i32)) -> bool {
        let at = self.series.binary_search_by_key(&series, |known| known.meta.series);
        at.is_ok_and(|at| {
            self.days_of(at, computing).contains(&day) && !self.is_in(&self.erased, computing, (at, day))
        })
    }
}

/// The bit of a day of the part.
fn bit(computing: &Computing<'_>, day: i32) -> u32 {
    computing.part.place_of(day).map_or(0, day_bit)
}

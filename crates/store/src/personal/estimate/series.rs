//! Estimating one series.
//!
//! What comes in: a window of an interval series, and through it the registers in reach. What goes out: the days that change, whole,
//! and what is told of them. A series is estimated owner by owner, and between two readings of its register the estimates
//! sum up to what the register says passed. Never: a reading whose rule failed, or that is no reading of an interval's bound.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tidstro_calendar::{WorkingCalendar, epoch_day, from_epoch_day};
use tidstro_metering::estimation::{
    DayFault, DaySources, DayStretch, FamilyDay, Grid, chains, estimate_days,
};
use tidstro_metering::{Block, IntervalBlock, Passed};
use tidstro_model::{AreaKind, DayRange, Decimal, Interval, KeyNo, Mark, Method, Quality};

use super::around::{Around, around};
use super::family::{family_days, neighbour_days};
use super::{EstimateJob, EstimatedDay, EstimatedSeries};
use crate::StoreFault;
use crate::gate::Terms;
use crate::personal::beside::registers_at;
use crate::personal::place::Kind;
use crate::personal::read::Window;
use crate::personal::register::Register;
use crate::personal::state::{series_days, traits_of};
use crate::personal::versions::{KeyCuts, Newest};
use crate::personal::{DayChange, NewVersion, Writing};
use crate::reference::{SeriesCategory, SeriesMeta};

/// How many like days a mean is made of, as is usual.
const LIKE_DAYS_COUNT: usize = 3;
/// The longest gap a line is drawn over. A load has no shape of its own within two hours; beyond, the day's shape counts.
const LINEAR_SECONDS: u32 = 2 * 3600;

/// Blocks of one series by local day.
type Days = BTreeMap<Date, IntervalBlock>;

/// An estimation under way.
pub(super) struct Estimating<'a> {
    writing: &'a mut Writing,
    terms: &'a Terms,
    job: &'a EstimateJob,
    cuts: &'a KeyCuts,
    beside: &'a Around,
    /// This day and later ones are not over.
    today: Date,
}

/// Consecutive local days of one owner, that are estimated.
struct Run {
    key: KeyNo,
    days: Vec<Date>,
    /// The first local day after.
    end: Date,
}

/// What was made of a series so far.
#[derive(Default)]
struct Made {
    days: Days,
    refused: Vec<(Interval, DayFault)>,
}

impl<'a> Estimating<'a> {
    pub(super) const fn new(
        writing: &'a mut Writing,
        (terms, job): (&'a Terms, &'a EstimateJob),
        (cuts, beside): (&'a KeyCuts, &'a Around),
        today: Date,
    ) -> Self {
        Self { writing, terms, job, cuts, beside, today }
    }

    /// Estimates a series. Tells nothing of one that lacks nothing and has no chain that is too long.
    pub(super) fn series(
        &mut self,
        window: &Window,
        newest: Newest<'_>,
    ) -> Result<(Option<EstimatedSeries>, Vec<NewVersion>), StoreFault> {
        let known = self.known(newest)?;
        let register = self.register(window)?;
        let mut made = Made::default();
        for run in self.runs(window, &known)? {
            self.run(window, (&known, &register), &run, &mut made)?;
        }
        let told = self.told(window, (&known, &register), &made);
        let series = window.entry.meta.series;
        let version = |(day, block)| {
            let change = DayChange::Replace(Block::Interval(block));
            NewVersion { series, day, change, note: None }
        };
        Ok((told, made.days.into_iter().map(version).collect()))
    }

    /// The days asked for and those around them.
    fn known(&mut self, newest: Newest<'_>) -> Result<Days, StoreFault> {
        let mut days = Days::new();
        for version in newest.open_all(&mut self.writing.vault)? {
            if let Block::Interval(block) = version.block {
                days.insert(day_of(version.day)?, block);
            }
        }
        Ok(days)
    }

    /// The register of the same point that counts the same; none if there are several, whose sum is not known to be the
    /// series'.
    fn register(&mut self, window: &Window) -> Result<Register, StoreFault> {
        if !self.beside.has_register(window) {
            return Ok(Register::default());
        }
        let (_, after) = around(self.terms);
        let Writing { db, vault, zone, .. } = &mut *self.writing;
        let registers = registers_at(db, self.terms, window)?;
        Register::of((db, vault, zone), (window, &registers), (self.cuts, after.min(1)))
    }

    /// The days that are estimated, by owner.
    fn runs(&mut self, window: &Window, known: &Days) -> Result<Vec<Run>, StoreFault> {
        let (mut runs, end) = (Vec::<Run>::new(), window.days.end().min(self.today));
        for period in epoch_day(window.days.start())..epoch_day(end) {
            let day = day_of(period)?;
            if !known.contains_key(&day) && !self.is_due(window, period)? {
                continue;
            }
            let (key, next) = (self.key_of(&window.entry.meta, period)?, day_of(period + 1)?);
            match runs.last_mut() {
                Some(run) if run.key == key && run.end == day => {
                    run.days.push(day);
                    run.end = next;
                }
                _ => runs.push(Run { key, days: vec![day], end: next }),
            }
        }
        Ok(runs)
    }

    /// Whether values are due on a day of which nothing is stored: in a grid area by master data, in a building between the
    /// first and last day of the series.
    fn is_due(&mut self, window: &Window, period: i32) -> Result<bool, StoreFault> {
        if window.entry.area_kind == AreaKind::GridArea {
            return Ok(self.writing.expected_in(&window.entry.meta, period)?.is_some());
        }
        let own = series_days(&self.writing.db, window.entry.meta.series)?;
        Ok(own.is_some_and(|(first, last)| (first..=last).contains(&period)))
    }

    fn key_of(&mut self, meta: &SeriesMeta, period: i32) -> Result<KeyNo, StoreFault> {
        let kind = Kind::Series(SeriesCategory::of(meta.quantity));
        Ok(self.writing.owner_of(meta.point, kind, period)?.key)
    }

    /// Estimates the days of one owner, from reading to reading of the register.
    fn run(
        &mut self,
        window: &Window,
        (known, register): (&Days, &Register),
        run: &Run,
        made: &mut Made,
    ) -> Result<(), StoreFault> {
        let Some(first) = run.days.first() else { return Ok(()) };
        let candidates = self.candidates(window, known, run.key)?;
        let zone = self.writing.zone.clone();
        let bounds = (zone.day_start(*first), zone.day_start(run.end));
        let calendar = WorkingCalendar::shipped("dk-working")
            .ok_or(StoreFault::Row { what: "calendar `dk-working` is not shipped" })?;
        let resolution = window.entry.meta.resolution;
        let (family, neighbours) = (self.family(window, run)?, self.neighbours(window, run)?);
        let rules = self.writing.rules()?;
        let profile = self.job.profile.of(&rules.limits(&traits_of(&window.entry.meta), *first));
        let sources = DaySources {
            grid: Grid { zone: &zone, resolution, calendar },
            plan: &self.job.plan,
            linear_max: linear_max(resolution.seconds()),
            candidates: &candidates,
            like_days_count: LIKE_DAYS_COUNT,
            profile: profile.as_deref(),
            family: &family,
            neighbours: &neighbours,
            refused: self.job.rejected,
        };
        for (between, passed) in register.stretches(bounds, &zone) {
            made.estimate(known, (between, passed), &sources);
        }
        Ok(())
    }

    /// What the parent of the point and its other children measured on the days of a run, if a method asks for it.
    fn family(&mut self, window: &Window, run: &Run) -> Result<BTreeMap<Date, FamilyDay>, StoreFault> {
        let days = run.days.first().and_then(|first| DayRange::new(*first, run.end).ok());
        let is_asked = self.beside.is_child(window) && self.job.plan.contains(&Method::Balance);
        match days.filter(|_| is_asked) {
            Some(days) => family_days(self.writing, (self.terms, self.cuts), (window, days)),
            None => Ok(BTreeMap::new()),
        }
    }

    /// What neighbours of the point, or its check meter, measured on the days of a run, if a method asks for it.
    fn neighbours(
        &mut self,
        window: &Window,
        run: &Run,
    ) -> Result<BTreeMap<Date, Vec<IntervalBlock>>, StoreFault> {
        let days = run.days.first().and_then(|first| DayRange::new(*first, run.end).ok());
        let has_neighbours = self.job.check_meter.is_some() || self.beside.is_child(window);
        match days.filter(|_| has_neighbours && self.job.plan.contains(&Method::Neighbour)) {
            Some(days) => {
                let granted = (self.terms, self.cuts);
                neighbour_days(self.writing, granted, (window, days), self.job.check_meter)
            }
            None => Ok(BTreeMap::new()),
        }
    }

    /// Days of the same owner, with their blocks.
    fn candidates<'d>(
        &mut self,
        window: &Window,
        known: &'d Days,
        key: KeyNo,
    ) -> Result<Vec<(Date, &'d IntervalBlock)>, StoreFault> {
        let mut candidates = Vec::with_capacity(known.len());
        for (day, block) in known {
            if self.key_of(&window.entry.meta, epoch_day(*day))? == key {
                candidates.push((*day, block));
            }
        }
        Ok(candidates)
    }

    /// What is told of a series; `None` if it lacks nothing.
    fn told(
        &self,
        window: &Window,
        (known, register): (&Days, &Register),
        made: &Made,
    ) -> Option<EstimatedSeries> {
        let asked = || known.iter().filter(|(day, _)| window.days.contains(**day) && **day < self.today);
        let mut after: BTreeMap<Date, &IntervalBlock> = asked().map(|(day, block)| (*day, block)).collect();
        after.extend(made.days.iter().map(|(day, block)| (*day, block)));
        let is_shown = window.entry.meta.resolution >= self.terms.scope().finest;
        let told = |(day, block): (&Date, &&IntervalBlock)| {
            let passed = self.passed_on(register, *day).filter(|_| is_shown);
            told_day((*day, known.get(day), block), passed, is_shown)
        };
        let days: Vec<_> = after.iter().filter_map(told).collect();
        let long = chains(after.iter().map(|(day, block)| (*day, *block)));
        let long: Vec<_> = long.into_iter().filter(|chain| chain.days() > self.job.chain_days).collect();
        let is_told = !days.is_empty() || !long.is_empty() || !made.refused.is_empty();
        let refused = made.refused.clone();
        is_told.then(|| EstimatedSeries { entry: window.entry.clone(), days, refused, chains: long })
    }

    fn passed_on(&self, register: &Register, day: Date) -> Option<Decimal> {
        let zone = &self.writing.zone;
        let (start, end) = (zone.day_start(day), zone.day_start(day.tomorrow().ok()?));
        register.passed((start, end), zone).map(Passed::total)
    }
}

impl Made {
    /// Estimates one stretch. A method answers for a whole gap or not at all: where no register binds days together, those of
    /// a longer gap are tried one by one, so that a weekend without like days does not keep its week without values.
    fn estimate(
        &mut self,
        known: &Days,
        (between, passed): (Interval, Option<Passed>),
        sources: &DaySources<'_>,
    ) {
        self.stretch(known, (between, passed), sources);
        let zone = sources.grid.zone;
        let days = zone.day_of(between.start()).series(jiff::ToSpan::day(1));
        for day in days.take_while(|day| passed.is_none() && zone.day_start(*day) < between.end()) {
            let Ok(next) = day.tomorrow() else { break };
            let start = zone.day_start(day).max(between.start());
            let part = Interval::new(start, zone.day_start(next).min(between.end()));
            if let Some(part) = part.ok().filter(|part| *part != between && self.lacks(known, day)) {
                self.stretch(known, (part, None), sources);
            }
        }
    }

    /// Whether a day has intervals without a value.
    fn lacks(&self, known: &Days, day: Date) -> bool {
        let block = self.days.get(&day).or_else(|| known.get(&day));
        block.is_none_or(|block| block.marks().iter().any(|mark| mark.quality() == Quality::Missing))
    }

    /// Estimates one stretch with what was made before it; where values and register do not go together nothing is made.
    fn stretch(
        &mut self,
        known: &Days,
        (between, passed): (Interval, Option<Passed>),
        sources: &DaySources<'_>,
    ) {
        let zone = sources.grid.zone;
        let days = zone.day_of(between.start())..=zone.day_of(between.end());
        let mut now: BTreeMap<Date, &IntervalBlock> =
            known.range(days.clone()).map(|(day, block)| (*day, block)).collect();
        now.extend(self.days.range(days).map(|(day, block)| (*day, block)));
        let now: Vec<_> = now.into_iter().collect();
        match estimate_days(&DayStretch { days: &now, between, passed }, sources) {
            Ok(changed) => self.days.extend(changed),
            Err(fault) => self.refused.push((between, fault)),
        }
    }
}

/// The longest gap a line is drawn over, in intervals.
fn linear_max(seconds: Option<u32>) -> usize {
    let intervals = seconds.and_then(|seconds| LINEAR_SECONDS.checked_div(seconds));
    intervals.map_or(0, |intervals| intervals as usize)
}

/// What is told of a day; `None` if nothing was made and nothing is missing.
fn told_day(
    (day, before, block): (Date, Option<&IntervalBlock>, &IntervalBlock),
    register: Option<Decimal>,
    is_shown: bool,
) -> Option<EstimatedDay> {
    let is_new = |slot: usize, mark: &Mark| {
        let old = before.map(|before| (before.decimal(slot), before.mark(slot)));
        mark.method().is_some() && old != Some((block.decimal(slot), Some(*mark)))
    };
    let new: Vec<(usize, Method)> = block
        .marks()
        .iter()
        .enumerate()
        .filter(|(slot, mark)| is_new(*slot, mark))
        .filter_map(|(slot, mark)| Some((slot, mark.method()?)))
        .collect();
    let count = |method: Method| new.iter().filter(|(_, by)| *by == method).map(|_| 1).sum::<u32>();
    let made: Vec<_> = Method::ALL
        .into_iter()
        .map(|method| (method, count(method)))
        .filter(|(_, count)| *count > 0)
        .collect();
    let left = block.marks().iter().filter(|mark| mark.quality() == Quality::Missing).map(|_| 1).sum::<u32>();
    let sum = |slots: &mut dyn Iterator<Item = usize>| {
        let mut values = slots.filter_map(|slot| block.decimal(slot));
        is_shown.then(|| values.try_fold(Decimal::ZERO, Decimal::checked_add)).flatten()
    };
    let estimated = sum(&mut new.iter().map(|(slot, _)| *slot));
    let sum = sum(&mut (0..block.len()));
    (!made.is_empty() || left > 0).then_some(EstimatedDay { day, made, left, estimated, sum, register })
}

pub(super) fn day_of(period: i32) -> Result<Date, StoreFault> {
    from_epoch_day(period).ok_or(StoreFault::Row { what: "series_block.period" })
}

//! Estimation over local days, between two readings of the register.
//!
//! What comes in: the days of one series, what the register says passed, and what methods may look at. What goes out: the
//! days that changed, whole, in which every estimate has its method and the rules its place had failed. Every other
//! interval is as it was; nothing is moved to another moment (D.1 § 6).

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use tidstro_model::{Findings, Interval, Mark, Method, Quality, Rule};

use super::{
    Estimate, FamilyDay, FitFault, Grid, Profile, Sources, Stretch, estimate, is_refused, like_days,
    like_days::at_exponent, neighbour,
};
use crate::{BlockFault, IntervalBlock, MergeFault, Passed};

/// Intervals of one series over local days.
#[derive(Debug, Clone, Copy)]
pub struct DayStretch<'a> {
    /// The newest block of each day that has one, in any order; a day without one is a gap.
    pub days: &'a [(Date, &'a IntervalBlock)],
    /// From the first interval's start to the last one's end.
    pub between: Interval,
    /// What the register says passed in just that time; `None` unless it was read at both ends.
    pub passed: Option<Passed>,
}

/// What may be looked at to estimate days.
#[derive(Clone, Copy)]
pub struct DaySources<'a> {
    /// How days are divided, and which are alike.
    pub grid: Grid<'a>,
    /// Which methods, in which order; the first that can says the value.
    pub plan: &'a [Method],
    /// The longest gap a line is drawn over, in intervals.
    pub linear_max: usize,
    /// Days of the series that may serve as like days, in any order; those that may not are left out here.
    pub candidates: &'a [(Date, &'a IntervalBlock)],
    /// How many like days a mean is made of.
    pub like_days_count: usize,
    /// Whose shape [`Method::Profile`] takes.
    pub profile: Option<&'a Profile>,
    /// Days of a parent and its other children, for [`Method::Balance`]; days on which not all of them are known are left out.
    pub family: &'a BTreeMap<Date, FamilyDay>,
    /// Days of neighbours or a check meter, for [`Method::Neighbour`].
    pub neighbours: &'a BTreeMap<Date, Vec<IntervalBlock>>,
    /// Rules whose failing takes a value out of the count: it is estimated anew.
    pub refused: Findings,
}

/// Why days cannot be estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DayFault {
    /// An end of the stretch between two intervals.
    #[error("no interval begins or ends at {at}; read the register at the bounds of intervals")]
    NoBound {
        /// The instant.
        at: Timestamp,
    },
    /// A block whose number of intervals is not the day's.
    #[error("the block of {day} has {got} intervals, the local day {expected}; repair the day first")]
    Slots {
        /// The local day.
        day: Date,
        /// Intervals of the local day.
        expected: u32,
        /// Intervals of the block.
        got: usize,
    },
    /// Values and register do not go together.
    #[error(transparent)]
    Fit(#[from] FitFault),
    /// What the register says does not fit in 64 bits in steps of the blocks.
    #[error("what the register says does not fit in steps of 10^{exponent}; check its readings")]
    TooLarge {
        /// The blocks' power of ten.
        exponent: i8,
    },
    /// Blocks of too different powers of ten.
    #[error(transparent)]
    Merge(#[from] MergeFault),
    /// A day with more intervals than a block can hold.
    #[error(transparent)]
    Block(#[from] BlockFault),
}

/// Where an interval of the stretch is.
type Place = (Date, usize);

/// Makes a value for every interval of the stretch that has none, or one that does not count, and that a method can
/// answer for; what counts and what is fitted is as in [`estimate`].
///
/// A stretch in which every value counts stays as it is, whatever the register says: that is the rule *sum*'s. Not
/// counted are missing values, values that failed a rule of `refused`, and estimates made here before:
/// those are made anew. Estimates that came from outside count. The sum is the register's in steps of the finest
/// block, rounded half away from zero. Returns the days that changed, in order.
///
/// # Errors
/// [`DayFault`]; nothing is estimated then.
pub fn estimate_days(
    stretch: &DayStretch<'_>,
    sources: &DaySources<'_>,
) -> Result<Vec<(Date, IntervalBlock)>, DayFault> {
    let places = places(stretch.between, &sources.grid)?;
    let mut days = whole_days(&places, stretch.days, &sources.grid)?;
    let exponent = days.values().map(IntervalBlock::exponent).min().unwrap_or(0);
    let before = days.clone();
    let values: Vec<_> = places.iter().map(|place| counted(&days, *place, sources.refused)).collect();
    if values.iter().all(Option::is_some) {
        return Ok(Vec::new());
    }
    let total = stretch.passed.map(|passed| total(passed, &values, exponent)).transpose()?;
    for made in estimates(Stretch { values: &values, total }, sources, &places, exponent)? {
        if let Some((day, slot)) = places.get(made.slot)
            && let Some(block) = days.get_mut(day)
        {
            put(block, *slot, made);
        }
    }
    Ok(days.into_iter().filter(|(day, block)| before.get(day) != Some(block)).collect())
}

/// The intervals of the stretch, in order.
fn places(between: Interval, grid: &Grid<'_>) -> Result<Vec<Place>, DayFault> {
    let bound = |at| grid.zone.slot_of(at, grid.resolution).ok_or(DayFault::NoBound { at });
    let ((first_day, first_slot), (last_day, end_slot)) = (bound(between.start())?, bound(between.end())?);
    let mut places = Vec::new();
    for day in first_day.series(jiff::ToSpan::day(1)).take_while(|day| *day <= last_day) {
        let slots = grid.zone.slots(day, grid.resolution).unwrap_or(0);
        let first = if day == first_day { first_slot } else { 0 };
        let end = if day == last_day { end_slot } else { slots };
        places.extend((first..end).map(|slot| (day, slot as usize)));
    }
    Ok(places)
}

/// The blocks of the days of the stretch, of one exponent, with missing ones for days without a block.
fn whole_days(
    places: &[Place],
    given: &[(Date, &IntervalBlock)],
    grid: &Grid<'_>,
) -> Result<BTreeMap<Date, IntervalBlock>, DayFault> {
    let mut days: BTreeMap<Date, IntervalBlock> = BTreeMap::new();
    let given: BTreeMap<Date, &IntervalBlock> = given.iter().copied().collect();
    let of_stretch: BTreeMap<Date, u32> =
        places.iter().map(|(day, _)| (*day, grid.zone.slots(*day, grid.resolution).unwrap_or(0))).collect();
    let found = of_stretch.keys().filter_map(|day| given.get(day));
    let exponent = found.map(|block| block.exponent()).min().unwrap_or(0);
    for (day, expected) in of_stretch {
        let block = match given.get(&day) {
            Some(block) if block.len() != expected as usize => {
                return Err(DayFault::Slots { day, expected, got: block.len() });
            }
            Some(block) => block.at_exponent(exponent)?,
            None => IntervalBlock::all_missing(exponent, expected)?,
        };
        days.insert(day, block);
    }
    Ok(days)
}

/// The value of an interval, if it counts.
fn counted(days: &BTreeMap<Date, IntervalBlock>, (day, slot): Place, refused: Findings) -> Option<i64> {
    let block = days.get(&day)?;
    let mark = block.mark(slot)?;
    block.value(slot).filter(|_| mark.method().is_none() && !is_refused(mark, refused))
}

/// What the register says passed, in steps of the blocks. It shows whole pulses: where the measured values are more by no
/// more than these, nothing is left for the others, and that is no contradiction.
fn total(passed: Passed, values: &[Option<i64>], exponent: i8) -> Result<i64, DayFault> {
    let steps = |number| at_exponent(number, exponent).ok_or(DayFault::TooLarge { exponent });
    let total = steps(passed.total())?;
    let pulses = i128::from(steps(passed.pulse())?) * i128::from(passed.differences());
    let measured: i128 = values.iter().flatten().copied().map(i128::from).sum();
    let is_within = (0..=pulses).contains(&(measured - i128::from(total)));
    Ok(if is_within { i64::try_from(measured).unwrap_or(total) } else { total })
}

/// The estimates of the stretch, with like days chosen for each of its days.
fn estimates(
    stretch: Stretch<'_>,
    sources: &DaySources<'_>,
    places: &[Place],
    exponent: i8,
) -> Result<Vec<Estimate>, FitFault> {
    let like = like_rows(sources, places, exponent);
    let like: Vec<&[Option<i64>]> = like.iter().map(Vec::as_slice).collect();
    let (profile, balance) = (profile_row(sources, places), balance_row(sources, places, exponent));
    let DaySources { plan, linear_max, like_days_count, .. } = *sources;
    let neighbours = neighbour_row(sources, places);
    let (profile, balance, neighbours) = (profile.as_slice(), balance.as_slice(), neighbours.as_slice());
    let sources =
        Sources { plan, linear_max, like_days: &like, like_days_count, profile, balance, neighbours };
    estimate(stretch, &sources)
}

/// What neighbours used in each interval of the stretch; none where nobody asks for it.
fn neighbour_row(sources: &DaySources<'_>, places: &[Place]) -> Vec<Option<i64>> {
    if !sources.plan.contains(&Method::Neighbour) {
        return Vec::new();
    }
    let of_day =
        |(day, blocks): (&Date, &Vec<IntervalBlock>)| (*day, neighbour::shares(blocks, sources.refused));
    let days: BTreeMap<Date, Vec<Option<i64>>> = sources.neighbours.iter().map(of_day).collect();
    places.iter().map(|(day, slot)| *days.get(day)?.get(*slot)?).collect()
}

/// The share of the profile of each interval of the stretch; none without a profile.
fn profile_row(sources: &DaySources<'_>, places: &[Place]) -> Vec<Option<i64>> {
    let Grid { zone, resolution, .. } = sources.grid;
    let Some((profile, seconds)) = sources.profile.zip(resolution.seconds()) else { return Vec::new() };
    let share = |(day, slot): &Place| {
        profile.share(zone.slot_start(*day, resolution, u32::try_from(*slot).ok()?)?, seconds)
    };
    places.iter().map(share).collect()
}

/// What the parent of the point leaves for each interval of the stretch; none where nobody asks for it.
fn balance_row(sources: &DaySources<'_>, places: &[Place], exponent: i8) -> Vec<Option<i64>> {
    if !sources.plan.contains(&Method::Balance) {
        return Vec::new();
    }
    let mut left: BTreeMap<Date, Vec<Option<i64>>> = BTreeMap::new();
    for (day, _) in places {
        if let Some(family) = sources.family.get(day) {
            left.entry(*day).or_insert_with(|| family.left((sources.refused, exponent)));
        }
    }
    places.iter().map(|(day, slot)| *left.get(day)?.get(*slot)?).collect()
}

/// For each rank of nearness the like days of that rank, one after the other as the days of the stretch are.
fn like_rows(sources: &DaySources<'_>, places: &[Place], exponent: i8) -> Vec<Vec<Option<i64>>> {
    if !sources.plan.contains(&Method::LikeDays) {
        return Vec::new();
    }
    let mut like: BTreeMap<Date, Vec<Vec<Option<i64>>>> = BTreeMap::new();
    for (day, _) in places {
        let of_day = || like_days(&sources.grid, *day, sources.candidates, (sources.refused, exponent));
        like.entry(*day).or_insert_with(of_day);
    }
    let ranks = like.values().map(Vec::len).max().unwrap_or(0);
    let at = |rank: usize, (day, slot): &Place| *like.get(day)?.get(rank)?.get(*slot)?;
    (0..ranks).map(|rank| places.iter().map(|place| at(rank, place)).collect()).collect()
}

/// Puts an estimate in its place, with the rules the place had failed; a gap has failed completeness.
fn put(block: &mut IntervalBlock, slot: usize, made: Estimate) {
    let Some(old) = block.mark(slot) else { return };
    let was_missing = old.quality() == Quality::Missing;
    let mark = Mark::estimated(made.method).with_all(old.findings());
    let mark = if was_missing { mark.with(Rule::Completeness) } else { mark };
    let changes = !was_missing && block.value(slot) != Some(made.value);
    block.put(slot, made.value, if changes || old.is_correction() { mark.corrected() } else { mark });
}

#[cfg(test)]
mod tests;

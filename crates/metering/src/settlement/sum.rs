//! What blocks of one group and one local day add up to.
//!
//! What comes in: blocks, each with the part of the day in which it counts. What goes out: per slot an exact sum of
//! energy and the number of values of each quality. Adding and subtracting are exact and undo each other, so sums of
//! blocks, of groups and of days can be made in any order, and a correction is `new - old`. A missing value adds 0 to the
//! energy and 1 to the missing ones.

use std::ops::Range;

use tidstro_model::{Mark, Quality, Resolution};

use super::{
    DayValues, MonthValues, QualitySet, SettlementFault,
    quality::{QUALITIES, hour_quality},
    readings::intervals_per_hour,
};

/// Steps of a sum that make a watt-hour: an hour of whole watt-hours has four exact quarters.
pub(super) const PER_WATT_HOUR: i64 = 4;
/// More energy than any interval holds: 100 GWh. With it no sum of 20 million points leaves 64 bits.
const LARGEST: u64 = 100_000_000_000;

/// Slots of a local day, from 0, half open.
pub type SlotRange = Range<usize>;

/// Whether energy counts for or against the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Energy into the area, or consumed or produced in it.
    In,
    /// Energy out of the area to a neighbour.
    Out,
}

impl Direction {
    const fn sign(self) -> i64 {
        match self {
            Self::In => 1,
            Self::Out => -1,
        }
    }
}

/// Energy and qualities of one group on one local day, slot by slot.
///
/// ```
/// use tidstro_metering::{IntervalBlock, settlement::{DayValues, Direction, EnergyUnit, SettlementSum}};
/// use tidstro_model::{Quality, Resolution};
///
/// let mut block = IntervalBlock::all_missing(-3, 24)?;
/// block.set(7, 125, Quality::Measured)?;
/// let mut sum = SettlementSum::zero(Resolution::PT15M, 96)?;
/// let values = DayValues { resolution: Resolution::PT1H, unit: EnergyUnit::KilowattHour, block: &block };
/// sum.add_block(&(0..96), Some(values), Direction::In)?;
/// // 125 watt-hours in four quarters.
/// assert_eq!(sum.quarter_watt_hours()[28..32], [125; 4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementSum {
    /// Slots of an hour: 4 or 1.
    pub(super) per_hour: usize,
    /// Quarter watt-hours of each slot.
    pub(super) quantities: Vec<i64>,
    /// By how much the number of values of each quality changes at each slot. INVARIANT: as long as `quantities`. Kept as
    /// changes so that a day of one quality costs one step, whatever its number of slots.
    pub(super) steps: Vec<[i64; 4]>,
}

impl SettlementSum {
    /// The sum of nothing, for a local day with so many slots of this resolution.
    ///
    /// # Errors
    /// [`SettlementFault::Resolution`] for other resolutions than PT15M and PT1H.
    pub fn zero(resolution: Resolution, slots: usize) -> Result<Self, SettlementFault> {
        let per_hour = intervals_per_hour(resolution)?;
        Ok(Self { per_hour, quantities: vec![0; slots], steps: vec![[0; 4]; slots] })
    }

    /// What a correction changes: the new values of a block less the old ones. `None` stands for values that are all missing.
    ///
    /// # Errors
    /// As [`SettlementSum::add_block`].
    pub fn delta(
        resolution: Resolution,
        slots: usize,
        part: &SlotRange,
        old: Option<DayValues<'_>>,
        new: Option<DayValues<'_>>,
        direction: Direction,
    ) -> Result<Self, SettlementFault> {
        let mut delta = Self::zero(resolution, slots)?;
        delta.apply(part, new, direction.sign(), 1)?;
        delta.apply(part, old, -direction.sign(), -1)?;
        Ok(delta)
    }

    /// Adds a block in a part of the day; no block at all counts as missing values.
    ///
    /// An hour is four equal quarters. Quarters in a sum of hours are one value of the hour, whose quality is by the
    /// rule of the market: calculated, else estimated, else estimated where measured and missing meet.
    ///
    /// # Errors
    /// [`SettlementFault`] for more than three decimals of a kWh, another resolution than PT15M or PT1H, a wrong
    /// number of slots, and a value of more than 100 GWh. The sum is unchanged then.
    pub fn add_block(
        &mut self,
        part: &SlotRange,
        values: Option<DayValues<'_>>,
        direction: Direction,
    ) -> Result<(), SettlementFault> {
        self.apply(part, values, direction.sign(), 1)
    }

    /// Takes back what [`SettlementSum::add_block`] added.
    ///
    /// # Errors
    /// As [`SettlementSum::add_block`].
    pub fn subtract_block(
        &mut self,
        part: &SlotRange,
        values: Option<DayValues<'_>>,
        direction: Direction,
    ) -> Result<(), SettlementFault> {
        self.apply(part, values, -direction.sign(), -1)
    }

    /// Adds another sum of the same day and resolution.
    ///
    /// # Errors
    /// [`SettlementFault::Shapes`].
    pub fn add(&mut self, other: &Self) -> Result<(), SettlementFault> {
        self.combine(other, 1)
    }

    /// Subtracts another sum of the same day and resolution.
    ///
    /// # Errors
    /// [`SettlementFault::Shapes`].
    pub fn subtract(&mut self, other: &Self) -> Result<(), SettlementFault> {
        self.combine(other, -1)
    }

    /// Counts as missing whoever is in `everybody` and not in this sum: points whose block never came. `everybody` is
    /// the sum of the same points without any values.
    ///
    /// # Errors
    /// [`SettlementFault::Shapes`].
    pub fn count_absent(&mut self, everybody: &Self) -> Result<(), SettlementFault> {
        self.fits(everybody)?;
        for (steps, expected) in self.steps.iter_mut().zip(&everybody.steps) {
            let absent = expected.iter().sum::<i64>() - steps.iter().sum::<i64>();
            if let Some(missing) = steps.get_mut(Quality::Missing as usize) {
                *missing += absent;
            }
        }
        Ok(())
    }

    /// Energy of each slot, in quarter watt-hours: 4,000 are a kWh.
    #[must_use]
    pub fn quarter_watt_hours(&self) -> &[i64] {
        &self.quantities
    }

    /// Slots of an hour: 4 or 1.
    #[must_use]
    pub const fn slots_per_hour(&self) -> usize {
        self.per_hour
    }

    /// How many values of each quality each slot has, in the order measured, estimated, missing, calculated.
    pub fn counts(&self) -> impl Iterator<Item = [i64; 4]> {
        self.steps.iter().scan([0; 4], |counts: &mut [i64; 4], steps| {
            counts.iter_mut().zip(steps).for_each(|(count, step)| *count += step);
            Some(*counts)
        })
    }

    /// The qualities that occur in each slot; empty where nothing was added.
    pub fn qualities(&self) -> impl Iterator<Item = QualitySet> {
        self.counts().map(|counts| {
            let occurring = QUALITIES.iter().zip(counts).filter(|(_, count)| *count > 0);
            occurring.fold(QualitySet::EMPTY, |set, (quality, _)| set.with(*quality))
        })
    }

    /// Whether it is the sum of nothing.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.quantities.iter().all(|quantity| *quantity == 0) && self.steps.iter().all(|step| *step == [0; 4])
    }

    /// Proves that the other sum is of the same day and resolution.
    fn fits(&self, other: &Self) -> Result<(), SettlementFault> {
        let (one, another) = (self.quantities.len(), other.quantities.len());
        let fits = one == another && self.per_hour == other.per_hour;
        if fits { Ok(()) } else { Err(SettlementFault::Shapes { one, other: another }) }
    }

    fn combine(&mut self, other: &Self, sign: i64) -> Result<(), SettlementFault> {
        self.fits(other)?;
        add_scaled(&mut self.quantities, &other.quantities, sign);
        for (steps, others) in self.steps.iter_mut().zip(&other.steps) {
            add_scaled(steps, others, sign);
        }
        Ok(())
    }

    fn apply(
        &mut self,
        part: &SlotRange,
        values: Option<DayValues<'_>>,
        quantity_sign: i64,
        count_sign: i64,
    ) -> Result<(), SettlementFault> {
        let part = part.start.min(self.quantities.len())..part.end.min(self.quantities.len());
        let Some(values) = values else {
            self.count(&part, Quality::Missing, count_sign);
            return Ok(());
        };
        let expected = self.quantities.len() / self.per_hour * values.per_hour()?;
        let got = values.block.len();
        if got != expected {
            return Err(SettlementFault::Slots { resolution: values.resolution, expected, got });
        }
        self.apply_from(0, &part, &values.days(), (quantity_sign, count_sign))
    }

    /// Adds values of which the first begins with slot `first`, in a part of the slots they are of. Their number is the
    /// caller's to prove.
    pub(super) fn add_days(
        &mut self,
        first: usize,
        part: &SlotRange,
        values: &MonthValues<'_>,
        direction: Direction,
    ) -> Result<(), SettlementFault> {
        self.apply_from(first, part, values, (direction.sign(), 1))
    }

    fn apply_from(
        &mut self,
        first: usize,
        part: &SlotRange,
        values: &MonthValues<'_>,
        (quantity_sign, count_sign): (i64, i64),
    ) -> Result<(), SettlementFault> {
        let (step, per_hour) = (values.watt_hours_per_step()?, values.per_hour()?);
        no_value_is_too_large(values.days.values, step)?;
        self.apply_quantities(first, part, (values.days.values, per_hour), step * quantity_sign);
        self.apply_qualities(first, part, (values.days.marks, per_hour), count_sign);
        Ok(())
    }

    /// Adds values, `step` watt-hours each, to the slots of the part; the first value begins with slot `first`.
    fn apply_quantities(
        &mut self,
        first: usize,
        part: &SlotRange,
        (values, per_hour): (&[i64], usize),
        step: i64,
    ) {
        let slots = self.quantities.get_mut(part.clone()).unwrap_or_default();
        let before = part.start.saturating_sub(first);
        match (per_hour, self.per_hour) {
            (4, 1) => {
                let hours = values.chunks_exact(4).skip(before);
                let sums = hours.map(|quarters| quarters.iter().sum::<i64>());
                slots.iter_mut().zip(sums).for_each(|(slot, sum)| *slot += sum * step * PER_WATT_HOUR);
            }
            (1, 4) => add_hours(slots, values, before, step),
            _ => add_scaled(slots, values.get(before..).unwrap_or_default(), step * PER_WATT_HOUR),
        }
    }

    fn apply_qualities(
        &mut self,
        first: usize,
        part: &SlotRange,
        (marks, per_hour): (&[Mark], usize),
        sign: i64,
    ) {
        match (per_hour, self.per_hour) {
            (4, 1) => {
                let hours = marks.chunks_exact(4).map(|quarters| {
                    hour_quality(
                        quarters.iter().fold(QualitySet::EMPTY, |set, mark| set.with(mark.quality())),
                    )
                });
                for (slot, quality) in (first..).zip(hours).filter(|(slot, _)| part.contains(slot)) {
                    self.count(&(slot..slot + 1), quality, sign);
                }
            }
            (one, other) => self.count_runs(first, part, (marks, other / one), sign),
        }
    }

    /// Counts runs of one quality; each mark stands for `width` slots, the first of them begins with slot `first`.
    fn count_runs(&mut self, first: usize, part: &SlotRange, (marks, width): (&[Mark], usize), sign: i64) {
        if let Some(mark) = the_only_mark(marks) {
            let slots = first.max(part.start)..(first + marks.len() * width).min(part.end);
            if !slots.is_empty() {
                self.count(&slots, mark.quality(), sign);
            }
            return;
        }
        let mut begun = first;
        for run in marks.chunk_by(|one, next| one.quality() == next.quality()) {
            let ended = begun + run.len() * width;
            let slots = begun.max(part.start)..ended.min(part.end);
            if let (Some(mark), false) = (run.first(), slots.is_empty()) {
                self.count(&slots, mark.quality(), sign);
            }
            begun = ended;
        }
    }

    /// Counts one value of a quality in each slot.
    fn count(&mut self, slots: &SlotRange, quality: Quality, sign: i64) {
        for (slot, change) in [(slots.start, sign), (slots.end, -sign)] {
            let step = self.steps.get_mut(slot).and_then(|steps| steps.get_mut(quality as usize));
            if let Some(step) = step {
                *step += change;
            }
        }
    }
}

/// Refuses a value beyond [`LARGEST`]; each counts `step` watt-hours.
fn no_value_is_too_large(values: &[i64], step: i64) -> Result<(), SettlementFault> {
    let largest = LARGEST / step.unsigned_abs().max(1);
    // The bits of all magnitudes together are less than a power of two only if each is: no branch in the loop.
    let bits = values.iter().fold(0, |bits, value| bits | value.unsigned_abs());
    if bits > largest {
        let too_large = values.iter().position(|value| value.unsigned_abs() > largest);
        return too_large.map_or(Ok(()), |slot| Err(SettlementFault::TooLarge { slot }));
    }
    Ok(())
}

/// The mark that all of them are, if they are. Every mark is looked at: without a way out of the loop the compiler compares
/// several at once.
fn the_only_mark(marks: &[Mark]) -> Option<Mark> {
    let first = *marks.first()?;
    let differences = marks.iter().fold(0, |bits, mark| bits | (mark.bits() ^ first.bits()));
    (differences == 0).then_some(first)
}

/// Adds hours to their quarters, of which `first` is the first slot. A quarter of a watt-hour is one step of the sum, so
/// an hour's watt-hours are the steps of each of its quarters.
fn add_hours(slots: &mut [i64], hours: &[i64], first: usize, step: i64) {
    let begun = (4 - first % 4) % 4;
    let (rest_of_hour, slots) = slots.split_at_mut(begun.min(slots.len()));
    if let Some(hour) = hours.get(first / 4) {
        rest_of_hour.iter_mut().for_each(|slot| *slot += hour * step);
    }
    // Whole hours apart from the last one let the compiler add four quarters at once.
    let hours = hours.get(first.div_ceil(4)..).unwrap_or_default();
    let mut whole = slots.chunks_exact_mut(4);
    let mut hour = hours.iter();
    for (quarters, hour) in whole.by_ref().zip(hour.by_ref()) {
        quarters.iter_mut().for_each(|slot| *slot += hour * step);
    }
    for (slot, hour) in whole.into_remainder().iter_mut().zip(hour.flat_map(|hour| [hour; 3])) {
        *slot += hour * step;
    }
}

/// Adds `factor` times each value to its slot.
fn add_scaled(slots: &mut [i64], values: &[i64], factor: i64) {
    let pairs = slots.iter_mut().zip(values);
    // Nearly all values are watt-hours: by a factor it knows, the compiler adds several at once.
    match factor {
        PER_WATT_HOUR => pairs.for_each(|(slot, value)| *slot += value * PER_WATT_HOUR),
        _ => pairs.for_each(|(slot, value)| *slot += value * factor),
    }
}

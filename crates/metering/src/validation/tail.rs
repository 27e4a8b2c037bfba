//! What one local day of intervals leaves to the next.
//!
//! What comes in: validated blocks of one series, one per local day, in order; days without a block are told as gaps.
//! What goes out: four numbers, with which rules look across midnight without the day before. It must stay small: it
//! is kept per series.

use tidstro_model::{Decimal, Mark, Quality};

use crate::IntervalBlock;

/// How the days of a series before this one ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tail {
    last: Option<Decimal>,
    run: u32,
    zero_days: u32,
    estimated_days: u32,
}

impl Tail {
    /// Of a series nobody has seen yet.
    pub const NONE: Self = Self { last: None, run: 0, zero_days: 0, estimated_days: 0 };

    /// The last interval before this day; `None` if it has no value.
    #[must_use]
    pub const fn last(&self) -> Option<Decimal> {
        self.last
    }

    /// How many intervals in a row, up to the last, have its value.
    #[must_use]
    pub const fn run(&self) -> u32 {
        self.run
    }

    /// Local days in a row without consumption, up to the last one that has a value.
    #[must_use]
    pub const fn zero_days(&self) -> u32 {
        self.zero_days
    }

    /// Local days that the estimates in a row up to here have lasted; 0 if the last value is none.
    #[must_use]
    pub const fn estimated_days(&self) -> u32 {
        self.estimated_days
    }

    /// The five numbers a store keeps: the last value's mantissa and exponent (the least number where there is none), its
    /// run, days without consumption, days of estimates.
    #[must_use]
    pub fn to_numbers(self) -> [i64; 5] {
        let last = self.last.map_or((0, i64::MIN), |last| (last.mantissa(), last.exponent().into()));
        [last.0, last.1, self.run.into(), self.zero_days.into(), self.estimated_days.into()]
    }

    /// The tail with these numbers; `None` if [`Tail::to_numbers`] gives no such numbers.
    #[must_use]
    pub fn from_numbers(numbers: [i64; 5]) -> Option<Self> {
        let [mantissa, exponent, run, zero_days, estimated_days] = numbers;
        let last = match (mantissa, exponent) {
            (0, i64::MIN) => None,
            _ => Some(Decimal::new(mantissa, i8::try_from(exponent).ok()?)),
        };
        let count = |number: i64| u32::try_from(number).ok();
        let (run, zero_days, estimated_days) = (count(run)?, count(zero_days)?, count(estimated_days)?);
        (last.is_some() == (run > 0)).then_some(Self { last, run, zero_days, estimated_days })
    }

    /// Takes in the next local day.
    #[must_use]
    pub fn after(self, block: &IntervalBlock) -> Self {
        let (last, run) = self.last_run(block);
        Self {
            last,
            run,
            zero_days: zero_days(self.zero_days, block),
            estimated_days: estimated_days(self.estimated_days, block),
        }
    }

    /// What it leaves to a day that is not the next one: no neighbour and no run. Days without a block say nothing about
    /// consumption and estimates.
    #[must_use]
    pub const fn over_gap(self) -> Self {
        Self { last: None, run: 0, ..self }
    }

    fn last_run(self, block: &IntervalBlock) -> (Option<Decimal>, u32) {
        let begun = (self.last, self.run);
        (0..block.len()).fold(begun, |(last, run), slot| match block.decimal(slot) {
            None => (None, 0),
            value if value == last => (last, run.saturating_add(1)),
            value => (value, 1),
        })
    }
}

/// Local days in a row without consumption, this one too; a day without values changes nothing.
pub(super) fn zero_days(before: u32, block: &IntervalBlock) -> u32 {
    if block.present() == 0 {
        return before;
    }
    let is_zero = block.values_zero_if_missing().iter().all(|value| *value == 0);
    if is_zero { before.saturating_add(1) } else { 0 }
}

/// Local days the estimates in a row last that reach the end of this one.
fn estimated_days(before: u32, block: &IntervalBlock) -> u32 {
    let said = || block.marks().iter().copied().filter(|mark| mark.quality() != Quality::Missing);
    match (said().next_back().map(is_estimate), said().all(is_estimate)) {
        (None, _) => before,
        (Some(false), _) => 0,
        (Some(true), true) => before.saturating_add(1),
        (Some(true), false) => 1,
    }
}

/// Whether a value is a substitute.
pub(super) fn is_estimate(mark: Mark) -> bool {
    mark.quality() == Quality::Estimated
}

#[cfg(test)]
mod tests {
    use super::{super::examples::intervals, *};

    fn estimates(values: &[i64]) -> IntervalBlock {
        let mut block = IntervalBlock::empty(0);
        values.iter().for_each(|value| block.push(Some(*value), Quality::Estimated).unwrap());
        block
    }

    #[test]
    fn equal_values_run_across_midnight() {
        let one = Tail::NONE.after(&intervals(&[Some(1), Some(7), Some(7)]));
        assert_eq!((one.last(), one.run()), (Some(Decimal::new(7, 0)), 2));
        let two = one.after(&intervals(&[Some(7), Some(7)]));
        assert_eq!(two.run(), 4);
        assert_eq!(two.after(&intervals(&[Some(7), None])).last(), None);
        assert_eq!(two.after(&intervals(&[None, Some(7)])).run(), 1);
    }

    #[test]
    fn the_numbers_are_the_tail() {
        for day in [intervals(&[]), intervals(&[Some(0), Some(-7)]), estimates(&[3, 3]), intervals(&[None])] {
            let tail = Tail::NONE.after(&estimates(&[5])).after(&day);
            assert_eq!(Tail::from_numbers(tail.to_numbers()), Some(tail), "{day:?}");
        }
        for numbers in [[0, i64::MIN, 1, 0, 0], [5, 0, 0, 0, 0], [5, 999, 1, 0, 0], [5, 0, 1, -1, 0]] {
            assert_eq!(Tail::from_numbers(numbers), None, "{numbers:?}");
        }
    }

    #[test]
    fn after_a_gap_nothing_is_next_to_the_day() {
        let tail = Tail::NONE.after(&estimates(&[0, 0])).over_gap();
        assert_eq!((tail.last(), tail.run(), tail.zero_days(), tail.estimated_days()), (None, 0, 1, 1));
    }

    #[test]
    fn days_without_consumption_are_counted() {
        let zero = intervals(&[Some(0), None]);
        let two = Tail::NONE.after(&zero).after(&zero);
        assert_eq!(two.zero_days(), 2);
        assert_eq!(two.after(&intervals(&[None])).zero_days(), 2, "nothing was said");
        assert_eq!(two.after(&intervals(&[Some(0), Some(1)])).zero_days(), 0);
    }

    #[test]
    fn estimates_last_until_a_value_is_measured() {
        let begun = Tail::NONE.after(&intervals(&[Some(1)])).after(&estimates(&[4, 5]));
        assert_eq!(begun.after(&estimates(&[4])).estimated_days(), 2);
        assert_eq!(begun.after(&intervals(&[None])).estimated_days(), 1);
        assert_eq!(begun.after(&intervals(&[Some(3)])).estimated_days(), 0);
    }
}

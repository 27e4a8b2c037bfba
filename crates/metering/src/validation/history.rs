//! The past of a series in three numbers.
//!
//! What comes in: validated blocks, one per local day, each once. What goes out: the highest value of
//! the recent past. It must stay small, because it is kept per series and read for each block, and it
//! must not be captured by one wrong value: a spike raises it to double at most, and each day lowers it
//! a little.

use tidstro_model::{Decimal, Rule};

use crate::{IntervalBlock, RegisterBlock};

/// Each day takes this part of the recent maximum away: it halves in 44 days.
const DECAY: i64 = 64;

/// What is normal for a series: the recent maximum of its interval values, or of its rise per local day.
///
/// Integers only. The store keeps it as [`History::to_numbers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    days: i64,
    recent_max: i64,
    exponent: i8,
}

impl History {
    /// The history of a series nobody has seen yet.
    pub const NONE: Self = Self { days: 0, recent_max: 0, exponent: 0 };

    /// Takes in the local day of an interval series. Give each day once, after validation.
    pub fn observe(&mut self, block: &IntervalBlock) {
        if let Some(day) = LocalDay::of_intervals(block) {
            self.take_in(day);
        }
    }

    /// Takes in what a day that was observed already has become, after its block was extended.
    pub fn extend(&mut self, block: &IntervalBlock) {
        if let Some(day) = LocalDay::of_intervals(block) {
            self.raise(day);
        }
    }

    /// Takes in the local day of a cumulative register: its rise since `before`, the last value of an
    /// earlier local day at the block's exponent, or since its own first reading. Give each day once,
    /// after validation.
    pub fn observe_registers(&mut self, block: &RegisterBlock, before: Option<i64>) {
        if let Some(day) = LocalDay::of_register(block, before) {
            self.take_in(day);
        }
    }

    /// [`History::extend`] for a cumulative register; `before` as in [`History::observe_registers`].
    pub fn extend_registers(&mut self, block: &RegisterBlock, before: Option<i64>) {
        if let Some(day) = LocalDay::of_register(block, before) {
            self.raise(day);
        }
    }

    fn take_in(&mut self, day: LocalDay) {
        self.rescale(day.exponent);
        let limit =
            if day.has_spike { self.recent_max.saturating_mul(2).saturating_add(1) } else { i64::MAX };
        let faded = self.recent_max - self.recent_max.saturating_add(DECAY - 1) / DECAY;
        self.recent_max = day.highest.min(limit).max(faded);
        self.days = self.days.saturating_add(1);
    }

    /// A day counts and fades once only, and its spikes have had their say.
    fn raise(&mut self, day: LocalDay) {
        if !day.has_spike {
            self.rescale(day.exponent);
            self.recent_max = self.recent_max.max(day.highest);
        }
    }

    /// Counts the maximum in another power of ten; the finer digits of a coarser one are cut off.
    fn rescale(&mut self, exponent: i8) {
        if self.exponent != exponent {
            self.recent_max = self.recent_max_at(exponent);
            self.exponent = exponent;
        }
    }

    /// Local days taken in.
    #[must_use]
    pub const fn days(&self) -> i64 {
        self.days
    }

    /// The recent maximum, as a count of `10^exponent`, cut to 64 bits.
    #[must_use]
    pub fn recent_max_at(&self, exponent: i8) -> i64 {
        if self.exponent == exponent {
            self.recent_max
        } else {
            count_at(self.recent_max, self.exponent, exponent)
        }
    }

    /// The three numbers the store keeps: days, recent maximum, exponent.
    #[must_use]
    pub const fn to_numbers(&self) -> [i64; 3] {
        [self.days, self.recent_max, self.exponent as i64]
    }

    /// The history with these numbers; `None` if [`History::to_numbers`] gives no such numbers.
    #[must_use]
    pub fn from_numbers(numbers: [i64; 3]) -> Option<Self> {
        let [days, recent_max, exponent] = numbers;
        let exponent = i8::try_from(exponent).ok()?;
        (days >= 0 && recent_max >= 0).then_some(Self { days, recent_max, exponent })
    }
}

/// What the history takes from a local day.
#[derive(Clone, Copy)]
struct LocalDay {
    /// Highest interval, or rise of the register; not below 0.
    highest: i64,
    exponent: i8,
    has_spike: bool,
}

impl LocalDay {
    fn of_intervals(block: &IntervalBlock) -> Option<Self> {
        let highest = block.values_zero_if_missing().iter().copied().fold(0, i64::max);
        let has_spike = block.marks().iter().any(|mark| mark.findings().contains(Rule::Spike));
        (block.present() > 0).then_some(Self { highest, exponent: block.exponent(), has_spike })
    }

    fn of_register(block: &RegisterBlock, before: Option<i64>) -> Option<Self> {
        let first = before.or_else(|| block.values().first().copied())?;
        let highest = block.last_value()?.saturating_sub(first).max(0);
        let has_spike = block.readings().any(|(_, _, mark)| mark.findings().contains(Rule::Spike));
        Some(Self { highest, exponent: block.exponent(), has_spike })
    }
}

/// A number as a count of `10^to`: cut off where `to` is coarser, [`i64::MAX`] where it does not fit.
pub(super) fn count_at(number: i64, from: i8, to: i8) -> i64 {
    let steps = i32::from(from) - i32::from(to);
    match 10_i64.checked_pow(steps.unsigned_abs()) {
        Some(factor) if steps >= 0 => number.saturating_mul(factor),
        Some(factor) => number / factor,
        None if steps < 0 || number == 0 => 0,
        None => i64::MAX,
    }
}

/// So many percent of a count, cut off; [`i64::MAX`] where it does not fit.
pub(super) fn share_of_count(count: i64, percent: u32) -> i64 {
    i64::try_from(i128::from(count) * i128::from(percent) / 100).unwrap_or(i64::MAX)
}

/// So many percent of a number, not below zero, as a count of `10^exponent`, cut off; `None` where it does not fit.
pub(super) fn share(number: Decimal, percent: Decimal, exponent: i8) -> Option<i64> {
    let product = i128::from(number.mantissa()) * i128::from(percent.mantissa());
    let steps = i32::from(number.exponent()) + i32::from(percent.exponent()) - 2 - i32::from(exponent);
    let factor = 10_i128.checked_pow(steps.unsigned_abs())?;
    let shared = if steps >= 0 { product.checked_mul(factor)? } else { product / factor };
    i64::try_from(shared).ok()
}

/// A decimal number, not below zero, as a count of `10^exponent`; see [`count_at`].
pub(super) fn decimal_at(number: Decimal, exponent: i8) -> i64 {
    if number.exponent() == exponent {
        return number.mantissa();
    }
    count_at(number.mantissa().max(0), number.exponent(), exponent)
}

#[cfg(test)]
mod tests {
    use super::{
        super::examples::{history, intervals, readings},
        *,
    };

    #[test]
    fn the_recent_maximum_follows_the_series() {
        let mut past = History::NONE;
        past.observe(&intervals(&[Some(100), Some(640), None]));
        assert_eq!(past, history(1, 640));
        // A quiet day takes a 64th away.
        past.observe(&intervals(&[Some(100), Some(20)]));
        assert_eq!(past, history(2, 630));
        // A day without values says nothing.
        past.observe(&intervals(&[None, None]));
        assert_eq!(past, history(2, 630));
    }

    #[test]
    fn a_spike_raises_it_to_double_only() {
        let mut past = history(30, 1000);
        let mut block = intervals(&[Some(90_000)]);
        block.add_finding(Rule::Spike, |_, _, _| true);
        past.observe(&block);
        assert_eq!(past, history(31, 2001));
        past.observe(&intervals(&[Some(0)]));
        assert!(past.recent_max_at(0) < 2001);
    }

    #[test]
    fn registers_are_known_by_their_rise() {
        let mut past = History::NONE;
        past.observe_registers(&readings(&[500, 700]), None);
        assert_eq!(past, history(1, 200));
        past.observe_registers(&readings(&[900, 1100]), Some(700));
        assert_eq!(past, history(2, 400));
        past.observe_registers(&readings(&[]), Some(1100));
        assert_eq!(past, history(2, 400));
    }

    #[test]
    fn an_extended_day_counts_once() {
        let mut past = history(7, 100);
        past.observe_registers(&readings(&[500]), Some(490));
        assert_eq!(past, history(8, 98));
        past.extend_registers(&readings(&[500, 650]), Some(490));
        assert_eq!(past, history(8, 160));
        past.extend(&intervals(&[Some(200)]));
        assert_eq!(past, history(8, 200));
    }

    #[test]
    fn exponents_may_change() {
        let past = History::from_numbers([3, 1234, -3]).unwrap();
        assert_eq!((past.recent_max_at(-1), past.recent_max_at(-4), past.recent_max_at(0)), (12, 12_340, 1));
        assert_eq!((past.recent_max_at(100), past.recent_max_at(-100)), (0, i64::MAX));
    }

    #[test]
    fn shares_are_cut_off() {
        assert_eq!((share_of_count(999, 10), share_of_count(i64::MAX, 200)), (99, i64::MAX));
        let half_a_percent = Decimal::new(5, -1);
        assert_eq!(share(Decimal::new(20, 3), half_a_percent, 0), Some(100));
        assert_eq!(share(Decimal::new(20, 3), half_a_percent, 3), Some(0));
        assert_eq!(share(Decimal::new(i64::MAX, 0), Decimal::new(200, 0), 0), None);
        assert_eq!(share(Decimal::new(1, 100), Decimal::new(1, 100), -100), None);
    }

    #[test]
    fn the_numbers_are_the_history() {
        let past = History::from_numbers([3, 1234, -3]).unwrap();
        assert_eq!(History::from_numbers(past.to_numbers()), Some(past));
        for numbers in [[-1, 0, 0], [0, -1, 0], [0, 0, 200]] {
            assert_eq!(History::from_numbers(numbers), None);
        }
    }
}

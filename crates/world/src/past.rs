//! Before the period: what meters remember of the ends of months.
//!
//! What comes in: the plan, and what is used on a day so cold. What goes out: the register at the end of each remembered month, and
//! how far it had come when the period began. Without memory nothing happened before the period.

use jiff::ToSpan;
use jiff::civil::Date;
use tidstro_calendar::first_of_month;

use crate::climate::past_demand;
use crate::plan::TownPlan;

/// A register at the end of a local day, the last of its month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MonthEnd {
    /// The day.
    pub(crate) day: Date,
    /// The register then, in thousandths of what the telegram states.
    pub(crate) milli: i64,
}

/// The days from the end of the oldest remembered month to the period, each with its heating demand in tenths of a kelvin.
#[derive(Debug, Clone)]
pub(crate) struct Past(Vec<(Date, i64)>);

impl Past {
    pub(crate) fn new(plan: &TownPlan) -> Self {
        let Some(months) = plan.memory_months.checked_sub(1) else { return Self(Vec::new()) };
        let first = first_of_month(plan.first_day).saturating_sub(i64::from(months).months());
        let days = || first.series(1.day()).take_while(|day| *day < plan.first_day);
        Self(days().zip(past_demand(plan.seed, days())).collect())
    }

    /// The days, in order, each with its heating demand in tenths of a kelvin.
    pub(crate) fn days(&self) -> impl Iterator<Item = (Date, i64)> + '_ {
        self.0.iter().copied()
    }

    /// Whether meters remember anything.
    pub(crate) const fn is_remembered(&self) -> bool {
        !self.0.is_empty()
    }

    /// The remembered ends of months of a register, oldest first, and the register at the start of the period. It stood at `start`
    /// when the oldest month ended, and rose by what `used` says of each day, in thousandths.
    pub(crate) fn of_register(
        &self,
        start: i64,
        mut used: impl FnMut(Date, i64) -> i64,
    ) -> (Vec<MonthEnd>, i64) {
        let oldest = self.0.first().and_then(|(day, _)| day.yesterday().ok());
        let mut ends: Vec<MonthEnd> = oldest.map(|day| MonthEnd { day, milli: start }).into_iter().collect();
        let mut milli = start;
        for (day, demand_tenths) in &self.0 {
            milli += used(*day, *demand_tenths);
            if *day == day.last_of_month() {
                ends.push(MonthEnd { day: *day, milli });
            }
        }
        (ends, milli)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn months_end_with_their_last_day() {
        let plan = TownPlan { memory_months: 2, first_day: date(2026, 3, 5), ..TownPlan::default() };
        let (ends, start) = Past::new(&plan).of_register(1000, |_, _| 10);
        let found: Vec<_> = ends.iter().map(|end| (end.day, end.milli)).collect();
        assert_eq!(found, [(date(2026, 1, 31), 1000), (date(2026, 2, 28), 1280)]);
        assert_eq!(start, 1280 + 40);
    }

    #[test]
    fn without_memory_nothing_was_before() {
        let past = Past::new(&TownPlan::default());
        assert!(!past.is_remembered());
        assert_eq!(past.of_register(7, |_, _| 1), (Vec::new(), 7));
    }
}

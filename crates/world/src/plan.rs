//! How large a town to build, and for which days.

use jiff::civil::{Date, date};
use tidstro_calendar::{epoch_day, from_epoch_day};

/// The day in 2026 on which clocks in Denmark go forward: 23 hours.
const CLOCK_CHANGE: Date = date(2026, 3, 29);

/// What to build. [`crate::Town::build`] brings numbers outside the limits to the nearest one inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TownPlan {
    /// Same seed, same town.
    pub seed: u64,
    /// Flats, 24 to 60,000. Each 24 flats are one building.
    pub flats: u32,
    /// Local days of data, 14 to 3,660.
    pub days: u32,
    /// Electricity metering points for consumption, 200 to 1,000,000. Solar production comes on top.
    pub grid_points: u32,
    /// Ends of months that the meters of buildings remember and tell, 0 to 24.
    pub memory_months: u32,
    /// First local day of data. Meters write years with two digits, so it lies between 2000 and 2070.
    pub first_day: Date,
}

impl Default for TownPlan {
    /// Seed 1, 24 flats, 40 days from 1 March 2026, 200 metering points, meters without memory.
    fn default() -> Self {
        Self::new(1, 24, 40)
    }
}

impl TownPlan {
    /// A town with 200 metering points whose days cover the clock change of 29 March 2026: from 1 March if
    /// the days reach beyond it from there, else with the change in the middle.
    #[must_use]
    pub fn new(seed: u64, flats: u32, days: u32) -> Self {
        let days = days.max(Self::MIN_DAYS);
        let first_day =
            if days > 31 { date(2026, 3, 1) } else { day_after(CLOCK_CHANGE, -i64::from(days / 2)) };
        Self { seed, flats, days, grid_points: Self::MIN_GRID_POINTS, memory_months: 0, first_day }
    }

    /// Fewest flats: every fault needs a flat of its own.
    pub const MIN_FLATS: u32 = 24;
    /// Fewest days: a fortnight, so that a move-out, five vacant days and a newcomer fit in.
    pub const MIN_DAYS: u32 = 14;
    /// Fewest consumption metering points of the grid area.
    pub const MIN_GRID_POINTS: u32 = 200;
    /// Most flats: with more, meter numbers would repeat.
    pub const MAX_FLATS: u32 = 60_000;
    /// Most days: ten years.
    pub const MAX_DAYS: u32 = 3_660;
    /// Most consumption metering points: with more, GSRNs would leave the grid company's range.
    pub const MAX_GRID_POINTS: u32 = 1_000_000;

    /// Most ends of months: two telegrams have room for no more.
    pub const MAX_MEMORY_MONTHS: u32 = 24;

    /// This plan with every number inside its limits.
    pub(crate) fn limited(self) -> Self {
        Self {
            flats: self.flats.clamp(Self::MIN_FLATS, Self::MAX_FLATS),
            days: self.days.clamp(Self::MIN_DAYS, Self::MAX_DAYS),
            grid_points: self.grid_points.clamp(Self::MIN_GRID_POINTS, Self::MAX_GRID_POINTS),
            memory_months: self.memory_months.min(Self::MAX_MEMORY_MONTHS),
            ..self
        }
    }
}

/// The last day of the year before the period: what registers showed then is what accounts are made of.
pub(crate) fn due_date(plan: &TownPlan) -> Date {
    date(plan.first_day.year().saturating_sub(1).max(1), 12, 31)
}

/// The day so many days later (or earlier); the last day known if that is beyond it.
pub(crate) fn day_after(day: Date, days: i64) -> Date {
    i32::try_from(i64::from(epoch_day(day)) + days).ok().and_then(from_epoch_day).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_covers_the_clock_change() {
        for days in [1, 14, 20, 31, 32, 40, 365] {
            let plan = TownPlan::new(1, 24, days);
            let last = day_after(plan.first_day, i64::from(plan.days) - 1);
            assert!(plan.first_day < CLOCK_CHANGE && CLOCK_CHANGE < last, "{days}");
        }
        assert_eq!(TownPlan::default().first_day, date(2026, 3, 1));
    }
}

//! The days of the town, and its three clocks: instants, local days, and the meters' own time.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use tidstro_calendar::{Zone, epoch_day};
use tidstro_model::{DayRange, Resolution};

use crate::plan::{TownPlan, day_after};

/// Meters keep UTC+1 all year; they know no summer time.
const METER_CLOCK: Offset = Offset::constant(1);

/// The local days of a town, `first_day` and the `days - 1` after it, in Danish time.
#[derive(Debug, Clone)]
pub(crate) struct Period {
    zone: Zone,
    first_day: Date,
    days: u32,
}

impl Period {
    pub(crate) fn new(plan: &TownPlan) -> Self {
        Self { zone: Zone::copenhagen(), first_day: plan.first_day, days: plan.days }
    }

    /// How many local days.
    pub(crate) const fn days(&self) -> u32 {
        self.days
    }

    /// The local day with this index, from 0.
    pub(crate) fn day(&self, index: u32) -> Date {
        day_after(self.first_day, i64::from(index))
    }

    /// Index of a local day, if it is one of the period.
    pub(crate) fn index_of(&self, day: Date) -> Option<u32> {
        let index = i64::from(epoch_day(day)) - i64::from(epoch_day(self.first_day));
        u32::try_from(index).ok().filter(|index| *index < self.days)
    }

    /// The local day at `numerator / denominator` of the period.
    pub(crate) fn day_at(&self, numerator: u32, denominator: u32) -> Date {
        let index = u64::from(self.days) * u64::from(numerator) / u64::from(denominator);
        self.day(u32::try_from(index).unwrap_or(self.days))
    }

    /// First second of the local day with this index.
    pub(crate) fn start_of(&self, index: u32) -> i64 {
        self.second_of(self.day(index))
    }

    /// First second of a local day.
    pub(crate) fn second_of(&self, day: Date) -> i64 {
        self.zone.day_start(day).as_second()
    }

    /// Whether a unix second lies in some local days.
    pub(crate) fn has(&self, days: DayRange, second: i64) -> bool {
        days.contains(self.zone.day_of(instant(second)))
    }

    /// First second of the period.
    pub(crate) fn start(&self) -> i64 {
        self.start_of(0)
    }

    /// Whole minutes from the start of the period, a local midnight, to a unix second.
    pub(crate) fn minute(&self, second: i64) -> i64 {
        (second - self.start()).div_euclid(60)
    }

    /// Hours of a local day: 23, 24 or 25.
    pub(crate) fn hours_of(&self, day: Date) -> u32 {
        self.zone.slots(day, Resolution::PT1H).unwrap_or(24)
    }
}

/// The instant of a unix second.
pub(crate) fn instant(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// What a meter's own clock shows at a unix second.
pub(crate) fn meter_clock(second: i64) -> DateTime {
    METER_CLOCK.to_datetime(instant(second))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_clock_change_day_has_23_hours() {
        let period = Period::new(&TownPlan::default());
        assert_eq!(period.hours_of(date(2026, 3, 28)), 24);
        assert_eq!(period.hours_of(date(2026, 3, 29)), 23);
        assert_eq!(period.index_of(date(2026, 3, 29)), Some(28));
        assert_eq!(period.index_of(date(2026, 2, 28)), None);
        assert_eq!(period.index_of(date(2026, 4, 10)), None);
        assert_eq!((period.start_of(40) - period.start()) / 3600, 40 * 24 - 1);
    }

    #[test]
    fn meters_know_no_summer_time() {
        let period = Period::new(&TownPlan::default());
        assert_eq!(meter_clock(period.start()), date(2026, 3, 1).at(0, 0, 0, 0));
        assert_eq!(meter_clock(period.second_of(date(2026, 4, 1))), date(2026, 3, 31).at(23, 0, 0, 0));
    }
}

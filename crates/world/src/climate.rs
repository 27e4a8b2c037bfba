//! The weather of the town, in whole numbers.
//!
//! What goes out: for each day how cold it is, as heating demand, and how sunny; before the period how cold alone. The curve follows the Danish
//! monthly normals with a wandering deviation; yesterday's weather makes today's likely.

use jiff::civil::Date;

use crate::chance::{Chance, Topic};
use crate::period::Period;

/// Mean outdoor temperature of each month, in tenths of a degree Celsius.
const MONTH_TENTHS: [i64; 12] = [10, 10, 28, 70, 115, 150, 175, 170, 135, 92, 50, 22];

/// Sunshine of each month at noon, in thousandths of a clear June noon.
const MONTH_SUN: [i64; 12] = [180, 330, 560, 780, 930, 1000, 960, 830, 620, 390, 220, 140];

/// Outdoor temperature from which a building needs no heating, in tenths of a degree.
const HEATING_LIMIT_TENTHS: i64 = 170;

/// What the weather does on one day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weather {
    /// How far the mean outdoor temperature lies below the heating limit, in tenths of a kelvin, never negative.
    pub(crate) demand_tenths: i64,
    /// Sunshine, in thousandths of a clear day in June.
    pub(crate) sun_permille: i64,
}

/// The weather of each day of the period.
#[derive(Debug, Clone)]
pub(crate) struct Climate(Vec<Weather>);

impl Climate {
    pub(crate) fn new(seed: u64, period: &Period) -> Self {
        let mut chance = Chance::new(seed, Topic::Climate, 0, 0);
        let mut clouds = Chance::new(seed, Topic::Clouds, 0, 0);
        let mut deviation = 0;
        // One day more: the meters' clock runs into it where the period ends in summer time.
        let days = (0..=period.days()).map(|index| {
            let day = period.day(index);
            deviation = wander(deviation, &mut chance);
            Weather {
                demand_tenths: demand_tenths(day, deviation),
                sun_permille: of_month(&MONTH_SUN, day.month()) * clouds.between(150, 1000) / 1000,
            }
        });
        Self(days.collect())
    }

    /// The weather of the day with this index; mild and dark outside the period.
    pub(crate) fn on(&self, index: u32) -> Weather {
        self.0.get(index as usize).copied().unwrap_or(Weather { demand_tenths: 0, sun_permille: 0 })
    }
}

/// How cold it was on days before the period, in order: heating demand in tenths of a kelvin.
pub(crate) fn past_demand(seed: u64, days: impl Iterator<Item = Date>) -> Vec<i64> {
    let mut chance = Chance::new(seed, Topic::Past, 0, 0);
    let demand = days.scan(0, |deviation, day| {
        *deviation = wander(*deviation, &mut chance);
        Some(demand_tenths(day, *deviation))
    });
    demand.collect()
}

/// How far the temperature lies from the normal, from the day before.
fn wander(deviation: i64, chance: &mut Chance) -> i64 {
    deviation * 4 / 5 + chance.between(-20, 20)
}

/// Heating demand of a day, in tenths of a kelvin; with a deviation of 0 that of a normal day.
pub(crate) fn demand_tenths(day: Date, deviation: i64) -> i64 {
    (HEATING_LIMIT_TENTHS - normal_tenths(day) - deviation).max(0)
}

/// The normal temperature of a day, straight between the middles of two months.
fn normal_tenths(day: Date) -> i64 {
    let into = i64::from(day.day()) - 15;
    let here = of_month(&MONTH_TENTHS, day.month());
    let there = of_month(&MONTH_TENTHS, day.month() + if into < 0 { -1 } else { 1 });
    here + (there - here) * into.abs() / 30
}

/// The value of a month 1 to 12; 0 and 13 are December and January.
fn of_month(table: &[i64; 12], month: i8) -> i64 {
    let index = usize::try_from((i32::from(month) + 11).rem_euclid(12)).unwrap_or(0);
    table.get(index).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn normals_run_smoothly_over_the_year() {
        assert_eq!(normal_tenths(date(2026, 1, 15)), 10);
        assert_eq!(normal_tenths(date(2026, 3, 30)), 28 + 42 / 2);
        assert_eq!(normal_tenths(date(2026, 1, 1)), 10 + 12 * 14 / 30);
        assert_eq!(normal_tenths(date(2026, 12, 30)), 22 - 12 / 2);
    }
}

//! Local days as numbers, and the months they belong to.
//!
//! What comes in: calendar dates. What goes out: their distance from 1970-01-01 in days, or the first
//! day of a month. Nothing here knows a zone, so nothing here may turn a day into an instant.

use jiff::civil::Date;

/// Days of a cycle of 400 Gregorian years.
const CYCLE_DAYS: i32 = 146_097;
/// Days from 0000-03-01 to 1970-01-01. Years are counted from March so that the leap day comes last.
const EPOCH_FROM_MARCH_YEAR_0: i32 = 719_468;

/// The local day as days since 1970-01-01, which is 0; negative before. -4,371,587 to 2,932,896.
#[must_use]
pub fn epoch_day(day: Date) -> i32 {
    let month = i32::from(day.month());
    let year = i32::from(day.year()) - i32::from(month <= 2);
    let (cycle, year_of_cycle) = (year.div_euclid(400), year.rem_euclid(400));
    // March is 0. The lengths of the months from March on follow 153 days in five months.
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i32::from(day.day()) - 1;
    let day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    cycle * CYCLE_DAYS + day_of_cycle - EPOCH_FROM_MARCH_YEAR_0
}

/// The local day that lies so many days after 1970-01-01, or `None` outside the years -9999 to 9999.
#[must_use]
pub fn from_epoch_day(number: i32) -> Option<Date> {
    let days = number.checked_add(EPOCH_FROM_MARCH_YEAR_0)?;
    let (cycle, day_of_cycle) = (days.div_euclid(CYCLE_DAYS), days.rem_euclid(CYCLE_DAYS));
    let leap_days = day_of_cycle / 1460 - day_of_cycle / 36_524 + day_of_cycle / 146_096;
    let year_of_cycle = (day_of_cycle - leap_days) / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = cycle * 400 + year_of_cycle + i32::from(month <= 2);
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The first day of the month the day lies in.
#[must_use]
pub fn first_of_month(day: Date) -> Date {
    day.first_of_month()
}

/// The first day of the month after the one the day lies in; [`Date::MAX`] for December 9999, whose
/// next month no type here can name.
#[must_use]
pub fn next_month(day: Date) -> Date {
    day.last_of_month().tomorrow().unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan, civil::date};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_days_have_known_numbers() {
        for (day, number) in [
            (date(1970, 1, 1), 0),
            (date(1969, 12, 31), -1),
            (date(2000, 2, 29), 11_016),
            (date(2025, 3, 30), 20_177),
            (Date::MIN, -4_371_587),
            (Date::MAX, 2_932_896),
        ] {
            assert_eq!(epoch_day(day), number, "{day}");
            assert_eq!(from_epoch_day(number), Some(day));
        }
        assert_eq!(from_epoch_day(-4_371_588), None);
        assert_eq!(from_epoch_day(2_932_897), None);
        assert_eq!(from_epoch_day(i32::MAX), None);
    }

    #[test]
    fn months_begin_on_the_first() {
        assert_eq!(first_of_month(date(2024, 2, 29)), date(2024, 2, 1));
        assert_eq!(next_month(date(2024, 2, 29)), date(2024, 3, 1));
        assert_eq!(next_month(date(2024, 12, 1)), date(2025, 1, 1));
        assert_eq!(next_month(Date::MAX), Date::MAX);
    }

    proptest! {
        #[test]
        fn numbers_count_days(number in -4_371_587_i32..=2_932_896) {
            let day = from_epoch_day(number).unwrap();
            prop_assert_eq!(date(1970, 1, 1).checked_add(number.days()).unwrap(), day);
            prop_assert_eq!(epoch_day(day), number);
        }

        #[test]
        fn any_number_is_a_day_or_none(number in any::<i32>()) {
            let day = from_epoch_day(number);
            prop_assert_eq!(day.is_some(), (-4_371_587..=2_932_896).contains(&number));
        }
    }
}

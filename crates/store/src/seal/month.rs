//! Months of the local calendar: a key's chain of days hangs from a chain of months.

use jiff::civil::{Date, date};

/// A month of the local calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month(Date);

impl Month {
    /// The month a local day lies in.
    pub(super) fn of(day: Date) -> Self {
        Self(day.first_of_month())
    }

    /// Its first local day.
    pub(super) const fn first_day(self) -> Date {
        self.0
    }

    /// How many months `later` comes after this one; `None` if it comes before.
    pub(super) fn months_until(self, later: Self) -> Option<u32> {
        u32::try_from(later.as_i32() - self.as_i32()).ok()
    }

    /// Months since January of year 0, as keys of the older form are stored.
    pub(super) fn as_i32(self) -> i32 {
        i32::from(self.0.year()) * 12 + i32::from(self.0.month()) - 1
    }

    /// The month of that number; `None` outside the years -9999 to 9999.
    pub(super) fn from_i32(number: i32) -> Option<Self> {
        let (year, month) = (number.div_euclid(12), number.rem_euclid(12) + 1);
        Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, 1).ok().map(Self)
    }
}

/// The first day a key seals at most: before 1990 are no radio meters.
pub(crate) const FIRST_DAY: Date = date(1990, 1, 1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other_over_the_year() {
        let (december, january) = (Month::of(date(2024, 12, 31)), Month::of(date(2025, 1, 1)));
        assert_eq!(december.months_until(january), Some(1));
        assert_eq!(january.months_until(december), None);
        assert_eq!(december.first_day(), date(2024, 12, 1));
        for month in [december, january, Month::of(date(-3, 2, 9)), Month::of(Date::MAX)] {
            assert!(Month::from_i32(month.as_i32()) == Some(month));
        }
        assert!(Month::from_i32(i32::MAX).is_none());
    }
}

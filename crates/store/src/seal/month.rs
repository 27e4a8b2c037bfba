//! Months of the local calendar, the steps in which keys forget.

use std::fmt;

use jiff::civil::Date;
use tidstro_calendar::from_epoch_day;

/// A month of the local calendar, counted from January of year 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// January 1990: before it are no radio meters, and no key begins earlier.
    pub(crate) const FIRST: Self = Self(1990 * 12);

    /// The month a local day lies in.
    #[must_use]
    pub fn of(day: Date) -> Self {
        Self(i32::from(day.year()) * 12 + i32::from(day.month()) - 1)
    }

    /// The month of a local day counted from 1970-01-01; `None` outside the years -9999 to 9999.
    #[must_use]
    pub fn of_epoch_day(day: i32) -> Option<Self> {
        from_epoch_day(day).map(Self::of)
    }

    /// The month so many years earlier.
    #[must_use]
    pub const fn years_before(self, years: u16) -> Self {
        Self(self.0 - 12 * years as i32)
    }

    /// How many months `later` comes after this one; `None` if it comes before.
    pub(crate) fn months_until(self, later: Self) -> Option<u32> {
        u32::try_from(later.0.checked_sub(self.0)?).ok()
    }

    pub(crate) const fn as_i32(self) -> i32 {
        self.0
    }

    pub(crate) const fn from_i32(number: i32) -> Self {
        Self(number)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn months_follow_each_other_over_the_year() {
        let (december, january) = (Month::of(date(2024, 12, 31)), Month::of(date(2025, 1, 1)));
        assert_eq!(december.months_until(january), Some(1));
        assert_eq!(january.months_until(december), None);
        assert_eq!((december.to_string(), january.to_string()), ("2024-12".to_owned(), "2025-01".to_owned()));
        assert_eq!(january.years_before(10).to_string(), "2015-01");
        assert_eq!(Month::of_epoch_day(0), Some(Month::of(date(1970, 1, 31))));
        assert_eq!(Month::FIRST, Month::of(date(1990, 1, 1)));
    }
}

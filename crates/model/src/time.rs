//! Instants, local days and resolutions.
//!
//! An instant is a [`jiff::Timestamp`], a local day a [`jiff::civil::Date`], a local clock time a
//! [`jiff::civil::DateTime`]: three types that never mix without a zone.

use std::fmt;

use jiff::{Timestamp, civil::Date};

/// Why a range cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the end lies before the start; swap them")]
pub struct RangeFault;

/// A half-open span of time, `[start, end)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval {
    start: Timestamp,
    end: Timestamp,
}

impl Interval {
    /// The span from `start` (inside) to `end` (outside).
    ///
    /// # Errors
    /// [`RangeFault`] if `end` lies before `start`.
    pub fn new(start: Timestamp, end: Timestamp) -> Result<Self, RangeFault> {
        if end < start { Err(RangeFault) } else { Ok(Self { start, end }) }
    }

    /// The first instant inside.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        self.start
    }

    /// The first instant after.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        self.end
    }

    /// Whether the instant lies inside.
    #[must_use]
    pub fn contains(self, instant: Timestamp) -> bool {
        self.start <= instant && instant < self.end
    }

    /// The time both have, or `None` if there is none.
    #[must_use]
    pub fn intersect(self, other: Self) -> Option<Self> {
        let (start, end) = (self.start.max(other.start), self.end.min(other.end));
        (start < end).then_some(Self { start, end })
    }
}

/// A half-open span of local days, `[start, end)`. An open end is the last day jiff knows (9999-12-31).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DayRange {
    start: Date,
    end: Date,
}

impl DayRange {
    /// The days from `start` (inside) to `end` (outside).
    ///
    /// # Errors
    /// [`RangeFault`] if `end` lies before `start`.
    pub fn new(start: Date, end: Date) -> Result<Self, RangeFault> {
        if end < start { Err(RangeFault) } else { Ok(Self { start, end }) }
    }

    /// The days from `start` without an end.
    #[must_use]
    pub const fn from(start: Date) -> Self {
        Self { start, end: Date::MAX }
    }

    /// Every day.
    #[must_use]
    pub const fn always() -> Self {
        Self { start: Date::MIN, end: Date::MAX }
    }

    /// The first day inside.
    #[must_use]
    pub const fn start(self) -> Date {
        self.start
    }

    /// The first day after.
    #[must_use]
    pub const fn end(self) -> Date {
        self.end
    }

    /// Whether no end is known.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.end == Date::MAX
    }

    /// Whether no day lies inside.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether the day lies inside.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.start <= day && day < self.end
    }

    /// The days both have, or `None` if there are none.
    #[must_use]
    pub fn intersect(self, other: Self) -> Option<Self> {
        let (start, end) = (self.start.max(other.start), self.end.min(other.end));
        (start < end).then_some(Self { start, end })
    }
}

impl fmt::Display for DayRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.start == Date::MIN, self.is_open()) {
            (true, true) => f.write_str("all days"),
            (true, false) => write!(f, "..{}", self.end),
            (false, true) => write!(f, "{}..", self.start),
            (false, false) => write!(f, "{}..{}", self.start, self.end),
        }
    }
}

/// How finely time is divided (ISO 8601 durations, as the market writes them).
///
/// Ordered from fine to coarse, so that "at most as fine as" is a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resolution {
    /// Each telegram or register reading as it came.
    Raw,
    /// A quarter of an hour.
    PT15M,
    /// An hour.
    PT1H,
    /// A local day.
    P1D,
    /// A local month.
    P1M,
    /// A local year.
    P1Y,
}

impl Resolution {
    /// All, from fine to coarse.
    pub const ALL: [Self; 6] = [Self::Raw, Self::PT15M, Self::PT1H, Self::P1D, Self::P1M, Self::P1Y];

    /// The code: `raw`, `PT15M`, `PT1H`, `P1D`, `P1M` or `P1Y`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::PT15M => "PT15M",
            Self::PT1H => "PT1H",
            Self::P1D => "P1D",
            Self::P1M => "P1M",
            Self::P1Y => "P1Y",
        }
    }

    /// Reads a code as [`Resolution::code`] writes it.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resolution| resolution.code() == code)
    }

    /// Length of one interval in seconds, for the resolutions that divide a day; `None` for the others.
    #[must_use]
    pub const fn seconds(self) -> Option<u32> {
        match self {
            Self::PT15M => Some(900),
            Self::PT1H => Some(3600),
            Self::Raw | Self::P1D | Self::P1M | Self::P1Y => None,
        }
    }
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn day_ranges_are_half_open() {
        let march = DayRange::new(date(2025, 3, 1), date(2025, 4, 1)).unwrap();
        assert!(march.contains(date(2025, 3, 31)) && !march.contains(date(2025, 4, 1)));
        let from_tenth = DayRange::from(date(2025, 3, 10));
        assert_eq!(
            march.intersect(from_tenth),
            Some(DayRange::new(date(2025, 3, 10), date(2025, 4, 1)).unwrap())
        );
        assert_eq!(march.intersect(DayRange::from(date(2025, 4, 1))), None);
        assert_eq!(
            (from_tenth.to_string(), DayRange::always().to_string()),
            ("2025-03-10..".into(), "all days".into())
        );
        assert_eq!(DayRange::new(date(2025, 4, 1), date(2025, 3, 1)), Err(RangeFault));
    }

    #[test]
    fn resolutions_order_from_fine_to_coarse() {
        assert!(Resolution::PT1H < Resolution::P1M);
        for resolution in Resolution::ALL {
            assert_eq!(Resolution::from_code(resolution.code()), Some(resolution));
        }
    }
}

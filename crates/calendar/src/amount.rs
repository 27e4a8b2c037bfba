//! Amounts of time of one kind each.
//!
//! What comes in: text such as `PT72H`, `P1M` or `5WD@21:00`. What goes out: an amount that has a length and
//! keeps its kind: elapsed hours, calendar periods and working days are three things. It must never turn one
//! kind into another, but where a rule says so by name ([`Amount::elapsed_hours`]).

use std::fmt;

use jiff::civil::Time;

use crate::{
    Chain, Period, PeriodFault,
    period::{body, count, form},
};

/// Longest amount in hours: one hundred years. No law names a longer one, so more is a slip.
const HOURS_MAX: u32 = 876_600;
/// Longest amount in working days: about forty years.
const WORKING_DAYS_MAX: u32 = 10_000;

/// Elapsed hours, 1 to 876,600 (one hundred years).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours(u32);

impl Hours {
    /// How many.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0
    }
}

/// The n-th working day after a day, and the local clock time on it; without one the whole day is inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkingDays {
    count: u32,
    at: Option<Time>,
}

impl WorkingDays {
    /// How many, 1 to 10,000.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count
    }

    /// The local clock time, to the minute.
    #[must_use]
    pub const fn at(self) -> Option<Time> {
        self.at
    }
}

/// An amount of time of one kind. The kinds are never mixed (Reg. 1182/71 art. 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// `PT72H`: elapsed hours. Weekends, holidays and clock changes do nothing.
    Hours(Hours),
    /// `P1M`, or a chain: calendar arithmetic on local dates.
    Calendar(Chain),
    /// `5WD@21:00`: working days of a calendar.
    WorkingDays(WorkingDays),
}

impl Amount {
    /// Reads `PTnH`, a [`Period`], `nWD` or `nWD@HH:MM`.
    ///
    /// # Errors
    /// [`PeriodFault`] for another form, zero, a negative count, or too much.
    pub fn parse(text: &str) -> Result<Self, PeriodFault> {
        if let Some(rest) = body(text)?.strip_prefix("PT") {
            let digits = rest.strip_suffix('H').ok_or_else(|| form(text))?;
            return Ok(Self::Hours(Hours(count(text, digits, HOURS_MAX)?)));
        }
        let Some((digits, rest)) = text.split_once("WD") else {
            return Ok(Self::Calendar(Period::read(text)?.into()));
        };
        let at = match rest {
            "" => None,
            _ => Some(rest.strip_prefix('@').and_then(clock_time).ok_or_else(|| form(text))?),
        };
        Ok(Self::WorkingDays(WorkingDays { count: count(text, digits, WORKING_DAYS_MAX)?, at }))
    }

    /// Both together as one amount of the same kind. `None` where there is no such amount: another kind, a
    /// chain of several periods, units that do not add up, a working day that already has its clock time set
    /// differently, or more than the longest amount.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Hours(a), Self::Hours(b)) => {
                a.0.checked_add(b.0).filter(|&sum| sum <= HOURS_MAX).map(|sum| Self::Hours(Hours(sum)))
            }
            (Self::Calendar(a), Self::Calendar(b)) => match (a.periods(), b.periods()) {
                ([a], [b]) => Some(Self::Calendar(a.plus(*b)?.into())),
                _ => None,
            },
            (Self::WorkingDays(a), Self::WorkingDays(b)) if b.at.is_none() || a.at == b.at => {
                let count = a.count.checked_add(b.count).filter(|&sum| sum <= WORKING_DAYS_MAX)?;
                Some(Self::WorkingDays(WorkingDays { count, at: a.at }))
            }
            _ => None,
        }
    }

    /// The amount as elapsed hours: hours as they are, days and weeks as 24 hours each, which is the shorter
    /// reading. `None` for months, years and working days.
    #[must_use]
    pub fn elapsed_hours(&self) -> Option<u32> {
        match self {
            Self::Hours(hours) => Some(hours.0),
            Self::Calendar(chain) => chain.days()?.checked_mul(24),
            Self::WorkingDays(_) => None,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hours(hours) => write!(f, "PT{}H", hours.0),
            Self::Calendar(chain) => {
                let words: Vec<String> = chain.periods().iter().map(Period::to_string).collect();
                f.write_str(&words.join(" then "))
            }
            Self::WorkingDays(WorkingDays { count, at: None }) => write!(f, "{count}WD"),
            Self::WorkingDays(WorkingDays { count, at: Some(at) }) => {
                write!(f, "{count}WD@{:02}:{:02}", at.hour(), at.minute())
            }
        }
    }
}

/// `HH:MM`, 00:00 to 23:59.
fn clock_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let has_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    (has_digits(hour) && has_digits(minute))
        .then(|| Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_written() {
        for text in ["PT1H", "PT72H", "P14D", "P6W", "P18M", "P5Y", "5WD", "5WD@21:00", "1WD@00:00"] {
            assert_eq!(Amount::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn faults_say_what_to_write() {
        let negative = |text: &str| PeriodFault::Negative { text: text.into() };
        let zero = |text: &str| PeriodFault::Zero { text: text.into() };
        let too_long = |text: &str| PeriodFault::TooLong { text: text.into() };
        for (text, fault) in [
            ("", form("")),
            ("P", form("P")),
            ("PT", form("PT")),
            ("P1", form("P1")),
            ("P1H", form("P1H")),
            ("PT5M", form("PT5M")),
            ("P1Y6M", form("P1Y6M")),
            ("P1DD", form("P1DD")),
            ("P+1D", form("P+1D")),
            ("P 1D", form("P 1D")),
            ("WD", form("WD")),
            ("5WD@", form("5WD@")),
            ("5WD@24:00", form("5WD@24:00")),
            ("5WD@9:00", form("5WD@9:00")),
            ("5WD21:00", form("5WD21:00")),
            ("P0D", zero("P0D")),
            ("PT00H", zero("PT00H")),
            ("0WD@21:00", zero("0WD@21:00")),
            ("-P1D", negative("-P1D")),
            ("P-1D", negative("P-1D")),
            ("PT-1H", negative("PT-1H")),
            ("-5WD", negative("-5WD")),
            ("P101Y", too_long("P101Y")),
            ("P99999999999999999999D", too_long("P99999999999999999999D")),
            ("10001WD", too_long("10001WD")),
        ] {
            assert_eq!(Amount::parse(text), Err(fault), "{text}");
        }
        assert_eq!(Chain::parse([]), Err(PeriodFault::EmptyChain));
    }

    #[test]
    fn extensions_add_up_in_one_unit() {
        for (a, b, sum) in [
            ("P1M", "P2M", Some("P3M")),
            ("P1Y", "P2M", Some("P14M")),
            ("P1W", "P3D", Some("P10D")),
            ("P2W", "P4W", Some("P6W")),
            ("PT24H", "PT48H", Some("PT72H")),
            ("3WD@21:00", "2WD", Some("5WD@21:00")),
            ("P1M", "P2W", None),
            ("P1D", "PT24H", None),
            ("P100Y", "P1Y", None),
            ("3WD@21:00", "2WD@10:00", None),
        ] {
            let together = Amount::parse(a).unwrap().plus(&Amount::parse(b).unwrap());
            assert_eq!(together.map(|sum| sum.to_string()).as_deref(), sum, "{a} + {b}");
        }
    }
}

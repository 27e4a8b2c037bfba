//! Amounts of time as laws and contracts write them.
//!
//! What comes in: text such as `PT72H`, `P1M` or `5WD@21:00`. What goes out: an amount that has a length, is
//! not longer than a hundred years, and keeps its kind: elapsed hours, calendar periods and working days are
//! three things. It must never turn one kind into another: a month is no number of days.

use std::fmt;

use jiff::{
    Span,
    civil::{Date, Time},
};

/// Longest amount in hours: one hundred years. No law names a longer one, so more is a slip.
const HOURS_MAX: u32 = 876_600;
/// Longest amount in working days: about forty years.
const WORKING_DAYS_MAX: u32 = 10_000;

/// Why a text is not an amount of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeriodFault {
    /// None of the forms.
    #[error(
        "`{text}` is not a period; write `PT72H`, `P14D`, `P6W`, `P18M`, `P5Y` or `5WD@21:00`, a chain as a list"
    )]
    Form {
        /// The text, cut to 64 characters.
        text: String,
    },
    /// An amount of zero length.
    #[error("`{text}` has no length; write at least 1")]
    Zero {
        /// The text, cut to 64 characters.
        text: String,
    },
    /// An amount that runs backwards.
    #[error("`{text}` runs backwards; write it without the sign and count back from the start day instead")]
    Negative {
        /// The text, cut to 64 characters.
        text: String,
    },
    /// More than a hundred years, or more than 10,000 working days.
    #[error("`{text}` is longer than 100 years; write the period the law or the contract names")]
    TooLong {
        /// The text, cut to 64 characters.
        text: String,
    },
    /// A chain without a period.
    #[error("the chain of periods is empty; write at least one period")]
    EmptyChain,
}

/// Unit of a [`Period`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Days,
    Weeks,
    Months,
    Years,
}

impl Unit {
    const ALL: [Self; 4] = [Self::Days, Self::Weeks, Self::Months, Self::Years];

    const fn letter(self) -> char {
        match self {
            Self::Days => 'D',
            Self::Weeks => 'W',
            Self::Months => 'M',
            Self::Years => 'Y',
        }
    }

    /// The largest count: one hundred years.
    const fn max(self) -> u32 {
        match self {
            Self::Days => 36_525,
            Self::Weeks => 5_218,
            Self::Months => 1_200,
            Self::Years => 100,
        }
    }

    /// The finest unit this one is a whole number of (days or months), and that number.
    const fn in_finest(self) -> (Self, u32) {
        match self {
            Self::Days => (Self::Days, 1),
            Self::Weeks => (Self::Days, 7),
            Self::Months => (Self::Months, 1),
            Self::Years => (Self::Months, 12),
        }
    }
}

/// A calendar period of one unit: `P14D`, `P6W`, `P18M`, `P5Y`. At least 1, at most 100 years.
///
/// ```
/// use jiff::civil::date;
/// use tidstro_calendar::Period;
///
/// let two_months = Period::parse("P2M")?;
/// assert_eq!(two_months.after(date(2027, 1, 31)), date(2027, 3, 31));
/// # Ok::<(), tidstro_calendar::PeriodFault>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    count: u32,
    unit: Unit,
}

impl Period {
    /// Reads an ISO 8601 duration of one calendar unit. Chains are lists, because their order counts:
    /// six weeks and then five years is not five years and then six weeks.
    ///
    /// # Errors
    /// [`PeriodFault`] for another form, zero, a negative count, or more than 100 years.
    pub fn parse(text: &str) -> Result<Self, PeriodFault> {
        let body = body(text)?.strip_prefix('P').ok_or_else(|| form(text))?;
        let unit = Unit::ALL.into_iter().find(|unit| body.ends_with(unit.letter()));
        let unit = unit.ok_or_else(|| form(text))?;
        let digits = body.strip_suffix(unit.letter()).unwrap_or_default();
        Ok(Self { count: count(text, digits, unit.max())?, unit })
    }

    /// The same weekday, or the same date number, this much later. Where that date does not exist it is the
    /// last day of the month (Reg. 1182/71 art. 3(2)(c)). Saturates at [`Date::MAX`].
    #[must_use]
    pub fn after(self, day: Date) -> Date {
        day.saturating_add(self.span())
    }

    /// The same, this much earlier. Not the inverse of [`Period::after`] at the end of months: to count a
    /// notice back use [`crate::latest_notice_day`]. Saturates at [`Date::MIN`].
    #[must_use]
    pub fn before(self, day: Date) -> Date {
        day.saturating_sub(self.span())
    }

    /// Both together as one period, so that an extension is counted from the event and dates are clamped once:
    /// `P1M` and `P2M` are `P3M`. `None` where no one unit holds both (`P1M` and `P2W`), or past 100 years.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let (a, b) = if self.unit == other.unit { (self, other) } else { (self.finest(), other.finest()) };
        let count = a.count.checked_add(b.count)?;
        (a.unit == b.unit && count <= a.unit.max()).then_some(Self { count, unit: a.unit })
    }

    /// The same period in days or in months.
    const fn finest(self) -> Self {
        // A count of at most 100 years stays far below the largest integer.
        let (unit, times) = self.unit.in_finest();
        Self { count: self.count.saturating_mul(times), unit }
    }

    /// Whole days, for periods in days and weeks; `None` for months and years, which have no fixed length.
    #[must_use]
    pub fn days(self) -> Option<u32> {
        let finest = self.finest();
        (finest.unit == Unit::Days).then_some(finest.count)
    }

    fn span(self) -> Span {
        let span = match self.unit {
            Unit::Days => Span::new().try_days(self.count),
            Unit::Weeks => Span::new().try_weeks(self.count),
            Unit::Months => Span::new().try_months(self.count),
            Unit::Years => Span::new().try_years(self.count),
        };
        // A count of at most 100 years is inside the range of every unit of a span.
        span.unwrap_or_default()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P{}{}", self.count, self.unit.letter())
    }
}

/// Calendar periods one after the other, in the order written. At least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain(Vec<Period>);

impl Chain {
    /// Reads each text as a [`Period`].
    ///
    /// # Errors
    /// [`PeriodFault`] of the first text that is none, or [`PeriodFault::EmptyChain`].
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, PeriodFault> {
        let periods = texts.into_iter().map(Period::parse).collect::<Result<Vec<_>, _>>()?;
        if periods.is_empty() { Err(PeriodFault::EmptyChain) } else { Ok(Self(periods)) }
    }

    /// The periods, in order. Not empty.
    #[must_use]
    pub fn periods(&self) -> &[Period] {
        &self.0
    }

    /// The last day of the chain for an event on this day, which is not counted. Saturates at [`Date::MAX`].
    #[must_use]
    pub fn after(&self, day: Date) -> Date {
        self.0.iter().fold(day, |day, period| period.after(day))
    }

    /// Whole days, if every period is in days or weeks.
    #[must_use]
    pub fn days(&self) -> Option<u32> {
        self.0.iter().try_fold(0_u32, |sum, period| sum.checked_add(period.days()?))
    }
}

impl From<Period> for Chain {
    fn from(period: Period) -> Self {
        Self(vec![period])
    }
}

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
            return Ok(Self::Calendar(Period::parse(text)?.into()));
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
                let words: Vec<String> = chain.0.iter().map(Period::to_string).collect();
                f.write_str(&words.join(" then "))
            }
            Self::WorkingDays(WorkingDays { count, at: None }) => write!(f, "{count}WD"),
            Self::WorkingDays(WorkingDays { count, at: Some(at) }) => {
                write!(f, "{count}WD@{:02}:{:02}", at.hour(), at.minute())
            }
        }
    }
}

/// The text, unless it carries a sign.
fn body(text: &str) -> Result<&str, PeriodFault> {
    let has_sign = ["-", "P-", "PT-"].iter().any(|sign| text.starts_with(sign));
    if has_sign { Err(PeriodFault::Negative { text: cut(text) }) } else { Ok(text) }
}

/// A count of at least 1 from digits alone. Digits past every integer are too long, not a wrong form.
fn count(text: &str, digits: &str, max: u32) -> Result<u32, PeriodFault> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(form(text));
    }
    match digits.parse() {
        Ok(0) => Err(PeriodFault::Zero { text: cut(text) }),
        Ok(count) if count <= max => Ok(count),
        _ => Err(PeriodFault::TooLong { text: cut(text) }),
    }
}

/// `HH:MM`, 00:00 to 23:59.
fn clock_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let has_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    (has_digits(hour) && has_digits(minute))
        .then(|| Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok())?
}

fn form(text: &str) -> PeriodFault {
    PeriodFault::Form { text: cut(text) }
}

fn cut(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

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
    fn dates_that_do_not_exist_become_the_last_of_the_month() {
        for (from, period, day) in [
            (date(2027, 1, 31), "P1M", date(2027, 2, 28)),
            (date(2028, 1, 31), "P1M", date(2028, 2, 29)),
            (date(2027, 1, 31), "P2M", date(2027, 3, 31)),
            (date(2028, 2, 29), "P1Y", date(2029, 2, 28)),
            (date(2028, 2, 29), "P1M", date(2028, 3, 29)),
            (date(2024, 1, 18), "P6W", date(2024, 2, 29)),
            (Date::MAX, "P1D", Date::MAX),
        ] {
            assert_eq!(Period::parse(period).unwrap().after(from), day, "{from} {period}");
        }
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

//! Calendar periods as laws and contracts write them.
//!
//! What comes in: text such as `P14D`, `P6W`, `P1M` or `P5Y`. What goes out: a period that has a length and is
//! not longer than a hundred years, or a chain of them. It must never turn months into days: a month is no
//! number of days.

use std::fmt;

use jiff::{Span, civil::Date};

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
    /// Not a period of days, weeks, months or years where only such a one may stand.
    #[error(
        "`{text}` is not a period; write `P14D`, `P6W`, `P18M` or `P5Y`, and a chain as a list in its order"
    )]
    CalendarForm {
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
        Self::read(text).map_err(|fault| match fault {
            PeriodFault::Form { text } => PeriodFault::CalendarForm { text },
            other => other,
        })
    }

    /// The same where hours and working days may stand too.
    pub(crate) fn read(text: &str) -> Result<Self, PeriodFault> {
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

/// The text, unless it carries a sign.
pub(crate) fn body(text: &str) -> Result<&str, PeriodFault> {
    let has_sign = ["-", "P-", "PT-"].iter().any(|sign| text.starts_with(sign));
    if has_sign { Err(PeriodFault::Negative { text: cut(text) }) } else { Ok(text) }
}

/// A count of at least 1 from digits alone. Digits past every integer are too long, not a wrong form.
pub(crate) fn count(text: &str, digits: &str, max: u32) -> Result<u32, PeriodFault> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(form(text));
    }
    match digits.parse() {
        Ok(0) => Err(PeriodFault::Zero { text: cut(text) }),
        Ok(count) if count <= max => Ok(count),
        _ => Err(PeriodFault::TooLong { text: cut(text) }),
    }
}

pub(crate) fn form(text: &str) -> PeriodFault {
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
    fn periods_have_one_unit_and_a_length() {
        for (texts, reason) in [
            (&["", "P", "PD", "5Y", "P5", "P1Y6M", "P6MM", "PT24H", "p5y", "P+5Y"][..], "is not a period"),
            (&["P0D"], "has no length"),
            (&["P-1D", "-P1D"], "runs backwards"),
            (&["P101Y", "P99999999999Y"], "is longer than 100 years"),
        ] {
            for text in texts {
                let fault = Period::parse(text).unwrap_err().to_string();
                assert!(fault.starts_with(&format!("`{text}` {reason}")), "{fault}");
            }
        }
        for text in ["P14D", "P6W", "P18M", "P5Y", "P100Y"] {
            assert_eq!(Period::parse(text).unwrap().to_string(), text);
        }
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
}

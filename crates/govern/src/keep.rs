//! Retention periods and the leases they give.
//!
//! What comes in: a retention rule of the register and a date. What goes out: the end of a lease,
//! or, the other way round, the earliest end of an occupancy whose lease is still live. Never: a
//! clock, a time zone, a day of the week. Retention does not roll to working days.

use std::fmt;

use jiff::{Span, civil::Date};

use crate::vocabulary::words;

words!(
    /// The event at which the retention of an activity begins.
    KeepFrom {
        /// The last day of the occupancy (or supply period) that the data belong to.
        OccupancyEnd = "occupancy-end",
        /// The day the value was registered.
        Registration = "registration",
    }
);

words!(
    /// What happens when the last lease on the data has ended.
    KeepThen {
        /// They are destroyed.
        Erase = "erase",
    }
);

/// Unit of a [`Period`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PeriodUnit {
    Days,
    Weeks,
    Months,
    Years,
}

impl PeriodUnit {
    const fn letter(self) -> char {
        match self {
            Self::Days => 'D',
            Self::Weeks => 'W',
            Self::Months => 'M',
            Self::Years => 'Y',
        }
    }

    /// The largest count: one hundred years. No retention rule is longer, so more is a slip.
    const fn max(self) -> i32 {
        match self {
            Self::Days => 36_525,
            Self::Weeks => 5_218,
            Self::Months => 1_200,
            Self::Years => 100,
        }
    }
}

/// A calendar period of one unit: `P14D`, `P6W`, `P18M`, `P5Y`. At least 1, at most 100 years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    count: i32,
    unit: PeriodUnit,
}

/// Why a text is not a retention period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodFault {
    /// Not `P`, digits and one unit.
    #[error("is not a period; write `P14D`, `P6W`, `P18M` or `P5Y`, and a chain as a list in its order")]
    Form,
    /// A period of zero length: nothing would ever be kept.
    #[error("has no length; write at least 1, or leave the activity out of the register")]
    Zero,
    /// A period that runs backwards.
    #[error("runs backwards; write it without the sign")]
    Negative,
    /// More than one hundred years.
    #[error("is longer than 100 years; write the period the law or the contract names")]
    TooLong,
}

impl Period {
    /// Reads an ISO 8601 duration of one calendar unit. Chains are lists, because their order counts:
    /// six weeks and then five years is not five years and then six weeks.
    ///
    /// # Errors
    /// [`PeriodFault`] for another form, zero, a negative count, or more than 100 years.
    pub fn parse(text: &str) -> Result<Self, PeriodFault> {
        if text.starts_with("-P") || text.starts_with("P-") {
            return Err(PeriodFault::Negative);
        }
        let body = text.strip_prefix('P').ok_or(PeriodFault::Form)?;
        let unit = [PeriodUnit::Days, PeriodUnit::Weeks, PeriodUnit::Months, PeriodUnit::Years]
            .into_iter()
            .find(|unit| body.ends_with(unit.letter()))
            .ok_or(PeriodFault::Form)?;
        let digits = body.trim_end_matches(unit.letter());
        if digits.len() + 1 != body.len() || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit())
        {
            return Err(PeriodFault::Form);
        }
        match digits.parse::<i32>() {
            Ok(0) => Err(PeriodFault::Zero),
            Ok(count) if count <= unit.max() => Ok(Self { count, unit }),
            _ => Err(PeriodFault::TooLong),
        }
    }

    fn span(self, count: i32) -> Span {
        let span = match self.unit {
            PeriodUnit::Days => Span::new().try_days(count),
            PeriodUnit::Weeks => Span::new().try_weeks(count),
            PeriodUnit::Months => Span::new().try_months(count),
            PeriodUnit::Years => Span::new().try_years(count),
        };
        // A count of at most 100 years is inside the range of every unit of a span.
        span.unwrap_or_default()
    }

    /// The same date number (or the last day of the month, where there is none) this much later.
    /// Saturates at the last day the calendar knows.
    fn after(self, date: Date) -> Date {
        date.saturating_add(self.span(self.count))
    }

    fn before(self, date: Date) -> Date {
        date.saturating_sub(self.span(self.count))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P{}{}", self.count, self.unit.letter())
    }
}

/// The retention rule of an activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    /// The event at which it begins.
    pub from: KeepFrom,
    /// The periods, applied in this order. At least one in a checked register.
    pub periods: Vec<Period>,
    /// What follows.
    pub then: KeepThen,
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.from)?;
        for period in &self.periods {
            write!(f, " + {period}")?;
        }
        write!(f, ", then {}", self.then)
    }
}

/// The first day on which the lease is no longer live, for an occupancy (or a registration day)
/// that ends with the half-open `end`: half-open in, half-open out.
///
/// The event day is the last day inside, `end` − 1; it is not counted. Each period is added in the
/// order written, a date that does not exist becomes the last day of its month, and nothing rolls
/// (Reg. 1182/71 art. 3(1), (2)(c)). An open end ([`Date::MAX`]) has no end of its lease.
#[must_use]
pub fn lease_end(end: Date, keep: &Keep) -> Date {
    if end == Date::MAX {
        return Date::MAX;
    }
    let event_day = end.yesterday().unwrap_or(Date::MIN);
    let last_day = keep.periods.iter().fold(event_day, |day, period| period.after(day));
    last_day.tomorrow().unwrap_or(Date::MAX)
}

/// The earliest half-open end of an occupancy whose lease is live `today`: exactly the occupancies
/// with `end >= live_since(today, keep)` have `lease_end(end, keep) > today`.
#[must_use]
pub fn live_since(today: Date, keep: &Keep) -> Date {
    let live = |end: Date| lease_end(end, keep) > today;
    let mut end = keep.periods.iter().rev().fold(today, |day, period| period.before(day));
    // Month ends make several days share one lease end, so the guess can be a few days off.
    while let Some(earlier) = end.yesterday().ok().filter(|&earlier| live(earlier)) {
        end = earlier;
    }
    while !live(end) {
        let Ok(later) = end.tomorrow() else { break };
        end = later;
    }
    end
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn keep(periods: &[&str]) -> Keep {
        let periods = periods.iter().map(|text| Period::parse(text).unwrap()).collect();
        Keep { from: KeepFrom::OccupancyEnd, periods, then: KeepThen::Erase }
    }

    #[test]
    fn periods_have_one_unit_and_a_length() {
        for (text, fault) in [
            ("", PeriodFault::Form),
            ("P", PeriodFault::Form),
            ("PD", PeriodFault::Form),
            ("5Y", PeriodFault::Form),
            ("P5", PeriodFault::Form),
            ("P1Y6M", PeriodFault::Form),
            ("P6MM", PeriodFault::Form),
            ("PT24H", PeriodFault::Form),
            ("p5y", PeriodFault::Form),
            ("P+5Y", PeriodFault::Form),
            ("P0D", PeriodFault::Zero),
            ("P-1D", PeriodFault::Negative),
            ("-P1D", PeriodFault::Negative),
            ("P101Y", PeriodFault::TooLong),
            ("P99999999999Y", PeriodFault::TooLong),
        ] {
            assert_eq!(Period::parse(text), Err(fault), "{text}");
        }
        for text in ["P14D", "P6W", "P18M", "P5Y", "P100Y"] {
            assert_eq!(Period::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn chains_keep_their_order_and_clamp() {
        // Event day, chain, first day without a lease: worked by hand.
        for (event_day, periods, ends) in [
            (date(2024, 1, 18), &["P6W", "P5Y"][..], date(2029, 3, 1)),
            (date(2024, 1, 18), &["P5Y", "P6W"], date(2029, 3, 2)),
            (date(2028, 2, 29), &["P20Y"], date(2048, 3, 1)),
            (date(2027, 8, 31), &["P18M"], date(2029, 3, 1)),
            (date(2024, 1, 31), &["P2M"], date(2024, 4, 1)),
            (date(2024, 1, 31), &["P1M", "P1M"], date(2024, 3, 30)),
            (date(2026, 10, 20), &["P14D"], date(2026, 11, 4)),
        ] {
            assert_eq!(lease_end(event_day.tomorrow().unwrap(), &keep(periods)), ends, "{event_day}");
        }
    }

    #[test]
    fn open_and_extreme_dates_saturate() {
        let rule = keep(&["P6W", "P5Y"]);
        assert_eq!(lease_end(Date::MAX, &rule), Date::MAX);
        assert_eq!(lease_end(date(9998, 1, 1), &rule), Date::MAX);
        assert_eq!(live_since(Date::MIN, &rule), Date::MIN);
        assert_eq!(live_since(Date::MAX, &rule), Date::MAX);
    }

    fn any_date() -> impl Strategy<Value = Date> {
        (1990_i16..2100, 1_i8..=12, 1_i8..=31)
            .prop_map(|(year, month, day)| date(year, month, 1).saturating_add(Span::new().days(day - 1)))
    }

    fn any_keep() -> impl Strategy<Value = Keep> {
        let period = (1_i32..60, 0_usize..4)
            .prop_map(|(count, unit)| format!("P{count}{}", ["D", "W", "M", "Y"][unit]));
        prop::collection::vec(period, 1..4)
            .prop_map(|texts| keep(&texts.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    proptest! {
        #[test]
        fn live_since_is_the_inverse_of_lease_end(today in any_date(), rule in any_keep()) {
            let since = live_since(today, &rule);
            prop_assert!(lease_end(since, &rule) > today);
            prop_assert!(lease_end(since.yesterday().unwrap(), &rule) <= today);
        }

        #[test]
        fn a_later_end_never_has_an_earlier_lease_end(end in any_date(), days in 0_i32..40, rule in any_keep()) {
            let later = end.saturating_add(Span::new().days(days));
            prop_assert!(lease_end(end, &rule) <= lease_end(later, &rule));
        }
    }
}

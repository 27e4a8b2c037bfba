//! Retention periods and the leases they give.
//!
//! What comes in: a retention rule of the register and a date. What goes out: the end of a lease,
//! or, the other way round, the earliest end of an occupancy whose lease is still live. Never: a
//! clock, a time zone, a day of the week. Retention does not roll to working days.

use std::fmt;

use jiff::civil::Date;
use tidstro_calendar::Period;

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
    use jiff::{Span, civil::date};
    use proptest::prelude::*;

    use super::*;

    fn keep(periods: &[&str]) -> Keep {
        let periods = periods.iter().map(|text| Period::parse(text).unwrap()).collect();
        Keep { from: KeepFrom::OccupancyEnd, periods, then: KeepThen::Erase }
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

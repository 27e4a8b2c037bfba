//! Retention: when data may, or must at the latest, be gone.
//!
//! What comes in: a base day or instant and periods. What goes out: the last day kept and the instant from
//! which, or by which, to erase. Nothing here rolls to a working day: a run on Sunday is a run.

use jiff::{
    Timestamp,
    civil::{Date, date},
};

use crate::{Amount, Chain, Circumstances, Clock, ClockFault, Deadline, Event, Profile, Roll, Zone};

/// The end of a retention period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The last local day the data are kept, where the period is counted in local days.
    pub last_day_kept: Option<Date>,
    /// The instant of erasure: of a minimum the first allowed, of a maximum the last.
    pub erase: Timestamp,
}

/// A minimum: the data are kept for the whole chain, and erased from `erase` on.
///
/// # Errors
/// [`ClockFault::BeyondCalendar`] past the year 9999.
pub fn erase_from(base: Date, periods: &Chain, zone: &Zone) -> Result<Kept, ClockFault> {
    let clock = Clock { amount: Amount::Calendar(periods.clone()), profile: Profile::Legal(Roll::None) };
    Ok(kept(clock.deadline(Event::Day(base), &Circumstances::new(zone))?))
}

/// A maximum: the data are gone at `erase` at the latest. From an instant, hours, days and weeks are strictly
/// elapsed time, the shorter reading, because keeping too long is the breach. From a day, and for months and
/// years, local days.
///
/// # Errors
/// [`ClockFault::NoInstant`] for hours from a day, [`ClockFault::NoCalendar`] for working days,
/// [`ClockFault::BeyondCalendar`] past the year 9999.
pub fn erase_at_latest(base: Event, amount: &Amount, zone: &Zone) -> Result<Kept, ClockFault> {
    let is_elapsed = match base {
        Event::Instant(_) => amount.elapsed_hours().is_some(),
        Event::Day(_) => matches!(amount, Amount::Hours(_)),
    };
    let profile = if is_elapsed { Profile::Elapsed } else { Profile::Legal(Roll::None) };
    let clock = Clock { amount: amount.clone(), profile };
    Ok(kept(clock.deadline(base, &Circumstances::new(zone))?))
}

/// 31 December of the day's year: the base of periods that run from the end of the calendar year.
#[must_use]
pub fn end_of_year(day: Date) -> Date {
    date(day.year(), 12, 31)
}

fn kept(deadline: Deadline) -> Kept {
    Kept { last_day_kept: deadline.days.map(|days| days.last_day), erase: deadline.plan_by }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn minima_keep_the_order_of_their_periods() {
        for (periods, last_day, erase) in [
            (["P6W", "P5Y"], date(2028, 3, 1), "2028-03-02T00:00+01:00"),
            (["P5Y", "P6W"], date(2028, 2, 29), "2028-03-01T00:00+01:00"),
            (["P1M", "P1M"], date(2023, 3, 18), "2023-03-19T00:00+01:00"),
        ] {
            let kept = erase_from(date(2023, 1, 18), &Chain::parse(periods).unwrap(), &Zone::copenhagen());
            assert_eq!(kept, Ok(Kept { last_day_kept: Some(last_day), erase: at(erase) }));
        }
        assert_eq!(end_of_year(date(2025, 1, 1)), date(2025, 12, 31));
    }

    #[test]
    fn maxima_are_read_strictly() {
        let zone = Zone::copenhagen();
        let event = Event::Instant(at("2025-10-20T12:00:00+02:00"));
        let latest = |base, text: &str| erase_at_latest(base, &Amount::parse(text).unwrap(), &zone);
        assert_eq!(latest(event, "P14D").unwrap().erase, at("2025-11-03T11:00:00+01:00"));
        assert_eq!(latest(event, "PT24H").unwrap().last_day_kept, None);
        assert_eq!(latest(event, "P1M").unwrap().last_day_kept, Some(date(2025, 11, 20)));
        let day = Event::Day(date(2025, 10, 20));
        assert_eq!(latest(day, "P14D").unwrap().erase, at("2025-11-04T00:00:00+01:00"));
        assert!(matches!(latest(day, "PT24H"), Err(ClockFault::NoInstant { .. })));
        assert!(matches!(latest(day, "5WD"), Err(ClockFault::NoCalendar { .. })));
    }
}

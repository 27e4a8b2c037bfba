//! How a register was connected between two of its readings.
//!
//! What comes in: how a device was mounted over time, and the instants of two readings. What goes out: by what the difference
//! is to be multiplied, and whether that is certain. The readings themselves stay as the register showed them.
//!
//! Master data hold for whole local days, so factor and multiplier change at midnight. A difference of two readings before
//! that midnight counts by the old ones, and of two after it by the new ones; a reading at midnight itself ends the old
//! and begins the new. Nobody knows what a register showed at a midnight at which it was not read: a difference over
//! it counts by the new ones, as its energy counts for the later day, and is estimated (D.1 § 6).

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_model::{Dated, Mounting, Timeline};

/// How a difference of two readings counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mounted {
    /// What the difference is multiplied by, and how the register counts.
    pub mounting: Mounting,
    /// Whether it was connected in the same way all the time.
    pub is_certain: bool,
}

impl Mounted {
    /// How a device was mounted from one reading to a later one. Days of which master data say nothing count as those that
    /// come next, or as the last ones; where they say nothing at all, a number means what it says.
    #[must_use]
    pub fn between(mounted: &Timeline<Mounting>, (from, to): (Timestamp, Timestamp), zone: &Zone) -> Self {
        match mounted.periods() {
            [] => Self { mounting: Mounting::default(), is_certain: true },
            [only] => Self { mounting: only.what, is_certain: true },
            periods => Self::on(periods, (zone.day_of(from), last_day(to, zone))),
        }
    }

    fn on(periods: &[Dated<Mounting>], (first, last): (Date, Date)) -> Self {
        let mut held =
            periods.iter().filter(|period| period.days.start() <= last && first < period.days.end());
        let next = || periods.iter().find(|period| period.days.start() > last).or(periods.last());
        let Some(found) = held.next().or_else(next) else {
            return Self { mounting: Mounting::default(), is_certain: true };
        };
        let same =
            |other: &Mounting| (other.factor, other.multiplier) == (found.what.factor, found.what.multiplier);
        let start = Self { mounting: found.what, is_certain: true };
        held.fold(start, |known, next| Self {
            mounting: next.what,
            is_certain: known.is_certain && same(&next.what),
        })
    }
}

/// The last local day of a difference: a reading at midnight ends the day before.
fn last_day(to: Timestamp, zone: &Zone) -> Date {
    let day = zone.day_of(to);
    if zone.day_start(day) == to { day.yesterday().unwrap_or(day) } else { day }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tidstro_model::{DayRange, Factor};

    use super::*;

    /// Ratio 40 until 10 March, 60 from then on.
    fn changed() -> Timeline<Mounting> {
        let mounting =
            |factor| Mounting { factor: Factor::of_thousandths(factor).unwrap(), ..Mounting::default() };
        let days = |from, to| DayRange::new(date(2026, 3, from), date(2026, 3, to)).unwrap();
        Timeline::of([
            Dated { days: days(1, 10), what: mounting(40_000) },
            Dated { days: days(10, 31), what: mounting(60_000) },
        ])
        .unwrap()
    }

    #[test]
    fn a_midnight_that_was_read_divides_the_old_from_the_new() {
        let zone = Zone::copenhagen();
        for (from, to, factor, is_certain) in [
            ("2026-03-08T12:00+01:00", "2026-03-09T12:00+01:00", "40", true),
            ("2026-03-09T12:00+01:00", "2026-03-10T00:00+01:00", "40", true),
            ("2026-03-10T00:00+01:00", "2026-03-10T12:00+01:00", "60", true),
            ("2026-03-09T12:00+01:00", "2026-03-10T12:00+01:00", "60", false),
            ("2026-03-10T12:00+01:00", "2026-03-12T12:00+01:00", "60", true),
            // Before the first day anybody knows of.
            ("2026-02-10T12:00+01:00", "2026-02-11T12:00+01:00", "40", true),
            ("2026-02-27T12:00+01:00", "2026-03-01T12:00+01:00", "40", true),
            ("2026-04-02T12:00+02:00", "2026-04-03T12:00+02:00", "60", true),
        ] {
            let found = Mounted::between(&changed(), (from.parse().unwrap(), to.parse().unwrap()), &zone);
            let told = (found.mounting.factor.to_string(), found.is_certain);
            assert_eq!(told, (factor.to_owned(), is_certain), "{from} to {to}");
        }
    }
}

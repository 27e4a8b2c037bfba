//! By when the values of an operating day must be out.

use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tidstro_calendar::{
    Amount, Circumstances, Clock, ClockFault, Event, Profile, Roll, WorkingCalendar, Zone,
};

/// From here on everything may be sent again if the first sending was wrong (D.1 § 4(5)).
static RESEND_FROM: LazyLock<Clock> = LazyLock::new(|| working_days("3WD@10:00"));
/// Values of every point are with the hub by then (D.1 §§ 4(5) and 11).
static DUE: LazyLock<Clock> = LazyLock::new(|| working_days("5WD@21:00"));

/// Working days of the market.
static MARKET: LazyLock<&WorkingCalendar> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the calendar is part of the program; a test reads it")]
    WorkingCalendar::shipped("dk-market").expect("the market's calendar is shipped")
});

fn working_days(amount: &str) -> Clock {
    #[expect(clippy::expect_used, reason = "the amounts are part of the program; a test reads them")]
    let amount = Amount::parse(amount).expect("an amount of working days is well formed");
    Clock { amount, profile: Profile::Legal(Roll::None) }
}

/// The market's clock of one operating day.
///
/// ```
/// use jiff::civil::date;
/// use tidstro_calendar::Zone;
/// use tidstro_metering::cycle::DayClock;
///
/// let clock = DayClock::of_market(date(2024, 3, 25), &Zone::copenhagen())?;
/// assert_eq!(clock.due, "2024-04-04T19:00:00Z".parse().unwrap());
/// # Ok::<(), tidstro_calendar::ClockFault>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayClock {
    /// The operating day.
    pub day: Date,
    /// Third working day after it, 10:00 local time: from then until `due` everything may be sent again.
    pub resend_from: Timestamp,
    /// Fifth working day after it, 21:00 local time.
    pub due: Timestamp,
}

/// How an operating day stands to its clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Everything is out.
    Done,
    /// Something is not out, and there is time.
    Open,
    /// Something is not out, and the deadline is near.
    Alarm,
    /// Something is not out, and the deadline is past.
    Late,
}

impl Standing {
    /// The word used in answers and screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Open => "open",
            Self::Alarm => "alarm",
            Self::Late => "late",
        }
    }
}

impl DayClock {
    /// The clock of an operating day, by the working days of the Danish market (the shipped calendar `dk-market`).
    ///
    /// # Errors
    /// [`ClockFault::BeyondCalendar`] for days at the end of the year 9999.
    pub fn of_market(day: Date, zone: &Zone) -> Result<Self, ClockFault> {
        Self::of(day, &MARKET, zone)
    }

    fn of(day: Date, calendar: &WorkingCalendar, zone: &Zone) -> Result<Self, ClockFault> {
        let place = Circumstances::new(zone).with_calendar(calendar);
        let end = |clock: &Clock| clock.deadline(Event::Day(day), &place).map(|deadline| deadline.plan_by);
        Ok(Self { day, resend_from: end(&RESEND_FROM)?, due: end(&DUE)? })
    }

    /// How the day stands, by whether everything of it is out; `alarm` is how long before the deadline one is warned.
    #[must_use]
    pub fn standing(&self, is_out: bool, now: Timestamp, alarm: SignedDuration) -> Standing {
        if is_out {
            Standing::Done
        } else if now >= self.due {
            Standing::Late
        } else if self.due.duration_since(now) <= alarm {
            Standing::Alarm
        } else {
            Standing::Open
        }
    }

    /// Whether everything of the day may be sent again now, without each value being a correction (D.1 § 4(5)).
    #[must_use]
    pub fn may_resend(&self, now: Timestamp) -> bool {
        self.resend_from <= now && now < self.due
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn clock(day: Date) -> DayClock {
        DayClock::of_market(day, &Zone::copenhagen()).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn deadlines_skip_holidays_and_follow_the_clock_change() {
        for (day, resend_from, due) in [
            (date(2024, 3, 25), "2024-04-02T08:00:00Z", "2024-04-04T19:00:00Z"),
            (date(2024, 10, 27), "2024-10-30T09:00:00Z", "2024-11-01T20:00:00Z"),
            (date(2026, 10, 20), "2026-10-23T08:00:00Z", "2026-10-27T20:00:00Z"),
            (date(2027, 12, 30), "2028-01-05T09:00:00Z", "2028-01-07T20:00:00Z"),
        ] {
            let clock = clock(day);
            assert_eq!((clock.resend_from, clock.due), (at(resend_from), at(due)), "{day}");
        }
    }

    #[test]
    fn the_alarm_comes_before_the_deadline() {
        let (clock, alarm) = (clock(date(2026, 11, 9)), SignedDuration::from_hours(12));
        for (now, standing) in [
            ("2026-11-16T07:59:59Z", Standing::Open),
            ("2026-11-16T08:00:00Z", Standing::Alarm),
            ("2026-11-16T19:59:59Z", Standing::Alarm),
            ("2026-11-16T20:00:00Z", Standing::Late),
        ] {
            assert_eq!(clock.standing(false, at(now), alarm), standing, "{now}");
            assert_eq!(clock.standing(true, at(now), alarm), Standing::Done);
        }
        assert!(
            !clock.may_resend(at("2026-11-12T08:59:59Z")) && clock.may_resend(at("2026-11-12T09:00:00Z"))
        );
        assert!(!clock.may_resend(clock.due));
    }
}

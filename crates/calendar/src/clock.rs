//! Legal and contractual clocks: when a period that an event starts is over.
//!
//! What comes in: a clock (amount and profile), an event, and the circumstances (zone, working calendar,
//! pauses). What goes out: `plan_by`, by which a careful party is done, and `ends_at`, the legal outer bound.
//! It must never read the time, and an event that comes later must never end a clock earlier.
//!
//! Rules: Reg. (EEC, Euratom) 1182/71 art. 3. Whether art. 3(5) prolongs a period of 72 hours is disputed; it
//! is not applied here.

mod pause;

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
    tz::TimeZoneDatabase,
};
use tidstro_model::Interval;

use crate::{Amount, Chain, Hours, WorkingCalendar, WorkingDays, Zone};

const HOUR_SECONDS: i64 = 3600;

/// What happens when the last day is no working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roll {
    /// Nothing: retention, and notice under a contract that does not say otherwise.
    None,
    /// The period ends with the next working day (Reg. 1182/71 art. 3(4)).
    NextWorkingDay,
}

/// By which rules a clock is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Reg. 1182/71: the hour or day of the event is not counted.
    Legal(Roll),
    /// A contract's: elapsed time from the instant of the event, and only `plan_by`.
    Elapsed,
}

/// What starts a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// An instant; its local day is the event day.
    Instant(Timestamp),
    /// A local day. Clocks in hours do not run from it: [`ClockFault::NoInstant`].
    Day(Date),
}

/// Where a clock runs, and what moves it.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// Zone of the local days.
    pub zone: &'a Zone,
    /// Needed by clocks in working days and by clocks that roll.
    pub calendar: Option<&'a WorkingCalendar>,
    /// Lifts an earlier end: the clock is not over before this instant, or this instant's local day.
    pub not_before: Option<Timestamp>,
    /// Times the clock stood, in any order. An open pause is given as ending now, so that the end moves on
    /// until it is lifted. Clocks in days stand for whole local days.
    pub pauses: &'a [Interval],
}

impl<'a> Circumstances<'a> {
    /// A zone, no calendar, nothing that moves the clock.
    #[must_use]
    pub const fn new(zone: &'a Zone) -> Self {
        Self { zone, calendar: None, not_before: None, pauses: &[] }
    }

    /// With the working days of this calendar.
    #[must_use]
    pub const fn with_calendar(self, calendar: &'a WorkingCalendar) -> Self {
        Self { calendar: Some(calendar), ..self }
    }
}

/// An amount and the rules it is counted by.
///
/// ```
/// use tidstro_calendar::{Amount, Circumstances, Clock, Event, Profile, Roll, Zone};
///
/// let clock = Clock { amount: Amount::parse("PT72H")?, profile: Profile::Legal(Roll::None) };
/// let event = Event::Instant("2026-10-24T10:17:00+02:00".parse()?);
/// let deadline = clock.deadline(event, &Circumstances::new(&Zone::copenhagen()))?;
/// assert_eq!(deadline.plan_by, "2026-10-27T09:17:00+01:00".parse()?);
/// assert_eq!(deadline.ends_at, Some("2026-10-27T10:00:00+01:00".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// How long.
    pub amount: Amount,
    /// Counted how.
    pub profile: Profile,
}

/// The last day of a period in days, before and after rolling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastDays {
    /// As counted.
    pub unrolled_last_day: Date,
    /// After rolling and `not_before`; never earlier.
    pub last_day: Date,
}

/// When a clock is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// The strict end, for alarms and headlines: elapsed hours, or the local midnight after the last day
    /// without any roll.
    pub plan_by: Timestamp,
    /// The legal outer bound, exclusive; never before `plan_by`. `None` for contractual clocks.
    pub ends_at: Option<Timestamp>,
    /// The last day, for legal clocks in days, weeks, months, years and working days.
    pub days: Option<LastDays>,
}

impl Deadline {
    /// Elapsed time from now until `plan_by`; negative when it is past.
    #[must_use]
    pub fn until_plan_by(&self, now: Timestamp) -> SignedDuration {
        now.duration_until(self.plan_by)
    }
}

/// Why a clock has no end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockFault {
    /// Rolling and working days need a calendar.
    #[error("a clock of `{amount}` counts working days and has no calendar; name one, such as `dk-working`")]
    NoCalendar {
        /// The amount.
        amount: Amount,
    },
    /// Elapsed hours need an instant.
    #[error(
        "a clock of `{amount}` runs from an instant, and the event is the day `{day}`; give its clock time"
    )]
    NoInstant {
        /// The amount.
        amount: Amount,
        /// The event.
        day: Date,
    },
    /// A contractual clock in units that have no fixed length.
    #[error("`{amount}` has no fixed length in hours; write hours, days or weeks, or use a legal clock")]
    NotElapsed {
        /// The amount.
        amount: Amount,
    },
    /// The extension is no amount of the same kind.
    #[error("`{amount}` cannot be extended by `{extension}`; write the extension in the unit of the amount")]
    Extension {
        /// The amount.
        amount: Amount,
        /// The extension.
        extension: Amount,
    },
    /// The end lies past the year 9999.
    #[error("a clock of `{amount}` ends after the year 9999; check the date of the event")]
    BeyondCalendar {
        /// The amount.
        amount: Amount,
    },
}

impl Clock {
    /// The clock with the extension added to its amount, to be counted again from the event and never from
    /// a rolled day.
    ///
    /// # Errors
    /// [`ClockFault::Extension`] if amount and extension do not add up (see [`Amount::plus`]).
    pub fn extended(&self, extension: &Amount) -> Result<Self, ClockFault> {
        let amount = self.amount.plus(extension).ok_or_else(|| ClockFault::Extension {
            amount: self.amount.clone(),
            extension: extension.clone(),
        })?;
        Ok(Self { amount, profile: self.profile })
    }

    /// When the clock is over.
    ///
    /// A pause moves the start on by as long as the clock stood, so pauses after the end do nothing.
    ///
    /// # Errors
    /// [`ClockFault`], except [`ClockFault::Extension`].
    pub fn deadline(&self, event: Event, place: &Circumstances<'_>) -> Result<Deadline, ClockFault> {
        let mut deadline = self.unpaused(event, place)?;
        let mut start = event;
        for pause in pause::merged(place.pauses) {
            if pause.start() < deadline.plan_by {
                start = self.moved(start, pause, place.zone)?;
                deadline = self.unpaused(start, place)?;
            }
        }
        Ok(deadline)
    }

    /// The start after a pause: by elapsed time where hours run, else by whole local days.
    fn moved(&self, start: Event, pause: Interval, zone: &Zone) -> Result<Event, ClockFault> {
        let by_hours = self.profile == Profile::Elapsed || matches!(self.amount, Amount::Hours(_));
        let moved = match start {
            Event::Instant(at) if by_hours => pause::instant_after(at, pause).map(Event::Instant),
            _ => pause::day_after(event_day(start, zone), pause, zone).map(Event::Day),
        };
        moved.ok_or_else(|| self.beyond())
    }

    fn unpaused(&self, event: Event, place: &Circumstances<'_>) -> Result<Deadline, ClockFault> {
        match (&self.amount, self.profile) {
            (_, Profile::Elapsed) => self.elapsed(event, place),
            (Amount::Hours(hours), Profile::Legal(_)) => self.legal_hours(*hours, event, place),
            (Amount::Calendar(chain), Profile::Legal(roll)) => self.legal_days(chain, roll, event, place),
            (Amount::WorkingDays(days), Profile::Legal(_)) => self.working_days(*days, event, place),
        }
    }

    fn elapsed(&self, event: Event, place: &Circumstances<'_>) -> Result<Deadline, ClockFault> {
        let not_elapsed = || ClockFault::NotElapsed { amount: self.amount.clone() };
        let hours = self.amount.elapsed_hours().ok_or_else(not_elapsed)?;
        let plan_by = self.hours_after(self.instant(event)?, hours)?;
        Ok(Deadline { plan_by: lifted(plan_by, place), ends_at: None, days: None })
    }

    /// Reg. 1182/71 art. 3(1): the hour of the event is not counted.
    fn legal_hours(
        &self,
        hours: Hours,
        event: Event,
        place: &Circumstances<'_>,
    ) -> Result<Deadline, ClockFault> {
        let at = self.instant(event)?;
        let plan_by = self.hours_after(at, hours.count())?;
        // Hours are those of UTC. `plan_by` lies past the event, so the next full hour is a timestamp too.
        let floor = at.as_second() - i64::from(at.subsec_nanosecond() < 0);
        let next_hour = (floor.div_euclid(HOUR_SECONDS) + 1) * HOUR_SECONDS;
        let next_hour = Timestamp::from_second(next_hour).map_err(|_| self.beyond())?;
        let ends_at = self.hours_after(next_hour, hours.count())?;
        Ok(Deadline { plan_by: lifted(plan_by, place), ends_at: Some(lifted(ends_at, place)), days: None })
    }

    /// Reg. 1182/71 art. 3(1) second subparagraph, 3(2)(c) and 3(4).
    fn legal_days(
        &self,
        chain: &Chain,
        roll: Roll,
        event: Event,
        place: &Circumstances<'_>,
    ) -> Result<Deadline, ClockFault> {
        let unrolled_last_day = chain.after(event_day(event, place.zone));
        let lifted_day = lifted_day(unrolled_last_day, place);
        let last_day = match roll {
            Roll::None => lifted_day,
            Roll::NextWorkingDay => self.calendar(place)?.roll(lifted_day).ok_or_else(|| self.beyond())?,
        };
        Ok(Deadline {
            plan_by: self.end_of(lifted_day, place.zone)?,
            ends_at: Some(self.end_of(last_day, place.zone)?),
            days: Some(LastDays { unrolled_last_day, last_day }),
        })
    }

    fn working_days(
        &self,
        days: WorkingDays,
        event: Event,
        place: &Circumstances<'_>,
    ) -> Result<Deadline, ClockFault> {
        let calendar = self.calendar(place)?;
        let counted = calendar.nth_after(event_day(event, place.zone), days.count());
        let unrolled_last_day = counted.ok_or_else(|| self.beyond())?;
        let last_day = calendar.roll(lifted_day(unrolled_last_day, place)).ok_or_else(|| self.beyond())?;
        let end = match days.at() {
            None => self.end_of(last_day, place.zone)?,
            Some(at) => self.local(last_day, at, place.zone)?,
        };
        let end = lifted(end, place);
        Ok(Deadline {
            plan_by: end,
            ends_at: Some(end),
            days: Some(LastDays { unrolled_last_day, last_day }),
        })
    }

    fn calendar<'a>(&self, place: &Circumstances<'a>) -> Result<&'a WorkingCalendar, ClockFault> {
        place.calendar.ok_or_else(|| ClockFault::NoCalendar { amount: self.amount.clone() })
    }

    fn instant(&self, event: Event) -> Result<Timestamp, ClockFault> {
        match event {
            Event::Instant(at) => Ok(at),
            Event::Day(day) => Err(ClockFault::NoInstant { amount: self.amount.clone(), day }),
        }
    }

    fn hours_after(&self, at: Timestamp, hours: u32) -> Result<Timestamp, ClockFault> {
        at.checked_add(SignedDuration::from_hours(i64::from(hours))).map_err(|_| self.beyond())
    }

    /// The local midnight after the day.
    fn end_of(&self, day: Date, zone: &Zone) -> Result<Timestamp, ClockFault> {
        day.tomorrow().map(|next| zone.day_start(next)).map_err(|_| self.beyond())
    }

    /// A local clock time. One that a clock change skips is taken as much later; of two equal ones the first.
    fn local(&self, day: Date, at: Time, zone: &Zone) -> Result<Timestamp, ClockFault> {
        let rules = TimeZoneDatabase::bundled().get(zone.name()).map_err(|_| self.beyond())?;
        rules.to_timestamp(day.to_datetime(at)).map_err(|_| self.beyond())
    }

    fn beyond(&self) -> ClockFault {
        ClockFault::BeyondCalendar { amount: self.amount.clone() }
    }
}

fn event_day(event: Event, zone: &Zone) -> Date {
    match event {
        Event::Instant(at) => zone.day_of(at),
        Event::Day(day) => day,
    }
}

fn lifted(end: Timestamp, place: &Circumstances<'_>) -> Timestamp {
    place.not_before.map_or(end, |earliest| end.max(earliest))
}

fn lifted_day(day: Date, place: &Circumstances<'_>) -> Date {
    place.not_before.map_or(day, |earliest| day.max(place.zone.day_of(earliest)))
}

#[cfg(test)]
mod tests;

//! When a clock is over: an obligation's clock, its start, its extension and its pauses, given to `calendar`.
//!
//! What comes in: the clock of the register and what happened to it. What goes out: its end, and the amount
//! and calendar it was counted by. Never: arithmetic of its own on instants of law; a guess at the clock time
//! of a day other than the strict one.

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::{
    Amount, Circumstances, Clock, ClockFault, Deadline, LastDays, Profile, WorkingCalendar, Zone,
    latest_notice_day,
};
use tidstro_model::{CaseId, Interval, ObligationId};

use super::event::{Moment, earliest};
use crate::register::{ClockDirection, ObligationClock};

/// Why a clock cannot be counted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the clock of `{obligation}` in case `{case}` cannot be counted: {source}")]
pub struct CountFault {
    /// The case.
    pub case: CaseId,
    /// The obligation.
    pub obligation: ObligationId,
    /// What is wrong.
    pub source: ClockFault,
}

/// The end of a clock, and what it was counted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The strict end and the legal outer bound. For a clock that counts back: the end of the latest local
    /// day for the notice.
    pub deadline: Deadline,
    /// The amount, with the extension.
    pub amount: Amount,
    /// The working calendar, where one is named.
    pub calendar: Option<&'static WorkingCalendar>,
}

impl Counted {
    /// The instant from which the obligation is no longer met in time: the legal outer bound, and of a
    /// contract's clock the strict end. Exclusive.
    #[must_use]
    pub fn bound(&self) -> Timestamp {
        self.deadline.ends_at.unwrap_or(self.deadline.plan_by)
    }
}

/// What a clock is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    /// When the trigger happened.
    pub(super) at: Moment,
    /// The local day something announced starts.
    pub(super) starts: Option<Date>,
}

/// Counts a clock from its trigger.
///
/// # Errors
/// [`ClockFault`] for a clock that no event of this kind can be counted with; a checked register has none.
pub(super) fn count(
    clock: &ObligationClock,
    start: Start,
    extension: Option<&Amount>,
    pauses: &[Interval],
    zone: &Zone,
) -> Result<Counted, ClockFault> {
    let extended = extension.map_or_else(|| Ok(clock.clock.clone()), |by| clock.clock.extended(by))?;
    let calendar = clock.calendar.as_deref().and_then(WorkingCalendar::shipped);
    let deadline = match clock.direction {
        ClockDirection::Within => {
            let not_before = clock.not_before.map(|day| zone.day_start(day));
            extended.deadline(
                strict_start(&extended, start.at, zone),
                &Circumstances { zone, calendar, not_before, pauses },
            )?
        }
        ClockDirection::Before => back(&extended, start, calendar, zone)?,
    };
    Ok(Counted { deadline, amount: extended.amount, calendar })
}

/// Whether a clock of the register can be counted at all, with and without its extension, from an instant
/// and from a day.
///
/// # Errors
/// The [`ClockFault`] that counting it would give.
pub(crate) fn counts(clock: &ObligationClock) -> Result<(), ClockFault> {
    let zone = Zone::copenhagen();
    let day = jiff::civil::date(2026, 1, 31);
    for at in [Moment::Instant(zone.day_start(day)), Moment::Day(day)] {
        let start = Start { at, starts: Some(day) };
        count(clock, start, None, &[], &zone)?;
        if let Some(extension) = &clock.extension {
            count(clock, start, Some(extension), &[], &zone)?;
        }
    }
    Ok(())
}

/// A clock in hours that an event of unknown clock time starts runs from the first instant of that day: the
/// earliest it can have been.
fn strict_start(clock: &Clock, at: Moment, zone: &Zone) -> Moment {
    let by_hours = clock.profile == Profile::Elapsed || matches!(clock.amount, Amount::Hours(_));
    if by_hours { Moment::Instant(earliest(at, zone)) } else { at }
}

/// Counting back never rolls (Reg. 1182/71 art. 3(4)). Without a day that starts, the notice is for the day
/// of the event itself.
fn back(
    clock: &Clock,
    start: Start,
    calendar: Option<&WorkingCalendar>,
    zone: &Zone,
) -> Result<Deadline, ClockFault> {
    let beyond = || ClockFault::BeyondCalendar { amount: clock.amount.clone() };
    let starts = start.starts.unwrap_or_else(|| zone.day_of(earliest(start.at, zone)));
    let (plan_by, day) = match &clock.amount {
        Amount::Calendar(ahead) => end_of(latest_notice_day(starts, ahead).ok_or_else(beyond)?, zone),
        Amount::WorkingDays(days) => {
            let calendar = calendar.ok_or_else(|| ClockFault::NoCalendar { amount: clock.amount.clone() })?;
            // So many working days lie wholly between the notice and the start.
            let first_between = calendar.nth_before(starts, days.count()).ok_or_else(beyond)?;
            end_of(first_between.yesterday().map_err(|_| beyond())?, zone)
        }
        Amount::Hours(hours) => {
            let ahead = jiff::SignedDuration::from_hours(i64::from(hours.count()));
            (zone.day_start(starts).checked_sub(ahead).map_err(|_| beyond())?, None)
        }
    };
    let ends_at = (clock.profile != Profile::Elapsed).then_some(plan_by);
    Ok(Deadline { plan_by, ends_at, days: day })
}

/// The midnight after a last day that did not roll.
fn end_of(day: Date, zone: &Zone) -> (Timestamp, Option<LastDays>) {
    (zone.day(day).end(), Some(LastDays { unrolled_last_day: day, last_day: day }))
}

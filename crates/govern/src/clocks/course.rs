//! The course of one clock: what has happened to it, event by event.
//!
//! What comes in: an obligation that was started in a case, and the later events of the case in their order.
//! What goes out: its start, extension and pauses; and for each event that cannot have moved it, why. Never:
//! a start that moves, an extension or pause outside the running period, an end that comes earlier.

use jiff::Timestamp;
use tidstro_calendar::{Amount, ClockFault, Zone};
use tidstro_model::{Interval, ObligationId};

use super::count::{Counted, Start, count};
use super::event::{CaseEvent, CaseStep, Moment, earliest};
use crate::Inadmissible;
use crate::register::{ClockDirection, Obligation, ObligationClock};

/// That a clock was extended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// When.
    pub at: Moment,
    /// By how much.
    pub by: Amount,
    /// Why.
    pub reason: String,
}

/// A time a clock stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// From this instant.
    pub from: Timestamp,
    /// Until this one; `None` while it still stands.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

/// One clock in one case.
#[derive(Debug, Clone)]
pub(super) struct Course<'r> {
    pub(super) obligation: &'r Obligation,
    pub(super) start: Start,
    pub(super) extension: Option<Extension>,
    pub(super) pauses: Vec<Pause>,
    zone: &'r Zone,
}

impl<'r> Course<'r> {
    /// The clock of an obligation in a case, as the events tell it: `events` are those of the case that have
    /// happened, in order. `None` if nothing started it.
    pub(super) fn of(obligation: &'r Obligation, events: &[&CaseEvent], zone: &'r Zone) -> Option<Self> {
        let (first, start) = started(obligation, events)?;
        let mut course = Self { obligation, start, extension: None, pauses: Vec::new(), zone };
        for event in events.iter().skip(first) {
            // What cannot have moved the clock was refused when it came, and is no part of its course.
            let _ = course.moved_by(event);
        }
        Some(course)
    }

    /// When the clock is over by what has happened; `None` where the law names no time. A pause that still
    /// stands counts nothing yet, so that its end can only move the clock on.
    pub(super) fn counted(&self) -> Result<Option<Counted>, ClockFault> {
        let extension = self.extension.as_ref().map(|extension| &extension.by);
        self.clock().map(|clock| self.count(clock, extension)).transpose()
    }

    pub(super) fn is_paused(&self) -> bool {
        self.pauses.last().is_some_and(|pause| pause.until.is_none())
    }

    /// Lets one event move the clock, or says why it cannot. Events about other things do nothing.
    pub(super) fn moved_by(&mut self, event: &CaseEvent) -> Result<(), Inadmissible> {
        if event.step.obligation() != Some(&self.obligation.id) {
            return Ok(());
        }
        let at = earliest(event.at, self.zone);
        match &event.step {
            CaseStep::Trigger { .. } => Ok(()),
            CaseStep::Extension { by, reason, .. } => self.extend(event.at, by, reason),
            CaseStep::Pause { reason, .. } => self.pause(at, reason),
            CaseStep::Resume { .. } => self.resume(at),
        }
    }

    fn extend(&mut self, at: Moment, by: &Amount, reason: &str) -> Result<(), Inadmissible> {
        let allowed = self.forward_clock().and_then(|clock| Some((clock, clock.extension.as_ref()?)));
        let (clock, most) = allowed.ok_or_else(|| Inadmissible::NotExtendable { obligation: self.id() })?;
        if self.extension.is_some() {
            return Err(Inadmissible::AlreadyExtended { obligation: self.id() });
        }
        self.must_run_at(earliest(at, self.zone))?;
        self.must_not_exceed(clock, by, most)?;
        self.extension = Some(Extension { at, by: by.clone(), reason: reason.to_owned() });
        Ok(())
    }

    /// Amounts of different units compare by where they end, and by nothing else.
    fn must_not_exceed(
        &self,
        clock: &ObligationClock,
        by: &Amount,
        most: &Amount,
    ) -> Result<(), Inadmissible> {
        let longest = self.count(clock, Some(most)).map_err(|source| self.uncounted(source))?;
        match self.count(clock, Some(by)) {
            Ok(counted) if counted.bound() <= longest.bound() => Ok(()),
            Ok(_) | Err(ClockFault::Extension { .. }) => Err(Inadmissible::ExtensionTooLong {
                obligation: self.id(),
                by: by.clone(),
                most: most.clone(),
            }),
            Err(source) => Err(self.uncounted(source)),
        }
    }

    fn pause(&mut self, from: Timestamp, reason: &str) -> Result<(), Inadmissible> {
        if self.forward_clock().is_none_or(|clock| clock.pause.is_none()) {
            return Err(Inadmissible::NotPausable { obligation: self.id() });
        }
        if self.is_paused() {
            return Err(Inadmissible::PausedAlready { obligation: self.id() });
        }
        self.must_run_at(from)?;
        self.pauses.push(Pause { from, until: None, reason: reason.to_owned() });
        Ok(())
    }

    fn resume(&mut self, at: Timestamp) -> Result<(), Inadmissible> {
        let obligation = self.id();
        let standing = self.pauses.last_mut().filter(|pause| pause.until.is_none());
        let pause = standing.ok_or(Inadmissible::NotPaused { obligation })?;
        pause.until = Some(at.max(pause.from));
        Ok(())
    }

    /// The period still runs at an instant after its start. While the clock stands it does.
    fn must_run_at(&self, at: Timestamp) -> Result<(), Inadmissible> {
        let counted = self.counted().map_err(|source| self.uncounted(source))?;
        if self.is_paused() || counted.is_some_and(|counted| at < counted.bound()) {
            Ok(())
        } else {
            Err(Inadmissible::PeriodOver { obligation: self.id() })
        }
    }

    fn id(&self) -> ObligationId {
        self.obligation.id.clone()
    }

    fn uncounted(&self, source: ClockFault) -> Inadmissible {
        Inadmissible::Uncounted { obligation: self.id(), source }
    }

    fn clock(&self) -> Option<&'r ObligationClock> {
        self.obligation.clock.as_ref()
    }

    /// The clock, if it counts on: nothing that counts back is extended or stands.
    fn forward_clock(&self) -> Option<&'r ObligationClock> {
        self.clock().filter(|clock| clock.direction == ClockDirection::Within)
    }

    fn count(&self, clock: &ObligationClock, extension: Option<&Amount>) -> Result<Counted, ClockFault> {
        let stood: Vec<_> =
            self.pauses.iter().filter_map(|pause| Interval::new(pause.from, pause.until?).ok()).collect();
        count(clock, self.start, extension, &stood, self.zone)
    }
}

/// The first event that starts the obligation, with its place among the events. A second one does not start
/// it again.
pub(super) fn started(obligation: &Obligation, events: &[&CaseEvent]) -> Option<(usize, Start)> {
    events.iter().enumerate().find_map(|(place, event)| match &event.step {
        CaseStep::Trigger { trigger, starts } if *trigger == obligation.when => {
            Some((place, Start { at: event.at, starts: *starts }))
        }
        _ => None,
    })
}

//! What happens in a case.
//!
//! What comes in: nothing. What goes out: the shape of a case event, and the order in which a case is read.
//! Never: a person's data; a reason is written without names.

use std::cmp::Ordering;

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::{Amount, Zone};
use tidstro_model::{ActorId, CaseId, ObligationId, TriggerId};

/// When something happened: an instant, or a local day where no clock time is known.
pub use tidstro_calendar::Event as Moment;

/// One thing that happened in a case. Append-only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseEvent {
    /// Which case.
    pub case: CaseId,
    /// When it happened; not when it was recorded.
    pub at: Moment,
    /// What happened.
    pub step: CaseStep,
    /// Who recorded it.
    pub by: ActorId,
    /// When it was recorded.
    pub recorded: Timestamp,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseStep {
    /// Something the register names: it starts obligations, or proves them, or both.
    Trigger {
        /// Its name in the register.
        trigger: TriggerId,
        /// The local day something announced starts, from which obligations that count back are counted.
        starts: Option<Date>,
    },
    /// A clock was extended, as far as its obligation allows (such as GDPR art. 12(3)).
    Extension {
        /// Whose clock.
        obligation: ObligationId,
        /// By how much.
        by: Amount,
        /// Why; the law asks for reasons.
        reason: String,
    },
    /// A clock stands from here, on the ground its obligation names (such as GDPR art. 12(6)).
    Pause {
        /// Whose clock.
        obligation: ObligationId,
        /// Why.
        reason: String,
    },
    /// It goes on.
    Resume {
        /// Whose clock.
        obligation: ObligationId,
    },
}

impl CaseStep {
    /// The obligation whose clock it moves; `None` for a trigger.
    #[must_use]
    pub const fn obligation(&self) -> Option<&ObligationId> {
        match self {
            Self::Trigger { .. } => None,
            Self::Extension { obligation, .. }
            | Self::Pause { obligation, .. }
            | Self::Resume { obligation } => Some(obligation),
        }
    }

    /// What happened, in one word: the trigger's name; or `extension`, `pause`, `resume`.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Trigger { trigger, .. } => trigger.as_str(),
            Self::Extension { .. } => "extension",
            Self::Pause { .. } => "pause",
            Self::Resume { .. } => "resume",
        }
    }

    /// The place among events of one moment: what starts a clock comes before what moves it, and a pause
    /// before its end.
    const fn rank(&self) -> u8 {
        match self {
            Self::Trigger { .. } => 0,
            Self::Extension { .. } => 1,
            Self::Pause { .. } => 2,
            Self::Resume { .. } => 3,
        }
    }
}

/// The first instant that the moment can mean.
pub(super) fn earliest(moment: Moment, zone: &Zone) -> Timestamp {
    match moment {
        Moment::Instant(at) => at,
        Moment::Day(day) => zone.day_start(day),
    }
}

/// The first instant after all that the moment can mean: for a day the next midnight.
pub(super) fn latest(moment: Moment, zone: &Zone) -> Timestamp {
    match moment {
        Moment::Instant(at) => at,
        Moment::Day(day) => zone.day(day).end(),
    }
}

/// The order of a case: by when things happened, whatever the order of their arrival.
pub(super) fn in_order(a: &CaseEvent, b: &CaseEvent, zone: &Zone) -> Ordering {
    let key = |event: &CaseEvent| (earliest(event.at, zone), latest(event.at, zone), event.step.rank());
    // Two triggers or two extensions at one moment differ in nothing but their words: by those, then.
    key(a).cmp(&key(b)).then_with(|| words(a).cmp(&words(b)))
}

fn words(event: &CaseEvent) -> (String, Option<Date>) {
    match &event.step {
        CaseStep::Trigger { trigger, starts } => (trigger.to_string(), *starts),
        CaseStep::Extension { obligation, by, reason } => (format!("{obligation} {by} {reason}"), None),
        CaseStep::Pause { obligation, reason } => (format!("{obligation} {reason}"), None),
        CaseStep::Resume { obligation } => (obligation.to_string(), None),
    }
}

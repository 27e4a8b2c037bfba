//! Whether an event was recorded, and why not.
//!
//! What comes in: nothing. What goes out: the closed list of reasons, of cases and of leases, each with what to
//! do, and the reason under which the event is kept aside. Never: a person's data.

use tidstro_calendar::{Amount, ClockFault};
use tidstro_model::{ActivityId, ActorId, CaseId, ObligationId, TriggerId};

use crate::log::AsideReason;
use crate::register::listed;
use crate::{LeaseEventKind, RefusalRule};

/// What became of an event that was to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It is durable, and this is the number of its event in the facts of the log.
    Kept(i64),
    /// It was not recorded, but kept aside, sealed, with the reason.
    Aside(Inadmissible),
}

/// Why an event may not be recorded. An answer, not a fault of the program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Inadmissible {
    /// It has not happened yet.
    #[error("the event lies in the future; record it when it has happened")]
    Future,
    /// Whoever records it is neither staff nor a job of the register.
    #[error("actor `{actor}` is neither staff nor a job of the register")]
    UnknownActor {
        /// The actor.
        actor: ActorId,
    },
    /// The register does not let whoever records it record this.
    #[error(
        "no role of actor `{actor}` may record `{what}`; obligation `{obligation}` names in `{field}` who may"
    )]
    NotRecorder {
        /// The actor.
        actor: ActorId,
        /// The trigger; or `extension`, `pause`, `resume`.
        what: String,
        /// An obligation it would start, prove or move, and that does not admit the actor.
        obligation: ObligationId,
        /// The key of the register that says who may.
        field: &'static str,
    },
    /// No lease is moved by such a thing.
    #[error("`{kind}` is no event of a subject; write one of {}", listed(LeaseEventKind::ALL))]
    UnknownKind {
        /// The kind as it was given.
        kind: String,
    },
    /// No obligation is started or proved by it.
    #[error("`{trigger}` starts or proves no obligation of the register; check its name")]
    UnknownTrigger {
        /// The trigger.
        trigger: TriggerId,
    },
    /// The register has no such obligation.
    #[error("obligation `{obligation}` is not in the register; check its name")]
    UnknownObligation {
        /// The obligation.
        obligation: ObligationId,
    },
    /// Nothing started the obligation in this case by then.
    #[error("the clock of `{obligation}` does not run in case `{case}` then; record first what starts it")]
    NotStarted {
        /// The obligation.
        obligation: ObligationId,
        /// The case.
        case: CaseId,
    },
    /// An obligation that counts back has no day to count from.
    #[error("`{obligation}` counts back from the day something starts; give that local day")]
    NoStartDay {
        /// The obligation.
        obligation: ObligationId,
    },
    /// The law knows no extension of this clock.
    #[error("the register gives `{obligation}` no extension")]
    NotExtendable {
        /// The obligation.
        obligation: ObligationId,
    },
    /// It was extended before.
    #[error("the clock of `{obligation}` was extended already; it can be extended once")]
    AlreadyExtended {
        /// The obligation.
        obligation: ObligationId,
    },
    /// More than the law allows, or another kind of amount.
    #[error("the clock of `{obligation}` can be extended by `{most}` at most, not by `{by}`")]
    ExtensionTooLong {
        /// The obligation.
        obligation: ObligationId,
        /// The extension asked for.
        by: Amount,
        /// The most the register allows.
        most: Amount,
    },
    /// The law knows no ground on which this clock may stand.
    #[error("the register gives `{obligation}` no ground on which its clock may stand")]
    NotPausable {
        /// The obligation.
        obligation: ObligationId,
    },
    /// The clock stands already.
    #[error("the clock of `{obligation}` stands already then")]
    PausedAlready {
        /// The obligation.
        obligation: ObligationId,
    },
    /// The clock does not stand.
    #[error("the clock of `{obligation}` does not stand then; there is nothing to resume")]
    NotPaused {
        /// The obligation.
        obligation: ObligationId,
    },
    /// The period had ended.
    #[error("the period of `{obligation}` was over then; it can no longer be extended or paused")]
    PeriodOver {
        /// The obligation.
        obligation: ObligationId,
    },
    /// The clock runs from a later event already.
    #[error(
        "the clock of `{obligation}` runs in case `{case}` from a later event, and no clock ends earlier because \
         of what arrives after it; open a new case for the earlier event"
    )]
    WouldEndEarlier {
        /// The obligation.
        obligation: ObligationId,
        /// The case.
        case: CaseId,
    },
    /// What was recorded before would no longer hold.
    #[error("out of order: {because}")]
    OutOfOrder {
        /// What would no longer hold.
        because: Box<Inadmissible>,
    },
    /// An extension or a pause without a reason.
    #[error("the law asks for a reason; give one, without names")]
    NoReason,
    /// Its clock cannot be counted.
    #[error("the clock of `{obligation}` cannot be counted: {source}")]
    Uncounted {
        /// The obligation.
        obligation: ObligationId,
        /// What is wrong.
        source: ClockFault,
    },
    /// The subject has no such occupancy or dossier, as far as the permit reaches.
    #[error("the subject has no such occupancy or dossier in the permit's reach; check its number")]
    NotTheSubjects,
    /// The register has no such activity.
    #[error("activity `{activity}` is not in the register; check its name")]
    UnknownActivity {
        /// The activity.
        activity: ActivityId,
    },
    /// Nothing stands that it could lift.
    #[error("`{kind}` ends nothing: no `{sets}` stands then; record that first")]
    NothingStands {
        /// What was to be recorded.
        kind: LeaseEventKind,
        /// What would have had to happen before.
        sets: LeaseEventKind,
    },
    /// A delivered account does not say which days it accounts for.
    #[error("`{kind}` is about local days; give the first one and the first one after")]
    NoDays {
        /// What was to be recorded.
        kind: LeaseEventKind,
    },
    /// Days for something that is about none.
    #[error("`{kind}` is about no days; leave them out")]
    DaysNotTaken {
        /// What was to be recorded.
        kind: LeaseEventKind,
    },
}

impl Inadmissible {
    /// The code under which the log says who was refused, where it is not the event but the actor that is at
    /// fault.
    #[must_use]
    pub const fn refusal(&self) -> Option<&'static str> {
        match self {
            Self::UnknownActor { .. } => Some(RefusalRule::UnknownActor.code()),
            Self::NotRecorder { .. } => Some("role-not-in-obligation"),
            _ => None,
        }
    }

    /// The reason under which the event is kept aside as evidence.
    #[must_use]
    pub const fn aside(&self) -> AsideReason {
        match self {
            Self::Future => AsideReason::FromTheFuture,
            Self::UnknownKind { .. }
            | Self::UnknownTrigger { .. }
            | Self::UnknownObligation { .. }
            | Self::UnknownActivity { .. } => AsideReason::UnknownKind,
            Self::UnknownActor { .. } | Self::NotRecorder { .. } => AsideReason::Refused,
            Self::NotStarted { .. }
            | Self::PausedAlready { .. }
            | Self::NotPaused { .. }
            | Self::WouldEndEarlier { .. }
            | Self::OutOfOrder { .. }
            | Self::NothingStands { .. } => AsideReason::OutOfOrder,
            Self::NoStartDay { .. }
            | Self::NotExtendable { .. }
            | Self::AlreadyExtended { .. }
            | Self::ExtensionTooLong { .. }
            | Self::NotPausable { .. }
            | Self::PeriodOver { .. }
            | Self::NoReason
            | Self::Uncounted { .. }
            | Self::NotTheSubjects
            | Self::NoDays { .. }
            | Self::DaysNotTaken { .. } => AsideReason::NotAdmitted,
        }
    }
}

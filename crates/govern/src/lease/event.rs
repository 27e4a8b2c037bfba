//! What moves leases.
//!
//! What comes in: nothing. What goes out: the closed list of lease events and the shape of one. Never:
//! a person's data; subjects, occupancies and dossiers are numbers.

use jiff::Timestamp;
use tidstro_model::{ActivityId, DayRange, DossierNo, OccupancyNo, SubjectNo};

use crate::Operation;
use crate::vocabulary::words;

words!(
    /// A kind of event that begins, moves, suspends or ends leases.
    LeaseEventKind {
        /// The subject consented to an activity (GDPR art. 6(1)(a)).
        ConsentGiven = "consent-given",
        /// The subject withdrew its consent (art. 7(3)); what was done before stays lawful.
        ConsentWithdrawn = "consent-withdrawn",
        /// An objection was upheld (art. 21(1)): activities that rest on a task or an interest end.
        ObjectionUpheld = "objection-upheld",
        /// Processing was restricted (art. 18): data are kept and not used.
        RestrictionSet = "restriction-set",
        /// The restriction was lifted (art. 18(3)).
        RestrictionLifted = "restriction-lifted",
        /// Nothing may be erased: a claim, a court, an investigation (art. 17(3)(e)).
        HoldSet = "hold-set",
        /// The reason not to erase is gone.
        HoldLifted = "hold-lifted",
        /// A locked lease was opened by order.
        LockOpened = "lock-opened",
        /// It was locked again.
        LockClosed = "lock-closed",
        /// There are facts that make further storage necessary.
        SuspicionRaised = "suspicion-raised",
        /// A consumption account was delivered to the subject: the objection deadline runs from here.
        AccountDelivered = "account-delivered",
        /// The subject moved out, or its supply ended: the local day is the last of its occupancy.
        TenancyEnd = "tenancy-end",
        /// The contract ended.
        ContractEnd = "contract-end",
        /// The administrative case was finally handled.
        CaseClosed = "case-closed",
        /// The project ended.
        ProjectEnd = "project-end",
        /// The last decision in a dispute became final.
        FinalDecision = "final-decision",
        /// The mechanism the data were collected for ended.
        MechanismEnd = "mechanism-end",
        /// The duty to publish ended.
        PublicationEnd = "publication-end",
        /// A document was checked and has served its purpose.
        CheckDone = "check-done",
        /// The data were matched and gave no hit.
        Matched = "matched",
        /// The task the data were needed for ended.
        TaskEnd = "task-end",
        /// The purpose lapsed.
        PurposeEnd = "purpose-end",
    }
);

impl LeaseEventKind {
    /// What recording it does to the subject's data, so that a permit can be asked for: what locks, holds or
    /// frees them is one thing, what the subject said or got another.
    #[must_use]
    pub const fn operation(self) -> Operation {
        match self {
            Self::RestrictionSet
            | Self::RestrictionLifted
            | Self::HoldSet
            | Self::HoldLifted
            | Self::LockOpened
            | Self::LockClosed => Operation::Restrict,
            _ => Operation::Correct,
        }
    }

    /// Of a kind that ends what another began: that other kind. A consent may be withdrawn that nobody wrote
    /// down, so withdrawal is not one of them.
    #[must_use]
    pub const fn ends(self) -> Option<Self> {
        match self {
            Self::RestrictionLifted => Some(Self::RestrictionSet),
            Self::HoldLifted => Some(Self::HoldSet),
            Self::LockClosed => Some(Self::LockOpened),
            _ => None,
        }
    }

    /// Whether a retention may be counted from it.
    #[must_use]
    pub const fn begins_retention(self) -> bool {
        !matches!(
            self,
            Self::ConsentGiven
                | Self::RestrictionSet
                | Self::RestrictionLifted
                | Self::HoldSet
                | Self::HoldLifted
                | Self::LockOpened
                | Self::LockClosed
                | Self::TenancyEnd
        )
    }
}

/// What data belong to: the thing that a lease is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Matter {
    /// One subject's time at its metering points.
    Occupancy(OccupancyNo),
    /// One subject's records in one affair.
    Dossier(DossierNo),
}

/// One event that moves leases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseEvent {
    /// When it happened; not when it was recorded.
    pub at: Timestamp,
    /// What happened.
    pub kind: LeaseEventKind,
    /// Which occupancy or dossier it concerns; `None` for all of the subject's.
    pub matter: Option<Matter>,
    /// Which activity it concerns; `None` for all that can be concerned.
    pub activity: Option<ActivityId>,
    /// For a delivered account: the local days it accounts for.
    pub days: Option<DayRange>,
}

/// An event and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectEvent {
    /// Whose leases it moves.
    pub subject: SubjectNo,
    /// What happened.
    pub event: LeaseEvent,
}

//! The permit: proof that a decision was made and logged.

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tidstro_govern::{Ask, Event, EventKind, Grant, Operation, PartyId, Refuse, Scope, Target};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange};

use crate::StoreFault;

/// How long a permit may be used. Long enough for a national batch, short enough that a withdrawn
/// role or an ended lease does not linger.
const LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// Proof that an actor may do one operation on one category for one purpose, within a scope, now.
///
/// Only the gate makes one, after the decision is in the log. It is neither `Clone` nor
/// constructible elsewhere; `tests/sealed_doors.rs` proves that other crates fail to compile.
pub struct Permit {
    terms: Arc<Terms>,
}

/// What a permit allows. The store's own threads work with this; it cannot leave the crate.
pub(crate) struct Terms {
    pub(crate) actor: ActorId,
    pub(crate) operation: Operation,
    pub(crate) category: CategoryId,
    pub(crate) target: Target,
    /// The days asked for; the grant's are the same or fewer.
    pub(crate) asked_days: DayRange,
    /// To whom outside the data are handed, where somebody was named.
    pub(crate) recipient: Option<PartyId>,
    pub(crate) grant: Grant,
    pub(crate) seq: i64,
    pub(crate) expires: Timestamp,
}

impl Terms {
    pub(crate) const fn scope(&self) -> &Scope {
        &self.grant.scope
    }

    /// The event of a registration under this permit.
    pub(crate) fn registered(&self, detail: String, at: Timestamp) -> Event {
        let event = Event::new(at, EventKind::Registered, self.actor.clone(), detail);
        Event { purpose: Some(self.grant.activity.clone()), ..event }
    }
}

impl Permit {
    pub(super) fn new(ask: &Ask, grant: Grant, seq: i64, now: Timestamp) -> Self {
        let terms = Terms {
            actor: ask.actor.clone(),
            operation: ask.operation,
            category: ask.category.clone(),
            target: ask.target,
            asked_days: ask.days,
            recipient: ask.recipient.as_ref().map(|recipient| recipient.party.clone()),
            grant,
            seq,
            expires: now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX),
        };
        Self { terms: Arc::new(terms) }
    }

    /// Who may act.
    #[must_use]
    pub fn actor(&self) -> &ActorId {
        &self.terms.actor
    }

    /// For which purpose.
    #[must_use]
    pub fn activity(&self) -> &ActivityId {
        &self.terms.grant.activity
    }

    /// Within which scope.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        self.terms.scope()
    }

    /// Number of the log entry that records the grant.
    #[must_use]
    pub fn seq(&self) -> i64 {
        self.terms.seq
    }

    /// Proves that this permit is for `operation` on `category` and still lives, and gives its terms.
    pub(crate) fn must_allow(
        &self,
        operation: Operation,
        category: &CategoryId,
        now: Timestamp,
    ) -> Result<Arc<Terms>, StoreFault> {
        if self.terms.operation != operation || self.terms.category != *category {
            return Err(StoreFault::PermitForOther {
                permit: self.to_string(),
                needed: format!("{operation} {category}"),
            });
        }
        if self.terms.expires <= now { Err(StoreFault::PermitExpired) } else { Ok(Arc::clone(&self.terms)) }
    }

    /// The same for series that are shown: to read, or to take one's own along, which names no recipient.
    pub(crate) fn must_show_series(&self, now: Timestamp) -> Result<Arc<Terms>, StoreFault> {
        let takes_along = self.terms.operation == Operation::Export && self.terms.recipient.is_none();
        self.must_allow_series(if takes_along { Operation::Export } else { Operation::Read }, now)
    }

    /// The same for series, of whichever category: only series of the permit's category are reached.
    pub(crate) fn must_allow_series(
        &self,
        operation: Operation,
        now: Timestamp,
    ) -> Result<Arc<Terms>, StoreFault> {
        self.must_allow(operation, &self.terms.category, now)
    }
}

impl fmt::Display for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} for {}", self.terms.operation, self.terms.category, self.activity())
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permit({self}, event {})", self.seq())
    }
}

/// The gate's answer. Both answers are in the log before they are given.
#[derive(Debug)]
pub enum Decided {
    /// Yes, within the permit's scope.
    Granted(Permit),
    /// No, and the rule that says so.
    Refused(Refuse),
}

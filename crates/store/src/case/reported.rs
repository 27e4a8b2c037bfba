//! What another program reports, judged as if somebody here had recorded it.

use jiff::Timestamp;
use tidstro_govern::log::{AsideReason, Reported, ReportedLease};
use tidstro_govern::{Ask, Register, SubjectEvent, Target};
use tidstro_model::{ActorId, CategoryId, DayRange, Resolution, SubjectNo};

use super::{happened, row, subject};
use crate::StoreFault;
use crate::gate::{Decided, decide_and_log};
use crate::personal::Writing;
use crate::reference::referenced_subject;

/// How many factors another program proves: it has no hand to hold a second one.
const FACTORS: u8 = 1;

/// Who reports, and by which rules it is judged.
pub(crate) struct Reporter<'r> {
    pub(crate) actor: ActorId,
    pub(crate) register: &'r Register,
    /// The category of what moves leases.
    pub(crate) choices: &'r CategoryId,
    pub(crate) now: Timestamp,
}

impl Reporter<'_> {
    /// Records what is reported, or says why it must be kept aside. Call inside a transaction.
    pub(crate) fn take(
        &self,
        writing: &mut Writing,
        reported: Reported,
    ) -> Result<Result<i64, AsideReason>, StoreFault> {
        match reported {
            Reported::Lease(lease) => self.take_lease(writing, lease),
            Reported::Case(event) => {
                let event = row::to_the_millisecond(event)?;
                let taken = happened::take(writing, self.register, &event, self.now)?;
                Ok(taken.map_err(|refused| refused.aside()))
            }
        }
    }

    /// A program asks the gate like everybody else, for each subject. A reference nobody has is refused like
    /// a subject of whom nothing is kept.
    fn take_lease(
        &self,
        writing: &mut Writing,
        lease: ReportedLease,
    ) -> Result<Result<i64, AsideReason>, StoreFault> {
        // No subject has the number 0.
        let subject = referenced_subject(&writing.db, &lease.reference)?.unwrap_or(SubjectNo::new(0));
        let ask = self.ask(subject, &lease);
        let permit = match decide_and_log(writing, self.register, &ask, self.now)? {
            Decided::Granted(permit) => permit,
            Decided::Refused(_) => return Ok(Err(AsideReason::Refused)),
        };
        let terms = permit.must_allow(ask.operation, self.choices, self.now)?;
        let event = SubjectEvent { subject, event: lease.event };
        let taken = subject::take(writing, self.register, &terms, &event, self.now)?;
        Ok(taken.map_err(|refused| refused.aside()))
    }

    fn ask(&self, subject: SubjectNo, lease: &ReportedLease) -> Ask {
        Ask {
            actor: self.actor.clone(),
            purpose: lease.purpose.clone(),
            operation: lease.event.kind.operation(),
            category: self.choices.clone(),
            target: Target::Subject(subject),
            days: DayRange::always(),
            resolution: Resolution::Raw,
            recipient: None,
            factors: FACTORS,
        }
    }
}

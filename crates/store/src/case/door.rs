//! The events of cases and subjects, as the flows use them.

use std::sync::Arc;

use jiff::Timestamp;
use tidstro_govern::{CaseEvent, Inadmissible, Operation, Recorded, SubjectEvent};
use tidstro_model::CaseId;

use super::{happened, row, subject};
use crate::register::still_decides;
use crate::{Disclosed, Permit, Store, StoreFault};

impl Store {
    /// Records what happened in a case, if the register and the case admit it.
    ///
    /// # Errors
    /// [`StoreFault`] if nothing could be kept, neither there nor aside; [`StoreFault::RegisterReplaced`].
    pub async fn record_case_event(&self, event: CaseEvent, now: Timestamp) -> Result<Recorded, StoreFault> {
        let register = Arc::clone(&self.register);
        self.threads
            .write(move |writing| {
                writing.transact_with(event, |writing, event| {
                    still_decides(&writing.db, &register)?;
                    happened::record(writing, &register, event, now)
                })
            })
            .await
    }

    /// The events of one case, or of all, in the order in which they were recorded.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn case_events(&self, case: Option<CaseId>) -> Result<Vec<CaseEvent>, StoreFault> {
        self.threads.read(move |reading| row::case_events(&reading.db, case.as_ref())).await
    }

    /// Records what moves leases of a subject, if the register and the subject's other events admit it.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not for the kind's operation on choices, or not
    /// for this subject.
    pub async fn record_lease_event(
        &self,
        permit: &Permit,
        event: SubjectEvent,
        now: Timestamp,
    ) -> Result<Recorded, StoreFault> {
        let terms = permit.must_allow(event.event.kind.operation(), self.columns.choices()?, now)?;
        let register = Arc::clone(&self.register);
        self.threads
            .write(move |writing| {
                writing.transact(|writing| subject::record(writing, &register, &terms, &event, now))
            })
            .await
    }

    /// Keeps a report aside whose kind moves no lease. `words` is the report as it was given.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct choices.
    pub async fn keep_unknown_event(
        &self,
        permit: &Permit,
        kind: String,
        words: String,
        now: Timestamp,
    ) -> Result<Recorded, StoreFault> {
        let terms = permit.must_allow(Operation::Correct, self.columns.choices()?, now)?;
        let refused = Inadmissible::UnknownKind { kind };
        self.threads
            .write(move |writing| {
                writing.transact_with(refused, |writing, refused| {
                    subject::keep_aside(writing, &terms, &words, refused, now)
                })
            })
            .await
    }

    /// What moved the leases that the permit reaches, oldest first.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read choices.
    pub async fn lease_events(
        &self,
        permit: &Permit,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<SubjectEvent>>, StoreFault> {
        let terms = permit.must_allow(Operation::Read, self.columns.choices()?, now)?;
        let events = self.threads.read(move |reading| subject::lease_events(&reading.db, &terms)).await?;
        Ok(Disclosed::new(events, permit))
    }
}

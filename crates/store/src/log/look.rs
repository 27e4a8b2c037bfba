//! Looking at the log, with a permit. That somebody looked is itself in the log.

use jiff::Timestamp;
use tidstro_govern::{Event, EventKind, Operation, Target};
use tidstro_model::{ActivityId, ActorId};

use super::append::append;
use super::concerned::{commitment_of, logged_actor, resident_of};
use super::search::{LogPage, LogQuery, concerning, search};
use crate::gate::Terms;
use crate::personal::Writing;
use crate::{Disclosed, Permit, Store, StoreFault};

impl Store {
    /// Events that fit, the newest first. That somebody looked, and for what, is in the log before the answer is given.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read everything that was kept aside: whoever may see what
    /// was tried may see what was done.
    pub async fn search_log(
        &self,
        permit: &Permit,
        query: LogQuery,
        now: Timestamp,
    ) -> Result<Disclosed<LogPage>, StoreFault> {
        let terms = self.must_read_aside(permit, now)?;
        let noting = move |writing: &mut Writing, mut query: LogQuery| {
            // What is looked for is logged, so a resident stands in it by the commitment, as everywhere.
            query.actor = query.actor.map(|actor| logged_actor(writing, actor)).transpose()?;
            append(writing, looked(&terms, criteria(&query), now))?;
            Ok(query)
        };
        let query = self.threads.write(move |writing| writing.transact_with(query, noting)).await?;
        let page = self.threads.read(move |reading| search(&reading.db, &query)).await?;
        Ok(Disclosed::new(page, permit))
    }

    /// Notes that somebody takes a bundle of the whole log.
    ///
    /// # Errors
    /// As [`Store::search_log`].
    pub async fn note_log_bundle(&self, permit: &Permit, now: Timestamp) -> Result<(), StoreFault> {
        let terms = self.must_read_aside(permit, now)?;
        let note = move |writing: &mut Writing| {
            append(writing, looked(&terms, "the whole log, as a bundle".to_owned(), now))
        };
        self.threads.write(move |writing| writing.transact(note)).await.map(drop)
    }

    /// The uses that concern the subject the permit is about and that others made of its data, the newest first: at most `limit`, of those
    /// before a number of the log. Asks for whole areas concern nobody by name and are not among them.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read, or not about one subject.
    pub async fn log_concerning(
        &self,
        permit: &Permit,
        page: (Option<u64>, u32),
        now: Timestamp,
    ) -> Result<Disclosed<LogPage>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Read, now)?;
        let Target::Subject(subject) = terms.target else {
            let needed = "read of one subject".to_owned();
            return Err(StoreFault::PermitForOther { permit: permit.to_string(), needed });
        };
        let found = self.threads.read(move |reading| {
            let commitment = commitment_of(&reading.db, &mut reading.vault, subject)?;
            concerning(&reading.db, (&commitment, &resident_of(&commitment)?), page)
        });
        Ok(Disclosed::new(found.await?, permit))
    }
}

fn looked(terms: &Terms, detail: String, now: Timestamp) -> Event {
    let event = Event::new(now, EventKind::LogRead, terms.actor.clone(), detail);
    Event { purpose: Some(terms.grant.activity.clone()), ..event }
}

/// What was looked for, in words without personal data.
fn criteria(query: &LogQuery) -> String {
    let any = "any";
    let (actor, purpose) = (query.actor.as_ref(), query.purpose.as_ref());
    format!(
        "{}: by {}, for {}, of kind {}, from {} to {}",
        query.stream,
        actor.map_or(any, ActorId::as_str),
        purpose.map_or(any, ActivityId::as_str),
        query.kind.map_or(any, EventKind::code),
        query.start,
        query.end
    )
}

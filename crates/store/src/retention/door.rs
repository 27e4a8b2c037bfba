//! The retention run, as the flows use it.

use std::sync::Arc;

use jiff::Timestamp;
use tidstro_govern::{Operation, Target};
use tidstro_model::ActorId;

use super::{RetentionApproval, RetentionPreview, RetentionRun, approve, preview, run};
use crate::personal::Writing;
use crate::{Permit, Store, StoreFault};

impl Store {
    /// Looks at what no activity keeps at this instant and writes it down as the next preview. Earlier
    /// previews that have not run give way.
    ///
    /// # Errors
    /// [`StoreFault::NoPermit`] unless the permits are to erase every category of the register,
    /// everywhere; [`StoreFault::RunUnfinished`].
    pub async fn retention_preview(
        &self,
        permits: &[Permit],
        now: Timestamp,
    ) -> Result<RetentionPreview, StoreFault> {
        let actor = self.must_erase_everything(permits, now)?;
        let register = Arc::clone(&self.register);
        let job = move |writing: &mut Writing| {
            writing.transact_with(actor, |writing, actor| preview::preview(writing, &register, actor, now))
        };
        self.threads.write(job).await
    }

    /// A preview by its number; the newest without one. `None` if there is none at all.
    ///
    /// # Errors
    /// [`StoreFault::Dangling`] for a number that is not there.
    pub async fn retention_shown(&self, number: Option<u64>) -> Result<Option<RetentionPreview>, StoreFault> {
        let register = Arc::clone(&self.register);
        self.threads
            .read(move |reading| {
                let number = match number {
                    Some(number) => Some(stored(number)),
                    None => preview::newest(&reading.db)?,
                };
                number.map(|number| preview::load(&reading.db, &register, number)).transpose()
            })
            .await
    }

    /// Approves a preview, by somebody else than who made it, with a role that the register lets approve.
    ///
    /// # Errors
    /// [`StoreFault::Dangling`] for a number that is not there.
    pub async fn retention_approve(
        &self,
        number: u64,
        actor: ActorId,
        now: Timestamp,
    ) -> Result<RetentionApproval, StoreFault> {
        let register = Arc::clone(&self.register);
        let job = move |writing: &mut Writing| {
            writing.transact_with(actor, |writing, actor| {
                approve::approve(writing, &register, (stored(number), actor), now)
            })
        };
        self.threads.write(job).await
    }

    /// Runs an approved preview, or finishes a run that was cut short. `progress` is told after each step
    /// how many parts are done, and of how many.
    ///
    /// # Errors
    /// [`StoreFault::NoPermit`] as for a preview, [`StoreFault::KeysInUse`]; what was done so far stays
    /// done, and the same call goes on.
    pub async fn retention_run(
        &self,
        permits: &[Permit],
        number: u64,
        now: Timestamp,
        progress: impl Fn(u64, u64) + Send,
    ) -> Result<RetentionRun, StoreFault> {
        let actor = self.must_erase_everything(permits, now)?;
        let (register, begun) = (Arc::clone(&self.register), stored(number));
        let job = move |writing: &mut Writing| run::begin(writing, &register, begun, now);
        if let Some(not_now) = self.threads.write(job).await? {
            return Ok(not_now);
        }
        loop {
            let register = Arc::clone(&self.register);
            let job = move |writing: &mut Writing| run::step(writing, &register, begun, now);
            let (done, of) = self.threads.write(job).await?;
            progress(done, of);
            if done >= of {
                break;
            }
        }
        let register = Arc::clone(&self.register);
        let job = move |writing: &mut Writing| run::finish(writing, &register, (begun, actor), now);
        self.threads.write(job).await
    }

    /// The newest previews, the newest first: at most `limit`.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn retention_previews(&self, limit: u32) -> Result<Vec<RetentionPreview>, StoreFault> {
        let register = Arc::clone(&self.register);
        self.threads
            .read(move |reading| {
                let numbers = preview::newest_of(&reading.db, limit)?.into_iter();
                numbers.map(|number| preview::load(&reading.db, &register, number)).collect()
            })
            .await
    }

    /// The certificate of a preview that has run.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn retention_certificate(&self, number: u64) -> Result<Option<String>, StoreFault> {
        self.threads.read(move |reading| run::certificate(&reading.db, stored(number))).await
    }

    /// How many parts of the data no activity keeps and nothing protects: none after a run.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn retention_leftovers(&self, now: Timestamp) -> Result<u64, StoreFault> {
        let register = Arc::clone(&self.register);
        self.threads
            .read(move |reading| {
                let mut left = 0;
                preview::hashed(&reading.db, &register, now, |_, item, _| {
                    left += u64::from(item.goes());
                    Ok(())
                })?;
                Ok(left)
            })
            .await
    }

    /// Proves that one actor may erase every category of the register everywhere, and names it.
    fn must_erase_everything(&self, permits: &[Permit], now: Timestamp) -> Result<ActorId, StoreFault> {
        let first = permits.first().ok_or(StoreFault::NoPermit)?;
        for category in self.register.categories() {
            let covers = |permit: &&Permit| {
                let terms = permit.must_allow(Operation::Erase, &category.id, now);
                terms.is_ok_and(|terms| terms.target == Target::Everything && terms.actor == *first.actor())
            };
            permits.iter().find(covers).ok_or(StoreFault::NoPermit)?;
        }
        Ok(first.actor().clone())
    }
}

/// A number as the database keeps it; one too large is a number nobody has.
fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

//! The store's log, as the flows use it.

use std::io::Write;
use std::sync::Arc;

use jiff::Timestamp;
use tidstro_govern::log::{Imported, LogReport};
use tidstro_govern::{Event, Operation, Target};
use tidstro_model::ActorId;

use super::{AsideEntry, LoginEvent};
use crate::case::Reporter;
use crate::gate::Terms;
use crate::personal::Writing;
use crate::{Disclosed, Permit, Store, StoreFault};

impl Store {
    /// Recomputes every hash of the log and checks every signature.
    ///
    /// # Errors
    /// [`StoreFault::Log`] with the first place that does not hold.
    pub async fn verify_log(&self) -> Result<LogReport, StoreFault> {
        self.threads.read(|reading| super::verify(&reading.db, &reading.vault)).await
    }

    /// Closes all open segments, signs their checkpoints, and writes a bundle of the whole log.
    ///
    /// # Errors
    /// [`StoreFault::Bundle`] if it cannot be written.
    pub async fn export_log(
        &self,
        now: Timestamp,
        mut out: impl Write + Send + 'static,
    ) -> Result<(), StoreFault> {
        self.threads.write(move |writing| writing.transact(|writing| super::close_all(writing, now))).await?;
        self.threads.read(move |reading| super::export(&reading.db, &reading.vault, now, &mut out)).await
    }

    /// Deletes the uses of the log that are older than the register keeps them, whole closed segments only. Their
    /// roots stay, and the facts say what has expired. What had expired before a fault stays so.
    pub(crate) async fn expire_log(&self, now: Timestamp) -> Result<(), StoreFault> {
        let Some(keep) = self.register.log_keep() else { return Ok(()) };
        let before = self.zone.day_start(keep.before(self.zone.day_of(now)));
        let actor = ActorId::parse("job:open").map_err(|_| StoreFault::Row { what: "event.actor" })?;
        loop {
            let actor = actor.clone();
            let next = move |writing: &mut Writing| super::expire_next(writing, before, &actor, now);
            if self.threads.write(|writing| writing.transact(next)).await?.is_none() {
                return Ok(());
            }
        }
    }

    /// Records what another program reports, one event a line, as far as gate and rules let it, and keeps the
    /// other lines aside. `first_line` is the number of the first line in its file.
    ///
    /// # Errors
    /// [`StoreFault`] if the lines cannot be kept: then none of them is. [`StoreFault::RegisterReplaced`].
    pub async fn import_events(
        &self,
        actor: ActorId,
        lines: Vec<Vec<u8>>,
        first_line: u64,
        now: Timestamp,
    ) -> Result<Imported, StoreFault> {
        let register = Arc::clone(&self.register);
        let choices = self.columns.choices()?.clone();
        self.threads
            .write(move |writing| {
                let reporter = Reporter { actor, register: &register, choices: &choices, now };
                writing.transact(|writing| super::import(writing, &reporter, &lines, first_line))
            })
            .await
    }

    /// What was kept aside, oldest first, without what it says.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read everything that was kept aside.
    pub async fn aside(
        &self,
        permit: &Permit,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<AsideEntry>>, StoreFault> {
        self.must_read_aside(permit, now)?;
        let entries = self.threads.read(|reading| super::aside::list_aside(&reading.db)).await?;
        Ok(Disclosed::new(entries, permit))
    }

    /// One line or event that was kept aside, with its bytes as they came in; `None` if it is not there.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read everything that was kept aside.
    pub async fn aside_opened(
        &self,
        permit: &Permit,
        number: i64,
        now: Timestamp,
    ) -> Result<Disclosed<Option<(AsideEntry, Vec<u8>)>>, StoreFault> {
        self.must_read_aside(permit, now)?;
        let opening =
            self.threads.read(move |reading| super::aside::open_aside(&reading.db, &reading.vault, number));
        Ok(Disclosed::new(opening.await?, permit))
    }

    /// What was kept aside may be about anybody, so the permit must be about everything.
    pub(super) fn must_read_aside(&self, permit: &Permit, now: Timestamp) -> Result<Arc<Terms>, StoreFault> {
        let terms = permit.must_allow(Operation::Read, self.columns.aside()?, now)?;
        if terms.target == Target::Everything {
            return Ok(terms);
        }
        let needed = "read all that was kept aside".to_owned();
        Err(StoreFault::PermitForOther { permit: permit.to_string(), needed })
    }

    /// Deletes what was kept aside and no activity keeps any more. The facts say how much that was.
    pub(crate) async fn expire_aside(&self, now: Timestamp) -> Result<(), StoreFault> {
        // A register of an earlier program has no rule for it; the one that follows has.
        let Ok(category) = self.columns.aside().cloned() else { return Ok(()) };
        let register = Arc::clone(&self.register);
        let actor = ActorId::parse("job:open").map_err(|_| StoreFault::Row { what: "event.actor" })?;
        let job = move |writing: &mut Writing| {
            writing.transact(|writing| super::expire_aside(writing, &register, &category, &actor, now))
        };
        self.threads.write(job).await.map(drop)
    }

    /// Appends events, each to its stream, in one transaction. Details must be without personal data;
    /// residents among the actors are named by their commitment.
    ///
    /// # Errors
    /// [`StoreFault`] if they cannot be kept: then none of them is.
    pub async fn record_events(&self, events: Vec<Event>, now: Timestamp) -> Result<(), StoreFault> {
        self.threads
            .write(move |writing| {
                writing.transact_with(events, |writing, events| {
                    super::append_many(writing, events, now).map(drop)
                })
            })
            .await
    }

    /// Logs that a login failed, or that a lockout began or ended.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be logged.
    pub async fn record_login(&self, login: LoginEvent) -> Result<(), StoreFault> {
        let register = Arc::clone(&self.register);
        self.threads
            .write(move |writing| writing.transact(|writing| super::record_login(writing, &register, &login)))
            .await
    }
}

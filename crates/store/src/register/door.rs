//! The store's register, as the flows use it.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use tidstro_govern::{Activation, Approval, Register};
use tidstro_model::ActorId;

use super::admit::{admit_from, still_decides};
use super::approve::approve;
use super::history::{RegisterStep, history};
use super::running;
use crate::columns::ColumnCategories;
use crate::place::{Place, on_own_thread};
use crate::{Store, StoreFault};

impl Store {
    /// The register that decides in the store in a folder, or at the URL of a PostgreSQL database; `None` if there is no store, or none in it.
    ///
    /// # Errors
    /// [`StoreFault`]: the folder cannot be used, its schema is newer than this program, or the kept
    /// register no longer holds together.
    pub fn running_register(folder: &Path) -> Result<Option<Register>, StoreFault> {
        let place = Place::parse(folder)?;
        if !place.has_data() {
            return Ok(None);
        }
        on_own_thread(|| running(&place.open_data()?))
    }

    /// Makes another register the one that decides, or refuses it. This store goes on with its own and
    /// gives no more permits; open it again.
    ///
    /// # Errors
    /// [`StoreFault`] if the register does not cover the personal columns, or nothing could be written.
    pub async fn activate_register(
        &self,
        given: Register,
        actor: ActorId,
        now: Timestamp,
    ) -> Result<Activation, StoreFault> {
        ColumnCategories::of(&given)?;
        self.threads
            .write(move |writing| {
                writing.transact_with(actor, |writing, actor| admit_from(writing, &given, actor, now))
            })
            .await
    }

    /// What became of registers here, the newest first: what was approved and what decided.
    ///
    /// # Errors
    /// [`StoreFault`] if the log cannot be read.
    pub async fn register_history(&self) -> Result<Vec<RegisterStep>, StoreFault> {
        self.threads.read(|reading| history(&reading.db)).await
    }

    /// Approves what a register would widen. That, or that the actor may not, is in the log.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be logged; [`StoreFault::RegisterReplaced`], since then the widening is of another step.
    pub async fn approve_register(
        &self,
        given: Register,
        actor: ActorId,
        now: Timestamp,
    ) -> Result<Approval, StoreFault> {
        let running = Arc::clone(&self.register);
        self.threads
            .write(move |writing| {
                writing.transact_with(actor, |writing, actor| {
                    still_decides(&writing.db, &running)?;
                    approve(writing, &given, actor, now)
                })
            })
            .await
    }
}

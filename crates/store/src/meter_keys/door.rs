//! The keys of meters, as the flows use them.

use std::sync::Arc;

use jiff::Timestamp;
use tidstro_govern::{Operation, log::Hash};
use tidstro_model::ActorId;

use super::{
    ExportForm, KeyApproval, KeyExport, KeyExportWritten, KeysTaken, MeterKeyEntry, MeterKeyNo, NewMeterKey,
    TakeHow, UsableKey, category, export, handout, list, take,
};
use crate::personal::Writing;
use crate::{Disclosed, Permit, Store, StoreFault};

impl Store {
    /// Takes keys in, all or none. Durable when this returns.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect keys (to import) or to correct them (to
    /// rotate).
    pub async fn take_meter_keys(
        &self,
        permit: &Permit,
        how: TakeHow,
        keys: Vec<NewMeterKey>,
        now: Timestamp,
    ) -> Result<KeysTaken, StoreFault> {
        let operation = match how {
            TakeHow::Import => Operation::Collect,
            TakeHow::Rotate => Operation::Correct,
        };
        let terms = permit.must_allow(operation, &category()?, now)?;
        let job = move |writing: &mut Writing| {
            writing.transact_with(keys, |writing, keys| take::take(writing, &terms, (how, keys), now))
        };
        self.threads.write(job).await
    }

    /// Which keys there are, of every meter or of one meter number.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read keys.
    pub async fn list_meter_keys(
        &self,
        permit: &Permit,
        number: Option<u32>,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<MeterKeyEntry>>, StoreFault> {
        permit.must_allow(Operation::Read, &category()?, now)?;
        let entries = self.threads.read(move |reading| list::list(&reading.db, number)).await?;
        Ok(Disclosed::new(entries, permit))
    }

    /// Every key, for decoding telegrams.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to compute with keys.
    pub async fn usable_meter_keys(
        &self,
        permit: &Permit,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<UsableKey>>, StoreFault> {
        permit.must_allow(Operation::Compute, &category()?, now)?;
        let keys = self.threads.read(|reading| handout::usable(&reading.db, &reading.vault)).await?;
        Ok(Disclosed::new(keys, permit))
    }

    /// Adds to how often keys were used.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to compute with keys.
    pub async fn count_meter_key_uses(
        &self,
        permit: &Permit,
        uses: Vec<(MeterKeyNo, u64)>,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        permit.must_allow(Operation::Compute, &category()?, now)?;
        let job =
            move |writing: &mut Writing| writing.transact(|writing| handout::count_uses(writing, &uses, now));
        self.threads.write(job).await
    }

    /// Writes a request down to hand out the keys that the permit reaches, to the party it names.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to export keys of an area or of all meters.
    pub async fn ask_key_export(
        &self,
        permit: &Permit,
        reason: String,
        now: Timestamp,
    ) -> Result<KeyExport, StoreFault> {
        let terms = permit.must_allow(Operation::Export, &category()?, now)?;
        let job = move |writing: &mut Writing| {
            writing.transact_with(reason, |writing, reason| export::ask(writing, &terms, reason, now))
        };
        self.threads.write(job).await
    }

    /// A request by its number.
    ///
    /// # Errors
    /// [`StoreFault::Dangling`] for a number that is not there.
    pub async fn key_export(&self, number: u64) -> Result<KeyExport, StoreFault> {
        self.threads.read(move |reading| export::load(&reading.db, number)).await
    }

    /// Approves a request by its hash, by somebody else than who asked, with a role that the register lets approve.
    ///
    /// # Errors
    /// [`StoreFault::Dangling`] for a number that is not there.
    pub async fn approve_key_export(
        &self,
        number: u64,
        hash: Hash,
        actor: ActorId,
        now: Timestamp,
    ) -> Result<KeyApproval, StoreFault> {
        let register = Arc::clone(&self.register);
        let job = move |writing: &mut Writing| {
            writing.transact_with(actor, |writing, actor| {
                export::approve(writing, &register, (number, hash, actor), now)
            })
        };
        self.threads.write(job).await
    }

    /// Hands out the keys of an approved request, once, in a file of this form; the permit is for what the request is for.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to export keys; [`StoreFault::Dangling`].
    pub async fn write_key_export(
        &self,
        permit: &Permit,
        request: (u64, ExportForm),
        now: Timestamp,
    ) -> Result<Disclosed<KeyExportWritten>, StoreFault> {
        let terms = permit.must_allow(Operation::Export, &category()?, now)?;
        let job = move |writing: &mut Writing| {
            writing.transact(|writing| export::write(writing, &terms, request, now))
        };
        let written = self.threads.write(job).await?;
        Ok(Disclosed::new(written, permit))
    }
}

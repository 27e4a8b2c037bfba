//! Exports, as the flows use them.

use jiff::Timestamp;
use tidstro_govern::{Event, EventKind, Operation, PartyId};

use super::page::Reader;
use super::{ExportCount, ExportCursor, ExportPage, ExportRun};
use crate::gate::Terms;
use crate::personal::SeriesQuery;
use crate::personal::read::last_registration;
use crate::seal::PseudonymUse;
use crate::{Disclosed, Permit, Store, StoreFault, log};

impl Store {
    /// Begins an export of series: makes the key of its pseudonyms, if this purpose and recipient have none this year, and
    /// settles up to which registration it reads. Keys of past years are deleted.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to export.
    pub async fn begin_export(
        &self,
        permit: &Permit,
        as_of: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<ExportRun, StoreFault> {
        let terms = permit.must_allow_series(Operation::Export, now)?;
        let year = self.zone.day_of(now).year();
        let job = move |writing: &mut crate::personal::Writing| {
            writing.vault.forget_pseudonyms_before(year)?;
            let key = writing.vault.ensure_pseudonym_key(&pseudonyms_of(&terms, year))?;
            Ok(ExportRun { key, last_seq: last_registration(&writing.db, as_of)?, year })
        };
        self.threads.write(job).await
    }

    /// Some of the series in scope, from the cursor on, under pseudonyms and at the query's resolution. `series` and `as_of` of
    /// the query have no meaning here.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to export, [`StoreFault::FinerThanPermit`].
    pub async fn export_page(
        &self,
        permit: &Permit,
        run: ExportRun,
        (query, from): (SeriesQuery, Option<ExportCursor>),
        now: Timestamp,
    ) -> Result<Disclosed<ExportPage>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Export, now)?;
        let zone = self.zone.clone();
        let job = move |reading: &mut crate::sqlite::Reading| {
            let key = reading.vault.pseudonym_key(&pseudonyms_of(&terms, run.year), run.key)?;
            let (db, last_seq) = (&reading.db, run.last_seq);
            let reader = Reader { db, zone: &zone, terms: &terms, query: &query, last_seq, key: &key };
            reader.page(&mut reading.vault, from)
        };
        let page = self.threads.read(job).await?;
        Ok(Disclosed::new(page, permit))
    }

    /// Records that an export is about to be whole: which key its pseudonyms are made with, if any, and how much it is.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to export.
    pub async fn record_export(
        &self,
        permit: &Permit,
        pseudonym_key: Option<u64>,
        count: ExportCount,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let terms = permit.must_allow_series(Operation::Export, now)?;
        let job = move |writing: &mut crate::personal::Writing| {
            writing.transact(|writing| {
                let event = Event::new(
                    now,
                    EventKind::Exported,
                    terms.actor.clone(),
                    detail(&terms, pseudonym_key, count),
                );
                log::append(writing, Event { purpose: Some(terms.grant.activity.clone()), ..event })
            })
        };
        self.threads.write(job).await.map(|_| ())
    }
}

fn recipient(terms: &Terms) -> &str {
    terms.recipient.as_ref().map_or("", PartyId::as_str)
}

fn pseudonyms_of(terms: &Terms, year: i16) -> PseudonymUse<'_> {
    PseudonymUse { purpose: terms.grant.activity.as_str(), recipient: recipient(terms), year }
}

fn detail(terms: &Terms, pseudonym_key: Option<u64>, count: ExportCount) -> String {
    let to = terms.recipient.as_ref().map_or_else(String::new, |party| format!(" to {party}"));
    let ExportCount { files, rows, points } = count;
    let of = format!("{} under permit {}{to}: {rows} rows", terms.category, terms.seq);
    match pseudonym_key {
        Some(key) => format!("{of} of {points} points in {files} files, pseudonym key {key}"),
        None => format!("{of} in {files} files"),
    }
}

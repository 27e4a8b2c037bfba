//! Dossiers: what is kept of a subject, or of somebody unknown, in one affair.
//!
//! A permit and texts come in; numbers and, with a permit to read, texts go out. Every dossier has a key
//! of its own, so that its end reaches every copy. Never: a record of a category or a dossier of a kind
//! that the register does not name.

use std::sync::Arc;

use crate::db::{Connection, OptionalExtension, params};
use jiff::Timestamp;
use tidstro_govern::{Operation, Register};
use tidstro_model::{CategoryId, DossierKind, DossierNo, KeyNo, SubjectNo};

use super::Writing;
use crate::gate::Terms;
use crate::seal::{KeyKind, Vault};
use crate::{Disclosed, Permit, Store, StoreFault, log};

/// One record of a dossier.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordEntry {
    /// The dossier.
    pub dossier: DossierNo,
    /// When it was added.
    pub created: Timestamp,
    /// What it says.
    pub text: String,
}

/// Opens a dossier with a key of its own. Call inside [`Writing::transact`].
pub(crate) fn open_dossier(
    writing: &mut Writing,
    register: &Register,
    terms: &Terms,
    (subject, kind): (Option<SubjectNo>, &DossierKind),
    now: Timestamp,
) -> Result<DossierNo, StoreFault> {
    must_work_on(register, terms, kind)?;
    let key = writing.vault.create(&[KeyKind::Dossier])?.pop().ok_or(StoreFault::Sealing)?;
    let number = writing
        .db
        .prepare_cached(
            "-- open_dossier
             INSERT INTO dossier (subject_no, kind, opened_ms, key_no) VALUES (?1, ?2, ?3, ?4)
             RETURNING dossier_no",
        )?
        .query_row(
            params![subject.map(SubjectNo::as_u32), kind.as_str(), now.as_millisecond(), key.as_u32()],
            |row| row.get(0),
        )?;
    log::append(writing, terms.registered(format!("dossier of kind {kind}"), now))?;
    Ok(DossierNo::new(number))
}

/// Adds a record of the permit's category. Call inside [`Writing::transact`].
fn add_record(
    writing: &mut Writing,
    register: &Register,
    terms: &Terms,
    (dossier, text): (DossierNo, &str),
    now: Timestamp,
) -> Result<(), StoreFault> {
    let (kind, key) = dossier_row(&writing.db, dossier)?;
    must_work_on(register, terms, &kind)?;
    let row = record_row(dossier, key, now.as_millisecond(), &terms.category);
    let nonce = writing.nonces.next()?;
    let sealed = writing.vault.undated_key(key)?.seal(nonce, &row, text.as_bytes())?;
    writing
        .db
        .prepare_cached(
            "-- add_record
             INSERT INTO record (dossier_no, category, created_ms, sealed) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![dossier.as_u32(), terms.category.as_str(), now.as_millisecond(), sealed])?;
    log::append(writing, terms.registered(format!("record of {}", terms.category), now))?;
    Ok(())
}

fn dossier_row(db: &Connection, dossier: DossierNo) -> Result<(DossierKind, KeyNo), StoreFault> {
    let found: Option<(String, u32)> = db
        .prepare_cached(
            "-- dossier_row
             SELECT kind, key_no FROM dossier WHERE dossier_no = ?1",
        )?
        .query_row([dossier.as_u32()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (kind, key) =
        found.ok_or_else(|| StoreFault::Dangling { kind: "dossier", name: dossier.to_string() })?;
    let kind = DossierKind::parse(&kind).map_err(|_| StoreFault::Row { what: "dossier.kind" })?;
    Ok((kind, KeyNo::new(key)))
}

/// The permit's purpose works on dossiers of this kind.
fn must_work_on(register: &Register, terms: &Terms, kind: &DossierKind) -> Result<(), StoreFault> {
    let activity = register.activity(&terms.grant.activity);
    if activity.is_some_and(|activity| activity.dossiers.contains(kind)) {
        return Ok(());
    }
    Err(StoreFault::PermitForOther {
        permit: format!("{} for {}", terms.operation, terms.grant.activity),
        needed: format!("work on dossiers of kind {kind}"),
    })
}

/// The records of the permit's category in the dossiers it names.
fn read_records(db: &Connection, vault: &mut Vault, terms: &Terms) -> Result<Vec<RecordEntry>, StoreFault> {
    let mut found = Vec::new();
    for dossier in &terms.scope().dossiers {
        found.extend(records_of(db, vault, *dossier, &terms.category)?);
    }
    Ok(found)
}

fn records_of(
    db: &Connection,
    vault: &mut Vault,
    dossier: DossierNo,
    category: &CategoryId,
) -> Result<Vec<RecordEntry>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- records_of
         SELECT d.key_no, r.created_ms, r.sealed FROM record r JOIN dossier d USING (dossier_no)
         WHERE r.dossier_no = ?1 AND r.category = ?2 ORDER BY r.record_no",
    )?;
    let mut rows = statement.query(params![dossier.as_u32(), category.as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (key, at_ms, sealed): (u32, i64, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if let Some(text) = open_record(vault, (dossier, KeyNo::new(key), at_ms, category), &sealed)? {
            let created = Timestamp::from_millisecond(at_ms)
                .map_err(|_| StoreFault::Row { what: "record.created_ms" })?;
            found.push(RecordEntry { dossier, created, text });
        }
    }
    Ok(found)
}

/// `None` if it is erased.
fn open_record(
    vault: &mut Vault,
    (dossier, key, at_ms, category): (DossierNo, KeyNo, i64, &CategoryId),
    sealed: &[u8],
) -> Result<Option<String>, StoreFault> {
    let plain = match vault.undated_key(key) {
        Ok(sealing) => sealing.open(&record_row(dossier, key, at_ms, category), sealed)?,
        Err(fault) if fault.is_erased() => return Ok(None),
        Err(fault) => return Err(fault),
    };
    String::from_utf8(plain).map(Some).map_err(|_| StoreFault::Tampered)
}

/// Key columns of a record.
pub(crate) fn record_row(dossier: DossierNo, key: KeyNo, at_ms: i64, category: &CategoryId) -> Vec<u8> {
    let numbers = [dossier.as_u32().to_be_bytes(), key.as_u32().to_be_bytes()];
    [b"record".as_slice(), numbers.as_flattened(), &at_ms.to_be_bytes(), category.as_str().as_bytes()]
        .concat()
}

/// Proves that every record's category is still in the register: nobody could see, keep or erase the others.
pub(crate) fn record_categories_are_known(db: &Connection, register: &Register) -> Result<(), StoreFault> {
    let mut statement = db.prepare(
        "-- record_categories
         WITH RECURSIVE found (category) AS (
             SELECT min(category) FROM record
             UNION ALL
             SELECT (SELECT min(r.category) FROM record r WHERE r.category > found.category)
             FROM found WHERE found.category IS NOT NULL)
         SELECT category FROM found WHERE category IS NOT NULL",
    )?;
    let categories: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for category in categories {
        let known = CategoryId::parse(&category).ok().filter(|id| register.category(id).is_some());
        if known.is_none() {
            return Err(StoreFault::RecordCategory { category });
        }
    }
    Ok(())
}

impl Store {
    /// Opens a dossier of a kind that the permit's purpose works on.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect, or works on other kinds.
    pub async fn open_dossier(
        &self,
        permit: &Permit,
        subject: Option<SubjectNo>,
        kind: DossierKind,
        now: Timestamp,
    ) -> Result<DossierNo, StoreFault> {
        let terms = permit.must_allow_series(Operation::Collect, now)?;
        let register = Arc::clone(&self.register);
        let job = move |writing: &mut Writing| {
            writing.transact(|writing| open_dossier(writing, &register, &terms, (subject, &kind), now))
        };
        self.threads.write(job).await
    }

    /// Adds a record of the permit's category to a dossier. Durable when this returns.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect, or works on other kinds;
    /// [`StoreFault::Dangling`] if there is no such dossier.
    pub async fn add_record(
        &self,
        permit: &Permit,
        dossier: DossierNo,
        text: String,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let terms = permit.must_allow_series(Operation::Collect, now)?;
        let register = Arc::clone(&self.register);
        let job = move |writing: &mut Writing| {
            writing.transact(|writing| add_record(writing, &register, &terms, (dossier, &text), now))
        };
        self.threads.write(job).await
    }

    /// The records of the permit's category in the dossiers it reaches, dossier by dossier.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read.
    pub async fn records(
        &self,
        permit: &Permit,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<RecordEntry>>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Read, now)?;
        let records =
            self.threads.read(move |reading| read_records(&reading.db, &mut reading.vault, &terms)).await?;
        Ok(Disclosed::new(records, permit))
    }
}

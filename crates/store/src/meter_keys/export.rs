//! Handing keys out: asked for by one, approved by another, written once.
//!
//! A request names an area or everything, the party that gets the keys, and why. Its hash covers that and every key it
//! reaches, so that what is approved is what is handed out. Each step is a fact in the log. This is how the duty is kept to
//! give the owner of a building the keys of its meters (HeizkostenV § 5(5)).

use crate::db::{Connection, OptionalExtension, params};
use jiff::{Timestamp, civil::Date};
use ring::digest::{Context, SHA256};
use tidstro_govern::log::{Hash, hex};
use tidstro_govern::{Event, EventKind, PartyId, Register, Target};
use tidstro_model::{ActorId, AreaNo};

use super::entry::{COLUMNS, KeyHolder, KeySecret, StoredRow};
use crate::gate::Terms;
use crate::personal::Writing;
use crate::{StoreFault, log};

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportState {
    /// Nobody has approved it.
    Asked,
    /// The keys may be handed out.
    Approved,
    /// They were.
    Written,
}

impl ExportState {
    const ALL: [Self; 3] = [Self::Asked, Self::Approved, Self::Written];

    /// The word used in SQL and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Approved => "approved",
            Self::Written => "written",
        }
    }
}

/// A request to hand keys out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyExport {
    /// Its number.
    pub number: u64,
    /// When it was asked for.
    pub asked: Timestamp,
    /// By whom.
    pub asked_by: ActorId,
    /// Of which area; `None` for all keys.
    pub area: Option<AreaNo>,
    /// Who gets the keys.
    pub party: PartyId,
    /// Why.
    pub reason: String,
    /// How many keys.
    pub keys: u64,
    /// What an approval names.
    pub hash: Hash,
    /// How far it has come.
    pub state: ExportState,
    /// Who approved it.
    pub approver: Option<ActorId>,
}

/// Whether keys may be handed out now, or why they may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyApproval {
    /// They may.
    Given,
    /// The actor has no role that approves.
    NotAnApprover,
    /// The actor asked for it.
    OwnRequest,
    /// It is approved already, or written.
    NotWaiting,
    /// The hash is another request's.
    OtherHash,
}

/// What the file is like that keys are handed out in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportForm {
    /// Only its recipient opens it.
    Sealed,
    /// Whoever finds it reads it.
    Clear,
}

impl ExportForm {
    /// The words used in the log.
    const fn word(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Clear => "in the clear",
        }
    }
}

/// A key on its way to its owner.
#[derive(Debug)]
pub struct ExportedKey {
    /// Which meters it is for.
    pub holder: KeyHolder,
    /// Which of the meter's keys.
    pub slot: u8,
    /// The first local day it holds; `None` for ever so long ago.
    pub from: Option<Date>,
    /// The first local day it no longer holds; `None` where no end is known.
    pub to: Option<Date>,
    /// The key.
    pub secret: KeySecret,
}

/// What came of handing keys out.
#[derive(Debug)]
pub enum KeyExportWritten {
    /// Here they are. It is in the log already.
    Keys(Vec<ExportedKey>),
    /// Nobody has approved the request.
    NotApproved,
    /// It was handed out before.
    AlreadyWritten,
    /// The keys have changed since the request.
    Changed,
    /// The permit is for another area or party than the request.
    OtherTarget,
}

/// Writes a request down. Call inside [`Writing::transact`].
pub(super) fn ask(
    writing: &mut Writing,
    terms: &Terms,
    reason: String,
    now: Timestamp,
) -> Result<KeyExport, StoreFault> {
    let (area, party) = asked_for(terms)?;
    let number: i64 = writing.db.query_row(
        "-- next_export\nSELECT coalesce(max(export_no), 0) + 1 FROM key_export",
        [],
        |row| row.get(0),
    )?;
    let keys = reached(&writing.db, area)?;
    let export = KeyExport {
        number: number.unsigned_abs(),
        asked: instant(now.as_millisecond())?,
        asked_by: terms.actor.clone(),
        area,
        party,
        reason,
        keys: keys.len() as u64,
        hash: [0; 32],
        state: ExportState::Asked,
        approver: None,
    };
    let export = KeyExport { hash: hash_of(&export, &keys)?, ..export };
    insert(&writing.db, number, &export)?;
    let of = area.map_or_else(|| "all meters".to_owned(), |area| format!("area {area}"));
    let detail = format!("{} {} keys of {of} for {}", hex(&export.hash), export.keys, export.party);
    append(writing, EventKind::MeterKeysAsked, terms.actor.clone(), detail, now)?;
    Ok(export)
}

/// What the permit is about: an area or everything, and the party named to the gate.
fn asked_for(terms: &Terms) -> Result<(Option<AreaNo>, PartyId), StoreFault> {
    let other = |needed: &str| StoreFault::PermitForOther {
        permit: format!("{} for {}", terms.operation, terms.grant.activity),
        needed: needed.to_owned(),
    };
    let area = match terms.target {
        Target::Everything => None,
        Target::Area(area) => Some(area),
        Target::Point(_) | Target::Subject(_) | Target::Dossier(_) => {
            return Err(other("export the keys of an area"));
        }
    };
    let party = terms.recipient.clone().ok_or_else(|| other("export keys to a named party"))?;
    Ok((area, party))
}

/// The keys of the meters that hang or hung in an area; every key without one.
fn reached(db: &Connection, area: Option<AreaNo>) -> Result<Vec<StoredRow>, StoreFault> {
    let sql = format!(
        "-- exported_meter_keys
         SELECT {COLUMNS} FROM meter_key k
         WHERE CAST(?1 AS BIGINT) IS NULL OR EXISTS (
             SELECT 1 FROM device d JOIN installation i USING (device_no) JOIN point p USING (point_no)
             WHERE p.area_no = ?1 AND i.retired_seq IS NULL
               AND (d.title = k.title OR (d.manufacturer = k.manufacturer AND d.number = k.number
                    AND k.version IN (-1, d.version) AND k.medium IN (-1, d.medium))))
         ORDER BY k.manufacturer, k.number, k.title, k.version, k.medium, k.slot, k.key_version"
    );
    let rows = db
        .prepare(&sql)?
        .query_map(params![area.map(AreaNo::as_u32)], StoredRow::read)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Each part has its length before it, so that two requests never have one encoding.
fn hash_of(export: &KeyExport, keys: &[StoredRow]) -> Result<Hash, StoreFault> {
    let mut hash = Context::new(&SHA256);
    let mut part = |bytes: &[u8]| {
        hash.update(&(bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(b"tidstro key export 1");
    part(&export.number.to_be_bytes());
    part(&export.asked.as_millisecond().to_be_bytes());
    part(&export.area.map_or(0, AreaNo::as_u32).to_be_bytes());
    for text in [export.asked_by.as_str(), export.party.as_str(), &export.reason] {
        part(text.as_bytes());
    }
    for key in keys {
        part(&key.number.as_i64().to_be_bytes());
        part(&key.fingerprint);
    }
    hash.finish().as_ref().try_into().map_err(|_| StoreFault::Sealing)
}

fn insert(db: &Connection, number: i64, export: &KeyExport) -> Result<(), StoreFault> {
    db.execute(
        "-- insert_export
         INSERT INTO key_export (export_no, asked_ms, asked_by, area_no, party, reason, key_count, hash, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'asked')",
        params![
            number,
            export.asked.as_millisecond(),
            export.asked_by.as_str(),
            export.area.map(AreaNo::as_u32),
            export.party.as_str(),
            export.reason,
            export.keys.cast_signed(),
            export.hash
        ],
    )?;
    Ok(())
}

/// Approves a request by its hash, or says why not. Call inside [`Writing::transact`].
pub(super) fn approve(
    writing: &mut Writing,
    register: &Register,
    (number, hash, actor): (u64, Hash, ActorId),
    now: Timestamp,
) -> Result<KeyApproval, StoreFault> {
    let export = load(&writing.db, number)?;
    if !register.roles_of(&actor).iter().any(|role| register.approvers().contains(role)) {
        return Ok(KeyApproval::NotAnApprover);
    }
    if export.asked_by == actor {
        return Ok(KeyApproval::OwnRequest);
    }
    if export.state != ExportState::Asked {
        return Ok(KeyApproval::NotWaiting);
    }
    if export.hash != hash {
        return Ok(KeyApproval::OtherHash);
    }
    writing.db.execute(
        "-- approve_export
         UPDATE key_export SET state = 'approved', approver = ?2 WHERE export_no = ?1",
        params![number.cast_signed(), actor.as_str()],
    )?;
    append(writing, EventKind::MeterKeysApproved, actor, hex(&hash), now)?;
    Ok(KeyApproval::Given)
}

/// Hands the keys of an approved request out, once. Call inside [`Writing::transact`].
pub(super) fn write(
    writing: &mut Writing,
    terms: &Terms,
    (number, form): (u64, ExportForm),
    now: Timestamp,
) -> Result<KeyExportWritten, StoreFault> {
    let export = load(&writing.db, number)?;
    if asked_for(terms)? != (export.area, export.party.clone()) {
        return Ok(KeyExportWritten::OtherTarget);
    }
    match export.state {
        ExportState::Asked => return Ok(KeyExportWritten::NotApproved),
        ExportState::Written => return Ok(KeyExportWritten::AlreadyWritten),
        ExportState::Approved => {}
    }
    let rows = reached(&writing.db, export.area)?;
    if hash_of(&export, &rows)? != export.hash {
        return Ok(KeyExportWritten::Changed);
    }
    let keys = opened(writing, &rows)?;
    writing.db.execute(
        "-- end_export
         UPDATE key_export SET state = 'written' WHERE export_no = ?1",
        [number.cast_signed()],
    )?;
    let (hash, count, party, form) = (hex(&export.hash), keys.len(), &export.party, form.word());
    let detail = format!("{hash} {count} keys for {party} {form}");
    append(writing, EventKind::MeterKeysExported, terms.actor.clone(), detail, now)?;
    Ok(KeyExportWritten::Keys(keys))
}

fn opened(writing: &Writing, rows: &[StoredRow]) -> Result<Vec<ExportedKey>, StoreFault> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let class = writing.vault.meter_key_class()?;
    rows.iter()
        .map(|row| {
            let (from, to) = row.dates();
            Ok(ExportedKey { holder: row.holder, slot: row.slot, from, to, secret: row.secret(&class)? })
        })
        .collect()
}

/// A request by its number.
pub(super) fn load(db: &Connection, number: u64) -> Result<KeyExport, StoreFault> {
    let damaged = |what| StoreFault::Row { what };
    let found = db
        .query_row(
            "-- key_export
             SELECT asked_ms, asked_by, area_no, party, reason, key_count, hash, state, approver
             FROM key_export WHERE export_no = ?1",
            [i64::try_from(number).unwrap_or(i64::MAX)],
            |row| {
                let texts: [String; 4] = [row.get(1)?, row.get(3)?, row.get(4)?, row.get(7)?];
                let area: Option<u32> = row.get(2)?;
                let numbers: (i64, i64, Hash) = (row.get(0)?, row.get(5)?, row.get(6)?);
                Ok((texts, area, numbers, row.get::<_, Option<String>>(8)?))
            },
        )
        .optional()?;
    let (texts, area, (asked_ms, keys, hash), approver) =
        found.ok_or_else(|| StoreFault::Dangling { kind: "request for keys", name: number.to_string() })?;
    let [asked_by, party, reason, state] = texts;
    let name = |text: &str| ActorId::parse(text).map_err(|_| damaged("key_export.asked_by or approver"));
    Ok(KeyExport {
        number,
        asked: instant(asked_ms)?,
        asked_by: name(&asked_by)?,
        area: area.map(AreaNo::new),
        party: PartyId::parse(&party).map_err(|_| damaged("key_export.party"))?,
        reason,
        keys: keys.unsigned_abs(),
        hash,
        state: ExportState::ALL
            .into_iter()
            .find(|known| known.word() == state)
            .ok_or_else(|| damaged("key_export.state"))?,
        approver: approver.as_deref().map(name).transpose()?,
    })
}

fn append(
    writing: &mut Writing,
    kind: EventKind,
    actor: ActorId,
    detail: String,
    now: Timestamp,
) -> Result<(), StoreFault> {
    log::append(writing, Event::new(now, kind, actor, detail))?;
    Ok(())
}

fn instant(at_ms: i64) -> Result<Timestamp, StoreFault> {
    Timestamp::from_millisecond(at_ms).map_err(|_| StoreFault::Row { what: "key_export.asked_ms" })
}

//! Taking keys in: new ones, and ones that follow those a meter has.
//!
//! A file of keys comes in; either all of them are kept, or none, with every reason. A key that is there already adds
//! nothing, so that a file read twice changes nothing. Never: a key in the place of another; one that is followed stays,
//! with its last day.

use crate::db::{Connection, params};
use jiff::Timestamp;
use tidstro_calendar::epoch_day;
use tidstro_govern::{Event, EventKind};

use super::entry::{
    ALWAYS, COLUMNS, KeyHolder, MeterKeyNo, NewMeterKey, StoredHolder, StoredRow, sealed_row, stored_days,
};
use crate::gate::Terms;
use crate::personal::Writing;
use crate::seal::SealingKey;
use crate::{StoreFault, log};

/// How keys are taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeHow {
    /// New keys, and keys that follow others from the day they name.
    Import,
    /// Each follows a key that the meter has, from the day it names.
    Rotate,
}

/// What became of a file of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysTaken {
    /// All are kept.
    Taken {
        /// Keys of meters or slots that had none.
        added: u64,
        /// Keys that follow another.
        followed: u64,
        /// Keys that were there already.
        unchanged: u64,
    },
    /// None is kept: these contradict what is there, in the order of the file.
    Conflicts(Vec<KeyConflict>),
}

/// A key that cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyConflict {
    /// Where it stands in its file.
    pub line: usize,
    /// Whose it is.
    pub holder: KeyHolder,
    /// Why not.
    pub reason: KeyConflictReason,
}

/// Why a key cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyConflictReason {
    /// The meter has another key on that day, and nothing says from when the new one holds.
    #[error("the meter has another key; give the day from which the new one holds, with `keys rotate`")]
    AnotherKey,
    /// The same key is kept with other days.
    #[error("the key is kept with other days; leave the days out, or give the ones that are kept")]
    OtherDays,
    /// There is no key to follow.
    #[error("the meter has no key in this slot; bring its first one with `keys import`")]
    NoKey,
}

/// Takes keys in. Call inside [`Writing::transact`]; on conflicts nothing is written.
pub(super) fn take(
    writing: &mut Writing,
    terms: &Terms,
    (how, keys): (TakeHow, Vec<NewMeterKey>),
    now: Timestamp,
) -> Result<KeysTaken, StoreFault> {
    let taken = all_or_none(writing, how, keys, now)?;
    if let KeysTaken::Taken { added, followed, unchanged } = taken
        && added + followed > 0
    {
        let detail = format!("{added} added, {followed} followed, {unchanged} unchanged");
        let event = Event::new(now, EventKind::MeterKeysChanged, terms.actor.clone(), detail);
        log::append(writing, Event { purpose: Some(terms.grant.activity.clone()), ..event })?;
    }
    Ok(taken)
}

/// Call inside [`Writing::transact`].
pub(super) fn all_or_none(
    writing: &mut Writing,
    how: TakeHow,
    keys: Vec<NewMeterKey>,
    now: Timestamp,
) -> Result<KeysTaken, StoreFault> {
    let class = writing.vault.ensure_meter_key_class()?;
    writing.db.execute_batch("-- begin_keys\nSAVEPOINT keys")?;
    let taken = take_each(writing, &class, how, keys, now)?;
    writing.db.execute_batch(match taken {
        KeysTaken::Conflicts(_) => "-- undo_keys\nROLLBACK TO keys; RELEASE keys",
        KeysTaken::Taken { .. } => "-- keep_keys\nRELEASE keys",
    })?;
    Ok(taken)
}

fn take_each(
    writing: &mut Writing,
    class: &SealingKey,
    how: TakeHow,
    mut keys: Vec<NewMeterKey>,
    now: Timestamp,
) -> Result<KeysTaken, StoreFault> {
    // Keys of one slot follow each other, in whatever order the file has them.
    keys.sort_by_key(|key| (key.holder, key.slot, key.from));
    let (mut conflicts, mut unchanged, mut added, mut followed) = (Vec::new(), 0, 0, 0);
    for key in &keys {
        let known = versions(&writing.db, &key.holder, key.slot)?;
        match step(class, how, key, &known) {
            Err(reason) => conflicts.push(KeyConflict { line: key.line, holder: key.holder, reason }),
            Ok(step) => {
                match step {
                    Step::Nothing => unchanged += 1,
                    Step::First => added += 1,
                    Step::Follows { .. } => followed += 1,
                }
                write(writing, class, (key, &known), step, now)?;
            }
        }
    }
    conflicts.sort_by_key(|conflict| conflict.line);
    Ok(if conflicts.is_empty() {
        KeysTaken::Taken { added, followed, unchanged }
    } else {
        KeysTaken::Conflicts(conflicts)
    })
}

/// What taking one key in comes to.
#[derive(Clone, Copy)]
enum Step {
    /// It is there already.
    Nothing,
    /// It is the first of its slot.
    First,
    /// It holds from its first day until this one; what held on its first day ends there.
    Follows { to: i32 },
}

fn step(
    class: &SealingKey,
    how: TakeHow,
    key: &NewMeterKey,
    known: &[StoredRow],
) -> Result<Step, KeyConflictReason> {
    let fingerprint = class.fingerprint(key.secret.bytes());
    let (from, to) = stored_days(key.from, key.to);
    if let Some(same) = known.iter().find(|row| row.fingerprint == fingerprint) {
        let is_said_again =
            key.from.is_none_or(|_| from == same.days.0) && key.to.is_none_or(|_| to == same.days.1);
        return if is_said_again { Ok(Step::Nothing) } else { Err(KeyConflictReason::OtherDays) };
    }
    match (known.is_empty(), how) {
        (true, TakeHow::Import) => return Ok(Step::First),
        (true, TakeHow::Rotate) => return Err(KeyConflictReason::NoKey),
        (false, _) => {}
    }
    if key.from.is_none() || known.iter().any(|row| row.days.0 == from) {
        return Err(KeyConflictReason::AnotherKey);
    }
    let next = known.iter().map(|row| row.days.0).filter(|first| *first > from).min();
    Ok(Step::Follows { to: to.min(next.unwrap_or(ALWAYS.1)) })
}

fn write(
    writing: &mut Writing,
    class: &SealingKey,
    (key, known): (&NewMeterKey, &[StoredRow]),
    step: Step,
    now: Timestamp,
) -> Result<(), StoreFault> {
    let (from, to) = stored_days(key.from, key.to);
    match step {
        Step::Nothing => Ok(()),
        Step::First => insert(writing, class, (key, 1, (from, to)), now),
        Step::Follows { to } => {
            for row in known.iter().filter(|row| row.days.0 < from && from < row.days.1) {
                end(&writing.db, row.number, key.from.map_or(from, epoch_day))?;
            }
            let newest = known.iter().map(|row| row.key_version).max().unwrap_or(0);
            insert(writing, class, (key, newest + 1, (from, to)), now)
        }
    }
}

/// The keys of a slot of exactly this holder, the oldest version first.
fn versions(db: &Connection, holder: &KeyHolder, slot: u8) -> Result<Vec<StoredRow>, StoreFault> {
    let StoredHolder { manufacturer, number, version, medium, title } = (*holder).into();
    let sql = format!(
        "-- meter_key_versions
         SELECT {COLUMNS} FROM meter_key k
         WHERE k.manufacturer IS NOT DISTINCT FROM ?1 AND k.number IS NOT DISTINCT FROM ?2 AND k.version = ?3 AND k.medium = ?4 AND k.slot = ?5
           AND k.title IS NOT DISTINCT FROM ?6
         ORDER BY k.key_version"
    );
    let rows = db
        .prepare_cached(&sql)?
        .query_map(params![manufacturer, number, version, medium, slot, title], StoredRow::read)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn end(db: &Connection, key: MeterKeyNo, day: i32) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- end_meter_key
         UPDATE meter_key SET to_day = ?2 WHERE meter_key_no = ?1",
    )?
    .execute(params![key.as_i64(), day])?;
    Ok(())
}

fn insert(
    writing: &mut Writing,
    class: &SealingKey,
    (key, key_version, (from, to)): (&NewMeterKey, i64, (i32, i32)),
    now: Timestamp,
) -> Result<(), StoreFault> {
    let NewMeterKey { holder, slot, secret, .. } = key;
    let row = sealed_row(holder, *slot, key_version);
    let sealed = class.seal(writing.nonces.next()?, &row, secret.bytes())?;
    let StoredHolder { manufacturer, number, version, medium, title } = (*holder).into();
    writing
        .db
        .prepare_cached(
            "-- insert_meter_key
             INSERT INTO meter_key (manufacturer, number, version, medium, slot, key_version, from_day, to_day,
                                    fingerprint, added_ms, sealed, title)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            manufacturer,
            number,
            version,
            medium,
            slot,
            key_version,
            from,
            to,
            class.fingerprint(secret.bytes()),
            now.as_millisecond(),
            sealed,
            title
        ])?;
    Ok(())
}

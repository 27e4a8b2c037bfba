//! Closing an account: whoever leaves loses everything at once, and nothing of the account stays but what the log says.
//!
//! What comes in: an account, by an administrator; or a dossier whose time is over, by a retention run. What goes out: how many rows
//! were deleted. Never: a session, code or credential of a closed account.

use crate::db::{Connection, OptionalExtension, params};
use jiff::Timestamp;
use tidstro_calendar::epoch_day;
use tidstro_govern::{EventKind, Register};
use tidstro_model::{AccountNo, ActorId, DossierNo, KeyNo};

use super::account::{by_actor, by_number, forget_attempts};
use super::note;
use crate::StoreFault;
use crate::personal::Writing;
use crate::retention::erase_dossier;

/// What went with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Sessions that ended.
    pub sessions: u64,
    /// Tokens of its actor that were withdrawn.
    pub tokens: u64,
}

/// Tables of an account, in an order in which nothing is left to refer to.
const TABLES: [&str; 5] =
    ["account_session", "account_code", "account_secret", "account_recovery", "account"];

/// Deletes the account of a dossier, if it is one; returns how many rows.
pub(crate) fn delete_account_of(db: &Connection, dossier: DossierNo) -> Result<u64, StoreFault> {
    let account: Option<u32> = db
        .prepare_cached("-- account_of_dossier\nSELECT a.account_no FROM account a WHERE a.dossier_no = ?1")?
        .query_row([dossier.as_u32()], |row| row.get(0))
        .optional()?;
    let Some(account) = account else { return Ok(0) };
    let mut rows = 0;
    for table in TABLES {
        let sql = format!("-- delete_account\nDELETE FROM {table} WHERE account_no = ?1");
        rows += db.prepare_cached(&sql)?.execute([account])? as u64;
    }
    Ok(rows)
}

/// Closes an account and destroys its key. Not inside a transaction: keys first would lock its holder out of a failed closing, so
/// rows go first, and a key whose rows are gone seals nothing.
pub(super) fn close(
    writing: &mut Writing,
    (by, account): (&ActorId, AccountNo),
    now: Timestamp,
) -> Result<Option<Closed>, StoreFault> {
    let closed = writing.transact(|writing| {
        let Some(row) = by_number(&writing.db, account)? else { return Ok(None) };
        let dossier = dossier_of(&writing.db, account)?;
        forget_attempts(writing, &row)?;
        let sessions = count(&writing.db, account)?;
        let tokens = withdraw_all(&writing.db, &row.actor, now)?;
        note(writing, (EventKind::AccountChanged, by), &row.actor, "closed", now)?;
        delete_account_of(&writing.db, dossier)?;
        erase_dossier(&writing.db, dossier)?;
        Ok(Some((Closed { sessions, tokens }, row.key)))
    })?;
    let Some((closed, key)) = closed else { return Ok(None) };
    destroy(writing, key)?;
    Ok(Some(closed))
}

/// Another program may hold on to the old state of the keys for a moment: the rows are gone all the same.
fn destroy(writing: &mut Writing, key: KeyNo) -> Result<(), StoreFault> {
    match writing.vault.destroy(&[key]) {
        Ok(_) | Err(StoreFault::KeysInUse) => Ok(()),
        Err(fault) => Err(fault),
    }
}

fn dossier_of(db: &Connection, account: AccountNo) -> Result<DossierNo, StoreFault> {
    let number = db
        .prepare_cached("-- dossier_of_account\nSELECT a.dossier_no FROM account a WHERE a.account_no = ?1")?
        .query_row([account.as_u32()], |row| row.get(0))?;
    Ok(DossierNo::new(number))
}

fn count(db: &Connection, account: AccountNo) -> Result<u64, StoreFault> {
    let count: i64 = db
        .prepare_cached("-- count_sessions\nSELECT count(*) FROM account_session s WHERE s.account_no = ?1")?
        .query_row([account.as_u32()], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// Tokens somebody acts by as well. Those of jobs belong to nobody and stay.
fn withdraw_all(db: &Connection, actor: &ActorId, now: Timestamp) -> Result<u64, StoreFault> {
    let rows = db
        .prepare_cached(
            "-- withdraw_tokens
             UPDATE machine_token SET withdrawn_ms = ?2 WHERE actor = ?1 AND withdrawn_ms IS NULL",
        )?
        .execute(params![actor.as_str(), now.as_millisecond()])?;
    Ok(rows as u64)
}

/// Closes accounts whose time is over: of staff the register no longer names, of residents whose last occupancy ended long enough
/// ago. Returns how many.
pub(crate) fn accounts_over(
    writing: &mut Writing,
    register: &Register,
    by: &ActorId,
    now: Timestamp,
) -> Result<u64, StoreFault> {
    let Some(login) = register.login() else { return Ok(0) };
    let mut over: Vec<ActorId> =
        staff(&writing.db)?.into_iter().filter(|actor| register.roles_of(actor).is_empty()).collect();
    if let Some(after) = login.resident.and_then(|rule| rule.closed_after) {
        let before = after.before(writing.zone.day_of(now));
        over.extend(moved_out(&writing.db, epoch_day(before))?);
    }
    let mut closed = 0;
    for actor in over {
        let Some(row) = by_actor(&writing.db, &actor)? else { continue };
        closed += u64::from(close(writing, (by, row.account), now)?.is_some());
    }
    Ok(closed)
}

fn staff(db: &Connection) -> Result<Vec<ActorId>, StoreFault> {
    db.prepare_cached("-- accounts_of_staff\nSELECT a.actor FROM account a WHERE a.actor LIKE 'staff:%'")?
        .query_and_then([], |row| super::actor_of(&row.get::<_, String>(0)?))?
        .collect()
}

/// Residents without an occupancy that ends after this day.
fn moved_out(db: &Connection, day: i32) -> Result<Vec<ActorId>, StoreFault> {
    db.prepare_cached(
        "-- accounts_moved_out
         SELECT a.actor FROM account a JOIN dossier d ON d.dossier_no = a.dossier_no
         WHERE d.subject_no IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM occupancy o WHERE o.subject_no = d.subject_no AND o.end_day > ?1)",
    )?
    .query_and_then([day], |row| super::actor_of(&row.get::<_, String>(0)?))?
    .collect()
}

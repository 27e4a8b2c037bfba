//! Failed attempts, counted by name, class of origins and account alike.
//!
//! What comes in: a keyed hash of who tries. What goes out: whether the attempt is looked at. It is counted before that, so that many
//! at once are as slow as one after the other. Never: a name, or an address.

use crate::db::{Connection, OptionalExtension, params};
use jiff::{SignedDuration, Timestamp};
use tidstro_identity::{Attempts, Door, Failed, LockoutRules};

use super::{instant, optional_instant};
use crate::StoreFault;

/// Who tries: a keyed hash.
pub(super) type Who = [u8; 32];

/// Failures after which each attempt waits; the register says after how many it locks.
const SLOW_AFTER: u32 = 3;
/// How long attempts are kept after the last one.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The rules for one name or account.
pub(super) fn rules(failures: u8) -> LockoutRules {
    LockoutRules { slow_after: SLOW_AFTER, lock_after: Some(u32::from(failures)) }
}

fn load(db: &Connection, who: &Who) -> Result<Attempts, StoreFault> {
    let row: Option<(u32, i64, Option<i64>)> = db
        .prepare_cached(
            "-- attempts
             SELECT t.failures, t.last_ms, t.locked_ms FROM login_attempt t WHERE t.who = ?1",
        )?
        .query_row([who], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((failures, last, locked)) = row else { return Ok(Attempts::default()) };
    Ok(Attempts { failures, last: Some(instant(last)?), locked: optional_instant(locked)? })
}

fn save(db: &Connection, who: &Who, attempts: Attempts) -> Result<(), StoreFault> {
    let last = attempts.last.map_or(0, Timestamp::as_millisecond);
    db.prepare_cached(
        "-- save_attempts
         INSERT INTO login_attempt (who, failures, last_ms, locked_ms) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (who) DO UPDATE
         SET failures = excluded.failures, last_ms = excluded.last_ms, locked_ms = excluded.locked_ms",
    )?
    .execute(params![who, attempts.failures, last, attempts.locked.map(Timestamp::as_millisecond)])?;
    Ok(())
}

/// Counts an attempt, if it is to be looked at: as failed, until it is known better.
pub(super) fn announce(
    db: &Connection,
    who: &Who,
    rules: LockoutRules,
    now: Timestamp,
) -> Result<Door, StoreFault> {
    let attempts = load(db, who)?;
    let door = attempts.door(rules, now);
    if door == Door::Open {
        save(db, who, attempts.announced(now))?;
    }
    Ok(door)
}

/// An announced attempt has failed. Returns whether that locks.
pub(super) fn failed(
    db: &Connection,
    who: &Who,
    rules: LockoutRules,
    now: Timestamp,
) -> Result<bool, StoreFault> {
    let (attempts, failed) = load(db, who)?.failed(rules, now);
    if failed == Failed::LocksNow {
        save(db, who, attempts)?;
    }
    Ok(failed == Failed::LocksNow)
}

/// The attempt was a success: nothing is held against who made it.
pub(super) fn clear(db: &Connection, who: &Who) -> Result<(), StoreFault> {
    db.prepare_cached("-- clear_attempts\nDELETE FROM login_attempt WHERE who = ?1")?.execute([who])?;
    Ok(())
}

/// The attempt was a success of one among many behind an origin: it alone is taken back.
pub(super) fn take_back(db: &Connection, who: &Who) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- take_back_attempt
         UPDATE login_attempt SET failures = failures - 1 WHERE who = ?1 AND failures > 0",
    )?
    .execute([who])?;
    Ok(())
}

/// Deletes what is a day old. What an account's own state says stays there.
pub(super) fn expire(db: &Connection, now: Timestamp) -> Result<u64, StoreFault> {
    let before = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
    let rows = db
        .prepare_cached("-- expire_attempts\nDELETE FROM login_attempt WHERE last_ms < ?1")?
        .execute([before.as_millisecond()])?;
    Ok(rows as u64)
}

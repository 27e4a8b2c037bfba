//! Whether a register may become the one that decides.

use crate::db::{Connection, params};
use jiff::Timestamp;
use tidstro_govern::log::hex;
use tidstro_govern::{Activation, Event, EventKind, RefusalRule, Register, diff};
use tidstro_model::ActorId;

use super::kept::{all, keep, running, running_hash};
use crate::StoreFault;
use crate::columns::left_out_is_empty;
use crate::log;
use crate::personal::Writing;

/// The rule that refuses an unapproved widening, in the log.
const RULE: &str = "register-widens";

/// Makes a register the one that decides, or refuses it. Both are in the log. Call in a transaction.
pub(crate) fn admit(
    writing: &mut Writing,
    given: &Register,
    actor: ActorId,
    now: Timestamp,
) -> Result<Activation, StoreFault> {
    let Some(old) = running(&writing.db)? else {
        activate(writing, given, actor, now)?;
        return Ok(Activation::First);
    };
    if old.hash() == given.hash() {
        return Ok(Activation::Running);
    }
    let found = diff(&old, given);
    if found.widens() && !is_approved(&writing.db, given.hash())? {
        refuse(writing, actor, RULE, hex(&given.hash()), now)?;
        return Ok(Activation::NotApproved(found));
    }
    activate(writing, given, actor, now)?;
    Ok(Activation::Activated(found))
}

/// The same for an actor, whom the running register must know.
pub(super) fn admit_from(
    writing: &mut Writing,
    given: &Register,
    actor: ActorId,
    now: Timestamp,
) -> Result<Activation, StoreFault> {
    let old = running(&writing.db)?.ok_or(StoreFault::NoRegister)?;
    if !old.actors().any(|known| known.id == actor) {
        refuse(writing, actor, RefusalRule::UnknownActor.code(), hex(&given.hash()), now)?;
        return Ok(Activation::UnknownActor);
    }
    left_out_is_empty(&writing.db, given)?;
    admit(writing, given, actor, now)
}

fn activate(
    writing: &mut Writing,
    register: &Register,
    actor: ActorId,
    now: Timestamp,
) -> Result<(), StoreFault> {
    keep(&writing.db, register, now)?;
    let detail = hex(&register.hash());
    log::append(writing, Event::new(now, EventKind::RegisterActivated, actor, detail))?;
    Ok(())
}

/// Logs that something about a register was refused.
pub(super) fn refuse(
    writing: &mut Writing,
    actor: ActorId,
    rule: &str,
    detail: String,
    now: Timestamp,
) -> Result<(), StoreFault> {
    let event = Event::new(now, EventKind::Refused, actor, detail);
    log::append(writing, Event { rule: Some(rule.to_owned()), ..event })?;
    Ok(())
}

/// Whether an approval since the last activation names this hash. An older one was of the step from another
/// register, which may have been a smaller one.
pub(super) fn is_approved(db: &Connection, hash: [u8; 32]) -> Result<bool, StoreFault> {
    let approved = db
        .prepare_cached(
            "-- is_register_approved
             SELECT EXISTS (
                 SELECT 1 FROM event
                 WHERE stream_no = 1 AND kind = ?1 AND substr(detail, 1, 64) = ?2 AND event_seq > coalesce(
                     (SELECT max(event_seq) FROM event WHERE stream_no = 1 AND kind = ?3), 0))",
        )?
        .query_row(
            params![EventKind::RegisterApproved.code(), hex(&hash), EventKind::RegisterActivated.code()],
            |row| row.get(0),
        )?;
    Ok(approved)
}

/// Whether each register that widened the one before it was approved, and how many did.
pub(crate) fn all_approved(db: &Connection) -> Result<(bool, String), StoreFault> {
    let kept = all(db)?;
    let widened: Vec<_> = kept
        .windows(2)
        .filter_map(|pair| match pair {
            [before, after] if diff(before, after).widens() => Some(after.hash()),
            _ => None,
        })
        .collect();
    let mut approved = 0;
    for hash in &widened {
        approved += u64::from(was_approved(db, *hash)?);
    }
    let found = format!("{} registers, {} widened, {approved} of them approved", kept.len(), widened.len());
    Ok((approved == widened.len() as u64, found))
}

fn was_approved(db: &Connection, hash: [u8; 32]) -> Result<bool, StoreFault> {
    let approved = db
        .prepare_cached(
            "-- was_register_approved
             SELECT EXISTS (SELECT 1 FROM event
                            WHERE stream_no = 1 AND kind = ?1 AND substr(detail, 1, 64) = ?2)",
        )?
        .query_row(params![EventKind::RegisterApproved.code(), hex(&hash)], |row| row.get(0))?;
    Ok(approved)
}

/// Proves that no other program put another register in the place of this one meanwhile.
pub(crate) fn still_decides(db: &Connection, register: &Register) -> Result<(), StoreFault> {
    match running_hash(db)? {
        Some(hash) if hash != register.hash() => Err(StoreFault::RegisterReplaced { hash: hex(&hash) }),
        _ => Ok(()),
    }
}

//! Events that another program reports.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use tidstro_govern::log::{AsideReason, GENESIS, ImportCheck, Imported};
use tidstro_govern::{Event, EventKind};
use tidstro_model::ActorId;

use super::append::append_many;
use super::stream::instant;
use crate::StoreFault;
use crate::personal::Writing;
use crate::seal::SealingKey;

/// Appends the lines that fit and keeps the others aside, sealed. `first_line` is the number of the first
/// one in its file. Call inside a transaction.
pub(crate) fn import(
    writing: &mut Writing,
    actor: &ActorId,
    lines: &[Vec<u8>],
    first_line: u64,
    now: Timestamp,
) -> Result<Imported, StoreFault> {
    let mut check = last_import(&writing.db, actor)?;
    let (mut imported, mut events) = (Imported::default(), Vec::new());
    for (number, line) in (first_line..).zip(lines) {
        match check.line(line, actor, now) {
            Ok(event) => events.push(event),
            Err(reason) => {
                keep_aside(writing, actor, (number, line), reason, now)?;
                imported.aside.push((number, reason));
            }
        }
    }
    imported.appended = events.len() as u64;
    save_import(&writing.db, actor, &check)?;
    let counts = format!("{} appended, {} kept aside", imported.appended, imported.aside.len());
    events.push(Event::new(now, EventKind::Imported, actor.clone(), counts));
    append_many(writing, events, now)?;
    Ok(imported)
}

fn last_import(db: &Connection, actor: &ActorId) -> Result<ImportCheck, StoreFault> {
    let last = db
        .prepare_cached(
            "-- event_source
             SELECT last_line, last_ms FROM event_source WHERE actor = ?1",
        )?
        .query_row([actor.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match last {
        Some((last_line, last_ms)) => ImportCheck { last_line, last_at: instant(last_ms)? },
        None => ImportCheck { last_line: GENESIS, last_at: Timestamp::MIN },
    })
}

fn save_import(db: &Connection, actor: &ActorId, check: &ImportCheck) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- save_event_source
         INSERT INTO event_source (actor, last_line, last_ms) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET last_line = ?2, last_ms = ?3",
    )?
    .execute(params![actor.as_str(), check.last_line, check.last_at.as_millisecond()])?;
    Ok(())
}

/// Keeps a line as evidence. It may hold anything, so it is sealed. The number of a line that comes from no
/// file is 0.
pub(crate) fn keep_aside(
    writing: &mut Writing,
    actor: &ActorId,
    (number, line): (u64, &[u8]),
    reason: AsideReason,
    now: Timestamp,
) -> Result<(), StoreFault> {
    let aside_no: i64 = writing
        .db
        .prepare_cached(
            "-- next_aside
             SELECT ifnull(max(aside_no), 0) + 1 FROM event_aside",
        )?
        .query_row([], |row| row.get(0))?;
    let sealed = aside_key(writing).seal(writing.nonces.next()?, &aside_row(aside_no), line)?;
    writing
        .db
        .prepare_cached(
            "-- keep_aside
             INSERT INTO event_aside (aside_no, kept_ms, actor, line, reason, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            aside_no,
            now.as_millisecond(),
            actor.as_str(),
            super::stream::stored(number),
            reason.word(),
            sealed
        ])?;
    Ok(())
}

/// The key of lines kept aside, derived from the controller's.
pub(super) fn aside_key(writing: &Writing) -> SealingKey {
    SealingKey::from_bytes(writing.vault.commit("tidstro lines kept aside", b""))
}

/// Key column of a line kept aside.
pub(super) fn aside_row(aside_no: i64) -> Vec<u8> {
    [b"aside".as_slice(), &aside_no.to_be_bytes()].concat()
}

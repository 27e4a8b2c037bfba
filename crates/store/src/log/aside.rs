//! What was not admitted, kept as evidence.
//!
//! Lines of other programs and events of this one come in, with the reason why they are no part of any
//! state; sealed rows stay. What goes out, under a permit: the list, and one of them opened. They end when
//! the register keeps their category no longer. Never: such a line in the log, or open on the disk.

use crate::db::{Connection, OptionalExtension, Row, Sql, params};
use jiff::Timestamp;
use tidstro_govern::log::AsideReason;
use tidstro_govern::{Event, EventKind, Register};
use tidstro_model::{ActorId, CategoryId};

use super::append::append;
use super::stream::{instant, stored};
use crate::StoreFault;
use crate::personal::Writing;
use crate::seal::{SealingKey, Vault};

/// One line or event that was kept aside, without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsideEntry {
    /// Its number: never given twice.
    pub number: i64,
    /// When it was kept aside.
    pub kept: Timestamp,
    /// Who reported or recorded it.
    pub by: ActorId,
    /// The number of the line in its file, counted from 1; `None` for what comes from no file.
    pub line: Option<u64>,
    /// Why it is no part of any state.
    pub reason: AsideReason,
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
        .prepare_cached(Sql::two(
            "-- next_aside
             SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'event_aside'",
            "-- next_aside
             SELECT nextval(pg_get_serial_sequence('event_aside', 'aside_no'))",
        ))?
        .query_row([], |row| row.get(0))?;
    let sealed = aside_key(&writing.vault).seal(writing.nonces.next()?, &aside_row(aside_no), line)?;
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
            stored(number),
            reason.word(),
            sealed
        ])?;
    Ok(())
}

/// The key of lines kept aside, derived from the controller's.
pub(super) fn aside_key(vault: &Vault) -> SealingKey {
    SealingKey::from_bytes(vault.commit("tidstro lines kept aside", b""))
}

/// Key column of a line kept aside.
pub(super) fn aside_row(aside_no: i64) -> Vec<u8> {
    [b"aside".as_slice(), &aside_no.to_be_bytes()].concat()
}

const ASIDE_COLUMNS: &str = "aside_no, kept_ms, actor, line, reason";

/// Everything that is kept aside, oldest first.
pub(super) fn list_aside(db: &Connection) -> Result<Vec<AsideEntry>, StoreFault> {
    db.prepare_cached(&format!(
        "-- list_aside
         SELECT {ASIDE_COLUMNS} FROM event_aside ORDER BY aside_no"
    ))?
    .query_and_then([], entry)?
    .collect()
}

/// One of them, with its bytes as they came in; `None` if it is not there, or no more.
pub(super) fn open_aside(
    db: &Connection,
    vault: &Vault,
    number: i64,
) -> Result<Option<(AsideEntry, Vec<u8>)>, StoreFault> {
    let found = db
        .prepare_cached(&format!(
            "-- open_aside
             SELECT {ASIDE_COLUMNS}, sealed FROM event_aside WHERE aside_no = ?1"
        ))?
        .query_row([number], |row| Ok((entry(row), row.get::<_, Vec<u8>>(5)?)))
        .optional()?;
    let Some((entry, sealed)) = found else { return Ok(None) };
    let line = aside_key(vault).open(&aside_row(number), &sealed)?;
    Ok(Some((entry?, line)))
}

fn entry(row: &Row<'_>) -> Result<AsideEntry, StoreFault> {
    let damaged = |what| StoreFault::Row { what };
    let (actor, reason): (String, String) = (row.get(2)?, row.get(4)?);
    let line: i64 = row.get(3)?;
    Ok(AsideEntry {
        number: row.get(0)?,
        kept: instant(row.get(1)?)?,
        by: ActorId::parse(&actor).map_err(|_| damaged("event_aside.actor"))?,
        line: u64::try_from(line).ok().filter(|line| *line > 0),
        reason: AsideReason::from_word(&reason).ok_or(damaged("event_aside.reason"))?,
    })
}

/// Deletes what no activity keeps any more, and says in the facts how much that was. Call inside a transaction.
pub(crate) fn expire_aside(
    writing: &mut Writing,
    register: &Register,
    category: &CategoryId,
    actor: &ActorId,
    now: Timestamp,
) -> Result<u64, StoreFault> {
    let mut deleted = 0;
    while let Some(kept_ms) = oldest(&writing.db)? {
        if register.unowned_until(category, instant(kept_ms)?).is_none_or(|until| until > now) {
            break;
        }
        deleted += writing
            .db
            .prepare_cached(
                "-- delete_aside
                 DELETE FROM event_aside WHERE kept_ms = ?1",
            )?
            .execute([kept_ms])? as u64;
    }
    if deleted > 0 {
        let detail = format!("{deleted} lines kept aside");
        append(writing, Event::new(now, EventKind::Erased, actor.clone(), detail))?;
    }
    Ok(deleted)
}

fn oldest(db: &Connection) -> Result<Option<i64>, StoreFault> {
    let oldest = db
        .prepare_cached(
            "-- oldest_aside
             SELECT min(kept_ms) FROM event_aside",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(oldest)
}

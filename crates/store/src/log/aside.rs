//! What was not admitted, kept as evidence.
//!
//! Lines of other programs and events of this one come in, with the reason why they are no part of any
//! state; sealed rows stay. What goes out, under a permit: the list, and one of them opened. They end when
//! the register keeps their category no longer. Never: such a line in the log, or open on the disk.

use jiff::Timestamp;
use rusqlite::params;
use tidstro_govern::log::AsideReason;
use tidstro_model::ActorId;

use crate::StoreFault;
use crate::personal::Writing;
use crate::seal::{SealingKey, Vault};

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
            super::stream::stored(number),
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

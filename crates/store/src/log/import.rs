//! Events that another program reports.

use crate::db::{Connection, OptionalExtension, params};
use jiff::Timestamp;
use tidstro_govern::log::{GENESIS, ImportCheck, Imported};
use tidstro_govern::{Event, EventKind};
use tidstro_model::ActorId;

use super::append::append;
use super::aside::keep_aside;
use super::stream::instant;
use crate::StoreFault;
use crate::case::Reporter;
use crate::personal::Writing;
use crate::register::still_decides;

/// Records what the lines report, as far as gate and rules let their reporter, and keeps the others aside,
/// sealed. `first_line` is the number of the first one in its file. Call inside a transaction.
pub(crate) fn import(
    writing: &mut Writing,
    reporter: &Reporter<'_>,
    lines: &[Vec<u8>],
    first_line: u64,
) -> Result<Imported, StoreFault> {
    still_decides(&writing.db, reporter.register)?;
    let Reporter { actor, register, now, .. } = reporter;
    let mut check = last_import(&writing.db, actor)?;
    let mut imported = Imported::default();
    for (number, line) in (first_line..).zip(lines) {
        let taken = match check.line(line, actor, *now, register.zone()) {
            Ok(reported) => reporter.take(writing, reported)?,
            Err(reason) => Err(reason),
        };
        match taken {
            Ok(_) => imported.appended += 1,
            Err(reason) => {
                keep_aside(writing, actor, (number, line), reason, *now)?;
                imported.aside.push((number, reason));
            }
        }
    }
    save_import(&writing.db, actor, &check)?;
    let counts = format!("{} appended, {} kept aside", imported.appended, imported.aside.len());
    append(writing, Event::new(*now, EventKind::Imported, actor.clone(), counts))?;
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
         ON CONFLICT (actor) DO UPDATE SET last_line = ?2, last_ms = ?3",
    )?
    .execute(params![actor.as_str(), check.last_line, check.last_at.as_millisecond()])?;
    Ok(())
}

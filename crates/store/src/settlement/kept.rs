//! Whether sums are kept here, and since which local day.
//!
//! Sums are whole only if every registration since the first block went through them. So they begin with an empty store,
//! or with a rebuild; a store whose register leaves them out has none. Never: half a sum that looks like one.

use crate::db::{Connection, OptionalExtension, params};

use crate::StoreFault;
use crate::personal::Writing;

/// No day is too old.
pub(super) const ALWAYS: i32 = i32::MIN;

/// Settles whether sums are kept, when a store is opened.
pub(crate) fn begin(writing: &mut Writing) -> Result<(), StoreFault> {
    if !writing.settling.is_asked {
        return end(&writing.db);
    }
    if kept_from(&writing.db)?.is_none() && !has_blocks(&writing.db)? {
        keep_from(&writing.db, ALWAYS)?;
    }
    Ok(())
}

/// The first local day whose sums are kept; `None` where none are.
pub(super) fn kept_from(db: &Connection) -> Result<Option<i32>, StoreFault> {
    let found = db
        .prepare_cached(
            "-- settlement_kept_from
             SELECT kept_from FROM settlement_kept WHERE one = 1",
        )?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// Says that sums are kept from a local day on.
pub(super) fn keep_from(db: &Connection, day: i32) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- keep_settlement_from
         INSERT INTO settlement_kept (one, kept_from) VALUES (1, ?1)
         ON CONFLICT (one) DO UPDATE SET kept_from = excluded.kept_from",
    )?
    .execute(params![day])?;
    Ok(())
}

/// Says that sums are kept no more: what is registered from now on is in none.
fn end(db: &Connection) -> Result<(), StoreFault> {
    db.prepare_cached("-- end_settlement\nDELETE FROM settlement_kept")?.execute([])?;
    Ok(())
}

fn has_blocks(db: &Connection) -> Result<bool, StoreFault> {
    let sql = "-- has_series_state\nSELECT EXISTS (SELECT 1 FROM series_state)";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

impl Writing {
    /// The first local day whose sums are kept, looked up once.
    pub(super) fn settled_from(&mut self) -> Result<Option<i32>, StoreFault> {
        if !self.settling.is_asked {
            return Ok(None);
        }
        let from = match self.settling.kept_from {
            Some(known) => known,
            None => kept_from(&self.db)?,
        };
        self.settling.kept_from = Some(from);
        Ok(from)
    }
}

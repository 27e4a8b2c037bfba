//! Destroying keys, whole or up to a local day: what they sealed is erased, in every copy of the data.
//!
//! Key numbers come in. When a call returns, neither the key file, nor its write-ahead log, nor this
//! vault's memory holds what was destroyed. Copies of the key file elsewhere still do, which is why they
//! must have a short life (`SECURITY.md`). The same call again changes nothing.

use jiff::civil::Date;
use tidstro_model::KeyNo;

use super::vault::{Vault, put_key};
use crate::StoreFault;
use crate::db::{Connection, OptionalExtension, params};

impl Vault {
    /// Makes each key forget all local days before the one beside it. Returns how many keys have forgotten
    /// something now. A key of the older form keeps the days of that one's month; a key without days
    /// forgets nothing and must be destroyed whole.
    ///
    /// # Errors
    /// [`StoreFault::KeysInUse`] if another process holds on to the old state: nothing is undone, call
    /// again. On any other fault nothing is forgotten.
    pub(crate) fn forget_before(&mut self, keys: &[(KeyNo, Date)]) -> Result<u64, StoreFault> {
        let transaction = self.db.transaction()?;
        let mut forgotten = 0;
        for (number, day) in keys {
            let turned = match self.load(*number) {
                Ok(key) if key.reaches_before(*day) => key.turned_to(*day).ok(),
                Ok(_) | Err(StoreFault::KeyGone { .. }) => None,
                Err(fault) => return Err(fault),
            };
            if let Some(turned) = turned {
                put_key(&transaction, *number, &turned.to_columns(&self.controller, *number)?)?;
                forgotten += 1;
            }
        }
        transaction.commit()?;
        self.leave_no_copy()?;
        Ok(forgotten)
    }

    /// Destroys keys whole. Returns how many have been destroyed now.
    ///
    /// # Errors
    /// As for [`Vault::forget_before`].
    pub(crate) fn destroy(&mut self, keys: &[KeyNo]) -> Result<u64, StoreFault> {
        let transaction = self.db.transaction()?;
        let mut destroyed = 0;
        for number in keys {
            destroyed += overwrite(&transaction, *number)?;
        }
        transaction.commit()?;
        self.leave_no_copy()?;
        Ok(destroyed)
    }

    /// Takes the old state out of memory, of other programs' memory, and of SQLite's write-ahead log. Done also when
    /// nothing changed: an earlier call may have been cut short here.
    pub(super) fn leave_no_copy(&mut self) -> Result<(), StoreFault> {
        self.close_keys();
        self.db.mark_change()?;
        if self.db.postgres().is_some() {
            // What is left in its files goes with the next VACUUM and the next checkpoint (docs/SCALING.md).
            return Ok(());
        }
        let is_busy: bool =
            self.db.query_row("-- leave_no_copy\nPRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if is_busy { Err(StoreFault::KeysInUse) } else { Ok(()) }
    }
}

/// Writes zeros over a key; returns 1, or 0 if they stand there already.
fn overwrite(db: &Connection, number: KeyNo) -> Result<u64, StoreFault> {
    let length: Option<usize> = db
        .prepare_cached("-- length_of_key\nSELECT length(wrapped) FROM sealing_key WHERE key_no = ?1")?
        .query_row([number.as_u32()], |row| row.get::<_, u32>(0))
        .optional()?
        .and_then(|length| usize::try_from(length).ok());
    let zeros = vec![0_u8; length.unwrap_or_default()];
    let sql = "-- destroy_key\nUPDATE sealing_key SET wrapped = ?2 WHERE key_no = ?1 AND wrapped <> ?2";
    Ok(db.prepare_cached(sql)?.execute(params![number.as_u32(), zeros])? as u64)
}

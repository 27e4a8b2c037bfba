//! Which keys there are: whose, which slot and version, from when to when, how often used. Never a key.

use crate::db::{Connection, params};
use jiff::{Timestamp, civil::Date};

use super::entry::{COLUMNS, KeyHolder, StoredRow, WIDTH};
use crate::StoreFault;

/// A key, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterKeyEntry {
    /// Which meters it is for.
    pub holder: KeyHolder,
    /// Which of the meter's keys.
    pub slot: u8,
    /// 1, 2, … in the order in which the keys of a slot came.
    pub key_version: u32,
    /// The first local day it holds; `None` for ever so long ago.
    pub from: Option<Date>,
    /// The first local day it no longer holds; `None` where no end is known.
    pub to: Option<Date>,
    /// How many telegrams it opened.
    pub uses: u64,
    /// When it was last counted.
    pub last_used: Option<Timestamp>,
    /// What people compare: the same for the same key in this store, and says nothing of it.
    pub fingerprint: [u8; 8],
}

/// Every key, or those of one meter number; by manufacturer, number, version, type, slot and key version.
pub(super) fn list(db: &Connection, number: Option<u32>) -> Result<Vec<MeterKeyEntry>, StoreFault> {
    let sql = format!(
        "-- list_meter_keys
         SELECT {COLUMNS}, u.uses, u.last_ms FROM meter_key k LEFT JOIN meter_key_use u USING (meter_key_no)
         WHERE CAST(?1 AS BIGINT) IS NULL OR k.number = ?1
         ORDER BY k.manufacturer, k.number, k.title, k.version, k.medium, k.slot, k.key_version"
    );
    let mut statement = db.prepare(&sql)?;
    let mut rows = statement.query(params![number])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let key = StoredRow::read(&row)?;
        let (uses, last_ms): (Option<i64>, Option<i64>) = (row.get(WIDTH)?, row.get(WIDTH + 1)?);
        entries.push(entry(&key, uses, last_ms)?);
    }
    Ok(entries)
}

fn entry(key: &StoredRow, uses: Option<i64>, last_ms: Option<i64>) -> Result<MeterKeyEntry, StoreFault> {
    let damaged = |what| StoreFault::Row { what };
    let (from, to) = key.dates();
    Ok(MeterKeyEntry {
        holder: key.holder,
        slot: key.slot,
        key_version: u32::try_from(key.key_version).map_err(|_| damaged("meter_key.key_version"))?,
        from,
        to,
        uses: uses.unwrap_or(0).unsigned_abs(),
        last_used: last_ms
            .map(|at| Timestamp::from_millisecond(at).map_err(|_| damaged("meter_key_use.last_ms")))
            .transpose()?,
        fingerprint: key.fingerprint,
    })
}

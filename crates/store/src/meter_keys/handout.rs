//! Keys for decoding telegrams, all of them at once, and how often each was used.

use crate::db::{Connection, params};
use jiff::{Timestamp, civil::Date};

use super::entry::{COLUMNS, KeyHolder, KeySecret, MeterKeyNo, StoredRow};
use crate::StoreFault;
use crate::personal::Writing;
use crate::seal::Vault;

/// A key with what is needed to find it.
#[derive(Debug)]
pub struct UsableKey {
    /// Its number, to count its uses by.
    pub key: MeterKeyNo,
    /// Which meters it is for.
    pub holder: KeyHolder,
    /// Which of the meter's keys.
    pub slot: u8,
    /// The first local day it holds; `None` for ever so long ago.
    pub from: Option<Date>,
    /// The first local day it no longer holds; `None` where no end is known.
    pub to: Option<Date>,
    /// The key.
    pub secret: KeySecret,
}

/// Every key, opened; meter by meter.
pub(super) fn usable(db: &Connection, vault: &Vault) -> Result<Vec<UsableKey>, StoreFault> {
    let sql = format!(
        "-- usable_meter_keys
         SELECT {COLUMNS} FROM meter_key k ORDER BY k.manufacturer, k.number, k.title"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows: Vec<StoredRow> = statement.query_map([], StoredRow::read)?.collect::<Result<_, _>>()?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let class = vault.meter_key_class()?;
    rows.iter()
        .map(|row| {
            let (from, to) = row.dates();
            let secret = row.secret(&class)?;
            Ok(UsableKey { key: row.number, holder: row.holder, slot: row.slot, from, to, secret })
        })
        .collect()
}

/// Adds to the counts. Call inside [`Writing::transact`].
pub(super) fn count_uses(
    writing: &Writing,
    uses: &[(MeterKeyNo, u64)],
    now: Timestamp,
) -> Result<(), StoreFault> {
    let mut count = writing.db.prepare_cached(
        "-- count_meter_key_uses
         INSERT INTO meter_key_use (meter_key_no, uses, last_ms) VALUES (?1, ?2, ?3)
         ON CONFLICT (meter_key_no) DO UPDATE SET uses = meter_key_use.uses + excluded.uses,
             last_ms = CASE WHEN excluded.last_ms > meter_key_use.last_ms THEN excluded.last_ms
                            ELSE meter_key_use.last_ms END",
    )?;
    for (key, uses) in uses {
        let uses = i64::try_from(*uses).unwrap_or(i64::MAX);
        count.execute(params![key.as_i64(), uses, now.as_millisecond()])?;
    }
    Ok(())
}

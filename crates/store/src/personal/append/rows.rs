//! Rows of `series_block`, written a batch at a time.

use tidstro_model::{KeyNo, SeriesNo};

use crate::StoreFault;
use crate::db::{Connection, params};

/// One sealed version of a local day.
pub(super) struct BlockRow {
    /// Days since 1970-01-01.
    pub(super) period: i32,
    pub(super) series: SeriesNo,
    pub(super) registered_seq: i64,
    /// What seals it.
    pub(super) key: KeyNo,
    pub(super) sealed: Vec<u8>,
}

/// Adds rows. None of them may be there.
pub(super) fn insert_blocks(db: &Connection, rows: &[BlockRow]) -> Result<(), StoreFault> {
    let mut insert = db.prepare_cached(
        "-- insert_block
         INSERT INTO series_block (period, series_no, registered_seq, key_no, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for BlockRow { period, series, registered_seq, key, sealed } in rows {
        insert.execute(params![period, series.as_u32(), registered_seq, key.as_u32(), sealed])?;
    }
    Ok(())
}

//! Rows of `series_block`, written a batch at a time.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tidstro_calendar::from_epoch_day;
use tidstro_model::{KeyNo, SeriesNo};

use crate::StoreFault;
use crate::db::{Bind as _, Connection, Link, params};
use crate::postgres::make_month;

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
    match db.postgres() {
        Some(_) if rows.is_empty() => Ok(()),
        Some(link) => {
            make_months(db, rows)?;
            copy_blocks(link, rows)
        }
        None => insert_each(db, rows),
    }
}

fn insert_each(db: &Connection, rows: &[BlockRow]) -> Result<(), StoreFault> {
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

fn copy_blocks(link: &Link, rows: &[BlockRow]) -> Result<(), StoreFault> {
    let numbers = rows.iter().map(|row| (row.series.as_u32(), row.key.as_u32())).collect::<Vec<_>>();
    let values = rows.iter().zip(&numbers).map(|(row, (series, key))| {
        [row.period.bound(), series.bound(), row.registered_seq.bound(), key.bound(), row.sealed.bound()]
    });
    link.copy_in("series_block (period, series_no, registered_seq, key_no, sealed)", values)?;
    Ok(())
}

/// Makes the partitions the rows need, of each month that is there a first time.
fn make_months(db: &Connection, rows: &[BlockRow]) -> Result<(), StoreFault> {
    let month = |row: &BlockRow| from_epoch_day(row.period).map(Date::first_of_month);
    let months: BTreeMap<_, _> = rows.iter().map(|row| (month(row), row.period)).collect();
    months.into_values().try_for_each(|period| make_month(db, "series_block", period))
}

//! Rows of `series_state`, read and written a batch at a time.

use rustc_hash::FxHashMap;
use tidstro_model::{KeyNo, SeriesNo};

use crate::StoreFault;
use crate::db::{Connection, params};

/// A memory as it lies in its row.
pub(super) struct SealedState {
    pub(super) key: KeyNo,
    /// The local day whose key sealed it, counted from 1970-01-01.
    pub(super) day: i32,
    pub(super) sealed: Vec<u8>,
}

/// A memory on its way into its row. Days are counted from 1970-01-01.
pub(super) struct StateRow {
    pub(super) series: SeriesNo,
    pub(super) key: KeyNo,
    /// The first and the last local day touched.
    pub(super) touched: (i32, i32),
    pub(super) sealed_day: i32,
    pub(super) sealed: Vec<u8>,
}

/// The memories of these series, from PostgreSQL in one answer.
pub(super) fn sealed_states<'s>(
    db: &Connection,
    series: impl Iterator<Item = &'s SeriesNo>,
) -> Result<FxHashMap<SeriesNo, SealedState>, StoreFault> {
    let series: Vec<i64> = series.map(|series| series.as_u32().into()).collect();
    let states = db
        .prepare_cached(
            "-- series_states
             SELECT t.series_no, t.key_no, t.sealed_day, t.sealed FROM series_state t
             WHERE t.series_no = ANY (CAST(?1 AS BIGINT[]))",
        )?
        .query_map(params![series], |row| {
            let state = SealedState { key: KeyNo::new(row.get(1)?), day: row.get(2)?, sealed: row.get(3)? };
            Ok((SeriesNo::new(row.get(0)?), state))
        })?
        .collect::<Result<_, _>>()?;
    Ok(states)
}

/// Writes memories over those there are; first and last day of a series only move apart. One row for a series.
pub(super) fn save_rows(db: &Connection, rows: Vec<StateRow>) -> Result<(), StoreFault> {
    match db.postgres() {
        Some(_) => save_all(db, rows),
        None => save_each(db, rows),
    }
}

/// What becomes of a row that is there.
const REPLACE: &str = "ON CONFLICT (series_no) DO UPDATE SET key_no = excluded.key_no,
    first_day = CASE WHEN series_state.first_day < excluded.first_day THEN series_state.first_day
                     ELSE excluded.first_day END,
    last_day = CASE WHEN series_state.last_day > excluded.last_day THEN series_state.last_day
                    ELSE excluded.last_day END,
    sealed = excluded.sealed, sealed_day = excluded.sealed_day";

fn save_each(db: &Connection, rows: Vec<StateRow>) -> Result<(), StoreFault> {
    let mut save = db.prepare_cached(&format!(
        "-- save_state
         INSERT INTO series_state (series_no, key_no, first_day, last_day, sealed_day, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) {REPLACE}"
    ))?;
    for StateRow { series, key, touched: (first, last), sealed_day, sealed } in rows {
        save.execute(params![series.as_u32(), key.as_u32(), first, last, sealed_day, sealed])?;
    }
    Ok(())
}

fn save_all(db: &Connection, rows: Vec<StateRow>) -> Result<(), StoreFault> {
    let numbers = |of: fn(&StateRow) -> i64| -> Vec<i64> { rows.iter().map(of).collect() };
    let series = numbers(|row| row.series.as_u32().into());
    let keys = numbers(|row| row.key.as_u32().into());
    let (first, last) = (numbers(|row| row.touched.0.into()), numbers(|row| row.touched.1.into()));
    let sealed_days = numbers(|row| row.sealed_day.into());
    let sealed: Vec<Vec<u8>> = rows.into_iter().map(|row| row.sealed).collect();
    db.prepare_cached(&format!(
        "-- save_states
         INSERT INTO series_state (series_no, key_no, first_day, last_day, sealed_day, sealed)
         SELECT * FROM unnest(CAST(?1 AS BIGINT[]), CAST(?2 AS BIGINT[]), CAST(?3 AS BIGINT[]), CAST(?4 AS BIGINT[]),
                              CAST(?5 AS BIGINT[]), CAST(?6 AS BYTEA[])) {REPLACE}"
    ))?
    .execute(params![series, keys, first, last, sealed_days, sealed])?;
    Ok(())
}

//! The files of rules that judged, as they are kept.

use jiff::Timestamp;

use crate::StoreFault;
use crate::db::{Connection, params};

/// A file of rules that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesVersion {
    /// Its number, counted from 1.
    pub no: i64,
    /// What it calls itself.
    pub name: String,
    /// SHA-256 of its text.
    pub hash: [u8; 32],
    /// When it was taken in. It judges what is registered from then until the next one is taken in.
    pub taken_in: Timestamp,
    /// Who took it in.
    pub actor: String,
}

/// The number of the file that judges; 0 if none was ever taken in.
pub(super) fn newest_no(db: &Connection) -> Result<i64, StoreFault> {
    let newest = db
        .prepare_cached(
            "-- newest_rules
             SELECT coalesce(max(r.rules_no), 0) FROM rules_version r",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(newest)
}

/// The text of a file.
pub(super) fn text_of(db: &Connection, no: i64) -> Result<String, StoreFault> {
    let text = db
        .prepare_cached(
            "-- rules_text
             SELECT r.text FROM rules_version r WHERE r.rules_no = ?1",
        )?
        .query_row([no], |row| row.get(0))?;
    Ok(text)
}

/// Every file, in the order in which they were taken in.
pub(super) fn kept(db: &Connection) -> Result<Vec<RulesVersion>, StoreFault> {
    db.prepare_cached(
        "-- rules_history
         SELECT r.rules_no, r.name, r.hash, r.taken_in_ms, e.actor
         FROM rules_version r JOIN event e ON e.stream_no = 1 AND e.event_seq = r.event_seq
         ORDER BY r.rules_no",
    )?
    .query_and_then([], |row| {
        let taken_in = Timestamp::from_millisecond(row.get(3)?);
        Ok(RulesVersion {
            no: row.get(0)?,
            name: row.get(1)?,
            hash: row.get(2)?,
            taken_in: taken_in.map_err(|_| StoreFault::Row { what: "rules_version.taken_in_ms" })?,
            actor: row.get(4)?,
        })
    })?
    .collect()
}

/// Keeps a file as the one that judges from now on; returns its number.
pub(super) fn keep(
    db: &Connection,
    (name, text, hash): (&str, &str, [u8; 32]),
    (now, event_seq): (Timestamp, i64),
) -> Result<i64, StoreFault> {
    let no = db.insert_numbered(
        "-- keep_rules
         INSERT INTO rules_version (hash, name, text, taken_in_ms, event_seq) VALUES (?1, ?2, ?3, ?4, ?5)",
        "rules_no",
        params![hash, name, text, now.as_millisecond(), event_seq],
    )?;
    Ok(no)
}

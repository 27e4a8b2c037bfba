//! The certificate of a run, made from what the run has settled.

use crate::db::Connection;
use jiff::Timestamp;
use tidstro_govern::log::Hash;
use tidstro_govern::{Certificate, ErasedCount, Register};

use super::preview::{RetentionCount, RetentionPreview, counts, load};
use crate::StoreFault;
use crate::personal::Writing;

/// What a run has erased.
pub(super) struct Erased {
    preview: RetentionPreview,
    pub(super) counts: Vec<RetentionCount>,
    pub(super) rows: u64,
    pub(super) keys: u64,
    /// Parts that stay.
    pub(super) left: u64,
    commitments: Vec<Hash>,
}

impl Erased {
    pub(super) fn load(db: &Connection, register: &Register, number: i64) -> Result<Self, StoreFault> {
        let (rows, keys): (i64, i64) = db.query_row(
            "-- erased_counts
             SELECT row_count, key_count FROM retention_preview WHERE preview_no = ?1",
            [number],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let commitments = db
            .prepare(
                "-- concerned
                 SELECT commitment FROM retention_concerned WHERE preview_no = ?1 ORDER BY commitment",
            )?
            .query_map([number], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let left = counts(db, register, number, "2")?;
        Ok(Self {
            preview: load(db, register, number)?,
            counts: counts(db, register, number, "1")?,
            rows: rows.unsigned_abs(),
            keys: keys.unsigned_abs(),
            left: left.iter().map(|count| count.parts).sum(),
            commitments,
        })
    }
}

/// Signs what a run has erased with the key of the log.
pub(super) fn certify(
    writing: &Writing,
    register: &Register,
    erased: &Erased,
    log_seq: i64,
    now: Timestamp,
) -> Result<String, StoreFault> {
    let certificate = Certificate {
        number: erased.preview.number,
        at: now,
        register: register.hash(),
        preview: erased.preview.hash,
        approver: erased.preview.approver.as_ref().map_or_else(String::new, ToString::to_string),
        log_seq: log_seq.unsigned_abs(),
        rows: erased.rows,
        keys: erased.keys,
        counts: erased.counts.iter().map(erased_count).collect(),
        commitments: erased.commitments.clone(),
    };
    Ok(certificate.sign(&writing.vault.log_key()?))
}

fn erased_count(count: &RetentionCount) -> ErasedCount {
    ErasedCount {
        category: count.category.to_string(),
        bucket: count.bucket.to_string(),
        activity: count.activity.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
        rule: count.rule.clone(),
        subjects: count.subjects,
        parts: count.parts,
    }
}

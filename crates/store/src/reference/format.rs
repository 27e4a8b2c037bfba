//! Formats of compact frames, learned from full ones and shared by every meter of a type.

use crate::db::{Connection, params};
use jiff::Timestamp;
use tidstro_model::{Manufacturer, Medium};

use crate::StoreFault;

/// The record headers of a meter type's compact frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFormat {
    /// The manufacturer.
    pub manufacturer: Manufacturer,
    /// The version.
    pub version: u8,
    /// The device type.
    pub medium: Medium,
    /// Format signature (EN 13757-3:2018 annex G).
    pub signature: u16,
    /// Learned from, and good for, telegrams that were decrypted with the meter's key; else those that were not.
    pub is_protected: bool,
    /// The record headers.
    pub headers: Vec<u8>,
}

/// Formats kept of one type at most, of protected and of other telegrams: anybody can send clear ones.
const OF_TYPE_MAX: u32 = 64;

/// Every format, by type and signature.
pub(crate) fn formats(db: &Connection) -> Result<Vec<StoredFormat>, StoreFault> {
    let formats = db
        .prepare_cached(
            "-- formats
             SELECT manufacturer, version, medium, signature, is_protected, headers FROM telegram_format
             ORDER BY manufacturer, version, medium, is_protected, signature",
        )?
        .query_map([], |row| {
            Ok(StoredFormat {
                manufacturer: Manufacturer::from_field(row.get(0)?),
                version: row.get(1)?,
                medium: Medium(row.get(2)?),
                signature: row.get(3)?,
                is_protected: row.get(4)?,
                headers: row.get(5)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(formats)
}

/// Keeps formats that are new. The first one of a signature stays; of a type that has too many, no more are kept.
pub(crate) fn keep_formats(
    db: &Connection,
    formats: &[StoredFormat],
    now: Timestamp,
) -> Result<(), StoreFault> {
    let mut keep = db.prepare_cached(
        "-- keep_format
         INSERT INTO telegram_format (manufacturer, version, medium, signature, is_protected, headers, learned_ms)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
         WHERE (SELECT count(*) FROM telegram_format
                WHERE manufacturer = ?1 AND version = ?2 AND medium = ?3 AND is_protected = ?5) < ?8
         ON CONFLICT DO NOTHING",
    )?;
    for format in formats {
        let StoredFormat { manufacturer, version, medium, signature, is_protected, headers } = format;
        keep.execute(params![
            manufacturer.field(),
            version,
            medium.0,
            signature,
            is_protected,
            headers,
            now.as_millisecond(),
            OF_TYPE_MAX
        ])?;
    }
    Ok(())
}

//! The texts of the registers that decided.

use crate::db::{Connection, OptionalExtension, params};
use jiff::Timestamp;
use tidstro_govern::{Register, RegisterFile};

use crate::StoreFault;

/// A file of a kept register.
pub(crate) struct KeptFile {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// The register that decides; `None` in a store that never had one.
pub(crate) fn running(db: &Connection) -> Result<Option<Register>, StoreFault> {
    let newest: Option<i64> = db
        .prepare_cached(
            "-- newest_version
             SELECT max(version_no) FROM register_version",
        )?
        .query_row([], |row| row.get(0))?;
    newest.map(|version| kept_register(db, version)).transpose()
}

/// Every register that decided, in order.
pub(super) fn all(db: &Connection) -> Result<Vec<Register>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- all_versions
         SELECT version_no FROM register_version ORDER BY version_no",
    )?;
    let versions: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    versions.into_iter().map(|version| kept_register(db, version)).collect()
}

fn kept_register(db: &Connection, version: i64) -> Result<Register, StoreFault> {
    let kept = kept_files(db, version)?;
    let files: Vec<_> = kept.iter().map(|file| RegisterFile { name: &file.name, text: &file.text }).collect();
    Register::parse_kept(&files).map_err(StoreFault::KeptRegister)
}

/// The hash of the register that decides.
pub(crate) fn running_hash(db: &Connection) -> Result<Option<[u8; 32]>, StoreFault> {
    let hash = db
        .prepare_cached(
            "-- running_hash
             SELECT hash FROM register_version ORDER BY version_no DESC LIMIT 1",
        )?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(hash)
}

fn kept_files(db: &Connection, version: i64) -> Result<Vec<KeptFile>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- register_files
         SELECT name, text FROM register_file WHERE version_no = ?1 ORDER BY file_no",
    )?;
    let file = |row: &crate::db::Row<'_>| Ok(KeptFile { name: row.get(0)?, text: row.get(1)? });
    Ok(statement.query_map([version], file)?.collect::<Result<_, _>>()?)
}

/// Keeps a register as the one that decides from now on.
pub(crate) fn keep(db: &Connection, register: &Register, now: Timestamp) -> Result<(), StoreFault> {
    let version = db.insert_numbered(
        "-- keep_register
         INSERT INTO register_version (hash, activated_ms) VALUES (?1, ?2)",
        "version_no",
        params![register.hash(), now.as_millisecond()],
    )?;
    let mut file_row = db.prepare_cached(
        "-- keep_register_file
         INSERT INTO register_file (version_no, file_no, name, text) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (number, file) in (1_i64..).zip(register.files()) {
        file_row.execute(params![version, number, file.name, file.text])?;
    }
    Ok(())
}

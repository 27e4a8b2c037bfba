//! SQLite: files, schema numbers, one writer thread, a pool of reader threads.
//!
//! Jobs come in as closures over an open connection, results go out through a channel. Write-ahead
//! logging with `synchronous = FULL`: when a job has committed, its data survive a power cut.

mod threads;

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{ErrorCode, OpenFlags};

use crate::StoreFault;
use crate::db::{Connection, DbFault};

pub use threads::Writes;
pub(crate) use threads::{Reading, Threads};

impl From<rusqlite::Error> for StoreFault {
    fn from(fault: rusqlite::Error) -> Self {
        DbFault::from(fault).into()
    }
}

/// Marks the data file as Tidstro's (`PRAGMA application_id`): "TDST".
const APPLICATION_ID: i64 = 0x5444_5354;
/// Schema steps of the data file, in order; step n makes schema number n + 1.
pub(crate) const DATA_SCHEMA: &[&str] = &[
    include_str!("0001_walk.sql"),
    include_str!("0002_log.sql"),
    include_str!("0003_keys.sql"),
    include_str!("0004_leases.sql"),
    include_str!("0005_cases.sql"),
    include_str!("0006_register.sql"),
    include_str!("0007_retention.sql"),
    include_str!("0008_findings.sql"),
    include_str!("0009_files.sql"),
    include_str!("0010_former_keys.sql"),
    include_str!("0011_meter_keys.sql"),
    include_str!("0012_aside.sql"),
    include_str!("0013_counters.sql"),
    include_str!("0014_devices.sql"),
    include_str!("0015_alarms.sql"),
    include_str!("0016_collect.sql"),
    include_str!("0017_silent.sql"),
    include_str!("0018_cycle.sql"),
    include_str!("0019_master.sql"),
    include_str!("0020_expected.sql"),
    include_str!("0021_months.sql"),
    include_str!("0022_settlement.sql"),
    include_str!("0023_causes.sql"),
    include_str!("0024_settlement_runs.sql"),
    include_str!("0025_move.sql"),
    include_str!("0026_rules.sql"),
    include_str!("0027_charges.sql"),
    include_str!("0028_kept.sql"),
    include_str!("0029_left.sql"),
    include_str!("0030_profiles.sql"),
    include_str!("0031_net_settlement.sql"),
    include_str!("0032_run_states.sql"),
    include_str!("0033_chain_alarms.sql"),
    include_str!("0034_inputs.sql"),
    include_str!("0035_accounts.sql"),
    include_str!("0036_open_findings.sql"),
    include_str!("0037_api_answer.sql"),
    include_str!("0038_degree_days.sql"),
];
/// Schema steps of the key file.
pub(crate) const KEY_SCHEMA: &[&str] = &[
    include_str!("keys_0001.sql"),
    include_str!("keys_0002.sql"),
    include_str!("keys_0003.sql"),
    include_str!("keys_0004.sql"),
    include_str!("keys_0005.sql"),
    include_str!("keys_0006.sql"),
    include_str!("keys_0007.sql"),
];

const READ_WRITE_CREATE: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_CREATE);

/// Pages that a connection holds in memory, as SQLite counts: kibibytes below zero. Readers go through the data once, and keys
/// that were opened are held by themselves; the writer comes back to the same pages.
const CACHE: i32 = -16_384;
const WRITER_CACHE: i32 = -65_536;

/// The files of a store.
pub(crate) struct Files {
    data: PathBuf,
    keys: PathBuf,
}

impl Files {
    pub(crate) fn below(folder: &Path) -> Self {
        Self { data: folder.join("tidstro.sqlite"), keys: folder.join("keys.sqlite") }
    }

    /// Whether there is a data file.
    pub(crate) fn has_data(&self) -> bool {
        self.data.exists()
    }

    /// Opens the data file for writing and brings it to the newest schema.
    pub(crate) fn open_data(&self) -> Result<Connection, StoreFault> {
        let data = open(&self.data, READ_WRITE_CREATE, Some(DATA_SCHEMA))?;
        data.pragma_update(None, "cache_size", WRITER_CACHE)?;
        Ok(data.into())
    }

    /// Opens the key file for writing and brings it to the newest schema.
    pub(crate) fn open_keys(&self) -> Result<Connection, StoreFault> {
        Ok(open(&self.keys, READ_WRITE_CREATE, Some(KEY_SCHEMA))?.into())
    }

    /// Refuses a folder that has lost one of its files: values whose keys are gone would look missing.
    /// Call before opening.
    pub(crate) fn data_is_not_lost(&self) -> Result<(), StoreFault> {
        if self.keys.exists() && !self.data.exists() {
            return Err(StoreFault::HalfThere { missing: self.data.clone(), there: self.keys.clone() });
        }
        Ok(())
    }

    /// That the key file is missing or empty.
    pub(crate) fn keys_missing(&self) -> StoreFault {
        StoreFault::HalfThere { missing: self.keys.clone(), there: self.data.clone() }
    }

    /// Opens both for reading.
    pub(crate) fn open_for_reading(&self) -> Result<(Connection, Connection), StoreFault> {
        let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY;
        Ok((open(&self.data, read_only, None)?.into(), open(&self.keys, read_only, None)?.into()))
    }
}

/// A schema in memory, to look at.
pub(crate) fn in_memory(steps: &[&str]) -> Result<Connection, StoreFault> {
    let db = rusqlite::Connection::open_in_memory()?;
    for step in steps {
        db.execute_batch(step)?;
    }
    Ok(db.into())
}

fn open(path: &Path, flags: OpenFlags, schema: Option<&[&str]>) -> Result<rusqlite::Connection, StoreFault> {
    let not_a_database = |source| not_opened(path, source);
    let mut db = rusqlite::Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(not_a_database)?;
    db.busy_timeout(std::time::Duration::from_secs(30)).map_err(not_a_database)?;
    db.set_prepared_statement_cache_capacity(64);
    // Otherwise a statement with a range is prepared anew for every value bound to it: 20 times the cost.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(not_a_database)?;
    if let Some(steps) = schema {
        // Fails with SQLITE_NOTADB on a file that is something else.
        db.pragma_update(None, "journal_mode", "WAL").map_err(not_a_database)?;
        db.pragma_update(None, "synchronous", "FULL")?;
        // What is deleted or replaced is overwritten, not only marked as free.
        db.pragma_update(None, "secure_delete", true)?;
        // A step may put a table in the place of one that others refer to; the references are checked after it.
        db.pragma_update(None, "foreign_keys", false)?;
        migrate(&mut db, path, steps)?;
        db.pragma_update(None, "foreign_keys", true)?;
    }
    db.pragma_update(None, "cache_size", CACHE)?;
    Ok(db)
}

/// Only what is no database is to be restored; a full disk, or another program at work, passes.
fn not_opened(path: &Path, source: rusqlite::Error) -> StoreFault {
    let (path, code) = (path.to_owned(), source.sqlite_error_code());
    let source = DbFault::from(source);
    match code {
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::DatabaseBusy) => {
            StoreFault::NotNow { path, source }
        }
        _ => StoreFault::NotADatabase { path, source },
    }
}

/// Runs the schema steps that are missing, each in a transaction of its own.
fn migrate(db: &mut rusqlite::Connection, path: &Path, steps: &[&str]) -> Result<(), StoreFault> {
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let found: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(StoreFault::NewerSchema { path: path.to_owned(), found, known });
    }
    for (number, step) in (1_i64..).zip(steps) {
        if number > found {
            let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            // Another process may have done this step while we waited for the lock.
            let now_at: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if now_at < number {
                transaction.execute_batch(step)?;
                references_hold(&transaction)?;
                transaction.pragma_update(None, "user_version", number)?;
                transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            }
            transaction.commit()?;
        }
    }
    Ok(())
}

/// Proves that every row another refers to is there.
fn references_hold(db: &rusqlite::Connection) -> Result<(), StoreFault> {
    let dangles: bool =
        db.query_row("-- dangling\nSELECT EXISTS (SELECT 1 FROM pragma_foreign_key_check)", [], |row| {
            row.get(0)
        })?;
    if dangles { Err(StoreFault::Row { what: "reference to another row" }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_schema_is_refused_by_number() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::below(folder.path());
        files.open_data().unwrap().sqlite().pragma_update(None, "user_version", 99).unwrap();
        let fault = files.open_data().unwrap_err();
        assert!(matches!(fault, StoreFault::NewerSchema { found: 99, known, .. } if known < 99), "{fault}");
    }

    #[test]
    fn an_occupancy_of_schema_1_keeps_its_key_for_everything() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::below(folder.path());
        let old = open(&files.data, READ_WRITE_CREATE, Some(&DATA_SCHEMA[..1])).unwrap();
        old.execute_batch(
            "INSERT INTO subject VALUES (1, 'tenant', 3, x'', x'');
             INSERT INTO occupancy (occupancy_no, subject_no, start_day, end_day, key_no) VALUES (1, 1, 0, 9, 4);
             INSERT INTO series_state VALUES (1, 4, 0, 8, x'');",
        )
        .unwrap();
        drop(old);
        let new = files.open_data().unwrap();
        let sql = "SELECT consumption_key_no, climate_key_no, telegram_key_no, s.sealed_day
                   FROM occupancy JOIN series_state s ON s.key_no = consumption_key_no";
        let row = |row: &crate::db::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        assert_eq!(new.query_row(sql, [], row).unwrap(), (4, 4, 4, 0));
    }

    #[test]
    fn devices_of_schema_13_keep_their_numbers_and_what_refers_to_them() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::below(folder.path());
        let old = open(&files.data, READ_WRITE_CREATE, Some(&DATA_SCHEMA[..13])).unwrap();
        old.execute_batch(
            "INSERT INTO device VALUES (7, 1, 2, 3, 4);
             INSERT INTO device_counters VALUES (7, x'00');
             INSERT INTO meter_key VALUES (5, 1, 2, -1, -1, 0, 1, 0, 9, x'0000000000000000', 0, x'');",
        )
        .unwrap();
        drop(old);
        let new = files.open_data().unwrap();
        let sql = "SELECT d.device_no, k.meter_key_no FROM device d JOIN device_counters USING (device_no)
                   JOIN meter_key k ON k.number = d.number";
        let row = |row: &crate::db::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        assert_eq!(new.query_row(sql, [], row).unwrap(), (7, 5));
        // References are held again.
        assert!(new.execute("INSERT INTO device_counters VALUES (8, x'00')", []).is_err());
        assert!(
            new.execute(
                "INSERT INTO device (device_no, title, name) VALUES (9, x'0000000000000000', 'a')",
                []
            )
            .is_err()
        );
    }

    #[test]
    fn points_of_schema_18_are_known_from_their_first_supply_on() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::below(folder.path());
        let old = open(&files.data, READ_WRITE_CREATE, Some(&DATA_SCHEMA[..18])).unwrap();
        old.execute_batch(
            "INSERT INTO area VALUES (1, '543', 'grid-area');
             INSERT INTO point (point_no, area_no, own_id, commodity, premises_key_no)
             VALUES (1, 1, '571313154310000006', 'electricity-consumption', 9), (2, 1, 'busbar', 'electricity-consumption', 9);
             INSERT INTO series (point_no, kind, quantity, unit, resolution)
             VALUES (1, 'interval', 'energy', 'Wh', 'PT1H'), (2, 'interval', 'energy', 'Wh', 'PT1H');
             INSERT INTO supply VALUES (1, 100, 200, '5790000990017'), (1, 200, 2932896, '5790000990024');
             INSERT INTO device (device_no, title) VALUES (1, x'0000000000000001');
             INSERT INTO installation VALUES (1, 90, 2932896, 1);",
        )
        .unwrap();
        drop(old);
        let new = files.open_data().unwrap();
        let sql = "SELECT p.start_day, p.kind, p.resolution, (SELECT count(*) FROM supply WHERE retired_seq IS NULL),
                          (SELECT digits FROM installation WHERE device_no = 1 AND point_no = 1)
                   FROM point_period p";
        let row =
            |row: &crate::db::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
        let found: (i32, String, String, i32, Option<i32>) = new.query_row(sql, [], row).unwrap();
        assert_eq!(found, (100, "E17".to_owned(), "PT1H".to_owned(), 2, None));
    }

    #[test]
    fn days_left_out_of_schema_28_become_runs() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::below(folder.path());
        let old = open(&files.data, READ_WRITE_CREATE, Some(&DATA_SCHEMA[..28])).unwrap();
        old.execute_batch(
            "INSERT INTO settlement_left (period, series_no, reason)
             VALUES (10, 1, 'no-supply'), (11, 1, 'no-supply'), (12, 1, 'slots'), (13, 1, 'no-supply'),
                    (15, 1, 'no-supply'), (11, 2, 'no-supply');",
        )
        .unwrap();
        drop(old);
        let new = files.open_data().unwrap();
        let sql = "SELECT group_concat(r.run, ' ') FROM (
                       SELECT l.series_no || ':' || l.start_day || '-' || l.end_day || ' ' || l.reason AS run
                       FROM settlement_left l ORDER BY l.series_no, l.start_day) r";
        let runs: String = new.query_row(sql, [], |row| row.get(0)).unwrap();
        let expected =
            "1:10-12 no-supply 1:12-13 slots 1:13-14 no-supply 1:15-16 no-supply 2:11-12 no-supply";
        assert_eq!(runs, expected);
    }

    #[test]
    fn alarms_of_schema_32_stay_and_a_series_may_have_one_too() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::below(folder.path());
        let old = open(&files.data, READ_WRITE_CREATE, Some(&DATA_SCHEMA[..32])).unwrap();
        old.execute_batch(
            "INSERT INTO area VALUES (1, 'Kornmarken 12', 'building');
             INSERT INTO point (point_no, area_no, own_id, commodity, premises_key_no) VALUES (3, 1, 'tap', 'cold-water', 9);
             INSERT INTO device (device_no, title) VALUES (7, x'0000000000000001');
             INSERT INTO alarm (alarm_no, point_no, device_no, day, key_no, sealed)
             VALUES (5, 3, 7, 20500, 9, x'01'), (6, 3, 7, 20501, 9, x'02');",
        )
        .unwrap();
        drop(old);
        let new = files.open_data().unwrap();
        let sql = "SELECT group_concat(concat_ws(' ', a.alarm_no, a.point_no, a.device_no, a.day, a.key_no, hex(a.sealed), a.series_no), ', ')
                   FROM (SELECT e.* FROM alarm e ORDER BY e.alarm_no) a";
        let alarms: String = new.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(alarms, "5 3 7 20500 9 01 0, 6 3 7 20501 9 02 0");
        let insert = |device: i64, series: i64| {
            let sql = "INSERT INTO alarm (point_no, device_no, day, key_no, sealed, series_no) VALUES (3, ?1, 20502, 9, x'03', ?2)";
            new.execute(sql, [device, series])
        };
        assert!(insert(0, 1).is_ok());
        assert!(insert(7, 1).is_err() && insert(0, 0).is_err(), "of one of the two");
    }

    #[test]
    fn a_file_that_is_no_database_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tidstro.sqlite"), b"not a database, but long enough to look at")
            .unwrap();
        let fault = Files::below(folder.path()).open_data().unwrap_err();
        assert!(matches!(fault, StoreFault::NotADatabase { .. }), "{fault}");
    }
}

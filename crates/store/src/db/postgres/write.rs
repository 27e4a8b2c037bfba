//! The writer's transactions on PostgreSQL: one at a time, and never in doubt about what was kept.
//!
//! A writer waits for a lock that belongs to the transaction, as SQLite's `BEGIN IMMEDIATE` does. What fails before
//! anything was done is tried again with growing pauses. Later nothing is tried again: the server has rolled back, and the
//! fault says so. If the answer to a commit is lost, the server is asked what became of that transaction.

use std::time::Duration;

use tokio_postgres::SimpleQueryMessage;

use super::Link;
use crate::db::DbFault;

/// Key of the writers' lock: "TDST".
const WRITER_LOCK: i64 = 0x5444_5354;
/// Pauses before a transaction is begun again, and before the server is asked again: 12.7 seconds together, enough for a
/// server that starts anew or hands over.
const PAUSES_MS: [u64; 8] = [50, 100, 200, 400, 800, 1_600, 3_200, 6_400];

/// What is known of other writers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks {
    /// The mark after which nobody else has written, as far as known.
    last: i64,
    /// Goes up when somebody else has written.
    version: i64,
}

impl Marks {
    /// `mark` is the newest one; if we made it ourselves, it is `own`.
    const fn seen(self, mark: i64, own: i64) -> Self {
        let is_ours = mark == self.last + own;
        Self { last: mark, version: if is_ours { self.version } else { self.version + 1 } }
    }
}

impl Link {
    /// Begins a transaction; again on a new connection if the old one is lost.
    pub(in crate::db) fn begin(&self, begin: &str) -> Result<(), DbFault> {
        self.begun(begin).map(|_| ())
    }

    /// Begins the writer's transaction.
    pub(in crate::db) fn begin_write(&self) -> Result<i64, DbFault> {
        let rows = self.begun(&format!(
            "BEGIN; SELECT pg_advisory_xact_lock({WRITER_LOCK}); \
             SELECT nextval('write_mark') AS mark, pg_current_xact_id() AS id"
        ))?;
        let (mark, id) = mark_and_id(&rows).ok_or(DbFault::NoRow)?;
        self.marks.set(self.marks.get().seen(mark, 1));
        *self.transaction_id.borrow_mut() = Some(id);
        Ok(self.marks.get().version)
    }

    fn begun(&self, begin: &str) -> Result<Vec<SimpleQueryMessage>, DbFault> {
        let mut pauses = PAUSES_MS.into_iter();
        loop {
            match self.simple(begin) {
                Ok(rows) => {
                    self.in_transaction.set(true);
                    return Ok(rows);
                }
                Err(fault) => {
                    let pause = pauses.next().filter(|_| fault.is_lost() || fault.is_passing());
                    let Some(pause) = pause else { return Err(self.not_begun(fault)) };
                    self.not_begun(DbFault::NoRow);
                    self.wait(Duration::from_millis(pause));
                }
            }
        }
    }

    /// A batch that failed half way leaves a transaction that does nothing more; it goes with its connection.
    fn not_begun(&self, fault: DbFault) -> DbFault {
        self.disconnect();
        fault
    }

    /// Keeps what was written.
    pub(in crate::db) fn commit(&self) -> Result<(), DbFault> {
        let id = self.transaction_id.borrow_mut().take();
        // A commit after a statement that failed would be answered like one that kept everything; the first of these two
        // fails then.
        let done = self.simple("SELECT 1; COMMIT");
        self.in_transaction.set(false);
        match (done, id) {
            (Ok(_), _) => Ok(()),
            (Err(fault), Some(id)) if fault.is_lost() => {
                self.disconnect();
                self.became(&id, fault)
            }
            (Err(fault), _) => Err(fault),
        }
    }

    /// Lets go of what was written.
    pub(in crate::db) fn roll_back(&self) {
        self.transaction_id.borrow_mut().take();
        let done = self.simple("ROLLBACK");
        self.in_transaction.set(false);
        if done.is_err() {
            // The server rolls back what has no connection any more.
            self.disconnect();
        }
    }

    /// What became of a transaction whose commit was not answered.
    fn became(&self, id: &str, fault: DbFault) -> Result<(), DbFault> {
        for pause in PAUSES_MS {
            self.wait(Duration::from_millis(pause));
            match self.status(id) {
                Ok(Some(status)) if status == "committed" => return Ok(()),
                Ok(Some(status)) if status == "aborted" => return Err(fault),
                // Still in progress, or the server is not back yet.
                Ok(_) | Err(_) => self.disconnect(),
            }
        }
        Err(DbFault::CommitUnknown { id: id.to_owned() })
    }

    fn status(&self, id: &str) -> Result<Option<String>, DbFault> {
        let params = [id];
        let rows = self.query("-- became\nSELECT pg_xact_status(CAST(?1 AS xid8))", &params)?;
        Ok(rows.first().and_then(|row| row.try_get(0).ok()))
    }

    /// See [`crate::db::Connection::data_version`].
    pub(in crate::db) fn data_version(&self) -> Result<i64, DbFault> {
        let mark = self.number("-- newest_mark\nSELECT last_value FROM write_mark")?;
        self.marks.set(self.marks.get().seen(mark, 0));
        Ok(self.marks.get().version)
    }

    /// See [`crate::db::Connection::mark_change`].
    pub(in crate::db) fn mark_change(&self) -> Result<(), DbFault> {
        let mark = self.number("-- mark_change\nSELECT nextval('write_mark')")?;
        self.marks.set(self.marks.get().seen(mark, 1));
        Ok(())
    }

    fn number(&self, sql: &str) -> Result<i64, DbFault> {
        let none: [&dyn crate::db::Bind; 0] = [];
        let rows = self.query(sql, &none)?;
        rows.first().ok_or(DbFault::NoRow)?.try_get(0).map_err(DbFault::from)
    }
}

fn mark_and_id(rows: &[SimpleQueryMessage]) -> Option<(i64, String)> {
    rows.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => {
            Some((row.try_get("mark").ok()??.parse().ok()?, row.try_get("id").ok()??.to_owned()))
        }
        _ => None,
    })
}

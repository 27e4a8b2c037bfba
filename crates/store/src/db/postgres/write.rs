//! The writer's transactions on PostgreSQL: one at a time, and never in doubt about what was kept.
//!
//! A writer waits for a lock that belongs to the transaction, as SQLite's `BEGIN IMMEDIATE` does. What fails before
//! anything was done is tried again with growing pauses. Later nothing is tried again here: the server has rolled back, and
//! the fault says so. Each commit leaves its mark in the writer's own row. If the answer to a commit is lost, the mark tells
//! what became of it. The server's own memory of transactions cannot: after a crash it gives the number of a lost one to
//! another.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use tokio_postgres::SimpleQueryMessage;

use super::Link;
use crate::db::DbFault;

/// Key of the writers' lock: "TDST".
const WRITER_LOCK: i64 = 0x5444_5354;
/// Pauses before a transaction is begun again, and before the server is asked again: 12.7 seconds together, enough for a
/// server that starts anew or hands over.
const PAUSES_MS: [u64; 8] = [50, 100, 200, 400, 800, 1_600, 3_200, 6_400];
/// Pauses before the work of a whole transaction is done again, because another session or a server that went away was in
/// the way of it.
const AGAIN_MS: [u64; 4] = [50, 200, 800, 3_200];

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

    /// After a server went away: it may have lost marks, and give them to others.
    pub(super) const fn unknown(self) -> Self {
        Self { last: i64::MIN, version: self.version + 1 }
    }
}

/// The row in which a writer's commits leave their mark.
#[derive(Debug, Default)]
pub(super) struct Writer {
    /// Its epoch, in hexadecimal digits; `None` for what writes without a row.
    epoch: RefCell<Option<String>>,
    /// The mark of the transaction that is open.
    open: Cell<Option<i64>>,
}

impl Link {
    /// Begins a transaction; again on a new connection if the old one is lost.
    pub(in crate::db) fn begin(&self, begin: &str) -> Result<(), DbFault> {
        self.begun(begin).map(|_| ())
    }

    /// Begins the writer's transaction.
    pub(in crate::db) fn begin_write(&self) -> Result<i64, DbFault> {
        let rows = self.begun(&format!(
            "BEGIN; SELECT pg_advisory_xact_lock({WRITER_LOCK}); SELECT nextval('write_mark') AS mark"
        ))?;
        let mark = mark_of(&rows).ok_or(DbFault::NoRow)?;
        self.marks.set(self.marks.get().seen(mark, 1));
        self.writer.open.set(Some(mark));
        Ok(self.marks.get().version)
    }

    /// Names the row of `write_epoch` in which this writer's commits leave their mark from now on.
    pub(in crate::db) fn writes_as(&self, epoch: [u8; 6]) {
        let digits = epoch.iter().map(|byte| format!("{byte:02x}")).collect();
        *self.writer.epoch.borrow_mut() = Some(digits);
    }

    /// How long to wait before the work of a transaction is done again, after so many times.
    pub(in crate::db) fn pause_before_again(times: usize) -> Option<Duration> {
        AGAIN_MS.get(times).map(|pause| Duration::from_millis(*pause))
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
        let mark = self.writer.open.take();
        // A commit after a statement that failed would be answered like one that kept everything; the first of these two
        // fails then.
        let done = self.simple(&format!("{}; COMMIT", self.leave(mark)));
        self.in_transaction.set(false);
        let Err(fault) = done else { return Ok(()) };
        // What is left of the transaction goes with its connection.
        self.disconnect();
        if fault.is_lost() { self.became(mark, fault) } else { Err(fault) }
    }

    /// The statement that leaves a mark, as the last of its transaction.
    fn leave(&self, mark: Option<i64>) -> String {
        match (&*self.writer.epoch.borrow(), mark) {
            (Some(epoch), Some(mark)) => {
                format!("UPDATE write_epoch SET last_mark = {mark} WHERE epoch = '\\x{epoch}'")
            }
            _ => "SELECT 1".to_owned(),
        }
    }

    /// Lets go of what was written.
    pub(in crate::db) fn roll_back(&self) {
        self.writer.open.set(None);
        let done = self.simple("ROLLBACK");
        self.in_transaction.set(false);
        if done.is_err() {
            // The server rolls back what has no connection any more.
            self.disconnect();
        }
    }

    /// What became of a transaction whose commit was not answered.
    fn became(&self, mark: Option<i64>, fault: DbFault) -> Result<(), DbFault> {
        let epoch = self.writer.epoch.borrow().clone();
        let (Some(mark), Some(epoch)) = (mark, epoch) else { return Err(DbFault::CommitUnknown) };
        for pause in PAUSES_MS {
            self.wait(Duration::from_millis(pause));
            match self.last_mark(&epoch) {
                Ok(last) if last == Some(mark) => return Ok(()),
                Ok(_) => return Err(fault),
                // The server is not back yet.
                Err(_) => self.disconnect(),
            }
        }
        Err(DbFault::CommitUnknown)
    }

    /// The last mark that was kept. The writers' lock comes first: the transaction in question has ended then, either way.
    fn last_mark(&self, epoch: &str) -> Result<Option<i64>, DbFault> {
        let rows = self.simple(&format!(
            "BEGIN; SELECT pg_advisory_xact_lock({WRITER_LOCK}); \
             SELECT last_mark AS mark FROM write_epoch WHERE epoch = '\\x{epoch}'; COMMIT"
        ))?;
        Ok(mark_of(&rows))
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
        let row = self.query(sql, &none)?.next()?;
        row.ok_or(DbFault::NoRow)?.try_get(0).map_err(DbFault::from)
    }
}

/// The number in the column `mark`.
fn mark_of(rows: &[SimpleQueryMessage]) -> Option<i64> {
    rows.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.try_get("mark").ok()??.parse().ok(),
        _ => None,
    })
}

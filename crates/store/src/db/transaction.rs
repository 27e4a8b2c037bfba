//! Transactions: small ones on any connection, and the one in which the writer works.

use std::ops::Deref;
use std::time::Duration;

use super::{Connection, DbFault, Link};

/// Statements that are kept together or not at all. Dropped without [`Transaction::commit`], they are not kept.
pub(crate) struct Transaction<'c> {
    db: &'c Connection,
    is_open: bool,
}

impl Transaction<'_> {
    /// Keeps what was written; durable when this returns.
    pub(crate) fn commit(mut self) -> Result<(), DbFault> {
        self.db.commit_write()?;
        self.is_open = false;
        Ok(())
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.db
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.db.roll_back();
        }
    }
}

impl Connection {
    /// Begins a transaction that writes.
    pub(crate) fn transaction(&self) -> Result<Transaction<'_>, DbFault> {
        match self {
            // One that first reads would be refused at its first row, if another program has written meanwhile.
            Self::Sqlite(db) => db.execute_batch("BEGIN IMMEDIATE")?,
            Self::Postgres(link) => link.begin("BEGIN")?,
        }
        Ok(Transaction { db: self, is_open: true })
    }

    /// Begins a transaction that keeps every other writer away from these tables, which is all of them in SQLite. It lasts
    /// as long as the connection: if that is lost, each further statement fails.
    pub(crate) fn begin_alone(&self, tables: &[&str]) -> Result<(), DbFault> {
        match self {
            Self::Sqlite(db) => Ok(db.execute_batch("BEGIN IMMEDIATE")?),
            Self::Postgres(link) => {
                link.begin(&format!("BEGIN; LOCK TABLE {} IN EXCLUSIVE MODE", tables.join(", ")))
            }
        }
    }

    /// Begins a transaction that sees one state of the data, whatever others write meanwhile.
    pub(crate) fn snapshot(&self) -> Result<Transaction<'_>, DbFault> {
        match self {
            Self::Sqlite(db) => db.execute_batch("BEGIN")?,
            Self::Postgres(link) => link.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?,
        }
        Ok(Transaction { db: self, is_open: true })
    }

    /// Begins a writer's transaction: at most one runs in a database, the others wait for it. Returns the version of the
    /// data: another one than the last time if anybody else has begun to write since.
    pub(crate) fn begin_write(&self) -> Result<i64, DbFault> {
        match self {
            Self::Sqlite(db) => {
                db.execute_batch("BEGIN IMMEDIATE")?;
                self.data_version()
            }
            Self::Postgres(link) => link.begin_write(),
        }
    }

    /// Keeps what was written; durable when this returns.
    pub(crate) fn commit_write(&self) -> Result<(), DbFault> {
        match self {
            Self::Sqlite(db) => Ok(db.execute_batch("COMMIT")?),
            Self::Postgres(link) => link.commit(),
        }
    }

    /// Lets go of what was written. That this fails only means that there is nothing to undo.
    pub(crate) fn roll_back(&self) {
        match self {
            Self::Sqlite(db) => {
                let _ = db.execute_batch("ROLLBACK");
            }
            Self::Postgres(link) => link.roll_back(),
        }
    }

    /// The version of the data: another one than the last time if anybody else has changed something since. In
    /// PostgreSQL, something that was marked by [`Connection::mark_change`].
    pub(crate) fn data_version(&self) -> Result<i64, DbFault> {
        match self {
            Self::Sqlite(db) => Ok(db.pragma_query_value(None, "data_version", |row| row.get(0))?),
            Self::Postgres(link) => link.data_version(),
        }
    }

    /// How the rows written from now on are marked as kept, so that a commit without an answer can be looked up: by the
    /// row of `write_epoch` with this epoch. SQLite always answers.
    pub(crate) fn writes_as(&self, epoch: [u8; 6]) {
        if let Self::Postgres(link) = self {
            link.writes_as(epoch);
        }
    }

    /// Whether the work of a transaction that met this fault may be done again, for the so many-th time, and waits until
    /// then. A server answers again, or lets another session through; in SQLite nobody is in the way of a writer that has
    /// begun.
    pub(crate) fn is_worth_another_try(&self, fault: &DbFault, times: usize) -> bool {
        let Self::Postgres(link) = self else { return false };
        let pause = Link::pause_before_again(times).filter(|_| fault.is_passing() || fault.is_lost());
        pause.inspect(|pause: &Duration| link.wait(*pause)).is_some()
    }

    /// Tells other programs that what they have looked up is old. SQLite knows by itself.
    pub(crate) fn mark_change(&self) -> Result<(), DbFault> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(link) => link.mark_change(),
        }
    }
}

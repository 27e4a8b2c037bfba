//! Rows of numbers that hold from an instant on: prices of charges, shares of profiles.
//!
//! What comes in: the table by its statements, what a number is of, an instant and the number. What goes out: the row that holds
//! from then on, and the row it retires. Never: two rows that hold for the same instant.

use jiff::Timestamp;

use super::MasterChange;
use crate::StoreFault;
use crate::db::{Bind, Connection, OptionalExtension, Row, params};

/// A table of such rows. In its statements, `?1` is what a number is of and `?2` the instant in milliseconds.
pub(super) struct FromInstants {
    /// Selects the number known now.
    pub(super) known: &'static str,
    /// Retires its row by change `?3`.
    pub(super) retire: &'static str,
    /// Adds a row by change `?3` with number `?4`.
    pub(super) insert: &'static str,
    /// The column of instants, as a fault names it.
    pub(super) column: &'static str,
}

impl FromInstants {
    /// The number of something that begins at an instant.
    pub(super) fn known_at(
        &self,
        db: &Connection,
        of: &(impl Bind + ?Sized),
        at: Timestamp,
    ) -> Result<Option<i64>, StoreFault> {
        let mut statement = db.prepare_cached(self.known)?;
        let found = statement.query_row(params![of, at.as_millisecond()], |row| row.get(0));
        Ok(found.optional()?)
    }

    /// Puts a number in the place of the one known for the instant; without one, the known one is withdrawn. A number that is
    /// known already changes nothing.
    pub(super) fn state(
        &self,
        db: &Connection,
        change: &mut MasterChange,
        (of, at): (&(impl Bind + ?Sized), Timestamp),
        number: Option<i64>,
    ) -> Result<(), StoreFault> {
        let known = self.known_at(db, of, at)?;
        if known == number {
            return Ok(());
        }
        let seq = change.seq(db)?;
        if known.is_some() {
            let retired = db.prepare_cached(self.retire)?.execute(params![of, at.as_millisecond(), seq])?;
            change.done.retired += retired as u64;
        }
        if let Some(number) = number {
            db.prepare_cached(self.insert)?.execute(params![of, at.as_millisecond(), seq, number])?;
            change.done.added += 1;
        }
        Ok(())
    }

    /// The instant in a column.
    pub(super) fn instant(&self, row: &Row<'_>, column: usize) -> Result<Timestamp, StoreFault> {
        let at = Timestamp::from_millisecond(row.get(column)?);
        at.map_err(|_| StoreFault::Row { what: self.column })
    }
}

//! Rows of numbers that hold from an instant on: prices of charges, shares of profiles.
//!
//! What comes in: the table by its statements, what a number is of, an instant and the number. What goes out: the row that holds
//! from then on, and the row it retires. Never: two rows that hold for the same instant.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::MasterChange;
use crate::StoreFault;
use crate::db::{Bound, Connection, Row, Things};

/// A table of such rows.
pub(super) struct FromInstants {
    /// Selects instants and the numbers known now: of instant `?1` in milliseconds, of thing `?2`.
    pub(super) known: &'static str,
    /// Retires the row of thing `?1` and instant `?2` by change `?3`.
    pub(super) retire: &'static str,
    /// The table, with its columns: thing, instant, change, number.
    pub(super) table: &'static str,
    /// The column of instants, as a fault names it.
    pub(super) column: &'static str,
}

impl FromInstants {
    /// The numbers of something that begin at these instants. An instant without one is left out.
    pub(super) fn known_at(
        &self,
        db: &Connection,
        of: Bound<'_>,
        instants: &[Timestamp],
    ) -> Result<BTreeMap<Timestamp, i64>, StoreFault> {
        let instants: Vec<i64> = instants.iter().map(|at| at.as_millisecond()).collect();
        let found = db.query_each(self.known, Things::Numbers(&instants), &[&of], |row| {
            Ok::<_, StoreFault>((self.instant(row, 0)?, row.get(1)?))
        })?;
        Ok(found.into_iter().collect())
    }

    /// Puts numbers in the place of those known for their instants; without one, the known one is withdrawn. A number that is
    /// known already changes nothing.
    pub(super) fn state(
        &self,
        db: &Connection,
        change: &mut MasterChange,
        of: Bound<'_>,
        stated: &BTreeMap<Timestamp, Option<i64>>,
    ) -> Result<(), StoreFault> {
        let known = self.known_at(db, of, &stated.keys().copied().collect::<Vec<_>>())?;
        let others: Vec<_> =
            stated.iter().filter(|(at, number)| known.get(at).copied() != **number).collect();
        if others.is_empty() {
            return Ok(());
        }
        let seq = change.seq(db)?;
        let row = |at: &Timestamp| [of, at.as_millisecond().into(), seq.into()];
        let gone: Vec<_> =
            others.iter().filter(|(at, _)| known.contains_key(at)).map(|(at, _)| row(at)).collect();
        change.done.retired += db.execute_each(self.retire, &gone)? as u64;
        let new: Vec<_> = others
            .iter()
            .filter_map(|(at, number)| {
                number.map(|number| [of, at.as_millisecond().into(), seq.into(), number.into()])
            })
            .collect();
        change.done.added += new.len() as u64;
        Ok(db.insert_all(self.table, new)?)
    }

    /// The instant in a column.
    pub(super) fn instant(&self, row: &Row<'_>, column: usize) -> Result<Timestamp, StoreFault> {
        let at = Timestamp::from_millisecond(row.get(column)?);
        at.map_err(|_| StoreFault::Row { what: self.column })
    }
}

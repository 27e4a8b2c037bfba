//! Rows of an answer, one after the other.

use rusqlite::types::ValueRef;

use super::column::{FromColumn, Seen, read};
use super::{DbFault, postgres};

/// One row of an answer.
pub(crate) enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(tokio_postgres::Row),
}

/// What names a column: its position, counted from 0.
pub(crate) trait Position {
    /// The position.
    fn position(self) -> usize;
}

impl Position for usize {
    fn position(self) -> usize {
        self
    }
}

impl Row<'_> {
    /// The value of a column, checked.
    ///
    /// # Errors
    /// [`DbFault::Column`] if it is not of that kind, or too large for it.
    pub(crate) fn get<I: Position, T: FromColumn>(&self, column: I) -> Result<T, DbFault> {
        let column = column.position();
        read(self.get_ref(column)?, column)
    }

    /// The value of a column, where it lies.
    ///
    /// # Errors
    /// [`DbFault`] if there is no such column.
    pub(crate) fn get_ref(&self, column: usize) -> Result<Seen<'_>, DbFault> {
        match self {
            Self::Sqlite(row) => sqlite_value(row.get_ref(column)?, column),
            Self::Postgres(row) => postgres::value(row, column),
        }
    }
}

fn sqlite_value(value: ValueRef<'_>, column: usize) -> Result<Seen<'_>, DbFault> {
    Ok(match value {
        ValueRef::Null => Seen::Null,
        ValueRef::Integer(number) => Seen::Int(number),
        ValueRef::Text(text) => {
            Seen::Text(std::str::from_utf8(text).map_err(|_| DbFault::Column { column })?)
        }
        ValueRef::Blob(bytes) => Seen::Blob(bytes),
        ValueRef::Real(_) => Seen::Other,
    })
}

/// The rows of an answer.
pub(crate) enum Rows<'s> {
    Sqlite(rusqlite::Rows<'s>),
    Postgres(postgres::Answer<'s>),
}

impl Rows<'_> {
    /// The next row; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<Row<'_>>, DbFault> {
        match self {
            Self::Sqlite(rows) => Ok(rows.next()?.map(Row::Sqlite)),
            Self::Postgres(rows) => Ok(rows.next()?.map(Row::Postgres)),
        }
    }
}

/// The rows of an answer, each made into something.
pub(crate) struct MappedRows<'s, F> {
    pub(super) rows: Rows<'s>,
    pub(super) map: F,
}

impl<T, E: From<DbFault>, F: FnMut(&Row<'_>) -> Result<T, E>> Iterator for MappedRows<'_, F> {
    type Item = Result<T, E>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.rows.next() {
            Ok(row) => row.map(|row| (self.map)(&row)),
            Err(fault) => Some(Err(fault.into())),
        }
    }
}

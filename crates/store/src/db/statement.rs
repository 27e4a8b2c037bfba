//! A prepared statement.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::DbFault;
use super::bind::{Bound, Params};
use super::postgres::Link;
use super::row::{MappedRows, Row, Rows};

/// A statement of one of the databases.
pub(crate) enum Statement<'c> {
    Sqlite(rusqlite::CachedStatement<'c>),
    Postgres { link: &'c Link, sql: String },
}

/// The statements of both databases are kept between uses, so there is one kind.
pub(crate) type CachedStatement<'c> = Statement<'c>;

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
            Self::Ints(_) | Self::Blobs(_) | Self::Texts(_) => {
                return Err(rusqlite::Error::ToSqlConversionFailure("SQLite has no lists".into()));
            }
        }))
    }
}

impl Statement<'_> {
    /// Runs it; returns how many rows it changed.
    #[expect(clippy::needless_pass_by_value, reason = "values are given as they stand, without a `&`")]
    pub(crate) fn execute(&mut self, params: impl Params) -> Result<usize, DbFault> {
        match self {
            Self::Sqlite(statement) => {
                bind(statement, &params)?;
                Ok(statement.raw_execute()?)
            }
            Self::Postgres { link, sql } => link.execute(sql, &params),
        }
    }

    /// Runs it; the rows come one after the other.
    #[expect(clippy::needless_pass_by_value, reason = "values are given as they stand, without a `&`")]
    pub(crate) fn query(&mut self, params: impl Params) -> Result<Rows<'_>, DbFault> {
        match self {
            Self::Sqlite(statement) => {
                bind(statement, &params)?;
                Ok(Rows::Sqlite(statement.raw_query()))
            }
            Self::Postgres { link, sql } => Ok(Rows::Postgres(link.query(sql, &params)?)),
        }
    }

    /// The first row, made into something.
    ///
    /// # Errors
    /// [`DbFault::NoRow`] if there is none.
    pub(crate) fn query_row<T>(
        &mut self,
        params: impl Params,
        map: impl FnOnce(&Row<'_>) -> Result<T, DbFault>,
    ) -> Result<T, DbFault> {
        let mut rows = self.query(params)?;
        let row = rows.next()?.ok_or(DbFault::NoRow)?;
        map(&row)
    }

    /// Every row, made into something.
    pub(crate) fn query_map<T, F>(
        &mut self,
        params: impl Params,
        map: F,
    ) -> Result<MappedRows<'_, F>, DbFault>
    where
        F: FnMut(&Row<'_>) -> Result<T, DbFault>,
    {
        self.query_and_then(params, map)
    }

    /// Every row, made into something, with faults of its own.
    pub(crate) fn query_and_then<T, E, F>(
        &mut self,
        params: impl Params,
        map: F,
    ) -> Result<MappedRows<'_, F>, DbFault>
    where
        E: From<DbFault>,
        F: FnMut(&Row<'_>) -> Result<T, E>,
    {
        Ok(MappedRows { rows: self.query(params)?, map })
    }
}

/// Binds values, all or none of them.
fn bind(statement: &mut rusqlite::Statement<'_>, params: &impl Params) -> Result<(), DbFault> {
    let mut got = 0;
    params.each(&mut |value| {
        got += 1;
        Ok(statement.raw_bind_parameter(got, value)?)
    })?;
    let expected = statement.parameter_count();
    if got == expected { Ok(()) } else { Err(DbFault::Parameters { expected, got }) }
}

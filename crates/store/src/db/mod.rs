//! The two databases behind one connection: SQLite in the program, PostgreSQL behind a socket.
//!
//! Statements and values come in, rows go out, the same from both. A statement is one text that both read, with numbered
//! parameters `?1`; where they cannot agree, [`Sql`] holds a text for each. This is the one place that names a database
//! driver. It must never send a statement of a transaction that is lost on a new connection.

mod bind;
mod column;
mod fault;
mod many;
mod postgres;
mod row;
mod sql;
mod statement;
mod transaction;

pub use fault::DbFault;

pub(crate) use bind::{Bind, Bound, Params, params, params_from_iter};
pub(crate) use column::Seen;
pub(crate) use fault::OptionalExtension;
pub(crate) use many::{Numbered, Things};
pub(crate) use postgres::{Link, Server};
pub(crate) use row::Row;
pub(crate) use sql::Sql;
pub(crate) use statement::{CachedStatement, Statement};

/// An open connection to one of the databases. It belongs to one thread at a time.
pub(crate) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(Link),
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self, Self::Sqlite(_)) { "SQLite" } else { "PostgreSQL" })
    }
}

impl From<rusqlite::Connection> for Connection {
    fn from(connection: rusqlite::Connection) -> Self {
        Self::Sqlite(connection)
    }
}

impl Connection {
    /// A statement, kept prepared between uses.
    pub(crate) fn prepare_cached<'s>(&self, sql: impl Into<Sql<'s>>) -> Result<CachedStatement<'_>, DbFault> {
        let sql = sql.into();
        Ok(match self {
            Self::Sqlite(db) => Statement::Sqlite(db.prepare_cached(sql.sqlite)?),
            Self::Postgres(link) => Statement::Postgres { link, sql: sql.postgres.to_owned() },
        })
    }

    /// A statement. The same as [`Connection::prepare_cached`].
    pub(crate) fn prepare<'s>(&self, sql: impl Into<Sql<'s>>) -> Result<Statement<'_>, DbFault> {
        self.prepare_cached(sql)
    }

    /// Runs a statement; returns how many rows it changed.
    pub(crate) fn execute<'s>(&self, sql: impl Into<Sql<'s>>, params: impl Params) -> Result<usize, DbFault> {
        self.prepare_cached(sql)?.execute(params)
    }

    /// The first row of an answer, made into something.
    ///
    /// # Errors
    /// [`DbFault::NoRow`] if there is none.
    pub(crate) fn query_row<'s, T>(
        &self,
        sql: impl Into<Sql<'s>>,
        params: impl Params,
        map: impl FnOnce(&Row<'_>) -> Result<T, DbFault>,
    ) -> Result<T, DbFault> {
        self.prepare_cached(sql)?.query_row(params, map)
    }

    /// Runs statements without values, one after the other.
    pub(crate) fn execute_batch<'s>(&self, sql: impl Into<Sql<'s>>) -> Result<(), DbFault> {
        let sql = sql.into();
        match self {
            Self::Sqlite(db) => Ok(db.execute_batch(sql.sqlite)?),
            Self::Postgres(link) => link.execute_batch(sql.postgres),
        }
    }

    /// Adds a row to a table that gives numbers, and returns the number it got. `number` names its column.
    pub(crate) fn insert_numbered(
        &self,
        sql: &str,
        number: &str,
        params: impl Params,
    ) -> Result<i64, DbFault> {
        match self {
            // Without RETURNING, which would keep each row in a table of its own first.
            Self::Sqlite(db) => {
                self.execute(sql, params)?;
                Ok(db.last_insert_rowid())
            }
            Self::Postgres(_) => {
                self.query_row(&format!("{sql} RETURNING {number}"), params, |row| row.get(0))
            }
        }
    }

    /// PostgreSQL, if that is what this speaks to.
    pub(crate) const fn postgres(&self) -> Option<&Link> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(link) => Some(link),
        }
    }

    /// A file of SQLite as it is, for tests of older schemas.
    #[cfg(test)]
    pub(crate) fn open(path: std::path::PathBuf) -> Result<Self, DbFault> {
        Ok(rusqlite::Connection::open(path)?.into())
    }

    /// SQLite, for tests of its files.
    #[cfg(test)]
    pub(crate) fn sqlite(&self) -> &rusqlite::Connection {
        match self {
            Self::Sqlite(db) => db,
            Self::Postgres(_) => panic!("not SQLite"),
        }
    }
}

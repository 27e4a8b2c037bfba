//! What a database can answer instead of doing its work.

/// Why a database did not do what a statement says.
#[derive(Debug, thiserror::Error)]
pub enum DbFault {
    /// SQLite refused.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refused, or did not answer.
    #[error("{}{}", named(statement), said(source))]
    Postgres {
        /// The name of the statement; empty for what is none.
        statement: String,
        /// What the server or the socket said.
        source: Box<tokio_postgres::Error>,
    },
    /// PostgreSQL cannot be reached, or does not let us in.
    #[error("`{place}`: {}", said(source))]
    Unreachable {
        /// The server and database, without a password.
        place: String,
        /// What the server or the socket said.
        source: Box<tokio_postgres::Error>,
    },
    /// PostgreSQL cannot be connected to as the place says.
    #[error("{0}")]
    Connection(String),
    /// The server did not answer a commit, and did not come back to say what became of it.
    #[error("the server did not say whether it kept the last step")]
    CommitUnknown,
    /// A statement that gives one row gave none.
    #[error("the statement gave no row")]
    NoRow,
    /// A column does not hold what this program reads there.
    #[error("column {column} of the answer is not of the kind expected")]
    Column {
        /// Its position, counted from 0.
        column: usize,
    },
    /// A stored text is not of its form.
    #[error("`{column}` does not hold what this program wrote")]
    Form {
        /// Table and column.
        column: &'static str,
    },
    /// A statement and its values do not fit each other.
    #[error("a statement for {expected} values was given {got}")]
    Parameters {
        /// Values in the statement.
        expected: usize,
        /// Values given.
        got: usize,
    },
}

impl From<tokio_postgres::Error> for DbFault {
    fn from(fault: tokio_postgres::Error) -> Self {
        Self::Postgres { statement: String::new(), source: Box::new(fault) }
    }
}

/// The name of a statement, for the beginning of a text.
fn named(statement: &str) -> String {
    if statement.is_empty() { String::new() } else { format!("`{statement}`: ") }
}

/// SQLSTATE of a full disk, and of too little memory.
const DISK_FULL: &str = "53100";
/// SQLSTATE of a serialization failure, a deadlock, a lock that did not come in time, and too many connections.
const TRY_AGAIN: [&str; 4] = ["40001", "40P01", "55P03", "53300"];
/// SQLSTATE of a server that is going down or coming up.
const SERVER_GOING: [&str; 3] = ["57P01", "57P02", "57P03"];

impl DbFault {
    /// The fault with the name of the statement it is about: the word of its first line, `-- word`.
    pub(super) fn of_statement(self, sql: &str) -> Self {
        let name = sql.lines().next().and_then(|line| line.strip_prefix("-- ")).unwrap_or_default();
        match self {
            Self::Postgres { source, .. } => Self::Postgres { statement: name.to_owned(), source },
            other => other,
        }
    }

    /// Whether there was no room to write.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::Sqlite(fault) => fault.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull),
            _ => self.sql_state() == Some(DISK_FULL),
        }
    }

    /// Whether the system did not write what SQLite gave it: no room for its index in memory, a quota, a limit on the size of
    /// files, or a disk that is broken.
    #[must_use]
    pub fn is_write_refused(&self) -> bool {
        let Self::Sqlite(fault) = self else { return false };
        fault.sqlite_error_code() == Some(rusqlite::ErrorCode::SystemIoFailure)
    }

    /// Whether another session was in the way: the same again may succeed.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Sqlite(fault) => fault.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy),
            _ => self.sql_state().is_some_and(|state| TRY_AGAIN.contains(&state)),
        }
    }

    /// Whether the server is gone: stopped, killed, restarted, or behind a broken network.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        let Some(source) = self.server_said() else { return false };
        source.as_db_error().is_none() || self.sql_state().is_some_and(is_server_going)
    }

    fn sql_state(&self) -> Option<&str> {
        self.server_said()?.code().map(tokio_postgres::error::SqlState::code)
    }

    fn server_said(&self) -> Option<&tokio_postgres::Error> {
        match self {
            Self::Postgres { source, .. } | Self::Unreachable { source, .. } => Some(source),
            _ => None,
        }
    }
}

fn is_server_going(state: &str) -> bool {
    // Class 08: connection exceptions.
    SERVER_GOING.contains(&state) || state.starts_with("08")
}

/// What the server said, without the values that may stand in its detail.
fn said(fault: &tokio_postgres::Error) -> String {
    match fault.as_db_error() {
        Some(fault) => format!("{} (SQLSTATE {})", fault.message(), fault.code().code()),
        None => match std::error::Error::source(fault) {
            Some(source) => format!("{fault}: {source}"),
            None => fault.to_string(),
        },
    }
}

/// None instead of a fault, where no row is an answer.
pub(crate) trait OptionalExtension<T> {
    /// The value; `None` if there was no row.
    fn optional(self) -> Result<Option<T>, DbFault>;
}

impl<T> OptionalExtension<T> for Result<T, DbFault> {
    fn optional(self) -> Result<Option<T>, DbFault> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(DbFault::NoRow) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

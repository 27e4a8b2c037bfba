//! Where a store lies: a folder with the files of SQLite, or a database of a PostgreSQL server.
//!
//! What comes in: the path or URL somebody gave. What goes out: open connections to the data and to the keys, brought to
//! the newest schema. It must never make new keys beside data that have lost theirs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::StoreFault;
use crate::db::{Connection, Link, Server};
use crate::postgres::{self, DATA, KEYS};
use crate::sqlite::Files;

/// Where a store lies.
pub(crate) enum Place {
    /// In a folder.
    Folder { path: PathBuf, files: Files },
    /// On a server of PostgreSQL.
    Server(Arc<Server>),
}

/// Whether a place is the URL of a database on a server, not a folder.
#[must_use]
pub fn is_on_server(place: &Path) -> bool {
    place.to_str().is_some_and(Server::is_url)
}

impl Place {
    /// Reads a path, or a URL that begins with `postgres://` or `postgresql://`.
    pub(crate) fn parse(place: &Path) -> Result<Self, StoreFault> {
        let server = place.to_str().map(Server::parse).transpose()?.flatten();
        Ok(match server {
            Some(server) => Self::Server(Arc::new(server)),
            None => Self::Folder { path: place.to_owned(), files: Files::below(place) },
        })
    }

    /// The place for people, without a password.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Folder { path, .. } => {
                path.canonicalize().unwrap_or_else(|_| path.clone()).display().to_string()
            }
            Self::Server(server) => server.shown().to_owned(),
        }
    }

    /// Whether there is a store. Of a server, opening tells.
    pub(crate) fn has_data(&self) -> bool {
        match self {
            Self::Folder { files, .. } => files.has_data(),
            Self::Server(_) => true,
        }
    }

    /// Opens data and keys for writing; makes them where there are none.
    pub(crate) fn open_for_writing(&self) -> Result<(Connection, Connection), StoreFault> {
        if let Self::Folder { path, files } = self {
            std::fs::create_dir_all(path)
                .map_err(|source| StoreFault::Folder { path: path.to_owned(), source })?;
            files.data_is_not_lost()?;
        }
        let (db, keys) = match self {
            Self::Folder { files, .. } => (files.open_data()?, files.open_keys()?),
            Self::Server(server) => postgres::open(server)?,
        };
        self.keys_are_not_lost(&db, &keys)?;
        Ok((db, keys))
    }

    /// Opens the data for writing and brings them to the newest schema.
    pub(crate) fn open_data(&self) -> Result<Connection, StoreFault> {
        match self {
            Self::Folder { files, .. } => files.open_data(),
            Self::Server(server) => Ok(postgres::open(server)?.0),
        }
    }

    /// Opens data and keys for reading.
    pub(crate) fn open_for_reading(&self) -> Result<(Connection, Connection), StoreFault> {
        let link = |server, schema| Link::open(Arc::clone(server), schema).map(Connection::Postgres);
        match self {
            Self::Folder { files, .. } => files.open_for_reading(),
            Self::Server(server) => Ok((link(server, DATA.name)?, link(server, KEYS.name)?)),
        }
    }

    /// Refuses data that have lost their keys: values would look missing. Keys are made before what they seal, so that a
    /// store with metering points always has some.
    fn keys_are_not_lost(&self, data: &Connection, keys: &Connection) -> Result<(), StoreFault> {
        let is_used = |db: &Connection, sql: &str| db.query_row(sql, [], |row| row.get::<_, bool>(0));
        let has_points = is_used(data, "-- has_points\nSELECT EXISTS (SELECT 1 FROM point)")?;
        let has_keys = is_used(keys, "-- has_keys\nSELECT EXISTS (SELECT 1 FROM sealing_key)")?;
        if has_points && !has_keys {
            return Err(self.half_there());
        }
        Ok(())
    }

    fn half_there(&self) -> StoreFault {
        match self {
            Self::Folder { files, .. } => files.keys_missing(),
            Self::Server(server) => {
                let part = |schema| PathBuf::from(format!("{}, schema {schema}", server.shown()));
                StoreFault::HalfThere { missing: part(KEYS.name), there: part(DATA.name) }
            }
        }
    }
}

/// Runs something on a thread of its own and waits for it: a connection to a server must not be made, used or closed on a
/// thread that drives async tasks.
pub(crate) fn on_own_thread<T: Send>(
    job: impl FnOnce() -> Result<T, StoreFault> + Send,
) -> Result<T, StoreFault> {
    std::thread::scope(|scope| scope.spawn(job).join().unwrap_or(Err(StoreFault::Stopped)))
}

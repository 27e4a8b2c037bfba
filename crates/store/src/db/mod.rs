//! The one place that names a database driver. Every other file of the store speaks to these names.

pub(crate) use rusqlite::{
    CachedStatement, Connection, Error as DbFault, OptionalExtension, Params, Row, Statement, params,
    params_from_iter,
};

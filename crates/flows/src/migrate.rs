//! Moving a data set to another place: a folder, or a database on a server.
//!
//! What comes in: two places. What goes out: what was moved and compared, table by table. Nobody's values are opened, so no
//! gate is asked: who may do this is who may read the files, or log in as the owner of the database. Never: a data set in
//! two places.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;
use tidstro_store::{MoveOptions, MoveStep, POSTGRES_ROLES, move_data};

use crate::FlowFault;

/// Rows of a batch. More save little time and take memory: the largest rows are a month of values.
const BATCH: u32 = 2_000;

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationReport {
    /// Every table, the same at both places.
    pub tables: Vec<MigratedTable>,
    /// Whether an earlier call had done it: nothing was left to do, and no table is named.
    pub was_done: bool,
    /// Files beside the database at the old place that a data folder has, and that were not moved.
    pub left: Vec<PathBuf>,
}

/// A table that is the same at both places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigratedTable {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 over its rows in the order of its key.
    pub digest: [u8; 32],
}

/// Reads a place: `sqlite:FOLDER`, a folder, or the URL of a PostgreSQL database.
#[must_use]
pub fn place(text: &str) -> &Path {
    Path::new(text.strip_prefix("sqlite:").unwrap_or(text))
}

/// The statements that make the roles of a PostgreSQL database.
#[must_use]
pub const fn database_roles() -> &'static str {
    POSTGRES_ROLES
}

/// Moves a data set from one place to another. `progress` is told how many rows of which table have arrived durably.
/// Interrupted at any point, the same call goes on.
///
/// # Errors
/// [`FlowFault::Store`]: see [`move_data`].
pub fn migrate(
    from: &Path,
    to: &Path,
    progress: &(dyn Fn(&str, u64) + Sync),
    now: Timestamp,
) -> Result<MigrationReport, FlowFault> {
    let compared = Mutex::new(Vec::new());
    let proceed = |step: &MoveStep| match step {
        MoveStep::Arrived { table, rows } => {
            progress(table, *rows);
            true
        }
        MoveStep::Compared { table, rows, digest } => {
            let table = MigratedTable { name: table.clone(), rows: *rows, digest: *digest };
            compared.lock().map(|mut compared| compared.push(table)).is_ok()
        }
    };
    let moved = move_data(from, to, &MoveOptions { batch: BATCH, proceed: &proceed }, now)?;
    let tables = compared.into_inner().unwrap_or_default();
    Ok(MigrationReport { tables, was_done: moved.was_done, left: left_beside(from) })
}

/// What a data folder has beside its database.
const BESIDE: [&str; 3] = ["master.key", "register.toml", "register"];

fn left_beside(folder: &Path) -> Vec<PathBuf> {
    BESIDE.iter().map(|name| folder.join(name)).filter(|path| path.exists()).collect()
}

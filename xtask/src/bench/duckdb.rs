//! DuckDB on the same readings: one thread, long rows that nobody sealed.

use std::{path::Path, process::Command};

use serde_json::Value as Json;

use super::BenchFault;
use crate::python;

/// Loads a file of readings and one of points, and sums by group and time, three times.
const SCRIPT: &str = include_str!("duckdb_month.py");

/// What DuckDB did.
pub(super) struct Summed {
    /// Readings it added in a second, the best of three.
    pub(super) per_second: u128,
    /// All values together, in thousandths.
    pub(super) total: i64,
}

/// Sums a month; `None` where DuckDB is not installed.
///
/// # Errors
/// If it is, and fails.
pub(super) fn month_sums(readings: &Path, points: &Path) -> Result<Option<Summed>, BenchFault> {
    let failed = |what: &str| BenchFault::Child { what: what.to_owned() };
    let child = Command::new(python::interpreter()).args(["-c", SCRIPT]).args([readings, points]).output();
    let Ok(child) = child else { return Ok(None) };
    let said = String::from_utf8_lossy(&child.stderr);
    if said.contains("No module named 'duckdb'") {
        return Ok(None);
    }
    if !child.status.success() {
        return Err(failed(said.trim()));
    }
    let told: Json = serde_json::from_slice(&child.stdout).map_err(|_| failed("DuckDB told no figures"))?;
    let number =
        |name: &str| told.get(name).and_then(Json::as_i64).ok_or_else(|| failed("DuckDB told no number"));
    Ok(Some(Summed { per_second: number("per_second")?.unsigned_abs().into(), total: number("total")? }))
}

//! `tidstro register coverage`: what serves each row of an obligations list.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use tidstro_govern::Register;
use tidstro_govern::coverage::{Coverage, cover, parse_rows};

use super::register_files::{register_at, register_in_use};
use crate::Outcome;
use crate::args::Arguments;
use crate::fault::CommandFault;
use crate::show::coverage::{CoverageTables, coverage_json};

/// Covers the list by the registers named, or by the one in use.
pub(crate) fn run(
    arguments: &Arguments,
    list: &Path,
    registers: &[PathBuf],
    json: bool,
) -> Result<Outcome, CommandFault> {
    let unreadable = |source| CommandFault::File { path: list.to_owned(), source };
    let text = std::fs::read_to_string(list).map_err(unreadable)?;
    let rows = parse_rows(&text, &list.display().to_string())?;
    let registers = registers_of(arguments, registers)?;
    let coverage = cover(&rows, &registers);
    let mut out = std::io::stdout();
    if json {
        writeln!(out, "{}", coverage_json(&coverage))?;
    } else {
        write!(out, "{}", CoverageTables(&coverage))?;
    }
    Ok(outcome(&coverage))
}

fn outcome(coverage: &Coverage) -> Outcome {
    if coverage.is_whole() { Outcome::Done } else { Outcome::Refused }
}

fn registers_of(arguments: &Arguments, paths: &[PathBuf]) -> Result<Vec<Register>, CommandFault> {
    if paths.is_empty() {
        return Ok(vec![register_in_use(arguments)?]);
    }
    paths.iter().map(|path| register_at(path)).collect()
}

//! The rows of an obligations list against the registers that ship with the program.
//!
//! What comes in: a list. What goes out: how many rows each means serves and each part of the product still
//! owes, and a failure for each row that no register serves or names as open, and for each name in a register
//! that is no row. That the registers say the truth about a row, only their readers can tell.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use tidstro_govern::{
    Register, RegisterFile,
    coverage::{Coverage, CoveredRow, Standing, cover, parse_rows},
};

use super::checks::Checks;
use crate::{cargo::root, misuse};

/// Checks a list; exit code 1 if a row failed, 2 if the list cannot be used.
pub(super) fn run(path: &Path) -> ExitCode {
    let rows = match fs::read_to_string(path) {
        Ok(text) => parse_rows(&text, &path.display().to_string()),
        Err(fault) => return misuse(&format!("`{}` cannot be read: {fault}", path.display())),
    };
    let rows = match rows {
        Ok(rows) => rows,
        Err(fault) => return misuse(&fault.to_string()),
    };
    let mut checks = Checks::default();
    let registers = shipped(&mut checks);
    let coverage = cover(&rows, &registers);
    print(&coverage);
    check(&mut checks, &coverage);
    checks.finish()
}

/// The registers that are folders below `registers/`. One that does not hold together is a failure.
fn shipped(checks: &mut Checks) -> Vec<Register> {
    let folder = root().join("registers");
    let folders = sorted(&folder).into_iter().filter(|path| path.is_dir());
    folders
        .filter_map(|path| {
            let name = path.strip_prefix(&folder).unwrap_or(&path).display().to_string();
            register(&path).map_err(|fault| checks.fail(&name, &fault)).ok()
        })
        .collect()
}

fn register(folder: &Path) -> Result<Register, String> {
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        fs::read_to_string(&path).map(|text| (name, text)).map_err(|fault| fault.to_string())
    };
    let files = sorted(folder).into_iter().filter(|path| path.extension().is_some_and(|end| end == "toml"));
    let texts: Vec<(String, String)> = files.map(read).collect::<Result<_, _>>()?;
    let files: Vec<_> = texts.iter().map(|(name, text)| RegisterFile { name, text }).collect();
    Register::parse_files(&files).map_err(|faults| faults.to_string())
}

/// What lies in a folder, by name; nothing where there is no folder.
fn sorted(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn print(coverage: &Coverage) {
    println!("by source:");
    for (source, count) in coverage.by_source() {
        println!(
            "{:>6} {source}: {} served, {} partly, {} open; {} by attestation only",
            count.rows(),
            count.served,
            count.partly,
            count.open,
            count.attested_only
        );
    }
    println!("by means:");
    coverage.by_means().iter().for_each(|(means, count)| println!("{count:>6} {means}"));
    println!("waiting for:");
    coverage.by_part().iter().for_each(|(part, count)| println!("{count:>6} {part}"));
}

fn check(checks: &mut Checks, coverage: &Coverage) {
    for row in &coverage.rows {
        checks.holds(&row.row.id, is_mapped(row), "no register serves it or names it as open");
    }
    for unknown in &coverage.unknown {
        checks.fail(&unknown.row, &unknown.to_string());
    }
}

fn is_mapped(row: &CoveredRow) -> bool {
    row.standing() != Standing::Unmapped
}

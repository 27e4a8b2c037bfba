//! The market's settlement scenarios: given tables, computed by the product, against the expected ones.
//!
//! What comes in: a folder of scenarios at any depth; a scenario has `when/` and `then/`. What goes out: a line for
//! each row that is not equal, the rows of each group, and `N passed, N failed`. Every file of `then/` is compared, and every
//! column that is not the source system's own; a file or column nothing was computed for is a failure.

mod basis;
mod calculated;
mod calculation;
mod compare;
mod inputs;
mod products;
mod readings;
mod results;
pub(super) mod stored;
mod table;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use compare::{Compared, compare};
use table::{Fault, Row, Table};

use crate::misuse;

/// Runs every scenario below a folder; exit code 1 if a row failed.
pub(super) fn run(path: &Path) -> ExitCode {
    let scenarios = match scenarios(path) {
        Ok(scenarios) if !scenarios.is_empty() => scenarios,
        Ok(_) => {
            return misuse(&format!(
                "`{}` has no scenario; give a folder with `when/` and `then/`",
                path.display()
            ));
        }
        Err(fault) => return misuse(&format!("`{}` cannot be read: {fault}", path.display())),
    };
    let (mut groups, mut failed) = (BTreeMap::<String, (usize, usize)>::new(), 0);
    for scenario in &scenarios {
        let compared = check(path, scenario);
        compared.failures.iter().for_each(|line| println!("FAILED   {line}"));
        let counts = groups.entry(group_of(path, scenario)).or_default();
        counts.0 += compared.passed;
        counts.1 += compared.failures.len();
        failed += compared.failures.len();
    }
    println!("{} scenarios; rows passed and failed by group:", scenarios.len());
    groups.iter().for_each(|(group, (passed, failed))| println!("{passed:>6} {failed:>6} {group}"));
    println!("{} passed, {failed} failed", groups.values().map(|(passed, _)| passed).sum::<usize>());
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The folders that hold a scenario, in the order of their names.
fn scenarios(path: &Path) -> io::Result<Vec<PathBuf>> {
    if path.join("then").is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut folders: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    let mut found = Vec::new();
    for folder in folders {
        found.extend(scenarios(&folder)?);
    }
    Ok(found)
}

/// The first folder of the scenario's place.
fn group_of(path: &Path, scenario: &Path) -> String {
    let inside = scenario.strip_prefix(path).unwrap_or(scenario);
    let first = inside.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    first.unwrap_or_else(|| name_of(scenario))
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The rows the product computed for each file of `then/`, by the file's place in it.
type Computed = BTreeMap<String, Vec<Row>>;

/// What a scenario is, how it is computed, and which columns of it are the source system's own.
type Kind = (&'static str, fn(&Path) -> Result<Computed, Fault>, &'static [&'static str]);

/// Kinds of scenarios, known by a file or folder of `when/`.
const KINDS: [Kind; 6] = [
    (
        "calculation_arguments.json",
        calculation::compute,
        &["calculation_id", "result_id", "calculation_execution_time_start", "charge_key"],
    ),
    ("wholesale_internal.calculations.csv", products::compute, &[]),
    ("electricity_market__capacity_settlement", calculated::capacity, &[]),
    ("electricity_market__electrical_heating", calculated::heating, &[]),
    ("electricity_market__net_consumption_group_6", calculated::net_consumption, &[]),
    ("electricity_market__missing_measurements_log", calculated::missing, &["orchestration_instance_id"]),
];

fn check(root: &Path, scenario: &Path) -> Compared {
    let name = match scenario.strip_prefix(root) {
        Ok(place) if place.components().next().is_some() => place.display().to_string(),
        _ => name_of(scenario),
    };
    checked(scenario, &name).unwrap_or_else(|fault| Compared::failed(format!("{name}: {fault}")))
}

fn checked(scenario: &Path, name: &str) -> Result<Compared, Fault> {
    let when = scenario.join("when");
    let kind = KINDS.iter().find(|(mark, _, _)| when.join(mark).exists());
    let (_, compute, ignored) = kind.ok_or("expected a kind of scenario that is known, got none")?;
    let computed = compute(&when)?;
    let mut compared = Compared::default();
    for file in files(&scenario.join("then")).map_err(|fault| fault.to_string())? {
        let place = file.strip_prefix(scenario.join("then")).unwrap_or(&file).display().to_string();
        let place = place.trim_end_matches(".csv").to_owned();
        let expected = Table::read(&file)?;
        compared.add(match computed.get(&place) {
            Some(rows) => compare(&format!("{name} {place}"), &expected, rows, ignored),
            None if expected.rows.is_empty() => Compared::default(),
            None => Compared::failed(format!(
                "{name} {place}: expected {} rows, got no result",
                expected.rows.len()
            )),
        });
    }
    Ok(compared)
}

/// The files below a folder, in the order of their names.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    entries.sort();
    let mut found = Vec::new();
    for entry in entries {
        if entry.is_dir() {
            found.extend(files(&entry)?);
        } else {
            found.push(entry);
        }
    }
    Ok(found)
}

//! The scenarios once more, through the store: taken in, settled and shown by the product's own flows.
//!
//! What comes in: a folder of scenarios. Each one's `when/` becomes files of master data and of the head-end, taken into a
//! fresh workspace; its calculation is run by the flows behind `tidstro settle`, and what they show is compared with `then/`.
//! What goes out: the same lines and counts as of the pure run. A file that cannot be equal for a reason in the source is
//! named in [`LEFT_OUT`] with the reason, and its rows are counted apart. Never: a rule of the product that knows a scenario.

mod capacity;
mod daily;
mod given;
mod settled;

use std::path::Path;
use std::process::ExitCode;

use super::compare::{Compared, compare};
use super::table::{Fault, Table};
use super::{Computed, files, name_of, scenarios};
use crate::misuse;

/// What of the scenarios is not compared here: the end of a scenario's place, the begin of a file's, and why.
const LEFT_OUT: [(&str, &str, &str); 1] = [(
    "given_calculation_period_before_quarterly_resolution_transition_datetime",
    "energy_results",
    "its `calculation_arguments.json` puts the transition to quarters on 2 February 2023; the store keeps local days \
     from the market's own transition, 1 February 2023, in quarters, and another day would be another market",
)];

/// Scenarios that do not go through the store, by a file of `when/`, and why.
const ELSEWHERE: (&str, &str) = (
    "wholesale_internal.calculations.csv",
    "they give the results of calculations that were run elsewhere, with numbers of their own; the store takes in values and master data, \
     and its results are what it makes of them",
);

/// Kinds of scenarios by a file or folder of `when/`, how they go through the store, and which columns of them are the
/// source system's own.
type Kind = (&'static str, fn(&Path) -> Result<Computed, Fault>, &'static [&'static str]);
const KINDS: [Kind; 5] = [
    (
        "calculation_arguments.json",
        settled::calculation,
        &["calculation_id", "result_id", "calculation_execution_time_start", "charge_key"],
    ),
    ("electricity_market__missing_measurements_log", settled::missing, &["orchestration_instance_id"]),
    ("electricity_market__capacity_settlement", capacity::capacity, &[]),
    ("electricity_market__electrical_heating", daily::heating, &[]),
    ("electricity_market__net_consumption_group_6", daily::net_consumption, &[]),
];

/// Runs every scenario that goes through the store; exit code 1 if a row failed.
pub(in crate::conform) fn run(path: &Path) -> ExitCode {
    let scenarios = match scenarios(path) {
        Ok(scenarios) if !scenarios.is_empty() => scenarios,
        _ => {
            return misuse(&format!(
                "`{}` has no scenario; give a folder with `when/` and `then/`",
                path.display()
            ));
        }
    };
    let (mut passed, mut failed, mut left_out, mut elsewhere) = (0, 0, 0, 0);
    for scenario in &scenarios {
        if scenario.join("when").join(ELSEWHERE.0).exists() {
            elsewhere += 1;
            continue;
        }
        let name =
            scenario.strip_prefix(path).map_or_else(|_| name_of(scenario), |at| at.display().to_string());
        let (compared, left) =
            check(scenario, &name).unwrap_or_else(|fault| (Compared::failed(format!("{name}: {fault}")), 0));
        compared.failures.iter().for_each(|line| println!("FAILED   {line}"));
        println!("{:>6} {:>6} {left:>6} {name}", compared.passed, compared.failures.len());
        passed += compared.passed;
        failed += compared.failures.len();
        left_out += left;
    }
    for (scenario, file, why) in LEFT_OUT {
        println!("LEFT OUT {scenario} {file}: {why}");
    }
    println!("{elsewhere} scenarios are not taken through the store: {}", ELSEWHERE.1);
    println!("{passed} passed, {failed} failed, {left_out} left out for the reasons above");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Compares the results of a scenario, and counts the rows left out.
fn check(scenario: &Path, name: &str) -> Result<(Compared, usize), Fault> {
    let kind = KINDS.iter().find(|(mark, ..)| scenario.join("when").join(mark).exists());
    let (_, compute, ignored) = kind.ok_or("expected a kind of scenario that is known, got none")?;
    let computed = compute(&scenario.join("when"))?;
    let (mut compared, mut left) = (Compared::default(), 0);
    for file in files(&scenario.join("then")).map_err(|fault| fault.to_string())? {
        let place = file.strip_prefix(scenario.join("then")).unwrap_or(&file).display().to_string();
        let place = place.trim_end_matches(".csv").to_owned();
        let expected = Table::read(&file)?;
        let is_left = LEFT_OUT.iter().any(|(end, begin, _)| name.ends_with(end) && place.starts_with(begin));
        // What a calculation was made from is what was taken in, not a result.
        if is_left || place.starts_with("basis_data") {
            left += if is_left { expected.rows.len() } else { 0 };
            continue;
        }
        let none = Vec::new();
        let rows = computed.get(&place).unwrap_or(&none);
        compared.add(compare(&format!("{name} {place}"), &expected, rows, ignored));
    }
    Ok((compared, left))
}

//! Benchmarks: one table of figures, each with its unit.
//!
//! Every figure is the best of several rounds on one thread: other work on the machine only makes a round
//! slower. Input is made here; nothing is read from outside.

mod decode;

use std::{
    process::{Command, ExitCode},
    time::Instant,
};

use serde_json::json;

use crate::misuse;

/// Rounds of each measurement.
const ROUNDS: usize = 5;

/// One measured figure.
struct Figure {
    name: String,
    value: u128,
    unit: &'static str,
}

/// Runs every benchmark and prints the table, or JSON with `--json`.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    if cfg!(debug_assertions) {
        return run_optimised(arguments);
    }
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => print_table(&decode::figures()),
        ["--json"] => print_json(&decode::figures()),
        _ => return misuse("usage: cargo xtask bench [--json]"),
    }
    ExitCode::SUCCESS
}

/// `cargo xtask` builds without optimisation; figures of that would say nothing.
fn run_optimised(arguments: &[String]) -> ExitCode {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = ["run", "--quiet", "--release", "--package", "xtask", "--", "bench"];
    match Command::new(cargo).args(build).args(arguments).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(fault) => misuse(&format!("cargo cannot be started: {fault}")),
    }
}

fn print_table(figures: &[Figure]) {
    let width = figures.iter().map(|figure| figure.name.len()).max().unwrap_or(0);
    for Figure { name, value, unit } in figures {
        println!("{name:width$}  {value:>12} {unit}");
    }
}

fn print_json(figures: &[Figure]) {
    let of = |Figure { name, value, unit }: &Figure| {
        let value = u64::try_from(*value).unwrap_or(u64::MAX);
        json!({ "name": name, "value": value, "unit": unit })
    };
    println!("{}", json!(figures.iter().map(of).collect::<Vec<_>>()));
}

/// How often `work` runs in a second: the best of [`ROUNDS`] rounds of `times` runs.
fn per_second(times: u32, mut work: impl FnMut()) -> u128 {
    let round = |_| {
        let start = Instant::now();
        (0..times).for_each(|_| work());
        start.elapsed().as_nanos().max(1)
    };
    let best = (0..ROUNDS).map(round).min().unwrap_or(u128::MAX);
    u128::from(times) * 1_000_000_000 / best
}

//! Benchmarks: one table of figures, each with its unit.
//!
//! Every figure is the best of several rounds: other work on the machine only makes a round slower. What
//! runs on several threads is also given per second of processor time, all threads together: that is the
//! speed of one core. Input is made here; only a corpus is read from outside, if there is one.

mod compact;
mod corpus;
mod cpu;
mod decode;
mod duckdb;
mod gate;
mod growth;
mod ingest;
mod latency;
mod log;
mod memory;
mod month;
mod peak;
mod peer;
mod portal;
mod postgres;
mod retention;
mod series;
mod settle;
mod settle_kept;
mod workspace;

use std::{path::PathBuf, process::ExitCode, time::Instant};

use serde_json::json;

use crate::{cargo::cargo, misuse};

pub(crate) use workspace::make_place;

const USAGE: &str = "usage: cargo xtask bench [--json] [--corpus=PATH] [--points=N] [--folder=PATH] [--job=NAME] \
     [decode|series|settle|settle-kept|month|ingest|ingest-postgres|telegrams|compact|growth|growth-postgres|memory|\
     memory-postgres|gate|latency|retention|log|portal…]";

/// Rounds of each measurement.
const ROUNDS: usize = 5;
/// Rounds where two works take turns.
const SHORT_ROUNDS: u32 = 50;

/// One measured figure.
struct Figure {
    name: String,
    value: u128,
    unit: &'static str,
    bar: Option<Bar>,
}

/// What a figure must reach (`docs/PERFORMANCE.md`).
#[derive(Clone, Copy)]
enum Bar {
    /// This, or more.
    AtLeast(u128),
    /// This, or less.
    AtMost(u128),
}

impl Bar {
    const fn is_met(self, value: u128) -> bool {
        match self {
            Self::AtLeast(bar) => value >= bar,
            Self::AtMost(bar) => value <= bar,
        }
    }
}

impl Figure {
    fn new(name: &str, value: u128, unit: &'static str) -> Self {
        Self { name: name.to_owned(), value, unit, bar: None }
    }

    fn at_least(self, bar: u128) -> Self {
        Self { bar: Some(Bar::AtLeast(bar)), ..self }
    }

    fn at_most(self, bar: u128) -> Self {
        Self { bar: Some(Bar::AtMost(bar)), ..self }
    }

    /// The bar and whether it is met, as a column of the table.
    fn verdict(&self) -> String {
        let Some(bar) = self.bar else { return String::new() };
        let word = if bar.is_met(self.value) { "met" } else { "MISSED" };
        match bar {
            Bar::AtLeast(bar) => format!("at least {bar}: {word}"),
            Bar::AtMost(bar) => format!("at most {bar}: {word}"),
        }
    }
}

/// What went wrong in a benchmark.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchFault {
    #[error(
        "a file of the benchmark cannot be written or read; look for space in the folder for temporary files"
    )]
    File(#[from] std::io::Error),
    #[error("the benchmark's own flow failed")]
    Flow(#[from] tidstro_flows::FlowFault),
    #[error("the benchmark's own name cannot be used")]
    Name(#[from] tidstro_model::NameFault),
    #[error("the benchmark's own keys cannot be read")]
    Keys(#[from] tidstro_telegram::KeyFileFault),
    #[error("the benchmark's own register is refused")]
    Register(#[from] tidstro_govern::RegisterFaults),
    #[error("the benchmark's own ask was refused by `{rule}`: {detail}")]
    Refused { rule: &'static str, detail: String },
    #[error("a server of PostgreSQL for the benchmark")]
    Server(#[from] tidstro_cluster::ClusterFault),
    #[error("the benchmark's own part in a process of its own failed: {what}")]
    Child { what: String },
    #[error("the benchmark measured something else: {what} is {got}, expected {expected}")]
    Other { what: &'static str, expected: u64, got: u64 },
}

type Figures = Result<Vec<Figure>, BenchFault>;

/// What the benchmarks are given.
#[derive(Default)]
struct Inputs {
    /// A file of telegrams; without it the one beside the checkout, if there is one.
    corpus: Option<PathBuf>,
    /// Of `memory`: how many points, instead of a million.
    points: Option<u32>,
    /// Of `memory`: a folder that is kept, with its town, for the next run.
    folder: Option<PathBuf>,
    /// Of `memory`: only these jobs.
    jobs: Vec<String>,
}

impl Inputs {
    /// Takes in a word that begins with `--`; whether it is one that is known.
    fn take(&mut self, flag: &str) -> bool {
        match flag.split_once('=') {
            Some(("--corpus", path)) => self.corpus = Some(path.into()),
            Some(("--folder", path)) => self.folder = Some(path.into()),
            Some(("--job", name)) => self.jobs.push(name.to_owned()),
            Some(("--points", number)) => self.points = number.parse().ok(),
            _ => return false,
        }
        true
    }

    fn wants_job(&self, name: &str) -> bool {
        self.jobs.is_empty() || self.jobs.iter().any(|wanted| wanted == name)
    }
}

/// Runs the benchmarks of one name.
type Measure = fn(&Inputs) -> Figures;

/// Benchmarks by name, in the order of the table.
const GROUPS: [(&str, Measure); 18] = [
    ("decode", decode::figures),
    ("series", |_| Ok(series::figures())),
    ("settle", |_| settle::figures()),
    ("settle-kept", |_| settle_kept::figures()),
    ("month", |_| month::figures()),
    ("ingest", |_| ingest::intervals()),
    ("ingest-postgres", |_| postgres::ingest()),
    ("telegrams", |_| ingest::telegrams()),
    ("compact", |_| compact::figures()),
    ("growth", |_| growth::figures()),
    ("growth-postgres", |_| postgres::growth()),
    ("memory", memory::in_files),
    ("memory-postgres", memory::on_server),
    ("gate", |_| gate::figures()),
    ("latency", |_| latency::figures()),
    ("retention", |_| retention::figures()),
    ("log", |_| log::figures()),
    ("portal", portal::figures),
];

/// Runs the benchmarks named, or all, and prints the table, or JSON with `--json`.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let (flags, names): (Vec<_>, Vec<_>) = arguments.iter().partition(|word| word.starts_with("--"));
    let is_known = |name: &&String| GROUPS.iter().any(|(known, _)| known == name);
    let (mut inputs, mut is_json) = (Inputs::default(), false);
    for flag in flags {
        if flag == "--json" {
            is_json = true;
        } else if !inputs.take(flag) {
            return misuse(USAGE);
        }
    }
    if !names.iter().all(is_known) {
        return misuse(USAGE);
    }
    if cfg!(debug_assertions) {
        return run_optimised(arguments);
    }
    match figures(&names, &inputs) {
        Ok(figures) if is_json => print_json(&figures),
        Ok(figures) => print_table(&figures),
        Err(fault) => return misuse(&causes(&fault)),
    }
    ExitCode::SUCCESS
}

fn figures(names: &[&String], inputs: &Inputs) -> Figures {
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| *wanted == name);
    let mut figures = Vec::new();
    for (_, measure) in GROUPS.iter().filter(|(name, _)| wanted(name)) {
        figures.extend(measure(inputs)?);
    }
    Ok(figures)
}

/// A fault and what caused it.
fn causes(fault: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(fault), |fault| fault.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// `cargo xtask` builds without optimisation; figures of that would say nothing.
fn run_optimised(arguments: &[String]) -> ExitCode {
    let build = ["run", "--quiet", "--release", "--package", "xtask", "--", "bench"];
    match cargo().args(build).args(arguments).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(fault) => misuse(&format!("cargo cannot be started: {fault}")),
    }
}

fn print_table(figures: &[Figure]) {
    let width = figures.iter().map(|figure| figure.name.len()).max().unwrap_or(0);
    for figure in figures {
        let Figure { name, value, unit, .. } = figure;
        let line = format!("{name:width$}  {value:>12} {unit:12} {}", figure.verdict());
        println!("{}", line.trim_end());
    }
}

fn print_json(figures: &[Figure]) {
    let whole = |value: u128| u64::try_from(value).unwrap_or(u64::MAX);
    let of = |Figure { name, value, unit, bar }: &Figure| {
        let mut figure = json!({ "name": name, "value": whole(*value), "unit": unit });
        let bar = bar.map(|bar| match bar {
            Bar::AtLeast(least) => ("at_least", least, bar.is_met(*value)),
            Bar::AtMost(most) => ("at_most", most, bar.is_met(*value)),
        });
        if let (Some((which, bar, is_met)), Some(fields)) = (bar, figure.as_object_mut()) {
            fields.insert(which.to_owned(), whole(bar).into());
            fields.insert("met".to_owned(), is_met.into());
        }
        figure
    };
    println!("{}", json!(figures.iter().map(of).collect::<Vec<_>>()));
}

/// How often `work` runs in a second: the best of [`ROUNDS`] rounds of `times` runs.
fn per_second(times: u32, work: impl FnMut()) -> u128 {
    u128::from(times) * 1_000_000_000 / best_round(times, work)
}

/// How often each of two works runs in a second, in turns, so that other work on the machine slows both: the best of many
/// short rounds.
fn in_turns(times: u32, mut one: impl FnMut(), mut other: impl FnMut()) -> [u128; 2] {
    let times = (times / SHORT_ROUNDS).max(1);
    let mut best = [u128::MAX; 2];
    for _ in 0..SHORT_ROUNDS {
        best = [best[0].min(round(times, &mut one)), best[1].min(round(times, &mut other))];
    }
    best.map(|nanoseconds| u128::from(times) * 1_000_000_000 / nanoseconds)
}

/// Nanoseconds of one run of `work`: the best of [`ROUNDS`] rounds of `times` runs.
fn nanoseconds(times: u32, work: impl FnMut()) -> u128 {
    best_round(times, work) / u128::from(times.max(1))
}

/// Nanoseconds of the best of [`ROUNDS`] rounds of `times` runs; at least 1.
fn best_round(times: u32, mut work: impl FnMut()) -> u128 {
    (0..ROUNDS).map(|_| round(times, &mut work)).min().unwrap_or(u128::MAX)
}

/// Nanoseconds of so many runs; at least 1.
fn round(times: u32, mut work: impl FnMut()) -> u128 {
    let start = Instant::now();
    (0..times).for_each(|_| work());
    start.elapsed().as_nanos().max(1)
}

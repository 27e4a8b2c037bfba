//! Conformance: rows of a corpus through the public interfaces, compared by meaning.
//!
//! What comes in: the name of a corpus and a path. What goes out: one line for each failing row with
//! expected and got, the rows outside the present form by reason, and `N passed, N failed` as the last line.
//! A row that is not compared is never counted as passed.

mod checks;
mod deadlines;
pub(crate) mod dlms;
mod market;
mod obligations;
mod parquet_peer;
mod wmbus;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use crate::misuse;

const USAGE: &str = "\
usage: cargo xtask conform wmbus PATH [--verbose] [--assume-decrypted]   PATH is a file or a folder of .jsonl files
       cargo xtask conform dlms PATH [--verbose]                         PATH is a file or a folder of .jsonl files
       cargo xtask conform dlms-peer PATH                                PATH is crates/dlms/tests/peer; installs what it needs
       cargo xtask conform parquet-peer PATH                             PATH is crates/flows/tests/peer; installs what it needs
       cargo xtask conform deadlines PATH                                PATH is a file or a folder of .json files
       cargo xtask conform market-deadlines PATH                         PATH is a .json file
       cargo xtask conform market-scenarios PATH                         PATH is a folder of scenarios, or one
       cargo xtask conform market-scenarios-stored PATH                  the same, through the store and its commands' flows
       cargo xtask conform obligations PATH                              PATH is a .yaml file; all of registers/*/ cover it";

/// What became of one row.
enum Outcome {
    /// Every comparable field is equal.
    Passed {
        /// Fields found equal, by how they were compared.
        equal: Vec<&'static str>,
        /// Fields of the row that are no meter value, or not in a comparable form.
        apart: Vec<String>,
    },
    /// The row is outside what this version decodes.
    NotYet {
        /// Why: the same words for every such row.
        reason: String,
        /// The fields concerned; none where the whole row is.
        fields: Vec<String>,
    },
    /// A field differs or the row was refused.
    Failed(Vec<String>),
}

/// How to run.
#[derive(Debug, Clone, Copy, Default)]
struct Options {
    is_verbose: bool,
    assume_decrypted: bool,
}

/// Runs a corpus; exit code 1 if a row failed.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let (flags, words): (Vec<_>, Vec<_>) = arguments.iter().partition(|word| word.starts_with("--"));
    let mut options = Options::default();
    for flag in flags {
        match flag.as_str() {
            "--verbose" => options.is_verbose = true,
            "--assume-decrypted" => options.assume_decrypted = true,
            _ => return misuse(USAGE),
        }
    }
    let [name, path] = words.as_slice() else { return misuse(USAGE) };
    match name.as_str() {
        "wmbus" | "dlms" => {}
        "dlms-peer" => return dlms::peer::run(Path::new(path)),
        "parquet-peer" => return parquet_peer::run(Path::new(path)),
        "deadlines" => return deadlines::run(Path::new(path)),
        "market-deadlines" => return deadlines::market::run(Path::new(path)),
        "market-scenarios-stored" => return market::stored::run(Path::new(path)),
        "market-scenarios" => return market::run(Path::new(path)),
        "obligations" => return obligations::run(Path::new(path)),
        _ => return misuse(USAGE),
    }
    match rows(Path::new(path)) {
        Ok(rows) if *name == "dlms" => report(rows.iter().map(|line| dlms::row(line)), options),
        Ok(rows) => {
            let formats = wmbus::formats_of(&rows, options);
            let changed = wmbus::negative::check(&rows, &formats);
            if options.is_verbose {
                wmbus::extras::print(&rows, &formats, options);
            }
            let as_published = rows.iter().map(|line| wmbus::row(line, &formats, options));
            report(as_published.chain(changed), options)
        }
        Err(fault) => {
            misuse(&format!("`{path}` cannot be read: {fault}; give a .jsonl file or a folder of them"))
        }
    }
}

/// The lines of a file, or of every `.jsonl` file of a folder, in the order of their names.
fn rows(path: &Path) -> io::Result<Vec<String>> {
    let mut files: Vec<PathBuf> = vec![path.to_owned()];
    if path.is_dir() {
        files = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
        files.sort();
    }
    let mut rows = Vec::new();
    for file in files {
        rows.extend(fs::read_to_string(file)?.lines().filter(|line| !line.is_empty()).map(str::to_owned));
    }
    Ok(rows)
}

fn report(rows: impl Iterator<Item = (String, Outcome)>, options: Options) -> ExitCode {
    let mut tally = Tally::default();
    rows.for_each(|(name, outcome)| tally.add(&name, outcome, options));
    tally.print();
    if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Counts of a run.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    not_yet: BTreeMap<String, usize>,
    fields_equal: BTreeMap<&'static str, usize>,
    fields_apart: BTreeMap<String, usize>,
}

impl Tally {
    fn add(&mut self, name: &str, outcome: Outcome, options: Options) {
        match outcome {
            Outcome::Passed { equal, apart } => {
                if options.is_verbose && !apart.is_empty() {
                    println!("passed   {name}: not compared: {}", apart.join(", "));
                }
                self.passed += 1;
                equal.into_iter().for_each(|how| *self.fields_equal.entry(how).or_default() += 1);
                apart.into_iter().for_each(|field| *self.fields_apart.entry(field).or_default() += 1);
            }
            Outcome::NotYet { reason, fields } => {
                if options.is_verbose {
                    println!("not yet  {name}: {reason} {}", fields.join(", "));
                }
                *self.not_yet.entry(reason).or_default() += 1;
            }
            Outcome::Failed(faults) => {
                println!("FAILED   {name}: {}", faults.join("; "));
                self.failed += 1;
            }
        }
    }

    fn print(&self) {
        println!("fields of passed rows:");
        self.fields_equal.iter().for_each(|(how, count)| println!("{count:>6} equal {how}"));
        let apart: usize = self.fields_apart.values().sum();
        println!("{apart:>6} not compared: {}", listed(&self.fields_apart));
        println!("rows:");
        self.not_yet.iter().for_each(|(reason, count)| println!("{count:>6} not yet: {reason}"));
        println!("not yet: {}", self.not_yet.values().sum::<usize>());
        println!("{} passed, {} failed", self.passed, self.failed);
    }
}

fn listed(counts: &BTreeMap<String, usize>) -> String {
    let words: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    words.join(", ")
}

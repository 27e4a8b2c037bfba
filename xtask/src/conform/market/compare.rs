//! Expected rows against computed ones.
//!
//! What comes in: the table of a file under `then/`, and the rows the product computed for it. What goes out: how many
//! rows are equal, and a line for each that is not. Rows are matched by every column that is no result; a row that was
//! computed and not expected is a failure too.

use std::collections::BTreeMap;

use super::table::{Row, Table, canonical};

/// Columns that are results: they are compared, and not what a row is matched by.
const RESULTS: [&str; 4] = ["quantity", "quantity_qualities", "price", "amount"];

/// What became of the rows of one or more files.
#[derive(Default)]
pub(super) struct Compared {
    pub(super) passed: usize,
    pub(super) failures: Vec<String>,
}

impl Compared {
    pub(super) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failures.extend(other.failures);
    }

    pub(super) fn failed(line: String) -> Self {
        Self { passed: 0, failures: vec![line] }
    }
}

/// Compares a file. `ignored` are columns that are the source system's own.
pub(super) fn compare(name: &str, expected: &Table, computed: &[Row], ignored: &[&str]) -> Compared {
    let columns: Vec<&str> =
        expected.columns.iter().map(String::as_str).filter(|column| !ignored.contains(column)).collect();
    if let Some(unknown) = unknown_column(&columns, computed) {
        return Compared::failed(format!("{name}: expected column `{unknown}`, got none"));
    }
    let mut got = keyed(&columns, computed);
    let mut compared = Compared::default();
    for (key, wanted) in keyed(&columns, &expected.rows) {
        let found = got.remove(&key).unwrap_or_default();
        for at in 0..wanted.len().max(found.len()) {
            match (wanted.get(at), found.get(at)) {
                (Some(wanted), Some(found)) if wanted == found => compared.passed += 1,
                (wanted, found) => compared.failures.push(failure(name, &key, wanted, found)),
            }
        }
    }
    for (key, extra) in got {
        compared.failures.extend(extra.iter().map(|found| failure(name, &key, None, Some(found))));
    }
    compared
}

fn failure(name: &str, key: &str, wanted: Option<&String>, found: Option<&String>) -> String {
    let shown = |value: Option<&String>| value.cloned().unwrap_or_else(|| "no row".to_owned());
    format!("{name} [{key}]: expected {}, got {}", shown(wanted), shown(found))
}

/// A column the computed rows do not have.
fn unknown_column<'a>(columns: &[&'a str], computed: &[Row]) -> Option<&'a str> {
    let first = computed.first()?;
    columns.iter().find(|column| !first.contains_key(**column)).copied()
}

/// The results of each row, by all other columns.
fn keyed(columns: &[&str], rows: &[Row]) -> BTreeMap<String, Vec<String>> {
    let mut keyed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        let part = |is_result: bool| {
            let chosen = columns.iter().filter(|column| RESULTS.contains(column) == is_result);
            let written = chosen.map(|column| {
                let value = canonical(column, row.get(*column).map_or("", String::as_str));
                if is_result { format!("{column} {value}") } else { value }
            });
            written.collect::<Vec<_>>().join(if is_result { ", " } else { ";" })
        };
        keyed.entry(part(false)).or_default().push(part(true));
    }
    keyed.values_mut().for_each(|rows| rows.sort());
    keyed
}

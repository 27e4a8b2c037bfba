//! Values of an oracle against values computed.
//!
//! What comes in: what a value is, what the oracle expects and what was got. What goes out: one line for each
//! value that differs, and the counts. A value that cannot be computed counts as failed, never as skipped.

use std::{fs, path::Path, process::ExitCode};

use serde_json::Value as Json;

/// Counts of a run over values.
#[derive(Debug, Default)]
pub(super) struct Checks {
    passed: usize,
    failed: usize,
}

impl Checks {
    /// The value got must be the one expected.
    pub(super) fn equal(&mut self, what: &str, expected: &Json, got: Option<&Json>) {
        match got {
            Some(got) if got == expected => self.passed += 1,
            Some(got) => self.fail(what, &format!("expected {expected}, got {got}")),
            None => self.fail(what, &format!("expected {expected}, got nothing")),
        }
    }

    /// No value got may be the wrong one.
    pub(super) fn never(&mut self, what: &str, wrong: &Json, got: &[Json]) {
        if got.contains(wrong) {
            self.fail(what, &format!("the wrong answer {wrong} was given"));
        } else {
            self.passed += 1;
        }
    }

    /// Something must be so.
    pub(super) fn holds(&mut self, what: &str, is_so: bool, otherwise: &str) {
        if is_so { self.passed += 1 } else { self.fail(what, otherwise) }
    }

    /// Something that cannot be compared at all.
    pub(super) fn fail(&mut self, what: &str, why: &str) {
        println!("FAILED   {what}: {why}");
        self.failed += 1;
    }

    /// Prints the counts as the last line; exit code 1 if a value failed or nothing was compared.
    pub(super) fn finish(&self) -> ExitCode {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 && self.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Reads a JSON file.
pub(super) fn read_json(path: &Path) -> Result<Json, String> {
    let text = fs::read_to_string(path).map_err(|fault| fault.to_string())?;
    serde_json::from_str(&text).map_err(|fault| fault.to_string())
}

/// The text of a field.
pub(super) fn text<'a>(value: &'a Json, field: &str) -> Result<&'a str, String> {
    value.get(field).and_then(Json::as_str).ok_or_else(|| format!("field `{field}` is no text"))
}

/// The elements of a field; none where there is no list.
pub(super) fn list<'a>(value: &'a Json, field: &str) -> &'a [Json] {
    value.get(field).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// Parses the text of a field.
pub(super) fn parsed<T: std::str::FromStr>(value: &Json, field: &str) -> Result<T, String>
where
    T::Err: std::fmt::Display,
{
    text(value, field)?.parse().map_err(|fault| format!("field `{field}`: {fault}"))
}

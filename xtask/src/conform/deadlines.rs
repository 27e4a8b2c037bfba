//! Worked legal periods against the clocks of the calendar crate.
//!
//! What comes in: a JSON file, or a folder of them, of worked examples (`input`, `expect`,
//! `common_wrong_answers`) and of working calendars by year. What goes out: a check for each expected value,
//! each wrong answer, and each holiday year. Files are told apart by their form, never by their name; a form
//! or field nobody knows is a failure.

mod case;
pub(super) mod market;
mod oracle;

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use serde_json::{Map, Value as Json};

use super::checks::{Checks, list, read_json};
use crate::misuse;

/// Checks a file or a folder; exit code 1 if a value failed, 2 if the path cannot be read.
pub(super) fn run(path: &Path) -> ExitCode {
    let files = match files(path) {
        Ok(files) => files,
        Err(fault) => return misuse(&format!("`{}` cannot be read: {fault}", path.display())),
    };
    let mut checks = Checks::default();
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match read_json(&file) {
            Ok(json) if json.get("input").is_some() => example(&mut checks, &name, &json),
            Ok(json) => oracle::calendars(&mut checks, &name, &json),
            Err(fault) => checks.fail(&name, &fault),
        }
    }
    checks.finish()
}

/// The file, or the `.json` files of the folder in the order of their names.
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return fs::metadata(path).map(|_| vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
    let mut files = entries.collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

/// One worked example: its clocks are computed, then compared with what it expects.
fn example(checks: &mut Checks, name: &str, json: &Json) {
    let input = json.get("input").and_then(Json::as_object).cloned().unwrap_or_default();
    if let Some(calendar) = input.get("calendar") {
        oracle::input_calendar(checks, name, calendar);
    }
    let mut given = Vec::new();
    let expect = json.get("expect").unwrap_or(&Json::Null);
    match (named(&input), named_expectations(expect)) {
        (None, None) => given.extend(clock(checks, name, &input, expect)),
        (Some(cases), Some(expectations)) => {
            if cases.len() != expectations.len() {
                checks.fail(name, "there are not as many expectations as cases");
            }
            for case in cases {
                given.extend(named_clock(checks, name, &with_defaults(&input, case), expectations));
            }
        }
        _ => checks.fail(name, "either `input` or `expect` has named cases, and the other has none"),
    }
    for (what, wrong) in json.get("common_wrong_answers").and_then(Json::as_object).into_iter().flatten() {
        checks.never(&format!("{name}: {what}"), wrong, &given);
    }
}

fn named_clock(
    checks: &mut Checks,
    file: &str,
    input: &Map<String, Json>,
    expectations: &[Json],
) -> Vec<Json> {
    let case = input.get("name").cloned().unwrap_or_default();
    let what = format!("{file} {}", case.as_str().unwrap_or("case without a name"));
    let Some(expect) = expectations.iter().find(|expect| expect.get("name") == Some(&case)) else {
        checks.fail(&what, "nothing is expected of this case");
        return vec![];
    };
    clock(checks, &what, input, expect)
}

/// Computes one clock and compares every expected value; what comes back are the answers given.
fn clock(checks: &mut Checks, what: &str, input: &Map<String, Json>, expect: &Json) -> Vec<Json> {
    let answers = match case::answers(input, expect) {
        Ok(answers) => answers,
        Err(fault) => {
            checks.fail(what, &fault);
            return vec![];
        }
    };
    for (field, expected) in expect.as_object().into_iter().flatten() {
        if field != "name" {
            compare(checks, &format!("{what}: {field}"), expected, answers.get(field));
        }
    }
    final_answers(&answers)
}

/// Objects are compared field by field, so that each value counts.
fn compare(checks: &mut Checks, what: &str, expected: &Json, got: Option<&Json>) {
    let Some(fields) = expected.as_object() else { return checks.equal(what, expected, got) };
    for (field, value) in fields {
        compare(checks, &format!("{what}.{field}"), value, got.and_then(|got| got.get(field)));
    }
}

/// All values an example gives as an answer. The day before rolling is a step on the way, not an answer: that
/// it is not the last one is what some wrong answers are about.
fn final_answers(answers: &Json) -> Vec<Json> {
    match answers {
        Json::Object(fields) => fields
            .iter()
            .filter(|(field, _)| *field != "unrolled_last_day")
            .flat_map(|(_, value)| final_answers(value))
            .collect(),
        Json::Array(values) => values.iter().flat_map(final_answers).collect(),
        value => vec![value.clone()],
    }
}

/// The named cases of an input: `cases`, or `rules` over shared events.
fn named(input: &Map<String, Json>) -> Option<&[Json]> {
    ["cases", "rules"].iter().find_map(|field| input.get(*field)?.as_array()).map(Vec::as_slice)
}

fn named_expectations(expect: &Json) -> Option<&[Json]> {
    ["cases", "clocks"].iter().map(|field| list(expect, field)).find(|cases| !cases.is_empty())
}

/// A case with what the whole input says once.
fn with_defaults(input: &Map<String, Json>, case: &Json) -> Map<String, Json> {
    let mut fields = input.clone();
    ["cases", "rules"].iter().for_each(|field| drop(fields.remove(*field)));
    fields.extend(case.as_object().cloned().unwrap_or_default());
    fields
}

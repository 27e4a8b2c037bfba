//! Registers, their faults and their changes, as text and JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tidstro_govern::log::hex;
use tidstro_govern::{Change, Effect, Located, Register, RegisterDiff, RegisterFaults, RegisterVersion};

use super::report::counted;

type Files = [(String, String)];

/// What a register has, by noun, in singular.
fn counts(register: &Register) -> [(&'static str, usize); 9] {
    [
        ("party", register.parties().count()),
        ("category", register.categories().count()),
        ("activity", register.activities().count()),
        ("role", register.roles().count()),
        ("actor", register.actors().count()),
        ("obligation", register.obligations().count()),
        ("control", register.controls().count()),
        ("notice", register.notices().count()),
        ("open row", register.open_rows().iter().map(|open| open.rows.len()).sum()),
    ]
}

/// A number of nouns: `1 party`, `2 parties`.
fn many((noun, count): (&str, usize)) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if count != 1 => format!("{count} {stem}ies"),
        _ => counted(u64::try_from(count).unwrap_or(u64::MAX), noun),
    }
}

/// A register without a fault, as text.
pub(crate) fn checked_text(register: &Register, files: &Files) -> String {
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    let counts: Vec<_> = counts(register).into_iter().map(many).collect();
    format!(
        "{}: register {}\n{}; no fault",
        names.join(", "),
        RegisterVersion::of(register),
        counts.join(", ")
    )
}

/// The same as JSON.
pub(crate) fn checked_json(register: &Register, files: &Files) -> Value {
    let version = RegisterVersion::of(register);
    json!({
        "register": version.id,
        "edition": version.edition,
        "hash": hex(&version.hash),
        "files": files.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "faults": [],
        "counts": BTreeMap::from(counts(register)),
    })
}

/// The faults of a register, as JSON.
pub(crate) fn faults_json(faults: &RegisterFaults) -> Value {
    let fault = |Located { file, line, column, fault }: &Located| json!({ "file": file, "line": line, "column": column, "fault": fault.to_string() });
    json!({ "faults": faults.faults.iter().map(fault).collect::<Vec<_>>() })
}

/// A diff as text: what became of what in one line, and then one line a change.
pub(crate) fn diff_text(diff: &RegisterDiff) -> String {
    let head = format!("old  {}\nnew  {}\n", diff.old, diff.new);
    let all = diff.changes.len();
    if all == 0 {
        return format!("{head}nothing is decided or told otherwise");
    }
    let of = |effect: Effect| diff.changes.iter().filter(|change| change.effect == effect).count();
    let (wider, narrower) = (of(Effect::Wider), of(Effect::Narrower));
    let changes = counted(u64::try_from(all).unwrap_or(u64::MAX), "change");
    format!("{head}{changes}: {wider} wider, {narrower} narrower\n{diff}")
}

/// A diff as JSON.
pub(crate) fn diff_json(diff: &RegisterDiff) -> Value {
    json!({
        "old": version_json(&diff.old),
        "new": version_json(&diff.new),
        "widens": diff.widens(),
        "changes": diff.changes.iter().map(change_json).collect::<Vec<_>>(),
    })
}

fn change_json(change: &Change) -> Value {
    json!({
        "effect": change.effect.word(),
        "widens": change.effect == Effect::Wider,
        "aspect": change.aspect.word(),
        "subject": change.subject,
        "before": change.before,
        "after": change.after,
    })
}

fn version_json(version: &RegisterVersion) -> Value {
    json!({ "register": version.id, "edition": version.edition, "hash": hex(&version.hash) })
}

//! The whole policy matrix of the demo town: actor × purpose × operation × category × resolution.
//!
//! A cell holds the finest resolution granted, `full` where every one is, `-` where none is. Set
//! `TIDSTRO_REWRITE_GOLDEN=1` to write the file anew, and read the difference before accepting it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use tidstro_govern::{
    Activity, Decision, Facts, Operation, Recipient, RefusalRule, Register, Target, decide,
};
use tidstro_model::{AreaKind, CategoryId, Resolution, SubjectNo};

use crate::town::{ask, day, facts, noon, town};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/town-matrix.txt");

#[test]
fn the_matrix_of_the_town_is_the_golden_one() {
    let matrix = matrix(&town());
    if std::env::var_os("TIDSTRO_REWRITE_GOLDEN").is_some() {
        std::fs::write(GOLDEN, &matrix).unwrap();
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    assert!(golden == matrix, "the matrix has changed (- golden, + now):\n{}", difference(&golden, &matrix));
}

/// The lines that differ, with line numbers.
fn difference(golden: &str, now: &str) -> String {
    let (golden, now): (Vec<_>, Vec<_>) = (golden.lines().collect(), now.lines().collect());
    let mut shown = String::new();
    for index in 0..golden.len().max(now.len()) {
        let (old, new) = (golden.get(index), now.get(index));
        if old != new {
            writeln!(shown, "{:>4} - {}", index + 1, old.unwrap_or(&"")).unwrap();
            writeln!(shown, "     + {}", new.unwrap_or(&"")).unwrap();
        }
    }
    shown
}

fn matrix(register: &Register) -> String {
    let mut out = String::from(
        "# Policy matrix of registers/town.toml: the finest resolution granted to each actor for each purpose,\n\
         # operation and category; `full` where every resolution is, `-` where none is, and no line for an operation\n\
         # that is refused throughout. Target: subject 1, which lives there on the asked days; `resident:1` is that\n\
         # subject, `resident:2` a former tenant of the same flat.\n",
    );
    let staff = register.actors().map(|actor| actor.id.to_string());
    let others = ["resident:1", "resident:2", "staff:nobody"].map(str::to_owned);
    for actor in staff.chain(others) {
        write_actor(&mut out, register, &actor);
    }
    out
}

fn write_actor(out: &mut String, register: &Register, actor: &str) {
    let mut refused: BTreeMap<RefusalRule, Vec<&str>> = BTreeMap::new();
    for activity in register.activities() {
        let rows = rows(register, actor, activity);
        let rules: BTreeSet<_> =
            rows.iter().flatten().flat_map(|cell| cell.refused.iter().copied()).collect();
        match rules.first().filter(|_| rules.len() == 1 && all_refused(&rows)) {
            Some(&rule) => refused.entry(rule).or_default().push(activity.id.as_str()),
            None => write_block(out, register, actor, activity, &rows),
        }
    }
    for (rule, purposes) in refused {
        writeln!(out, "\n{actor}: {rule} for {}", purposes.join(", ")).unwrap();
    }
}

/// One row for each operation, one cell for each category.
fn rows(register: &Register, actor: &str, activity: &Activity) -> Vec<Vec<Cell>> {
    let row = |&operation: &Operation| {
        register
            .categories()
            .map(|category| cell(register, actor, activity, operation, &category.id))
            .collect()
    };
    Operation::ALL.iter().map(row).collect()
}

fn all_refused(rows: &[Vec<Cell>]) -> bool {
    rows.iter().flatten().all(|cell| cell.shown == "-")
}

fn write_block(out: &mut String, register: &Register, actor: &str, activity: &Activity, rows: &[Vec<Cell>]) {
    if all_refused(rows) {
        writeln!(out, "\n{actor} for {}: nothing", activity.id).unwrap();
        return;
    }
    writeln!(out, "\n{actor} for {}", activity.id).unwrap();
    let head = columns(register.categories().map(|category| category.id.as_str()));
    writeln!(out, "  {:<10}{head}", "").unwrap();
    for (operation, row) in Operation::ALL.iter().zip(rows) {
        if row.iter().any(|cell| cell.shown != "-") {
            writeln!(
                out,
                "  {:<10}{}",
                operation.word(),
                columns(row.iter().map(|cell| cell.shown.as_str()))
            )
            .unwrap();
        }
    }
}

fn columns<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    texts.map(|text| format!("{text:<16}")).collect::<String>().trim_end().to_owned()
}

/// What one actor gets for one purpose, operation and category.
struct Cell {
    shown: String,
    refused: BTreeSet<RefusalRule>,
}

fn cell(
    register: &Register,
    actor: &str,
    activity: &Activity,
    operation: Operation,
    category: &CategoryId,
) -> Cell {
    let mut lived_in: Facts =
        facts(&[(1, 1, "2020-01-01.."), (2, 2, "2015-01-01..2020-01-01"), (3, 1, "2020-01-01..")]);
    lived_in.occupancies[2].area = AreaKind::GridArea;
    let target = Target::Subject(SubjectNo::new(1));
    let mut question = ask(actor, activity.id.as_str(), operation, category.as_str(), target);
    question.factors = 2;
    question.recipient = match (operation, activity.recipients.first()) {
        (Operation::Export, Some(party)) => Some(Recipient { party: party.clone(), country: None }),
        _ => None,
    };
    let (mut granted, mut refused) = (Vec::new(), BTreeSet::new());
    for resolution in Resolution::ALL {
        question.resolution = resolution;
        match decide(register, &lived_in, &question, noon(day("2026-04-02"))) {
            Decision::Grant(grant) => granted.push((resolution, grant.scope.finest)),
            Decision::Refuse(refuse) => {
                refused.insert(refuse.rule);
            }
        }
    }
    let coarser = |finest: Resolution| Resolution::ALL.iter().filter(|&&r| r >= finest).count();
    let shown = match granted.as_slice() {
        [] => "-".to_owned(),
        all if all.len() == 6 && all.iter().all(|(_, scope)| *scope == Resolution::Raw) => "full".to_owned(),
        // What is granted finely is granted coarsely: nothing between the finest and a year is missing.
        [(finest, _), ..] => {
            assert_eq!(granted.len(), coarser(*finest), "{actor} {} {operation} {category}", activity.id);
            finest.to_string()
        }
    };
    Cell { shown, refused }
}

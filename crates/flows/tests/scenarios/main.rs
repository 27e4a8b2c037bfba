//! Scenarios that somebody who knows metering can read: one folder for each rule, with what is given and what follows.
//!
//! Each folder has a `README.md` with the rule and its source, tables below `given/` and tables below `then/`. Times are
//! local and have their offset, points and people have names, and a row says the same for `count` intervals after each
//! other. What is given is taken in through the public flows in the order of time; what `then/` names is asked for
//! there, and nothing more may be there for its points.

#![cfg(test)]

mod board;
mod capacity;
mod charges;
#[expect(dead_code, reason = "nothing of a scenario is refused as a whole")]
#[path = "../common/mod.rs"]
mod common;
mod given;
mod heating;
mod net_consumption;
mod settled;
mod tables;
mod values;

use std::path::{Path, PathBuf};

use given::Given;

/// Every folder beside this file.
fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

#[tokio::test]
async fn every_scenario_comes_out_as_written() {
    let cases = cases();
    assert!(cases.len() >= 8, "{cases:?}");
    for case in cases {
        let given = Given::take_in(&case).await;
        let mut compared = values::check(&given, &case).await;
        compared += board::check(&given, &case).await;
        compared += settled::check(&given, &case).await;
        compared += charges::check(&given, &case).await;
        compared += capacity::check(&given, &case).await;
        compared += heating::check(&given, &case).await;
        compared += net_consumption::check(&given, &case).await;
        compared += given.check_refused(&case);
        assert!(compared > 0, "{}: nothing below `then/` was compared", case.display());
    }
}

#[test]
fn every_scenario_says_its_rule_and_where_it_stands() {
    for case in cases() {
        let text = std::fs::read_to_string(case.join("README.md"));
        let text = text.unwrap_or_else(|fault| panic!("{}/README.md: {fault}", case.display()));
        for part in ["Rule: ", "Source: "] {
            assert!(text.lines().any(|line| line.starts_with(part)), "{}: no line `{part}`", case.display());
        }
        let known = [
            "quarters.csv",
            "hours.csv",
            "days.csv",
            "months.csv",
            "board.csv",
            "refused.csv",
            "settlement.csv",
            "amounts.csv",
            "fixed.csv",
            "capacity.csv",
            "heating.csv",
            "net_consumption.csv",
        ];
        for file in std::fs::read_dir(case.join("then")).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            assert!(known.contains(&name.as_str()), "{}: nobody compares `then/{name}`", case.display());
        }
    }
}

//! The rules a data folder judges by as values come.

use jiff::civil::date;
use tidstro_flows::{Opening, Workspace, show_series};
use tidstro_model::{DayRange, Resolution, Rule};

use crate::bench::{Bench, SUPPLY_ENDS, at};
use crate::common::{TOWN, actor, ask, refused_by};

/// Rules with these limits for everything.
pub(crate) fn rules(name: &str, limits: &str) -> String {
    format!(
        "name = \"{name}\"\nversion = \"2026-01-01\"\nsource = \"a test\"\n\n[[class]]\nname = \"all\"\n\n\
         [[class.limits]]\nbecause = \"a test\"\n{limits}\n"
    )
}

const JUMP: &str = "jump = { percent = 0, floor = \"500\" }";

#[tokio::test]
async fn the_file_of_the_folder_judges() {
    let bench = Bench::new(Some(&rules("own", JUMP))).await;
    assert_eq!(bench.workspace.rules().name(), "own");
    let mut values = ["0.100"; 24];
    values[7] = "0.900";
    let report = bench.ingest(&bench.rows("2026-03-09T23:00:00Z", &values), "2026-03-12T08:00:00Z").await;
    assert_eq!(report.findings.get(&Rule::Jump), Some(&2), "up and down again");
    assert_eq!(bench.marked(date(2026, 3, 10), Rule::Jump).await, [7, 8]);
}

#[tokio::test]
async fn findings_are_for_those_who_control() {
    let bench = Bench::new(None).await;
    let asked = ask(&actor("staff:anna"), "correctness-control", DayRange::always(), Resolution::PT1H);
    let answer = show_series(&bench.workspace, &asked, at("2026-04-20T06:00:00Z")).await.unwrap();
    assert_eq!(refused_by(answer), "role-not-in-purpose");
}

#[tokio::test]
async fn without_a_file_the_shipped_limits_judge() {
    let bench = Bench::new(None).await;
    assert_eq!(bench.workspace.rules().name(), "basic");
}

#[tokio::test]
async fn a_file_that_does_not_hold_together_stops_the_start_with_its_lines() {
    let bench = Bench::new(None).await;
    std::fs::write(bench.path().join("rules.toml"), rules("own", "jump = { percent = 0, floor = \"x\" }"))
        .unwrap();
    let Bench { workspace, folder, .. } = bench;
    drop(workspace);
    let opening = Opening { folder: folder.path(), register: Some(TOWN), master_key: None };
    let fault = Workspace::open(&opening, at("2026-04-20T06:00:00Z")).await.err().unwrap().to_string();
    assert!(fault.contains("rules.toml`: 10:") && fault.contains("`x`"), "{fault}");
}

#[tokio::test]
async fn rules_see_across_midnight_and_over_a_restart() {
    let bench = Bench::new(Some(&rules("own", JUMP))).await;
    bench.ingest(&bench.rows("2026-03-09T23:00:00Z", &["0.100"; 24]), "2026-03-12T08:00:00Z").await;
    let bench = bench.opened_again().await;
    bench.ingest(&bench.rows("2026-03-10T23:00:00Z", &["0.900"; 24]), "2026-03-12T09:00:00Z").await;
    assert_eq!(bench.marked(date(2026, 3, 11), Rule::Jump).await, [0]);
}

#[tokio::test]
async fn a_late_day_is_compared_with_the_day_before_it() {
    let bench = Bench::new(Some(&rules("own", JUMP))).await;
    for (start, value) in [
        ("2026-03-08T23:00:00Z", "0.100"),
        ("2026-03-10T23:00:00Z", "0.100"),
        ("2026-03-09T23:00:00Z", "0.900"),
    ] {
        bench.ingest(&bench.rows(start, &[value; 24]), "2026-03-12T08:00:00Z").await;
    }
    assert_eq!(bench.marked(date(2026, 3, 10), Rule::Jump).await, [0]);
}

#[tokio::test]
async fn what_a_rule_found_goes_with_what_it_found_it_by() {
    let bench = Bench::new(Some(&rules("own", JUMP))).await;
    let mut values = ["0.100"; 24];
    values[7] = "0.900";
    bench.ingest(&bench.rows("2026-03-09T23:00:00Z", &values), "2026-03-12T08:00:00Z").await;
    bench.ingest(&bench.rows("2026-03-10T06:00:00Z", &["0.110"]), "2026-03-12T09:00:00Z").await;
    assert_eq!(
        bench.marked(date(2026, 3, 10), Rule::Jump).await,
        [0_usize; 0],
        "hour 8 has no jump before it now"
    );
    assert!(bench.hours(date(2026, 3, 10)).await[7].corrected);
}

#[tokio::test]
async fn values_in_the_future_and_outside_the_supply_are_kept_and_found() {
    let bench = Bench::new(None).await;
    let day = bench.rows("2026-03-09T23:00:00Z", &["0.100"; 24]);
    let report = bench.ingest(&day, "2026-03-10T11:00:00Z").await;
    assert_eq!(report.findings.get(&Rule::Outside), Some(&1));
    let future: Vec<usize> = (12..24).collect();
    assert_eq!(bench.marked(date(2026, 3, 10), Rule::Outside).await, future, "hour 11 ended just now");

    let gap = bench.rows("2026-03-19T23:00:00Z", &["0.100"; 24]);
    let report = bench.ingest(&gap, "2026-04-10T11:00:00Z").await;
    assert_eq!(report.findings.get(&Rule::Outside), Some(&1));
    assert_eq!(bench.marked(SUPPLY_ENDS, Rule::Outside).await.len(), 24, "nobody supplied that day");

    // What was in the future is judged anew when more of its day comes.
    bench.ingest(&bench.rows("2026-03-10T06:00:00Z", &["0.110"]), "2026-04-10T12:00:00Z").await;
    assert_eq!(bench.marked(date(2026, 3, 10), Rule::Outside).await, [0_usize; 0]);
}

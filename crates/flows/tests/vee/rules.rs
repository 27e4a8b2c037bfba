//! The rules that judge values as they come.

use jiff::civil::date;
use tidstro_flows::{Opening, Workspace, rules_history, rules_now, show_series, take_in_rules};
use tidstro_model::{DayRange, Resolution, Rule};

use crate::bench::{Bench, SUPPLY_ENDS, at, rules_ask};
use crate::common::{TOWN, actor, ask, refused_by};

/// Rules with these limits for everything.
pub(crate) fn rules(name: &str, limits: &str) -> String {
    format!(
        "name = \"{name}\"\nversion = \"2026-01-01\"\nsource = \"a test\"\n\n[[class]]\nname = \"all\"\n\n\
         [[class.limits]]\nbecause = \"a test\"\n{limits}\n"
    )
}

const JUMP: &str = "jump = { percent = 0, floor = \"500\" }";

/// The name of the rules that judge.
async fn name(bench: &Bench) -> String {
    rules_now(&bench.workspace).await.unwrap().0.name().to_owned()
}

#[tokio::test]
async fn rules_that_were_taken_in_judge() {
    let bench = Bench::new(Some(&rules("own", JUMP))).await;
    assert_eq!(name(&bench).await, "own");
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
async fn without_rules_of_its_own_a_place_has_the_shipped_ones() {
    let bench = Bench::new(None).await;
    let (judging, text) = rules_now(&bench.workspace).await.unwrap();
    assert_eq!(judging.name(), "basic");
    assert_eq!(judging, tidstro_metering::Rules::parse(&text).unwrap());
    assert_eq!(rules_history(&bench.workspace).await.unwrap(), []);
}

#[tokio::test]
async fn a_value_is_judged_by_the_rules_that_hold_on_its_day_as_they_are_when_it_comes() {
    let bench = Bench::new(None).await;
    let later = format!(
        "{JUMP}\n[[class.limits]]\nsince = \"2026-03-11\"\nbecause = \"a test\"\njump = {{ percent = 0, floor = \"5000\" }}"
    );
    let mut values = ["0.100"; 48];
    (values[7], values[31]) = ("0.900", "0.900");
    let file = bench.rows("2026-03-09T23:00:00Z", &values);
    bench.ingest(&file, "2026-03-12T08:00:00Z").await;
    assert_eq!(bench.marked(date(2026, 3, 10), Rule::Jump).await, [0_usize; 0], "no limit for jumps yet");

    assert_eq!(bench.take_in(&rules("strict", &later), "2026-03-13T08:00:00Z").await, Some(1));
    assert_eq!(
        bench.take_in(&rules("strict", &later), "2026-03-13T09:00:00Z").await,
        None,
        "they judge already"
    );
    // One more value on each day: the day is judged anew by the limits that hold on it.
    bench.ingest(&bench.rows("2026-03-10T11:00:00Z", &["0.101"]), "2026-03-14T08:00:00Z").await;
    bench.ingest(&bench.rows("2026-03-11T11:00:00Z", &["0.101"]), "2026-03-14T08:00:00Z").await;
    assert_eq!(bench.marked(date(2026, 3, 10), Rule::Jump).await, [7, 8]);
    assert_eq!(bench.marked(date(2026, 3, 11), Rule::Jump).await, [0_usize; 0]);

    let bench = bench.opened_again().await;
    assert_eq!(name(&bench).await, "strict");
    let history = rules_history(&bench.workspace).await.unwrap();
    let told: Vec<_> =
        history.iter().map(|of| (of.no, of.name.as_str(), of.actor.as_str(), of.taken_in)).collect();
    assert_eq!(told, [(1, "strict", "staff:mikkel", at("2026-03-13T08:00:00Z"))]);
}

#[tokio::test]
async fn another_program_that_has_the_place_open_judges_by_them_too() {
    let bench = Bench::new(None).await;
    let other = crate::common::open(bench.path(), at("2026-03-01T06:00:00Z")).await;
    bench.take_in(&rules("own", JUMP), "2026-03-10T08:00:00Z").await;
    let other = Bench { workspace: other, gsrn: bench.gsrn, folder: tempfile::tempdir().unwrap() };
    let mut values = ["0.100"; 24];
    values[7] = "0.900";
    let report = other.ingest(&bench.rows("2026-03-09T23:00:00Z", &values), "2026-03-12T08:00:00Z").await;
    assert_eq!(report.findings.get(&Rule::Jump), Some(&2));
}

#[tokio::test]
async fn who_may_not_correct_takes_in_no_rules() {
    let bench = Bench::new(None).await;
    let file = ("test".into(), rules("own", JUMP));
    let answer =
        take_in_rules(&bench.workspace, &rules_ask("staff:anna"), file, at("2026-03-10T08:00:00Z")).await;
    assert_eq!(refused_by(answer.unwrap()), "role-not-in-purpose");
    assert_eq!(name(&bench).await, "basic");
    let file = ("own.toml".into(), rules("own", "jump = 7"));
    let fault =
        take_in_rules(&bench.workspace, &rules_ask("staff:mikkel"), file, at("2026-03-10T08:00:00Z")).await;
    let fault = fault.err().unwrap().to_string();
    assert!(fault.contains("own.toml`: 10:"), "{fault}");
}

/// Earlier builds read `rules.toml` in the folder.
#[tokio::test]
async fn the_file_of_a_folder_is_taken_in_once_and_not_read_again() {
    let bench = Bench::new(None).await;
    std::fs::write(bench.path().join("rules.toml"), rules("own", JUMP)).unwrap();
    let bench = bench.opened_again().await;
    assert_eq!((name(&bench).await.as_str(), bench.workspace.has_rules_aside()), ("own", false));
    assert_eq!(rules_history(&bench.workspace).await.unwrap()[0].actor, "job:open");
    std::fs::write(bench.path().join("rules.toml"), rules("changed", JUMP)).unwrap();
    let bench = bench.opened_again().await;
    assert_eq!((name(&bench).await.as_str(), bench.workspace.has_rules_aside()), ("own", true));
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

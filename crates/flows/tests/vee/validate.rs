//! What a change of rules would change, and the exceptions.

use jiff::civil::date;
use tidstro_flows::{FindingChange, FoundLine, validate_again};
use tidstro_metering::Rules;
use tidstro_model::{
    DayRange, GridArea, MasterData, PointState, PointType, Resolution, Rule, SettlementMethod, StatedPoint,
};

use crate::bench::{Bench, at};
use crate::common::{actor, ask, given, refused_by, register};
use crate::rules::rules;

async fn found(bench: &Bench, with: Option<&str>) -> Vec<FoundLine> {
    let days = DayRange::new(date(2026, 3, 10), date(2026, 3, 12)).unwrap();
    let asked = ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT1H);
    let with = with.map(|limits| Rules::parse(&rules("other", limits)).unwrap());
    let told = validate_again(&bench.workspace, &asked, with, at("2026-04-01T08:00:00Z")).await.unwrap();
    given(told).into_iter().flat_map(|series| series.found).collect()
}

/// Two days; on the second a gap at hour 3 and a jump at hour 7.
async fn bench() -> Bench {
    let bench = Bench::new(None).await;
    let mut values = ["0.100"; 48];
    (values[27], values[31]) = ("", "0.900");
    bench.ingest(&bench.rows("2026-03-09T23:00:00Z", &values), "2026-03-20T08:00:00Z").await;
    bench
}

#[tokio::test]
async fn a_change_of_rules_is_tried_and_changes_nothing() {
    let bench = bench().await;
    let before = bench.hours(date(2026, 3, 11)).await;
    let told = found(&bench, Some("jump = { percent = 0, floor = \"500\" }")).await;
    let of = |change| {
        let lines = told.iter().filter(move |line| line.change == change);
        lines.map(|line| (line.day, line.rule, line.position)).collect::<Vec<_>>()
    };
    let second = date(2026, 3, 11);
    assert_eq!(of(FindingChange::Comes), [(second, Rule::Jump, 7), (second, Rule::Jump, 8)]);
    assert_eq!(of(FindingChange::Stays), [(second, Rule::Completeness, 3)]);
    let sentence = told.iter().find(|line| line.rule == Rule::Jump).map(|line| line.sentence.clone());
    let sentence = sentence.unwrap().unwrap();
    assert!(sentence.contains("from 100 to 900 Wh is more than 500 Wh"), "{sentence}");
    assert!(sentence.contains("rules `other`"), "{sentence}");
    assert!(bench.hours(second).await == before, "a dry run");
}

#[tokio::test]
async fn findings_explain_themselves_and_are_for_those_who_control() {
    let bench = bench().await;
    let told = found(&bench, None).await;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].rule, told[0].change, told[0].marked), (Rule::Completeness, FindingChange::Stays, 1));
    assert!(told[0].sentence.as_deref().unwrap().contains("23 of 24 intervals have a value"));
    let asked = ask(&actor("staff:anna"), "correctness-control", DayRange::always(), Resolution::PT1H);
    let answer = validate_again(&bench.workspace, &asked, None, at("2026-04-01T08:00:00Z")).await.unwrap();
    assert_eq!(refused_by(answer), "role-not-in-purpose");
}

#[tokio::test]
async fn findings_in_finer_values_than_the_purpose_sees_say_why_they_are_not_explained() {
    let bench = Bench::new(None).await;
    let area = GridArea::parse("543").unwrap();
    let state = PointState::measured(PointType::Consumption(SettlementMethod::Flex), area, Resolution::PT15M);
    let stated = StatedPoint { point: bench.gsrn, state, days: DayRange::from(date(2026, 1, 1)) };
    let data = MasterData { stated_points: vec![stated], ..MasterData::default() };
    register(&bench.workspace, data, at("2026-02-01T06:00:00Z")).await;
    let mut values = ["0.100"; 48];
    values[27] = "";
    let hours = bench.rows("2026-03-09T23:00:00Z", &values);
    let quarters = |row: &str| {
        let (hour, rest) = row.split_once(":00:00Z;PT1H").unwrap();
        ["00", "15", "30", "45"].map(|minute| format!("{hour}:{minute}:00Z;PT15M{rest}\n")).concat()
    };
    let report = bench.ingest(&hours.lines().map(quarters).collect::<String>(), "2026-03-20T08:00:00Z").await;
    assert_eq!(report.findings.get(&Rule::Completeness), Some(&1), "{report:?}");
    let told = found(&bench, None).await;
    assert!(!told.is_empty());
    for line in told {
        let unsaid = line.sentence.unwrap_err().to_string();
        assert!(
            unsaid.starts_with("its values are `PT15M`, and the purpose sees none finer than `PT1H`"),
            "{unsaid}"
        );
    }
}

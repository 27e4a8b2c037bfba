//! Versions of series: what is kept, what a correction does, what was known when.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod common;

use common::{actor, ask, given, ingest, open, refused_by, register};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use tidstro_flows::{IngestReport, InputCounts, RefusedLines, SeriesValue, Workspace, inputs, show_series};
use tidstro_model::{
    Area, AreaKind, Commodity, DayRange, Decimal, Gsrn, MasterData, Occupancy, Person, Point, Quality,
    Resolution, Rule,
};
use tidstro_telegram::KeyRing;

const HEADER: &str = "metering_point;start;resolution;quantity_kwh;quality\n";

/// One electricity metering point with one customer.
struct Bench {
    workspace: Workspace,
    gsrn: Gsrn,
    folder: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let gsrn = Gsrn::from_body(57_131_315_439_035_946);
        let data = MasterData {
            areas: vec![Area { name: "543".to_owned(), kind: AreaKind::GridArea }],
            points: vec![Point {
                own_id: gsrn.to_string(),
                area: "543".to_owned(),
                commodity: Commodity::ElectricityConsumption,
                flat: None,
                room: None,
                interval: Some(Resolution::PT1H),
                transformer: None,
            }],
            people: vec![Person {
                reference: "person-1".to_owned(),
                name: "Nobody".to_owned(),
                contact: "nobody@example.org".to_owned(),
            }],
            occupancies: vec![Occupancy {
                subject: "person-1".to_owned(),
                points: vec![gsrn.to_string()],
                days: DayRange::from(date(2026, 1, 1)),
            }],
            ..MasterData::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let workspace = open(folder.path(), at("2026-04-01T06:00:00Z")).await;
        register(&workspace, data, at("2026-04-01T06:00:00Z")).await;
        Self { workspace, gsrn, folder }
    }

    /// Hours from an instant on; an empty text is a missing hour.
    fn rows(&self, start: &str, values: &[&str]) -> String {
        let start = at(start).as_second();
        let rows = values.iter().zip(0..).map(|(value, hour)| {
            let instant = Timestamp::from_second(start + hour * 3600).unwrap();
            let quality = if value.is_empty() { "missing" } else { "measured" };
            format!("{};{instant};PT1H;{value};{quality}\n", self.gsrn)
        });
        rows.collect()
    }

    async fn ingest(&self, rows: &str, now: &str) -> IngestReport {
        ingest(&self.workspace, format!("{HEADER}{rows}").as_bytes(), &KeyRing::new(), at(now)).await
    }

    async fn hours(&self, day: Date, as_of: Option<&str>) -> Vec<SeriesValue> {
        self.shown(day, Resolution::PT1H, as_of).await
    }

    async fn shown(&self, day: Date, resolution: Resolution, as_of: Option<&str>) -> Vec<SeriesValue> {
        let days = DayRange::new(day, day.tomorrow().unwrap()).unwrap();
        let mut asked = ask(&actor("staff:mikkel"), "correctness-control", days, resolution);
        asked.as_of = as_of.map(at);
        let views = given(show_series(&self.workspace, &asked, at("2026-04-20T06:00:00Z")).await.unwrap());
        views.into_iter().flat_map(|view| view.values).collect()
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_correction_is_a_version_and_the_past_stays_readable() {
    let bench = Bench::new().await;
    let day = date(2026, 3, 10);
    let first = bench.rows("2026-03-09T23:00:00Z", &["0.100"; 24]);
    let corrected = bench.rows("2026-03-10T09:00:00Z", &["0.250"]);
    assert_eq!(bench.ingest(&first, "2026-04-01T08:00:00Z").await.days_added, 1);
    assert_eq!(bench.ingest(&corrected, "2026-04-02T08:00:00Z").await.days_changed, 1);

    let now = bench.hours(day, None).await;
    assert_eq!(now[10].value, Some(Decimal::new(250, 0)));
    assert!(now[10].corrected && !now[9].corrected && !now[11].corrected, "no other interval changes");
    assert!(
        now.iter().enumerate().all(|(hour, value)| hour == 10 || value.value == Some(Decimal::new(100, 0)))
    );

    let before = bench.hours(day, Some("2026-04-01T23:00:00Z")).await;
    assert!(before.iter().all(|value| value.value == Some(Decimal::new(100, 0)) && !value.corrected));
    assert!(
        bench.hours(day, Some("2026-03-31T00:00:00Z")).await.is_empty() || {
            let none = bench.hours(day, Some("2026-03-31T00:00:00Z")).await;
            none.iter().all(|value| value.value.is_none() && value.quality == Quality::Missing)
        }
    );
}

#[tokio::test]
async fn the_same_file_again_changes_nothing() {
    let bench = Bench::new().await;
    let rows = bench.rows("2026-03-09T23:00:00Z", &["0.100"; 48]);
    assert_eq!(bench.ingest(&rows, "2026-04-01T08:00:00Z").await.days_added, 2);
    let again = bench.ingest(&rows, "2026-04-02T08:00:00Z").await;
    assert_eq!((again.days_added, again.days_changed, again.days_unchanged), (0, 0, 2));
}

#[tokio::test]
async fn a_missing_hour_is_missing_and_never_zero() {
    let bench = Bench::new().await;
    let day = date(2026, 3, 10);
    let mut values = ["0.100"; 24];
    (values[3], values[4]) = ("", "0.000");
    let report = bench.ingest(&bench.rows("2026-03-09T23:00:00Z", &values), "2026-04-01T08:00:00Z").await;
    assert_eq!(report.findings.get(&Rule::Completeness), Some(&1));
    let hours = bench.hours(day, None).await;
    assert_eq!((hours[3].value, hours[3].quality), (None, Quality::Missing));
    assert!(hours[3].findings.contains(Rule::Completeness), "the value keeps its finding");
    assert_eq!(hours[4].value, Some(Decimal::ZERO));
    let sum = bench.shown(day, Resolution::P1D, None).await;
    assert_eq!(
        (sum[0].value, sum[0].present, sum[0].expected),
        (None, 23, 24),
        "no partial sum passes as the sum"
    );

    // The hour arrives later: a new version, whole, and nothing is a correction.
    let late = bench.rows("2026-03-10T02:00:00Z", &["0.050"]);
    bench.ingest(&late, "2026-04-02T08:00:00Z").await;
    let sum = bench.shown(day, Resolution::P1D, None).await;
    assert_eq!((sum[0].value, sum[0].corrected), (Some(Decimal::new(22 * 100 + 50, 0)), false));
}

#[tokio::test]
async fn days_of_the_clock_changes_have_23_and_25_hours() {
    let bench = Bench::new().await;
    let spring = bench.rows("2026-03-28T23:00:00Z", &["0.100"; 23]);
    let autumn = bench.rows("2025-10-25T22:00:00Z", &["0.100"; 25]);
    let report = bench.ingest(&(autumn + &spring), "2026-04-01T08:00:00Z").await;
    assert_eq!((report.days_added, report.findings.len()), (2, 0));
    for (day, hours) in [(date(2026, 3, 29), 23), (date(2025, 10, 26), 25)] {
        let shown = bench.hours(day, None).await;
        assert_eq!(shown.len(), hours);
        let sum = bench.shown(day, Resolution::P1D, None).await;
        assert_eq!(sum[0].value.map(|value| value.in_steps_of(0)), Some(i64::try_from(hours * 100).ok()));
    }
}

#[tokio::test]
async fn negative_and_spike_are_findings_that_stay_with_the_value() {
    let bench = Bench::new().await;
    let mut values = vec!["0.400"; 24 * 9];
    values[24 * 8 + 5] = "-0.100";
    values[24 * 8 + 6] = "90.000";
    let report = bench.ingest(&bench.rows("2026-03-01T23:00:00Z", &values), "2026-04-01T08:00:00Z").await;
    assert_eq!(report.findings.get(&Rule::Negative), Some(&1));
    assert_eq!(report.findings.get(&Rule::Spike), Some(&1));
    let hours = bench.hours(date(2026, 3, 10), None).await;
    assert!(hours[5].findings.contains(Rule::Negative) && hours[5].value == Some(Decimal::new(-100, 0)));
    assert!(hours[6].findings.contains(Rule::Spike) && hours[6].value == Some(Decimal::new(90_000, 0)));
}

#[tokio::test]
async fn two_values_for_one_hour_in_one_file_are_two_versions() {
    let bench = Bench::new().await;
    let day = bench.rows("2026-03-09T23:00:00Z", &["0.100"; 24]);
    let other = bench.rows("2026-03-10T09:00:00Z", &["0.300"]);
    bench.ingest(&(day + &other), "2026-04-01T08:00:00Z").await;
    let hours = bench.hours(date(2026, 3, 10), None).await;
    assert!(hours[10].value == Some(Decimal::new(300, 0)) && hours[10].corrected);
}

#[tokio::test]
async fn no_finer_than_the_purpose() {
    let bench = Bench::new().await;
    let days = DayRange::from(date(2026, 3, 1));
    let asked = ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT15M);
    let answer = show_series(&bench.workspace, &asked, at("2026-04-20T06:00:00Z")).await.unwrap();
    assert_eq!(refused_by(answer), "resolution-too-fine");
}

#[tokio::test]
async fn an_open_range_is_the_series_own() {
    let bench = Bench::new().await;
    bench.ingest(&bench.rows("2026-03-09T23:00:00Z", &["0.100"; 24]), "2026-04-01T08:00:00Z").await;
    let asked = ask(&actor("staff:mikkel"), "correctness-control", DayRange::always(), Resolution::PT1H);
    let own = given(show_series(&bench.workspace, &asked, at("2026-04-20T06:00:00Z")).await.unwrap());
    assert_eq!(own[0].values.len(), 24);
}

#[tokio::test]
async fn a_folder_that_lost_a_file_is_refused() {
    for (lost, left) in [("keys.sqlite", "tidstro.sqlite"), ("tidstro.sqlite", "keys.sqlite")] {
        let bench = Bench::new().await;
        let Bench { workspace, folder, .. } = bench;
        drop(workspace);
        std::fs::remove_file(folder.path().join(lost)).unwrap();
        let opening =
            tidstro_flows::Opening { folder: folder.path(), register: Some(common::TOWN), master_key: None };
        let fault = Workspace::open(&opening, at("2026-04-20T06:00:00Z")).await.err().unwrap().to_string();
        assert!(fault.contains(lost) && fault.contains(left) && fault.contains("put it back"), "{fault}");
    }
}

#[tokio::test]
async fn what_became_of_an_input_is_kept() {
    let bench = Bench::new().await;
    let rows = bench.rows("2026-03-24T00:00:00Z", &["0.100", "0,1", "0.300", "0,1"]);
    bench.ingest(&rows, "2026-04-01T07:00:00Z").await;
    let outcomes = inputs(&bench.workspace, 10).await.unwrap();
    let [outcome] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    assert_eq!(
        (outcome.begun, outcome.ended),
        (at("2026-04-01T07:00:00Z"), Some(at("2026-04-01T07:00:00Z")))
    );
    let refused = [("quantity-form".to_owned(), RefusedLines { count: 2, first: 3 })].into();
    let counts = InputCounts { lines: 4, readings: 2, days_added: 1, refused, ..InputCounts::default() };
    assert_eq!(outcome.counts, counts);
}

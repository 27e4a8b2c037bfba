//! Files that come again, and newer ones, after somebody corrected what they said.

use jiff::civil::date;
use tidstro_flows::{
    CompactAsk, EstimateAsk, EstimateMethod, SeriesValue, compact, estimate, validate_again,
};
use tidstro_model::{DayRange, Decimal, Quality, Resolution, Rule};

use crate::bench::{Bench, at};
use crate::common::{JOB, actor, ask, given};
use crate::correct::{HOUR_8, QUARTER, corrected, story, value, with_a_day};

/// The file that [`with_a_day`] takes in.
fn old_file(bench: &Bench) -> String {
    bench.rows("2026-03-09T23:00:00Z", &["0.100"; 24])
}

async fn hour_8(bench: &Bench) -> SeriesValue {
    bench.hours(date(2026, 3, 10)).await.swap_remove(8)
}

fn watt_hours(number: i64) -> Option<Decimal> {
    Some(Decimal::new(number, 0))
}

#[tokio::test]
async fn the_same_file_again_leaves_a_correction_as_it_is() {
    let bench = with_a_day().await;
    corrected(&bench, vec![value(&bench, HOUR_8, Some(QUARTER))]).await;
    let report = bench.ingest(&old_file(&bench), "2026-03-16T08:00:00Z").await;
    assert_eq!((report.days_changed, report.days_unchanged), (0, 1));
    assert_eq!(hour_8(&bench).await.value, watt_hours(250));

    // A file with one more hour and the old value: the hour counts, the old value does not.
    let bench = bench.opened_again().await;
    bench.ingest(&bench.rows("2026-03-10T06:00:00Z", &["0.130", "0.100"]), "2026-03-17T08:00:00Z").await;
    let hours = bench.hours(date(2026, 3, 10)).await;
    assert_eq!((hours[7].value, hours[8].value), (watt_hours(130), watt_hours(250)));
    assert!(hours[7].corrected && hours[7].findings.is_empty());
}

#[tokio::test]
async fn a_newer_value_counts_and_the_correction_it_replaces_is_found() {
    let bench = with_a_day().await;
    corrected(&bench, vec![value(&bench, HOUR_8, Some(QUARTER))]).await;
    let report = bench.ingest(&bench.rows(HOUR_8, &["0.110"]), "2026-03-16T08:00:00Z").await;
    assert_eq!(report.findings.get(&Rule::Overruled), Some(&1));
    let hour = hour_8(&bench).await;
    assert_eq!((hour.value, hour.corrected), (watt_hours(110), true));
    assert_eq!(bench.marked(date(2026, 3, 10), Rule::Overruled).await, [8]);

    // What it replaced is told later too.
    let days = DayRange::new(date(2026, 3, 10), date(2026, 3, 11)).unwrap();
    let asked = ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT1H);
    let told =
        given(validate_again(&bench.workspace, &asked, None, at("2026-03-16T09:00:00Z")).await.unwrap());
    let told: Vec<_> =
        told.iter().flat_map(|series| &series.found).filter(|found| found.rule == Rule::Overruled).collect();
    assert_eq!((told.len(), told[0].position), (1, 8));
    let sentence = told[0].sentence.as_deref().unwrap();
    assert!(
        sentence.contains("the 250 Wh that somebody corrected in registration 2 became 110 Wh"),
        "{sentence}"
    );

    // The mark stays with the value while other hours change, and goes when somebody corrects it.
    bench.ingest(&bench.rows("2026-03-10T06:00:00Z", &["0.130"]), "2026-03-17T08:00:00Z").await;
    assert_eq!(bench.marked(date(2026, 3, 10), Rule::Overruled).await, [8]);
    corrected(&bench, vec![value(&bench, HOUR_8, Some(QUARTER))]).await;
    assert_eq!(bench.marked(date(2026, 3, 10), Rule::Overruled).await, [0_usize; 0]);
    let causes: Vec<_> = story(&bench, None).await.iter().map(|version| version.cause).collect();
    assert_eq!(causes, ["source", "correction", "source", "correction"]);

    // Now neither file says anything new.
    bench.ingest(&old_file(&bench), "2026-03-18T08:00:00Z").await;
    bench.ingest(&bench.rows(HOUR_8, &["0.110"]), "2026-03-18T09:00:00Z").await;
    assert_eq!(hour_8(&bench).await.value, watt_hours(250));
}

#[tokio::test]
async fn what_was_withdrawn_does_not_come_back_with_its_file() {
    let bench = with_a_day().await;
    corrected(&bench, vec![value(&bench, HOUR_8, None)]).await;
    bench.ingest(&old_file(&bench), "2026-03-16T08:00:00Z").await;
    assert_eq!(hour_8(&bench).await.quality, Quality::Missing);
    let report = bench.ingest(&bench.rows(HOUR_8, &["0.120"]), "2026-03-17T08:00:00Z").await;
    assert_eq!(hour_8(&bench).await.value, watt_hours(120));
    assert_eq!(report.findings.get(&Rule::Overruled), None);
}

#[tokio::test]
async fn a_correction_of_a_closed_month_stays_too() {
    let bench = with_a_day().await;
    let close = || async {
        let asked = CompactAsk { actor: actor(JOB), area: None, before: None };
        given(compact(&bench.workspace, asked, at("2026-05-02T06:00:00Z")).await.unwrap())
    };
    close().await;
    corrected(&bench, vec![value(&bench, HOUR_8, Some(QUARTER))]).await;
    bench.ingest(&old_file(&bench), "2026-05-03T08:00:00Z").await;
    assert_eq!(hour_8(&bench).await.value, watt_hours(250), "the file's version lies in the month");
    close().await;
    bench.ingest(&old_file(&bench), "2026-05-04T08:00:00Z").await;
    assert_eq!(hour_8(&bench).await.value, watt_hours(250), "both versions lie in the month");
    bench.ingest(&bench.rows(HOUR_8, &["0.110"]), "2026-05-05T08:00:00Z").await;
    assert_eq!(bench.marked(date(2026, 3, 10), Rule::Overruled).await, [8]);
}

#[tokio::test]
async fn an_estimate_of_a_rejected_value_stays_and_one_of_a_gap_gives_way() {
    let bench = Bench::new(Some(&crate::rules::rules("t", "jump = { percent = 0, floor = \"5000\" }"))).await;
    let mut values = ["0.100"; 24];
    (values[3], values[8]) = ("", "90.000");
    let file = bench.rows("2026-03-09T23:00:00Z", &values);
    bench.ingest(&file, "2026-03-12T08:00:00Z").await;
    let days = DayRange::new(date(2026, 3, 10), date(2026, 3, 11)).unwrap();
    let job = EstimateAsk {
        asked: ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT1H),
        method: EstimateMethod::Auto,
        profile: None,
        check_meter: None,
        rejected: vec![Rule::Jump],
        chain_days: 14,
        is_dry: false,
    };
    given(estimate(&bench.workspace, job, at("2026-03-15T08:00:00Z")).await.unwrap());
    bench.ingest(&file, "2026-03-16T08:00:00Z").await;
    let report = bench.ingest(&bench.rows("2026-03-10T02:00:00Z", &["0.140"]), "2026-03-16T09:00:00Z").await;
    let hours = bench.hours(date(2026, 3, 10)).await;
    assert_eq!((hours[8].value, hours[8].quality), (watt_hours(100), Quality::Estimated));
    assert_eq!((hours[3].value, hours[3].quality), (watt_hours(140), Quality::Measured));
    assert_eq!(report.findings.get(&Rule::Overruled), None);
}

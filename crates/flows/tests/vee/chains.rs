//! Alarms of series that are estimated for too long: when they stand, since when, and what ends them.

use jiff::Timestamp;
use jiff::civil::date;
use tidstro_flows::{
    AlarmAsk, AlarmLine, AnewAsk, EstimateAsk, EstimateMethod, estimate, resident_called, show_alarms,
    validate_kept,
};
use tidstro_metering::alarms::{AlarmCode, Severity, Source};
use tidstro_model::{ActivityId, ActorId, DayRange, Resolution};

use crate::bench::{Bench, at};
use crate::common::{actor, ask, given};
use crate::rules::rules;

/// Two days may be estimated.
const LIMIT: &str = "prolonged = { days = 2 }";
const NOW: &str = "2026-03-20T08:00:00Z";
/// Local midnight of Tuesday 10 March, and how many seconds a day has.
const TUESDAY: &str = "2026-03-09T23:00:00Z";
const DAY: i64 = 24 * 3_600;

/// Local midnight so many days after Tuesday's.
fn midnight(days: i64) -> Timestamp {
    Timestamp::from_second(at(TUESDAY).as_second() + days * DAY).unwrap()
}

/// Hours of a tenth of a kilowatt hour from a local midnight on.
async fn come(bench: &Bench, from: i64, hours: usize, quality: &str) -> (u64, u64) {
    let rows = bench.rows(&midnight(from).to_string(), &vec!["0.100"; hours]);
    let report = bench.ingest(&rows.replace("measured", quality), NOW).await;
    assert!(report.nothing_refused(), "{:?}", report.refused);
    (report.alarms.raised, report.alarms.cleared)
}

async fn seen_by(bench: &Bench, who: &ActorId, purpose: &str) -> Vec<AlarmLine> {
    let asked = AlarmAsk {
        actor: who.clone(),
        purpose: ActivityId::parse(purpose).unwrap(),
        point: None,
        area: None,
        days: DayRange::always(),
        standing: false,
    };
    given(show_alarms(&bench.workspace, &asked, at(NOW)).await.unwrap()).alarms
}

/// Since when and until when, what stands first.
async fn times(bench: &Bench) -> Vec<(Timestamp, Option<Timestamp>)> {
    let lines = seen_by(bench, &actor("staff:mikkel"), "technical-monitoring").await;
    lines.iter().map(|line| (line.since, line.until)).collect()
}

#[tokio::test]
async fn a_series_that_is_estimated_for_too_long_is_an_alarm_until_a_value_is_measured() {
    let bench = Bench::new(Some(&rules("own", LIMIT))).await;
    assert_eq!(come(&bench, 0, 24, "measured").await, (0, 0));
    assert_eq!(come(&bench, 1, 48, "estimated").await, (0, 0), "two days are not too long");
    assert_eq!(come(&bench, 3, 12, "estimated").await, (1, 0));
    let bench = bench.opened_again().await;
    assert_eq!(come(&bench, 3, 24, "estimated").await, (0, 0), "it stands");

    let lines = seen_by(&bench, &actor("staff:mikkel"), "technical-monitoring").await;
    let line = &lines[0];
    assert_eq!((lines.len(), line.code, line.severity), (1, AlarmCode::EstimateChain, Severity::Warning));
    assert_eq!((line.since, line.until, line.source), (midnight(1), None, Source::Derived));
    assert_eq!((line.point.as_str(), line.area.as_str()), (bench.gsrn.to_string().as_str(), "543"));
    assert!(line.meter.is_none() && line.series.is_some());
    let customer = resident_called(&bench.workspace, "person-1").await.unwrap().unwrap();
    assert_eq!(seen_by(&bench, &customer, "own-alarms").await.len(), 1);

    assert_eq!(come(&bench, 4, 1, "measured").await, (0, 1));
    assert_eq!(times(&bench).await, [(midnight(1), Some(midnight(4)))]);
    assert_eq!(come(&bench, 4, 1, "measured").await, (0, 0), "the same file again");
}

#[tokio::test]
async fn what_a_job_estimates_is_an_alarm_that_real_values_clear() {
    let bench = Bench::new(Some(&rules("own", LIMIT))).await;
    come(&bench, 0, 72, "measured").await;
    // Friday to Tuesday: the head-end says that it has nothing.
    let missing = bench.rows(&midnight(3).to_string(), &[""; 5 * 24]);
    assert_eq!(bench.ingest(&missing, NOW).await.alarms.raised, 0, "nothing is estimated yet");
    let days = DayRange::new(date(2026, 3, 10), date(2026, 3, 18)).unwrap();
    let asked = EstimateAsk {
        asked: ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT1H),
        method: EstimateMethod::Auto,
        profile: None,
        check_meter: None,
        rejected: Vec::new(),
        chain_days: 14,
        is_dry: false,
    };
    given(estimate(&bench.workspace, asked, at(NOW)).await.unwrap());
    assert_eq!(times(&bench).await, [(midnight(3), None)], "since Friday");

    // Real values of Monday: what is left is one day.
    assert_eq!(come(&bench, 6, 24, "measured").await, (0, 1));
    assert_eq!(times(&bench).await, [(midnight(3), Some(midnight(6)))]);
    come(&bench, 3, 5 * 24, "measured").await;
    assert_eq!(times(&bench).await.len(), 1);
}

#[tokio::test]
async fn another_limit_counts_once_the_days_are_judged_by_it() {
    let bench = Bench::new(Some(&rules("strict", LIMIT))).await;
    come(&bench, 0, 24, "measured").await;
    come(&bench, 1, 4 * 24, "estimated").await;
    assert_eq!(times(&bench).await, [(midnight(1), None)]);
    bench.take_in(&rules("mild", "prolonged = { days = 9 }"), NOW).await;
    let days = DayRange::new(date(2026, 3, 10), date(2026, 3, 20)).unwrap();
    let asked = ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT1H);
    given(validate_kept(&bench.workspace, AnewAsk { asked, reopen: None }, at(NOW)).await.unwrap());
    let shown = times(&bench).await;
    assert!(shown.iter().all(|(since, until)| *since == midnight(1) && until.is_some()), "{shown:?}");
}

#[tokio::test]
async fn without_a_limit_there_is_no_alarm() {
    let bench = Bench::new(None).await;
    assert_eq!(come(&bench, 0, 9 * 24, "estimated").await, (0, 0));
    assert_eq!(times(&bench).await, []);
}

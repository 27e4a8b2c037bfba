//! Estimates of what is missing: which intervals get a value, which must not change, and what takes their place.

use jiff::civil::{Date, date};
use proptest::test_runner::{Config, TestRunner};
use proptest::{collection::vec, option};
use tidstro_flows::{
    EstimateAsk, EstimateMethod, EstimateReport, EstimatedDay, Estimation, SeriesValue, estimate, why_value,
};
use tidstro_model::{
    DayRange, Decimal, DeviceId, Installation, MasterData, Method, Mounting, Quality, Resolution, Rule,
};
use tidstro_telegram::KeyRing;
use tidstro_world::encode::Pushed;

use crate::bench::{Bench, at, master_data};
use crate::common::{actor, ask, given, ingest, refused_by, register};

const NOW: &str = "2026-03-20T08:00:00Z";
/// A Tuesday; the one after it has no values.
const TUESDAY: Date = date(2026, 3, 10);

fn asked(days: (Date, Date), is_dry: bool) -> EstimateAsk {
    let days = DayRange::new(days.0, days.1).unwrap();
    EstimateAsk {
        asked: ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT1H),
        method: EstimateMethod::Auto,
        profile: None,
        check_meter: None,
        rejected: Vec::new(),
        chain_days: 14,
        is_dry,
    }
}

async fn made(bench: &Bench, asked: EstimateAsk) -> EstimateReport {
    given(estimate(&bench.workspace, asked, at(NOW)).await.unwrap())
}

fn days(report: EstimateReport) -> Vec<EstimatedDay> {
    report.series.into_iter().flat_map(|series| series.days).collect()
}

/// Days from Tuesday on, of a tenth of a kilowatt hour in every hour but those given, which are missing.
pub(crate) async fn with_gaps(days: usize, gaps: &[usize]) -> Bench {
    let bench = Bench::new(None).await;
    let values: Vec<_> = (0..days * 24).map(|hour| if gaps.contains(&hour) { "" } else { "0.100" }).collect();
    bench.ingest(&bench.rows("2026-03-09T23:00:00Z", &values), "2026-03-20T06:00:00Z").await;
    bench
}

const fn watt_hours(number: i64) -> Option<Decimal> {
    Some(Decimal::new(number, 0))
}

#[tokio::test]
async fn short_gaps_get_a_line_and_longer_ones_like_days() {
    let bench = with_gaps(2, &[27, 28, 34, 35, 36]).await;
    let wednesday = date(2026, 3, 11);
    let before = bench.hours(wednesday).await;
    let told = days(made(&bench, asked((TUESDAY, date(2026, 3, 12)), false)).await);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].day, told[0].left), (wednesday, 0));
    assert_eq!(told[0].made, [(Method::Linear, 2), (Method::LikeDays, 3)]);
    assert_eq!(
        (told[0].estimated, told[0].sum, told[0].register),
        (watt_hours(500), watt_hours(2_400), None)
    );

    let after = bench.hours(wednesday).await;
    for (hour, (old, new)) in before.iter().zip(&after).enumerate() {
        assert_eq!(old == new, ![3, 4, 10, 11, 12].contains(&hour), "hour {hour}");
    }
    assert_eq!((after[3].value, after[3].quality), (watt_hours(100), Quality::Estimated));
    assert!(after[3].findings.contains(Rule::Completeness), "the rule that failed stays in the mark");
    assert!(
        days(made(&bench, asked((TUESDAY, date(2026, 3, 12)), false)).await).is_empty(),
        "nothing is left"
    );
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_changes_nothing() {
    let bench = with_gaps(2, &[27]).await;
    let range = (TUESDAY, date(2026, 3, 12));
    let before = bench.hours(date(2026, 3, 11)).await;
    let dry = made(&bench, asked(range, true)).await;
    assert!(bench.hours(date(2026, 3, 11)).await == before);
    assert!(made(&bench, asked(range, false)).await == dry);
}

#[tokio::test]
async fn a_measured_value_takes_the_place_of_its_estimate() {
    let bench = with_gaps(2, &[27]).await;
    made(&bench, asked((TUESDAY, date(2026, 3, 12)), false)).await;
    bench.ingest(&bench.rows("2026-03-11T02:00:00Z", &["0.170"]), "2026-03-21T08:00:00Z").await;
    let hours = bench.hours(date(2026, 3, 11)).await;
    assert_eq!((hours[3].value, hours[3].quality), (watt_hours(170), Quality::Measured));
    assert!(hours[3].corrected, "another value was there");

    let mut why = ask(&actor("staff:mikkel"), "correctness-control", DayRange::always(), Resolution::PT1H);
    why.point = Some(bench.gsrn.to_string());
    let hour = at("2026-03-11T02:00:00Z");
    let story = given(why_value(&bench.workspace, &why, hour, at("2026-04-01T08:00:00Z")).await.unwrap());
    let causes: Vec<_> = story[0].versions.iter().map(|version| version.cause).collect();
    assert_eq!(causes, ["estimation", "source"]);
    assert_eq!(story[0].versions[0].made_by.as_deref(), Some("linear, like-days"));
}

#[tokio::test]
async fn a_day_without_anything_is_made_of_like_days_and_today_is_not() {
    // Three days with values, then nothing until the day of the run; Saturday and Sunday have no like day.
    let gaps: Vec<usize> = (3 * 24..11 * 24).collect();
    let bench = with_gaps(11, &gaps).await;
    let report = made(&bench, asked((TUESDAY, date(2026, 4, 1)), false)).await;
    let chains = report.series[0].chains.clone();
    let told = days(report);
    let made_on: Vec<_> = told.iter().filter(|day| !day.made.is_empty()).map(|day| day.day.day()).collect();
    assert_eq!(made_on, [13, 16, 17, 18, 19]);
    let left: Vec<_> = told.iter().map(|day| (day.day.day(), day.left)).filter(|of| of.1 > 0).collect();
    assert_eq!(left, [(14, 24), (15, 24)]);
    assert!(told.iter().all(|day| day.made.iter().all(|made| *made == (Method::LikeDays, 24))));
    assert!(chains.is_empty(), "seven days are not too long");
    let mut short = asked((TUESDAY, date(2026, 4, 1)), true);
    short.chain_days = 3;
    let chains = made(&bench, short).await.series.remove(0).chains;
    assert_eq!(chains.len(), 1);
    let chain = chains[0];
    assert_eq!((chain.first, chain.last, chain.intervals), (date(2026, 3, 13), date(2026, 3, 19), 5 * 24));
}

#[tokio::test]
async fn a_rejected_value_is_made_anew_only_when_somebody_rejects_it() {
    let bench = Bench::new(Some(&crate::rules::rules("t", "jump = { percent = 0, floor = \"5000\" }"))).await;
    let mut values = ["0.100"; 48];
    values[30] = "90.000";
    bench.ingest(&bench.rows("2026-03-09T23:00:00Z", &values), "2026-03-20T06:00:00Z").await;
    let wednesday = date(2026, 3, 11);
    assert!(days(made(&bench, asked((TUESDAY, date(2026, 3, 12)), false)).await).is_empty());
    assert_eq!(bench.hours(wednesday).await[6].value, watt_hours(90_000), "measured values stay");

    let reject = EstimateAsk { rejected: vec![Rule::Jump], ..asked((TUESDAY, date(2026, 3, 12)), false) };
    made(&bench, reject).await;
    let hour = bench.hours(wednesday).await[6];
    assert_eq!((hour.value, hour.quality, hour.corrected), (watt_hours(100), Quality::Estimated, true));
    assert!(hour.findings.contains(Rule::Jump));
}

/// What one step made is kept when nobody comes back for the next.
#[tokio::test]
async fn dropped_between_steps_the_next_one_does_the_rest() {
    let bench = with_gaps(2, &[27]).await;
    let range = (TUESDAY, date(2026, 3, 12));
    let begun = given(Estimation::begin(&bench.workspace, asked(range, false), at(NOW)).await.unwrap());
    assert_eq!(begun.progress(), (0, 1));
    drop(begun);
    let mut again = given(Estimation::begin(&bench.workspace, asked(range, false), at(NOW)).await.unwrap());
    assert_eq!(given(again.step(at(NOW)).await.unwrap()).unwrap().series.len(), 1);
    assert_eq!(again.progress(), (1, 1));
    drop(again);
    let mut last = given(Estimation::begin(&bench.workspace, asked(range, false), at(NOW)).await.unwrap());
    assert!(given(last.step(at(NOW)).await.unwrap()).unwrap().series.is_empty(), "nothing is left");
    assert!(given(last.step(at(NOW)).await.unwrap()).is_none());
}

#[tokio::test]
async fn who_may_not_correct_may_not_estimate() {
    let bench = with_gaps(2, &[27]).await;
    let mut stranger = asked((TUESDAY, date(2026, 3, 12)), true);
    stranger.asked.actor = actor("staff:anna");
    let answer = estimate(&bench.workspace, stranger, at(NOW)).await.unwrap();
    assert_eq!(refused_by(answer), "role-not-in-purpose");
}

/// The register of the point, in watt hours, at midnight of the days from Tuesday on.
pub(crate) async fn read_register(bench: &Bench, midnights: &[u32]) {
    let name = "TID0000000000002";
    let installation = Installation {
        meter: DeviceId::parse(&format!("name {name}")).unwrap(),
        point: bench.gsrn.to_string(),
        days: DayRange::from(date(2026, 1, 1)),
        mounting: Mounting::default(),
    };
    let data = MasterData { installations: vec![installation], ..master_data(bench.gsrn) };
    register(&bench.workspace, data, at("2026-03-01T06:00:00Z")).await;
    let telegrams = midnights.iter().zip(10..).map(|(shown, day)| {
        let registers = [([1, 0, 1, 8, 0, 255], *shown, 0, 30)];
        let clock = date(2026, 3, day).at(0, 0, 0, 0);
        let push = Pushed { clock, deviation_minutes: -60, name: Some(name), registers: &registers };
        push.p1("TID5\\1").replace("\r\n", "\n")
    });
    let lines: Vec<_> = telegrams.collect();
    let report =
        ingest(&bench.workspace, lines.join("\n").as_bytes(), &KeyRing::new(), at("2026-03-20T07:00:00Z"))
            .await;
    assert_eq!(report.telegrams_decoded, midnights.len() as u64);
}

#[tokio::test]
async fn estimates_sum_up_to_the_register_to_the_digit() {
    let bench = with_gaps(2, &[3, 9, 10, 11]).await;
    read_register(&bench, &[5_000_000, 5_002_431, 5_004_831]).await;
    let told = days(made(&bench, asked((TUESDAY, date(2026, 3, 12)), false)).await);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].made, [(Method::Linear, 1), (Method::LikeDays, 3)]);
    // 20 hours of 100 Wh were measured, so 431 of 2 431 Wh are left for four.
    let expected = (watt_hours(431), watt_hours(2_431), watt_hours(2_431));
    assert!((told[0].estimated, told[0].sum, told[0].register) == expected);
}

#[tokio::test]
async fn where_the_register_says_less_than_was_measured_nothing_is_made() {
    let bench = with_gaps(2, &[3, 30]).await;
    read_register(&bench, &[5_000_000, 5_001_000, 5_003_500]).await;
    let report = made(&bench, asked((TUESDAY, date(2026, 3, 12)), false)).await;
    let refused = report.series[0].refused.clone();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].0, at("2026-03-09T23:00:00Z"));
    assert!(
        refused[0].2.contains("the measured intervals are more than the register says"),
        "{}",
        refused[0].2
    );
    let told: Vec<_> = days(report).into_iter().map(|day| (day.day, day.left, day.estimated)).collect();
    assert!(told == [(TUESDAY, 1, watt_hours(0)), (date(2026, 3, 11), 0, watt_hours(200))]);
}

/// Any day with any gaps: what has a value keeps it with its mark, and what has none is estimated or still missing.
#[test]
fn no_other_interval_changes() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let day = || vec(option::weighted(0.8, 1_u32..2_000), 24);
    let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&(day(), day()), |(first, second)| {
            let (before, after) = runtime.block_on(filled(&[first, second].concat()));
            for (old, new) in before.iter().zip(&after) {
                if old.value.is_some() {
                    assert!(old == new, "what was measured changes");
                } else {
                    assert!(matches!(new.quality, Quality::Estimated | Quality::Missing));
                }
            }
            Ok(())
        })
        .unwrap();
}

/// The hours of two days before and after an estimation.
async fn filled(hours: &[Option<u32>]) -> (Vec<SeriesValue>, Vec<SeriesValue>) {
    let bench = Bench::new(None).await;
    let texts: Vec<_> = hours
        .iter()
        .map(|value| {
            value.map_or_else(String::new, |value| format!("{}.{:03}", value / 1_000, value % 1_000))
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    bench.ingest(&bench.rows("2026-03-09T23:00:00Z", &texts), "2026-03-20T06:00:00Z").await;
    let before = both_days(&bench).await;
    made(&bench, asked((TUESDAY, date(2026, 3, 12)), false)).await;
    let after = both_days(&bench).await;
    (before, after)
}

async fn both_days(bench: &Bench) -> Vec<SeriesValue> {
    [bench.hours(TUESDAY).await, bench.hours(date(2026, 3, 11)).await].concat()
}

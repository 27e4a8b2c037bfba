//! Estimates in the shape of a standard load profile, and the files its shares come from.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use tidstro_flows::{
    EstimateAsk, EstimateMethod, EstimateReport, FlowFault, MasterImportReport, estimate, export_master_data,
    import_master_data,
};
use tidstro_model::{CheckDigit, DayRange, Decimal, Method, Quality, Resolution};

use crate::bench::{Bench, at};
use crate::common::{JOB, actor, ask, given};
use crate::estimate::{read_register, with_gaps};
use crate::rules::rules;

const TUESDAY: Date = date(2026, 3, 10);
const NOW: &str = "2026-03-20T08:00:00Z";
const HEADER: &str = "profile;share_time;share\n";

/// Tuesday: one share at night (8 hours), two by day (16 hours).
fn shares() -> String {
    let midnight = at("2026-03-09T23:00:00Z").as_second();
    let row = |hour: i64| {
        let start = Timestamp::from_second(midnight + hour * 3_600).unwrap();
        format!("homes;{start};{}\n", if hour < 8 { "0.0001" } else { "0.0002" })
    };
    HEADER.to_owned() + &(0..24).map(row).collect::<String>()
}

async fn import(bench: &Bench, text: &str, is_dry: bool) -> MasterImportReport {
    let files = vec![("shares.csv".to_owned(), text.as_bytes().to_vec())];
    let how = (CheckDigit::Ignored, is_dry);
    given(import_master_data(&bench.workspace, &actor(JOB), files, how, at(NOW)).await.unwrap())
}

fn asked(profile: &str) -> EstimateAsk {
    let days = DayRange::new(TUESDAY, date(2026, 3, 11)).unwrap();
    EstimateAsk {
        asked: ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT1H),
        method: EstimateMethod::Profile,
        profile: Some(profile.to_owned()),
        check_meter: None,
        rejected: Vec::new(),
        chain_days: 14,
        is_dry: false,
    }
}

async fn made(bench: &Bench) -> EstimateReport {
    given(estimate(&bench.workspace, asked("homes"), at(NOW)).await.unwrap())
}

async fn values(bench: &Bench) -> Vec<Option<Decimal>> {
    bench.hours(TUESDAY).await.iter().take(24).map(|hour| hour.value).collect()
}

const fn watt_hours(number: i64) -> Option<Decimal> {
    Some(Decimal::new(number, 0))
}

/// Worked: 8 + 2 × 16 = 40 shares; the register says 4 001 Wh passed. The running sum is 800.2 after the night and grows by 200.05
/// an hour, so it is rounded up once: 2 000.5, six hours later, is 2 001 (half away from zero).
#[tokio::test]
async fn a_profile_shares_out_what_the_register_says() {
    let gaps: Vec<usize> = (0..24).collect();
    let bench = with_gaps(2, &gaps).await;
    read_register(&bench, &[5_000_000, 5_004_001]).await;
    import(&bench, &shares(), false).await;
    let report = made(&bench).await;
    assert_eq!(report.series[0].days[0].made, [(Method::Profile, 24)]);
    let values = values(&bench).await;
    let sum = values.iter().flatten().try_fold(Decimal::ZERO, |sum, value| sum.checked_add(*value));
    assert!(sum == watt_hours(4_001));
    assert!(values[..8].iter().all(|value| *value == watt_hours(100)));
    let day: Vec<_> = values[8..24].iter().map(|value| value.map(Decimal::normalised)).collect();
    let expected =
        (1..=16).map(|hour| Decimal::new(if hour == 6 { 201 } else { 200 }, 0).normalised()).map(Some);
    assert_eq!(day, expected.collect::<Vec<_>>());
    assert!(bench.hours(TUESDAY).await.iter().take(24).all(|hour| hour.quality == Quality::Estimated));
}

/// Worked: the night's 800 Wh have 8 shares, so one share is 100 Wh: the sixteen hours by day are 200 Wh each.
#[tokio::test]
async fn without_a_register_the_height_is_that_of_the_hours_beside() {
    let gaps: Vec<usize> = (8..24).collect();
    let bench = with_gaps(1, &gaps).await;
    import(&bench, &shares(), false).await;
    made(&bench).await;
    let values = values(&bench).await;
    assert!(values[..8].iter().all(|value| *value == watt_hours(100)), "what was measured stays");
    assert!(values[8..].iter().all(|value| *value == watt_hours(200)));
}

/// The class of the series names the profile; without any name there is none, and a name without shares is told.
#[tokio::test]
async fn the_class_of_a_series_names_its_profile() {
    let gaps: Vec<usize> = (8..24).collect();
    let bench = with_gaps(1, &gaps).await;
    let by_class = || EstimateAsk { profile: None, ..asked("") };
    let unnamed = estimate(&bench.workspace, by_class(), at(NOW)).await;
    assert!(matches!(unnamed, Err(FlowFault::NoProfile)));
    bench.take_in(&rules("own", "profile = \"homes\""), NOW).await;
    let unknown = estimate(&bench.workspace, by_class(), at(NOW)).await;
    assert!(matches!(unknown, Err(FlowFault::UnknownProfile { name }) if name == "homes"));
    import(&bench, &shares(), false).await;
    let report = given(estimate(&bench.workspace, by_class(), at(NOW)).await.unwrap());
    assert_eq!(report.series[0].days[0].made, [(Method::Profile, 16)]);
    assert!(values(&bench).await[8..].iter().all(|value| *value == watt_hours(200)));
}

#[tokio::test]
async fn shares_come_in_once_and_go_out_as_they_came() {
    let bench = with_gaps(1, &[]).await;
    let dry = import(&bench, &shares(), true).await;
    assert_eq!(
        (dry.changes[0].kind, dry.changes[0].name.as_str(), dry.files[0].added),
        ("profile shares", "homes", 24)
    );
    let unknown = estimate(&bench.workspace, asked("homes"), at(NOW)).await;
    assert!(
        matches!(unknown, Err(FlowFault::UnknownProfile { name }) if name == "homes"),
        "a dry run keeps nothing"
    );
    import(&bench, &shares(), false).await;
    assert!(import(&bench, &shares(), false).await.changes.is_empty());
    let files = export_master_data(&bench.workspace, None, None).await.unwrap().files;
    let written = files.iter().find(|file| file.0 == "profile_shares.csv").unwrap();
    assert_eq!((written.1.as_str(), written.2), (shares().as_str(), 24));

    let withdrawn = import(&bench, &format!("{HEADER}homes;2026-03-09T23:00:00Z;\n"), false).await;
    assert_eq!((withdrawn.files[0].added, withdrawn.files[0].retired), (0, 1));
}

#[tokio::test]
async fn shares_that_cannot_be_are_refused_with_their_reason() {
    let bench = with_gaps(1, &[]).await;
    for (row, reason) in [
        ("homes;2026-03-09T23:00:00Z;-0.1", "is not a share"),
        ("homes;2026-03-09T23:00:00Z;0,1", "is not a share"),
        ("homes;2026-03-09T23:00:00Z;NaN", "is not a share"),
        ("homes;2026-03-09T23:00:00Z;0.0000000001", "is not a share"),
        ("homes;2026-03-09T23:07:00Z;0.1", "is not the begin of a quarter"),
        (";2026-03-09T23:00:00Z;0.1", "is empty"),
    ] {
        let report = import(&bench, &format!("{HEADER}{row}\nhomes;2026-03-10T00:00:00Z;0.1\n"), true).await;
        let refused = &report.files[0].refused;
        assert!(refused.len() == 1 && refused[0].reason.contains(reason), "{row}: {refused:?}");
        assert_eq!((refused[0].line, report.files[0].added), (2, 1), "the other row is kept");
    }
}

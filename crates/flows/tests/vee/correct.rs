//! Corrections by people, and where a value comes from.

use jiff::civil::date;
use tidstro_flows::{
    CorrectAsk, Lines, StoryVersion, ValueGiven, ValueOutcome, ValueTaken, correct, find_lines, why_value,
};
use tidstro_model::{ActivityId, CategoryId, DayRange, Decimal, Quality, Resolution};

use crate::bench::{Bench, at};
use crate::common::{actor, ask, given, refused_by};

const NOW: &str = "2026-03-15T08:00:00Z";
pub(crate) const HOUR_8: &str = "2026-03-10T07:00:00Z";

/// A day of a tenth of a kilowatt hour in every hour.
pub(crate) async fn with_a_day() -> Bench {
    let bench = Bench::new(None).await;
    bench.ingest(&bench.rows("2026-03-09T23:00:00Z", &["0.100"; 24]), "2026-03-12T08:00:00Z").await;
    bench
}

pub(crate) fn value(bench: &Bench, start: &str, number: Option<Decimal>) -> ValueGiven {
    ValueGiven {
        line: 1,
        point: bench.gsrn.to_string(),
        series: None,
        at: at(start),
        value: number.map(|number| (number, Quality::Estimated)),
        reason: "the janitor read 0.250".to_owned(),
    }
}

fn asked(values: Vec<ValueGiven>, is_dry: bool) -> CorrectAsk {
    CorrectAsk {
        actor: actor("staff:mikkel"),
        purpose: ActivityId::parse("correctness-control").unwrap(),
        category: CategoryId::parse("consumption").unwrap(),
        values,
        is_dry,
    }
}

pub(crate) async fn corrected(bench: &Bench, values: Vec<ValueGiven>) -> Vec<ValueTaken> {
    given(correct(&bench.workspace, asked(values, false), at(NOW)).await.unwrap())
}

pub(crate) async fn story(bench: &Bench, as_of: Option<&str>) -> Vec<StoryVersion> {
    let mut asked = ask(&actor("staff:mikkel"), "correctness-control", DayRange::always(), Resolution::PT1H);
    (asked.point, asked.as_of) = (Some(bench.gsrn.to_string()), as_of.map(at));
    let told =
        given(why_value(&bench.workspace, &asked, at(HOUR_8), at("2026-04-01T08:00:00Z")).await.unwrap());
    told.into_iter().flat_map(|story| story.versions).collect()
}

pub(crate) const QUARTER: Decimal = Decimal::new(250, -3);

#[tokio::test]
async fn a_correction_changes_one_hour_and_says_who_and_why() {
    let bench = with_a_day().await;
    let before = bench.hours(date(2026, 3, 10)).await;
    let taken = corrected(&bench, vec![value(&bench, HOUR_8, Some(QUARTER))]).await;
    assert_eq!(
        (taken[0].outcome.clone(), taken[0].before),
        (ValueOutcome::Changed, Some(Decimal::new(100, 0)))
    );

    let after = bench.hours(date(2026, 3, 10)).await;
    for (hour, (old, new)) in before.iter().zip(&after).enumerate() {
        assert_eq!(old == new, hour != 8, "hour {hour}");
    }
    assert_eq!((after[8].value, after[8].quality), (Some(Decimal::new(250, 0)), Quality::Estimated));
    assert!(after[8].corrected);

    let told = story(&bench, None).await;
    assert_eq!(told.len(), 2);
    assert_eq!((told[0].cause, told[0].source.as_str(), told[0].reason.clone()), ("source", "test", None));
    assert_eq!(told[0].actor.as_deref(), Some("job:ingest"), "the log says who brought the file");
    assert_eq!((told[1].cause, told[1].actor.as_deref()), ("correction", Some("staff:mikkel")));
    assert_eq!(told[1].reason.as_deref(), Some("the janitor read 0.250"));
    assert_eq!(told[1].registered, at(NOW));
    assert_eq!(story(&bench, Some("2026-03-13T08:00:00Z")).await.len(), 1, "as it was known then");

    let again = corrected(&bench, vec![value(&bench, HOUR_8, Some(QUARTER))]).await;
    assert_eq!(again[0].outcome, ValueOutcome::AsItWas);
}

#[tokio::test]
async fn a_cancelled_value_is_missing_and_the_older_one_is_not_shown_again() {
    let bench = with_a_day().await;
    corrected(&bench, vec![value(&bench, HOUR_8, Some(QUARTER))]).await;
    corrected(&bench, vec![value(&bench, HOUR_8, None)]).await;
    let hours = bench.hours(date(2026, 3, 10)).await;
    assert_eq!((hours[8].value, hours[8].quality), (None, Quality::Missing));
    let told = story(&bench, None).await;
    assert_eq!(
        told.iter().map(|version| version.cause).collect::<Vec<_>>(),
        ["source", "correction", "cancellation"]
    );
    // What is sent anew is a correction of what was withdrawn.
    bench.ingest(&bench.rows(HOUR_8, &["0.120"]), "2026-03-16T08:00:00Z").await;
    let hours = bench.hours(date(2026, 3, 10)).await;
    assert!(hours[8].corrected && hours[8].value == Some(Decimal::new(120, 0)));
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let bench = with_a_day().await;
    let dry = asked(vec![value(&bench, HOUR_8, Some(QUARTER))], true);
    let taken = given(correct(&bench.workspace, dry, at(NOW)).await.unwrap());
    assert_eq!(taken[0].outcome, ValueOutcome::Changed);
    assert!(bench.hours(date(2026, 3, 10)).await.iter().all(|hour| !hour.corrected));
    assert_eq!(story(&bench, None).await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_corrected_says_why_and_the_rest_goes_through() {
    let bench = with_a_day().await;
    let stranger =
        ValueGiven { point: "571313154399999999".to_owned(), ..value(&bench, HOUR_8, Some(QUARTER)) };
    let values = vec![
        value(&bench, "2026-03-10T07:30:00Z", Some(QUARTER)),
        value(&bench, "2026-04-10T07:00:00Z", Some(QUARTER)),
        value(&bench, HOUR_8, Some(Decimal::new(1_000, -4))),
        stranger,
        value(&bench, HOUR_8, Some(QUARTER)),
        value(&bench, HOUR_8, None),
    ];
    let taken = corrected(&bench, values).await;
    let says = [
        "no PT1H interval begins",
        "in the future",
        "has 4 decimals",
        "no series of the point",
        "",
        "an earlier line",
    ];
    for (taken, says) in taken.iter().zip(says) {
        match &taken.outcome {
            ValueOutcome::Refused(why) => assert!(!says.is_empty() && why.contains(says), "{why}"),
            outcome => assert!(says.is_empty() && *outcome == ValueOutcome::Changed),
        }
    }
    assert_eq!(bench.hours(date(2026, 3, 10)).await[8].value, Some(Decimal::new(250, 0)));
}

#[tokio::test]
async fn who_may_not_correct_is_refused() {
    let bench = with_a_day().await;
    let mut by_anna = asked(vec![value(&bench, HOUR_8, Some(QUARTER))], false);
    by_anna.actor = actor("staff:anna");
    let answer = correct(&bench.workspace, by_anna, at(NOW)).await.unwrap();
    assert_eq!(refused_by(answer), "role-not-in-purpose");
}

#[tokio::test]
async fn a_reason_lies_in_no_file_in_the_clear() {
    let bench = with_a_day().await;
    corrected(&bench, vec![value(&bench, HOUR_8, Some(QUARTER))]).await;
    for file in std::fs::read_dir(bench.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(7).any(|window| window == b"janitor"));
    }
}

/// The file says one interval twice: each line is that of its version. Lines are counted with the header.
#[tokio::test]
async fn the_lines_that_said_a_value_are_found_in_its_file() {
    let bench = Bench::new(None).await;
    let mut rows = bench.rows("2026-03-09T23:00:00Z", &["0.100"; 24]);
    rows += &bench.rows(HOUR_8, &["0.250"]);
    bench.ingest(&rows, "2026-03-12T08:00:00Z").await;
    let mut asked = ask(&actor("staff:mikkel"), "correctness-control", DayRange::always(), Resolution::PT1H);
    asked.point = Some(bench.gsrn.to_string());
    let told = why_value(&bench.workspace, &asked, at(HOUR_8), at("2026-04-01T08:00:00Z")).await;
    let mut told = given(told.unwrap());
    let text = format!("metering_point;start;resolution;quantity_kwh;quality\n{rows}").replace('\n', "\r\n");
    let mut input = text.as_bytes();
    find_lines(&mut told, at(HOUR_8), &mut Lines::new(&mut input, "day.csv")).unwrap();
    let lines: Vec<_> = told[0].versions.iter().map(|version| version.lines.clone()).collect();
    let first = text.lines().position(|line| line.contains(HOUR_8)).unwrap() as u64 + 1;
    assert_eq!(lines, [vec![first], vec![26]]);

    let mut other: &[u8] = b"reference;name\n";
    let fault = find_lines(&mut told, at(HOUR_8), &mut Lines::new(&mut other, "people.csv")).unwrap_err();
    assert!(fault.to_string().starts_with("`people.csv` is no file of intervals"), "{fault}");
}

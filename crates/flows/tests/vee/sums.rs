//! The rule *sum* as values come: judged with whichever comes last, intervals or the register.

use jiff::civil::{Date, date};
use tidstro_flows::{ReleaseAsk, release_days};
use tidstro_govern::Recipient;
use tidstro_model::{ActivityId, DayRange, PartyId, Rule};

use crate::bench::{Bench, at};
use crate::common::{actor, given};
use crate::estimate::read_register;
use crate::rules::rules;

const LIMIT: &str = "sum = { pulses = 2, percent = \"0.1\" }";
const TUESDAY: Date = date(2026, 3, 10);
const WEDNESDAY: Date = date(2026, 3, 11);
/// At the midnights from Tuesday on: 31 Wh more than the intervals passed on Tuesday, and as much on Wednesday.
const SHOWN: [u32; 3] = [5_000_000, 5_002_431, 5_004_831];

/// Tuesday and Wednesday, a tenth of a kilowatt hour in each hour.
async fn intervals_come(bench: &Bench) -> Option<u64> {
    let rows = bench.rows("2026-03-09T23:00:00Z", &["0.100"; 48]);
    bench.ingest(&rows, "2026-03-20T06:00:00Z").await.findings.get(&Rule::Sum).copied()
}

/// How many hours of the two days are marked.
async fn marked(bench: &Bench) -> (usize, usize) {
    (bench.marked(TUESDAY, Rule::Sum).await.len(), bench.marked(WEDNESDAY, Rule::Sum).await.len())
}

#[tokio::test]
async fn a_register_that_comes_after_the_intervals_is_compared_with_them() {
    let bench = Bench::new(Some(&rules("own", LIMIT))).await;
    assert_eq!(intervals_come(&bench).await, None);
    read_register(&bench, &SHOWN[..1]).await;
    assert_eq!(marked(&bench).await, (0, 0), "one end is not enough");
    read_register(&bench, &SHOWN[1..]).await;
    assert_eq!(marked(&bench).await, (24, 0));
    let told = crate::correct::story(&bench, None).await;
    let causes: Vec<_> = told.iter().map(|version| (version.cause, version.made_by.as_deref())).collect();
    assert_eq!(causes, [("source", None), ("validation", Some("rules `own`"))]);
}

#[tokio::test]
async fn intervals_that_come_after_the_register_are_compared_with_it() {
    let bench = Bench::new(Some(&rules("own", LIMIT))).await;
    read_register(&bench, &SHOWN).await;
    assert_eq!(intervals_come(&bench).await, Some(1));
    assert_eq!(marked(&bench).await, (24, 0));
    // The 31 Wh that were missing come: the finding goes.
    let mended = bench.rows("2026-03-10T07:00:00Z", &["0.131"]);
    bench.ingest(&mended, "2026-03-20T09:00:00Z").await;
    assert_eq!(marked(&bench).await, (0, 0));
    // Another value that leaves them apart: it stays found, over a restart.
    let bench = bench.opened_again().await;
    bench.ingest(&bench.rows("2026-03-11T07:00:00Z", &["0.900"]), "2026-03-20T10:00:00Z").await;
    assert_eq!(marked(&bench).await, (0, 24));
    bench.ingest(&bench.rows("2026-03-11T08:00:00Z", &["0.101"]), "2026-03-20T11:00:00Z").await;
    assert_eq!(marked(&bench).await, (0, 24));
}

#[tokio::test]
async fn a_day_that_others_were_given_stays_as_it_is() {
    let bench = Bench::new(Some(&rules("own", LIMIT))).await;
    intervals_come(&bench).await;
    let release = ReleaseAsk {
        actor: actor("job:ingest"),
        purpose: ActivityId::parse("grid-reading").unwrap(),
        area: "543".to_owned(),
        days: DayRange::new(TUESDAY, WEDNESDAY).unwrap(),
        also: Vec::new(),
        recipient: Recipient { party: PartyId::parse("market-hub").unwrap(), country: None },
        factors: 1,
    };
    given(release_days(&bench.workspace, &release, at("2026-03-12T12:00:00Z")).await.unwrap());
    read_register(&bench, &SHOWN).await;
    assert_eq!(marked(&bench).await, (0, 0));
}

#[tokio::test]
async fn without_a_limit_nothing_is_compared() {
    let bench = Bench::new(None).await;
    read_register(&bench, &SHOWN).await;
    assert_eq!(intervals_come(&bench).await, None);
    assert_eq!(marked(&bench).await, (0, 0));
}

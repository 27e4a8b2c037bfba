//! What is stored, judged anew.

use jiff::civil::date;
use tidstro_flows::{
    AnewAsk, AnewReport, ReleaseAsk, ValidationAnew, release_days, validate_again, validate_kept,
};
use tidstro_govern::Recipient;
use tidstro_model::{ActivityId, DayRange, PartyId, Resolution, Rule};

use crate::bench::{Bench, SUPPLY_ENDS, at};
use crate::common::{actor, ask, given, refused_by};
use crate::correct::story;
use crate::estimate::{read_register, with_gaps};
use crate::rules::rules;

const JUMP: &str = "jump = { percent = 0, floor = \"500\" }";
const LATER: &str = "2026-04-11T08:00:00Z";

/// Two days; on the second a jump at hour 7. No limit for jumps held when they came.
async fn bench() -> Bench {
    let bench = Bench::new(None).await;
    let mut values = ["0.100"; 48];
    values[31] = "0.900";
    bench.ingest(&bench.rows("2026-03-09T23:00:00Z", &values), "2026-03-12T08:00:00Z").await;
    bench
}

fn anew(reopen: Option<&str>) -> AnewAsk {
    let days = DayRange::new(date(2026, 3, 10), date(2026, 3, 12)).unwrap();
    let asked = ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT1H);
    AnewAsk { asked, reopen: reopen.map(str::to_owned) }
}

async fn judged(bench: &Bench, asked: AnewAsk) -> AnewReport {
    given(validate_kept(&bench.workspace, asked, at(LATER)).await.unwrap())
}

#[tokio::test]
async fn only_marks_change_and_only_where_they_change() {
    let bench = bench().await;
    assert_eq!(judged(&bench, anew(None)).await.changed, 0, "the same rules say the same");
    let (first, second) = (bench.hours(date(2026, 3, 10)).await, bench.hours(date(2026, 3, 11)).await);
    bench.take_in(&rules("own", JUMP), "2026-04-10T08:00:00Z").await;
    let report = judged(&bench, anew(None)).await;
    assert_eq!((report.series, report.judged, report.changed), (1, 1, 1));
    assert_eq!((report.came.get(&Rule::Jump), report.went.len()), (Some(&2), 0));
    assert!(bench.hours(date(2026, 3, 10)).await == first);
    for (before, after) in second.iter().zip(bench.hours(date(2026, 3, 11)).await) {
        assert!(
            (before.value, before.quality, before.corrected) == (after.value, after.quality, after.corrected)
        );
    }
    assert_eq!(bench.marked(date(2026, 3, 11), Rule::Jump).await, [7, 8]);
    assert_eq!(judged(&bench, anew(None)).await.changed, 0, "once is enough");

    // Weaker rules take the marks away again, over a restart and in a closed month.
    let bench = bench.opened_again().await;
    bench.take_in(&rules("weak", "zero = { days = 7 }"), "2026-04-10T09:00:00Z").await;
    let report = judged(&bench, anew(None)).await;
    assert_eq!((report.changed, report.went.get(&Rule::Jump)), (1, Some(&2)));
    assert_eq!(bench.marked(date(2026, 3, 11), Rule::Jump).await, [0_usize; 0]);
}

#[tokio::test]
async fn a_version_says_which_rules_made_it() {
    let bench = Bench::new(None).await;
    let mut values = ["0.100"; 24];
    values[8] = "0.900";
    bench.ingest(&bench.rows("2026-03-09T23:00:00Z", &values), "2026-03-12T08:00:00Z").await;
    bench.take_in(&rules("own", JUMP), "2026-03-20T08:00:00Z").await;
    judged(&bench, anew(None)).await;
    assert_eq!(story(&bench, Some("2026-04-10T08:00:00Z")).await.len(), 1, "as it was known then");
    let told = story(&bench, None).await;
    assert_eq!((told[1].cause, told[1].made_by.as_deref()), ("validation", Some("rules `own`")));
    assert_eq!(told[1].actor.as_deref(), Some("staff:mikkel"));
}

#[tokio::test]
async fn days_that_others_were_given_are_left_until_somebody_says_why() {
    let bench = bench().await;
    let release = ReleaseAsk {
        actor: actor("job:ingest"),
        purpose: ActivityId::parse("grid-reading").unwrap(),
        area: "543".to_owned(),
        days: DayRange::new(date(2026, 3, 11), date(2026, 3, 12)).unwrap(),
        also: Vec::new(),
        recipient: Recipient { party: PartyId::parse("market-hub").unwrap(), country: None },
        factors: 1,
    };
    given(release_days(&bench.workspace, &release, at("2026-03-12T12:00:00Z")).await.unwrap());
    bench.take_in(&rules("own", JUMP), "2026-04-10T08:00:00Z").await;
    let report = judged(&bench, anew(None)).await;
    assert_eq!((report.changed, report.released), (0, 1));
    let report = judged(&bench, anew(Some("the limit was set too high"))).await;
    assert_eq!((report.changed, report.released), (1, 0));
    assert_eq!(bench.marked(date(2026, 3, 11), Rule::Jump).await, [7, 8]);
}

#[tokio::test]
async fn a_value_outside_the_supply_stays_found() {
    let bench = Bench::new(None).await;
    bench.ingest(&bench.rows("2026-03-19T23:00:00Z", &["0.100"; 24]), "2026-04-10T11:00:00Z").await;
    let mut asked = anew(None);
    asked.asked.days = DayRange::new(SUPPLY_ENDS, SUPPLY_ENDS.tomorrow().unwrap()).unwrap();
    let report = judged(&bench, asked).await;
    assert_eq!((report.series, report.changed), (1, 0));
    assert_eq!(bench.marked(SUPPLY_ENDS, Rule::Outside).await.len(), 24);
}

/// 24 hours of 100 Wh each day; the register says 2 431 Wh passed on the first and 2 400 on the second.
#[tokio::test]
async fn intervals_are_compared_with_the_register() {
    let bench = with_gaps(2, &[]).await;
    read_register(&bench, &[5_000_000, 5_002_431, 5_004_831]).await;
    bench.take_in(&rules("own", "sum = { pulses = 2, percent = \"0.1\" }"), "2026-04-10T08:00:00Z").await;
    let asked = anew(None).asked;
    let told = validate_again(&bench.workspace, &asked, None, at(LATER)).await.unwrap();
    let found: Vec<_> = given(told).into_iter().flat_map(|series| series.found).collect();
    assert_eq!(
        found.iter().map(|line| (line.day, line.rule)).collect::<Vec<_>>(),
        [(date(2026, 3, 10), Rule::Sum)]
    );
    let sentence = found[0].sentence.clone().unwrap();
    assert!(sentence.contains("the intervals are 2400 Wh, the register says 2431 Wh"), "{sentence}");

    let report = judged(&bench, anew(None)).await;
    assert_eq!((report.changed, report.came.get(&Rule::Sum)), (1, Some(&24)));
    assert_eq!(bench.marked(date(2026, 3, 10), Rule::Sum).await.len(), 24);
    assert_eq!(bench.marked(date(2026, 3, 11), Rule::Sum).await, [0_usize; 0]);
}

#[tokio::test]
async fn dropped_at_any_point_the_next_one_does_the_rest() {
    let bench = bench().await;
    bench.take_in(&rules("own", JUMP), "2026-04-10T08:00:00Z").await;
    let begun = given(ValidationAnew::begin(&bench.workspace, anew(None), at(LATER)).await.unwrap());
    assert_eq!(begun.report().judged, 0);
    drop(begun);
    assert_eq!(judged(&bench, anew(None)).await.changed, 1);
    let mut stranger = anew(None);
    stranger.asked.actor = actor("staff:anna");
    let answer = validate_kept(&bench.workspace, stranger, at(LATER)).await.unwrap();
    assert_eq!(refused_by(answer), "role-not-in-purpose");
}

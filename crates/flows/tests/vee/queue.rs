//! What waits for a decision: listed by cause, decided in bulk, and then gone from the queue.

use jiff::civil::{Date, date};
use tidstro_flows::{
    AnewAsk, CauseLine, DecideOutcome, Decision, DecisionAsk, DecisionDone, DecisionEffect, DecisionPreview,
    EstimateMethod, FindingCause, FindingCursor, FindingsAsk, OpenFindings, area_called, decide,
    finding_causes, open_findings, preview_decision, recount_findings, validate_kept,
};
use tidstro_model::{ActivityId, CategoryId, DayRange, Quality, Resolution, Rule};

use crate::bench::{Bench, at};
use crate::common::{actor, ask, given, refused_by};
use crate::correct::story;
use crate::rules::rules;

const JUMP: &str = "jump = { percent = 0, floor = \"500\" }";
const NOW: &str = "2026-03-15T08:00:00Z";
const FIRST: Date = date(2026, 3, 10);

fn asked(who: &str) -> FindingsAsk {
    FindingsAsk {
        actor: actor(who),
        purpose: ActivityId::parse("correctness-control").unwrap(),
        category: CategoryId::parse("consumption").unwrap(),
        factors: 1,
    }
}

async fn of(bench: &Bench, rule: Rule) -> FindingCause {
    let area = area_called(&bench.workspace, "543").await.unwrap();
    FindingCause { area, rule, resolution: Resolution::PT1H }
}

/// Four days; on the first two hour 8 jumps up and hour 9 down again, on the third hours 3 and 4 are missing.
async fn bench() -> Bench {
    let bench = Bench::new(Some(&rules("own", JUMP))).await;
    let mut values = ["0.100"; 96];
    (values[8], values[32]) = ("0.900", "0.900");
    (values[51], values[52]) = ("", "");
    bench.ingest(&bench.rows("2026-03-09T23:00:00Z", &values), "2026-03-14T08:00:00Z").await;
    bench
}

async fn causes(bench: &Bench, now: &str) -> Vec<CauseLine> {
    given(finding_causes(&bench.workspace, &asked("staff:mikkel"), at(now)).await.unwrap())
}

/// Each cause that waits, with how many days.
async fn waiting(bench: &Bench) -> Vec<(Rule, u64)> {
    assert_eq!(recounted(bench).await, 0, "what is kept up is what is there");
    causes(bench, NOW).await.into_iter().map(|line| (line.cause.rule, line.days)).collect()
}

async fn recounted(bench: &Bench) -> u64 {
    let asked = ask(&actor("staff:mikkel"), "correctness-control", DayRange::always(), Resolution::PT1H);
    given(recount_findings(&bench.workspace, &asked, &|_, _| (), at(NOW)).await.unwrap())
}

async fn page(bench: &Bench, rule: Rule, after: Option<FindingCursor>, limit: usize) -> OpenFindings {
    let asked = asked("staff:mikkel");
    given(
        open_findings(&bench.workspace, &asked, &of(bench, rule).await, (after, limit), at(NOW))
            .await
            .unwrap(),
    )
}

/// Every day that waits for a cause, with a decision about it.
async fn all_of(bench: &Bench, rule: Rule, decision: Decision) -> DecisionAsk {
    let waiting = page(bench, rule, None, 100).await.lines;
    let chosen = waiting.iter().map(|found| FindingCursor { day: found.day, series: found.line.series });
    DecisionAsk {
        asked: asked("staff:mikkel"),
        cause: of(bench, rule).await,
        chosen: chosen.collect(),
        decision,
    }
}

fn accept(reason: &str) -> Decision {
    Decision::Accept { reason: reason.to_owned() }
}

async fn preview(bench: &Bench, asked: &DecisionAsk) -> DecisionPreview {
    given(preview_decision(&bench.workspace, asked, at(NOW)).await.unwrap())
}

async fn decided(bench: &Bench, asked: &DecisionAsk, hash: &str) -> DecideOutcome {
    given(decide(&bench.workspace, asked, hash, at(NOW)).await.unwrap())
}

fn done(decided: u64) -> DecideOutcome {
    DecideOutcome::Done(DecisionDone { decided, left: 0, others: 0 })
}

#[tokio::test]
async fn what_waits_is_counted_by_cause_and_listed_by_day() {
    let bench = bench().await;
    assert_eq!(waiting(&bench).await, [(Rule::Jump, 2), (Rule::Completeness, 1)]);
    let causes = causes(&bench, NOW).await;
    assert_eq!((causes[0].first, causes[0].last), (FIRST, date(2026, 3, 11)));
    assert_eq!(causes[0].cause, of(&bench, Rule::Jump).await);

    let gap = page(&bench, Rule::Completeness, None, 10).await;
    let found = &gap.lines[0];
    assert_eq!((found.day, found.failed, found.present, found.expected), (date(2026, 3, 12), 2, 22, 24));
    assert!(found.line.point == bench.gsrn.to_string() && gap.next.is_none());

    let first = page(&bench, Rule::Jump, None, 1).await;
    assert_eq!((first.lines.len(), first.lines[0].day, first.lines[0].failed), (1, FIRST, 2));
    let second = page(&bench, Rule::Jump, first.next, 1).await;
    assert_eq!((second.lines.len(), second.lines[0].day), (1, date(2026, 3, 11)));
    assert_eq!(second.next, None);
    assert!(page(&bench, Rule::Spike, None, 10).await.lines.is_empty());
}

/// Half of a day has come; until it is over its other half is awaited, and nobody has to decide anything.
#[tokio::test]
async fn a_day_that_runs_waits_for_its_values() {
    let bench = Bench::new(None).await;
    bench.ingest(&bench.rows("2026-03-09T23:00:00Z", &["0.100"; 12]), "2026-03-10T12:00:00Z").await;
    assert!(causes(&bench, "2026-03-10T12:00:00Z").await.is_empty());
    assert_eq!(causes(&bench, "2026-03-10T23:00:00Z").await.len(), 1, "the day is over");
    bench.ingest(&bench.rows("2026-03-10T11:00:00Z", &["0.100"; 12]), "2026-03-11T06:00:00Z").await;
    assert_eq!(waiting(&bench).await, []);
}

#[tokio::test]
async fn estimates_empty_the_queue() {
    let bench = bench().await;
    let asked = all_of(&bench, Rule::Completeness, Decision::Estimate(EstimateMethod::Linear)).await;
    let shown = preview(&bench, &asked).await;
    assert!(matches!(shown.lines[0].effect, DecisionEffect::Makes { made: 2, left: 0, sum: Some(_) }));
    assert_eq!(waiting(&bench).await.len(), 2, "a preview changes nothing");
    assert_eq!(decided(&bench, &asked, &shown.hash).await, done(1));
    assert_eq!(waiting(&bench).await, [(Rule::Jump, 2)]);
    let hours = bench.hours(date(2026, 3, 12)).await;
    assert!([3, 4].iter().all(|hour| hours[*hour].quality == Quality::Estimated));

    // Values that failed a rule are made anew.
    let asked = all_of(&bench, Rule::Jump, Decision::Estimate(EstimateMethod::Auto)).await;
    let shown = preview(&bench, &asked).await;
    assert_eq!(decided(&bench, &asked, &shown.hash).await, done(2));
    assert_eq!(waiting(&bench).await, []);
    // Again there is nothing to decide.
    let shown = preview(&bench, &asked).await;
    assert_eq!((shown.lines.len(), shown.gone), (0, 2));
    assert_eq!(decided(&bench, &asked, &shown.hash).await, done(0));
}

#[tokio::test]
async fn what_is_accepted_stands_and_says_by_whom_and_why() {
    let bench = bench().await;
    let before = bench.hours(FIRST).await;
    let asked = all_of(&bench, Rule::Jump, accept("a heat pump was tried out")).await;
    let shown = preview(&bench, &asked).await;
    assert!(shown.lines.iter().all(|line| matches!(line.effect, DecisionEffect::Accepts(2))));
    assert_eq!(decided(&bench, &asked, &shown.hash).await, done(2));
    assert_eq!(waiting(&bench).await, [(Rule::Completeness, 1)]);
    assert!(bench.hours(FIRST).await == before, "no value and no finding is another one");
    let told = story(&bench, None).await;
    let last = told.last().unwrap();
    assert_eq!((last.cause, last.actor.as_deref()), ("acceptance", Some("staff:mikkel")));
    assert_eq!(last.reason.as_deref(), Some("a heat pump was tried out"));
    assert!(last.mark.is_accepted() && last.mark.findings().contains(Rule::Jump));

    // The same file again, and the same rules again, ask nobody anew.
    bench.ingest(&bench.rows("2026-03-09T23:00:00Z", &["0.100"; 8]), NOW).await;
    let days = DayRange::new(FIRST, date(2026, 3, 14)).unwrap();
    let again = ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT1H);
    let anew = AnewAsk { asked: again, reopen: None };
    assert_eq!(given(validate_kept(&bench.workspace, anew, at(NOW)).await.unwrap()).changed, 0);
    assert_eq!(waiting(&bench).await, [(Rule::Completeness, 1)]);
    // Another value in its place does.
    bench.ingest(&bench.rows("2026-03-10T07:00:00Z", &["0.950"]), NOW).await;
    assert_eq!(waiting(&bench).await, [(Rule::Completeness, 1), (Rule::Jump, 1)]);
}

#[tokio::test]
async fn a_gap_may_be_accepted_too_and_a_late_value_fills_it() {
    let bench = bench().await;
    let asked = all_of(&bench, Rule::Completeness, accept("the meter was off")).await;
    let shown = preview(&bench, &asked).await;
    assert_eq!(decided(&bench, &asked, &shown.hash).await, done(1));
    assert_eq!(waiting(&bench).await, [(Rule::Jump, 2)]);
    bench.ingest(&bench.rows("2026-03-12T02:00:00Z", &["0.100"]), NOW).await;
    assert_eq!(bench.hours(date(2026, 3, 12)).await[3].quality, Quality::Measured);
    assert_eq!(waiting(&bench).await, [(Rule::Jump, 2)], "the other hour is still accepted as missing");
}

#[tokio::test]
async fn what_was_not_shown_is_not_done() {
    let bench = bench().await;
    let asked = all_of(&bench, Rule::Jump, accept("as it is")).await;
    let shown = preview(&bench, &asked).await;
    let otherwise = DecisionAsk { decision: accept("for another reason"), ..asked.clone() };
    assert_eq!(decided(&bench, &otherwise, &shown.hash).await, DecideOutcome::Changed);
    // A value comes between looking and deciding.
    bench.ingest(&bench.rows("2026-03-10T20:00:00Z", &["0.120"]), NOW).await;
    assert_eq!(decided(&bench, &asked, &shown.hash).await, DecideOutcome::Changed);
    assert_eq!(waiting(&bench).await, [(Rule::Jump, 2), (Rule::Completeness, 1)]);
    let shown = preview(&bench, &asked).await;
    assert_eq!(decided(&bench, &asked, &shown.hash).await, done(2));
}

#[tokio::test]
async fn only_who_controls_sees_and_decides() {
    let bench = bench().await;
    for who in ["staff:anna", "staff:nobody", "job:ingest"] {
        let answer = finding_causes(&bench.workspace, &asked(who), at(NOW)).await.unwrap();
        assert!(["role-not-in-purpose", "unknown-actor"].contains(&refused_by(answer)), "{who}");
        let wanted = (None, 10);
        let answer =
            open_findings(&bench.workspace, &asked(who), &of(&bench, Rule::Jump).await, wanted, at(NOW))
                .await
                .unwrap();
        refused_by(answer);
        let mut decision = all_of(&bench, Rule::Jump, accept("as it is")).await;
        decision.asked = asked(who);
        refused_by(preview_decision(&bench.workspace, &decision, at(NOW)).await.unwrap());
        refused_by(decide(&bench.workspace, &decision, "", at(NOW)).await.unwrap());
    }
}

//! Events of cases and subjects: what they leave in the log, and how a clock stands as time passes.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use jiff::{SignedDuration, Timestamp};
use tidstro_calendar::Amount;
use tidstro_flows::{
    Answer, Opening, SubjectAsk, Workspace, case_clocks, case_events, export_log, lease_events,
    record_case_event, record_lease_event, register_master_data, verify_log,
};
use tidstro_govern::{
    CaseEvent, CaseStep, ClockState, Inadmissible, LeaseEvent, LeaseEventKind, Moment, Recorded, RegisterFile,
};
use tidstro_model::{ActivityId, ActorId, CaseId, ObligationId, TriggerId};
use tidstro_world::{Town, TownPlan};

const REGISTER: &str = include_str!("../../../registers/town.toml");

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn open(folder: &std::path::Path) -> Workspace {
    let files = [RegisterFile { name: "town.toml", text: REGISTER }];
    let opening = Opening { folder, register: Some(&files), master_key: None };
    Workspace::open(&opening, at("2026-01-01T00:00Z")).await.unwrap()
}

fn event(when: &str, step: CaseStep) -> CaseEvent {
    CaseEvent {
        case: CaseId::parse("access-1").unwrap(),
        at: Moment::Instant(at(when)),
        step,
        by: ActorId::parse("staff:dpo").unwrap(),
        recorded: at(when),
    }
}

fn trigger(name: &str) -> CaseStep {
    CaseStep::Trigger { trigger: TriggerId::parse(name).unwrap(), starts: None }
}

fn pause(reason: &str) -> CaseStep {
    CaseStep::Pause { obligation: ObligationId::parse("access.answer").unwrap(), reason: reason.to_owned() }
}

#[track_caller]
fn kept(recorded: &Recorded) {
    assert!(matches!(recorded, Recorded::Kept(_)), "{recorded:?}");
}

#[tokio::test]
async fn a_clock_stands_as_time_passes() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = open(folder.path()).await;
    let received = event("2026-03-02T09:00:00+01:00", trigger("access.received"));
    kept(&record_case_event(&workspace, received, at("2026-03-02T10:00:00+01:00")).await.unwrap());
    let paused = event("2026-03-05T09:00:00+01:00", pause("identity in doubt"));
    kept(&record_case_event(&workspace, paused, at("2026-03-05T10:00:00+01:00")).await.unwrap());
    let obligation = ObligationId::parse("access.answer").unwrap();
    let resumed = event("2026-03-09T09:00:00+01:00", CaseStep::Resume { obligation });
    kept(&record_case_event(&workspace, resumed, at("2026-03-10T10:00:00+01:00")).await.unwrap());
    let answered = event("2026-04-08T00:00:00+02:00", trigger("access.answered"));
    kept(&record_case_event(&workspace, answered, at("2026-04-09T10:00:00+02:00")).await.unwrap());
    // The month runs as from 6 March: its last day is Easter Monday, and it rolls to Tuesday.
    for (now, state) in [
        ("2026-03-05T08:59:59+01:00", ClockState::Running),
        ("2026-03-05T09:00:00+01:00", ClockState::Paused),
        ("2026-03-09T09:00:00+01:00", ClockState::Running),
        ("2026-04-06T00:00:00+02:00", ClockState::Running),
        ("2026-04-06T00:00:01+02:00", ClockState::Due),
        ("2026-04-07T23:59:59+02:00", ClockState::Due),
        ("2026-04-08T00:00:00+02:00", ClockState::DoneLate),
    ] {
        let clocks = case_clocks(&workspace, None, at(now)).await.unwrap();
        assert_eq!(clocks.iter().map(|clock| clock.state).collect::<Vec<_>>(), [state], "{now}");
    }
    assert!(case_clocks(&workspace, None, at("2026-03-02T08:59:59+01:00")).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_recorded_is_read_back_by_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path()).await;
    let now = at("2026-05-01T00:00Z");
    let (obligation, reason) = (ObligationId::parse("access.answer").unwrap(), "many requests".to_owned());
    let by = Amount::parse("P2M").unwrap();
    let starts = Some("2026-09-01".parse().unwrap());
    let planned = CaseStep::Trigger { trigger: TriggerId::parse("subprocessor.planned").unwrap(), starts };
    let events = [
        CaseEvent {
            at: Moment::Day("2026-03-02".parse().unwrap()),
            ..event("2026-03-02T00:00Z", trigger("access.received"))
        },
        event("2026-03-03T00:00:00.123Z", pause("identity in doubt")),
        event("2026-03-04T00:00Z", CaseStep::Resume { obligation: obligation.clone() }),
        event("2026-03-05T00:00Z", CaseStep::Extension { obligation, by, reason }),
        event("2026-03-06T00:00Z", planned),
    ];
    for event in &events {
        kept(&record_case_event(&first, event.clone(), now).await.unwrap());
    }
    drop(first);
    let read = case_events(&open(folder.path()).await, None).await.unwrap();
    assert_eq!(read, events.map(|event| CaseEvent { recorded: now, ..event }));
}

#[tokio::test]
async fn the_log_proves_a_case_without_its_reasons() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = open(folder.path()).await;
    let now = at("2026-05-01T00:00Z");
    for step in [trigger("access.received"), pause("identity of Fru Jensen in doubt")] {
        kept(&record_case_event(&workspace, event("2026-04-20T00:00Z", step), now).await.unwrap());
    }
    // The refused one is evidence, not a fact: its case has no more events than before.
    let early = event("2026-05-02T00:00Z", trigger("access.answered"));
    let refused = record_case_event(&workspace, early, now).await.unwrap();
    assert_eq!(refused, Recorded::Aside(Inadmissible::Future));
    assert_eq!(case_events(&workspace, None).await.unwrap().len(), 2);
    verify_log(&workspace).await.unwrap();
    let path = folder.path().join("bundle");
    export_log(&workspace, &path, now).await.unwrap();
    let bundle = std::fs::read_to_string(&path).unwrap();
    let of_case: Vec<_> = bundle.lines().filter(|line| line.contains("\"access-1\"")).collect();
    assert_eq!(of_case.len(), 2, "{of_case:?}");
    assert!(of_case.iter().all(|line| line.contains("case-event") && line.contains("access.")));
    assert!(!bundle.contains("Jensen"));
}

#[tokio::test]
async fn a_subjects_event_needs_a_purpose_and_names_nobody_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = open(folder.path()).await;
    let town = Town::build(&TownPlan::default());
    let now = town.plan.first_day.at(12, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp();
    let job = ActorId::parse("job:ingest").unwrap();
    let registered = register_master_data(&workspace, &job, town.master_data(), now).await.unwrap();
    assert!(matches!(registered, Answer::Given(_)));
    let ask = |actor: &str| SubjectAsk {
        actor: ActorId::parse(actor).unwrap(),
        purpose: ActivityId::parse("rights").unwrap(),
        reference: Town::person_reference(0),
        factors: 1,
    };
    let kind = LeaseEventKind::HoldSet;
    let held = LeaseEvent {
        at: now - SignedDuration::from_hours(1),
        kind,
        matter: None,
        activity: None,
        days: None,
    };
    let refused = record_lease_event(&workspace, &ask("staff:anna"), held.clone(), now).await.unwrap();
    assert!(matches!(refused, Answer::Refused(_)));
    match record_lease_event(&workspace, &ask("staff:dpo"), held.clone(), now).await.unwrap() {
        Answer::Given(recorded) => kept(&recorded),
        Answer::Refused(refuse) => panic!("{refuse:?}"),
    }
    match lease_events(&workspace, &ask("staff:dpo"), now).await.unwrap() {
        Answer::Given(events) => assert_eq!(events, [held]),
        Answer::Refused(refuse) => panic!("{refuse:?}"),
    }
    let path = folder.path().join("bundle");
    export_log(&workspace, &path, now).await.unwrap();
    let bundle = std::fs::read_to_string(&path).unwrap();
    let facts: Vec<_> = bundle.lines().filter(|line| line.contains("lease-event")).collect();
    let [fact] = facts.as_slice() else { panic!("{facts:?}") };
    assert!(fact.contains("hold-set") && !fact.contains(&Town::person_reference(0)), "{fact}");
}

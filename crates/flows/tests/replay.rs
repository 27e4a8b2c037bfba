//! The same register and the same events give the same answers, byte for byte.
//!
//! Two stores are made apart, with keys and nonces of their own, and told the same at the same instants. What
//! each says afterwards, in every form the program prints, is compared as text.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

mod common;

use common::{actor, ask, given, ingest, open, refused_by, register};
use jiff::{SignedDuration, Timestamp};
use tidstro_flows::{
    SeriesValue, SeriesView, SubjectAsk, Workspace, case_clocks, controls, preview_retention,
    record_case_event, record_lease_event, show_series, subject_leases,
};
use tidstro_govern::{
    CaseEvent, CaseStep, Language, LeaseEvent, LeaseEventKind, Moment, RecordOf, Recorded, notice, record,
};
use tidstro_model::{ActivityId, CaseId, DayRange, Resolution, TriggerId};
use tidstro_telegram::KeyRing;
use tidstro_world::{Town, TownPlan};

/// A town told of one flat's telegrams, a case, and what a resident chose.
async fn told(folder: &std::path::Path, town: &Town, now: Timestamp) -> Workspace {
    let workspace = open(folder, now).await;
    register(&workspace, town.master_data(), now).await;
    let keys = KeyRing::parse(&town.keys_csv()).unwrap();
    let mut lines = String::new();
    for frame in town.telegrams(&point(town), town.plan.first_day) {
        lines.extend(frame.iter().map(|byte| format!("{byte:02X}")));
        lines.push('\n');
    }
    ingest(&workspace, lines.as_bytes(), &keys, now).await;
    for (kind, hours) in [(LeaseEventKind::RestrictionSet, 1), (LeaseEventKind::RestrictionLifted, 30)] {
        let at = now + SignedDuration::from_hours(hours);
        let event = LeaseEvent { at, kind, matter: None, activity: None, days: None };
        let answer = record_lease_event(&workspace, &of_resident(town), event, at).await.unwrap();
        assert!(matches!(given(answer), Recorded::Kept(_)));
    }
    let event = CaseEvent {
        case: CaseId::parse("access-1").unwrap(),
        at: Moment::Instant(now),
        recorded: now,
        by: actor("staff:dpo"),
        step: CaseStep::Trigger { trigger: TriggerId::parse("access.received").unwrap(), starts: None },
    };
    assert!(matches!(record_case_event(&workspace, event, now).await.unwrap(), Recorded::Kept(_)));
    workspace
}

fn point(town: &Town) -> String {
    format!("{}/cold-water", town.flats[0].slug())
}

fn of_resident(town: &Town) -> SubjectAsk {
    SubjectAsk {
        actor: actor("staff:dpo"),
        purpose: ActivityId::parse("rights").unwrap(),
        reference: Town::person_reference(town.flats[0].stays[0].tenant),
        factors: 1,
    }
}

/// Values have no `Debug`, so that none is ever printed by mistake; this prints them on purpose.
fn values(views: &[SeriesView]) -> String {
    let of = |view: &SeriesView| {
        let values = view.values.iter().map(|value_of| {
            let SeriesValue { start, end, value, quality, present, expected, .. } = value_of;
            let SeriesValue { estimated, method, findings, corrected, .. } = value_of;
            let value = value.map_or_else(|| "-".to_owned(), |value| value.to_string());
            format!("{start} {end} {value} {quality:?} {present}/{expected} {estimated} {method:?} {findings:?} {corrected}")
        });
        format!("{:?} {:?}\n{}", view.line, view.days, values.collect::<Vec<_>>().join("\n"))
    };
    views.iter().map(of).collect::<Vec<_>>().join("\n")
}

/// Everything the store answers at one instant, as text.
async fn said(workspace: &Workspace, town: &Town, now: Timestamp) -> Vec<String> {
    let mut asked = ask(&actor("staff:mikkel"), "validation", DayRange::always(), Resolution::P1D);
    asked.point = Some(point(town));
    let reference = Town::person_reference(town.flats[0].stays[0].tenant);
    let rights = ActivityId::parse("rights").unwrap();
    let leases = given(
        subject_leases(workspace, &actor("staff:dpo"), (&rights, 1), Some(&reference), now).await.unwrap(),
    );
    let preview = given(preview_retention(workspace, &actor("job:retention"), now).await.unwrap());
    let mut said = vec![
        values(&given(show_series(workspace, &asked, now).await.unwrap())),
        format!("{leases:?}"),
        leases.chart.text(),
        leases.chart.svg(),
        format!("{:?}", case_clocks(workspace, None, now).await.unwrap()),
        format!("{:?} {:?}", preview.counts, preview.hash),
    ];
    let hours = ask(&actor("staff:anna"), "billing", DayRange::always(), Resolution::PT1H);
    said.push(refused_by(show_series(workspace, &hours, now).await.unwrap()).to_owned());
    for language in Language::ALL {
        let told = notice(workspace.register(), None, *language).unwrap();
        said.extend([told.to_text(), told.to_html(), told.to_json().to_string()]);
        let kept = record(workspace.register(), &RecordOf::Processor, *language).unwrap();
        said.extend([kept.to_text(), kept.to_html(), kept.to_json().to_string()]);
    }
    let found = controls(workspace, now).await.unwrap();
    said.extend(found.into_iter().filter_map(|control| Some(format!("{:?}", control.found?))));
    said
}

#[tokio::test]
async fn the_same_register_and_events_give_the_same_answers() {
    let town = Town::build(&TownPlan::default());
    let now = town.plan.first_day.at(21, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [first, second] =
        [told(folders[0].path(), &town, now).await, told(folders[1].path(), &town, now).await];
    for later in [31, 24 * 40, 24 * 365 * 8] {
        let at = now + SignedDuration::from_hours(later);
        let (one, other) = (said(&first, &town, at).await, said(&second, &town, at).await);
        assert_eq!(one.len(), other.len());
        // Years later no purpose validates any more; everything else is still said.
        let unsaid = one.iter().position(String::is_empty);
        assert_eq!(unsaid, (later > 24 * 365).then_some(0), "{later} hours on");
        for (one, other) in one.iter().zip(&other) {
            assert_eq!(one, other, "{later} hours on");
        }
    }
}

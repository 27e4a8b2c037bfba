//! What keeps a run from erasing: nobody's approval, a hold, something that happened since the preview.

use tidstro_flows::{
    PreviewState, RetentionOutcome, approve_retention, preview_retention, run_retention, show_retention,
};
use tidstro_govern::{Bucket, LeaseEventKind, Protection};

use crate::common::{actor, given};
use crate::records::Affair;
use crate::store::{APPROVER, JOB, at};

const RULE: &str = "keep = [{ from = \"registration\", at_most = \"P14D\", then = \"erase\" }]";
const LATER: &str = "2025-02-01T12:00:00Z";

async fn affair() -> Affair {
    Affair::new(&[("web-log", "visit", RULE)]).await
}

#[tokio::test]
async fn nothing_runs_without_the_approval_of_somebody_else() {
    let affair = affair().await;
    let workspace = affair.folder.open(LATER).await;
    let preview = given(preview_retention(&workspace, &actor(JOB), at(LATER)).await.unwrap());
    let refused = |outcome| matches!(outcome, RetentionOutcome::Refused(_));
    assert!(refused(affair.folder.run(&workspace, preview.number, LATER).await));
    for who in [JOB, "staff:clerk", "staff:nobody"] {
        let outcome = approve_retention(&workspace, &actor(who), preview.number, at(LATER)).await.unwrap();
        assert!(refused(outcome), "{who}");
    }
    let officer = actor(APPROVER);
    let approve = || approve_retention(&workspace, &officer, preview.number, at(LATER));
    assert_eq!(approve().await.unwrap(), RetentionOutcome::Approved);
    assert!(refused(approve().await.unwrap()), "once is enough");
    let clerk = run_retention(&workspace, &actor("staff:clerk"), preview.number, at(LATER), |_, _| ()).await;
    assert!(matches!(clerk.unwrap(), tidstro_flows::Answer::Refused(_)), "a run needs its own purpose");
    let run = affair.folder.run(&workspace, preview.number, LATER).await;
    assert!(matches!(run, RetentionOutcome::Erased { left: 0, .. }), "{run:?}");
    let shown = show_retention(&workspace, None).await.unwrap().unwrap();
    assert_eq!((shown.state, shown.approver), (PreviewState::Done, Some(actor(APPROVER))));
}

#[tokio::test]
async fn a_hold_protects_until_it_is_lifted() {
    let affair = affair().await;
    affair.event(LeaseEventKind::HoldSet, "2025-01-20T08:00:00Z").await;
    let preview = affair.folder.preview(LATER).await;
    assert!(preview.is_empty());
    let entry = preview.counts.iter().find(|line| line.category.as_str() == "entry").unwrap();
    assert_eq!((entry.bucket, entry.protection), (Bucket::Protected, Some(Protection::Hold)));
    assert!(entry.rule.contains("at most P14D"), "its rule is named too: {}", entry.rule);
    affair.event(LeaseEventKind::HoldLifted, "2025-01-25T08:00:00Z").await;
    affair.folder.erase(LATER).await;
}

#[tokio::test]
async fn a_hold_after_the_preview_stops_the_run() {
    // Who may still write down a claim when the log's own time is over.
    let claims = "data = { choices = \"full\" }\nkeep = [{ from = \"case-closed\", at_once = true, then = \"erase\" }]";
    let mut affair = Affair::new(&[("web-log", "visit", RULE), ("claims", "visit", claims)]).await;
    let number = {
        let workspace = affair.folder.open(LATER).await;
        let preview = given(preview_retention(&workspace, &actor(JOB), at(LATER)).await.unwrap());
        approve_retention(&workspace, &actor(APPROVER), preview.number, at(LATER)).await.unwrap();
        preview.number
    };
    affair.activity = "claims".to_owned();
    affair.event(LeaseEventKind::HoldSet, "2025-02-01T13:00:00Z").await;
    let (workspace, late) = (affair.folder.open(LATER).await, "2025-02-01T14:00:00Z");
    let run = affair.folder.run(&workspace, number, late).await;
    assert!(matches!(run, RetentionOutcome::Refused(why) if why.contains("preview again")), "{run:?}");
    assert_eq!(
        show_retention(&workspace, Some(number)).await.unwrap().unwrap().state,
        PreviewState::Approved
    );
}

#[tokio::test]
async fn a_new_preview_takes_the_place_of_one_that_has_not_run() {
    let affair = affair().await;
    let first = affair.folder.preview(LATER).await;
    let second = affair.folder.preview("2025-02-02T12:00:00Z").await;
    assert_eq!(second.number, first.number + 1, "no number is given twice");
    let workspace = affair.folder.open(LATER).await;
    assert!(show_retention(&workspace, Some(first.number)).await.is_err());
    assert_ne!(first.hash, second.hash, "the instant is part of what is approved");
}

#[tokio::test]
async fn a_hold_can_be_set_when_no_lease_is_left() {
    let affair = affair().await;
    affair.event(LeaseEventKind::HoldSet, "2025-01-31T08:00:00Z").await;
    assert!(affair.folder.preview(LATER).await.is_empty(), "nothing goes while a claim stands");
    affair.event(LeaseEventKind::HoldLifted, "2025-02-01T08:00:00Z").await;
    affair.folder.erase(LATER).await;
}

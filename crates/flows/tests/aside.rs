//! What was not admitted: who may look at it, and when it ends.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

#[expect(dead_code, reason = "this story needs some of the helpers")]
mod common;

use std::path::Path;

use common::{actor, given, open, refused_by};
use jiff::Timestamp;
use tidstro_flows::{
    AsideAsk, AsideItem, FlowFault, Opening, Workspace, export_log, import_events, kept_aside,
    record_case_event, show_aside, verify_log,
};
use tidstro_govern::log::AsideReason;
use tidstro_govern::{CaseEvent, CaseStep, Moment, RegisterFile};
use tidstro_model::{ActivityId, CaseId, TriggerId};

/// The register's time for what was kept aside is thirteen months; the day it was kept is not counted.
const KEPT: &str = "2025-01-15T12:00:00Z";
const LAST: &str = "2026-02-15T22:59:59Z";
const OVER: &str = "2026-02-15T23:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn ask(who: &str, purpose: &str) -> AsideAsk {
    AsideAsk { actor: actor(who), purpose: ActivityId::parse(purpose).unwrap(), factors: 1 }
}

/// Two lines of another program, and an event of a case, none of which is admitted.
async fn keep_three(folder: &Path) -> Workspace {
    let workspace = open(folder, at(KEPT)).await;
    let mut lines = b"the password of Fru Jensen is hunter2\n{}\n".as_slice();
    let imported =
        import_events(&workspace, &actor("job:ingest"), &mut lines, "events", at(KEPT)).await.unwrap();
    assert_eq!(imported.aside.len(), 2);
    let event = CaseEvent {
        case: CaseId::parse("case-7").unwrap(),
        at: Moment::Instant(at(KEPT)),
        step: CaseStep::Trigger { trigger: TriggerId::parse("flood").unwrap(), starts: None },
        by: actor("staff:dpo"),
        recorded: at(KEPT),
    };
    record_case_event(&workspace, event, at(KEPT)).await.unwrap();
    workspace
}

async fn listed(workspace: &Workspace, now: &str) -> Vec<AsideItem> {
    given(kept_aside(workspace, &ask("staff:dpo", "evidence"), at(now)).await.unwrap())
}

#[tokio::test]
async fn what_is_kept_aside_is_listed_and_opened_under_a_permit() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = keep_three(folder.path()).await;
    let item =
        |number, by: &str, line, reason| AsideItem { number, kept: at(KEPT), by: actor(by), line, reason };
    let expected = [
        item(1, "job:ingest", Some(1), AsideReason::Unreadable),
        item(2, "job:ingest", Some(2), AsideReason::Unreadable),
        item(3, "staff:dpo", None, AsideReason::UnknownKind),
    ];
    assert_eq!(listed(&workspace, KEPT).await, expected);
    let dpo = ask("staff:dpo", "evidence");
    let opened = given(show_aside(&workspace, &dpo, 1, at(KEPT)).await.unwrap());
    assert_eq!(opened, Some((expected[0].clone(), b"the password of Fru Jensen is hunter2".to_vec())));
    let opened = given(show_aside(&workspace, &dpo, 3, at(KEPT)).await.unwrap());
    assert_eq!(opened.unwrap().1, b"flood at 2025-01-15T12:00:00Z in case case-7");
    assert_eq!(given(show_aside(&workspace, &dpo, 4, at(KEPT)).await.unwrap()), None);

    for (who, purpose, rule) in [
        ("staff:anna", "evidence", "role-not-in-purpose"),
        ("staff:nobody", "evidence", "unknown-actor"),
        ("resident:1", "own-view", "category-not-in-purpose"),
        ("staff:dpo", "rights", "category-not-in-purpose"),
    ] {
        let refused = kept_aside(&workspace, &ask(who, purpose), at(KEPT)).await.unwrap();
        assert_eq!(refused_by(refused), rule, "{who} {purpose}");
        let refused = show_aside(&workspace, &ask(who, purpose), 1, at(KEPT)).await.unwrap();
        assert_eq!(refused_by(refused), rule, "{who} {purpose}");
    }
    let path = folder.path().join("bundle");
    export_log(&workspace, &path, at(KEPT)).await.unwrap();
    let bundle = std::fs::read_to_string(&path).unwrap();
    assert_eq!(bundle.matches("read kept-aside").count(), 4 + 8, "every look is in the log");
    assert!(!bundle.contains("Jensen") && !bundle.contains("hunter2"));
}

#[tokio::test]
async fn what_is_kept_aside_ends_when_the_register_says() {
    let folder = tempfile::tempdir().unwrap();
    drop(keep_three(folder.path()).await);
    let number = |items: &[AsideItem]| items.iter().map(|item| item.number).collect::<Vec<_>>();
    let last = open(folder.path(), at(LAST)).await;
    assert_eq!(number(&listed(&last, LAST).await), [1, 2, 3], "the last second in which they are kept");
    let mut line = b"later\n".as_slice();
    import_events(&last, &actor("job:ingest"), &mut line, "events", at(LAST)).await.unwrap();
    drop(last);
    let over = open(folder.path(), at(OVER)).await;
    assert_eq!(number(&listed(&over, OVER).await), [4], "what came in later has its own time");
    assert_eq!(given(show_aside(&over, &ask("staff:dpo", "evidence"), 1, at(OVER)).await.unwrap()), None);
    verify_log(&over).await.unwrap();
    let path = folder.path().join("bundle");
    export_log(&over, &path, at(OVER)).await.unwrap();
    let bundle = std::fs::read_to_string(&path).unwrap();
    assert_eq!(bundle.matches("3 lines kept aside").count(), 1);
    drop(over);
    // Numbers are not given again, and nothing is erased twice.
    let later = open(folder.path(), at("2030-01-01T00:00:00Z")).await;
    assert_eq!(listed(&later, "2030-01-01T00:00:00Z").await, []);
    let mut line = b"much later\n".as_slice();
    import_events(&later, &actor("job:ingest"), &mut line, "events", at("2030-01-01T00:00:00Z"))
        .await
        .unwrap();
    assert_eq!(number(&listed(&later, "2030-01-01T00:00:00Z").await), [5]);
    drop(later);
    drop(open(folder.path(), at("2030-01-01T00:00:00Z")).await);
}

#[tokio::test]
async fn a_register_says_when_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let text = common::TOWN[0].text;
    let kept = "from = \"registration\", for = [\"P13M\"]";
    assert_eq!(text.matches(kept).count(), 1);
    for (register, says) in [
        (text.replace(kept, "from = \"occupancy-end\", for = [\"P13M\"]"), "counts from `registration`"),
        (text.replace("[\"event_aside.sealed\"]", "[]"), "`event_aside.sealed` holds personal data"),
    ] {
        let files = [RegisterFile { name: "town.toml", text: &register }];
        let opening = Opening { folder: folder.path(), register: Some(&files), master_key: None };
        match Workspace::open(&opening, at(KEPT)).await {
            Err(FlowFault::Store(fault)) => assert!(fault.to_string().contains(says), "{fault}"),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("opened"),
        }
    }
}

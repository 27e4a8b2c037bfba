//! What a register that changes means for whoever decides by the old one.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::path::Path;

use jiff::Timestamp;
use tidstro_flows::{FlowFault, Opening, SeriesAsk, Workspace, approve_register};
use tidstro_govern::{Approval, Decision, Operation, Register, RegisterFile};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, Resolution};

const TOWN: &str = include_str!("../../../registers/town.toml");

fn now() -> Timestamp {
    "2026-04-02T10:00:00Z".parse().unwrap()
}

fn wider() -> String {
    TOWN.replacen("consumption = \"P1M\"", "consumption = \"PT1H\"", 1)
}

fn narrower() -> String {
    TOWN.replacen("consumption = \"P1M\"", "consumption = \"P1Y\"", 1)
}

async fn open(folder: &Path, text: Option<&str>) -> Result<Workspace, FlowFault> {
    let files = text.map(|text| [RegisterFile { name: "register.toml", text }]);
    let register = files.as_ref().map(<[_; 1]>::as_slice);
    Workspace::open(&Opening { folder, register, master_key: None }, now()).await
}

/// Whether the clerk for accounts would get this resolution.
async fn is_granted(workspace: &Workspace, resolution: Resolution) -> Result<bool, FlowFault> {
    let ask = SeriesAsk {
        actor: ActorId::parse("staff:anna").unwrap(),
        purpose: ActivityId::parse("billing").unwrap(),
        category: CategoryId::parse("consumption").unwrap(),
        point: None,
        area: None,
        series: None,
        days: DayRange::always(),
        resolution,
        as_of: None,
        recipient: None,
        factors: 1,
    };
    let explanation = tidstro_flows::explain_ask(workspace, &ask, Operation::Read, now()).await?;
    Ok(matches!(explanation.decision, Decision::Grant(_)))
}

/// What a refused opening must leave as it was: how many facts the log has, and which register runs.
async fn state(workspace: &Workspace) -> (u64, [u8; 32]) {
    let report = tidstro_flows::verify_log(workspace).await.unwrap();
    let facts = report.streams.iter().find(|stream| stream.stream.to_string() == "facts/1");
    (facts.map_or(0, |stream| stream.events), workspace.register().hash())
}

#[tokio::test]
async fn a_refused_register_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let running = open(folder.path(), Some(TOWN)).await.unwrap();
    let before = state(&running).await;
    for text in [wider(), wider() + "\n[[", String::new()] {
        assert!(open(folder.path(), Some(&text)).await.is_err());
    }
    assert_eq!(state(&running).await, before);
    assert!(is_granted(&running, Resolution::P1M).await.unwrap());
    // Without a text it is the running one that opens.
    assert_eq!(state(&open(folder.path(), None).await.unwrap()).await, before);
}

#[tokio::test]
async fn whoever_holds_the_old_register_open_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let old = open(folder.path(), Some(TOWN)).await.unwrap();
    let new = open(folder.path(), Some(&narrower())).await.unwrap();
    assert!(!is_granted(&new, Resolution::P1M).await.unwrap());
    let fault = is_granted(&old, Resolution::P1M).await.unwrap_err().to_string();
    assert!(fault.contains("became active meanwhile"), "{fault}");
}

#[tokio::test]
async fn what_was_approved_opens_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let running = open(folder.path(), Some(TOWN)).await.unwrap();
    let given = Register::parse(&wider(), "wider.toml").unwrap();
    let by = |name: &str| ActorId::parse(name).unwrap();
    let clerk = approve_register(&running, given.clone(), &by("staff:anna"), now()).await.unwrap();
    assert!(matches!(clerk, Approval::NotAnApprover { .. }), "{clerk:?}");
    let officer = approve_register(&running, given, &by("staff:dpo"), now()).await.unwrap();
    assert!(matches!(&officer, Approval::Approved(diff) if diff.widens()), "{officer:?}");
    let new = open(folder.path(), Some(&wider())).await.unwrap();
    assert!(is_granted(&new, Resolution::PT1H).await.unwrap());
}

#[tokio::test]
async fn a_folder_without_a_register_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let fault = open(folder.path(), None).await.err().unwrap().to_string();
    assert!(fault.contains("no register was ever active in this data set"), "{fault}");
}

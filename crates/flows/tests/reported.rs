//! What another program reports is judged like what is recorded here, and moves leases and clocks.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

#[expect(dead_code, reason = "this story needs some of the helpers")]
mod common;

use common::{actor, given, register};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tidstro_flows::{
    FlowFault, Opening, SubjectAsk, Workspace, case_clocks, case_events, export_log, import_events,
    lease_events, subject_leases, verify_log,
};
use tidstro_govern::log::{AsideReason, hex};
use tidstro_govern::{ClockState, LeaseEventKind, RegisterFile};
use tidstro_model::{ActivityId, DayRange};
use tidstro_world::{Town, TownPlan};

/// The owner's system. It tells who moves out, and takes requests for access.
const OWNER: &str = "\n[[actor]]\nid = \"job:owner\"\nroles = [\"registrar\", \"data-protection-officer\"]\n";

/// A town without a value yet, at noon of the day after its first.
struct Reported {
    folder: tempfile::TempDir,
    town: Town,
    workspace: Workspace,
    now: Timestamp,
    prior: String,
}

impl Reported {
    async fn new() -> Self {
        let town = Town::build(&TownPlan::default());
        let folder = tempfile::tempdir().unwrap();
        let second = town.plan.first_day.tomorrow().unwrap();
        let now = second.at(12, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp();
        let workspace = open(folder.path(), now).await;
        register(&workspace, town.master_data(), now).await;
        Self { folder, town, workspace, now, prior: "0".repeat(64) }
    }

    /// A person who lives there, by reference.
    fn tenant(&self) -> String {
        Town::person_reference(self.town.flats[0].stays[0].tenant)
    }

    /// One line after the other, each with these fields.
    fn chain(&mut self, fields: &[String]) -> String {
        let mut text = String::new();
        for fields in fields {
            let line =
                format!("{{\"on\":\"{}\",{fields},\"prior\":\"{}\"}}", self.town.plan.first_day, self.prior);
            self.prior = hex(Sha256::digest(line.as_bytes()).as_ref());
            text.push_str(&line);
            text.push('\n');
        }
        text
    }

    async fn import(&mut self, name: &str, fields: &[String]) -> (u64, Vec<(u64, AsideReason)>) {
        let text = self.chain(fields);
        let (actor, mut input) = (actor(name), text.as_bytes());
        let imported = import_events(&self.workspace, &actor, &mut input, "events", self.now).await.unwrap();
        (imported.appended, imported.aside)
    }

    async fn billed_until(&self) -> Option<Timestamp> {
        let purpose = ActivityId::parse("rights").unwrap();
        let asked = (&purpose, 1);
        let subject = self.tenant();
        let drawn = subject_leases(&self.workspace, &actor("staff:dpo"), asked, Some(&subject), self.now)
            .await
            .unwrap();
        let leases = given(drawn).leases;
        leases.into_iter().find(|lease| lease.activity.as_str() == "billing").unwrap().until
    }
}

async fn open(folder: &std::path::Path, now: Timestamp) -> Workspace {
    let text = format!("{}{OWNER}", common::TOWN[0].text);
    let files = [RegisterFile { name: "town.toml", text: &text }];
    let opening = Opening { folder, register: Some(&files), master_key: None };
    Workspace::open(&opening, now).await.unwrap()
}

fn lease(what: &str, subject: &str, purpose: &str, more: &str) -> String {
    format!(
        "\"kind\":\"lease-event\",\"what\":\"{what}\",\"subject\":\"{subject}\",\"purpose\":\"{purpose}\"{more}"
    )
}

fn case(what: &str, more: &str) -> String {
    format!("\"kind\":\"case-event\",\"what\":\"{what}\",\"case\":\"access-1\"{more}")
}

#[tokio::test]
async fn a_report_moves_leases_and_clocks() {
    let mut reported = Reported::new().await;
    let tenant = reported.tenant();
    assert_eq!(reported.billed_until().await, None, "somebody who lives there is billed");
    let lines = [
        lease("tenancy-end", &tenant, "master-data", ""),
        case("access.received", ""),
        case("pause", ",\"obligation\":\"access.answer\",\"reason\":\"identity of Fru Jensen in doubt\""),
        lease("account-delivered", &tenant, "master-data", ",\"from\":\"2025-01-01\",\"to\":\"2026-01-01\""),
    ];
    assert_eq!(reported.import("job:owner", &lines).await, (4, vec![]));
    assert!(reported.billed_until().await.is_some(), "the account can be made for some years more");
    let clocks = case_clocks(&reported.workspace, None, reported.now).await.unwrap();
    assert_eq!(clocks.iter().map(|clock| clock.state).collect::<Vec<_>>(), [ClockState::Paused]);
    assert_eq!(clocks[0].case.as_str(), "access-1");

    // Another process reads what was folded, not what was said.
    let again = open(reported.folder.path(), reported.now).await;
    let events = case_events(&again, None).await.unwrap();
    assert!(events.iter().all(|event| event.by == actor("job:owner") && event.recorded == reported.now));
    let asked = SubjectAsk {
        actor: actor("staff:dpo"),
        purpose: ActivityId::parse("rights").unwrap(),
        reference: tenant.clone(),
        factors: 1,
    };
    let moved = given(lease_events(&again, &asked, reported.now).await.unwrap());
    let kinds: Vec<_> = moved.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [LeaseEventKind::TenancyEnd, LeaseEventKind::AccountDelivered]);
    let days = DayRange::new("2025-01-01".parse().unwrap(), "2026-01-01".parse().unwrap()).unwrap();
    assert_eq!(moved[1].days, Some(days));

    verify_log(&again).await.unwrap();
    let path = reported.folder.path().join("bundle");
    export_log(&again, &path, reported.now).await.unwrap();
    let bundle = std::fs::read_to_string(&path).unwrap();
    assert_eq!(bundle.matches("\"kind\":\"lease-event\"").count(), 2);
    assert_eq!(bundle.matches("\"kind\":\"case-event\"").count(), 2);
    assert!(!bundle.contains(&tenant) && !bundle.contains("Jensen"), "the log names nobody");
}

#[tokio::test]
async fn a_report_is_judged_like_any_other() {
    let mut reported = Reported::new().await;
    let tenant = reported.tenant();
    let lines = [
        // Registering master data is not for locking them.
        lease("restriction-set", &tenant, "master-data", ""),
        // Nobody, and somebody of whom nothing is kept, are answered alike.
        lease("contract-end", "person-9999", "master-data", ""),
        lease("contract-end", &tenant, "no-such-purpose", ""),
        lease("contract-end", &tenant, "master-data", ",\"occupancy\":9999"),
        lease("contract-end", &tenant, "master-data", ",\"activity\":\"no-such-activity\""),
        lease("restriction-lifted", &tenant, "rights", ""),
        lease("hold-on", &tenant, "rights", ""),
        case("access.lost", ""),
        case("resume", ",\"obligation\":\"access.answer\""),
        case("access.received", ""),
    ];
    let (appended, aside) = reported.import("job:owner", &lines).await;
    let expected = [
        AsideReason::Refused,
        AsideReason::Refused,
        AsideReason::Refused,
        AsideReason::NotAdmitted,
        AsideReason::UnknownKind,
        AsideReason::OutOfOrder,
        AsideReason::UnknownKind,
        AsideReason::UnknownKind,
        AsideReason::OutOfOrder,
    ];
    assert_eq!(aside, (1..).zip(expected).collect::<Vec<_>>());
    assert_eq!(appended, 1);
    assert_eq!(case_events(&reported.workspace, None).await.unwrap().len(), 1);

    // A job that the register gives other roles reports nothing of cases, and nothing for purposes that are
    // not its own.
    reported.prior = "0".repeat(64);
    let lines = [case("access.received", ""), lease("contract-end", &tenant, "rights", "")];
    let (appended, aside) = reported.import("job:ingest", &lines).await;
    assert_eq!((appended, aside), (0, vec![(1, AsideReason::Refused), (2, AsideReason::Refused)]));
    let path = reported.folder.path().join("bundle");
    export_log(&reported.workspace, &path, reported.now).await.unwrap();
    let bundle = std::fs::read_to_string(&path).unwrap();
    for rule in [
        "operation-not-in-purpose",
        "no-live-lease",
        "unknown-purpose",
        "role-not-in-obligation",
        "role-not-in-purpose",
    ] {
        assert!(bundle.contains(rule), "a refusal by `{rule}` is in the log");
    }
    assert!(!bundle.contains("person-9999") && !bundle.contains("access.lost"));
}

#[tokio::test]
async fn a_stranger_reports_nothing() {
    let reported = Reported::new().await;
    let (stranger, mut input) = (actor("job:stranger"), b"rubbish\n".as_slice());
    match import_events(&reported.workspace, &stranger, &mut input, "events", reported.now).await {
        Err(FlowFault::UnknownActor { .. }) => {}
        other => panic!("{other:?}"),
    }
}

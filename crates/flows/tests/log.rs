//! The log as the flows leave it: whom it names, what it says of every use, and what anybody can check.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

mod common;

use common::{actor, ask, given, ingest, open, refused_by, register};
use jiff::Timestamp;
use tidstro_flows::{
    AsideAsk, FlowFault, LogQuery, LogState, LookedAsk, Looker, SeriesAsk, Workspace, bundle_log, check_log,
    export_log, resident_called, search_log, show_series, verify_bundle, verify_log, who_looked,
};
use tidstro_govern::log::{BundleReport, Stream};
use tidstro_govern::{EventKind, Operation};
use tidstro_model::{ActivityId, ActorId, DayRange, Resolution};
use tidstro_telegram::KeyRing;
use tidstro_world::{Town, TownPlan};

/// A town whose first meters have been heard.
struct Heard {
    folder: tempfile::TempDir,
    town: Town,
    workspace: Workspace,
    now: Timestamp,
}

impl Heard {
    async fn new() -> Self {
        let town = Town::build(&TownPlan::default());
        let folder = tempfile::tempdir().unwrap();
        let first = town.plan.first_day;
        let now = first.at(21, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp();
        let workspace = open(folder.path(), now).await;
        register(&workspace, town.master_data(), now).await;
        let keys = KeyRing::parse(&town.keys_csv()).unwrap();
        let telegrams = town.telegrams(&format!("{}/cold-water", town.flats[0].slug()), first);
        let hex = |frame: &Vec<u8>| frame.iter().map(|byte| format!("{byte:02X}")).collect::<String>() + "\n";
        let lines: String = telegrams.iter().map(hex).collect();
        ingest(&workspace, lines.as_bytes(), &keys, now).await;
        Self { folder, town, workspace, now }
    }

    fn point(&self) -> String {
        format!("{}/cold-water", self.town.flats[0].slug())
    }

    async fn resident(&self) -> ActorId {
        let reference = Town::person_reference(self.town.flats[0].stays[0].tenant);
        resident_called(&self.workspace, &reference).await.unwrap().unwrap()
    }

    /// The billing clerk's ask for one point.
    fn billing(&self, point: &str) -> SeriesAsk {
        let days =
            DayRange::new(self.town.plan.first_day, self.town.plan.first_day.tomorrow().unwrap()).unwrap();
        let mut ask = ask(&actor("staff:anna"), "billing", days, Resolution::P1M);
        ask.point = Some(point.to_owned());
        ask
    }

    async fn bundle(&self, name: &str) -> (Vec<serde_line::Event>, BundleReport) {
        let path = self.folder.path().join(name);
        let report = export_log(&self.workspace, &path, self.now).await.unwrap();
        (serde_line::events(&std::fs::read_to_string(path).unwrap()), report)
    }
}

/// Events of a bundle, read as any program would.
mod serde_line {
    pub(super) struct Event {
        pub(super) line: String,
    }

    impl Event {
        pub(super) fn has(&self, field: &str, value: &str) -> bool {
            self.line.contains(&format!("\"{field}\":\"{value}\""))
        }

        /// Commitments in the event's `subjects`.
        pub(super) fn subjects(&self) -> Vec<String> {
            let Some((_, rest)) = self.line.split_once("\"subjects\":[") else { return Vec::new() };
            let list = rest.split(']').next().unwrap();
            list.split(',').map(|one| one.trim_matches('"').to_owned()).collect()
        }
    }

    pub(super) fn events(bundle: &str) -> Vec<Event> {
        let lines = bundle.lines().filter(|line| line.starts_with("{\"event\""));
        lines.map(|line| Event { line: line.to_owned() }).collect()
    }
}

#[tokio::test]
async fn every_use_says_who_when_why_what_and_by_which_criteria() {
    let heard = Heard::new().await;
    let asked = heard.billing(&heard.point());
    let _ = given(show_series(&heard.workspace, &asked, heard.now).await.unwrap());
    let daily = SeriesAsk { resolution: Resolution::P1D, ..asked };
    let rule = refused_by(show_series(&heard.workspace, &daily, heard.now).await.unwrap());
    let (events, _) = heard.bundle("log.jsonl").await;
    let day = heard.town.plan.first_day;
    let detail = format!("read consumption {day}..{} at P1M of one point", day.tomorrow().unwrap());
    let annas: Vec<_> = events.iter().filter(|event| event.has("actor", "staff:anna")).collect();
    let [granted, refused] = annas[..] else { panic!("{} events of staff:anna", annas.len()) };
    assert!(granted.has("kind", "granted") && granted.has("purpose", "billing"), "{}", granted.line);
    assert!(granted.has("detail", &detail) && granted.has("at", &heard.now.to_string()), "{}", granted.line);
    assert_eq!(granted.subjects().len(), 1);
    assert!(refused.has("kind", "refused") && refused.has("rule", rule), "{}", refused.line);
}

/// Whoever asks about the same person by another way leaves the same commitment; about another, another.
#[tokio::test]
async fn who_looked_at_one_persons_data_can_be_told() {
    let heard = Heard::new().await;
    let resident = heard.resident().await;
    let neighbours = format!("{}/cold-water", heard.town.flats[1].slug());
    for point in [heard.point(), neighbours, "no-such-point".to_owned()] {
        let _ = show_series(&heard.workspace, &heard.billing(&point), heard.now).await.unwrap();
    }
    let days = heard.billing("").days;
    let own = ask(&resident, "own-view", days, Resolution::P1D);
    let _ = show_series(&heard.workspace, &own, heard.now).await.unwrap();
    let (events, _) = heard.bundle("log.jsonl").await;
    let asked: Vec<_> = events.iter().filter(|event| event.has("purpose", "billing")).collect();
    let [first, neighbour, nobody] = &asked[..] else { panic!("{} asks", asked.len()) };
    let own = events.iter().find(|event| event.has("purpose", "own-view")).unwrap();
    assert_eq!(first.subjects(), own.subjects());
    assert_ne!(first.subjects(), neighbour.subjects());
    assert_eq!(
        (neighbour.subjects().len(), nobody.subjects().len()),
        (1, 1),
        "the log does not tell who exists"
    );
    let acts_as = format!("resident:{}", &own.subjects()[0][..32]);
    assert!(own.has("actor", &acts_as), "{}", own.line);
}

#[tokio::test]
async fn no_number_point_or_name_is_in_the_log() {
    let heard = Heard::new().await;
    let resident = heard.resident().await;
    let own = ask(&resident, "own-view", heard.billing("").days, Resolution::P1D);
    let _ = show_series(&heard.workspace, &own, heard.now).await.unwrap();
    let _ = show_series(&heard.workspace, &heard.billing(&heard.point()), heard.now).await.unwrap();
    let (events, _) = heard.bundle("log.jsonl").await;
    let master = heard.town.master_data();
    for event in events {
        assert!(!event.line.contains(&format!("\"{resident}\"")), "{}", event.line);
        assert!(!event.line.contains(&heard.point()), "{}", event.line);
        for person in &master.people {
            for personal in [&person.name, &person.contact, &person.reference] {
                assert!(!event.line.contains(personal.as_str()), "{personal} in {}", event.line);
            }
        }
    }
}

#[tokio::test]
async fn a_bundle_is_checked_without_the_folder() {
    let heard = Heard::new().await;
    let (_, report) = heard.bundle("log.jsonl").await;
    assert_eq!(report.log, verify_log(&heard.workspace).await.unwrap());
    let mut bytes = std::fs::read(heard.folder.path().join("log.jsonl")).unwrap();
    drop(heard);
    assert_eq!(verify_bundle(&mut &bytes[..], "log", Some(report.log.key)).unwrap(), report);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    let fault = verify_bundle(&mut &bytes[..], "log", None).unwrap_err();
    assert!(matches!(fault, FlowFault::Bundle { .. }), "{fault}");
}

#[tokio::test]
async fn a_bundle_never_writes_over_a_file() {
    let heard = Heard::new().await;
    let path = heard.folder.path().join("log.jsonl");
    std::fs::write(&path, "something else").unwrap();
    let fault = export_log(&heard.workspace, &path, heard.now).await.unwrap_err();
    assert!(matches!(fault, FlowFault::Folder { .. }), "{fault}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), "something else");
}

#[tokio::test]
async fn uses_expire_by_themselves_after_the_registers_interval() {
    let heard = Heard::new().await;
    let zone = heard.workspace.zone().clone();
    let last_day = heard.workspace.register().log_keep().unwrap().after(zone.day_of(heard.now));
    let segments_expired = async |now: Timestamp| {
        let workspace = open(heard.folder.path(), now).await;
        verify_log(&workspace).await.unwrap().streams[1].segments_expired
    };
    assert_eq!(segments_expired(zone.day_start(last_day)).await, 0);
    let over = zone.day_start(last_day.tomorrow().unwrap());
    assert_eq!(segments_expired(over).await, 1);
    assert_eq!(segments_expired(over).await, 1, "once is enough");
    let path = heard.folder.path().join("log.jsonl");
    let report = export_log(&open(heard.folder.path(), over).await, &path, over).await.unwrap();
    assert_eq!((report.log.streams[1].segments_expired, report.log.streams[1].events), (1, 0));
}

fn purpose(name: &str) -> ActivityId {
    ActivityId::parse(name).unwrap()
}

/// The person and the officer see the same, a neighbour nothing of it, and nobody sees who it was by name.
#[tokio::test]
async fn a_person_sees_who_looked() {
    let heard = Heard::new().await;
    let resident = heard.resident().await;
    let _ = show_series(&heard.workspace, &heard.billing(&heard.point()), heard.now).await.unwrap();
    let daily = SeriesAsk { resolution: Resolution::P1D, ..heard.billing(&heard.point()) };
    let _ = refused_by(show_series(&heard.workspace, &daily, heard.now).await.unwrap());
    let own = ask(&resident, "own-view", daily.days, Resolution::P1D);
    let _ = given(show_series(&heard.workspace, &own, heard.now).await.unwrap());

    let mine = |actor: &ActorId| LookedAsk {
        actor: actor.clone(),
        purpose: purpose("own-view"),
        factors: 1,
        other: None,
    };
    let page = given(who_looked(&heard.workspace, &mine(&resident), (None, 10), heard.now).await.unwrap());
    let [refused, granted] = &page.lines[..] else { panic!("{page:?}") };
    let roles = heard.workspace.register().roles_of(&actor("staff:anna")).into_iter().cloned().collect();
    assert_eq!(granted.by, Looker::Roles(roles));
    assert_eq!((granted.kind, granted.operation), (EventKind::Granted, Some(Operation::Read)));
    assert_eq!(granted.category.as_ref().unwrap().as_str(), "consumption");
    assert_eq!((refused.kind, refused.purpose.as_ref()), (EventKind::Refused, Some(&purpose("billing"))));
    assert_eq!(page.next, None);

    let reference = Town::person_reference(heard.town.flats[0].stays[0].tenant);
    let others = LookedAsk {
        purpose: purpose("rights"),
        factors: 2,
        other: Some((reference, purpose("evidence"))),
        ..mine(&actor("staff:dpo"))
    };
    let told = given(who_looked(&heard.workspace, &others, (None, 1), heard.now).await.unwrap());
    assert_eq!(told.lines[0].purpose, Some(purpose("rights")), "also that the officer looks");
    let rest = given(who_looked(&heard.workspace, &others, (told.next, 10), heard.now).await.unwrap());
    let rest: Vec<_> = rest.lines.into_iter().map(|line| line.seq).collect();
    assert_eq!(rest, [refused.seq, granted.seq]);

    let neighbour = Town::person_reference(heard.town.flats[1].stays[0].tenant);
    let neighbour = resident_called(&heard.workspace, &neighbour).await.unwrap().unwrap();
    let page = who_looked(&heard.workspace, &mine(&neighbour), (None, 10), heard.now).await.unwrap();
    assert_eq!(given(page).lines, []);
    for (who, what_for) in [("staff:anna", "billing"), ("staff:dpo", "billing"), ("staff:anna", "rights")] {
        let asked = LookedAsk { actor: actor(who), purpose: purpose(what_for), ..others.clone() };
        let _ = refused_by(who_looked(&heard.workspace, &asked, (None, 9), heard.now).await.unwrap());
    }
}

fn officer() -> AsideAsk {
    AsideAsk { actor: actor("staff:dpo"), purpose: purpose("evidence"), factors: 2 }
}

/// Whoever looks at the log stands in it, with what they looked for.
#[tokio::test]
async fn looking_at_the_log_is_in_the_log() {
    let heard = Heard::new().await;
    let resident = heard.resident().await;
    let own = ask(&resident, "own-view", heard.billing("").days, Resolution::P1D);
    let _ = given(show_series(&heard.workspace, &own, heard.now).await.unwrap());
    let query = LogQuery {
        stream: Stream::Uses,
        actor: Some(resident.clone()),
        purpose: None,
        kind: None,
        start: Timestamp::UNIX_EPOCH,
        end: heard.now + jiff::SignedDuration::from_secs(1),
        before: None,
        limit: 50,
    };
    let page = given(search_log(&heard.workspace, &officer(), query.clone(), heard.now).await.unwrap());
    assert_eq!(page.entries.len(), 1, "what the resident did, found by the resident");
    assert_ne!(page.entries[0].actor, resident, "named by a part of the commitment");
    let looked = LogQuery { actor: None, kind: Some(EventKind::LogRead), ..query.clone() };
    let page = given(search_log(&heard.workspace, &officer(), looked, heard.now).await.unwrap());
    let [_, first] = &page.entries[..] else { panic!("{page:?}") };
    assert!(first.detail.starts_with("uses: by resident:") && !first.detail.contains(resident.as_str()));

    for asked in [
        AsideAsk { actor: actor("staff:anna"), ..officer() },
        AsideAsk { actor: resident.clone(), ..officer() },
        AsideAsk { actor: actor("staff:nobody"), ..officer() },
    ] {
        let _ = refused_by(search_log(&heard.workspace, &asked, query.clone(), heard.now).await.unwrap());
        let _ = refused_by(bundle_log(&heard.workspace, &asked, heard.now).await.unwrap());
    }
}

#[tokio::test]
async fn a_bundle_for_the_browser_is_the_bundle() {
    let heard = Heard::new().await;
    let mut file = given(bundle_log(&heard.workspace, &officer(), heard.now).await.unwrap());
    let report = verify_bundle(&mut file, "log", None).unwrap();
    assert_eq!(check_log(&heard.workspace).await.unwrap(), LogState::Holds(report.log));
}

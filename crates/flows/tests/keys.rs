//! Keys of meters: kept, used, followed by others, handed out by two; and what waits for them.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

mod common;

use common::{actor, ask, given, ingest, open, refused_by, register};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use tidstro_flows::{
    KeyExportAsk, KeyExportForm, KeyExportOutcome, KeyLine, KeysOutcome, TakeHow, Workspace,
    approve_key_export, ask_key_export, decode_again, decode_quarantined, list_keys, quarantine, show_series,
    take_keys, verify_log, write_key_export,
};
use tidstro_govern::PartyId;
use tidstro_model::{DayRange, Resolution};
use tidstro_telegram::{KeyFileEntry, KeyRing, parse_key_file};
use tidstro_world::{Town, TownPlan};

const KEEPER: &str = "staff:nadia";

struct Bench {
    town: Town,
    workspace: Workspace,
    now: Timestamp,
    folder: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let town = Town::build(&TownPlan::new(1, 24, 14));
        let end = town.plan.first_day + (i64::from(town.plan.days) + 7).days();
        let now = end.at(9, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp();
        let folder = tempfile::tempdir().unwrap();
        let workspace = open(folder.path(), now).await;
        register(&workspace, town.master_data(), now).await;
        Self { town, workspace, now, folder }
    }

    fn entries(&self) -> Vec<KeyFileEntry> {
        parse_key_file(&self.town.keys_csv()).unwrap()
    }

    /// The telegrams of a water meter over all days, as lines of hex, and its key.
    fn water(&self) -> (String, KeyFileEntry) {
        let point = format!("{}/cold-water", self.town.flats[0].slug());
        let place = self.town.places.iter().position(|place| place.id == point).unwrap();
        let meter = self.town.meters.iter().find(|meter| meter.place == place).unwrap();
        let days = (0..i64::from(self.town.plan.days)).map(|day| self.town.plan.first_day + day.days());
        let lines = days.flat_map(|day| self.town.telegrams(&point, day)).map(|frame| hex(&frame) + "\n");
        let key = self.entries().into_iter().find(|entry| entry.entry.number == meter.id.number);
        (lines.collect(), key.unwrap())
    }

    async fn take(&self, how: TakeHow, entries: &[KeyFileEntry]) -> KeysOutcome {
        given(
            take_keys(&self.workspace, &actor(KEEPER), how, &entries.to_vec().into(), self.now)
                .await
                .unwrap(),
        )
    }

    async fn list(&self) -> Vec<KeyLine> {
        given(list_keys(&self.workspace, &actor(KEEPER), None, self.now).await.unwrap())
    }

    async fn decode_quarantined(&self) -> u64 {
        let now = self.now;
        given(decode_quarantined(&self.workspace, &actor(common::JOB), &move || now).await.unwrap())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

const fn taken(added: u64, followed: u64, unchanged: u64) -> KeysOutcome {
    KeysOutcome::Taken { added, followed, unchanged }
}

#[tokio::test]
async fn a_key_brought_in_opens_what_waited_and_what_comes_and_is_counted() {
    let bench = Bench::new().await;
    let (lines, key) = bench.water();
    let count = lines.lines().count() as u64;
    let blind = ingest(&bench.workspace, lines.as_bytes(), &KeyRing::new(), bench.now).await;
    assert_eq!(blind.quarantined.get("key-missing"), Some(&count));

    assert_eq!(bench.take(TakeHow::Import, std::slice::from_ref(&key)).await, taken(1, 0, 0));
    assert_eq!(bench.decode_quarantined().await, count);
    assert_eq!(bench.decode_quarantined().await, 0);
    assert_eq!(
        bench.take(TakeHow::Import, &bench.entries()).await,
        taken(bench.entries().len() as u64 - 1, 0, 1)
    );

    let other = bench
        .town
        .telegrams(&format!("{}/cold-water", bench.town.flats[1].slug()), bench.town.plan.first_day);
    let line = hex(&other[0]) + "\n";
    let report = ingest(&bench.workspace, line.as_bytes(), &KeyRing::new(), bench.now).await;
    assert_eq!((report.telegrams_decoded, report.refused_count()), (1, 0));

    let listed = bench.list().await;
    let water =
        listed.iter().find(|line| line.meter.to_string().contains(&key.entry.number.to_string())).unwrap();
    assert_eq!((water.uses, water.slot, water.key_version), (count, 0, 1));
    assert_eq!(listed.iter().map(|line| line.uses).sum::<u64>(), count + 1);
    assert!(water.last_used.is_some() && water.fingerprint.len() == 16);
}

#[tokio::test]
async fn a_key_is_in_no_file_of_the_folder_and_no_list() {
    let bench = Bench::new().await;
    let (_, key) = bench.water();
    bench.take(TakeHow::Import, &bench.entries()).await;
    let secret = key.entry.key.bytes();
    for file in std::fs::read_dir(bench.folder.path()).unwrap() {
        let file = file.unwrap().path();
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(16).any(|window| window == secret), "{}", file.display());
    }
    let shown = format!("{:?}", bench.list().await).to_uppercase();
    assert!(!shown.contains(&hex(secret)));
}

#[tokio::test]
async fn a_key_that_is_followed_still_opens_late_telegrams() {
    let bench = Bench::new().await;
    let (lines, old) = bench.water();
    bench.take(TakeHow::Import, std::slice::from_ref(&old)).await;
    let from = |day: Date, secret: u8| KeyFileEntry {
        entry: tidstro_telegram::KeyEntry {
            key: tidstro_telegram::Key::new([secret; 16]),
            ..old.entry.clone()
        },
        from: Some(day),
        ..old.clone()
    };
    let new = from(bench.town.plan.first_day, 7);
    assert_eq!(bench.take(TakeHow::Rotate, std::slice::from_ref(&new)).await, taken(0, 1, 0));
    // The same meter, another key, no day: which one holds is not a guess.
    let nameless = KeyFileEntry { from: None, line: 9, ..from(bench.town.plan.first_day, 8) };
    let KeysOutcome::Conflicts(clashes) = bench.take(TakeHow::Import, &[nameless]).await else {
        panic!("taken")
    };
    assert_eq!((clashes[0].line, clashes[0].reason.contains("keys rotate")), (9, true));

    let report = ingest(&bench.workspace, lines.as_bytes(), &KeyRing::new(), bench.now).await;
    assert_eq!(report.telegrams_decoded, lines.lines().count() as u64);
    let listed = bench.list().await;
    let days: Vec<_> = listed.iter().map(|line| (line.key_version, line.from, line.to)).collect();
    assert_eq!(days, [(1, None, new.from), (2, new.from, None)]);
    assert_eq!((listed[0].uses, listed[1].uses), (report.telegrams_decoded, 0));
}

#[tokio::test]
async fn who_keeps_keys_is_not_who_reads_meters() {
    let bench = Bench::new().await;
    let entries = bench.entries();
    for (who, rule) in [("job:ingest", "role-not-in-purpose"), ("staff:nobody", "unknown-actor")] {
        let file = entries.clone().into();
        let answer = take_keys(&bench.workspace, &actor(who), TakeHow::Import, &file, bench.now).await;
        assert_eq!(refused_by(answer.unwrap()), rule);
        let answer = list_keys(&bench.workspace, &actor(who), None, bench.now).await;
        assert_eq!(refused_by(answer.unwrap()), rule);
    }
    let answer = quarantine(&bench.workspace, &actor(KEEPER), "validation", bench.now).await;
    assert_eq!(refused_by(answer.unwrap()), "role-not-in-purpose");
}

#[tokio::test]
async fn keys_are_handed_out_by_two_people_once() {
    let bench = Bench::new().await;
    let workspace = &bench.workspace;
    bench.take(TakeHow::Import, &bench.entries()).await;
    let building = bench.town.flats[0].area.clone();
    let ask = |party: &str, area: Option<String>| KeyExportAsk {
        actor: actor(KEEPER),
        area,
        party: PartyId::parse(party).unwrap(),
        reason: "the owner reads the meters from May on".to_owned(),
    };
    let to_hub = ask_key_export(workspace, &ask("market-hub", None), bench.now).await.unwrap();
    assert_eq!(refused_by(to_hub), "recipient-not-in-purpose");

    let asked =
        given(ask_key_export(workspace, &ask("kornmarken", Some(building)), bench.now).await.unwrap());
    assert!(asked.keys > 0 && asked.state == "asked");
    let write = || async {
        given(
            write_key_export(workspace, &actor(KEEPER), (asked.number, &KeyExportForm::Clear), bench.now)
                .await
                .unwrap(),
        )
    };
    assert!(
        matches!(write().await, KeyExportOutcome::Refused(why) if why.starts_with("nobody has approved"))
    );
    let approve = |who: &'static str, hash: String| async move {
        let who = actor(who);
        approve_key_export(workspace, &who, (1, &hash), bench.now).await.unwrap()
    };
    let hash = || asked.hash.clone();
    assert!(matches!(approve(KEEPER, hash()).await, KeyExportOutcome::Refused(_)));
    assert!(matches!(approve("staff:dpo", "00".repeat(32)).await, KeyExportOutcome::Refused(_)));
    assert_eq!(approve("staff:dpo", hash()).await, KeyExportOutcome::Done(()));

    let KeyExportOutcome::Done(file) = write().await else { panic!("refused") };
    let owners = parse_key_file(std::str::from_utf8(&file.bytes).unwrap()).unwrap();
    assert_eq!(owners.len() as u64, asked.keys);
    let known = bench.entries();
    assert!(owners.iter().all(|own| known.iter().any(|entry| entry.entry == own.entry)));
    assert!(
        matches!(write().await, KeyExportOutcome::Refused(why) if why.starts_with("the keys were handed"))
    );
    assert!(verify_log(workspace).await.unwrap().events() > 0);
}

#[tokio::test]
async fn a_request_whose_keys_changed_is_asked_anew() {
    let bench = Bench::new().await;
    let (_, key) = bench.water();
    bench.take(TakeHow::Import, &[key]).await;
    let ask = KeyExportAsk {
        actor: actor(KEEPER),
        area: None,
        party: PartyId::parse("kornmarken").unwrap(),
        reason: "handover".to_owned(),
    };
    let asked = given(ask_key_export(&bench.workspace, &ask, bench.now).await.unwrap());
    let (dpo, request) = (actor("staff:dpo"), (asked.number, asked.hash.as_str()));
    let approved = approve_key_export(&bench.workspace, &dpo, request, bench.now);
    assert_eq!(approved.await.unwrap(), KeyExportOutcome::Done(()));
    bench.take(TakeHow::Import, &bench.entries()).await;
    let written =
        write_key_export(&bench.workspace, &actor(KEEPER), (asked.number, &KeyExportForm::Clear), bench.now)
            .await
            .unwrap();
    assert!(matches!(given(written), KeyExportOutcome::Refused(why) if why.contains("have changed")));
}

/// A full frame and the compact frame of the same meter type, of two meters.
const FULL: &str = "14442d2c785634121b16780413402b0100425b1500\n";
const COMPACT: &str = "14442d2c785634121b1679314dc432402b01001500\n";

#[tokio::test]
async fn a_full_frame_teaches_for_good() {
    let bench = Bench::new().await;
    let none = KeyRing::new();
    let report = ingest(&bench.workspace, COMPACT.as_bytes(), &none, bench.now).await;
    assert_eq!(report.quarantined.get("format-unknown"), Some(&1));
    let report = ingest(&bench.workspace, FULL.as_bytes(), &none, bench.now).await;
    assert_eq!((report.telegrams_decoded, report.telegrams_recovered), (1, 1));
    // Another start knows it still.
    drop(bench.workspace);
    let workspace = open(bench.folder.path(), bench.now).await;
    let later = COMPACT.replace("7856", "7956");
    let report = ingest(&workspace, later.as_bytes(), &none, bench.now).await;
    assert_eq!((report.telegrams_decoded, report.refused_count()), (1, 0), "{:?}", report.refused);
}

#[tokio::test]
async fn unknown_types_are_ranked_without_a_meter() {
    let bench = Bench::new().await;
    let (lines, key) = bench.water();
    let input = lines.clone() + COMPACT;
    ingest(&bench.workspace, input.as_bytes(), &KeyRing::new(), bench.now).await;
    let ranked =
        given(quarantine(&bench.workspace, &actor("staff:mikkel"), "validation", bench.now).await.unwrap());
    let counts: Vec<_> =
        ranked.iter().map(|line| (line.reason.as_str(), line.telegrams, line.meters, line.ci)).collect();
    let count = lines.lines().count() as u64;
    assert_eq!(counts, [("key-missing", count, 1, counts[0].3), ("format-unknown", 1, 1, Some(0x79))]);
    assert!(counts[0].3.is_some() && ranked[0].manufacturer == Some(key.entry.manufacturer));
}

#[tokio::test]
async fn decoding_again_adds_what_is_new_and_then_nothing() {
    let bench = Bench::new().await;
    let (lines, key) = bench.water();
    let keys = KeyRing::parse(&bench.town.keys_csv()).unwrap();
    let count = lines.lines().count() as u64;
    let known = lines.lines().take(1).map(|line| format!("{line}\n")).collect::<String>();
    let first = ingest(&bench.workspace, known.as_bytes(), &keys, bench.now).await;
    let rest = lines.lines().skip(1).map(|line| format!("{line}\n")).collect::<String>();
    ingest(&bench.workspace, rest.as_bytes(), &KeyRing::new(), bench.now).await;
    bench.take(TakeHow::Import, &[key]).await;

    let now = bench.now;
    let again = |since: Date, keys| {
        let (workspace, clock) = (&bench.workspace, move || now);
        async move {
            given(decode_again(workspace, &actor(common::JOB), (since, keys), &clock, &|_| ()).await.unwrap())
        }
    };
    let none = KeyRing::new();
    let today = bench.workspace.zone().day_of(now);
    let future = again(today + 1.day(), &none).await;
    assert_eq!(future.telegrams, 0);
    let report = again(today, &none).await;
    assert_eq!((report.telegrams, report.decoded, report.recovered), (count, count, count - 1));
    // The first day was known in part: it has a new version now, and the old one stays below it.
    assert_eq!((first.days_added, report.days_changed), (1, 1));
    assert_eq!(report.days_added + 1, u64::from(bench.town.plan.days));
    let days = DayRange::always();
    let clerk = ask(&actor("staff:mikkel"), "validation", days, Resolution::Raw);
    let views = given(show_series(&bench.workspace, &clerk, bench.now).await.unwrap());
    assert_eq!(views.iter().map(|view| view.values.len() as u64).sum::<u64>(), count);
    let second = again(today, &none).await;
    assert_eq!((second.decoded, second.recovered), (count, 0));
    assert_eq!((second.days_added, second.days_changed), (0, 0));
}

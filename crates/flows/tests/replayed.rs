//! Telegrams that somebody sends again, or in a meter's name: they are kept, and give no reading; also after a restart.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

#[expect(dead_code, reason = "these tests read no series")]
mod common;

use common::{actor, given, ingest, open, refused_by, register};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use tidstro_flows::{
    AnewReason, CountersAnew, CountersOutcome, IngestReport, TakeHow, begin_counters_anew, decode_again,
    take_keys,
};
use tidstro_telegram::{KeyFileEntry, KeyRing, address, parse_key_file};
use tidstro_world::{Security, Town, TownPlan};

/// A town's folder, opened anew for each input, as commands do.
struct Bench {
    town: Town,
    keys: KeyRing,
    folder: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let town = Town::build(&TownPlan::new(1, 24, 14));
        let bench = Self {
            keys: KeyRing::parse(&town.keys_csv()).unwrap(),
            town,
            folder: tempfile::tempdir().unwrap(),
        };
        let workspace = open(bench.folder.path(), bench.at(14, 0)).await;
        register(&workspace, bench.town.master_data(), bench.at(14, 0)).await;
        bench
    }

    /// A point whose meter is protected like this.
    fn point(&self, security: Security) -> String {
        let meter = self.town.meters.iter().find(|meter| meter.security == security).unwrap();
        self.town.places[meter.place].id.clone()
    }

    fn day(&self, day: i64) -> Date {
        self.town.plan.first_day + day.days()
    }

    /// A minute of a day of the town, counted from noon.
    fn at(&self, day: i64, minute: i64) -> Timestamp {
        let noon = self.day(day).at(12, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp();
        noon + jiff::SignedDuration::from_mins(minute)
    }

    /// The first telegram that a meter sends on a day.
    fn frame(&self, point: &str, day: i64) -> Vec<u8> {
        self.town.telegrams(point, self.day(day)).remove(0)
    }

    /// What comes of a telegram that a gateway heard at that moment.
    async fn heard(&self, frame: &[u8], received: Timestamp) -> IngestReport {
        let hex = hex(frame);
        let line = format!("{{\"telegram\":\"{hex}\",\"received\":\"{received}\",\"gateway\":\"gw\"}}\n");
        let workspace = open(self.folder.path(), self.at(15, 0)).await;
        ingest(&workspace, line.as_bytes(), &self.keys, self.at(15, 0)).await
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// A clear telegram in the name of the meter of `frame`, with 12345 litres.
fn clear_in_the_name_of(frame: &[u8]) -> Vec<u8> {
    let mut clear = frame.get(..10).unwrap().to_vec();
    clear.extend([0x7a, 0x2a, 0, 0, 0, 0x0c, 0x13, 0x45, 0x23, 0x01, 0x00]);
    *clear.first_mut().unwrap() = 20;
    assert_eq!(address(&clear).unwrap(), address(frame).unwrap());
    clear
}

#[tokio::test]
async fn an_old_telegram_sent_again_gives_nothing() {
    let bench = Bench::new().await;
    let point = bench.point(Security::Mode7);
    for day in 0..6 {
        let report = bench.heard(&bench.frame(&point, day), bench.at(day, 0)).await;
        assert_eq!((report.telegrams_new, report.readings), (1, 1), "day {day}");
    }
    let replayed = bench.heard(&bench.frame(&point, 0), bench.at(6, 0)).await;
    assert_eq!((replayed.telegrams_new, replayed.readings, replayed.days_added), (1, 0, 0));
    let older = &replayed.refused["older"].first;
    assert!(older.contains("its counter is lower than one heard before"), "{older}");
    // The newest one, recorded and played back: it is the same telegram, and has said what it says.
    let newest = bench.heard(&bench.frame(&point, 5), bench.at(6, 0)).await;
    assert_eq!((newest.telegrams_new, newest.readings), (1, 0));
    assert!(newest.nothing_refused());
    // What was delayed on its way is no replay: its gateway heard it between the others.
    let next = bench.heard(&bench.frame(&point, 8), bench.at(8, 0)).await;
    let late = bench.heard(&bench.frame(&point, 7), bench.at(7, 0)).await;
    assert_eq!((next.readings, late.readings), (1, 1));
}

#[tokio::test]
async fn a_meter_that_encrypts_is_not_believed_in_the_clear() {
    let bench = Bench::new().await;
    for security in [Security::Mode5, Security::Mode7] {
        let point = bench.point(security);
        let frame = bench.frame(&point, 0);
        assert_eq!(bench.heard(&frame, bench.at(0, 0)).await.readings, 1);
        let clear = bench.heard(&clear_in_the_name_of(&frame), bench.at(1, 0)).await;
        assert_eq!((clear.telegrams_new, clear.readings), (1, 0));
        assert_eq!(clear.quarantined["downgrade"], 1);
        assert_eq!(bench.heard(&bench.frame(&point, 2), bench.at(2, 0)).await.readings, 1);
    }
}

/// Files of telegrams without times are read in one go: access numbers say nothing there, counters still do.
#[tokio::test]
async fn telegrams_without_a_time_are_judged_by_their_counters_alone() {
    let bench = Bench::new().await;
    let read = async |security| {
        let point = bench.point(security);
        let lines: String = [9, 3, 0].map(|day| hex(&bench.frame(&point, day)) + "\n").concat();
        let workspace = open(bench.folder.path(), bench.at(15, 0)).await;
        ingest(&workspace, lines.as_bytes(), &bench.keys, bench.at(15, 0)).await
    };
    let report = read(Security::Mode5).await;
    assert_eq!((report.telegrams_new, report.readings), (3, 3));
    assert!(report.nothing_refused());
    let report = read(Security::Mode7).await;
    assert_eq!((report.telegrams_new, report.readings, report.quarantined["older"]), (3, 1, 2));
}

/// Who keeps keys, and may say that counters began anew.
const KEEPER: &str = "staff:nadia";

impl Bench {
    /// Says that the counters of the meter of `frame` began anew on a day of the town.
    async fn begin_anew(&self, frame: &[u8], day: i64) -> CountersOutcome {
        let workspace = open(self.folder.path(), self.at(15, 0)).await;
        let said = CountersAnew {
            actor: actor(KEEPER),
            meter: address(frame).unwrap(),
            from: self.day(day),
            reason: AnewReason::Exchanged,
        };
        given(begin_counters_anew(&workspace, &said, self.at(15, 0)).await.unwrap())
    }
}

/// What the radio before sent is told by telegrams of later days, which have higher counters: its clock was ahead.
#[tokio::test]
async fn a_meter_that_began_anew_counts_again_and_nothing_from_before_does() {
    let bench = Bench::new().await;
    let point = bench.point(Security::Mode7);
    let frame = |day| bench.frame(&point, day);
    for (sent, received) in [(8, 0), (9, 1), (10, 2)] {
        assert_eq!(bench.heard(&frame(sent), bench.at(received, 0)).await.readings, 1);
    }
    // The radio is exchanged on day 3, and counts from the beginning.
    assert_eq!(bench.heard(&frame(4), bench.at(4, 0)).await.quarantined["older"], 1);
    assert_eq!(bench.begin_anew(&frame(4), 3).await, CountersOutcome::Begun);
    // What was refused since is taken by decoding it again.
    let workspace = open(bench.folder.path(), bench.at(15, 0)).await;
    let (job, now) = (actor(common::JOB), bench.at(15, 0));
    let clock = move || now;
    let again = decode_again(&workspace, &job, (bench.day(0), &bench.keys), &clock, &|_| ()).await;
    assert_eq!(given(again.unwrap()).recovered, 1);
    drop(workspace);
    assert_eq!(bench.heard(&frame(5), bench.at(5, 0)).await.readings, 1);
    // Of the radio before: a telegram whose bytes are known, one that states its time, one received before that day.
    for (sent, received) in [(9, 6), (1, 6), (7, 2)] {
        let before = bench.heard(&frame(sent), bench.at(received, 30)).await;
        assert_eq!((before.telegrams_new, before.readings, before.quarantined["older"]), (1, 0, 1), "{sent}");
    }
    // Nor is anything less protected believed.
    let clear = bench.heard(&clear_in_the_name_of(&frame(4)), bench.at(6, 40)).await;
    assert_eq!((clear.readings, clear.refused_count()), (0, 1));
    // And the new counters rise.
    assert_eq!(bench.heard(&frame(4), bench.at(6, 50)).await.readings, 0);
    assert_eq!(bench.heard(&frame(6), bench.at(6, 50)).await.readings, 1);
}

#[tokio::test]
async fn who_may_say_that_counters_began_anew() {
    let bench = Bench::new().await;
    let frame = bench.frame(&bench.point(Security::Mode7), 0);
    let workspace = open(bench.folder.path(), bench.at(15, 0)).await;
    let said = |who: &str, meter, day| CountersAnew {
        actor: actor(who),
        meter,
        from: bench.day(day),
        reason: AnewReason::BatteryEmpty,
    };
    let meter = address(&frame).unwrap();
    for who in [common::JOB, "staff:nobody", "staff:mikkel"] {
        let answer = begin_counters_anew(&workspace, &said(who, meter, 1), bench.at(15, 0)).await.unwrap();
        refused_by(answer);
    }
    let ahead = begin_counters_anew(&workspace, &said(KEEPER, meter, 16), bench.at(15, 0)).await.unwrap();
    assert_eq!(given(ahead), CountersOutcome::DayAhead);
    let unknown = tidstro_model::MeterId { version: 0xfe, ..meter };
    let answer = begin_counters_anew(&workspace, &said(KEEPER, unknown, 1), bench.at(15, 0)).await.unwrap();
    assert_eq!(given(answer), CountersOutcome::UnknownMeter);
    assert_eq!(AnewReason::from_word("exchanged"), Some(AnewReason::Exchanged));
}

/// The telegram of the first day, sealed by the town's key; and the same meter under a key that follows.
#[tokio::test]
async fn a_key_that_follows_has_counters_of_its_own() {
    let bench = Bench::new().await;
    let point = bench.point(Security::Mode7);
    let frame = bench.frame(&point, 9);
    let workspace = open(bench.folder.path(), bench.at(15, 0)).await;
    let own = |entry: &KeyFileEntry| entry.entry.number == address(&frame).unwrap().number;
    let later: KeyFileEntry = parse_key_file(&bench.town.keys_csv()).unwrap().into_iter().find(own).unwrap();
    // The key of the town follows another one, which had counted far.
    let earlier = KeyFileEntry {
        entry: tidstro_telegram::KeyEntry { key: tidstro_telegram::Key::new([9; 16]), ..later.entry.clone() },
        ..later.clone()
    };
    let from = KeyFileEntry { from: Some(bench.day(5)), ..later };
    for (how, key) in [(TakeHow::Import, earlier), (TakeHow::Rotate, from)] {
        let file = vec![key].into();
        given(take_keys(&workspace, &actor(KEEPER), how, &file, bench.at(15, 0)).await.unwrap());
    }
    let line = |day: i64| {
        let (hex, at) = (hex(&bench.frame(&point, day)), bench.at(day, 0));
        format!("{{\"telegram\":\"{hex}\",\"received\":\"{at}\"}}\n")
    };
    let none = KeyRing::new();
    let heard = async |day| ingest(&workspace, line(day).as_bytes(), &none, bench.at(15, 0)).await;
    assert_eq!(heard(9).await.readings, 1);
    assert_eq!(heard(10).await.readings, 1);
    assert_eq!(heard(6).await.readings, 1, "late, by its gateway's word");
}

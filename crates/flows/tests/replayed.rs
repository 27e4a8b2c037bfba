//! Telegrams that somebody sends again, or in a meter's name: they are kept, and give no reading; also after a restart.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

#[expect(dead_code, reason = "these tests read no series")]
mod common;

use common::{ingest, open, register};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use tidstro_flows::IngestReport;
use tidstro_telegram::{KeyRing, address};
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

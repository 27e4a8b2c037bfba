//! `ingest` killed at any moment, and two at once: nothing acknowledged is lost, nothing is kept twice.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tidstro_world::Town;

use crate::common::{Place, assert_same, recent_town};

/// Moments of a kill, counted from the start of the process.
const KILLS_MS: [u64; 6] = [5, 20, 60, 150, 400, 800];

/// What is asked to compare two folders: purpose, resolution.
const TELEGRAMS: [(&str, &str); 3] = [("validation", "raw"), ("validation", "P1D"), ("validation", "P1M")];
const INTERVALS: [(&str, &str); 2] = [("correctness-control", "P1D"), ("correctness-control", "P1M")];

fn values(place: &Place, asked: &[(&str, &str)]) -> Vec<Vec<Value>> {
    let of = |(purpose, resolution): &(&str, &str)| {
        let asked = ["--actor", "staff:mikkel", "--purpose", purpose, "--resolution", resolution];
        place.values(&asked)
    };
    asked.iter().map(of).collect()
}

fn spawn(place: &Place, arguments: &[&str]) -> Child {
    place.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Kills a run after so many milliseconds; returns whether it was still running.
fn kill_after(mut child: Child, milliseconds: u64) -> bool {
    let (started, limit) = (Instant::now(), Duration::from_millis(milliseconds));
    while started.elapsed() < limit {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap().code().is_none()
}

/// Kills ingests of a file again and again, lets the last one finish, and compares with one that was let be.
fn killed_again_and_again(town: &Town, ingest: &[&str], asked: &[(&str, &str)]) {
    let (whole, killed) = (Place::with_master_data(town), Place::with_master_data(town));
    let expected_code = whole.run(ingest).code;
    let kills = KILLS_MS.iter().filter(|at| kill_after(spawn(&killed, ingest), **at)).count();
    assert!(kills >= 3, "only {kills} runs were killed; the input is too small");
    killed.run(ingest).exits(expected_code);
    killed.run(&["log", "verify"]).exits(0);
    for (found, expected) in values(&killed, asked).iter().zip(values(&whole, asked)) {
        assert!(expected.len() > 200);
        assert_same(found, &expected);
    }
    nothing_new(&killed, ingest);
}

/// A run over an input that is there already adds nothing.
fn nothing_new(place: &Place, ingest: &[&str]) {
    let again = &place.run(&[ingest, &["--json"]].concat()).json_lines()[0];
    for count in ["telegrams_new", "telegrams_recovered", "days_added", "days_changed"] {
        assert_eq!(again[count], 0, "{count}: {again}");
    }
}

/// A file for interval data, outside any data folder.
fn interval_file(files: &Place, town: &Town) -> String {
    files.write("head-end.csv", town.interval_file())
}

/// Files for both gateways' telegrams in one, and for keys.
fn telegram_files(files: &Place, town: &Town) -> (String, String) {
    let mut lines = Vec::new();
    town.write_gateway(0, &mut lines);
    town.write_gateway(1, &mut lines);
    (files.write("gateways.txt", lines), files.write("keys.csv", town.keys_csv()))
}

#[test]
fn interval_data_survive_a_kill_at_any_moment() {
    let (town, files) = (recent_town(30), Place::new());
    let file = interval_file(&files, &town);
    killed_again_and_again(&town, &["ingest", &file], &INTERVALS);
}

#[test]
fn telegrams_survive_a_kill_at_any_moment() {
    let (town, files) = (recent_town(20), Place::new());
    let (file, keys) = telegram_files(&files, &town);
    killed_again_and_again(&town, &["ingest", &file, "--keys", &keys], &TELEGRAMS);
}

#[test]
fn what_was_acknowledged_survives_the_kill_of_another() {
    let (town, files) = (recent_town(14), Place::new());
    let (file, keys) = telegram_files(&files, &town);
    let place = Place::with_master_data(&town);
    place.run(&["ingest", &file, "--keys", &keys]).exits(1);
    let acknowledged = values(&place, &TELEGRAMS);
    let intervals = interval_file(&files, &town);
    for at in [60, 150, 400] {
        kill_after(spawn(&place, &["ingest", &intervals]), at);
        for (found, expected) in values(&place, &TELEGRAMS).iter().zip(&acknowledged) {
            assert_same(found, expected);
        }
    }
    nothing_new(&place, &["ingest", &file, "--keys", &keys]);
}

#[test]
fn two_at_once_give_one_result() {
    let (town, files) = (recent_town(14), Place::new());
    let (telegrams, keys) = telegram_files(&files, &town);
    let intervals = interval_file(&files, &town);
    for (ingest, asked) in [
        (&["ingest", telegrams.as_str(), "--keys", keys.as_str()][..], &TELEGRAMS[..]),
        (&["ingest", intervals.as_str()], &INTERVALS),
    ] {
        let (one, two) = (Place::with_master_data(&town), Place::with_master_data(&town));
        one.run(ingest).exits(1);
        let both = [spawn(&two, ingest), spawn(&two, ingest)];
        for mut child in both {
            assert_eq!(child.wait().unwrap().code(), Some(1));
        }
        for (found, expected) in values(&two, asked).iter().zip(values(&one, asked)) {
            assert_same(found, &expected);
        }
        nothing_new(&two, ingest);
        two.run(&["log", "verify"]).exits(0);
    }
}

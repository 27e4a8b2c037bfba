//! What was known when: a correction is a new version, and the old one stays.

use jiff::Timestamp;
use serde_json::Value;
use tidstro_world::Town;

use crate::common::{Place, assert_same, now, spring_town};

const HEADER: &str = "metering_point;start;resolution;quantity_kwh;quality";

/// The rows of the first point of the town's head-end, all measured.
fn rows(town: &Town) -> (String, Vec<String>) {
    let odd = &town.facts.grid;
    let hours =
        [&odd.missing_marked, &odd.missing_absent, &odd.estimated, &odd.negative, &odd.spike, &odd.comma];
    let is_plain = |gsrn| hours.iter().all(|hours| hours.gsrn != gsrn) && odd.wrong_check_digit.gsrn != gsrn;
    let point = town.grid_points.iter().find(|point| is_plain(point.gsrn)).unwrap().gsrn.to_string();
    let file = String::from_utf8(town.interval_file()).unwrap();
    let rows = file.lines().filter(|line| line.starts_with(&point)).map(str::to_owned).collect();
    (point, rows)
}

fn file(rows: &[String]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

/// The row with another quantity.
fn corrected(row: &str) -> String {
    let mut fields: Vec<&str> = row.split(';').collect();
    fields[3] = "7.777";
    fields.join(";")
}

fn values(place: &Place, point: &str, as_of: Option<Timestamp>) -> Vec<Value> {
    let mut asked =
        vec!["--actor", "staff:mikkel", "--purpose", "correctness-control", "--resolution", "PT1H"];
    asked.extend(["--point", point]);
    let instant = as_of.map(|at| at.to_string());
    if let Some(instant) = &instant {
        asked.extend(["--as-of", instant]);
    }
    place.values(&asked)
}

#[test]
fn as_of_shows_what_was_known_then() {
    let town = spring_town();
    let place = Place::with_master_data(&town);
    let (point, rows) = rows(&town);
    let half = rows.len() / 2 / 24 * 24;
    let before = now();
    let first = place.write("first.csv", file(&rows[..half]));
    place.run(&["ingest", &first]).exits(0);
    let between = now();
    let known_then = values(&place, &point, None);

    // The second delivery corrects the third hour, repeats the rest, and brings what is new.
    let mut second = rows.clone();
    second[2] = corrected(&rows[2]);
    let second = place.write("second.csv", file(&second));
    place.run(&["ingest", &second]).exits(0).says(&["1 with a new version"]);

    let now_known = values(&place, &point, None);
    assert_eq!((&now_known[2]["value"], &now_known[2]["corrected"]), (&7777.into(), &true.into()));
    assert_eq!(now_known.iter().filter(|value| value["corrected"] == true).count(), 1);
    assert_eq!(now_known.iter().filter(|value| !value["value"].is_null()).count(), rows.len());

    let then = values(&place, &point, Some(between));
    assert_eq!((&then[2]["value"], &then[2]["corrected"]), (&known_then[2]["value"], &false.into()));
    assert_same(&with_value(then), &with_value(known_then));
    assert!(with_value(values(&place, &point, Some(before))).is_empty());
    assert_same(&values(&place, &point, Some(now())), &now_known);
}

fn with_value(values: Vec<Value>) -> Vec<Value> {
    values.into_iter().filter(|value| !value["value"].is_null()).collect()
}

#[test]
fn two_values_for_one_hour_are_two_versions() {
    let town = spring_town();
    let place = Place::with_master_data(&town);
    let (point, rows) = rows(&town);
    let twice = place.write("twice.csv", file(&[rows[0].clone(), rows[1].clone(), corrected(&rows[0])]));
    place.run(&["ingest", &twice]).exits(0);
    let shown = values(&place, &point, None);
    assert_eq!((&shown[0]["value"], &shown[0]["corrected"]), (&7777.into(), &true.into()));
    assert_eq!(shown[1]["corrected"], false);
    let table = ["series", "show", "--actor", "staff:mikkel", "--purpose", "correctness-control", "--point"];
    place
        .run(&[&table[..], &[&point, "--resolution", "PT1H"]].concat())
        .exits(0)
        .says(&["measured, corrected"]);
}

#[test]
fn the_same_file_again_changes_nothing() {
    let town = spring_town();
    let place = Place::with_master_data(&town);
    let (point, rows) = rows(&town);
    let first = place.write("first.csv", file(&rows));
    place.run(&["ingest", &first]).exits(0);
    let known = values(&place, &point, None);
    let again = place.run(&["ingest", "--json", &first]).exits(0).json_lines();
    assert_eq!((&again[0]["days_added"], &again[0]["days_changed"]), (&0.into(), &0.into()));
    // In any order of rows.
    let backwards: Vec<String> = rows.iter().rev().cloned().collect();
    let backwards = place.write("backwards.csv", file(&backwards));
    let again = place.run(&["ingest", "--json", &backwards]).exits(0).json_lines();
    assert_eq!((&again[0]["days_added"], &again[0]["days_changed"]), (&0.into(), &0.into()));
    assert_same(&values(&place, &point, None), &known);
}

#[test]
fn a_compacted_month_reads_the_same() {
    let town = spring_town();
    let place = Place::with_master_data(&town);
    let (point, rows) = rows(&town);
    let first = place.write("first.csv", file(&rows));
    place.run(&["ingest", &first]).exits(0);
    let between = now();
    let second = place.write("second.csv", file(&[corrected(&rows[2])]));
    place.run(&["ingest", &second]).exits(0).says(&["1 with a new version"]);
    let (known, known_then) = (values(&place, &point, None), values(&place, &point, Some(between)));

    let after = (town.plan.first_day.last_of_month().tomorrow().unwrap()).strftime("%Y-%m").to_string();
    let asked = ["series", "compact", "--before", &after, "--json"];
    let report: Value = serde_json::from_str(&place.run(&asked).exits(0).out).unwrap();
    assert_eq!(
        (report["before"].as_str(), &report["months"], &report["days_left"]),
        (Some(after.as_str()), &1.into(), &0.into())
    );
    assert_same(&values(&place, &point, None), &known);
    assert_same(&values(&place, &point, Some(between)), &known_then);
    place.run(&["series", "compact", "--before", &after]).exits(0).says(&["0 months of series written"]);
    place.run(&["series", "compact", "--before", "2026"]).exits(2).says(&["write a month such as 2026-03"]);
}

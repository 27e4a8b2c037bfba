//! A data set moves to a server and back: the same answers, the same log.

use serde_json::Value;
use tidstro_cluster::Cluster;

use crate::common::{Place, Ran, ran, recent_town, tidstro};

/// The program at another place, with the master key of the first one.
fn at(place: &Place, data: &str, arguments: &[&str]) -> Ran {
    let key = std::fs::read_to_string(place.path("data/master.key")).unwrap();
    let register = place.path("data/register.toml");
    let mut command = tidstro(arguments);
    command.args(["--data", data, "--register"]).arg(register).env("TIDSTRO_MASTER_KEY", key.trim());
    ran(command)
}

fn migrate(from: &str, to: &str) -> Ran {
    ran(tidstro(&["migrate", "--from", from, "--to", to, "--json"]))
}

/// What a job may see of everybody, and what the log's streams come to, without their last events.
fn answers(place: &Place, data: &str) -> Vec<Value> {
    let ask = ["series", "show", "--json", "--actor", "job:ingest", "--purpose", "validation"];
    let mut values = at(place, data, &ask).exits(0).json_lines();
    values.sort_by_key(Value::to_string);
    at(place, data, &["log", "verify"]).exits(0);
    values
}

#[test]
fn to_a_server_and_back_the_answers_are_the_same() {
    let town = recent_town(2);
    let place = Place::with_master_data(&town);
    let slug = format!("{}/cold-water", town.flats[0].slug());
    let lines: Vec<String> = town
        .telegrams(&slug, town.plan.first_day)
        .iter()
        .map(|frame| frame.iter().map(|byte| format!("{byte:02X}")).collect())
        .collect();
    place.write("telegrams.txt", lines.join("\n"));
    place.write("keys.csv", town.keys_csv());
    place.run(&["ingest", "telegrams.txt", "--keys", "keys.csv"]).exits(0);
    let old = place.data().display().to_string();
    let before = answers(&place, &old);
    assert!(!before.is_empty());

    let server: &Cluster = tidstro_cluster::shared().unwrap();
    let url = server.database().unwrap();
    let there = migrate(&format!("sqlite:{old}"), &url).exits(0).says(&["master.key` was not moved"]);
    assert_eq!(answers(&place, &url), before);
    let again = migrate(&format!("sqlite:{old}"), &url).exits(0).says(&["was moved there before"]);
    assert_eq!(again.out, "");
    // Whoever still uses the old place is told.
    at(&place, &old, &["log", "verify"]).exits(1).says(&["the data set was moved to `postgres://"]);

    let new = place.path("new").display().to_string();
    let back = migrate(&url, &new).exits(0);
    assert_eq!(answers(&place, &new), before);
    let rows = |ran: &Ran, table: &str| {
        let lines = ran.json_lines();
        lines.iter().find(|line| line["table"] == table).map(|line| line["rows"].as_u64().unwrap()).unwrap()
    };
    assert_eq!(rows(&back, "series_block"), rows(&there, "series_block"));
    // Asking is logged at the place where it was asked.
    assert!(rows(&back, "event") > rows(&there, "event"));
}

#[test]
fn a_place_that_is_not_empty_is_refused() {
    let town = recent_town(2);
    let (one, two) = (Place::with_master_data(&town), Place::with_master_data(&town));
    let place = |place: &Place| format!("sqlite:{}", place.data().display());
    migrate(&place(&one), &place(&two))
        .exits(1)
        .says(&["is not empty", "choose a new folder or an empty database"]);
    migrate(&place(&one), &place(&one)).exits(1).says(&["both places are the same"]);
    one.run(&["log", "verify"]).exits(0);
    two.run(&["log", "verify"]).exits(0);
}

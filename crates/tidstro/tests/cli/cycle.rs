//! `tidstro cycle` and `tidstro release`: from what came in to what went out, as a meter-data team works.

use serde_json::Value;
use tidstro_world::Town;

use crate::common::{Place, recent_town};

const RELEASE: [&str; 7] =
    ["release", "--actor", "job:ingest", "--purpose", "grid-reading", "--recipient", "market-hub"];

/// A town whose head-end has delivered, and its first and last operating day.
fn delivered() -> (Town, Place, String, String) {
    let town = recent_town(14);
    let place = Place::with_master_data(&town);
    let file = place.write("head-end.csv", town.interval_file());
    place.run(&["ingest", &file]);
    let first = town.plan.first_day;
    let end = first.checked_add(jiff::ToSpan::days(14)).unwrap();
    (town, place, first.to_string(), end.to_string())
}

fn board(place: &Place, from: &str, to: &str) -> Vec<Value> {
    place.run(&["cycle", "--from", from, "--to", to, "--json"]).exits(0).json_lines()
}

fn number(line: &Value, of: &str) -> u64 {
    line[of].as_u64().unwrap()
}

/// How many points the master data expect values of on the day of a line.
fn expected(town: &Town, line: &Value) -> u64 {
    let day = line["day"].as_str().unwrap().parse().unwrap();
    let is_in_use = |point: &&tidstro_world::MarketPoint| {
        point.state_on(day).is_some_and(tidstro_model::PointState::is_in_use)
    };
    let market = town.market_points.iter().filter(|point| point.delivered().is_some()).filter(is_in_use);
    (town.grid_points.len() + market.count()) as u64
}

/// Every series is in one state, or has nothing.
fn adds_up(line: &Value) {
    let states = [
        "nothing",
        "partly",
        "collected",
        "validated",
        "estimated",
        "released",
        "released-late",
        "corrected",
    ];
    let sum: u64 = states.iter().map(|state| number(line, state)).sum();
    assert_eq!(sum, number(line, "expected"), "{line}");
}

#[test]
fn a_day_goes_from_collected_to_out() {
    let (town, place, from, to) = delivered();
    let before = board(&place, &from, &to);
    assert_eq!(before.len(), 14);
    before.iter().for_each(adds_up);
    assert!(before.iter().all(|line| line["area"] == "543" && line["standing"] == "late"));
    assert!(before.iter().all(|line| number(line, "expected") == expected(&town, line)));
    place.run(&["cycle", "--from", &from, "--to", &to]).exits(0).says(&[
        "543",
        "operating day",
        "LATE by",
        "▓",
        "14 days late",
    ]);
    place.run(&["cycle", "--from", &from, "--to", &to, "--check"]).exits(1);

    let days = ["--area", "543", "--from", &from, "--to", &to];
    let out =
        place.run(&[&RELEASE[..], &days].concat()).exits(0).says(&["days of series released", "left: "]);
    let after = board(&place, &from, &to);
    after.iter().for_each(adds_up);
    let late: u64 = after.iter().map(|line| number(line, "released-late")).sum();
    let ready: u64 = before.iter().map(|line| number(line, "validated") + number(line, "estimated")).sum();
    assert!(late == ready && ready > 0, "{out}");
    let rest = ["--also", "partly", "--also", "collected", "--json"];
    let told = &place.run(&[&RELEASE[..], &days, &rest].concat()).exits(0).json_lines()[0];
    assert_eq!(told["unchanged"], ready);
    assert_eq!(number(told, "released") + ready + told["left"]["nothing"].as_u64().unwrap_or(0), {
        before.iter().map(|line| number(line, "expected")).sum::<u64>()
    });
}

#[test]
fn a_monitor_is_told_by_the_exit_code_and_a_person_by_the_list() {
    let (town, place, from, to) = delivered();
    let point = town.grid_points[0].gsrn.to_string();
    let next = board(&place, &from, &to)[1]["day"].as_str().unwrap().to_owned();
    place.run(&["cycle", "--check", "--area", "543"]).exits(1).says(&[
        "543: ",
        "late, the oldest",
        "not shown; give `--from`",
    ]);
    let listed = ["cycle", "--list", "late", "--area", "543", "--day", &next];
    place.run(&listed).exits(1).says(&["refused by operation-not-in-purpose"]);
    let clerk = ["--actor", "staff:mikkel", "--purpose", "correctness-control"];
    let lines = place.run(&[&listed[..], &clerk, &["--json"]].concat()).exits(0).json_lines();
    assert!(lines.iter().any(|line| line["point"] == point.as_str()), "{lines:?}");
    place.run(&[&listed[..], &clerk].concat()).exits(0).says(&["point", "there", "calls"]);
    place
        .run(&["cycle", "--recount", "--area", "543", "--from", &from])
        .exits(0)
        .says(&["0 days counted otherwise"]);
}

#[test]
fn a_slip_on_the_command_line_says_what_to_write() {
    let place = Place::new();
    for (arguments, says) in [
        (&["cycle", "--list", "most"][..], "write all, nothing, late, or one of partly"),
        (&["cycle", "--alarm", "soon"], "write a time such as 12h"),
        (&["release", "--also", "validated"], "write partly or collected"),
        (&["cycle", "--recount"], "--area"),
    ] {
        place.run(arguments).exits(2).says(&[says]);
    }
}

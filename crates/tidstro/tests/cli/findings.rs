//! `tidstro findings --queue`: what waits for a decision is counted, listed, decided, and gone.

use tidstro_world::Town;

use crate::common::{Place, recent_town};

const AS_CLERK: [&str; 4] = ["--actor", "staff:mikkel", "--purpose", "correctness-control"];

fn findings(arguments: &[&str]) -> Vec<String> {
    let parts: [&[&str]; 3] = [&["findings"], arguments, &AS_CLERK];
    parts.concat().into_iter().map(str::to_owned).collect()
}

/// A town with an hour that runs the wrong way.
fn town() -> (Town, Place) {
    let town = recent_town(14);
    let place = Place::with_master_data(&town);
    let point: String = town.grid_points.iter().take(1).map(|point| point.gsrn.to_string()).collect();
    let start = town.plan.first_day;
    let rows = format!(
        "metering_point;start;resolution;quantity_kwh;quality\n{point};{start}T12:00:00Z;PT1H;-0.100;measured\n"
    );
    let file = place.write("head-end.csv", rows.into_bytes());
    place.run(&["ingest", &file]);
    (town, place)
}

#[test]
fn the_queue_is_emptied_cause_by_cause() {
    let (town, place) = town();
    let run = |arguments: &[&str]| {
        let arguments = findings(arguments);
        place.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let causes = run(&["--queue", "--json"]).exits(0).json_lines();
    let rules: Vec<&str> = causes.iter().map(|cause| cause["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"negative") && rules.contains(&"completeness"), "{rules:?}");
    let area = causes[0]["area"].as_str().unwrap().to_owned();
    let of_cause = ["--queue", "--rule", "negative", "--area", &area, "--resolution", "PT1H"];
    run(&of_cause).exits(0).says(&[&town.grid_points.first().unwrap().gsrn.to_string()]);

    let accept = [&of_cause[..], &["--decide", "accept", "--reason", "it feeds in"]].concat();
    run(&[&accept[..], &["--dry-run"]].concat()).exits(0).says(&["accept 1 value"]);
    run(&accept).exits(0).says(&["1 day decided"]);
    let causes = run(&["--queue", "--json"]).exits(0).json_lines();
    assert!(causes.iter().all(|cause| cause["rule"] != "negative"), "{causes:?}");
    run(&["--recount"]).exits(0);
    // Who accepts says why.
    run(&[&of_cause[..], &["--decide", "accept"]].concat()).exits(2);
}

//! `tidstro alarms`: what a town's meters say is wrong, for whoever looks after it, and for the people it is about.

use std::collections::BTreeSet;

use serde_json::Value;
use tidstro_world::Town;
use tidstro_world::facts::AlarmKind;

use crate::common::{Place, recent_town};

/// A town whose gateways and head-end have delivered.
fn read_town() -> (Town, Place) {
    let town = recent_town(14);
    let place = Place::with_master_data(&town);
    let keys = place.write("keys.csv", town.keys_csv());
    for gateway in 0..2 {
        let mut lines = Vec::new();
        town.write_gateway(gateway, &mut lines);
        let file = place.write("gateway", lines);
        place.run(&["ingest", &file, "--keys", &keys]).says(&["alarms raised"]);
    }
    let pushes = place.write("pushes.txt", town.push_file().1);
    place.run(&["ingest", &pushes]).says(&["25  alarms raised, 25 cleared"]);
    (town, place)
}

fn asked(place: &Place, who: &str, purpose: &str, more: &[&str]) -> Vec<Value> {
    let command = ["alarms", "--actor", who, "--purpose", purpose, "--json"];
    place.run(&[&command[..], more].concat()).exits(0).json_lines()
}

fn codes(lines: &[Value]) -> BTreeSet<(&str, &str)> {
    lines.iter().map(|line| (line["code"].as_str().unwrap(), line["point"].as_str().unwrap())).collect()
}

fn point(town: &Town, kind: AlarmKind) -> &str {
    &town.facts.alarms.iter().find(|alarm| alarm.kind == kind).unwrap().point
}

#[test]
fn whoever_looks_after_a_building_sees_what_stands() {
    let (town, place) = read_town();
    let (leak, battery) = (point(&town, AlarmKind::Leak), point(&town, AlarmKind::LowBattery));
    let standing = asked(&place, "staff:mikkel", "device-monitoring", &["--standing"]);
    assert_eq!(codes(&standing), BTreeSet::from([("leak", leak), ("low-battery", battery)]));
    let all = asked(&place, "staff:mikkel", "device-monitoring", &[]);
    let over = [("burst", point(&town, AlarmKind::Burst)), ("tamper", point(&town, AlarmKind::Tamper))];
    assert_eq!(codes(&all), codes(&standing).into_iter().chain(over).collect());
    assert_eq!(all.first().unwrap()["severity"], "critical");
    let storms = asked(&place, "staff:mikkel", "technical-monitoring", &["--area", "543"]);
    let [storm] = &storms[..] else { panic!("{storms:?}") };
    assert_eq!((&storm["kind"], &storm["stands"]), (&"storm".into(), &false.into()));
    assert_eq!((&storm["transformer"], &storm["meters"]), (&"T002".into(), &25.into()));
    let table = ["alarms", "--actor", "staff:mikkel", "--purpose", "device-monitoring"];
    place.run(&table).exits(0).says(&["severity", "stands", "2 alarms and 0 storms stand, of 4 shown"]);
    its_residents_see_their_own(&town, &place, leak);
}

fn its_residents_see_their_own(town: &Town, place: &Place, leak: &str) {
    let home = |point: &str| town.flats.iter().find(|flat| point.starts_with(&format!("{}/", flat.slug())));
    let flat = home(leak).unwrap();
    let tenant = place.resident(flat.stays.last().unwrap().tenant);
    assert_eq!(codes(&asked(place, &tenant, "own-alarms", &[])), BTreeSet::from([("leak", leak)]));
    let odd: Vec<u32> =
        town.facts.alarms.iter().filter_map(|alarm| home(&alarm.point)).map(|flat| flat.index).collect();
    let other = town.flats.iter().find(|flat| !odd.contains(&flat.index)).unwrap();
    let neighbour = place.resident(other.stays.last().unwrap().tenant);
    assert!(asked(place, &neighbour, "own-alarms", &[]).is_empty());
    let theirs = ["alarms", "--actor", &neighbour, "--purpose", "own-alarms", "--point", leak];
    place.run(&theirs).exits(1).says(&["refused by"]);
}

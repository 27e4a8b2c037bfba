//! `tidstro settle`: the sums of the town's grid area.

use std::collections::BTreeMap;

use jiff::ToSpan;
use tidstro_world::Town;

use crate::common::{Place, Ran, recent_town};

fn read_town() -> (Town, Place) {
    let town = recent_town(4);
    let place = Place::with_master_data(&town);
    let file = place.write("intervals.csv", town.interval_file());
    place.run(&["ingest", &file]).says(&["days"]);
    (town, place)
}

fn settle<'a>(what: &'a str, days: &'a (String, String), more: &[&'a str]) -> Vec<&'a str> {
    let asked = ["settle", what, "--area", "543", "--from", &days.0, "--to", &days.1];
    [&asked[..], more].concat()
}

#[test]
fn every_level_of_an_area_adds_up_and_equals_its_blocks() {
    let (town, place) = read_town();
    let first = town.plan.first_day;
    let days = (first.to_string(), first.saturating_add(3.days()).to_string());
    let shown = place.run(&settle("show", &days, &["--csv"])).exits(0);
    let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in shown.out.lines().skip(1) {
        let [_, _, _, quantity, _, time, series, _, _, _, level] = row.split(';').collect::<Vec<_>>()[..]
        else {
            panic!("{row}")
        };
        if series == "flex_consumption" {
            let watt_hours: i64 = quantity.replace('.', "").parse().unwrap();
            *sums.entry((time.to_owned(), level.to_owned())).or_default() += watt_hours;
        }
    }
    let at = |level: &str| -> Vec<i64> {
        sums.iter().filter(|((_, of), _)| of == level).map(|(_, sum)| *sum).collect()
    };
    assert!(at("supplier").iter().sum::<i64>() > 0, "{shown}");
    assert_eq!(at("supplier"), at("area"));
    assert_eq!(at("balance-responsible"), at("area"));

    let verified = place.run(&settle("verify", &days, &[])).exits(0);
    verified.says(&["all equal to the digit"]);
    place
        .run(&settle("show", &days, &["--level", "area"]))
        .exits(0)
        .says(&["flex_consumption", "production"]);
    assert!(
        shown.out.starts_with("grid_area_code;energy_supplier_id;balance_responsible_party_id;quantity;")
    );
    let json = place.run(&settle("show", &days, &["--json", "--level", "area"])).exits(0).json_lines();
    assert!(json.iter().all(|value| value["level"] == "area" && value["area"] == "543"));
}

#[test]
fn sums_made_again_are_in_the_log() {
    let (_, place) = read_town();
    place.run(&["settle", "rebuild"]).exits(0).says(&["4 days computed, 0 sums changed"]);
}

#[test]
fn an_area_nobody_has_and_too_many_days_are_said() {
    let (_, place) = read_town();
    let asked = |area, from, to| ["settle", "show", "--area", area, "--from", from, "--to", to];
    place.run(&asked("999", "2026-01-01", "2026-01-02")).exits(2).says(&["`999`"]);
    place
        .run(&asked("543", "2000-01-01", "2026-01-01"))
        .exits(1)
        .says(&["9497 local days are too many for one ask, at most 1096"]);
}

const HEATED: &str = "metering_point_id;type;settlement_method;grid_area_code;resolution;from_grid_area_code;to_grid_area_code;\
     parent_metering_point_id;energy_supplier_id;balance_responsible_party_id;from_date;to_date;sub_type;electrical_heating
571313154390359463;E17;D01;800;PT1H;;;;5790001330552;;2026-01-01;;;yes
571313180400090019;D14;;800;P1M;;;571313154390359463;;;2026-01-01;;calculated;
";

fn two_hours(first: &str) -> String {
    format!(
        "metering_point;start;resolution;quantity_kwh;quality\n\
         571313154390359463;2026-01-10T11:00:00Z;PT1H;{first};measured\n\
         571313154390359463;2026-01-11T11:00:00Z;PT1H;2.000;measured\n"
    )
}

#[test]
fn heating_that_was_given_and_stands_is_left_out() {
    let place = Place::new();
    let points = place.write("points.csv", HEATED);
    place.run(&["master", "import", &points, "--actor", "job:ingest"]).exits(0);
    let heating = ["settle", "heating", "--area", "800", "--year", "2026-01-01", "--json"];
    let taken = |first: &str| {
        let file = place.write("values.csv", two_hours(first));
        place.run(&["ingest", &file]).exits(0);
        place.run(&heating).exits(0)
    };
    let given = place.write("given.jsonl", taken("1.000").out);
    let again = [&heating[..], &["--given", &given]].concat();
    assert_eq!(days(&place.run(&again).exits(0)), [""; 0], "nothing is given twice");
    taken("1.500");
    assert_eq!(days(&place.run(&again).exits(0)), ["2026-01-10 1.5"], "a day that changed is given again");

    let bad = place.write("bad.jsonl", "571313180400090019;2026-01-10;1.000\n");
    place
        .run(&[&heating[..], &["--given", &bad]].concat())
        .exits(1)
        .says(&["bad.jsonl` line 1: is none that `--json` prints"]);
}

/// Local days with their energy.
fn days(ran: &Ran) -> Vec<String> {
    let lines = ran.json_lines();
    let days = lines.iter().filter_map(|line| line["days"].as_array()).flatten();
    days.map(|day| format!("{} {}", day["day"].as_str().unwrap_or("no day"), day["quantity_kwh"])).collect()
}

//! Who sees what: a resident their own days and no others, staff what their purpose allows.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;
use tidstro_calendar::Zone;
use tidstro_model::DayRange;
use tidstro_world::{Flat, Stay, Town};

use crate::common::{Place, assert_same, hex, recent_town};

const RESOLUTIONS: [&str; 6] = ["raw", "PT15M", "PT1H", "P1D", "P1M", "P1Y"];

/// A town in which somebody moved out, with what its gateways heard from that flat and another.
fn lived_in() -> (Town, Place) {
    let town = recent_town(20);
    let ours = [&move_out(&town).0.slug(), &neighbour(&town).slug()].map(|slug| format!("{slug}/"));
    let meters: Vec<String> = town
        .master_data()
        .installations
        .iter()
        .filter(|mounted| ours.iter().any(|slug| mounted.point.starts_with(slug)))
        .map(|mounted| hex(&mounted.meter.meter().unwrap().number.0.to_le_bytes()))
        .collect();
    let place = Place::with_master_data(&town);
    let keys = place.write("keys.csv", town.keys_csv());
    // The second gateway heard what the first one did, in another form of frame.
    for (gateway, told) in [(0, "register readings"), (1, "known already")] {
        let mut lines = Vec::new();
        town.write_gateway(gateway, &mut lines);
        let lines = String::from_utf8_lossy(&lines);
        let heard = |line: &&str| meters.iter().any(|number| line.to_lowercase().contains(number));
        let lines: Vec<&str> = lines.lines().filter(heard).collect();
        assert!(lines.len() > 50);
        let file = place.write("gateway", lines.join("\n"));
        place.run(&["ingest", &file, "--keys", &keys]).says(&[told]);
    }
    (town, place)
}

/// The flat somebody moved out of, its first tenant and its second.
fn move_out(town: &Town) -> (&Flat, [&Stay; 2]) {
    let facts = &town.facts.move_out;
    let flat = town.flats.iter().find(|flat| (&flat.area, &flat.unit) == (&facts.area, &facts.unit)).unwrap();
    let [leaver, newcomer] = &flat.stays[..] else { panic!("{flat:?}") };
    (flat, [leaver, newcomer])
}

fn neighbour(town: &Town) -> &Flat {
    town.flats.iter().find(|other| other.index != move_out(town).0.index).unwrap()
}

fn own_view<'a>(actor: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["--actor", actor, "--purpose", "own-view"], more].concat()
}

#[test]
fn a_resident_sees_exactly_their_own_days() {
    let (town, place) = lived_in();
    let (flat, stays) = move_out(&town);
    let first_day = town.plan.first_day;
    let (from, to) = ((first_day - 40.days()).to_string(), (first_day + 40.days()).to_string());
    for stay in stays {
        let actor = place.resident(stay.tenant);
        for category in ["consumption", "indoor-climate"] {
            for resolution in RESOLUTIONS {
                let asked = own_view(&actor, &["--category", category, "--resolution", resolution]);
                let values = place.values(&asked);
                assert!(!values.is_empty(), "{category} {resolution}");
                only_own_days(&values, flat, stay.days);
                // Asking for more days gives no more.
                let wide = place.values(&[&asked[..], &["--from", &from, "--to", &to]].concat());
                only_own_days(&wide, flat, stay.days);
                assert_same(&amounts(wide), &amounts(values));
            }
        }
        values_are_true(&town, &place, &actor, flat, stay);
        sums_hold_nothing_of_others(&place, &actor);
    }
}

fn present(values: Vec<Value>) -> Vec<Value> {
    values.into_iter().filter(|value| !value["value"].is_null()).collect()
}

/// What was disclosed, without how far its period reaches: that follows the days asked for.
fn amounts(values: Vec<Value>) -> Vec<Value> {
    let amount =
        |value: &Value| ["point", "quantity", "value", "present"].map(|field| value[field].clone()).into();
    present(values).iter().map(amount).collect()
}

#[track_caller]
fn only_own_days(values: &[Value], flat: &Flat, days: DayRange) {
    let zone = Zone::copenhagen();
    let (first, after) = (zone.day_start(days.start()), days.end());
    let last = if days.is_open() { Timestamp::MAX } else { zone.day_start(after) };
    for value in values {
        let instant = |field: &str| value[field].as_str().unwrap().parse::<Timestamp>().unwrap();
        assert!(instant("start") >= first && instant("end") <= last && instant("start") < last, "{value}");
        assert!(value["point"].as_str().unwrap().starts_with(&format!("{}/", flat.slug())), "{value}");
    }
}

/// The last reading of each day is what the world knows.
fn values_are_true(town: &Town, place: &Place, actor: &str, flat: &Flat, stay: &Stay) {
    let zone = Zone::copenhagen();
    let point = format!("{}/cold-water", flat.slug());
    let values = place.values(&own_view(actor, &["--resolution", "raw", "--point", &point]));
    let mut last: BTreeMap<Date, i64> = BTreeMap::new();
    for value in &values {
        last.insert(
            zone.day_of(value["start"].as_str().unwrap().parse().unwrap()),
            thousandths(&value["value"]),
        );
    }
    assert!(!last.is_empty() && last.keys().all(|day| stay.days.contains(*day)));
    for (day, register) in last {
        let truth = town.true_register(&point, day).unwrap().in_steps_of(-3);
        assert_eq!(Some(register), truth, "{point} {day}");
    }
}

/// What a year, the months and the days sum up lies between the resident's own first and last reading.
fn sums_hold_nothing_of_others(place: &Place, actor: &str) {
    let raw = place.values(&own_view(actor, &["--resolution", "raw"]));
    let mut bounds: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for value in &raw {
        let register = thousandths(&value["value"]);
        bounds.entry(value["point"].to_string()).or_insert((register, register)).1 = register;
    }
    for resolution in ["P1D", "P1M", "P1Y"] {
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for value in present(place.values(&own_view(actor, &["--resolution", resolution]))) {
            *sums.entry(value["point"].to_string()).or_default() += thousandths(&value["value"]);
        }
        for (point, sum) in sums {
            let (first, last) = bounds[&point];
            assert_eq!(sum, last - first, "{actor} {point} at {resolution}");
        }
    }
}

/// A number of at most three decimals in thousandths.
fn thousandths(number: &Value) -> i64 {
    let text = number.to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}{decimals:0<3}").parse().unwrap()
}

#[test]
fn a_neighbours_point_is_answered_like_one_that_is_not_there() {
    let (town, place) = lived_in();
    let (flat, [leaver, newcomer]) = move_out(&town);
    let neighbour = neighbour(&town);
    let (theirs, own) = (format!("{}/cold-water", neighbour.slug()), format!("{}/cold-water", flat.slug()));
    for stay in [leaver, newcomer] {
        let actor = place.resident(stay.tenant);
        for resolution in RESOLUTIONS {
            let refused = |point: &str| {
                let asked = own_view(&actor, &["--point", point, "--resolution", resolution]);
                let told = place.run(&[&["series", "show"], &asked[..]].concat()).exits(1);
                assert_eq!(told.out, "");
                told.says(&["refused by not-own-data"]).err
            };
            assert_eq!(refused(&theirs), refused("nowhere/at-all"), "{resolution}");
        }
        let listed =
            place.run(&[&["series", "list"], &own_view(&actor, &["--point", &own])[..]].concat()).exits(0);
        assert!(listed.out.contains(&own), "{listed}");
        let listed = place.run(&[&["series", "list"], &own_view(&actor, &[])[..]].concat()).exits(0);
        assert!(
            listed.out.contains(&own) && !listed.out.contains(&format!("{}/", neighbour.slug())),
            "{listed}"
        );
    }
    a_series_number_opens_nothing(&place, &theirs, &place.resident(leaver.tenant));
}

fn a_series_number_opens_nothing(place: &Place, point: &str, actor: &str) {
    let clerk =
        ["series", "list", "--json", "--actor", "staff:mikkel", "--purpose", "validation", "--point", point];
    let number = place.run(&clerk).exits(0).json_lines()[0]["series"].to_string();
    let told =
        place.run(&[&["series", "show"], &own_view(actor, &["--series", &number])[..]].concat()).exits(0);
    assert_eq!(told.out, "");
    told.says(&["nothing is kept in that scope"]);
}

#[test]
fn staff_see_what_their_purpose_allows() {
    let (town, place) = lived_in();
    let (flat, _) = move_out(&town);
    let point = format!("{}/cold-water", flat.slug());
    let show = |actor: &str, purpose: &str, more: &[&str]| {
        place.run(&[&["series", "show", "--actor", actor, "--purpose", purpose], more].concat())
    };
    for fine in ["raw", "PT15M", "PT1H", "P1D"] {
        let told = show("staff:anna", "billing", &["--point", &point, "--resolution", fine]).exits(1);
        assert_eq!(told.out, "");
        told.says(&["refused by resolution-too-fine", "no finer than `P1M`", "ask for `P1M` or coarser"]);
    }
    show("staff:anna", "billing", &["--point", &point, "--resolution", "P1M"]).exits(0).says(&[&point, "m3"]);
    show("staff:anna", "validation", &["--point", &point]).exits(1).says(&["refused by role-not-in-purpose"]);
    show("staff:nobody", "billing", &["--resolution", "P1M"]).exits(1).says(&["refused by unknown-actor"]);
    show("staff:anna", "marketing", &["--resolution", "P1M"]).exits(1).says(&["refused by unknown-purpose"]);
    show("staff:anna", "billing", &["--category", "dreams"]).exits(1).says(&["refused by unknown-category"]);
    show("staff:anna", "Billing!", &[]).exits(2).says(&["`Billing!` is not a name"]);
    show("staff:mikkel", "validation", &["--area", "Nowhere"])
        .exits(2)
        .says(&["`Nowhere`", "`series list` shows the areas in your scope"]);
    show("staff:mikkel", "validation", &["--from", "2026-02-02", "--to", "2026-02-01"])
        .exits(2)
        .says(&["swap them"]);
}

#[test]
fn who_plans_the_grid_sees_nothing_of_a_building() {
    let (town, place) = lived_in();
    let (flat, _) = move_out(&town);
    let hour = first_hour(&town);
    let file = place.write("hour.csv", hour);
    place.run(&["ingest", &file]).exits(0);
    let point = format!("{}/cold-water", flat.slug());
    let planner = ["--actor", "staff:sofie", "--purpose", "network-operation"];
    for scope in [&["--point", &point][..], &["--area", &flat.area], &[]] {
        for resolution in ["PT1H", "P1D", "P1M", "P1Y"] {
            let asked = [&planner[..], scope, &["--resolution", resolution]].concat();
            let values = place.values(&asked);
            assert!(
                values.iter().all(|value| value["point"].as_str().unwrap().starts_with("57")),
                "{asked:?}"
            );
            assert_eq!(values.is_empty(), !scope.is_empty(), "{asked:?}");
        }
    }
}

/// An interval file of one hour at one point.
fn first_hour(town: &Town) -> String {
    let start = Zone::copenhagen().day_start(town.plan.first_day);
    format!(
        "metering_point;start;resolution;quantity_kwh;quality\n{};{start};PT1H;0.125;measured\n",
        town.grid_points[0].gsrn
    )
}

#[test]
fn the_register_explains_yes_and_no() {
    let (town, place) = lived_in();
    let (flat, _) = move_out(&town);
    let point = format!("{}/cold-water", flat.slug());
    let asked =
        ["register", "explain", "--actor", "staff:anna", "--purpose", "billing", "--point", point.as_str()];
    let no = place.run(&asked).exits(1).says(&["refused by resolution-too-fine", "register.toml:"]);
    assert!(no.out.lines().any(|line| line.trim_start().starts_with("NO  resolution")), "{no}");
    let monthly = [&asked[..], &["--resolution", "P1M"]].concat();
    place.run(&monthly).exits(0).says(&["granted for `billing`", "no finer than P1M"]);
    let json = place.run(&[&monthly[..], &["--json"]].concat()).exits(0).json_lines();
    assert_eq!(json[0]["granted"], true);
    place.run(&[&monthly[..], &["--operation", "erase"]].concat()).exits(1).says(&["does `read`"]);
    place.run(&[&monthly[..], &["--operation", "peek"]].concat()).exits(2).says(&["write one of collect"]);
}

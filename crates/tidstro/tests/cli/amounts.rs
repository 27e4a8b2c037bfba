//! What suppliers owe, from files to a calculation and its tables; not every hour has a price.

use std::fmt::Write as _;

use crate::common::Place;

const POINTS: &str = "metering_point_id;type;settlement_method;grid_area_code;resolution;from_grid_area_code;\
     to_grid_area_code;parent_metering_point_id;energy_supplier_id;balance_responsible_party_id;from_date;to_date
571313154390359463;E17;D01;800;PT1H;;;;5790001330552;;2025-12-31T23:00:00Z;
571313180400090019;E17;D01;800;PT1H;;;;5790000432752;;2025-12-31T23:00:00Z;
";
const CHARGES: &str = "charge_code;charge_type;charge_owner_id;resolution;is_tax;from_date;to_date
net;tariff;5790000000104;PT1H;false;2026-01-01;
tax;tariff;5790000000104;P1D;true;2026-01-01;
meter;subscription;5790000000104;P1M;false;2026-01-01;
";
const LINKS: &str = "charge_code;charge_type;charge_owner_id;metering_point_id;quantity;from_date;to_date
net;tariff;5790000000104;571313154390359463;1;2026-03-24;
tax;tariff;5790000000104;571313154390359463;1;2026-03-24;
tax;tariff;5790000000104;571313180400090019;1;2026-03-24;
meter;subscription;5790000000104;571313180400090019;1;2026-03-24;
";
/// Two of the day's hours, and the tax; nobody says what a subscription costs.
const PRICES: &str = "charge_code;charge_type;charge_owner_id;charge_price;charge_time
net;tariff;5790000000104;0.500000;2026-03-23T23:00:00Z
net;tariff;5790000000104;1.000001;2026-03-24T16:00:00Z
tax;tariff;5790000000104;0.9;2026-03-23T23:00:00Z
";
/// The local day, and what is asked about it.
const DAY: [&str; 4] = ["--area", "800", "--from", "2026-03-24"];

/// 24 hours of a point, of which the last one may be missing.
fn hours(point: &str, quantity: &str, is_whole: bool) -> String {
    let mut rows = String::new();
    for hour in 0..24 {
        let day = if hour == 0 { "2026-03-23T23" } else { &format!("2026-03-24T{:02}", hour - 1) };
        let (quantity, quality) =
            if hour == 23 && !is_whole { ("", "missing") } else { (quantity, "measured") };
        writeln!(rows, "{point};{day}:00:00Z;PT1H;{quantity};{quality}").unwrap();
    }
    rows
}

fn read() -> Place {
    let place = Place::new();
    let files =
        [("points.csv", POINTS), ("charges.csv", CHARGES), ("links.csv", LINKS), ("prices.csv", PRICES)];
    let files = files.map(|(name, text)| place.write(name, text));
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    place.run(&[&["master", "import"][..], &files, &["--actor", "job:ingest"]].concat()).exits(0);
    let rows = [
        "metering_point;start;resolution;quantity_kwh;quality\n",
        &hours("571313154390359463", "1.250", true),
        &hours("571313180400090019", "0.333", false),
    ];
    let values = place.write("values.csv", rows.concat());
    place.run(&["ingest", &values]).exits(0);
    place
}

fn settle(place: &Place, what: &str, more: &[&str]) -> String {
    place.run(&[&["settle", what], &DAY[..], more].concat()).exits(0).out
}

#[test]
fn a_calculation_says_what_is_owed_and_what_has_no_price() {
    let place = read();
    let refused = [&["settle", "run", "--kind", "wholesale_fixing"], &DAY[..]].concat();
    place.run(&refused).exits(2).says(&["2026-03-24", "give one whole month, or add `--internal`"]);
    let run = settle(&place, "run", &["--kind", "wholesale_fixing", "--internal"]);
    let shown = settle(&place, "show", &["--run", "1"]);
    let amounts = settle(&place, "show", &["--run", "1", "--amounts"]);
    insta::assert_snapshot!("amounts", format!("{run}\n{shown}\n{amounts}"));
    let csv = settle(&place, "show", &["--run", "1", "--amounts", "--csv"]);
    let without: Vec<&str> = csv.lines().filter(|row| row.contains(";;;false;")).collect();
    assert_eq!((csv.lines().count(), without.len()), (1 + 24 + 2 + 1, 22 + 1), "{csv}");
    let json = settle(&place, "show", &["--run", "1", "--amounts", "--json"]);
    let unpriced = json.lines().filter(|line| line.contains("\"amount_kroner\":null")).count();
    assert_eq!((json.lines().count(), unpriced), (27, 23));
}

#[test]
fn sums_alone_have_no_amounts() {
    let place = read();
    let run = settle(&place, "run", &["--kind", "balance_fixing", "--json"]);
    assert_eq!(run, "{\"version\":1,\"removed\":[]}\n");
    assert_eq!(settle(&place, "show", &["--run", "1", "--amounts"]), "");
    let unknown = place.run(&[&["settle", "show", "--run", "7"], &DAY[..]].concat()).exits(1);
    unknown.says(&["the area has no calculation with version 7", "`tidstro settle runs`"]);
    // What is missing is named by point and day.
    assert_eq!(settle(&place, "missing", &[]), "2026-03-24 571313180400090019\n");
}

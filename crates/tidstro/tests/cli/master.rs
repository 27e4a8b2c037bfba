//! Master data in, out and corrected, as an operator does it with files.

use crate::common::{Place, Ran, now};

const POINTS: &str = "metering_point_id;type;settlement_method;grid_area_code;resolution;from_grid_area_code;\
     to_grid_area_code;parent_metering_point_id;energy_supplier_id;balance_responsible_party_id;from_date;to_date";
const SUPPLIES: &str = "metering_point_id;energy_supplier_id;balance_responsible_party_id;from_date;to_date";
const FIRST: &str = "571313154390359463";
const OTHER: &str = "571313180400090019";
const SUPPLIER: &str = "5790001330552";
const LATER: &str = "5790000432752";

fn import(place: &Place, files: &[&str], more: &[&str]) -> Ran {
    place.run(&[&["master", "import"][..], files, &["--actor", "job:ingest"], more].concat())
}

/// Two points of one area, supplied from the first day on.
fn with_points() -> Place {
    let place = Place::new();
    let row = |point, kind| format!("{point};{kind};800;PT1H;;;;{SUPPLIER};{LATER};2025-12-31T23:00:00Z;");
    let rows = [POINTS.to_owned(), row(FIRST, "E17;D01"), row(OTHER, "E18;")].join("\n");
    place.write("points.csv", rows);
    import(&place, &["points.csv"], &[]).exits(0).says(&["points.csv: points, 2 rows, 4 added, 0 retired"]);
    place
}

#[test]
fn a_dry_run_shows_old_and_new_and_changes_nothing() {
    let place = with_points();
    place.write("supplies.csv", format!("{SUPPLIES}\n{FIRST};{LATER};;2026-02-01;2026-03-01\n"));
    let shows = [
        "supply 571313154390359463",
        "  - 2026-01-01.. supplier 5790001330552",
        "  + 2026-02-01..2026-03-01 supplier 5790000432752",
        "  + 2026-03-01.. supplier 5790001330552",
    ];
    for _ in 0..2 {
        let dry = import(&place, &["supplies.csv"], &["--dry-run"]).exits(0);
        dry.says(&shows).says(&["1 thing would change"]);
    }
    import(&place, &["supplies.csv"], &[]).exits(0).says(&shows).says(&["3 added, 1 retired"]);
    import(&place, &["supplies.csv"], &[]).exits(0).says(&["nothing new"]);
}

#[test]
fn what_is_exported_says_nothing_new_and_an_earlier_moment_stays_as_it_was() {
    let place = with_points();
    let before = now().to_string();
    place.run(&["master", "export", "--out", "before"]).exits(0);
    place.write("supplies.csv", format!("{SUPPLIES}\n{FIRST};{LATER};;2026-02-01;2026-03-01\n"));
    import(&place, &["supplies.csv"], &[]).exits(0);
    place.run(&["master", "export", "--out", "after"]).exits(0).says(&["points.csv: 4 rows"]);
    for folder in ["after", "before"] {
        let files: Vec<String> =
            ["places", "points", "installations"].map(|name| format!("{folder}/{name}.csv")).into();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let ran = import(&place, &files, &["--dry-run"]).exits(0);
        ran.says(&[if folder == "after" { "nothing new" } else { "1 thing would change" }]);
    }
    place.run(&["master", "export", "--as-of", &before, "--out", "then"]).exits(0);
    let text = |folder: &str| std::fs::read_to_string(place.path(&format!("{folder}/points.csv"))).unwrap();
    assert_eq!(text("then"), text("before"));
    place
        .run(&["master", "export", "--on", "2026-02-10", "--out", "day"])
        .exits(0)
        .says(&["points.csv: 2 rows"]);
}

#[test]
fn net_settlement_and_heating_are_of_days_and_go_out_as_they_came_in() {
    let place = with_points();
    let header = format!("{POINTS};net_settlement_group;settlement_month;electrical_heating");
    let row = |from: &str, end: &str| format!("{FIRST};E17;D01;800;PT1H;;;;;;{from};{end}");
    let rows = [
        header,
        row("2026-02-01", "2026-03-01;2;;"),
        row("2026-03-01", ";6;;yes"),
        row("2026-03-01", ";6;9;yes"),
    ];
    place.write("groups.csv", rows.join("\n"));
    import(&place, &["groups.csv"], &[]).exits(1).says(&["line 3", "field `settlement_month` is empty; net settlement group 6 needs the month"])
    .says(&[
        "  + 2026-02-01..2026-03-01 E17 D01 PT1H in 800, connected, physical, net settlement group 2",
        "  + 2026-03-01.. E17 D01 PT1H in 800, connected, physical, net settlement group 6 from month 9, electrical heating",
    ]);
    place.run(&["master", "export", "--out", "out"]).exits(0);
    let text = std::fs::read_to_string(place.path("out/points.csv")).unwrap();
    assert!(
        text.lines().any(|line| line.contains("2026-02-28T23:00:00Z;") && line.ends_with(";6;9;yes")),
        "{text}"
    );
    import(&place, &["out/points.csv"], &[]).exits(0).says(&["nothing new"]);
}

#[test]
fn a_bad_row_in_the_middle_is_refused_and_the_rest_is_kept() {
    let place = with_points();
    let rows = [
        SUPPLIES.to_owned(),
        format!("{FIRST};{LATER};;2026-02-01;2026-03-01"),
        format!("{FIRST};{LATER};;2026-02-30;"),
        format!("{FIRST};{SUPPLIER};;2026-02-15;2026-02-20"),
        format!("{OTHER};{LATER};;2025-06-01;2026-03-01"),
        format!("571313154390359464;{LATER};;2026-02-01;"),
        format!("{OTHER};{LATER};;2026-02-01;"),
    ];
    place.write("supplies.csv", rows.join("\n"));
    let ran = import(&place, &["supplies.csv"], &["--json"]).exits(1);
    let report = &ran.json_lines()[0];
    let file = &report["files"][0];
    let refused: Vec<(u64, &str)> = file["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["line"].as_u64().unwrap(), row["reason"].as_str().unwrap()))
        .collect();
    let expected = [
        (3, "field `from_date` names a day or time that does not exist"),
        (4, "shares days with line 2 of `supplies.csv`"),
        (5, "supplies metering point `571313180400090019` on days outside its life, 2026-01-01.."),
        (6, "field `metering_point_id` check digit is 4"),
    ];
    assert_eq!(refused.len(), expected.len(), "{ran}");
    for ((line, reason), (expected_line, says)) in refused.iter().zip(expected) {
        assert!(*line == expected_line && reason.starts_with(says), "line {line}: {reason}");
    }
    assert_eq!(
        (file["rows"].as_u64(), file["added"].as_u64(), file["retired"].as_u64()),
        (Some(6), Some(5), Some(2))
    );
}

#[test]
fn points_follow_each_other_and_parents_are_known() {
    let place = with_points();
    let row = |kind: &str, parent: &str, days: &str| format!("{FIRST};{kind};800;PT1H;;;{parent};;;{days}");
    let rows = [
        POINTS.to_owned(),
        row("E17;E02", "", "2025-06-01;2025-12-01"),
        row("E17;D01", "571313100000000008", "2026-05-01;"),
        row("E18;", "", "2026-05-01;"),
        row("E17;E02", "", "2026-04-01;2026-05-01"),
    ];
    place.write("more.csv", rows.join("\n"));
    let ran = import(&place, &["more.csv"], &["--gsrn", "any"]).exits(1);
    ran.says(&[
        "line 2: leaves 2025-12-01..2026-01-01 of metering point `571313154390359463` without a period",
        "line 3: parent `571313100000000008` is not in the master data; add it first",
        "line 4: metering point `571313154390359463` is known with another type",
        "  + 2026-04-01..2026-05-01 E17 E02 PT1H in 800, connected, physical",
    ]);
}

#[test]
fn a_supplier_gap_is_told_by_its_days() {
    let place = with_points();
    // The same first day: the supply is ended.
    place.write("supplies.csv", format!("{SUPPLIES}\n{FIRST};{SUPPLIER};{LATER};2026-01-01;2026-03-01\n"));
    import(&place, &["supplies.csv"], &["--dry-run"])
        .exits(0)
        .says(&["nobody supplies 571313154390359463 2026-03-01.."]);
}

#[test]
fn a_virtual_point_needs_children() {
    let place = with_points();
    let more = format!("{POINTS};sub_type");
    let rows = format!("{more}\n571313100000000015;E17;D01;800;PT1H;;;;{SUPPLIER};;2026-01-01;;virtual\n");
    place.write("virtual.csv", rows);
    import(&place, &["virtual.csv"], &["--gsrn", "any"]).exits(0);
    let checked = || place.run(&["master", "check", "--on", "2026-02-01"]);
    checked().exits(1).says(&["571313100000000015 has no child point in use"]);
    let child = |resolution| {
        format!("{POINTS}\n571313100000000022;D07;;800;{resolution};;;571313100000000015;;;2026-01-01;\n")
    };
    place.write("child.csv", child("P1M"));
    import(&place, &["child.csv"], &["--gsrn", "any"]).exits(0);
    checked().exits(1).says(&["has child 571313100000000022 without quarters or hours"]);
    place.write("child.csv", child("PT15M"));
    import(&place, &["child.csv"], &["--gsrn", "any"]).exits(0);
    checked().exits(0);
}

#[test]
fn people_places_devices_and_a_tenancy_that_ends() {
    let place = Place::new();
    place.write(
        "places.csv",
        "metering_point_id;area;area_kind;commodity;flat\nhouse/1/water;House 1;building;cold-water;1\n",
    );
    place.write(
        "people.csv",
        "reference;name;contact\np-1;Ane Holm;ane@example.org\np-2;Bo Dam;bo@example.org\n",
    );
    place.write(
        "occupancies.csv",
        "reference;metering_point_ids;from_date;to_date\np-1;house/1/water;2025-01-01;\n",
    );
    let device = "device;metering_point_id;from_date;to_date;factor;multiplier;digits";
    place.write("devices.csv", format!("{device}\nKAM 12345678 v1B t07;house/1/water;2025-01-01;;;10;5\n"));
    let all = ["occupancies.csv", "devices.csv", "people.csv", "places.csv"];
    let ran = import(&place, &all, &[]).exits(0);
    ran.says(&["  + 2025-01-01.. at house/1/water, multiplier 10, 5 digits"]);
    import(&place, &all, &[]).exits(0).says(&["nothing new"]);
    let rows = [
        "reference;metering_point_ids;from_date;to_date",
        "p-1;house/1/water;2025-01-01;2026-02-01",
        "p-2;house/1/water;2026-02-01;",
        "p-2;house/1/water;2026-01-15;2026-02-01",
        "p-3;house/1/water;2024-01-01;2024-02-01",
    ];
    place.write("moved.csv", rows.join("\n"));
    import(&place, &["moved.csv"], &[]).exits(1).says(&[
        "ends: 2025-01-01..2026-02-01",
        "line 4: shares 2026-01-15 at metering point `house/1/water` with another occupancy",
        "line 5: the person is not in the master data",
    ]);
    import(&place, &["moved.csv"], &["--dry-run"]).exits(1).says(&["nothing new"]);
}

#[test]
fn a_file_of_something_else_is_refused_whole() {
    let place = with_points();
    place.write("what.csv", "one;two\n1;2\n");
    import(&place, &["what.csv"], &[])
        .exits(1)
        .says(&["refused: what.csv: the first line has not the columns"]);
}

/// Points with a column for the state.
fn states(rows: &[(&str, &str)]) -> String {
    let row = |(days, state): &(&str, &str)| format!("{FIRST};E17;D01;800;PT1H;;;;;;{days};{state}\n");
    let rows: String = rows.iter().map(row).collect();
    format!("{POINTS};connection_state\n{rows}")
}

#[test]
fn a_point_that_is_closed_down_ends_its_supply_and_its_devices() {
    let place = with_points();
    let device = "device;metering_point_id;from_date;to_date";
    place.write("devices.csv", format!("{device}\nKAM 12345678 v1B t02;{FIRST};2026-01-01;\n"));
    import(&place, &["devices.csv"], &[]).exits(0);
    place.write("closed.csv", states(&[("2026-05-01;", "closed-down")]));
    let told = [
        "point 571313154390359463",
        "  + 2026-05-01.. E17 D01 PT1H in 800, closed-down, physical",
        "supply 571313154390359463",
        "  - 2026-01-01.. supplier 5790001330552, balance responsible 5790000432752",
        "  + 2026-01-01..2026-05-01 supplier 5790001330552, balance responsible 5790000432752",
        "  - 2026-01-01.. at 571313154390359463",
        "  + 2026-01-01..2026-05-01 at 571313154390359463",
    ];
    import(&place, &["closed.csv"], &["--dry-run"]).exits(0).says(&told);
    import(&place, &["closed.csv"], &[]).exits(0).says(&told);
    import(&place, &["closed.csv"], &[]).exits(0).says(&["nothing new"]);

    // What is closed down is nobody's, and nothing hangs there any more.
    place.write("supplies.csv", format!("{SUPPLIES}\n{FIRST};{LATER};;2026-04-20;2026-05-10\n"));
    import(&place, &["supplies.csv"], &[])
        .exits(1)
        .says(&["line 2: supplies metering point `571313154390359463` on days outside its life, 2026-01-01..2026-05-01"]);
    place.write("devices.csv", format!("{device}\nKAM 12345679 v1B t02;{FIRST};2026-04-01;\n"));
    import(&place, &["devices.csv"], &[]).exits(1).says(&[
        "line 2: hangs a device at metering point `571313154390359463` on days outside its life, 2026-01-01..2026-05-01",
    ]);
}

#[test]
fn a_life_has_an_order() {
    let place = with_points();
    place.write("closed.csv", states(&[("2026-05-01;2026-06-01", "closed-down")]));
    import(&place, &["closed.csv"], &[]).exits(1).says(&[
        "line 2: makes metering point `571313154390359463` `connected` on 2026-06-01, after it was `closed-down`",
        "a point is new, then connected or disconnected, then closed down for good",
    ]);
    place.write("off.csv", states(&[("2026-05-01;2026-06-01", "disconnected")]));
    import(&place, &["off.csv"], &[])
        .exits(0)
        .says(&["2026-05-01..2026-06-01 E17 D01 PT1H in 800, disconnected"]);
    place.write("new.csv", states(&[("2026-07-01;", "new")]));
    import(&place, &["new.csv"], &[]).exits(1).says(&["`new` on 2026-07-01, after it was `connected`"]);
}

#[test]
fn a_number_with_a_wrong_check_digit_is_read_once_the_master_data_know_it() {
    let place = Place::new();
    let wrong = "571313154390359464";
    let rows = format!("{POINTS}\n{wrong};E18;;800;PT1H;;;;;;2025-12-31T23:00:00Z;\n");
    place.write("points.csv", rows);
    let says = "check digit is 4, the other digits give 3";
    import(&place, &["points.csv"], &[]).exits(1).says(&[says]);
    let values = "metering_point;start;resolution;quantity_kwh;quality\n";
    let file =
        place.write("values.csv", format!("{values}{wrong};2026-03-01T00:00:00Z;PT1H;0.125;measured\n"));
    place.run(&["ingest", &file]).exits(1).says(&["refused (check-digit)", says]);
    import(&place, &["points.csv"], &["--gsrn", "any"]).exits(0);
    place.run(&["ingest", &file]).exits(0).says(&["1  interval values"]);
    // Another number with a wrong digit stays refused.
    let other =
        place.write("other.csv", format!("{values}{FIRST}0;2026-03-01T00:00:00Z;PT1H;0.125;measured\n"));
    place.run(&["ingest", &other]).exits(1).says(&["refused (metering-point)"]);
}

#[test]
fn people_leave_for_a_purpose_and_come_in_again() {
    let town = crate::common::recent_town(2);
    let place = Place::with_master_data(&town);
    let ask = |place: &Place, actor: &str, out: &str| {
        let to = ["--purpose", "billing", "--for-party", "kornmarken", "--out", out];
        place.run(&[&["master", "people", "--actor", actor], &to[..]].concat())
    };
    ask(&place, "staff:mikkel", "refused").exits(1).says(&["refused by"]);
    assert!(!place.path("refused").exists());
    ask(&place, "staff:anna", "out").exits(0);
    place.run(&["log", "verify"]).exits(0);
    let text = |place: &Place, name: &str| std::fs::read_to_string(place.path(name)).unwrap();
    let people = text(&place, "out/people.csv");
    // Billing is the building's: customers of the grid are none of its business.
    let tenants = town.flats.iter().map(|flat| flat.stays.len()).sum::<usize>();
    let name = &town.people[town.flats[0].stays[0].tenant].name;
    assert!(
        people.contains(name) && people.lines().count() <= tenants + 1,
        "{} lines",
        people.lines().count()
    );

    let other = Place::new();
    place.run(&["master", "export", "--out", "out"]).exits(0);
    let files: Vec<String> = ["places", "people", "occupancies"]
        .map(|name| place.path(&format!("out/{name}.csv")).to_str().unwrap().to_owned())
        .into();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    import(&other, &files, &[]).exits(0);
    import(&other, &files, &[]).exits(0).says(&["nothing new"]);
    ask(&other, "staff:anna", "again").exits(0);
    assert_eq!(text(&other, "again/people.csv"), people);
    assert_eq!(text(&other, "again/occupancies.csv"), text(&place, "out/occupancies.csv"));
}

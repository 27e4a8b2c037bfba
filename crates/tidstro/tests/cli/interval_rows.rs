//! Rows of interval data that are wrong, odd or absent.

use serde_json::Value;
use tidstro_calendar::Zone;
use tidstro_world::Town;

use crate::common::{Place, REGISTER, spring_town};

const HEADER: &str = "metering_point;start;resolution;quantity_kwh;quality\n";

/// A place with the town's master data, and the number of a point of it.
fn place() -> (Place, String) {
    let town: Town = spring_town();
    (Place::with_master_data(&town), town.grid_points[0].gsrn.to_string())
}

fn daily(point: &str) -> [&str; 6] {
    ["--actor", "staff:mikkel", "--purpose", "correctness-control", "--point", point]
}

fn hourly(place: &Place, point: &str) -> Vec<Value> {
    place.values(&[&daily(point)[..], &["--resolution", "PT1H"]].concat())
}

/// A whole local day of hours, a tenth of a kilowatt hour each, without the hours left out.
fn day(point: &str, date: jiff::civil::Date, left_out: &[usize]) -> String {
    let zone = Zone::copenhagen();
    let hours = zone.slots(date, tidstro_model::Resolution::PT1H).unwrap() as usize;
    let starts = (0_i64..).map(|hour| zone.day_start(date) + jiff::SignedDuration::from_hours(hour));
    let rows = starts.take(hours).enumerate().filter(|(hour, _)| !left_out.contains(hour));
    rows.map(|(_, start)| format!("{point};{start};PT1H;0.100;measured\n")).collect()
}

#[test]
fn a_wrong_row_is_refused_and_the_others_go_through() {
    let (place, point) = place();
    let wrong_digit = format!("{}{}", &point[..17], (point[17..].parse::<u8>().unwrap() + 1) % 10);
    let rows: &[(String, &str, &[&str])] = &[
        (
            "571313154355555558;2026-03-24T00:00:00Z;PT1H;0.1;measured".to_owned(),
            "unknown-point",
            &["`571313154355555558` has no PT1H series", "add it to the master data"],
        ),
        (
            format!("{point};2026-03-24T00:00:00Z;PT15M;0.1;measured"),
            "unknown-point",
            &["has no PT15M series"],
        ),
        (
            format!("{wrong_digit};2026-03-24T00:00:00Z;PT1H;0.1;measured"),
            "check-digit",
            &["`metering_point` check digit is", "check the identifier for a typing error"],
        ),
        ("12;2026-03-24T00:00:00Z;PT1H;0.1;measured".to_owned(), "metering-point", &["`metering_point`"]),
        (
            format!("{point};2026-03-24T00:00:00Z;PT1H;0,1;measured"),
            "quantity-form",
            &["`quantity_kwh` character 2", "with a decimal point"],
        ),
        (
            format!("{point};2026-03-24T00:00:00Z;PT1H;0.1234;measured"),
            "quantity-decimals",
            &["has 4 decimals, at most 3"],
        ),
        (
            format!("{point};2026-03-24T00:00:00Z;PT1H;NaN;measured"),
            "quantity-form",
            &["`quantity_kwh` character 1"],
        ),
        (
            format!("{point};2026-03-24T00:00:00Z;PT1H;1234567890123456;measured"),
            "quantity-digits",
            &["has 16 digits"],
        ),
        (
            format!("{point};2026-03-24T00:00:00Z;PT1H;;measured"),
            "quantity-empty",
            &["is empty but the quality is `measured`"],
        ),
        (
            format!("{point};2026-03-24T00:00:00Z;PT1H;0.1;missing"),
            "quantity-of-missing",
            &["has a value but the quality is `missing`"],
        ),
        (format!("{point};2026-03-24T00:00:00Z;PT1H;0.1;guessed"), "quality", &["`quality` is not known"]),
        (
            format!("{point};2026-03-24T00:30:00Z;PT1H;0.1;measured"),
            "off-grid",
            &["is not the start of a PT1H interval"],
        ),
        (
            format!("{point};2026-02-31T00:00:00Z;PT1H;0.1;measured"),
            "start-date",
            &["a date or time that does not exist"],
        ),
        (format!("{point};2026-03-24 00:00;PT1H;0.1;measured"), "start-form", &["`start`"]),
        (
            format!("{point};2026-03-24T00:00:00Z;P1D;0.1;measured"),
            "resolution",
            &["write `PT15M` or `PT1H`"],
        ),
        (format!("{point};2026-03-24T00:00:00Z"), "columns", &["column"]),
        ("\u{1b}[2J".to_owned(), "columns", &["column"]),
        ("x".repeat(300_000), "columns", &["column"]),
    ];
    for (row, kind, says) in rows {
        let good = |hour: u8| format!("{point};2026-03-23T{hour:02}:00:00Z;PT1H;0.100;measured\n");
        let file = place.write("rows.csv", format!("{HEADER}{}{row}\n{}", good(7), good(8)));
        let told = place.run(&["ingest", &file]).exits(1).says(says);
        told.says(&[
            "3  lines",
            "2  interval values",
            &format!("1  refused ({kind}); first: rows.csv line 3: "),
        ]);
    }
    let kept: Vec<Value> =
        hourly(&place, &point).into_iter().filter(|value| !value["value"].is_null()).collect();
    assert_eq!(kept.len(), 2);
    assert!(kept.iter().all(|value| value["value"] == 100 && value["corrected"] == false), "{kept:?}");
}

#[test]
fn a_negative_quantity_is_kept_with_its_finding() {
    let (place, point) = place();
    let file =
        place.write("rows.csv", format!("{HEADER}{point};2026-03-24T00:00:00Z;PT1H;-0.040;measured\n"));
    place.run(&["ingest", &file]).exits(0).says(&["1  finding of rule `negative`"]);
    let values = hourly(&place, &point);
    let negative = values.iter().find(|value| value["value"] == -40).unwrap();
    assert!(negative["findings"].as_array().unwrap().contains(&"negative".into()), "{negative}");
}

#[test]
fn what_is_missing_is_missing_and_never_zero() {
    let (place, point) = place();
    let date = jiff::civil::date(2026, 3, 24);
    let marked = format!("{point};2026-03-24T04:00:00Z;PT1H;;missing\n");
    // 24 March is winter time: 04:00 UTC is hour 5. Hour 9 is not in the file at all.
    let file = place.write("rows.csv", format!("{HEADER}{}{marked}", day(&point, date, &[5, 9])));
    place.run(&["ingest", &file]).exits(0).says(&["1  finding of rule `completeness`"]);
    let values = hourly(&place, &point);
    for (hour, value) in values.iter().enumerate() {
        let is_missing = hour == 5 || hour == 9;
        assert_eq!(value["value"].is_null(), is_missing, "{value}");
        assert_eq!(value["quality"] == "missing", is_missing, "{value}");
    }
    let whole = &place.values(&daily(&point))[0];
    assert_eq!((&whole["present"], &whole["expected"]), (&22.into(), &24.into()), "{whole}");
    place.run(&[&["series", "show"], &daily(&point)[..]].concat()).exits(0).says(&["22/24"]);
}

#[test]
fn a_day_has_the_hours_it_has() {
    let town = Town::build(&tidstro_world::TownPlan {
        first_day: jiff::civil::date(2025, 10, 20),
        ..tidstro_world::TownPlan::new(7, 24, 14)
    });
    let (place, point) = (Place::with_master_data(&town), town.grid_points[0].gsrn.to_string());
    let (autumn, spring) = (jiff::civil::date(2025, 10, 26), jiff::civil::date(2026, 3, 29));
    let file =
        place.write("rows.csv", format!("{HEADER}{}{}", day(&point, autumn, &[]), day(&point, spring, &[])));
    let told = place.run(&["ingest", &file]).exits(0).says(&["48  interval values", "2  days of series new"]);
    assert!(!told.out.contains("finding"), "{told}");
    let show = |date: &str, to: &str| {
        let asked =
            [&["series", "show", "--resolution", "PT1H", "--from", date, "--to", to], &daily(&point)[..]];
        place.run(&asked.concat()).exits(0).out
    };
    let autumn = show("2025-10-26", "2025-10-27");
    assert_eq!(autumn.matches("0.100 kWh").count(), 25, "{autumn}");
    assert!(autumn.contains("2025-10-26 02:00:00 +02:00") && autumn.contains("2025-10-26 02:00:00 +01:00"));
    let spring = show("2026-03-29", "2026-03-30");
    assert_eq!(spring.matches("0.100 kWh").count(), 23, "{spring}");
    assert!(spring.contains("01:00:00 +01:00") && spring.contains("03:00:00 +02:00"), "{spring}");
    assert!(!spring.contains("2026-03-29 02:"), "{spring}");
}

#[test]
fn every_refused_line_is_named() {
    let (place, point) = place();
    let good = day(&point, jiff::civil::date(2026, 3, 24), &[]);
    let bad = |value: &str| format!("{point};2026-03-25T00:00:00Z;PT1H;{value};measured\n");
    let file = place
        .write("rows.csv", [HEADER, &bad("0,1"), &good, &bad("NaN"), &bad("0.1000"), &bad("1e3")].concat());
    let told = place.run(&["ingest", &file]).exits(1);
    let told = told.says(&["24  interval values", "3  refused (quantity-form); first: rows.csv line 2: "]);
    told.says(&["also lines 27, 29\n", "1  refused (quantity-decimals); first: rows.csv line 28: "]);
    let json = &place.run(&["ingest", &file, "--json"]).exits(1).json_lines()[0]["refused"];
    assert_eq!(json["quantity-form"]["lines"], serde_json::json!([2, 27, 29]), "{json}");
    let many = place.write("many.csv", [HEADER, &bad("x").repeat(2_000)].concat());
    place.run(&["ingest", &many]).exits(1).says(&["also lines 3, 4, 5, ", ", 22 and 1 979 more\n"]);
}

#[test]
fn a_header_that_is_nearly_right_is_one_refusal() {
    let (place, point) = place();
    let rows = day(&point, jiff::civil::date(2026, 3, 24), &[]);
    let says = [
        "1  refused (header); first: rows.csv line 2: header is not the one of interval data",
        HEADER.trim(),
    ];
    for header in [HEADER.replace(';', ","), HEADER.replace(";quality", ""), HEADER.to_uppercase()] {
        let file = place.write("rows.csv", format!("# of the head-end\n{header}{rows}"));
        place.run(&["ingest", &file]).exits(1).says(&says);
    }
    // What spreadsheets put before it is no fault.
    let file = place.write("rows.csv", format!("\u{feff}{HEADER}{rows}"));
    place.run(&["ingest", &file]).exits(0).says(&["24  interval values", "1  days of series new"]);
}

/// `check_digits` of the register decides for files of master data and for values; a register is active from a moment on.
#[test]
fn a_wrong_check_digit_is_taken_where_the_register_says_so() {
    let place = Place::new();
    let columns = "metering_point_id;type;settlement_method;grid_area_code;resolution;from_grid_area_code;\
                   to_grid_area_code;parent_metering_point_id;energy_supplier_id;balance_responsible_party_id;from_date;to_date";
    let wrong = "571313154320000015";
    let points = place.write("points.csv", format!("{columns}\n{wrong};E17;D01;543;PT1H;;;;;;2026-01-01;\n"));
    let import = ["master", "import", points.as_str(), "--actor", "job:ingest"];
    place.run(&import).exits(1).says(&["check digit is 5, the other digits give 4"]);
    let values =
        place.write("rows.csv", format!("{HEADER}{}", day(wrong, jiff::civil::date(2026, 3, 24), &[])));
    place.run(&["ingest", &values]).exits(1).says(&["24  refused (check-digit)"]);

    let any = REGISTER.replacen("approvers =", "check_digits = \"any\"\napprovers =", 1);
    let register = place.write("any.toml", any);
    let running = place.data().join("register.toml").display().to_string();
    place
        .run(&["register", "diff", &running, &register])
        .says(&["check digits of points and parties: strict → any"]);
    place.run(&["register", "activate", &register, "--actor", "staff:dpo"]).exits(0);
    place.run(&["ingest", &values]).exits(1).says(&["24  refused (unknown-point)"]);
    // For one command the other may be asked for.
    place.run(&[&import[..], &["--gsrn", "strict"]].concat()).exits(1);
    place.run(&import).exits(0);
    place.run(&["ingest", &values]).exits(0).says(&["24  interval values"]);
    let bad =
        place.write("bad.toml", REGISTER.replacen("approvers =", "check_digits = \"yes\"\napprovers =", 1));
    place
        .run(&["register", "check", &bad])
        .exits(1)
        .says(&["bad.toml:17:16: `yes` is not a rule for check digits", "`strict`, `any`"]);
}

#[test]
fn what_became_of_each_file_is_kept() {
    let (place, point) = place();
    let bad = format!("{point};2026-03-25T00:00:00Z;PT1H;0,1;measured\n");
    let file = place
        .write("rows.csv", [HEADER, &day(&point, jiff::civil::date(2026, 3, 24), &[]), &bad, &bad].concat());
    place.run(&["inputs"]).exits(0).says(&["nothing was ingested yet"]);
    place.run(&["ingest", &file]).exits(1);
    place.run(&["ingest", &file]).exits(1);
    let text = place.run(&["inputs"]).exits(0);
    text.says(&["rows.csv", "done", "2 quantity-form from line 26"]);
    let told = place.run(&["inputs", "--json"]).exits(0).json_lines();
    let counts = |index: usize| {
        ["lines", "readings", "days_added", "days_unchanged"].map(|name| told[index][name].as_u64())
    };
    assert_eq!([counts(1), counts(0)], [[26, 24, 1, 0].map(Some), [26, 24, 0, 1].map(Some)], "{told:?}");
    assert_eq!(told[0]["refused"], serde_json::json!({ "quantity-form": { "count": 2, "first_line": 26 } }));
    assert_eq!(place.run(&["inputs", "--last", "1", "--json"]).exits(0).json_lines(), told[..1]);
    // Whoever may not ingest leaves no trace of a file.
    place.run(&["ingest", &file, "--actor", "staff:anna"]).exits(1).says(&["refused by"]);
    assert_eq!(place.run(&["inputs", "--json"]).exits(0).json_lines().len(), 2);
}

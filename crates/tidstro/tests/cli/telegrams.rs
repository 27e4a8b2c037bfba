//! Telegrams in every form a gateway delivers them, decoded and kept.

use std::process::{Command, Stdio};

use jiff::ToSpan as _;
use tidstro_world::Town;

use crate::common::{
    Place, Ran, assert_same, clear_telegram, hex, ran, ran_with_input, recent_town, spring_town, tidstro,
};

const VOLUME: [u8; 6] = [0x0c, 0x13, 0x56, 0x34, 0x12, 0x00];

#[test]
fn each_form_of_a_line_gives_the_same_reading() {
    let place = Place::new();
    let digits = hex(&clear_telegram(&VOLUME));
    let pairs: Vec<&str> =
        digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
    for line in [
        digits.clone(),
        digits.to_uppercase(),
        format!("0x{digits}"),
        pairs.join(" "),
        pairs.join(":"),
        pairs.join("-"),
        format!("C1;1;1;2026-03-01 00:03:12.000;-71;;52000001;0x{digits}"),
        format!("{{\"telegram\":\"{digits}\"}}"),
        format!("# a comment\r\n\r\n  {digits}  \r\n"),
    ] {
        let file = place.write("line.txt", &line);
        let reading = &ran(tidstro(&["decode", "--json", &file])).exits(0).json_lines()[0];
        assert_eq!(reading["value"].to_string(), "123.456", "{line}");
        assert_eq!((&reading["unit"], &reading["obis"]), (&"m3".into(), &"8-0:1.0.0".into()));
        ran(tidstro(&["decode", &file])).exits(0).says(&["52000001", "(water)", "123.456 m3", "8-0:1.0.0"]);
        let piped = ran_with_input(tidstro(&["decode", "--json", "-"]), line.as_bytes()).exits(0);
        assert_eq!(&piped.json_lines()[0], reading);
    }
}

#[test]
fn keys_come_in_a_file_of_either_form_or_with_the_line() {
    let (place, town) = (Place::new(), spring_town());
    let point = format!("{}/cold-water", town.flats[0].slug());
    let telegram = hex(&town.telegrams(&point, town.plan.first_day)[0]);
    let meter =
        town.meters.iter().find(|meter| telegram.contains(&little_endian(meter.id.number.0))).unwrap();
    let csv = town.keys_csv();
    let row = csv.lines().find(|line| line.contains(&meter.id.number.to_string())).unwrap();
    let [manufacturer, id, version, kind, key] = row.split(',').collect::<Vec<_>>()[..] else {
        panic!("{row}")
    };
    let toml = format!(
        "[[key]]\nmanufacturer = \"{manufacturer}\"\nid = \"{id}\"\nversion = \"{version}\"\ntype = \"{kind}\"\nkey = \"{key}\"\n"
    );
    let line = place.write("line.txt", &telegram);
    let with_key = place.write("line.json", format!("{{\"telegram\":\"{telegram}\",\"key\":\"{key}\"}}"));
    let (csv, toml) = (place.write("keys.csv", &csv), place.write("keys.toml", toml));
    ran(tidstro(&["decode", &line])).exits(1).says(&["refused key-missing: 1"]);
    let first = ran(tidstro(&["decode", "--json", &line, "--keys", &csv])).exits(0).out;
    assert_eq!(ran(tidstro(&["decode", "--json", &line, "--keys", &toml])).exits(0).out, first);
    assert_eq!(ran(tidstro(&["decode", "--json", &with_key])).exits(0).out, first);
    assert!(!first.contains(key), "a key is shown");
}

/// A meter's number as it stands in a frame.
fn little_endian(number: u32) -> String {
    hex(&number.to_le_bytes())
}

#[test]
fn whoever_stops_reading_ends_the_program_in_peace() {
    let (place, town) = (Place::new(), spring_town());
    let (telegrams, keys) = files(&place, &town);
    for form in [&[][..], &["--json"]] {
        let mut child = tidstro(&[&["decode", &telegrams, "--keys", &keys], form].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_no_panic() {
    let place = Place::new();
    let file = place.write("line.txt", hex(&clear_telegram(&VOLUME)));
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let told = ran_keeping_streams(tidstro(&["decode", &file]).stdout(full()));
    told.exits(1).says(&["standard output: No space left"]);
    ran_keeping_streams(tidstro(&["decode", &file]).stderr(full())).exits(0).says(&["123.456 m3"]);
}

/// Runs a command that has one stream of its own.
fn ran_keeping_streams(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

/// Writes the town's second gateway's file and the key file.
fn files(place: &Place, town: &Town) -> (String, String) {
    let mut telegrams = Vec::new();
    town.write_gateway(1, &mut telegrams);
    (place.write("gateway-2.jsonl", telegrams), place.write("keys.csv", town.keys_csv()))
}

#[test]
fn a_folder_without_master_data_takes_telegrams_too() {
    let (place, town) = (Place::new(), recent_town(14));
    let (telegrams, keys) = files(&place, &town);
    let first = place.run(&["ingest", "--json", &telegrams, "--keys", &keys]).exits(1).json_lines();
    assert!(
        first[0]["telegrams_new"].as_u64() > Some(1_000) && first[0]["days_added"].as_u64() > Some(1_000)
    );
    let second = place.run(&["ingest", "--json", &telegrams, "--keys", &keys]).exits(1).json_lines();
    for count in ["telegrams_new", "telegrams_recovered", "readings", "days_added", "days_changed"] {
        assert_eq!(second[0][count], 0, "{count}: {}", second[0]);
    }
    assert_eq!(second[0]["telegrams_again"], first[0]["telegrams_new"]);
    let clerk = ["series", "list", "--actor", "staff:mikkel", "--purpose", "validation"];
    place.run(&clerk).exits(0).says(&["unassigned", "tda-", "hca-units"]);
}

#[test]
fn a_key_that_arrives_later_gives_the_same_values() {
    let town = recent_town(14);
    let (at_once, later) = (Place::with_master_data(&town), Place::with_master_data(&town));
    let (telegrams, keys) = files(&at_once, &town);
    at_once.run(&["ingest", &telegrams, "--keys", &keys]).exits(1);

    let told =
        later.run(&["ingest", &telegrams]).exits(1).says(&["kept as received, no reading (key-missing)"]);
    assert!(!told.out.contains("register readings"), "{told}");
    later.run(&["ingest", &telegrams, "--keys", &keys]).exits(1).says(&["of earlier inputs decoded now"]);
    for resolution in ["raw", "P1D", "P1M"] {
        let asked = ["--actor", "staff:mikkel", "--purpose", "validation", "--resolution", resolution];
        let values = later.values(&asked);
        assert!(values.len() > 100, "{resolution}");
        assert_same(&values, &at_once.values(&asked));
    }
}

#[test]
fn standard_input_is_a_file_like_any_other() {
    let (place, town) = (Place::new(), spring_town());
    let point = format!("{}/cold-water", town.flats[0].slug());
    let days = (0..3).map(|day| town.plan.first_day + day.days());
    let lines: String =
        days.flat_map(|day| town.telegrams(&point, day)).map(|frame| hex(&frame) + "\n").collect();
    let keys = place.write("keys.csv", town.keys_csv());
    let told = ran_with_input(place.command(&["ingest", "-", "--keys", &keys]), lines.as_bytes()).exits(0);
    told.says(&["telegrams kept, sealed as received", "decoded", "register readings"]);
    let told = ran_with_input(place.command(&["ingest", "-", "--keys", &keys]), b"rubbish\n").exits(1);
    told.says(&["stdin line 1: "]);
}

/// Status byte 04: the battery is low. Error flags 5 of this maker's water meters: no water, and a leak.
#[test]
fn decode_says_which_alarms_a_telegram_raises() {
    let place = Place::new();
    let leaking = b"13442D2C785634121B167A2A04000002FD170500\n";
    let told = ran_with_input(place.command(&["decode", "-"]), leaking).exits(0);
    told.says(&["alarm: leak, dry, low-battery", "flag: status-byte 04, bit 2: power-low"]);
    let json = ran_with_input(place.command(&["decode", "-", "--json"]), leaking).exits(0).json_lines();
    assert_eq!(json[0]["alarms"], serde_json::json!(["leak", "dry", "low-battery"]));
    assert_eq!(json[0]["flags"].as_array().map(Vec::len), Some(3));
    assert_eq!(json[0]["flags"][0]["word"], "power-low");
    assert_eq!(json[0]["flags"][2]["alarm"], "leak");
    let sound = b"13442D2C785634121B167A2A00000002FD170000\n";
    let told = ran_with_input(place.command(&["decode", "-"]), sound).exits(0);
    assert!(!told.out.contains("alarm") && !told.out.contains("flag: "), "{told}");
}

/// No record at all, and a status byte that says low power.
#[test]
fn decode_shows_flags_of_a_telegram_without_readings() {
    let place = Place::new();
    let telegram = b"0E442D2C785634121B167A2A040000\n";
    ran_with_input(place.command(&["decode", "-"]), telegram).exits(0).says(&["flag: status-byte 04, bit 2"]);
    let json = ran_with_input(place.command(&["decode", "-", "--json"]), telegram).exits(0).json_lines();
    assert_eq!((json.len(), json[0]["alarms"].clone()), (1, serde_json::json!(["low-battery"])));
    assert_eq!(json[0]["flags"][0]["word"], "power-low");
}

/// A maker nobody has described: bit 6 of the status byte and bit 3 of the flags are shown, and nothing is made of them.
#[test]
fn decode_shows_flags_that_nobody_explained() {
    let place = Place::new();
    let telegram = b"13448304785634121B077A2A40000002FD170800\n";
    let told = ran_with_input(place.command(&["decode", "-"]), telegram).exits(0);
    told.says(&["flag: status-byte 40, bit 6: not explained", "flag: error-flags 08, bit 3: not explained"]);
    let json = ran_with_input(place.command(&["decode", "-", "--json"]), telegram).exits(0).json_lines();
    assert_eq!(json[0]["alarms"], serde_json::json!(["abnormal"]));
    assert_eq!(
        json[0]["flags"][0],
        serde_json::json!({
            "source": "status-byte", "storage": 0, "raw": "40", "bit": 6, "bits": 1, "value": 1,
            "word": null, "alarm": null, "phase": null,
        })
    );
}

#[test]
fn only_who_may_collect_ingests() {
    let place = Place::new();
    let file = place.write("line.txt", hex(&clear_telegram(&VOLUME)));
    place.run(&["ingest", &file, "--actor", "staff:anna"]).exits(1).says(&["refused by role-not-in-purpose"]);
    place.run(&["ingest", &file, "--actor", "nobody"]).exits(1).says(&["refused by unknown-actor"]);
    place.run(&["ingest", &file, "--actor", "No Body"]).exits(2).says(&["`No Body` is not a name"]);
    place.run(&["ingest", &file]).exits(0).says(&["1  telegrams kept"]);
}

#[test]
fn a_full_frame_teaches_decode_the_compact_ones_after_it() {
    let (full, compact) =
        ("14442d2c785634121b16780413402b0100425b1500\n", "14442d2c785634121b1679314dc432402b01001500\n");
    let place = Place::new();
    let lines = [compact, full, compact].concat();
    let told = ran_with_input(place.command(&["decode", "-"]), lines.as_bytes()).exits(1);
    let told = told.says(&["line 1: refused: ", "refused format-unknown: 1", "2 telegrams with 4 readings"]);
    assert_eq!(told.out.matches("76.608 m3").count(), 2, "{told}");
}

/// One message of mode 7 in two telegrams, three times volume, clock and volume of the set date.
const FRAGMENTS: [&str; 2] = [
    "37442D2C785634121B0790090178650700000046007A2A00400710F452039C990D5DBE4786AE9582C8F4BA0DA8C1614D40CFDDC5EAC63667",
    "38442D2C785634121B07900A0204888747F4EAB6F7C7FF51815300BA60F35D4087D6EFF89E5FC20160A201170E8DCB36AE14923A195F6FBC96",
];

#[test]
fn a_message_in_two_telegrams_is_read_once_both_have_come() {
    let place = Place::new();
    let line = |telegram: &str| {
        format!("{{\"telegram\":\"{telegram}\",\"key\":\"7369787465656e206279746573206b2e\"}}\n")
    };
    let [first, second] = FRAGMENTS.map(line);
    ran(tidstro(&["decode", &place.write("one.txt", &first)]))
        .exits(1)
        .says(&["1 line: 0 telegrams with 0 readings", "messages whose other fragments did not come: 1"]);
    ran(tidstro(&["decode", &place.write("both.txt", [second, first].concat())]))
        .exits(0)
        .says(&["2 lines: 1 telegram with 9 readings"]);
}

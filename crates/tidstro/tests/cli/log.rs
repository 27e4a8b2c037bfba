//! The log on the command line: checked, exported, and events taken into it.

use tidstro_world::Town;

use crate::common::{Place, Ran, clear_telegram, hex, ran, recent_town, tidstro};
use crate::doors::lived_in;

/// A place in which one telegram is kept: a log with a few events.
fn kept() -> Place {
    let place = Place::new();
    let telegram = hex(&clear_telegram(&[0x0c, 0x13, 0x56, 0x34, 0x12, 0x00])) + "\n";
    let file = place.write("one.txt", telegram);
    place.run(&["ingest", &file]).exits(0);
    place
}

fn path(place: &Place, name: &str) -> String {
    place.path(name).to_str().unwrap().to_owned()
}

/// A bundle of a log, and the fingerprint of its key.
fn exported(place: &Place) -> (String, String) {
    let bundle = path(place, "log.jsonl");
    let report = place.run(&["log", "export", &bundle, "--json"]).exits(0);
    let key = report.json_lines()[0]["key"].as_str().unwrap().to_owned();
    (bundle, key)
}

/// In a folder with nothing in it, on a data folder that is not there.
fn elsewhere(arguments: &[&str]) -> Ran {
    let empty = tempfile::tempdir().unwrap();
    let mut command = tidstro(arguments);
    command.arg("--data").arg(empty.path().join("nothing")).current_dir(empty.path());
    let done = ran(command);
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0, "nothing is made");
    done
}

#[test]
fn a_bundle_is_checked_without_a_data_folder() {
    let place = kept();
    let (bundle, key) = exported(&place);
    elsewhere(&["log", "verify", &bundle]).exits(0).says(&[&key, "facts/1", "uses/1", "each with the hash"]);
    elsewhere(&["log", "verify", &bundle, "--key", &key.to_uppercase()]).exits(0);
    let report = &elsewhere(&["log", "verify", &bundle, "--json"]).exits(0).json_lines()[0];
    let own = &place.run(&["log", "verify", "--json"]).exits(0).json_lines()[0];
    assert_eq!(report["streams"], own["streams"]);
    assert_eq!((&report["key"], &report["origin"]), (&own["key"], &own["origin"]));
    assert!(report["made"].is_string() && own["made"].is_null());
}

#[test]
fn a_changed_bundle_is_refused_with_the_line() {
    let (place, mut text) = (kept(), String::new());
    let (bundle, _) = exported(&place);
    std::io::Read::read_to_string(&mut std::fs::File::open(&bundle).unwrap(), &mut text).unwrap();
    let check = |text: &str| {
        let changed = place.write("changed.jsonl", text);
        elsewhere(&["log", "verify", &changed]).exits(1)
    };
    check(&text.replacen("job:ingest", "job:digest", 1)).says(&["changed.jsonl", "line", "hash"]);
    check(&text.replacen("\"kind\"", "\"Kind\"", 1)).says(&["changed.jsonl", "as it was written"]);
    let without_last = &text[..text.trim_end().rfind('\n').unwrap()];
    check(without_last).says(&["changed.jsonl", "restore them from a backup"]);
    check("").says(&["changed.jsonl", "empty"]);
    check("no bundle\n").says(&["line 1"]);
}

#[test]
fn a_bundle_of_another_key_is_told_apart() {
    let (one, other) = (kept(), kept());
    let (_, key) = exported(&one);
    let (bundle, others) = exported(&other);
    elsewhere(&["log", "verify", &bundle, "--key", &key]).exits(1).says(&[
        "signed by the key",
        &others,
        &key,
    ]);
    elsewhere(&["log", "verify", &bundle, "--key", "abc"]).exits(2).says(&["64 hexadecimal digits"]);
    elsewhere(&["log", "verify", "--key", &key]).exits(2).says(&["<BUNDLE>"]);
    elsewhere(&["log", "verify", "nowhere.jsonl"]).exits(1).says(&["nowhere.jsonl", "check the path"]);
}

#[test]
fn an_export_does_not_write_over_anything() {
    let place = kept();
    let (bundle, _) = exported(&place);
    let before = std::fs::read(&bundle).unwrap();
    place.run(&["log", "export", &bundle]).exits(1).says(&["log.jsonl", "File exists"]);
    assert_eq!(std::fs::read(&bundle).unwrap(), before);
}

#[test]
fn events_of_another_program_are_taken_in_or_kept_aside() {
    let place = kept();
    let good = format!(
        r#"{{"on":"2026-01-05","kind":"case-event","what":"access.received","case":"access-1","prior":"{}"}}"#,
        "0".repeat(64)
    );
    let file = place.write("good.jsonl", format!("{good}\n"));
    // The job may report, and the register gives it nothing to say about requests for access.
    let refused = place.run(&["log", "import", &file, "--actor", "job:ingest"]).exits(1);
    refused.says(&["0 events", "1 line", "line 1: refused"]);
    place.run(&["log", "import", &file, "--actor", "staff:dpo"]).exits(0).says(&["1 event", "0 lines"]);
    place.run(&["clock", "list", "--case", "access-1"]).exits(0).says(&["Answer the request for access"]);
    let again = place.run(&["log", "import", &file, "--actor", "staff:dpo"]).exits(1);
    again.says(&["0 events", "1 line", "line 1: broken-prior"]);
    let file = place.write("secret.jsonl", "my password is hunter2\n");
    let aside = place.run(&["log", "import", &file, "--actor", "job:ingest", "--json"]).exits(1);
    let expected = serde_json::json!({ "appended": 0, "aside": [{ "line": 1, "reason": "unreadable" }] });
    assert_eq!(aside.json_lines()[0], expected);
    let database = std::fs::read(place.data().join("tidstro.sqlite")).unwrap();
    assert!(!database.windows(7).any(|window| window == b"hunter2"), "what is kept aside is sealed");
    let look = ["event", "aside", "--actor", "staff:dpo", "--purpose", "evidence"];
    place.run(&look).exits(0).says(&["number", "refused", "broken-prior", "unreadable", "job:ingest"]);
    let listed = place.run(&[&look[..], &["--json"]].concat()).exits(0).json_lines();
    assert_eq!(listed.len(), 3);
    assert_eq!((&listed[2]["number"], &listed[2]["line"]), (&3.into(), &1.into()));
    place.run(&[&look[..], &["--show", "3"]].concat()).exits(0).says(&["my password is hunter2"]);
    let shown = &place.run(&[&look[..], &["--show", "1", "--json"]].concat()).exits(0).json_lines()[0];
    assert_eq!((&shown["reason"], &shown["text"]), (&"refused".into(), &good.as_str().into()));
    place.run(&[&look[..], &["--show", "9"]].concat()).exits(1).says(&["number 9 is not kept aside"]);
    let clerk = ["event", "aside", "--actor", "staff:anna", "--purpose", "evidence", "--show", "3"];
    let refused = place.run(&clerk).exits(1);
    assert!(!refused.out.contains("hunter2") && refused.err.contains("refused by role-not-in-purpose"));
    place.run(&["log", "import", &file, "--actor", "job:none"]).exits(2).says(&["`job:none`"]);
    place.run(&["log", "verify"]).exits(0);
}

#[test]
fn the_log_is_searched_and_each_look_is_in_it() {
    let place = kept();
    let look = ["log", "search", "--actor", "staff:dpo", "--purpose", "evidence"];
    let with = |more: &[&'static str]| [&look[..], more].concat();
    place.run(&look).exits(0).says(&["granted", "job:ingest", "reading"]);
    let found = place.run(&with(&["--kind", "log-read", "--json"])).exits(0).json_lines();
    let details: Vec<_> = found.iter().map(|line| line["detail"].as_str().unwrap()).collect();
    assert_eq!(details.len(), 2, "the first look and this one");
    assert!(details[1].starts_with("uses: by any, for any, of kind any, from "), "{details:?}");
    let one = place.run(&with(&["--limit", "1"])).exits(0);
    assert!(one.err.contains("ask again with `--before "), "{}", one.err);
    place.run(&with(&["--by", "staff:nobody"])).exits(0).says(&["nothing found"]);
    place
        .run(&with(&["--kind", "nothing"]))
        .exits(2)
        .says(&["write `uses`, `facts`, or one of granted, refused"]);
    place.run(&with(&["--limit", "0"])).exits(2).says(&["--limit"]);
    let clerk = ["log", "search", "--actor", "staff:anna", "--purpose", "evidence"];
    place.run(&clerk).exits(1).says(&["refused by role-not-in-purpose"]);
}

#[test]
fn who_looked_at_somebody_is_told_to_who_may_look() {
    let town = recent_town(2);
    let place = lived_in(&town);
    let reference = Town::person_reference(town.flats[0].stays[0].tenant);
    let ask =
        ["log", "concerning", "--subject", &reference, "--purpose", "rights", "--log-purpose", "evidence"];
    let by = |actor: &'static str| [&ask[..], &["--actor", actor]].concat();
    place.run(&by("staff:dpo")).exits(0).says(&["data-protection-officer", "rights", "read occupancy"]);
    place.run(&by("staff:anna")).exits(1).says(&["refused by role-not-in-purpose"]);
    place.run(&ask[..4]).exits(2).says(&["--log-purpose"]);
}

//! Notices and records as people print them.
//!
//! The version is the hash of the register, which changes with every letter of it: the snapshots say `VERSION`
//! in its place.

use tidstro_govern::Register;

use crate::common::{Place, REGISTER, ran, tidstro};

/// What a command prints about the town's register, without its version.
fn printed(place: &Place, command: &str, options: &[&str]) -> String {
    let file = place.write("town.toml", REGISTER);
    let words = [&["register", command], options, &[file.as_str()]].concat();
    let hash = Register::parse(REGISTER, "town.toml").unwrap().hash();
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let out = ran(tidstro(&words)).exits(0).out;
    assert!(out.contains(&hash), "the version is in every form");
    readable(out).replace(&hash, "VERSION").replace(&hash[..12], "VERSION")
}

/// JSON over many lines, so that a difference shows where it is; and of one controller, for the other looks alike.
fn readable(out: String) -> String {
    let Ok(mut json) = serde_json::from_str::<serde_json::Value>(&out) else { return out };
    json["controllers"].as_array_mut().unwrap().truncate(1);
    serde_json::to_string_pretty(&json).unwrap()
}

#[test]
fn the_notice_of_the_town_in_each_language_and_form() {
    let place = Place::new();
    for language in ["da", "de", "en"] {
        for format in ["text", "html", "json"] {
            let out = printed(&place, "notice", &["--language", language, "--format", format]);
            insta::assert_snapshot!(format!("notice_{language}_{format}"), out);
        }
    }
}

#[test]
fn the_records_of_the_town() {
    let place = Place::new();
    for (name, options) in [
        ("record_processor_da_text", &["--language", "da"][..]),
        ("record_processor_de_html", &["--role", "processor", "--language", "de", "--format", "html"]),
        ("record_controller_en_text", &["--role", "controller", "--controller", "byens-elnet"]),
        ("record_controller_en_json", &["--controller", "byens-elnet", "--json"]),
    ] {
        insta::assert_snapshot!(name, printed(&place, "record", options));
    }
}

#[test]
fn json_is_one_object() {
    let place = Place::new();
    let file = place.write("town.toml", REGISTER);
    let ran = ran(tidstro(&["register", "notice", "--json", &file])).exits(0);
    let [notice] = ran.json_lines().try_into().unwrap();
    assert_eq!(notice["kind"], "privacy-notice");
    assert_eq!(notice["controllers"][1]["controller"]["id"], "kornmarken");
}

#[test]
fn without_a_path_it_is_the_register_in_use() {
    let place = Place::new();
    let file =
        place.write("town.toml", REGISTER.replacen("edition = \"2026-01\"", "edition = \"2031-07\"", 1));
    ran(tidstro(&["register", "notice", "--register", &file])).exits(0).says(&["Edition: 2031-07"]);
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let place = Place::new();
    let file = place.write("town.toml", REGISTER);
    for (options, wanted) in [
        (&["notice", "--notice", "web"][..], "the register has no notice `web`"),
        (&["notice", "--language", "sv"], "write one of da, de, en"),
        (&["notice", "--format", "pdf"], "[possible values: text, html, json]"),
        (
            &["record", "--controller", "hosting"],
            "is the controller of no activity; name one of `byens-elnet`",
        ),
        (&["record", "--role", "controller"], "several controllers; name one of `byens-elnet`, `kornmarken`"),
        (&["record", "--role", "processor", "--controller", "kornmarken"], "leave it out"),
    ] {
        let words = [&["register"], options, &[file.as_str()]].concat();
        ran(tidstro(&words)).exits(2).says(&[wanted]);
    }
}

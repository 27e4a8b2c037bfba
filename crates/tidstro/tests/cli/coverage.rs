//! What the register serves of an obligations list, and what makes the check fail.

use serde_json::Value as Json;

use crate::common::{Place, Ran};

/// A list of nine duties, as an agreement could have them.
const LIST: &str = "\
version: 1
obligations:
- id: agreement.erasure
  source: \"agreement 11\"
  text: \"Erase five years after the tenancy.\"
  kind: retention
  parameters: {offsets: [P5Y], roll: none}
- {id: agreement.purpose, source: \"agreement 4\", kind: control, text: Read for a purpose only.}
- {id: agreement.breach, source: \"agreement 10\", kind: deadline, text: Tell of a breach within 48 hours.}
- {id: agreement.doubt, source: \"agreement 4\", kind: notice, text: Say at once that an instruction is unlawful.}
- {id: agreement.locks, source: \"agreement C.2\", kind: control, text: Lock the doors.}
- {id: agreement.log, source: \"agreement C.2\", kind: log, text: Log every use.}
- {id: agreement.record, source: \"agreement 6\", kind: record, text: Keep a record of processing.}
- {id: law.access, source: \"GDPR 15\", kind: right, text: Answer who asks for their data.}
- {id: law.backup, source: \"GDPR 32\", kind: control, text: Back up what was read.}
";

/// The first file of a register in a folder.
const HEAD: &str = r#"
[register]
id = "small"
edition = "2026-01"
operator = "owner"
[[party]]
id = "owner"
name = "Ejerforeningen"
kind = "controller"
country = "DK"
[[role]]
id = "clerk"
text = { da = "medarbejder", de = "Sachbearbeitung", en = "clerk" }
[[role]]
id = "janitor"
text = { da = "vicevært", de = "Hausmeister", en = "janitor" }
[[category]]
id = "identity"
subjects = ["resident"]
text = { da = "navn", de = "Name", en = "name" }
columns = []
finest = "full"
[[activity]]
id = "billing"
text = { da = "regnskab", de = "Abrechnung", en = "accounts" }
controller = "owner"
basis = [{ gdpr = "6(1)(b)", cite = "the lease" }]
subjects = ["resident"]
areas = ["building"]
data = { identity = "full" }
do = ["collect", "read"]
roles = ["clerk"]
keep = [{ from = "occupancy-end", for = ["P5Y"], then = "erase" }]
serves = ["agreement.erasure", "agreement.purpose", "law.access"]
"#;

/// The second.
const DUTIES: &str = r#"
[[obligation]]
id = "breach"
text = { da = "sige til", de = "melden", en = "tell" }
when = "breach.aware"
who = "owner"
clock = { within = "PT48H", profile = "elapsed" }
proof = ["notice.sent"]
cite = "agreement 10"
serves = ["agreement.breach"]
[[obligation]]
id = "doubt"
text = { da = "sige til", de = "melden", en = "tell" }
when = "instruction.doubted"
who = "owner"
proof = ["notice.sent"]
cite = "agreement 4"
serves = ["agreement.doubt"]
[[control]]
id = "doors"
text = { da = "låse", de = "Schlösser", en = "locks" }
attestation = "janitor"
serves = ["agreement.locks"]
[[control]]
id = "log"
text = { da = "log", de = "Protokoll", en = "log" }
probe = "log-chain"
serves = ["agreement.log"]
[[control]]
id = "record"
text = { da = "fortegnelse", de = "Verzeichnis", en = "record" }
document = "tidstro register record"
serves = ["agreement.record"]
[[open]]
part = "cases"
rows = ["law.access"]
[[open]]
part = "keys-and-backup"
rows = ["law.backup"]
"#;

/// Writes the register as a folder and gives its name, by which the program finds it where it runs.
fn folder<'n>(place: &Place, name: &'n str, duties: &str) -> &'n str {
    std::fs::create_dir(place.path(name)).unwrap();
    place.write(&format!("{name}/1-head.toml"), HEAD);
    place.write(&format!("{name}/2-duties.toml"), duties);
    name
}

fn coverage(place: &Place, list: &str, register: &str) -> Ran {
    place.write("list.yaml", list);
    place.run(&["register", "coverage", "list.yaml", "--register", register])
}

#[test]
fn each_row_is_shown_with_what_serves_it() {
    let place = Place::new();
    let shown = coverage(&place, LIST, folder(&place, "small", DUTIES)).exits(0);
    insta::assert_snapshot!("coverage", shown.out);
}

#[test]
fn json_says_the_same_with_places() {
    let place = Place::new();
    let (list, register) = (place.write("list.yaml", LIST), folder(&place, "small", DUTIES));
    let shown = place.run(&["register", "coverage", &list, "--register", register, "--json"]).exits(0);
    let [answer] = shown.json_lines().try_into().unwrap();
    assert_eq!(answer["whole"], true);
    assert_eq!(answer["count"]["rows"], 9);
    assert_eq!(answer["by_means"]["lease"], 1);
    assert_eq!(answer["by_part"]["keys-and-backup"], 1);
    let row = |id: &str| -> Json {
        let rows = answer["rows"].as_array().unwrap();
        rows.iter().find(|row| row["row"] == id).unwrap().clone()
    };
    let locks = row("agreement.locks");
    assert_eq!((&locks["standing"], &locks["attested_only"]), (&"served".into(), &true.into()));
    assert_eq!(locks["served"][0]["with"], "janitor");
    let place_told = locks["served"][0]["place"].as_str().unwrap();
    assert!(place_told.ends_with("2-duties.toml:20"), "{place_told}");
    assert_eq!(row("law.access")["standing"], "partly");
    assert_eq!(row("law.backup")["open"][0]["part"], "keys-and-backup");
}

#[test]
fn a_row_nobody_thought_of_fails_the_check() {
    let place = Place::new();
    let forgotten = DUTIES.replace("rows = [\"law.backup\"]", "rows = [\"law.access\"]");
    coverage(&place, LIST, folder(&place, "forgetful", &forgotten)).exits(1).says(&[
        "UNMAPPED law.backup: no register serves it or names it as open",
        "rows 9: served 7, partly 1, open 0, unmapped 1; names that are no row: 0",
    ]);
}

#[test]
fn a_name_that_is_no_row_fails_the_check() {
    let place = Place::new();
    let misspelt = DUTIES.replace("\"agreement.locks\"", "\"agreement.locks\", \"agreement.lokcs\"");
    coverage(&place, LIST, folder(&place, "misspelt", &misspelt))
        .exits(1)
        .says(&["2-duties.toml:20: control `doors` names `agreement.lokcs`, which is no row of the list"]);
}

#[test]
fn several_registers_cover_together() {
    let place = Place::new();
    let (list, whole) = (place.write("list.yaml", LIST), folder(&place, "whole", DUTIES));
    let head = place.write("head.toml", HEAD);
    place.run(&["register", "coverage", &list, "--register", &head]).exits(1);
    place
        .run(&["register", "coverage", &list, "--register", &head, "--register", whole])
        .exits(0)
        .says(&["head.toml:24", "1-head.toml:24"]);
}

#[test]
fn without_a_name_the_register_in_use_is_asked() {
    let place = Place::new();
    let list = place.write("list.yaml", LIST);
    place.run(&["register", "coverage", &list]).exits(1).says(&["unmapped 9"]);
    std::fs::create_dir(place.data()).unwrap();
    std::fs::write(place.data().join("register.toml"), HEAD.to_owned() + DUTIES).unwrap();
    place.run(&["register", "coverage", &list]).exits(0).says(&["rows 9: served 7, partly 1, open 1"]);
}

#[test]
fn a_list_that_does_not_hold_together_is_told_with_its_place() {
    let place = Place::new();
    let register = folder(&place, "small", DUTIES);
    for (list, wanted) in [
        ("obligations:\n- {id: a, kind: wish, text: x}\n", "list.yaml:2:17: `wish` is not a kind"),
        ("obligations:\n- {id: a, kind: log}\n", "list.yaml:2:11: missing field `text`"),
        ("rows: []\n", "missing field `obligations`"),
        ("obligations: [\n", "list.yaml:"),
    ] {
        coverage(&place, list, register).exits(1).says(&["the obligations list cannot be used", wanted]);
    }
    place.run(&["register", "coverage", "nowhere.yaml"]).exits(1).says(&["nowhere.yaml"]);
    place.run(&["register", "coverage"]).exits(2).says(&["<LIST>"]);
}

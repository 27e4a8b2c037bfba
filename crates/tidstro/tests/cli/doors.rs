//! Every command there is, and its way to a person's data: through the gate, or none.
//!
//! The list below is compared with the program's own help, so that a command that is not in it fails this test.
//! What goes through the gate is run by somebody the register does not know, and must be refused and logged;
//! what does not is run, and must not say a name or a contact.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::collections::BTreeSet;
use std::path::Path;

use tidstro_world::Town;

use crate::common::{Place, Ran, recent_town, tidstro};

/// The way of a command to personal data.
#[derive(Clone, Copy)]
enum Way {
    /// Opens no data folder, or nothing in it that is about a person.
    None,
    /// Asks the gate; the arguments ask it for `STRANGER`.
    Gate(&'static [&'static str]),
    /// Writes master data, telegrams and values of an invented town through the gate, as its named jobs.
    Town,
    /// Serves pages until it is stopped: each is asked for by nobody (`serve.rs`).
    Pages,
}

/// A hash that no request has.
const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Somebody who is not in the register.
const STRANGER: &str = "staff:nobody";

/// Each command with its arguments. `FILE` stands for a file of telegrams, `REGISTER` for the register.
const COMMANDS: &[(&[&str], Way, &[&str])] = &[
    (&["demo"], Way::Town, &["--no-serve"]),
    (&["decode"], Way::None, &["FILE"]),
    (&["ingest"], Way::Gate(&["FILE", "--actor", STRANGER]), &[]),
    (&["collect"], Way::Gate(&["meters.toml", "--once", "--actor", STRANGER]), &[]),
    (&["decode-again"], Way::Gate(&["--since", "2020-01-01", "--actor", STRANGER]), &[]),
    (&["keys", "import"], Way::Gate(&["keys.csv", "--actor", STRANGER]), &[]),
    (&["keys", "list"], Way::Gate(&["--actor", STRANGER]), &[]),
    (&["keys", "rotate"], Way::Gate(&["keys.csv", "--from", "2026-01-01", "--actor", STRANGER]), &[]),
    (
        &["keys", "export", "ask"],
        Way::Gate(&["--for-party", "kornmarken", "--reason", "handover", "--actor", STRANGER]),
        &[],
    ),
    (&["keys", "export", "show"], Way::None, &["1"]),
    (&["keys", "export", "approve"], Way::None, &["1", NO_HASH, "--actor", STRANGER]),
    (&["keys", "export", "write"], Way::Gate(&["1", "OWNER", "--in-the-clear", "--actor", STRANGER]), &[]),
    (&["account", "add"], Way::Gate(&["staff:anna", "--letter", "LETTER", "--actor", STRANGER]), &[]),
    (&["account", "list"], Way::Gate(&["--actor", STRANGER]), &[]),
    (&["account", "code"], Way::Gate(&["staff:anna", "--letter", "LETTER", "--actor", STRANGER]), &[]),
    (&["account", "lock"], Way::Gate(&["staff:anna", "--actor", STRANGER]), &[]),
    (&["account", "unlock"], Way::Gate(&["staff:anna", "--actor", STRANGER]), &[]),
    (&["account", "close"], Way::Gate(&["staff:anna", "--actor", STRANGER]), &[]),
    (&["account", "recover"], Way::Gate(&["staff:anna", "--actor", STRANGER]), &[]),
    (&["account", "approve-recovery"], Way::Gate(&["1", "--letter", "LETTER", "--actor", STRANGER]), &[]),
    (
        &["account", "token", "issue"],
        Way::Gate(&[
            "job:ingest",
            "--purpose",
            "reading",
            "--label",
            "head-end",
            "--until",
            "2026-12-01",
            "--out",
            "TOKEN",
            "--actor",
            STRANGER,
        ]),
        &[],
    ),
    (&["account", "token", "list"], Way::Gate(&["--actor", STRANGER]), &[]),
    (&["account", "token", "withdraw"], Way::Gate(&["1", "--actor", STRANGER]), &[]),
    (&["account", "review", "begin"], Way::Gate(&["--actor", STRANGER]), &[]),
    (&["account", "review", "show"], Way::Gate(&["--actor", STRANGER]), &[]),
    (
        &["account", "review", "decide"],
        Way::Gate(&["staff:anna", "billing-clerk", "confirm", "--actor", STRANGER]),
        &[],
    ),
    (
        &["counters", "forget"],
        Way::Gate(&[
            "KAM 12345678 v1B t07",
            "--from",
            "2026-01-01",
            "--reason",
            "exchanged",
            "--actor",
            STRANGER,
        ]),
        &[],
    ),
    (&["master", "import"], Way::Gate(&["people.csv", "--actor", STRANGER]), &[]),
    (&["master", "export"], Way::None, &["--out", "MASTER"]),
    (
        &["master", "people"],
        Way::Gate(&[
            "--out",
            "PEOPLE",
            "--purpose",
            "billing",
            "--for-party",
            "kornmarken",
            "--actor",
            STRANGER,
        ]),
        &[],
    ),
    (&["master", "check"], Way::None, &[]),
    (&["inputs"], Way::None, &[]),
    (&["quarantine"], Way::Gate(&["--actor", STRANGER]), &[]),
    (&["series", "list"], Way::Gate(&["--actor", STRANGER, "--purpose", "validation"]), &[]),
    (&["series", "show"], Way::Gate(&["--actor", STRANGER, "--purpose", "validation"]), &[]),
    (
        &["export"],
        Way::Gate(&[
            "--actor",
            STRANGER,
            "--purpose",
            "network-analysis",
            "--for-party",
            "hosting",
            "--area",
            "543",
            "--from",
            "2026-01-01",
            "--to",
            "2026-02-01",
            "--out",
            "lake",
        ]),
        &[],
    ),
    (&["series", "compact"], Way::Gate(&["--actor", STRANGER]), &[]),
    (&["serve"], Way::Pages, &[]),
    (&["settle", "show"], Way::Gate(&["--area", "543", "--from", "2026-01-01", "--actor", STRANGER]), &[]),
    (
        &["settle", "run"],
        Way::Gate(&["--area", "543", "--from", "2026-01-01", "--kind", "aggregation", "--actor", STRANGER]),
        &[],
    ),
    (
        &["settle", "capacity"],
        Way::Gate(&["--area", "543", "--month", "2026-01-01", "--actor", STRANGER]),
        &[],
    ),
    (&["settle", "heating"], Way::Gate(&["--area", "543", "--year", "2026-01-01", "--actor", STRANGER]), &[]),
    (
        &["settle", "net-consumption"],
        Way::Gate(&["--area", "543", "--year", "2026-01-01", "--actor", STRANGER]),
        &[],
    ),
    (&["settle", "missing"], Way::Gate(&["--area", "543", "--from", "2026-01-01", "--actor", STRANGER]), &[]),
    (&["settle", "runs"], Way::Gate(&["--area", "543", "--from", "2026-01-01", "--actor", STRANGER]), &[]),
    (&["settle", "verify"], Way::Gate(&["--area", "543", "--from", "2026-01-01", "--actor", STRANGER]), &[]),
    (&["settle", "rebuild"], Way::Gate(&["--actor", STRANGER]), &[]),
    (
        &["series", "why"],
        Way::Gate(&["--actor", STRANGER, "--purpose", "validation", "--at", "2026-03-10T08:00:00Z"]),
        &[],
    ),
    (&["rules", "import"], Way::Gate(&["rules.toml", "--actor", STRANGER, "--purpose", "validation"]), &[]),
    (&["rules", "show"], Way::None, &[]),
    (&["rules", "history"], Way::None, &[]),
    (&["findings"], Way::Gate(&["--actor", STRANGER, "--purpose", "validation"]), &[]),
    (&["validate"], Way::Gate(&["--actor", STRANGER, "--purpose", "validation"]), &[]),
    (&["estimate"], Way::Gate(&["--actor", STRANGER, "--purpose", "validation", "--dry-run"]), &[]),
    (
        &["correct"],
        Way::Gate(&[
            "--actor",
            STRANGER,
            "--purpose",
            "validation",
            "--point",
            "1",
            "--at",
            "2026-03-10T08:00:00Z",
            "--value",
            "1",
            "--reason",
            "x",
        ]),
        &[],
    ),
    (&["silent"], Way::Gate(&["--actor", STRANGER]), &[]),
    (&["building", "list"], Way::Gate(&["--actor", STRANGER]), &[]),
    (&["building", "show"], Way::Gate(&["Kornmarken 12", "--actor", STRANGER]), &[]),
    (&["building", "letters"], Way::Gate(&["--actor", STRANGER]), &[]),
    (&["cycle"], Way::Gate(&["--actor", STRANGER]), &[]),
    (
        &["release"],
        Way::Gate(&[
            "--area",
            "543",
            "--from",
            "2026-01-01",
            "--recipient",
            "market-hub",
            "--actor",
            STRANGER,
        ]),
        &[],
    ),
    (&["alarms"], Way::Gate(&["--actor", STRANGER, "--purpose", "device-monitoring"]), &[]),
    (&["register", "check"], Way::None, &[]),
    (&["register", "diff"], Way::None, &["REGISTER", "REGISTER"]),
    (&["register", "approve"], Way::None, &["REGISTER", "--actor", "staff:dpo"]),
    (&["register", "activate"], Way::None, &["REGISTER", "--actor", "staff:dpo"]),
    (&["register", "coverage"], Way::None, &["LIST"]),
    (&["register", "notice"], Way::None, &[]),
    (&["register", "record"], Way::None, &[]),
    (
        &["register", "explain"],
        Way::Gate(&["--actor", STRANGER, "--purpose", "rights", "--subject", "person-1"]),
        &[],
    ),
    (
        &["event", "record"],
        Way::Gate(&["restriction-set", "--subject", "person-1", "--purpose", "rights", "--actor", STRANGER]),
        &[],
    ),
    (
        &["event", "list"],
        Way::Gate(&["--subject", "person-1", "--purpose", "rights", "--actor", STRANGER]),
        &[],
    ),
    (&["event", "aside"], Way::Gate(&["--purpose", "evidence", "--actor", STRANGER]), &[]),
    (&["clock", "list"], Way::None, &[]),
    (&["clock", "explain"], Way::None, &["case-1", "access.answer"]),
    (&["control", "check"], Way::None, &[]),
    (&["retention", "preview"], Way::Gate(&["--actor", STRANGER]), &[]),
    (&["retention", "show"], Way::None, &[]),
    (&["retention", "approve"], Way::None, &["1", "--actor", STRANGER]),
    (&["retention", "run"], Way::Gate(&["1", "--actor", STRANGER]), &[]),
    (&["retention", "certificate"], Way::None, &["1"]),
    (&["database-roles"], Way::None, &[]),
    (&["migrate"], Way::None, &["--from", "sqlite:data-of-nobody", "--to", "sqlite:elsewhere"]),
    (&["log", "verify"], Way::None, &[]),
    (&["log", "export"], Way::None, &["OUT"]),
    (&["log", "search"], Way::Gate(&["--actor", STRANGER, "--purpose", "evidence"]), &[]),
    (&["log", "concerning"], Way::Gate(&["--actor", STRANGER, "--purpose", "own-view"]), &[]),
    (&["log", "import"], Way::None, &["EVENTS", "--actor", "staff:dpo"]),
];

#[test]
fn every_command_is_in_the_list() {
    let listed: BTreeSet<String> = COMMANDS.iter().map(|(command, ..)| command.join(" ")).collect();
    let mut found = BTreeSet::new();
    collect(&[], &mut found);
    assert_eq!(found, listed, "a new command comes with its way to personal data");
}

/// The commands without commands below them, as the program's help tells them.
fn collect(above: &[&str], found: &mut BTreeSet<String>) {
    let help = crate::common::ran(tidstro(&[above, &["--help"]].concat())).exits(0).out;
    let Some((_, commands)) = help.split_once("\nCommands:\n") else {
        found.insert(above.join(" "));
        return;
    };
    let names = commands.lines().take_while(|line| !line.is_empty());
    // A line that goes on with the text of the one before begins further in.
    let names = names.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    for name in names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        collect(&[above, &[name]].concat(), found);
    }
}

/// A place in which a resident has values, and a case runs.
pub(crate) fn lived_in(town: &Town) -> Place {
    let place = Place::with_master_data(town);
    let lines: String =
        std::iter::once(town.telegrams(&format!("{}/cold-water", town.flats[0].slug()), town.plan.first_day))
            .flatten()
            .map(|frame| frame.iter().map(|byte| format!("{byte:02X}")).collect::<String>() + "\n")
            .collect();
    place.write("telegrams.txt", lines);
    place.write("keys.csv", town.keys_csv());
    place.write("events.jsonl", "");
    place.write("people.csv", "reference;name;contact\n");
    let meter = "[[meter]]\ndevice = \"title 5444420000000007\"\naddress = \"127.0.0.1:4059\"\n";
    place.write("meters.toml", format!("[client]\ntitle = \"5444430000000001\"\n{meter}"));
    place.write("rules.toml", include_str!("../../../../validation/full.toml"));
    place.write("list.yaml", "version: 1\nobligations: []\n");
    place.write("register.toml", crate::common::REGISTER);
    place.run(&["ingest", "telegrams.txt", "--keys", "keys.csv"]).exits(0);
    let handover = ["--for-party", "kornmarken", "--reason", "handover", "--actor", "staff:nadia"];
    place.run(&[&["keys", "export", "ask"][..], &handover].concat()).exits(0);
    let recorded = ["event", "record", "access.received", "--case", "case-1", "--actor", "staff:dpo"];
    place.run(&recorded).exits(0);
    place
}

fn run(place: &Place, command: &[&str], arguments: &[&str]) -> Ran {
    let named = |argument: &&str| match *argument {
        "FILE" => "telegrams.txt".to_owned(),
        "REGISTER" => "register.toml".to_owned(),
        "LIST" => "list.yaml".to_owned(),
        "EVENTS" => "events.jsonl".to_owned(),
        "OUT" => "bundle.jsonl".to_owned(),
        "OWNER" => place.path("owner.csv").display().to_string(),
        other => other.to_owned(),
    };
    let arguments: Vec<String> = command.iter().chain(arguments).map(named).collect();
    place.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn what_goes_through_the_gate_is_refused_to_a_stranger_and_logged() {
    let town = recent_town(2);
    let place = lived_in(&town);
    for (command, way, _) in COMMANDS {
        let Way::Gate(arguments) = way else { continue };
        let before = refusals(&place);
        let ran = run(&place, command, arguments).exits(1);
        assert!(refusals(&place) > before, "`{}` left no refusal in the log\n{ran}", command.join(" "));
        says_nobody(&town, command, &ran);
    }
}

#[test]
fn what_does_not_go_through_the_gate_says_nothing_of_anybody() {
    let town = recent_town(2);
    let place = lived_in(&town);
    for (command, way, arguments) in COMMANDS {
        if matches!(way, Way::None) {
            let ran = run(&place, command, arguments);
            // Bad use would show nothing of what the command says.
            assert!((0..=1).contains(&ran.code), "`{}` did not run\n{ran}", command.join(" "));
            says_nobody(&town, command, &ran);
        }
    }
    let bundle = std::fs::read_to_string(place.path("bundle.jsonl")).unwrap();
    assert_nobody(&town, "bundle.jsonl", &bundle);
}

/// Refusals in the log, as a bundle shows them.
fn refusals(place: &Place) -> usize {
    let bundle = place.path("counted.jsonl");
    let _ = std::fs::remove_file(&bundle);
    place.run(&["log", "export", bundle.to_str().unwrap()]).exits(0);
    refused_lines(&bundle)
}

fn refused_lines(bundle: &Path) -> usize {
    let text = std::fs::read_to_string(bundle).unwrap();
    text.lines().filter(|line| line.contains("\"kind\":\"refused\"")).count()
}

fn says_nobody(town: &Town, command: &[&str], ran: &Ran) {
    assert_nobody(town, &command.join(" "), &ran.out);
    assert_nobody(town, &command.join(" "), &ran.err);
}

fn assert_nobody(town: &Town, what: &str, said: &str) {
    for person in &town.master_data().people {
        assert!(!said.contains(&person.name), "`{what}` says the name of {}", person.reference);
        assert!(!said.contains(&person.contact), "`{what}` says the contact of {}", person.reference);
    }
}

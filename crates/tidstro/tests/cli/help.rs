//! The help of every command, as a user reads it.

use crate::common::{ran, tidstro};

fn help(command: &[&str]) -> String {
    ran(tidstro(&[command, &["--help"]].concat())).exits(0).out
}

#[test]
fn every_command_says_what_it_is_for() {
    for command in [
        "",
        "demo",
        "decode",
        "ingest",
        "collect",
        "decode-again",
        "keys",
        "keys import",
        "keys list",
        "keys rotate",
        "keys export",
        "keys export ask",
        "keys export show",
        "keys export approve",
        "keys export write",
        "counters",
        "counters forget",
        "master",
        "master import",
        "master export",
        "master check",
        "quarantine",
        "inputs",
        "series",
        "series list",
        "series show",
        "export",
        "silent",
        "cycle",
        "release",
        "alarms",
        "register",
        "register check",
        "register activate",
        "register approve",
        "register coverage",
        "register diff",
        "register explain",
        "register notice",
        "register record",
        "event",
        "event record",
        "event list",
        "clock",
        "clock list",
        "clock explain",
        "retention",
        "retention preview",
        "retention show",
        "retention approve",
        "retention run",
        "retention certificate",
        "log",
        "log verify",
        "log export",
        "log import",
        "log search",
        "log concerning",
    ] {
        let words: Vec<&str> = command.split_whitespace().collect();
        let name = if command.is_empty() { "tidstro".to_owned() } else { command.replace(' ', "_") };
        insta::assert_snapshot!(name, help(&words));
    }
}

#[test]
fn bad_use_is_told_apart_from_failure() {
    ran(tidstro(&[])).exits(2).says(&["Usage: tidstro"]);
    ran(tidstro(&["decod"]))
        .exits(2)
        .says(&["decod", "some similar subcommands exist: 'demo', 'decode-again', 'decode'"]);
    ran(tidstro(&["demo", "--flats", "5"])).exits(2).says(&["'5'", "--flats", "5 is not in 24..=60000"]);
    let show = ["series", "show", "--actor", "staff:anna", "--purpose", "billing"];
    for (option, value, wanted) in [
        ("--from", "2026-02-31", "write a local day such as 2026-03-31"),
        ("--from", "2026-02-01T12:00", "has 16 characters, a day has 10"),
        ("--as-of", "2026-02-01", "write an instant such as 2026-03-31T12:00:00Z"),
        ("--resolution", "hourly", "write one of raw, PT15M, PT1H, P1D, P1M, P1Y"),
    ] {
        ran(tidstro(&[&show[..], &[option, value]].concat())).exits(2).says(&[option, value, wanted]);
    }
    ran(tidstro(&[&show[..], &["--point", "a", "--area", "b"]].concat()))
        .exits(2)
        .says(&["cannot be used with"]);
}

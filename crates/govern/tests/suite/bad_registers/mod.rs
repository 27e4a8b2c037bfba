//! Registers that are refused, and what the writer is told: a change to a right one, and the faults.

mod contradictions;
mod duties;
mod folders;
mod login;
mod meaning;
mod names;
mod shape;

use tidstro_govern::Register;

const GOOD: &str = r#"[register]
id = "small"
edition = "1"
operator = "us"

[[party]]
id = "us"
name = "We"
kind = "processor"
country = "DK"

[[party]]
id = "them"
name = "They"
kind = "controller"
country = "DE"

[[category]]
id = "consumption"
subjects = ["resident"]
text = { da = "forbrug", de = "Verbrauch", en = "consumption" }
columns = ["series_block.sealed"]
finest = "PT1H"

[[activity]]
id = "billing"
text = { da = "a", de = "b", en = "c" }
controller = "them"
instruction = "annex C"
basis = [{ gdpr = "6(1)(b)", cite = "the lease" }]
subjects = ["resident"]
data = { consumption = "P1M" }
do = ["collect", "read", "compute"]
roles = ["clerk"]
to = ["them"]
keep = [{ from = "occupancy-end", for = ["P6W", "P5Y"], then = "erase" }]
areas = ["building"]

[[activity]]
id = "own-view"
text = { da = "a", de = "b", en = "c" }
controller = "them"
instruction = "annex C"
basis = [{ gdpr = "6(1)(c)", cite = "a directive" }]
subjects = ["resident"]
data = { consumption = "PT1H" }
do = ["read"]
roles = ["resident"]
own_only = true
keep = [{ from = "registration", for = ["P1Y"], then = "erase" }]
areas = ["building"]

[[role]]
id = "clerk"
text = { da = "a", de = "b", en = "c" }

[[role]]
id = "resident"
text = { da = "a", de = "b", en = "c" }

[[actor]]
id = "staff:anna"
roles = ["clerk"]

[resident]
roles = ["resident"]

[[obligation]]
id = "tell-controller"
text = { da = "a", de = "b", en = "c" }
when = "breach.aware.processor"
who = "us"
clock = { within = "P2M", calendar = "dk-working" }
proof = ["notice.sent"]
cite = "the agreement, 10.2"

[[control]]
id = "backup"
text = { da = "a", de = "b", en = "c" }
attestation = "clerk"
max_age = "P3M"
measure = 3

[[notice]]
id = "residents"
title = { da = "a", de = "b", en = "c" }
date = "2026-01-01"
"#;

fn faults(text: &str) -> String {
    Register::parse(text, "r").map_or_else(|faults| faults.to_string(), |_| "no fault".to_owned())
}

/// Replaces the first `old` in the right register; the faults must be exactly these.
fn check(old: &str, new: &str, expected: &[&str]) {
    assert!(GOOD.contains(old), "`{old}` is not in the right register");
    let got = faults(&GOOD.replacen(old, new, 1));
    assert_eq!(got, expected.join("\n"), "\n`{old}` -> `{new}`");
}

#[test]
fn the_right_register_is_right() {
    assert_eq!(faults(GOOD), "no fault");
    assert_eq!(faults(&GOOD.replace('\n', "\r\n")), "no fault");
}

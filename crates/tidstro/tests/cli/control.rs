//! `tidstro control check`: what the program measures of its own controls.

use crate::common::{Place, recent_town};

#[test]
fn every_control_says_how_it_is_known_to_work() {
    let place = Place::with_master_data(&recent_town(2));
    place.run(&["control", "check"]).exits(0).says(&[
        "works  log-whole: ",
        "works  nothing-outlives: 0 parts that no activity keeps (leftovers)",
        "works  register-holds: register `town` without a fault",
        "said   secrecy: attested by `data-protection-officer`",
    ]);
    let lines = place.run(&["control", "check", "--json"]).exits(0).json_lines();
    assert!(lines.iter().any(|line| line["by"] == "log-chain" && line["passed"] == true), "{lines:?}");
    assert!(lines.iter().any(|line| line["means"] == "attestation" && line["passed"].is_null()), "{lines:?}");
}

#[test]
fn a_changed_log_fails_its_control() {
    let place = Place::with_master_data(&recent_town(2));
    place.run(&["control", "check"]).exits(0);
    let database = place.data().join("tidstro.sqlite");
    // The event that says how many rows the master data had.
    let mut bytes = std::fs::read(&database).unwrap();
    let at = bytes.windows(8).position(|window| window == b"new rows").unwrap();
    bytes[at] = b'N';
    std::fs::write(&database, bytes).unwrap();
    place.run(&["control", "check"]).exits(1).says(&["FAILS  log-whole: "]);
}

#[test]
fn a_register_names_only_probes_there_are() {
    let place = Place::new();
    let register = crate::common::REGISTER.replace("probe = \"log-chain\"", "probe = \"crystal-ball\"");
    let file = place.write("register.toml", register);
    place
        .run(&["register", "check", &file])
        .exits(1)
        .says(&["`crystal-ball` is not a probe of this program; write one of `register-check`"]);
}

//! What happened in cases and to subjects is recorded, refused or kept aside; clocks follow from it.
//!
//! The stories lie in the past, so that nothing in them depends on the day the tests run.

use serde_json::{Value, json};
use tidstro_calendar::WorkingCalendar;

use crate::common::{Place, REGISTER, Ran, recent_town};

const DPO: [&str; 2] = ["--actor", "staff:dpo"];

fn place() -> Place {
    Place::with_master_data(&recent_town(14))
}

fn record(place: &Place, kind: &str, more: &[&str]) -> Ran {
    place.run(&[&["event", "record", kind], &DPO[..], more].concat())
}

/// The clock of one obligation, as JSON.
fn clock(place: &Place, case: &str, obligation: &str) -> Value {
    place.run(&["clock", "explain", case, obligation, "--json"]).exits(0).json_lines().remove(0)
}

#[test]
fn a_breach_runs_two_clocks() {
    let place = place();
    let case = ["--case", "breach-1"];
    let at = |instant: &'static str| [&case[..], &["--at", instant]].concat();
    record(&place, "breach.aware.processor", &at("2025-10-24T08:00:00+02:00")).exits(0).says(&[
        "recorded `breach.aware.processor`",
        "2025-10-26 07:00:00 +01:00",
        "overdue",
        "Tell the controller",
    ]);
    let listed = place.run(&["clock", "list", "--case", "breach-1", "--json"]).exits(0).json_lines();
    assert_eq!(listed.len(), 1, "the controller's clock starts with its own awareness");

    record(&place, "breach.aware.controller", &at("2025-10-24T10:17:00+02:00")).exits(0);
    record(&place, "breach.controller-told", &at("2025-10-24T10:10:00+02:00")).exits(0);
    record(&place, "breach.authority-notified", &at("2025-10-27T09:59:59+01:00")).exits(0);
    let notified = clock(&place, "breach-1", "breach.notify-authority");
    assert_eq!(notified["plan_by"], "2025-10-27T08:17:00Z");
    assert_eq!(notified["ends_at"], "2025-10-27T09:00:00Z");
    assert_eq!(notified["state"], "done", "after the strict end, before the legal bound");
    let told = clock(&place, "breach-1", "breach.tell-controller");
    assert_eq!(
        (&told["state"], &told["ends_at"], &told["next"]),
        (&"done".into(), &Value::Null, &Value::Null)
    );
    place.run(&["clock", "list", "--open"]).exits(0).says(&["no clock runs there"]);
}

#[test]
fn a_clock_says_how_it_was_counted() {
    let place = place();
    let case = ["--case", "access-1"];
    let on = |day: &'static str, more: &[&'static str]| [&case[..], &["--on", day], more].concat();
    let clock_of = ["--obligation", "access.answer"];
    record(&place, "access.received", &on("2025-01-27", &[])).exits(0);
    let paused = [&clock_of[..], &["--reason", "identity in doubt"]].concat();
    record(&place, "pause", &on("2025-02-03", &paused)).exits(0).says(&["paused"]);
    record(&place, "resume", &on("2025-02-10", &clock_of)).exits(0);
    let extended = [&clock_of[..], &["--extend", "P2M", "--reason", "many requests"]].concat();
    record(&place, "extension", &on("2025-02-20", &extended)).exits(0);
    record(&place, "access.answered", &on("2025-05-05", &[])).exits(0);
    let explained =
        place.run(&["clock", "explain", "access-1", "access.answer", "--language", "da"]).exits(0);
    // Where the folder of the test lies is no part of the answer, and where the register says so is found
    // as a reader would find it.
    let line = REGISTER.lines().position(|line| line == "id = \"access.answer\"").unwrap() + 1;
    let place_of = format!("{}/register.toml:{line}", place.data().display());
    let shown = |text: &str| text.replace(&place_of, "REGISTER");
    insta::assert_snapshot!("clock_explained", shown(&explained.out));
    let expected = json!({
        "case": "access-1",
        "obligation": "access.answer",
        "state": "done",
        "who": "kornmarken",
        "cite": "GDPR articles 12(3) and 15",
        "register": place_of,
        "started": { "by": "access.received", "at": "2025-01-27" },
        "starts": null,
        "plan_by": "2025-05-03T22:00:00Z",
        "ends_at": "2025-05-05T22:00:00Z",
        "amount": "P3M",
        "counted": "the day of the event is not counted; the last day rolls to a working day (Reg. 1182/71 art. 3(1), 3(4))",
        "calendar": { "name": "dk-working", "version": WorkingCalendar::shipped("dk-working").unwrap().version() },
        "unrolled_last_day": "2025-05-03",
        "last_day": "2025-05-05",
        "extension": { "at": "2025-02-20", "by": "P2M", "reason": "many requests" },
        "pauses": [{
            "from": "2025-02-02T23:00:00Z",
            "until": "2025-02-09T23:00:00Z",
            "reason": "identity in doubt",
        }],
        "proof": [{ "event": "access.answered", "at": "2025-05-05" }],
        "next": null,
    });
    assert_eq!(clock(&place, "access-1", "access.answer"), expected);
    let events = place.run(&["event", "list", "--case", "access-1", "--json"]).exits(0).json_lines();
    let what: Vec<_> = events.iter().map(|event| event["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["access.received", "pause", "resume", "extension", "access.answered"]);
}

#[test]
fn what_is_not_admitted_is_kept_aside() {
    let place = place();
    record(&place, "access.received", &["--case", "a", "--on", "2025-03-03"]).exits(0);
    for (kind, more, because) in [
        (
            "access.answered",
            &["--at", "2999-01-01T00:00:00Z"][..],
            "from-the-future: the event lies in the future",
        ),
        ("flood", &[], "unknown-kind: `flood` starts or proves no obligation"),
        (
            "resume",
            &["--obligation", "access.answer"],
            "out-of-order: the clock of `access.answer` does not stand",
        ),
        ("access.received", &["--on", "2025-03-02"], "out-of-order: the clock of `access.answer` runs"),
        (
            "extension",
            &[
                "--obligation",
                "access.answer",
                "--on",
                "2025-03-05",
                "--extend",
                "P3M",
                "--reason",
                "no time",
            ],
            "not-admitted: the clock of `access.answer` can be extended by `P2M` at most, not by `P3M`",
        ),
        (
            "extension",
            &[
                "--obligation",
                "access.answer",
                "--on",
                "2025-04-20",
                "--extend",
                "P2M",
                "--reason",
                "no time",
            ],
            "not-admitted: the period of `access.answer` was over then",
        ),
        ("subprocessor.planned", &[], "`subprocessor.announce` counts back"),
    ] {
        let refused = record(&place, kind, &[&["--case", "a"], more].concat()).exits(1);
        assert_eq!(refused.out, "", "{kind}");
        refused.says(&["not recorded, kept aside as", because]);
    }
    let by_nobody = ["event", "record", "access.received", "--case", "a", "--actor", "staff:nobody"];
    place.run(&by_nobody).exits(1).says(&["`staff:nobody` is neither staff nor a job"]);
    assert_eq!(place.run(&["event", "list", "--case", "a", "--json"]).exits(0).json_lines().len(), 1);
    assert_eq!(clock(&place, "a", "access.answer")["plan_by"], "2025-04-03T22:00:00Z");
    place.run(&["log", "verify"]).exits(0);
}

#[test]
fn notice_is_counted_back() {
    let place = place();
    let planned = ["--case", "sub-1", "--on", "2025-04-01", "--from", "2025-07-01"];
    record(&place, "subprocessor.planned", &planned)
        .exits(0)
        .says(&["2025-06-01 00:00:00 +02:00", "overdue"]);
    record(&place, "subprocessor.announced", &["--case", "sub-1", "--on", "2025-05-31"])
        .exits(0)
        .says(&["done"]);
}

#[test]
fn bad_use_is_named() {
    let place = place();
    for (kind, more, wanted) in [
        ("pause", &["--case", "a", "--obligation", "access.answer"][..], "`pause` needs `--reason`"),
        ("pause", &["--case", "a", "--reason", "x"], "`pause` needs `--obligation`"),
        ("extension", &["--case", "a", "--obligation", "x", "--reason", "x"], "`extension` needs `--extend`"),
        ("resume", &["--case", "a", "--obligation", "x", "--extend", "P1M"], "`resume` takes no `--extend`"),
        ("access.received", &["--case", "a", "--reason", "x"], "`access.received` takes no `--reason`"),
        ("access.received", &[], "--case <ID>|--subject <REF>"),
        (
            "access.received",
            &["--case", "a", "--at", "2025-01-01T00:00:00Z", "--on", "2025-01-01"],
            "cannot be used with",
        ),
        ("hold-set", &["--subject", "person-1"], "--purpose"),
        ("access.received", &["--case", "Anna"], "`Anna` is not a name"),
        ("extension", &["--case", "a", "--extend", "soon"], "`soon` is not a period"),
        (
            "account-delivered",
            &["--subject", "person-1", "--purpose", "rights", "--from", "2025-01-01"],
            "`account-delivered` needs `--to`",
        ),
    ] {
        record(&place, kind, more).exits(2).says(&[wanted]);
    }
    place
        .run(&["clock", "explain", "nothing", "access.answer"])
        .exits(1)
        .says(&["does not run in case `nothing`"]);
}

#[test]
fn what_a_subject_chose_moves_its_leases() {
    let place = place();
    let of = ["--subject", "person-1", "--purpose", "rights"];
    let resident = place.resident(0);
    let own = ["series", "list", "--actor", &resident, "--purpose", "own-view"];
    place.run(&own).exits(0);
    let on = |day: &'static str| [&of[..], &["--on", day]].concat();
    record(&place, "restriction-lifted", &on("2025-01-01"))
        .exits(1)
        .says(&["no `restriction-set` stands then"]);
    record(&place, "restriction-set", &of).exits(0).says(&["recorded `restriction-set`"]);
    // Who looks at their own data consents to it; everybody else only keeps them.
    place.run(&own).exits(0);
    let billing = || {
        let drawn = [&["register", "explain", "--json"], &DPO[..], &of].concat();
        let drawn = place.run(&drawn).exits(0).json_lines();
        let leases = drawn[0]["leases"].as_array().unwrap().clone();
        leases.into_iter().find(|lease| lease["activity"] == "billing").unwrap()["state"].clone()
    };
    assert_eq!(billing(), "restricted");
    record(&place, "restriction-lifted", &of).exits(0);
    assert_eq!(billing(), "live");

    let list = [&["event", "list", "--json"], &DPO[..], &of].concat();
    let listed = place.run(&list).exits(0).json_lines();
    let what: Vec<_> = listed.iter().map(|event| event["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["restriction-set", "restriction-lifted"]);
    let clerk = [&["event", "list", "--actor", "staff:anna"], &of[..]].concat();
    place.run(&clerk).exits(1).says(&["refused by role-not-in-purpose"]);
    place.run(&["log", "verify"]).exits(0);
}

#[test]
fn a_kind_that_moves_no_lease_is_kept_as_evidence() {
    let place = place();
    let of = ["--subject", "person-1", "--purpose", "rights", "--on", "2026-01-05"];
    record(&place, "hold-on", &of).exits(1).says(&[
        "not recorded, kept aside as unknown-kind",
        "`hold-on` is no event of a subject; write one of `consent-given`",
    ]);
    // Who may not correct what a subject chose keeps nothing of it either.
    let clerk = ["event", "record", "hold-on", "--actor", "staff:anna"];
    place.run(&[&clerk[..], &of].concat()).exits(1).says(&["refused by role-not-in-purpose"]);
}

#[test]
fn a_case_is_recorded_by_those_whom_the_register_names() {
    let place = place();
    let by = |actor: &str, kind: &str, more: &[&str]| {
        place.run(&[&["event", "record", kind, "--case", "a", "--actor", actor], more].concat())
    };
    by("staff:anna", "access.received", &[]).exits(1).says(&[
        "not recorded, kept aside as refused: no role of actor `staff:anna` may record `access.received`",
        "`access.answer` names in `recorded_by` who may",
    ]);
    by("staff:dpo", "access.received", &[]).exits(0);
    let paused = ["--obligation", "access.answer", "--reason", "identity in doubt"];
    by("staff:anna", "pause", &paused).exits(1).says(&["may record `pause`", "`moved_by`"]);
    by("resident:1", "access.answered", &[]).exits(1).says(&["`resident:1` is neither staff nor a job"]);
    assert_eq!(place.run(&["event", "list", "--case", "a", "--json"]).exits(0).json_lines().len(), 1);
    let bundle = place.path("bundle.jsonl");
    place.run(&["log", "export", bundle.to_str().unwrap()]).exits(0);
    let bundle = std::fs::read_to_string(&bundle).unwrap();
    let refused: Vec<_> = bundle.lines().filter(|line| line.contains("\"refused\"")).collect();
    assert_eq!(refused.len(), 3, "{refused:?}");
    for (line, says) in
        refused.iter().zip(["role-not-in-obligation", "role-not-in-obligation", "unknown-actor"])
    {
        assert!(line.contains(says), "{line}");
    }
    assert!(!bundle.contains("resident:1\""), "a resident is named by a commitment");
}

#[test]
fn nobody_learns_who_is_there() {
    let place = place();
    let refused = |subject: &str, more: &[&str]| {
        let of = ["--subject", subject, "--purpose", "rights"];
        record(&place, "consent-withdrawn", &[&of[..], more].concat()).exits(1).err
    };
    assert!(refused("nobody", &[]).contains("refused by no-live-lease"));
    // Somebody else's occupancy and one that is not there are answered alike.
    assert_eq!(refused("person-1", &["--occupancy", "2"]), refused("person-1", &["--occupancy", "9999"]));
}

#[test]
fn a_tenancy_that_ends_lets_its_leases_run_out() {
    let place = place();
    let of = ["--subject", "person-1", "--purpose", "rights"];
    let billing = || {
        let drawn = [&["register", "explain", "--json"], &DPO[..], &of].concat();
        let drawn = place.run(&drawn).exits(0).json_lines();
        let leases = drawn[0]["leases"].as_array().unwrap().clone();
        leases.into_iter().find(|lease| lease["activity"] == "billing").unwrap()["until"].clone()
    };
    assert!(billing().is_null(), "somebody who lives there is billed");
    record(&place, "tenancy-end", &[&of[..], &["--on", "2026-06-30"]].concat()).exits(0);
    // Six weeks and then five years after the last day.
    assert_eq!(billing(), "2031-08-11T22:00:00Z");
    record(&place, "tenancy-end", &[&of[..], &["--on", "2026-07-31"]].concat())
        .exits(1)
        .says(&["not recorded"]);
    place.run(&["log", "verify"]).exits(0);
}

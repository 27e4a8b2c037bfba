//! Periods, times and grounds that cannot be, and tables that do not fit together.

use tidstro_govern::{Register, RegisterFile};

use super::{GOOD, check, faults};

#[test]
fn periods_that_cannot_be() {
    for (text, why) in [
        ("P0D", "has no length; write at least 1"),
        ("P-5Y", "runs backwards; write it without the sign and count back from the start day instead"),
        ("P500Y", "is longer than 100 years; write the period the law or the contract names"),
        (
            "5 years",
            "is not a period; write `P14D`, `P6W`, `P18M` or `P5Y`, and a chain as a list in its order",
        ),
    ] {
        check("\"P5Y\"", &format!("\"{text}\""), &[&format!("r:36:49: `{text}` {why}")]);
    }
    check("[\"P6W\", \"P5Y\"]", "[]", &["r:36:41: `for` is empty; write at least one period, such as `P5Y`"]);
}

/// Wherever a period may stand, it has a length, runs forward and is one the program knows.
#[test]
fn periods_that_cannot_be_anywhere() {
    for place in [
        "operator = \"us\"\nlog_keep = ",
        "operator = \"us\"\nunplaced_keep = ",
        "areas = [\"building\"]\nlock_after = ",
        "max_age = ",
        "clock = { roll = \"none\", within = ",
        "clock = { before = ",
        "clock = { within = \"P2M\", roll = \"none\", extension = ",
        "from = \"occupancy-end\", at_most = ",
    ] {
        for (period, why) in [
            ("P0D", "`P0D` has no length"),
            ("-P3D", "`-P3D` runs backwards"),
            ("P-3D", "`P-3D` runs backwards"),
            ("P101Y", "`P101Y` is longer than 100 years"),
            ("P1Y6M", "`P1Y6M` is not a period"),
        ] {
            let got = faults(&with_period(place, period));
            assert!(got.lines().count() == 1 && got.contains(why), "{place}{period}: {got}");
        }
    }
}

/// The right register with a period at a place, instead of what its key says there.
fn with_period(place: &str, period: &str) -> String {
    let key = place.rsplit('\n').next().unwrap_or(place);
    let (before, rest) = if key.starts_with("clock") {
        GOOD.split_once("clock = { within = \"P2M\", calendar = \"dk-working\"").unwrap()
    } else if key.starts_with("from") {
        GOOD.split_once("from = \"occupancy-end\", for = [\"P6W\", \"P5Y\"]").unwrap()
    } else if key.starts_with("max_age") {
        GOOD.split_once("max_age = \"P3M\"").unwrap()
    } else {
        GOOD.split_once(place.split('\n').next().unwrap()).unwrap()
    };
    format!("{before}{place}\"{period}\"{rest}")
}

#[test]
fn hours_and_days_that_cannot_be() {
    check(
        "areas = [\"building\"]\n",
        "areas = [\"building\"]\nhours = { from = \"7\", to = \"18:00\", days = \"dk-working\" }\n",
        &["r:38:18: `7` is not a local clock time; write it like `07:30`"],
    );
    check(
        "areas = [\"building\"]\n",
        "areas = [\"building\"]\nhours = { from = \"07:00\", to = \"24:00\", days = \"dk-working\" }\n",
        &["r:38:32: `24:00` is not a local clock time; write it like `07:30`"],
    );
    check(
        "areas = [\"building\"]\n",
        "areas = [\"building\"]\nhours = { from = \"18:00\", to = \"07:00\", days = \"dk-working\" }\n",
        &["r:38:32: `to` is not after `from`; write a later one"],
    );
    check(
        "areas = [\"building\"]\n",
        "areas = [\"building\"]\nhours = { from = \"07:00\", to = \"07:00\", days = \"dk-working\" }\n",
        &["r:38:32: `to` is not after `from`; write a later one"],
    );
    check(
        "areas = [\"building\"]\n",
        "areas = [\"building\"]\nhours = { from = \"07:00\", to = \"18:00\", days = \"us-working\" }\n",
        &[
            "r:38:48: `us-working` is not a working calendar; write one of `dk-working`, `dk-market`, `de-working`",
        ],
    );
    check(
        "areas = [\"building\"]\n",
        "areas = [\"building\"]\nvalid = { from = \"2026-02-30\" }\n",
        &["r:38:18: `2026-02-30` is not a local day; write it like `2026-03-31`"],
    );
    check(
        "areas = [\"building\"]\n",
        "areas = [\"building\"]\nvalid = { from = \"2026-02-01\", to = \"2026-01-01\" }\n",
        &["r:38:37: `to` is not after `from`; write a later one"],
    );
    check(
        "areas = [\"building\"]\n",
        "areas = [\"building\"]\nvalid = { from = \"2026-02-01\", to = \"2026-02-01\" }\n",
        &["r:38:37: `to` is not after `from`; write a later one"],
    );
    check(
        r#"date = "2026-01-01""#,
        r#"date = "2026-13-01""#,
        &["r:87:8: `2026-13-01` is not a local day; write it like `2026-03-31`"],
    );
    check(
        r#"calendar = "dk-working" }"#,
        r#"calendar = "dk-working", not_before = "soon" }"#,
        &["r:73:65: `soon` is not a local day; write it like `2026-03-31`"],
    );
}

#[test]
fn numbers_outside_their_range() {
    check(
        "areas = [\"building\"]\n",
        "areas = [\"building\"]\nfactors = 0\n",
        &["r:38:11: `factors` is 0; write 1 or 2"],
    );
    check(
        "areas = [\"building\"]\n",
        "areas = [\"building\"]\nfactors = 3\n",
        &["r:38:11: `factors` is 3; write 1 or 2"],
    );
    check("measure = 3", "measure = 0", &["r:82:11: `measure` is 0; write 1 to 10"]);
    check("measure = 3", "measure = 11", &["r:82:11: `measure` is 11; write 1 to 10"]);
}

#[test]
fn activities_without_ground_or_end() {
    check(
        r#"basis = [{ gdpr = "6(1)(b)", cite = "the lease" }]"#,
        "basis = []",
        &[
            r#"r:26:6: activity `billing` has no legal basis; write `basis = [{ gdpr = "6(1)(b)", cite = "…" }]`"#,
        ],
    );
    check(
        "basis = [{ gdpr = \"6(1)(b)\", cite = \"the lease\" }]\n",
        "",
        &[
            r#"r:26:6: activity `billing` has no legal basis; write `basis = [{ gdpr = "6(1)(b)", cite = "…" }]`"#,
        ],
    );
    check(
        "the lease",
        " ",
        &["r:30:37: `cite` is empty; cite the contract, act or task that the basis rests on"],
    );
    check(
        "keep = [{ from = \"occupancy-end\", for = [\"P6W\", \"P5Y\"], then = \"erase\" }]\n",
        "",
        &[
            r#"r:26:6: activity `billing` has no retention; write `keep = [{ from = "occupancy-end", for = ["P5Y"], then = "erase" }]`"#,
        ],
    );
    check(
        "instruction = \"annex C\"\n",
        "",
        &[
            r#"r:26:6: activity `billing` is decided by `them` and run by `us` without an instruction; write `instruction = "…"` with the clause that gives it"#,
        ],
    );
    check(
        r#"controller = "them""#,
        r#"controller = "us""#,
        &[
            "r:28:14: party `us` is a processor, not a controller; name a party of kind `controller`, or change its kind",
        ],
    );
    check(
        r#"do = ["collect", "read", "compute"]"#,
        "do = []",
        &["r:33:6: `do` is empty; write at least one operation, such as `read`"],
    );
    check(
        r#"data = { consumption = "P1M" }"#,
        "data = {}",
        &["r:32:8: `data` is empty; write at least one category with its finest resolution"],
    );
}

#[test]
fn activities_that_work_nowhere() {
    check(
        "areas = [\"building\"]\n",
        "",
        &[
            r#"r:26:6: activity `billing` works nowhere; write `areas = ["building"]` or `dossiers = ["ticket"]`"#,
        ],
    );
    check(
        "areas = [\"building\"]\n",
        "areas = []\n",
        &["r:37:9: `areas` is empty; write at least one kind of area, such as `building`"],
    );
    check(
        "areas = [\"building\"]\n",
        "dossiers = []\n",
        &["r:37:12: `dossiers` is empty; write at least one kind of dossier, such as `ticket`"],
    );
}

#[test]
fn retentions_say_how_long_once() {
    check(
        r#"keep = [{ from = "occupancy-end", for = ["P6W", "P5Y"], then = "erase" }]"#,
        "keep = []",
        &[
            r#"r:26:6: activity `billing` has no retention; write `keep = [{ from = "occupancy-end", for = ["P5Y"], then = "erase" }]`"#,
        ],
    );
    check(
        r#", for = ["P6W", "P5Y"]"#,
        "",
        &[
            r#"r:36:18: a retention rule says how long once; write one of `for = ["P5Y"]`, `at_most = "P14D"`, `at_once = true`"#,
        ],
    );
    check(
        r#", for = ["P6W", "P5Y"]"#,
        r#", for = ["P6W", "P5Y"], at_most = "P1Y""#,
        &[
            r#"r:36:18: a retention rule says how long once; write one of `for = ["P5Y"]`, `at_most = "P14D"`, `at_once = true`"#,
        ],
    );
    check(
        r#", for = ["P6W", "P5Y"]"#,
        r#", at_once = true, at_most = "P1Y""#,
        &[
            r#"r:36:18: a retention rule says how long once; write one of `for = ["P5Y"]`, `at_most = "P14D"`, `at_once = true`"#,
        ],
    );
    check(
        r#", for = ["P6W", "P5Y"]"#,
        ", at_once = false",
        &[
            r#"r:36:18: a retention rule says how long once; write one of `for = ["P5Y"]`, `at_most = "P14D"`, `at_once = true`"#,
        ],
    );
    check(
        r#", for = ["P6W", "P5Y"]"#,
        r#", at_most = "5WD""#,
        &["r:36:45: `5WD` cannot stand here; write hours, days, weeks, months or years, such as `P14D`"],
    );
}

#[test]
fn tables_that_do_not_fit_together() {
    check(
        "[[activity]]",
        "[[category]]\nid = \"shoes\"\nsubjects = [\"resident\"]\ntext = { da = \"a\", de = \"b\", en = \"c\" }\ncolumns = []\nfinest = \"full\"\n\n[[activity]]",
        &["r:26:6: category `shoes` is kept by no activity; add it to the `data` of one, or remove it"],
    );
    check(
        r#"consumption = "P1M""#,
        r#"consumption = "PT15M""#,
        &["r:32:24: `consumption` is at most `PT1H`, not `PT15M`; write `PT1H` or a coarser resolution"],
    );
    check(
        r#"consumption = "P1M""#,
        r#"consumption = "full""#,
        &["r:32:24: `consumption` is at most `PT1H`, not `full`; write `PT1H` or a coarser resolution"],
    );
    check(
        "subjects = [\"resident\"]\ndata",
        "subjects = [\"resident\", \"neighbour\"]\ndata",
        &[
            "r:31:25: no category of activity `billing` is about `neighbour`; add one to `data`, or remove the subject",
        ],
    );
    check(
        "own_only = true",
        "own_only = false",
        &[
            "r:48:10: activity `own-view` admits the residents' role `resident` to everybody's data; write `own_only = true` or remove the role",
        ],
    );
    check(
        r#"id = "staff:anna""#,
        r#"id = "resident:4""#,
        &[
            "r:62:6: `resident:4` is a resident, and residents get their roles from `[resident]`; remove this actor",
        ],
    );
}

/// Nobody's lease ends what meters say that nobody has placed.
#[test]
fn meters_nobody_has_placed_need_an_end() {
    check(
        "areas = [\"building\"]",
        "areas = [\"building\", \"unassigned\"]",
        &[
            "r:26:6: `billing` collects in `unassigned`, and nothing ends what meters say that nobody has placed; write \
           `unplaced_keep`, such as \"P3M\", in the head of the register",
        ],
    );
    // It may have decided under an earlier program: the one that follows it has to be approved under it.
    let without = GOOD.replacen("areas = [\"building\"]", "areas = [\"building\", \"unassigned\"]", 1);
    let kept = Register::parse_kept(&[RegisterFile { name: "r", text: &without }]).unwrap();
    assert!(kept.is_kept() && !Register::parse(GOOD, "r").unwrap().is_kept());
    let with_an_end = GOOD
        .replacen("areas = [\"building\"]", "areas = [\"building\", \"unassigned\"]", 1)
        .replacen("operator = \"us\"\n", "operator = \"us\"\nunplaced_keep = \"P3M\"\n", 1);
    assert_eq!(faults(&with_an_end), "no fault");
}

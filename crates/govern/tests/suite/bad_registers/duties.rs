//! Obligations, controls and parties that say too little.

use super::check;

#[test]
fn clocks_count_one_way() {
    check(
        r#"within = "P2M", "#,
        "",
        &[r#"r:73:9: a clock counts one way; write `within = "PT72H"` or `before = "P1M"`"#],
    );
    check(
        r#"within = "P2M", "#,
        r#"within = "P2M", before = "P1M", "#,
        &[r#"r:73:9: a clock counts one way; write `within = "PT72H"` or `before = "P1M"`"#],
    );
    check(
        r#"within = "P2M", "#,
        r#"before = "P2M", not_before = "2026-01-01", "#,
        &[
            "r:73:40: a clock with `before` counts back and takes no `not_before`; leave it out, or write `within`",
        ],
    );
    check(
        r#"within = "P2M", "#,
        r#"before = "P2M", extension = "P1M", "#,
        &[
            "r:73:39: a clock with `before` counts back and takes no `extension`; leave it out, or write `within`",
        ],
    );
}

#[test]
fn clocks_in_days_have_a_calendar() {
    check(
        r#", calendar = "dk-working""#,
        "",
        &[
            r#"r:73:20: a clock of `P2M` needs working days and has no calendar; write `calendar = "dk-working"`, or `roll = "none"` for days, weeks, months or years that do not roll"#,
        ],
    );
    check(
        r#"within = "P2M", calendar = "dk-working""#,
        r#"within = "5WD", roll = "none""#,
        &[
            r#"r:73:20: a clock of `5WD` needs working days and has no calendar; write `calendar = "dk-working"`, or `roll = "none"` for days, weeks, months or years that do not roll"#,
        ],
    );
    check(r#", calendar = "dk-working""#, r#", roll = "none""#, &["no fault"]);
    check(r#"within = "P2M", calendar = "dk-working""#, r#"within = "PT72H""#, &["no fault"]);
    check(
        r#"within = "P2M", calendar = "dk-working""#,
        r#"within = "P2M", profile = "elapsed""#,
        &["r:73:20: `P2M` has no fixed length in hours; write hours, days or weeks, or use a legal clock"],
    );
    check(
        r#"calendar = "dk-working" }"#,
        r#"calendar = "dk-working", extension = "P2W" }"#,
        &["r:73:20: `P2M` cannot be extended by `P2W`; write the extension in the unit of the amount"],
    );
}

#[test]
fn obligations_have_proof_and_source() {
    check(
        r#"proof = ["notice.sent"]"#,
        "proof = []",
        &["r:74:9: `proof` is empty; write at least one kind of event, such as `notice.sent`"],
    );
    check(
        r#"cite = "the agreement, 10.2""#,
        r#"cite = """#,
        &["r:75:8: `cite` is empty; cite the law or contract that says so"],
    );
}

#[test]
fn controls_are_known_to_work_in_one_way() {
    check(
        "attestation = \"clerk\"\n",
        "",
        &[
            r#"r:78:6: control `backup` is known to work in one way; write one of `probe = "…"`, `attestation = "role"`, `document = "…"`"#,
        ],
    );
    check(
        r#"attestation = "clerk""#,
        "attestation = \"clerk\"\nprobe = \"log-chain\"",
        &[
            r#"r:78:6: control `backup` is known to work in one way; write one of `probe = "…"`, `attestation = "role"`, `document = "…"`"#,
        ],
    );
    check(
        r#"attestation = "clerk""#,
        r#"probe = """#,
        &[
            "r:80:9: `` is not a probe of this program; write one of `register-check`, `register-versions`, `register-approval`, `personal-columns`, `log-chain`, `log-age`, `leftovers`, `validation`",
        ],
    );
    check(
        r#"attestation = "clerk""#,
        r#"document = " ""#,
        &["r:80:12: `document` is empty; name the command"],
    );
}

#[test]
fn recipients_in_third_countries_have_a_ground() {
    check(
        r#"country = "DE""#,
        r#"country = "US""#,
        &[
            r#"r:16:11: party `them` is in `US`, outside the European Economic Area, and has no ground of transfer; write `transfer = { ground = "adequacy", cite = "…" }` at the party, or remove it from `to`"#,
        ],
    );
    check(
        r#"country = "DE""#,
        "country = \"US\"\ntransfer = { ground = \"adequacy\", cite = \" \" }",
        &["r:17:42: `cite` is empty; cite the decision or contract that allows the transfer"],
    );
    check(
        r#"country = "DE""#,
        "country = \"US\"\ntransfer = { ground = \"adequacy\", cite = \"a decision\" }",
        &["no fault"],
    );
    check(r#"country = "DE""#, r#"country = "NO""#, &["no fault"]);
}

#[test]
fn sub_processors_can_be_found() {
    check(
        "[[party]]\nid = \"them\"",
        "[[party]]\nid = \"mail\"\nname = \"M\"\nkind = \"processor\"\ncountry = \"FR\"\naddress = \" \"\n\n[[party]]\nid = \"them\"",
        &[
            r#"r:13:6: sub-processor `mail` has no address; write `address = "…"` at the party, or remove it from `to`"#,
            r#"r:13:6: sub-processor `mail` has no registration number; write `registration_number = "…"` at the party, or remove it from `to`"#,
        ],
    );
    check(
        "[[party]]\nid = \"them\"",
        "[[party]]\nid = \"mail\"\nname = \"M\"\nkind = \"processor\"\ncountry = \"FR\"\naddress = \"a street\"\n\n[[party]]\nid = \"them\"",
        &[
            r#"r:13:6: sub-processor `mail` has no registration number; write `registration_number = "…"` at the party, or remove it from `to`"#,
        ],
    );
}

#[test]
fn nothing_is_inferred() {
    check(
        r#""read", "compute"]"#,
        r#""read", "infer"]"#,
        &[
            "r:33:26: `infer` cannot be done: special categories must not be derived from other data; remove it from `do` of `billing`",
        ],
    );
}

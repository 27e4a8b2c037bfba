//! Names that are none, lead nowhere or are used twice, and words outside their lists.

use super::check;

#[test]
fn names_that_are_none_or_lead_nowhere() {
    check(
        r#"id = "staff:anna""#,
        r#"id = "Anna""#,
        &["r:62:6: `Anna` is not a name; write 1 to 64 of a-z, 0-9, `-`, `.`, `:` and begin with a letter"],
    );
    check(
        r#"operator = "us""#,
        r#"operator = "we""#,
        &["r:4:12: there is no party `we`; write one of `them`, `us`, or add it as `[[party]]`"],
    );
    check(
        r#"controller = "them""#,
        r#"controller = "they""#,
        &["r:28:14: there is no party `they`; write one of `them`, `us`, or add it as `[[party]]`"],
    );
    check(
        r#"to = ["them"]"#,
        r#"to = ["them", "her"]"#,
        &["r:35:15: there is no party `her`; write one of `them`, `us`, or add it as `[[party]]`"],
    );
    check(
        r#"{ consumption = "P1M" }"#,
        r#"{ consumtion = "P1M", consumption = "P1M" }"#,
        &[
            "r:32:10: there is no category `consumtion`; write one of `consumption`, or add it as `[[category]]`",
        ],
    );
    check(
        "roles = [\"clerk\"]\nto",
        "roles = [\"clark\"]\nto",
        &["r:34:10: there is no role `clark`; write one of `clerk`, `resident`, or add it as `[[role]]`"],
    );
    check(
        "staff:anna\"\nroles = [\"clerk\"]",
        "staff:anna\"\nroles = [\"clerk\", \"boss\"]",
        &["r:63:19: there is no role `boss`; write one of `clerk`, `resident`, or add it as `[[role]]`"],
    );
    check(
        "[resident]\nroles = [\"resident\"]",
        "[resident]\nroles = [\"tenant\"]",
        &["r:66:10: there is no role `tenant`; write one of `clerk`, `resident`, or add it as `[[role]]`"],
    );
}

#[test]
fn names_used_twice() {
    check(
        r#"id = "own-view""#,
        r#"id = "billing""#,
        &["r:40:6: activity `billing` is already at r:26; give one of them another id"],
    );
    check(
        r#"id = "them""#,
        r#"id = "us""#,
        &[
            "r:13:6: party `us` is already at r:7; give one of them another id",
            "r:28:14: there is no party `them`; write one of `us`, or add it as `[[party]]`",
            "r:35:7: there is no party `them`; write one of `us`, or add it as `[[party]]`",
            "r:42:14: there is no party `them`; write one of `us`, or add it as `[[party]]`",
        ],
    );
    check(
        r#"columns = ["series_block.sealed"]"#,
        r#"columns = ["series_block.sealed", "series_block.sealed"]"#,
        &[
            "r:22:35: column `series_block.sealed` is already in category `consumption`; leave it in one of them",
        ],
    );
}

#[test]
fn names_of_duties_lead_somewhere() {
    check(
        r#"operator = "us""#,
        "operator = \"us\"\nauthority = \"king\"",
        &["r:5:13: there is no party `king`; write one of `them`, `us`, or add it as `[[party]]`"],
    );
    check(
        r#"operator = "us""#,
        "operator = \"us\"\napprovers = [\"boss\"]",
        &["r:5:14: there is no role `boss`; write one of `clerk`, `resident`, or add it as `[[role]]`"],
    );
    check(
        r#"operator = "us""#,
        "operator = \"us\"\napprovers = []",
        &["r:5:13: `approvers` is empty; write at least one role"],
    );
    check(
        "areas = [\"building\"]\n",
        "areas = [\"building\"]\nnotice = \"staff\"\n",
        &["r:38:10: there is no notice `staff`; write one of `residents`, or add it as `[[notice]]`"],
    );
    check(
        r#"who = "us""#,
        r#"who = "them all""#,
        &["r:72:7: there is no party `them all`; write one of `them`, `us`, or add it as `[[party]]`"],
    );
    check(
        r#"attestation = "clerk""#,
        r#"attestation = "boss""#,
        &["r:80:15: there is no role `boss`; write one of `clerk`, `resident`, or add it as `[[role]]`"],
    );
    check(
        r#"when = "breach.aware.processor""#,
        r#"when = "Breach!""#,
        &[
            "r:71:8: `Breach!` is not a name; write 1 to 64 of a-z, 0-9, `-`, `.`, `:` and begin with a letter",
        ],
    );
    check(
        "areas = [\"building\"]\n",
        "dossiers = [\"Big Ticket\"]\n",
        &[
            "r:37:13: `Big Ticket` is not a name; write 1 to 64 of a-z, 0-9, `-`, `.`, `:` and begin with a letter",
        ],
    );
}

#[test]
fn each_kind_of_duty_has_its_own_names() {
    check(
        "[[notice]]",
        "[[obligation]]\nid = \"tell-controller\"\ntext = { da = \"a\", de = \"b\", en = \"c\" }\nwhen = \"x\"\nwho = \"us\"\nproof = [\"y\"]\ncite = \"z\"\n\n[[notice]]",
        &["r:85:6: obligation `tell-controller` is already at r:69; give one of them another id"],
    );
    check(
        "[[notice]]",
        "[[control]]\nid = \"backup\"\ntext = { da = \"a\", de = \"b\", en = \"c\" }\nprobe = \"log-chain\"\n\n[[notice]]",
        &["r:85:6: control `backup` is already at r:78; give one of them another id"],
    );
    check(
        "[[notice]]",
        "[[notice]]\nid = \"residents\"\ntitle = { da = \"a\", de = \"b\", en = \"c\" }\ndate = \"2025-01-01\"\n\n[[notice]]",
        &["r:90:6: notice `residents` is already at r:85; give one of them another id"],
    );
    check(
        "[[actor]]",
        "[[actor]]\nid = \"staff:anna\"\nroles = [\"clerk\"]\n\n[[actor]]",
        &["r:66:6: actor `staff:anna` is already at r:62; give one of them another id"],
    );
}

#[test]
fn words_outside_their_lists() {
    check(
        r#"areas = ["building"]"#,
        r#"areas = ["castle"]"#,
        &["r:37:10: `castle` is not a kind of area; write one of `building`, `grid-area`, `unassigned`"],
    );
    check(
        r#"do = ["collect", "read", "compute"]"#,
        r#"do = ["read", "profile"]"#,
        &[
            "r:33:15: `profile` is not an operation; write one of `collect`, `store`, `read`, `compute`, `export`, `print`, `correct`, `restrict`, `erase`, `infer`",
        ],
    );
    check(
        r#"consumption = "P1M""#,
        r#"consumption = "PT5M""#,
        &[
            "r:32:24: `PT5M` is not a resolution; write one of `full`, `raw`, `PT15M`, `PT1H`, `P1D`, `P1M`, `P1Y`",
        ],
    );
    check(
        "6(1)(b)",
        "6.1.b",
        &[
            "r:30:19: `6.1.b` is not a legal basis; write one of `6(1)(a)`, `6(1)(b)`, `6(1)(c)`, `6(1)(d)`, `6(1)(e)`, `6(1)(f)`",
        ],
    );
    check(
        r#"kind = "controller""#,
        r#"kind = "owner""#,
        &[
            "r:15:8: `owner` is not a kind of party; write one of `controller`, `processor`, `recipient`, `authority`",
        ],
    );
    check(
        r#"country = "DE""#,
        r#"country = "Germany""#,
        &["r:16:11: `Germany` is not a country; write its two capital letters of ISO 3166-1, such as `DK`"],
    );
    check(
        r#"country = "DE""#,
        r#"country = "XX""#,
        &["r:16:11: `XX` is not a country; write its two capital letters of ISO 3166-1, such as `DK`"],
    );
    check(
        r#"from = "occupancy-end""#,
        r#"from = "whenever""#,
        &[
            "r:36:18: `whenever` is not the begin of a retention; write one of `occupancy-end`, `registration`, `consent-withdrawn`, `objection-upheld`, `suspicion-raised`, `account-delivered`, `contract-end`, `case-closed`, `project-end`, `final-decision`, `mechanism-end`, `publication-end`, `check-done`, `matched`, `task-end`, `purpose-end`",
        ],
    );
    check(
        r#"then = "erase""#,
        r#"then = "hide""#,
        &["r:36:64: `hide` is not an end of a retention; write one of `erase`"],
    );
    check(
        "series_block.sealed",
        "series_block",
        &["r:22:12: `series_block` is not a column; write `table.column` in small letters"],
    );
}

#[test]
fn words_of_the_head_and_of_duties() {
    check(
        r#"operator = "us""#,
        "operator = \"us\"\nparts = [\"cellar\"]",
        &["r:5:10: `cellar` is not a part of the store; write one of `metering`, `dossiers`"],
    );
    check(
        r#"operator = "us""#,
        "operator = \"us\"\nparts = []",
        &["r:5:9: `parts` is empty; write at least one part, such as `metering`"],
    );
    check(
        r#"operator = "us""#,
        "operator = \"us\"\nzone = \"Europe/Atlantis\"",
        &["r:5:8: `Europe/Atlantis` is not a time zone; write its IANA name, such as `Europe/Copenhagen`"],
    );
    check(
        r#"country = "DE""#,
        "country = \"US\"\ntransfer = { ground = \"handshake\", cite = \"x\" }",
        &[
            "r:17:23: `handshake` is not a ground of transfer; write one of `adequacy`, `instrument`, `standard-clauses`, `binding-rules`, `derogation`",
        ],
    );
    check(
        r#", calendar = "dk-working""#,
        r#", roll = "sometimes""#,
        &["r:73:34: `sometimes` is not a way to roll; write one of `none`, `next-working-day`"],
    );
    check(
        r#", calendar = "dk-working""#,
        r#", profile = "moral""#,
        &["r:73:37: `moral` is not a profile of clocks; write one of `legal`, `elapsed`"],
    );
    check(
        r#"calendar = "dk-working" }"#,
        r#"calendar = "moon" }"#,
        &["r:73:38: `moon` is not a working calendar; write one of `dk-working`, `dk-market`, `de-working`"],
    );
    check(
        "areas = [\"building\"]\n",
        "areas = [\"building\"]\nbegins = \"full-moon\"\n",
        &[
            "r:38:10: `full-moon` is not an event that begins a lease; write one of `consent-given`, `consent-withdrawn`, `objection-upheld`, `restriction-set`, `restriction-lifted`, `hold-set`, `hold-lifted`, `lock-opened`, `lock-closed`, `suspicion-raised`, `account-delivered`, `tenancy-end`, `contract-end`, `case-closed`, `project-end`, `final-decision`, `mechanism-end`, `publication-end`, `check-done`, `matched`, `task-end`, `purpose-end`",
        ],
    );
}

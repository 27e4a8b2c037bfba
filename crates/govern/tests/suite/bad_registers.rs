//! Registers that are refused, and what the writer is told: a change to a right one, and the faults.

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
do = ["read", "compute"]
roles = ["clerk"]
to = ["them"]
keep = { from = "occupancy-end", for = ["P6W", "P5Y"], then = "erase" }
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
keep = { from = "registration", for = ["P1Y"], then = "erase" }
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

#[test]
fn what_is_not_toml() {
    check("id = \"us\"", "id = us", &["r:7:6: string values must be quoted, expected literal string"]);
    check("id = \"us\"", "id = \"us\"\nid = \"us\"", &["r:8:1: duplicate key"]);
    assert_eq!(
        faults(""),
        "r:1:1: table `[register]` is missing; write it first, with `id`, `edition` and `operator`"
    );
    assert_eq!(
        faults("\0"),
        "r:1:1: invalid unquoted key, expected letters, numbers, `-`, `_`\nr:1:2: key with no value, expected `=`"
    );
}

#[test]
fn what_has_another_shape() {
    check("edition = \"1\"", "edition = 1", &["r:3:11: invalid type: integer `1`, expected a string"]);
    check(
        "name = \"They\"",
        "nam = \"They\"",
        &[
            "r:14:1: unknown field `nam`, expected one of `id`, `name`, `kind`, `country`, `address`, `registration_number`",
        ],
    );
    check("finest = \"PT1H\"\n", "", &["r:18:1: missing field `finest`"]);
    check(", en = \"consumption\"", "", &["r:21:8: missing field `en`"]);
    check(
        "then = \"erase\" }",
        "then = \"erase\", hold = 1 }",
        &["r:36:72: unknown field `hold`, expected one of `from`, `for`, `then`"],
    );
    check(
        "own_only = true",
        "own_only = \"yes\"",
        &["r:49:12: invalid type: string \"yes\", expected a boolean"],
    );
    check(
        "[resident]",
        "[residents]",
        &[
            "r:65:2: unknown table `residents`; write one of `register`, `party`, `category`, `activity`, `role`, `actor`, `resident`",
        ],
    );
    check("[[actor]]", "[actor]", &["r:61:1: `actor` is not a list of tables; write `[[actor]]`"]);
}

#[test]
fn names_that_are_none_or_lead_nowhere() {
    check(
        "id = \"staff:anna\"",
        "id = \"Anna\"",
        &["r:62:6: `Anna` is not a name; write 1 to 64 of a-z, 0-9, `-`, `.`, `:` and begin with a letter"],
    );
    check(
        "operator = \"us\"",
        "operator = \"we\"",
        &["r:4:12: there is no party `we`; write one of `them`, `us`, or add it as `[[party]]`"],
    );
    check(
        "controller = \"them\"",
        "controller = \"they\"",
        &["r:28:14: there is no party `they`; write one of `them`, `us`, or add it as `[[party]]`"],
    );
    check(
        "to = [\"them\"]",
        "to = [\"them\", \"her\"]",
        &["r:35:15: there is no party `her`; write one of `them`, `us`, or add it as `[[party]]`"],
    );
    check(
        "{ consumption = \"P1M\" }",
        "{ consumtion = \"P1M\", consumption = \"P1M\" }",
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
        "id = \"own-view\"",
        "id = \"billing\"",
        &["r:40:6: activity `billing` is already in line 26; give one of them another id"],
    );
    check(
        "id = \"them\"",
        "id = \"us\"",
        &[
            "r:13:6: party `us` is already in line 7; give one of them another id",
            "r:28:14: there is no party `them`; write one of `us`, or add it as `[[party]]`",
            "r:35:7: there is no party `them`; write one of `us`, or add it as `[[party]]`",
            "r:42:14: there is no party `them`; write one of `us`, or add it as `[[party]]`",
        ],
    );
    check(
        "columns = [\"series_block.sealed\"]",
        "columns = [\"series_block.sealed\", \"series_block.sealed\"]",
        &[
            "r:22:35: column `series_block.sealed` is already in category `consumption`; leave it in one of them",
        ],
    );
}

#[test]
fn words_outside_their_lists() {
    check(
        "areas = [\"building\"]",
        "areas = [\"castle\"]",
        &["r:37:10: `castle` is not a kind of area; write one of `building`, `grid-area`, `unassigned`"],
    );
    check(
        "do = [\"read\", \"compute\"]",
        "do = [\"read\", \"profile\"]",
        &[
            "r:33:15: `profile` is not an operation; write one of `collect`, `store`, `read`, `compute`, `export`, `correct`, `erase`",
        ],
    );
    check(
        "consumption = \"P1M\"",
        "consumption = \"PT5M\"",
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
        "kind = \"controller\"",
        "kind = \"owner\"",
        &[
            "r:15:8: `owner` is not a kind of party; write one of `controller`, `processor`, `recipient`, `authority`",
        ],
    );
    check(
        "country = \"DE\"",
        "country = \"Germany\"",
        &["r:16:11: `Germany` is not a country; write its two capital letters of ISO 3166-1, such as `DK`"],
    );
    check(
        "country = \"DE\"",
        "country = \"XX\"",
        &["r:16:11: `XX` is not a country; write its two capital letters of ISO 3166-1, such as `DK`"],
    );
    check(
        "from = \"occupancy-end\"",
        "from = \"whenever\"",
        &[
            "r:36:17: `whenever` is not the begin of a retention; write one of `occupancy-end`, `registration`",
        ],
    );
    check(
        "then = \"erase\"",
        "then = \"hide\"",
        &["r:36:63: `hide` is not an end of a retention; write one of `erase`"],
    );
    check(
        "series_block.sealed",
        "series_block",
        &["r:22:12: `series_block` is not a column; write `table.column` in small letters"],
    );
}

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
        check("\"P5Y\"", &format!("\"{text}\""), &[&format!("r:36:48: `{text}` {why}")]);
    }
    check("[\"P6W\", \"P5Y\"]", "[]", &["r:36:40: `for` is empty; write at least one period, such as `P5Y`"]);
}

#[test]
fn activities_without_ground_or_end() {
    check(
        "basis = [{ gdpr = \"6(1)(b)\", cite = \"the lease\" }]",
        "basis = []",
        &[
            "r:26:6: activity `billing` has no legal basis; write `basis = [{ gdpr = \"6(1)(b)\", cite = \"…\" }]`",
        ],
    );
    check(
        "basis = [{ gdpr = \"6(1)(b)\", cite = \"the lease\" }]\n",
        "",
        &[
            "r:26:6: activity `billing` has no legal basis; write `basis = [{ gdpr = \"6(1)(b)\", cite = \"…\" }]`",
        ],
    );
    check(
        "the lease",
        " ",
        &["r:30:37: `cite` is empty; cite the contract, act or task that the basis rests on"],
    );
    check(
        "keep = { from = \"occupancy-end\", for = [\"P6W\", \"P5Y\"], then = \"erase\" }\n",
        "",
        &[
            "r:26:6: activity `billing` has no retention; write `keep = { from = \"occupancy-end\", for = [\"P5Y\"], then = \"erase\" }`",
        ],
    );
    check(
        "instruction = \"annex C\"\n",
        "",
        &[
            "r:26:6: activity `billing` is decided by `them` and run by `us` without an instruction; write `instruction = \"…\"` with the clause that gives it",
        ],
    );
    check(
        "controller = \"them\"",
        "controller = \"us\"",
        &[
            "r:28:14: party `us` is a processor, not a controller; name a party of kind `controller`, or change its kind",
        ],
    );
    check(
        "do = [\"read\", \"compute\"]",
        "do = []",
        &["r:33:6: `do` is empty; write at least one operation, such as `read`"],
    );
    check(
        "data = { consumption = \"P1M\" }",
        "data = {}",
        &["r:32:8: `data` is empty; write at least one category with its finest resolution"],
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
        "consumption = \"P1M\"",
        "consumption = \"PT15M\"",
        &["r:32:24: `consumption` is at most `PT1H`, not `PT15M`; write `PT1H` or a coarser resolution"],
    );
    check(
        "consumption = \"P1M\"",
        "consumption = \"full\"",
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
        "id = \"staff:anna\"",
        "id = \"resident:4\"",
        &[
            "r:62:6: `resident:4` is a resident, and residents get their roles from `[resident]`; remove this actor",
        ],
    );
}

#[test]
fn all_faults_at_once_in_the_order_of_the_file() {
    let text = GOOD
        .replace("\"DE\"", "\"EU\"")
        .replace("P5Y", "P0Y")
        .replace("6(1)(c)", "9(9)")
        .replace("annex", "æ annex");
    assert_eq!(
        faults(&text),
        [
            "r:16:11: `EU` is not a country; write its two capital letters of ISO 3166-1, such as `DK`",
            "r:36:48: `P0Y` has no length; write at least 1",
            "r:44:19: `9(9)` is not a legal basis; write one of `6(1)(a)`, `6(1)(b)`, `6(1)(c)`, `6(1)(d)`, `6(1)(e)`, `6(1)(f)`",
        ]
        .join("\n")
    );
    let shapes = GOOD.replace("country", "land");
    assert_eq!(faults(&shapes).lines().count(), 2, "one fault of the shape for each table");
}

//! What is not TOML, or TOML of another shape.

use super::{GOOD, check, faults};

#[test]
fn what_is_not_toml() {
    check(r#"id = "us""#, "id = us", &["r:7:6: string values must be quoted, expected literal string"]);
    check(
        r#"id = "us""#,
        "id = \"us\"\nid = \"us\"",
        &["r:8:1: this is written twice; remove one of the two"],
    );
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
    check(r#"edition = "1""#, "edition = 1", &["r:3:11: invalid type: integer `1`, expected a string"]);
    check(
        r#"name = "They""#,
        r#"nam = "They""#,
        &[
            "r:14:1: unknown field `nam`, expected one of `id`, `name`, `kind`, `country`, `address`, `registration_number`, `phone`, `email`, `protection_officer`, `transfer`",
        ],
    );
    check("finest = \"PT1H\"\n", "", &["r:18:1: missing field `finest`"]);
    check(r#", en = "consumption""#, "", &["r:21:8: missing field `en`"]);
    check(
        r#"then = "erase" }"#,
        r#"then = "erase", hold = 1 }"#,
        &[
            "r:36:73: unknown field `hold`, expected one of `from`, `for`, `at_most`, `at_once`, `end_of_year`, `then`",
        ],
    );
    check(
        "own_only = true",
        r#"own_only = "yes""#,
        &[r#"r:49:12: invalid type: string "yes", expected a boolean"#],
    );
    check(
        "[resident]",
        "[residents]",
        &[
            "r:65:2: unknown table `residents`; write one of `register`, `party`, `category`, `activity`, `role`, `actor`, `resident`, `login`, `obligation`, `control`, `notice`, `open`",
        ],
    );
    check("[[actor]]", "[actor]", &["r:61:2: `actor` is not a list of tables; write `[[actor]]`"]);
}

#[test]
fn what_stands_where_a_list_stands() {
    check(
        r#"keep = [{ from = "occupancy-end", for = ["P6W", "P5Y"], then = "erase" }]"#,
        r#"keep = { from = "occupancy-end", for = ["P6W", "P5Y"], then = "erase" }"#,
        &["r:36:8: a list stands here; write it in `[ ]`"],
    );
    check(
        "areas = [\"building\"]\n",
        "areas = [\"building\"]\nfactors = 300\n",
        &["r:38:11: invalid value: integer `300`, expected u8"],
    );
}

#[test]
fn texts_that_say_nothing() {
    check(r#"id = "small""#, r#"id = """#, &["r:2:6: `id` is empty; write a name for the register"]);
    check(
        r#"edition = "1""#,
        r#"edition = " ""#,
        &["r:3:11: `edition` is empty; write which edition it is, such as `2026-01`"],
    );
    check(
        r#"name = "They""#,
        r#"name = """#,
        &["r:14:8: `name` is empty; write the name it has in the world"],
    );
    check(
        r#"da = "forbrug""#,
        r#"da = """#,
        &["r:21:15: `da` is empty; write the text in this language too"],
    );
    check(
        r#"instruction = "annex C""#,
        r#"instruction = " ""#,
        &["r:29:15: `instruction` is empty; name the clause that gives it"],
    );
    check(
        "areas = [\"building\"]\n",
        "areas = [\"building\"]\ndespite_restriction = \"\"\n",
        &["r:38:23: `despite_restriction` is empty; say why it goes on while processing is restricted"],
    );
    check(
        "areas = [\"building\"]\n",
        "areas = [\"building\"]\nsource = { da = \"a\", de = \"b\", en = \"\" }\n",
        &["r:38:37: `en` is empty; write the text in this language too"],
    );
    check(
        r#"title = { da = "a""#,
        r#"title = { da = """#,
        &["r:86:16: `da` is empty; write the text in this language too"],
    );
    check(
        "[[notice]]",
        "[[open]]\npart = \"\"\nrows = []\n\n[[notice]]",
        &[
            "r:85:8: `part` is empty; name the part of the product that will serve the rows",
            "r:86:8: `rows` is empty; write at least one row",
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
            "r:36:49: `P0Y` has no length; write at least 1",
            "r:44:19: `9(9)` is not a legal basis; write one of `6(1)(a)`, `6(1)(b)`, `6(1)(c)`, `6(1)(d)`, `6(1)(e)`, `6(1)(f)`",
        ]
        .join("\n")
    );
    let shapes = GOOD.replace("country", "land");
    assert_eq!(faults(&shapes).lines().count(), 2, "one fault of the shape for each table");
}

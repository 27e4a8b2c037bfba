//! The table `[login]` with limits that cannot be.

use super::{GOOD, faults};

const CATEGORY: &str = r#"[[category]]
id = "account"
subjects = ["resident"]
text = { da = "a", de = "b", en = "c" }
columns = ["account.sealed_name"]
finest = "full"

[[activity]]
id = "access"
text = { da = "a", de = "b", en = "c" }
controller = "them"
instruction = "annex C"
basis = [{ gdpr = "6(1)(c)", cite = "GDPR article 32" }]
subjects = ["resident"]
dossiers = ["account"]
data = { account = "full" }
do = ["collect"]
roles = ["clerk"]
keep = [{ from = "purpose-end", at_once = true, then = "erase" }]

"#;

const LOGIN: &str = r#"
[login]
purpose = "access"
failures = 5
two_factors = ["clerk"]
password_max_age = "P1Y"
review_every = "P6M"

[login.staff]
idle_minutes = 30
absolute_minutes = 600
fresh_minutes = 15

[login.resident]
idle_minutes = 60
absolute_minutes = 1440
fresh_minutes = 15
"#;

/// A right register with a log-in in which one text is another; its faults from the line of `[login]` on, counted from 1.
fn check(from: &str, to: &str, expected: &str) {
    let register = GOOD.replacen("[[activity]]", &format!("{CATEGORY}[[activity]]"), 1);
    let first = register.lines().count() + 1;
    let login = LOGIN.replacen(from, to, 1);
    assert!(from.is_empty() || login != LOGIN, "`{from}` is not in the log-in");
    let text = faults(&format!("{register}{login}"));
    let moved: Vec<_> = text.lines().map(|line| moved(line, first)).collect();
    assert_eq!(moved.join("\n"), expected);
}

fn moved(line: &str, first: usize) -> String {
    match line.strip_prefix("r:").and_then(|rest| rest.split_once(':')) {
        Some((number, rest)) => format!("{}:{rest}", number.parse::<usize>().unwrap() - first),
        None => line.to_owned(),
    }
}

#[test]
fn a_right_one_is_read() {
    check("", "", "no fault");
}

#[test]
fn limits_are_limits() {
    check("failures = 5", "failures = 0", "3:12: `failures` is 0; write a number from 3 to 100");
    check("failures = 5", "failures = 101", "3:12: `failures` is 101; write a number from 3 to 100");
    check("failures = 5", "failures = 300", "3:12: invalid value: integer `300`, expected u8");
    check(
        "idle_minutes = 30",
        "idle_minutes = 61",
        "9:16: `idle_minutes` is 61; write a number from 1 to 60",
    );
    check("idle_minutes = 30", "idle_minutes = 0", "9:16: `idle_minutes` is 0; write a number from 1 to 60");
    check(
        "absolute_minutes = 600",
        "absolute_minutes = 1441",
        "10:20: `absolute_minutes` is 1441; write a number from 1 to 1440",
    );
    check(
        "absolute_minutes = 600",
        "absolute_minutes = 20",
        "9:16: `idle_minutes` is 30; write a number from 1 to 20",
    );
    check(
        "fresh_minutes = 15",
        "fresh_minutes = 601",
        "11:17: `fresh_minutes` is 601; write a number from 1 to 600",
    );
    check(
        "password_max_age = \"P1Y\"",
        "password_max_age = \"1 year\"",
        "5:20: `1 year` is not a period; write `P14D`, `P6W`, `P18M` or `P5Y`, and a chain as a list in its order",
    );
}

#[test]
fn names_lead_somewhere() {
    check(
        "[\"clerk\"]",
        "[\"boss\"]",
        "4:16: there is no role `boss`; write one of `clerk`, `resident`, or add it as `[[role]]`",
    );
    check(
        "\"access\"",
        "\"door\"",
        "2:11: there is no activity `door`; write one of `access`, `billing`, `own-view`, or add it as `[[activity]]`",
    );
    check(
        "\"access\"",
        "\"billing\"",
        "2:11: activity `billing` keeps no accounts; write `dossiers = [\"account\"]` and the category with column \
         `account.sealed_name` in its `data`, or name another activity",
    );
    check(
        "[login.staff]",
        "[login.guest]",
        "8:8: unknown field `guest`, expected one of `purpose`, `failures`, `two_factors`, `password_max_age`, `review_every`, `staff`, `resident`",
    );
}

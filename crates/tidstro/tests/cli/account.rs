//! Accounts on the command line: made, locked, closed; tokens and reviews. A code or token is in its file and nowhere else.

use crate::common::{Place, recent_town};

const IVAN: [&str; 2] = ["--actor", "staff:ivan"];
const LISE: [&str; 2] = ["--actor", "staff:lise"];

fn with(arguments: &[&str], by: [&str; 2]) -> Vec<String> {
    [arguments, &by].concat().into_iter().map(str::to_owned).collect()
}

fn run(place: &Place, arguments: &[&str], by: [&str; 2]) -> crate::common::Ran {
    let words = with(arguments, by);
    place.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

fn place() -> Place {
    Place::with_master_data(&recent_town(1))
}

fn content(place: &Place, file: &str) -> String {
    std::fs::read_to_string(place.path(file)).unwrap()
}

#[test]
fn an_account_is_made_listed_locked_and_closed() {
    let place = place();
    run(&place, &["account", "list"], IVAN).exits(0).says(&["nobody has an account"]);
    let letter = place.path("mikkel.txt").display().to_string();
    let made = run(&place, &["account", "add", "staff:mikkel", "--letter", &letter], IVAN).exits(0);
    let code = content(&place, "mikkel.txt").lines().next().unwrap().to_owned();
    assert_eq!(code.len(), 21, "{code}");
    assert!(!made.out.contains(&code) && !made.err.contains(&code));

    let again = place.path("again.txt").display().to_string();
    let add = ["account", "add", "staff:mikkel", "--letter", &again];
    run(&place, &add, IVAN).exits(1).says(&["has an account"]);
    assert!(!place.path("again.txt").exists());
    let nobody = ["account", "add", "staff:nobody", "--letter", &again];
    run(&place, &nobody, IVAN).exits(1).says(&["is no member of the staff in the register"]);
    run(&place, &["account", "add", "staff:anna", "--letter", &letter], IVAN).exits(1).says(&["mikkel.txt"]);

    let listed = run(&place, &["account", "list", "--json"], IVAN).exits(0).json_lines();
    assert_eq!(
        (listed.len(), &listed[0]["actor"], &listed[0]["state"]),
        (1, &"staff:mikkel".into(), &"new".into())
    );
    run(&place, &["account", "lock", "staff:mikkel"], IVAN).exits(0).says(&["is locked and logged out"]);
    run(&place, &["account", "unlock", "staff:mikkel"], IVAN).exits(0).says(&["may log in again"]);
    run(&place, &["account", "unlock", "staff:mikkel"], IVAN).exits(0).says(&["was not locked"]);
    run(&place, &["account", "unlock", "staff:anna"], IVAN).exits(1).says(&["has no account"]);
    run(&place, &["account", "close", "staff:mikkel"], IVAN).exits(0).says(&["is closed"]);
    run(&place, &["account", "list"], IVAN).exits(0).says(&["nobody has an account"]);
}

#[test]
fn staff_get_back_in_by_two_others_and_residents_by_a_letter() {
    let place = place();
    let file = |name: &str| place.path(name).display().to_string();
    run(&place, &["account", "add", "staff:dpo", "--letter", &file("dpo.txt")], IVAN).exits(0);
    run(&place, &["account", "recover", "staff:dpo"], IVAN).exits(0).says(&["asked as number 1"]);
    let approve = ["account", "approve-recovery", "1", "--letter", &file("new.txt")];
    run(&place, &approve, IVAN).exits(1).says(&["neither the one who asked"]);
    run(&place, &approve, LISE).exits(0).says(&["hand it over in person"]);
    run(&place, &["account", "approve-recovery", "1", "--letter", &file("twice.txt")], LISE)
        .exits(1)
        .says(&["nobody has asked as number 1"]);
    let resident = place.resident(0);
    run(&place, &["account", "add", &resident, "--letter", &file("a.txt")], IVAN).exits(0);
    run(&place, &["account", "code", &resident, "--letter", &file("b.txt")], IVAN).exits(0);
    assert_ne!(content(&place, "a.txt").lines().next(), content(&place, "b.txt").lines().next());
    run(&place, &["account", "recover", &resident], IVAN).exits(1).says(&["`tidstro account code`"]);
}

#[test]
fn a_token_is_in_its_file_and_nowhere_else() {
    let place = place();
    let out = place.path("token.txt").display().to_string();
    let until = (crate::common::now().to_zoned(jiff::tz::TimeZone::UTC).date() + jiff::Span::new().days(30))
        .to_string();
    let issue = |purpose: &'static str, until: &str| {
        let until = until.to_owned();
        ["account", "token", "issue", "job:ingest", "--purpose", purpose, "--label", "head-end", "--until"]
            .into_iter()
            .map(str::to_owned)
            .chain([until, "--out".to_owned(), out.clone()])
            .collect::<Vec<_>>()
    };
    let refused = issue("billing", &until);
    run(&place, &refused.iter().map(String::as_str).collect::<Vec<_>>(), IVAN)
        .exits(1)
        .says(&["gives `job:ingest` no role in `billing`"]);
    let late = issue("reading", "2999-01-01");
    run(&place, &late.iter().map(String::as_str).collect::<Vec<_>>(), IVAN).exits(1).says(&["within a year"]);
    let right = issue("reading", &until);
    let issued = run(&place, &right.iter().map(String::as_str).collect::<Vec<_>>(), IVAN).exits(0);
    let token = content(&place, "token.txt");
    assert!(token.starts_with("tidstro_") && !issued.out.contains(token.trim()));
    let listed = run(&place, &["account", "token", "list", "--json"], IVAN).exits(0);
    assert!(!listed.out.contains(token.trim()));
    assert_eq!(listed.json_lines()[0]["purposes"][0], "reading");
    run(&place, &["account", "token", "withdraw", "1"], IVAN).exits(0).says(&["is worthless now"]);
    run(&place, &["account", "token", "withdraw", "1"], IVAN).exits(0).says(&["was not good"]);
}

#[test]
fn a_review_is_decided_line_by_line() {
    let place = place();
    run(&place, &["account", "review", "show"], IVAN).exits(1).says(&["there was no review yet"]);
    run(&place, &["account", "review", "begin"], IVAN).exits(0).says(&["review 1 has begun"]);
    let confirm = ["account", "review", "decide", "staff:anna", "billing-clerk", "confirm"];
    run(&place, &confirm, IVAN).exits(0).says(&["is confirmed"]);
    let own = ["account", "review", "decide", "staff:ivan", "access-administrator", "confirm"];
    run(&place, &own, IVAN).exits(1).says(&["it is your own"]);
    run(&place, &own, LISE).exits(0);
    let lines = run(&place, &["account", "review", "show", "--json"], IVAN).exits(0).json_lines();
    let decided: Vec<_> = lines.iter().filter(|line| !line["decision"].is_null()).collect();
    assert_eq!(decided.len(), 2);
}

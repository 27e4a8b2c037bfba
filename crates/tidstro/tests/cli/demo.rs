//! The first command a newcomer runs.

use crate::common::Place;

/// A fortnight around the clock change, so that the result does not depend on today.
const TOWN: [&str; 6] = ["demo", "--no-serve", "--days", "14", "--first-day", "2026-03-22"];

#[test]
fn a_town_in_one_command_and_nothing_twice() {
    let place = Place::new();
    let first = place.run(&TOWN).exits(0).says(&[
        "The town of seed 1, 2026-03-22..2026-04-05",
        "What came in",
        "telegrams kept, sealed as received",
        "kept as received, no reading (key-missing)",
        "refused (crc)",
        "refused (check-digit)",
        "refused (unknown-point)",
        "How complete it is",
        "Kornmarken 12 (building)",
        "543 (grid-area)",
        "Settlement of grid area 543",
        "total_consumption",
        "sums made again from the values: 0 differ",
        "changed supplier on 2026-03-29, which came after calculation 1",
        "heat by day",
        "Try next",
        "series show --actor resident:",
    ]);
    assert!(!first.out.contains("nothing is kept twice"), "{first}");

    let second = place.run(&TOWN[..4]).exits(0);
    let second = second.says(&["its master data were here already", "nothing is kept twice"]);
    assert!(second.out.contains("           0  telegrams kept, sealed as received"), "{second}");
    assert!(second.out.contains("           0  days of series new, 0 with a new version"), "{second}");
    let after = |text: &str, heading: &str| text.split(heading).nth(1).unwrap().to_owned();
    // Log-ins are made and shown once: their holders may have changed them since.
    let logins = "log-ins of this demo";
    assert!(first.out.contains(logins) && !second.out.contains(logins));
    let first_time = after(&first.out, "How complete it is");
    let (shown, rest) = first_time.split_once(logins).unwrap();
    let again = format!("{shown}{}", &rest[rest.find("Try next").unwrap()..]).replace("\n\nTry", "\nTry");
    assert_eq!(again, after(&second.out, "How complete it is").replace("\n\nTry", "\nTry"));

    the_correction_moves_energy(&first.out);
    another_town_is_refused(&place);
    place.run(&["log", "verify"]).exits(0).says(&["events, each with the hash"]);
}

/// Something, and not less than nothing.
fn the_correction_moves_energy(shown: &str) {
    let line = shown.lines().find(|line| line.contains("calculation 2, moves")).unwrap();
    let kwh = line.split("moves ").nth(1).unwrap().split(' ').next().unwrap();
    assert!(!kwh.starts_with('-') && kwh != "0.000", "{line}");
}

fn another_town_is_refused(place: &Place) {
    place.run(&["demo", "--days", "14", "--seed", "2"]).exits(2).says(&[
        "holds the town of seed 1",
        "asked was seed 2",
        "take another folder with `--data`",
    ]);
}

#[test]
fn invented_people_do_not_go_among_real_ones() {
    let place = Place::new();
    let file = place.write("telegrams.txt", "");
    place.run(&["ingest", &file]).exits(0);
    place.run(&TOWN).exits(2).says(&["holds data that are not a demo town's", "`--data`"]);
}

#[test]
fn what_the_demo_suggests_works() {
    let place = Place::new();
    // The newest days possible: a former resident's view closes a year after they moved out.
    let shown = place.run(&["demo", "--no-serve", "--days", "14"]).exits(0);
    let suggested: Vec<&str> =
        shown.out.lines().filter_map(|line| line.trim().strip_prefix("cargo run --release -- ")).collect();
    assert!(suggested.len() >= 6, "{shown}");
    for line in suggested {
        // The suggestion names the data folder; `head` is the shell's.
        let words: Vec<&str> = line.split(" | ").next().unwrap().split_whitespace().collect();
        let at = words.iter().position(|word| *word == "--data");
        let words = match at {
            Some(at) => [&words[..at], &words[at + 2..]].concat(),
            None => words,
        };
        let ran = place.run(&words);
        let expected = i32::from(words[0] == "decode" || words[..2] == ["register", "explain"]);
        assert_eq!(ran.code, expected, "{line}\n{ran}");
    }
}

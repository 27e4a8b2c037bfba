//! Events that another program reports.

use sha2_hex::prior_of;
use tidstro_govern::Register;
use tidstro_govern::log::{AsideReason, Imported, hex};
use tidstro_model::CategoryId;

use super::super::aside::{aside_key, aside_row};
use super::super::import;
use super::{Desk, NOON, actor, days};
use crate::case::Reporter;

const TOWN: &str = include_str!("../../../../../registers/town.toml");

/// SHA-256 as another program would compute it: not with this crate's own code.
mod sha2_hex {
    pub(super) fn prior_of(line: &str) -> String {
        super::hex(ring::digest::digest(&ring::digest::SHA256, line.as_bytes()).as_ref())
    }
}

/// A line that a case was opened by a request for access.
fn line(prior: &str, kind: &str, day: i64) -> String {
    let at = days(day);
    format!(
        r#"{{"at":"{at}","kind":"{kind}","what":"access.received","case":"a{}","prior":"{prior}"}}"#,
        day.unsigned_abs()
    )
}

/// Five lines of one chain: two good ones, an unknown kind, one of the future, one more good one.
fn lines() -> Vec<Vec<u8>> {
    let mut lines: Vec<String> = Vec::new();
    for (kind, day) in
        [("case-event", -5), ("case-event", -4), ("gossip", -3), ("case-event", 9), ("case-event", -2)]
    {
        let prior = lines.last().map_or_else(|| "0".repeat(64), |last| prior_of(last));
        lines.push(line(&prior, kind, day));
    }
    lines.into_iter().map(String::into_bytes).collect()
}

/// The demo town's register, in which another program may record requests for access.
fn register() -> Register {
    let crm = "\n[[actor]]\nid = \"job:crm\"\nroles = [\"data-protection-officer\"]\n\n\
               [[actor]]\nid = \"job:other\"\nroles = [\"data-protection-officer\"]\n";
    Register::parse(&format!("{TOWN}{crm}"), "town.toml").unwrap()
}

fn take_from(desk: &mut Desk, name: &str, lines: &[Vec<u8>]) -> Imported {
    let (register, choices) = (register(), CategoryId::parse("choices").unwrap());
    let reporter = Reporter { actor: actor(name), register: &register, choices: &choices, now: NOON };
    desk.write(|writing| import(writing, &reporter, lines, 1))
}

fn take(desk: &mut Desk, lines: &[Vec<u8>]) -> Imported {
    take_from(desk, "job:crm", lines)
}

#[test]
fn good_lines_are_appended_and_the_others_kept_aside() {
    let mut desk = Desk::new();
    let imported = take(&mut desk, &lines());
    let aside = vec![(3, AsideReason::UnknownKind), (4, AsideReason::FromTheFuture)];
    assert_eq!(imported, Imported { appended: 3, aside });
    let report = desk.verify().unwrap();
    assert_eq!(report.streams[0].events, 4, "three, and one that counts them");
    assert_eq!(desk.count("SELECT count(*) FROM case_event"), 3);
    assert!(desk.log_text().contains("imported job:crm"));
    assert!(desk.log_text().contains("3 appended, 2 kept aside"));
}

#[test]
fn what_is_kept_aside_is_sealed_and_opens_with_the_key() {
    let mut desk = Desk::new();
    take(&mut desk, &lines());
    let sql = "SELECT aside_no, line, reason, sealed FROM event_aside ORDER BY aside_no LIMIT 1";
    let (number, line, reason, sealed): (i64, i64, String, Vec<u8>) = desk
        .writing
        .db
        .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap();
    assert_eq!((line, reason.as_str()), (3, "unknown-kind"));
    assert!(!sealed.windows(6).any(|window| window == b"gossip"));
    assert_eq!(aside_key(&desk.writing.vault).open(&aside_row(number), &sealed).unwrap(), lines()[2]);
    assert!(aside_key(&desk.writing.vault).open(&aside_row(number + 1), &sealed).is_err());
}

#[test]
fn a_file_may_be_taken_in_parts_and_not_twice() {
    let mut desk = Desk::new();
    let lines = lines();
    assert_eq!(take(&mut desk, &lines[..1]).appended, 1);
    assert_eq!(take(&mut desk, &lines[1..]).appended, 2);
    let again = take(&mut desk, &lines);
    assert_eq!(again.appended, 0);
    assert!(again.aside.iter().all(|(_, reason)| *reason == AsideReason::BrokenPrior));
    let other = take_from(&mut desk, "job:other", &lines);
    assert_eq!(other.appended, 3, "another program's chain is its own");
}

#[test]
fn a_missing_line_is_noticed() {
    let mut desk = Desk::new();
    let mut lines = lines();
    lines.remove(1);
    let imported = take(&mut desk, &lines);
    assert_eq!(imported.appended, 1);
    assert_eq!(imported.aside.len(), 3);
    assert_eq!(imported.aside[0], (2, AsideReason::BrokenPrior));
}

#[test]
fn what_the_reporter_may_not_say_is_refused() {
    let mut desk = Desk::new();
    desk.person();
    let zeros = "0".repeat(64);
    // `job:ingest` is in the register, and its role is none that records requests for access.
    let case = line(&zeros, "case-event", -5);
    let lease = |prior: &str| {
        let at = days(-4);
        format!(
            r#"{{"at":"{at}","kind":"lease-event","what":"contract-end","subject":"person-1","purpose":"master-data","prior":"{prior}"}}"#
        )
    };
    let lease = lease(&prior_of(&case));
    let imported = take_from(&mut desk, "job:ingest", &[case.into_bytes(), lease.into_bytes()]);
    let refused = vec![(1, AsideReason::Refused), (2, AsideReason::Refused)];
    assert_eq!(imported, Imported { appended: 0, aside: refused });
    let text = desk.log_text();
    assert!(text.contains("refused job:ingest  role-not-in-obligation  record access.received"), "{text}");
    assert!(text.contains("refused job:ingest master-data no-live-lease"), "{text}");
    assert_eq!(desk.count("SELECT count(*) FROM case_event"), 0);
    assert_eq!(desk.count("SELECT count(*) FROM subject_event"), 0);
    desk.verify().unwrap();
}

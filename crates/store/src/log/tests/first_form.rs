//! A folder of schema 1: its events keep their numbers and hashes, and still verify.

use crate::db::{Connection, params};
use tempfile::TempDir;
use tidstro_govern::log::{EventView, Form, GENESIS, Hash, LogFault, link};
use tidstro_govern::{Event, EventKind};

use super::{Desk, USES, actor, days, granted};
use crate::sqlite::Files;

/// A folder as the program of schema 1 left it: a register, a use with a commitment, another register.
fn old_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let db = Connection::open(folder.path().join("tidstro.sqlite")).unwrap();
    db.execute_batch(include_str!("../../sqlite/0001_walk.sql")).unwrap();
    db.sqlite().pragma_update(None, "user_version", 1).unwrap();
    let mut prior = GENESIS;
    for (seq, event) in (1..).zip(old_events()) {
        prior = insert(&db, &event.view(seq), &prior);
    }
    folder
}

fn old_events() -> [Event; 3] {
    let register = |detail: &str| {
        Event::new(days(-9), EventKind::RegisterActivated, actor("job:open"), detail.to_owned())
    };
    [register("hash 1"), granted(days(-8), 3), register("hash 2")]
}

fn insert(db: &Connection, event: &EventView<'_>, prior: &Hash) -> Hash {
    let hash = link(Form::First, prior, event, &mut Vec::new()).hash;
    db.execute(
        "INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            i64::try_from(event.seq).unwrap(),
            event.at.as_millisecond(),
            event.kind,
            event.actor,
            event.purpose,
            event.rule,
            event.subjects.first(),
            event.detail,
            hash
        ],
    )
    .unwrap();
    hash
}

#[test]
fn old_events_are_the_first_segment_of_the_uses() {
    let mut desk = Desk::of(old_folder());
    let report = desk.verify().unwrap();
    let [facts, uses] = &report.streams[..] else { panic!("{report:?}") };
    assert_eq!((uses.segments_live, uses.events, uses.last_seq), (1, 3, 3));
    assert_eq!(facts.events, 2, "which registers decided is said again where it does not expire");
    assert_eq!(desk.append(vec![granted(days(0), 1)], days(0)), 4, "numbers go on");
    assert!(desk.verify().is_ok());
    let restated = "SELECT group_concat(detail || ' ' || at_ms) FROM event WHERE stream_no = 1";
    let restated: String = desk.writing.db.query_row(restated, [], |row| row.get(0)).unwrap();
    let at = days(-9).as_millisecond();
    assert_eq!(restated, format!("hash 1 {at},hash 2 {at}"));
}

#[test]
fn opening_again_changes_nothing() {
    let desk = Desk::of(old_folder());
    let before = desk.verify().unwrap();
    let Desk { folder, master, writing } = desk;
    drop(writing);
    let mut again = super::open(&folder, &master);
    again.transact(|writing| super::close_first_form(writing, days(1))).unwrap();
    assert_eq!(super::verify(&again.db, &again.vault).unwrap(), before);
}

/// What was changed before the step is still found after it.
#[test]
fn an_old_chain_that_was_broken_stays_broken() {
    let folder = old_folder();
    let db = Connection::open(folder.path().join("tidstro.sqlite")).unwrap();
    db.execute("UPDATE event SET detail = 'another' WHERE event_seq = 2", []).unwrap();
    drop(db);
    Desk::of(folder).finds(&LogFault::Broken { stream: USES, seq: 2 });
}

#[test]
fn old_events_expire_with_the_uses() {
    let mut desk = Desk::of(old_folder());
    assert_eq!(desk.expire(days(0), days(1)), Some(3));
    let report = desk.verify().unwrap();
    assert_eq!((report.streams[1].segments_expired, report.streams[0].events), (1, 3));
}

#[test]
fn a_folder_of_schema_1_without_events_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let db = Connection::open(folder.path().join("tidstro.sqlite")).unwrap();
    db.execute_batch(include_str!("../../sqlite/0001_walk.sql")).unwrap();
    db.sqlite().pragma_update(None, "user_version", 1).unwrap();
    drop(db);
    Files::below(folder.path()).open_data().unwrap();
    let mut desk = Desk::of(folder);
    assert_eq!(desk.append(vec![granted(days(0), 1)], days(0)), 1);
    assert!(desk.verify().is_ok());
}

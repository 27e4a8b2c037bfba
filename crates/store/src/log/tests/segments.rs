//! Segments in tables: how they close, what expires, and what is found (governance § 6.6, property 9).

use jiff::SignedDuration;
use tidstro_govern::log::{LogFault, SEGMENT_EVENTS};

use super::{Desk, FACTS, NOON, USES, append_many, days, fact, granted};
use crate::StoreFault;

#[test]
fn each_stream_counts_for_itself() {
    let desk = Desk::with_three_days();
    let report = desk.verify().unwrap();
    let [facts, uses] = &report.streams[..] else { panic!("{report:?}") };
    assert_eq!((facts.stream, facts.segments_live, facts.events, facts.events_open), (FACTS, 2, 3, 1));
    assert_eq!((uses.stream, uses.segments_live, uses.events, uses.events_open), (USES, 2, 12, 4));
    assert_eq!(uses.last_checkpoint, Some(days(2)), "closed when the first event of the next day came");
}

#[test]
fn a_segment_closes_when_it_is_full() {
    let mut desk = Desk::new();
    let events = (0..SEGMENT_EVENTS + 3).map(|number| granted(NOON, number)).collect();
    let last = desk.append(events, NOON);
    let report = desk.verify().unwrap();
    assert_eq!(last.unsigned_abs(), SEGMENT_EVENTS + 3);
    assert_eq!((report.streams[1].segments_live, report.streams[1].events_open), (1, 3));
}

/// The local day, not the day of UTC: 23:30 in Greenwich is the next day in Copenhagen.
#[test]
fn the_day_is_the_local_one() {
    let mut desk = Desk::new();
    let late = NOON + SignedDuration::from_mins(12 * 60 + 30);
    desk.append(vec![granted(NOON, 1)], NOON);
    desk.append(vec![granted(late, 2)], late);
    assert_eq!(desk.verify().unwrap().streams[1].segments_live, 1);
}

#[test]
fn what_is_rolled_back_was_never_there() {
    let mut desk = Desk::with_three_days();
    let fault = desk.writing.transact(|writing| {
        append_many(writing, [granted(days(3), 1), fact(days(3))], days(3))?;
        Err::<(), _>(StoreFault::Stopped)
    });
    assert!(matches!(fault, Err(StoreFault::Stopped)));
    desk.append(vec![granted(days(2), 9)], days(2));
    assert_eq!(desk.verify().unwrap().events(), 16);
}

#[test]
fn two_processes_write_one_log() {
    let mut desk = Desk::new();
    let mut second = desk.second();
    for number in 0..6 {
        desk.append(vec![granted(NOON, number)], NOON);
        second.transact(|writing| append_many(writing, [granted(NOON, number), fact(NOON)], NOON)).unwrap();
    }
    assert_eq!(desk.verify().unwrap().events(), 18);
}

#[test]
fn a_changed_event_is_found_in_every_column() {
    for change in [
        "at_ms = at_ms + 1",
        "kind = 'refused'",
        "actor = 'staff:karen'",
        "purpose = NULL",
        "rule = ''",
        "subjects = zeroblob(32)",
        "subjects = x''",
        "case_id = 'case-1'",
        "detail = detail || ' '",
        "hash = zeroblob(32)",
    ] {
        for seq in [2, 6, 12] {
            let desk = Desk::with_three_days();
            desk.tamper(&format!("UPDATE event SET {change} WHERE stream_no = 2 AND event_seq = {seq}"));
            desk.finds(&LogFault::Broken { stream: USES, seq });
        }
    }
}

#[test]
fn removed_events_are_found_wherever_they_were() {
    let remove = |which: &str| {
        let desk = Desk::with_three_days();
        desk.tamper(&format!("DELETE FROM event WHERE stream_no = 2 AND {which}"));
        desk
    };
    remove("event_seq = 6").finds(&LogFault::OutOfSequence { stream: USES, seq: 7, expected: 6 });
    remove("event_seq = 8").finds(&LogFault::EventsMissing {
        stream: USES,
        segment: 2,
        expected: 4,
        found: 3,
    });
    let gone = LogFault::EventsMissing { stream: USES, segment: 1, expected: 4, found: 0 };
    remove("event_seq <= 4").finds(&gone);
    remove("event_seq = 12").finds(&LogFault::End { stream: USES, seq: 11 });
    remove("event_seq > 8").finds(&LogFault::End { stream: USES, seq: 8 });
    let desk = remove("event_seq <= 4");
    desk.tamper("UPDATE event SET event_seq = event_seq - 4 WHERE stream_no = 2");
    assert!(desk.verify().is_err());
}

#[test]
fn a_live_segment_is_not_made_an_expired_one() {
    let desk = Desk::with_three_days();
    desk.tamper("DELETE FROM event WHERE stream_no = 2 AND event_seq <= 4");
    desk.tamper("UPDATE segment SET is_expired = 1 WHERE stream_no = 2 AND segment_no = 1");
    desk.finds(&LogFault::NotExpired { stream: USES, segment: 1 });
}

#[test]
fn changed_and_removed_segments_are_found() {
    let unsigned = LogFault::Unsigned { stream: USES, segment: 2 };
    let unchained = LogFault::Unchained { stream: USES, segment: 2 };
    for (change, fault) in [
        ("root = zeroblob(32)", &unsigned),
        ("closed_ms = closed_ms + 1", &unsigned),
        ("signature = zeroblob(64)", &unsigned),
        ("event_count = 5", &unsigned),
        ("prior = zeroblob(32)", &unchained),
        ("first_seq = 4", &unchained),
        ("form = 1", &unchained),
    ] {
        let desk = Desk::with_three_days();
        desk.tamper(&format!("UPDATE segment SET {change} WHERE stream_no = 2 AND segment_no = 2"));
        desk.finds(fault);
    }
    let desk = Desk::with_three_days();
    desk.tamper("DELETE FROM segment WHERE stream_no = 2 AND segment_no = 1");
    desk.finds(&LogFault::SegmentOutOfSequence { stream: USES, found: 2, expected: 1 });
}

#[test]
fn old_uses_expire_and_facts_stay() {
    let mut desk = Desk::with_three_days();
    assert_eq!(desk.expire(days(0), days(3)), None, "the first day's uses are at that instant, not before");
    assert_eq!(desk.expire(days(2), days(3)), Some(4));
    assert_eq!(desk.expire(days(2), days(3)), Some(4));
    assert_eq!(desk.expire(days(2), days(3)), None);
    let report = desk.verify().unwrap();
    let [facts, uses] = &report.streams[..] else { panic!("{report:?}") };
    assert_eq!((uses.segments_live, uses.segments_expired, uses.events), (1, 2, 4));
    assert_eq!(facts.events, 5, "three facts, and two that say what has expired");
    assert_eq!(desk.count("SELECT count(*) FROM event_subject"), 4, "the index forgets them too");
    assert_eq!(desk.count("SELECT count(*) FROM segment WHERE stream_no = 2"), 3, "roots stay");
    // The log goes on after it.
    desk.append(vec![granted(days(4), 1)], days(4));
    assert_eq!(desk.verify().unwrap().streams[1].last_seq, 13);
}

/// A quiet store must not keep its last uses because nothing came after them.
#[test]
fn the_last_uses_expire_without_newer_ones() {
    let mut desk = Desk::new();
    desk.append(vec![granted(days(0), 1)], days(0));
    assert_eq!(desk.expire(days(0) + SignedDuration::from_hours(1), days(0)), None, "the day is not over");
    assert_eq!(desk.expire(days(300), days(300)), Some(1));
    assert_eq!(desk.count("SELECT count(*) FROM event WHERE stream_no = 2"), 0);
    assert!(desk.verify().is_ok());
}

#[test]
fn an_expired_segment_is_not_brought_back() {
    let mut desk = Desk::with_three_days();
    desk.expire(days(1), days(3)).unwrap();
    desk.tamper("UPDATE segment SET is_expired = 0 WHERE stream_no = 2 AND segment_no = 1");
    desk.finds(&LogFault::EventsMissing { stream: USES, segment: 1, expected: 4, found: 0 });
}

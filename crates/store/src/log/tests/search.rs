//! Looking for events: what is found is what fits, whatever way it is paged.

use tidstro_govern::log::Stream;
use tidstro_govern::{Event, EventKind};
use tidstro_model::ActivityId;

use super::super::search::{LogQuery, concerning, search_among};
use super::{Desk, actor, days, granted};

/// Thirty local days of uses, seven a day, so that there are segments, and facts beside them.
fn thirty_days() -> Desk {
    let mut desk = Desk::new();
    for day in 0..30 {
        let mut events: Vec<Event> = (0..7).map(|number| granted(days(day), number)).collect();
        events[3] = Event::new(days(day), EventKind::Refused, actor("staff:karen"), String::new());
        events.push(Event::new(days(day), EventKind::RegisterApproved, actor("staff:dpo"), String::new()));
        desk.append(events, days(day));
    }
    desk
}

fn everything() -> LogQuery {
    LogQuery {
        stream: Stream::Uses,
        actor: None,
        purpose: None,
        kind: None,
        start: days(-100),
        end: days(100),
        before: None,
        limit: 10,
    }
}

/// The days and numbers of what is found, page by page, with so many events looked at for each.
fn found(desk: &Desk, query: &LogQuery, seen: u64) -> Vec<u64> {
    let mut query = query.clone();
    let mut all = Vec::new();
    loop {
        let page = search_among(&desk.writing.db, &query, seen).unwrap();
        assert!(page.entries.len() <= 10);
        all.extend(page.entries.iter().map(|entry| entry.seq));
        match page.next {
            Some(next) => {
                assert!(query.before.is_none_or(|before| next < before), "the search comes to an end");
                query.before = Some(next);
            }
            None => return all,
        }
    }
}

#[track_caller]
fn check(desk: &Desk, query: &LogQuery, expected: usize) {
    let whole = found(desk, query, 1_000);
    assert_eq!(whole.len(), expected, "{query:?}");
    assert!(whole.is_sorted_by(|one, other| one > other), "the newest first, each once");
    for seen in [1, 7, 33] {
        assert_eq!(found(desk, query, seen), whole, "{seen} at once");
    }
}

#[test]
fn what_fits_is_found_and_nothing_else() {
    let desk = thirty_days();
    check(&desk, &everything(), 210);
    check(&desk, &LogQuery { kind: Some(EventKind::Refused), ..everything() }, 30);
    check(&desk, &LogQuery { actor: Some(actor("staff:anna")), ..everything() }, 180);
    check(&desk, &LogQuery { actor: Some(actor("staff:nobody")), ..everything() }, 0);
    let purpose = |name: &str| Some(ActivityId::parse(name).unwrap());
    check(&desk, &LogQuery { purpose: purpose("billing"), ..everything() }, 180);
    check(&desk, &LogQuery { purpose: purpose("settlement"), ..everything() }, 0);
    check(&desk, &LogQuery { start: days(3), end: days(5), ..everything() }, 14);
    check(&desk, &LogQuery { start: days(29), ..everything() }, 7);
    check(&desk, &LogQuery { end: days(1), ..everything() }, 7);
    check(&desk, &LogQuery { start: days(5), end: days(3), ..everything() }, 0);
    check(&desk, &LogQuery { stream: Stream::Facts, ..everything() }, 30);
    check(&desk, &LogQuery { stream: Stream::Facts, start: days(10), end: days(11), ..everything() }, 1);
}

#[test]
fn who_looked_is_told_without_what_one_did_oneself() {
    let desk = thirty_days();
    let commitment = [4; 32];
    let by = |own: &str| {
        let (mut before, mut all) = (None, Vec::new());
        loop {
            let page = concerning(&desk.writing.db, (&commitment, &actor(own)), (before, 8)).unwrap();
            all.extend(page.entries.iter().map(|entry| entry.seq));
            before = page.next;
            if before.is_none() {
                return all;
            }
        }
    };
    assert_eq!(by("resident:x").len(), 30, "one use of this subject a day");
    assert_eq!(by("staff:anna"), Vec::<u64>::new());
}

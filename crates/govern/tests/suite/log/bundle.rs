//! Bundles: every change is found, expiry is none (governance § 6.6, property 9).

use proptest::prelude::*;
use tidstro_govern::log::{
    BundleCheck, BundleFault, BundleReport, LogFault, LogKey, event_line, header_line, verify_bundle,
};

use super::book::{Book, FACTS, Shelf, USES, expired, fact, granted};

fn check(lines: &[String]) -> Result<BundleReport, BundleFault> {
    verify_bundle(lines, None)
}

/// The bundle as the bytes of a file, checked as a file is: cut at line feeds.
fn check_bytes(bytes: &[u8]) -> Result<BundleReport, BundleFault> {
    let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|byte| *byte == b'\n');
    verify_bundle(lines, None)
}

fn whole() -> Vec<u8> {
    Book::small().lines().iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect()
}

#[track_caller]
fn finds(book: &Book, fault: &LogFault) {
    match check(&book.lines()) {
        Err(BundleFault::Log { fault: found, .. }) => assert_eq!(&found, fault),
        other => panic!("expected {fault:?}, found {other:?}"),
    }
}

#[test]
fn a_whole_bundle_holds() {
    let book = Book::small();
    let report = verify_bundle(book.lines(), Some(book.fingerprint())).unwrap();
    assert_eq!(report.log.key, book.fingerprint());
    let [facts, uses] = &report.log.streams[..] else { panic!("{report:?}") };
    assert_eq!((facts.stream, facts.segments_live, facts.segments_expired, facts.events), (FACTS, 2, 0, 3));
    assert_eq!((uses.stream, uses.segments_live, uses.segments_expired, uses.events), (USES, 2, 1, 5));
    assert_eq!((uses.last_seq, uses.events_open), (9, 0));
    assert_eq!(uses.head, book.shelves[1].kept[2].segment.head(USES));
    assert_eq!(uses.last_checkpoint, Some(book.shelves[1].kept[2].segment.closed_at));
}

#[test]
fn an_empty_log_and_an_empty_stream_hold() {
    assert_eq!(check(&Book::of(vec![]).lines()).unwrap().log.streams, []);
    let book = Book::of(vec![Shelf::new(FACTS), Shelf::new(USES).segment(vec![granted(1)])]);
    let report = check(&book.lines()).unwrap();
    assert_eq!((report.log.streams[0].last_checkpoint, report.log.streams[1].events), (None, 1));
    assert_eq!(check(&[]), Err(BundleFault::Empty));
}

/// One bit of every byte, a different one from byte to byte, and all of them over eight neighbours.
#[test]
fn a_flipped_bit_in_any_byte_is_found() {
    let whole = whole();
    assert!(check_bytes(&whole).is_ok());
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        assert!(check_bytes(&flipped).is_err(), "byte {at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_changed_byte_is_found(at in any::<prop::sample::Index>(), change in 1_u8..) {
        let mut changed = whole();
        let at = at.index(changed.len());
        changed[at] ^= change;
        prop_assert!(check_bytes(&changed).is_err());
    }

    /// No bytes make it panic.
    #[test]
    fn anything_gets_an_answer(lines in prop::collection::vec("[ -~]{0,60}", 0..4), cut in 0_usize..2000) {
        let mut check = BundleCheck::new(None);
        let header = Book::small().header();
        let _ = check.line(header.as_bytes());
        for line in &lines {
            let _ = check.line(line.as_bytes());
        }
        let _ = check.finish();
        let whole = whole();
        let _ = check_bytes(&whole[..cut.min(whole.len())]);
    }
}

#[test]
fn a_removed_doubled_or_moved_line_is_found() {
    let whole = Book::small().lines();
    for at in 0..whole.len() {
        let mut removed = whole.clone();
        removed.remove(at);
        assert!(check(&removed).is_err(), "without line {}", at + 1);
        let mut doubled = whole.clone();
        doubled.insert(at, whole[at].clone());
        assert!(check(&doubled).is_err(), "line {} twice", at + 1);
        for to in 0..at {
            let mut moved = whole.clone();
            moved.swap(at, to);
            assert!(check(&moved).is_err(), "lines {} and {} swapped", to + 1, at + 1);
        }
    }
}

#[test]
fn a_cut_bundle_is_found_at_every_line() {
    let whole = Book::small().lines();
    for length in 0..whole.len() {
        assert!(check(&whole[..length]).is_err(), "{length} lines");
    }
    // Without any of the uses the lines end with a whole segment, and the first line still tells.
    let facts_end = whole.iter().position(|line| line.contains("\"uses/1\",\"form\"")).unwrap();
    assert_eq!(
        check(&whole[..facts_end]),
        Err(BundleFault::Log {
            line: facts_end as u64,
            fault: LogFault::NotDeleted { stream: USES, segment: 1 },
        })
    );
    let last = whole.iter().rposition(|line| line.starts_with("{\"segment\"")).unwrap();
    assert_eq!(check(&whole[..last]), Err(BundleFault::Cut { stream: USES }));
}

#[test]
fn a_live_segment_without_its_events_is_no_expired_one() {
    let mut book = Book::small();
    book.shelves[1].kept[1].events.clear();
    finds(&book, &LogFault::EventsMissing { stream: USES, segment: 2, expected: 2, found: 0 });
    book.shelves[1].expire(1);
    finds(&book, &LogFault::NotExpired { stream: USES, segment: 2 });
}

/// The statement of an expiry counts only where nobody without the key can put it.
#[test]
fn an_expiry_is_stated_in_the_facts_or_not_at_all() {
    let uses = || {
        let mut uses = Shelf::new(USES).segment(vec![granted(1)]).segment(vec![granted(2), expired(1)]);
        uses.expire(0);
        uses
    };
    let facts = Shelf::new(FACTS).segment(vec![fact(1)]);
    finds(&Book::of(vec![facts, uses()]), &LogFault::Misplaced { stream: USES, seq: 3 });

    let mut forged = Book::small();
    forged.shelves[0].kept[0].events[0].0 = expired(2);
    forged.shelves[1].expire(1);
    finds(&forged, &LogFault::Broken { stream: FACTS, seq: 1 });
}

#[test]
fn a_segment_said_to_have_expired_may_not_be_there() {
    let facts = Shelf::new(FACTS).segment(vec![expired(1)]);
    let uses = Shelf::new(USES).segment(vec![granted(1)]);
    finds(&Book::of(vec![facts, uses]), &LogFault::NotDeleted { stream: USES, segment: 1 });
}

#[test]
fn a_removed_segment_is_found_live_or_expired() {
    for (removed, found, expected) in [(0, 2, 1), (1, 3, 2)] {
        let mut book = Book::small();
        book.shelves[1].kept.remove(removed);
        finds(&book, &LogFault::SegmentOutOfSequence { stream: USES, found, expected });
    }
}

/// Whoever has no key can recompute hashes, but not signatures.
#[test]
fn a_log_made_anew_has_another_key() {
    let book = Book::small();
    let forged = Book { key: LogKey::from_seed(&[4; 32]), ..Book::small() };
    assert!(check(&forged.lines()).is_ok(), "nothing tells it apart but the key");
    let fault = verify_bundle(forged.lines(), Some(book.fingerprint())).unwrap_err();
    assert_eq!(fault, BundleFault::OtherKey { found: forged.fingerprint(), expected: book.fingerprint() });

    // The true first line before forged segments.
    let mut mixed = forged.lines();
    mixed[0] = book.header();
    let fault = LogFault::Unsigned { stream: FACTS, segment: 1 };
    assert_eq!(check(&mixed), Err(BundleFault::Log { line: 2, fault }));
}

#[test]
fn a_line_is_written_one_way_only() {
    let lines = Book::small().lines();
    let event = lines.iter().position(|line| line.starts_with("{\"event\"")).unwrap();
    for (from, to) in
        [(":", ": "), ("T", "t"), ("\"kind\"", "\"\\u006bind\""), (".25Z", ".250Z"), ("}", ",\"x\":1}")]
    {
        let mut other = lines.clone();
        other[event] = other[event].replacen(from, to, 1);
        assert_ne!(other[event], lines[event], "{from}");
        assert_eq!(check(&other), Err(BundleFault::Altered { line: event as u64 + 1 }), "{from}");
    }
}

#[test]
fn a_first_line_must_be_of_this_version_and_signed() {
    let book = Book::small();
    let [newer, unsigned] = [("{\"bundle\":1", "{\"bundle\":2"), ("segments 3", "segments 2")]
        .map(|(from, to)| check(&[book.header().replacen(from, to, 1)]).unwrap_err());
    assert_eq!(newer, BundleFault::Version { found: 2 });
    assert_eq!(unsigned, BundleFault::Unsigned);
    let other = header_line("tidstro bundle 1\n", &book.key.sign("tidstro bundle 1\n"));
    assert_eq!(check(&[other]), Err(BundleFault::Altered { line: 1 }));
}

/// An older program checks a newer log: kinds it does not know are hashed like any other.
#[test]
fn an_unknown_kind_is_let_pass() {
    let event = fact(1);
    let view = event.view(1);
    let newer = tidstro_govern::log::EventView { kind: "invented-later", ..view };
    let line = event_line(&newer, &[0; 32]);
    let mut lines = Book::small().lines();
    lines[2] = line;
    let fault = LogFault::Broken { stream: FACTS, seq: 1 };
    assert_eq!(check(&lines), Err(BundleFault::Log { line: 3, fault }), "found by its hash, not by its kind");
}

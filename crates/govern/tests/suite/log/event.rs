//! The encoding of events and the chain of their hashes: pinned, and broken by every change.

use jiff::Timestamp;
use proptest::prelude::*;
use tidstro_govern::log::{EventView, Form, GENESIS, Hash, Stream, StreamId, hex, link};
use tidstro_govern::{Event, EventKind};
use tidstro_model::{ActivityId, ActorId, CaseId};

fn event() -> Event {
    Event {
        at: Timestamp::new(1_774_000_000, 5).unwrap(),
        kind: EventKind::Granted,
        actor: ActorId::parse("staff:anna").unwrap(),
        purpose: Some(ActivityId::parse("billing").unwrap()),
        rule: None,
        subjects: vec![[1; 32], [2; 32]],
        case: Some(CaseId::parse("case-7").unwrap()),
        detail: "blåbær".to_owned(),
    }
}

fn hash(form: Form, prior: &Hash, event: &EventView<'_>) -> Hash {
    link(form, prior, event, &mut Vec::new()).hash
}

// The expected hashes were computed apart from this code, from the documented encodings.
#[test]
fn the_second_form_is_pinned() {
    let link = link(Form::Second, &[0xab; 32], &event().view(7), &mut vec![9; 3]);
    assert_eq!(hex(&link.leaf), "bc5821bc265de476a50fb99edbc8fd92f2d89c479824114e2311f7714646fd94");
    assert_eq!(hex(&link.hash), "baac49aec1d188d620d693d18cbf36bc5db03ef72772633854cc98b528b81bff");
}

#[test]
fn the_first_form_is_pinned() {
    let (event, subjects) = (event(), [[0; 32]]);
    let full = EventView {
        kind: "register-activated",
        rule: Some("resolution-too-fine"),
        subjects: &subjects,
        case: None,
        ..event.view(1)
    };
    let expected = "6c624bb9a61e71f15429edbecb8a4190e92e16c692b6770c24353218b89ab45a";
    assert_eq!(hex(&hash(Form::First, &GENESIS, &full)), expected);
    let bare = EventView { seq: u64::MAX, purpose: None, rule: None, subjects: &[], detail: "", ..full };
    let expected = "77a21bbb0dbb522cb091cd4b1d260f37ceace3a5130b5878d65fdd9e01c9ee26";
    assert_eq!(hex(&hash(Form::First, &[0xab; 32], &bare)), expected);
}

#[test]
fn texts_do_not_run_into_each_other() {
    let with = |actor, rule, case, detail| {
        let event = event();
        let view = EventView { actor, rule, case, detail, purpose: None, subjects: &[], ..event.view(1) };
        hash(Form::Second, &GENESIS, &view)
    };
    let hashes = [
        with("ab", None, None, "c"),
        with("a", None, None, "bc"),
        with("a", Some("bc"), None, ""),
        with("a", Some(""), None, "bc"),
        with("a", None, Some("bc"), ""),
        with("a", None, Some(""), "bc"),
    ];
    for (index, hash) in hashes.iter().enumerate() {
        assert!(!hashes[..index].contains(hash), "{index}");
    }
}

#[test]
fn streams_read_back_exactly() {
    let uses = StreamId { stream: Stream::Uses, writer: 12 };
    assert_eq!(uses.to_string(), "uses/12");
    assert_eq!(StreamId::parse("uses/12"), Some(uses));
    for text in ["uses", "uses/", "uses/012", "uses/+1", "uses/70000", "Uses/1", "facts/1/1", " facts/1"] {
        assert_eq!(StreamId::parse(text), None, "{text}");
    }
}

/// What only this program can know, nobody else may report; and what others may report does not expire.
#[test]
fn kinds_know_their_stream() {
    for kind in EventKind::ALL {
        if kind.comes_from_outside() {
            assert_eq!(kind.stream(), Stream::Facts, "{kind}");
        }
    }
    let outside: Vec<_> = EventKind::ALL.iter().filter(|kind| kind.comes_from_outside()).collect();
    assert_eq!(outside, [&EventKind::LeaseEvent, &EventKind::CaseEvent]);
    let uses = [
        "granted",
        "refused",
        "explained",
        "registered",
        "exported",
        "login-failed",
        "locked-out",
        "unlocked",
        "logged-in",
        "logged-out",
        "account-changed",
        "access-reviewed",
        "log-read",
    ];
    for kind in EventKind::ALL {
        assert_eq!(kind.stream() == Stream::Uses, uses.contains(&kind.word()), "{kind}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_field_is_in_the_hash(
        field in 0_u8..9, detail in "[a-z]{0,9}", number in 1_u64..1_000, byte in 1_u8..,
    ) {
        let event = event();
        let view = event.view(7);
        let subjects = [[1; 32], [byte.wrapping_add(2); 32]];
        let mut changed = view;
        match field {
            0 => changed.seq += number,
            1 => changed.at = view.at + jiff::SignedDuration::from_nanos(i64::from(byte)),
            2 => changed.kind = "refused",
            3 => changed.actor = &detail,
            4 => changed.purpose = (byte % 2 == 0).then_some(&detail),
            5 => changed.rule = Some(&detail),
            6 => changed.subjects = if byte % 2 == 0 { &subjects } else { &subjects[..1] },
            7 => changed.case = (byte % 2 == 0).then_some(&detail),
            _ => changed.detail = &detail,
        }
        prop_assert_ne!(
            hash(Form::Second, &GENESIS, &view), hash(Form::Second, &GENESIS, &changed), "{:?}", changed
        );
    }
}

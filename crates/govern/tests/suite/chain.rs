//! The event chain: pinned, and broken by every change.

use jiff::Timestamp;
use proptest::prelude::*;
use tidstro_govern::{ChainFault, Event, EventKind, GENESIS, chain, verify_chain};
use tidstro_model::{ActivityId, ActorId};

fn event(number: u8) -> Event {
    Event {
        at: Timestamp::new(1_774_000_000 + i64::from(number), 5).unwrap(),
        kind: EventKind::ALL[usize::from(number) % EventKind::ALL.len()],
        actor: ActorId::parse("staff:anna").unwrap(),
        purpose: number.is_multiple_of(2).then(|| ActivityId::parse("billing").unwrap()),
        rule: number.is_multiple_of(3).then(|| "resolution-too-fine".to_owned()),
        subject_commitment: number.is_multiple_of(4).then_some([number; 32]),
        detail: format!("row {number}"),
    }
}

fn chained(count: u8) -> Vec<(u64, Event, [u8; 32])> {
    let mut prior = GENESIS;
    (0..count)
        .map(|number| {
            let seq = u64::from(number) + 1;
            prior = chain(&prior, &event(number), seq);
            (seq, event(number), prior)
        })
        .collect()
}

fn hex(hash: [u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_encoding_is_pinned() {
    let mut full = event(0);
    full.detail = "blåbær".to_owned();
    // Computed apart from this code, from the documented encoding.
    assert_eq!(
        hex(chain(&GENESIS, &full, 1)),
        "6c624bb9a61e71f15429edbecb8a4190e92e16c692b6770c24353218b89ab45a"
    );
    let bare =
        Event { purpose: None, rule: None, subject_commitment: None, detail: String::new(), ..event(0) };
    assert_eq!(
        hex(chain(&[0xab; 32], &bare, u64::MAX)),
        "77a21bbb0dbb522cb091cd4b1d260f37ceace3a5130b5878d65fdd9e01c9ee26"
    );
}

#[test]
fn a_whole_chain_verifies() {
    assert_eq!(verify_chain(std::iter::empty()), Ok(0));
    assert_eq!(verify_chain(chained(20).into_iter()), Ok(20));
}

#[test]
fn removed_moved_and_added_events_are_found() {
    let whole = chained(6);
    let check = |events: Vec<_>| verify_chain(events.into_iter()).unwrap_err();
    let mut removed = whole.clone();
    removed.remove(2);
    assert_eq!(check(removed), ChainFault::OutOfSequence { seq: 4, expected: 3 });
    assert_eq!(check(whole[1..].to_vec()), ChainFault::Broken { seq: 2 });
    let mut swapped = whole.clone();
    swapped.swap(2, 3);
    assert_eq!(check(swapped).seq(), 4);
    let mut doubled = whole.clone();
    doubled.insert(3, whole[2].clone());
    assert_eq!(check(doubled), ChainFault::OutOfSequence { seq: 3, expected: 4 });
}

#[test]
fn texts_do_not_run_into_each_other() {
    let with = |actor: &str, rule: Option<&str>, detail: &str| Event {
        actor: ActorId::parse(actor).unwrap(),
        purpose: None,
        rule: rule.map(str::to_owned),
        subject_commitment: None,
        detail: detail.to_owned(),
        ..event(0)
    };
    let hashes =
        [with("ab", None, "c"), with("a", None, "bc"), with("a", Some("bc"), ""), with("a", Some(""), "bc")]
            .map(|event| chain(&GENESIS, &event, 1));
    for (index, hash) in hashes.iter().enumerate() {
        assert!(!hashes[..index].contains(hash));
    }
}

/// The text with the lowest bit of one byte changed; the same text where there is none to change.
fn flipped(text: &str, place: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let at = place % bytes.len().max(1);
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1;
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// Changes one byte (or one number) of one field, where that leaves a value of its type.
fn flip(event: &mut Event, seq: &mut u64, field: u8, place: usize, bit: u32) {
    match field {
        0 => event.at = Timestamp::from_nanosecond(event.at.as_nanosecond() ^ (1 << (bit % 60))).unwrap(),
        1 => *seq ^= 1 << bit,
        2 => {
            let actor = ActorId::parse(&flipped(event.actor.as_str(), place));
            event.actor = actor.unwrap_or_else(|_| event.actor.clone());
        }
        3 => {
            let purpose = event.purpose.as_ref().map(|purpose| flipped(purpose.as_str(), place));
            event.purpose = purpose.and_then(|text| ActivityId::parse(&text).ok());
        }
        4 => event.rule = event.rule.as_ref().map(|rule| flipped(rule, place)),
        5 => {
            if let Some(commitment) = event.subject_commitment.as_mut() {
                commitment[place % 32] ^= 1 << (bit % 8);
            }
        }
        6 => event.detail = flipped(&event.detail, place),
        _ => event.kind = EventKind::ALL[place % EventKind::ALL.len()],
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_flipped_byte_breaks_the_chain(
        index in 0_usize..12, field in 0_u8..8, place in 0_usize..200, bit in 0_u32..64,
    ) {
        let mut events = chained(12);
        let before = events[index].clone();
        let (seq, event, _) = &mut events[index];
        flip(event, seq, field, place, bit);
        let changed = events[index] != before;
        prop_assert_eq!(verify_chain(events.into_iter()).is_err(), changed);
    }

    #[test]
    fn one_flipped_bit_of_a_hash_breaks_the_chain(index in 0_usize..12, byte in 0_usize..32, bit in 0_u32..8) {
        let mut events = chained(12);
        events[index].2[byte] ^= 1 << bit;
        let seq = events[index].0;
        prop_assert_eq!(verify_chain(events.into_iter()), Err(ChainFault::Broken { seq }));
    }
}

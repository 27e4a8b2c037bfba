//! Segments, checkpoints and keys.

use jiff::{Timestamp, civil::date};
use tidstro_govern::log::{
    Checkpoint, ExpiredSegment, Fingerprint, Form, LogKey, OpenSegment, Origin, SEGMENT_EVENTS, Segment,
    Stream, StreamId, hex, unhex,
};

use super::book::{DAY, FACTS, USES, at, granted};

fn segment() -> Segment {
    Segment {
        number: 3,
        form: Form::Second,
        first_seq: 8193,
        count: 4096,
        root: [0xcd; 32],
        prior: [0xef; 32],
        closed_at: Timestamp::new(1_774_000_000, 0).unwrap(),
    }
}

// Computed apart from this code, from the documented encoding.
#[test]
fn the_head_is_pinned() {
    let expected = "23d310d8b812f1d4e09abcb33b466feeda5b305c284dd8ba8ac8a0642fd218ed";
    assert_eq!(hex(&segment().head(USES)), expected);
}

#[test]
fn every_field_is_in_the_head() {
    let heads = [
        segment(),
        Segment { number: 4, ..segment() },
        Segment { form: Form::First, ..segment() },
        Segment { first_seq: 8194, ..segment() },
        Segment { count: 4095, ..segment() },
        Segment { root: [0xce; 32], ..segment() },
        Segment { prior: [0xee; 32], ..segment() },
        Segment { closed_at: Timestamp::new(1_774_000_000, 1).unwrap(), ..segment() },
    ]
    .map(|segment| segment.head(USES));
    let others = [FACTS, StreamId { stream: Stream::Uses, writer: 2 }].map(|stream| segment().head(stream));
    let heads = [&heads[..], &others].concat();
    for (index, head) in heads.iter().enumerate() {
        assert!(!heads[..index].contains(head), "{index}");
    }
}

#[test]
fn a_segment_is_full_by_count_or_by_day() {
    let mut open = OpenSegment::first();
    assert!(!open.is_due(DAY) && open.close(at(0)).is_none());
    let mut buffer = Vec::new();
    for number in 0..SEGMENT_EVENTS {
        assert!(!open.is_due(DAY), "{number}");
        assert_eq!(open.next_seq(), number + 1);
        open.push(&granted(1).view(number + 1), DAY, &mut buffer);
    }
    assert!(open.is_due(DAY));
    let closed = open.close(at(5)).unwrap();
    let mut next = OpenSegment::after(&closed, USES);
    assert_eq!((next.number, next.first_seq, next.prior), (2, SEGMENT_EVENTS + 1, closed.head(USES)));
    next.push(&granted(1).view(next.next_seq()), DAY, &mut buffer);
    assert!(!next.is_due(DAY) && next.is_due(date(2026, 3, 21)) && next.is_due(date(2026, 3, 19)));
}

#[test]
fn a_checkpoint_reads_as_people_read() {
    let text = Checkpoint::of(Origin([0x1f; 16]), USES, &segment()).text();
    let expected = "tidstro checkpoint 1\n\
         origin 1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f\n\
         stream uses/1\n\
         segment 3 to event 12288\n\
         head 23d310d8b812f1d4e09abcb33b466feeda5b305c284dd8ba8ac8a0642fd218ed\n\
         at 2026-03-20T09:46:40Z\n";
    assert_eq!(text, expected);
    let key = LogKey::from_seed(&[5; 32]);
    let mut signature = key.sign(&text);
    assert!(key.public().verifies(&text, &signature));
    assert!(!key.public().verifies(&text.replace("12288", "12289"), &signature));
    assert!(!LogKey::from_seed(&[6; 32]).public().verifies(&text, &signature));
    signature[40] ^= 1;
    assert!(!key.public().verifies(&text, &signature));
}

/// RFC 8032 § 7.1, test 1: the empty message.
#[test]
fn signatures_are_those_of_the_rfc() {
    let seed = unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
    let key = LogKey::from_seed(&seed);
    let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    assert_eq!(hex(key.public().bytes()), public);
    let signature = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
    assert_eq!(hex(&key.sign("")), signature);
    assert!(!format!("{key:?}").contains("9d61b1"), "the secret is not shown");
}

#[test]
fn fingerprints_are_read_as_people_write_them() {
    let fingerprint = LogKey::from_seed(&[5; 32]).public().fingerprint();
    let text = fingerprint.to_string();
    let grouped: Vec<_> =
        text.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap()).collect();
    for written in [text.clone(), text.to_uppercase(), grouped.join(" "), grouped.join(":")] {
        assert_eq!(Fingerprint::parse(&written), Some(fingerprint), "{written}");
    }
    assert_eq!(Fingerprint::parse(&text[1..]), None);
}

#[test]
fn expiry_is_stated_exactly() {
    let expired = ExpiredSegment { stream: USES, number: 12 };
    assert_eq!(expired.to_string(), "uses/1 segment 12");
    assert_eq!(ExpiredSegment::parse("uses/1 segment 12"), Some(expired));
    for text in ["uses/1 segment 012", "uses/1 segment +12", "uses/1 segment 12 ", "segment 12"] {
        assert_eq!(ExpiredSegment::parse(text), None, "{text}");
    }
}

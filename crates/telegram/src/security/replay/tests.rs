//! Rules over sequences of telegrams.

use jiff::Timestamp;
use proptest::{collection::vec, prelude::*};
use tidstro_model::{Manufacturer, Medium, MeterId, MeterNumber};

use super::*;
use crate::Announced;

const METER: MeterId = MeterId {
    manufacturer: Manufacturer::from_field(0x2c2d),
    number: MeterNumber(0x1234_5678),
    version: 0x1b,
    medium: Medium(7),
};

/// A telegram with this protection, number and payload.
pub(super) fn telegram(security: Security, number: u32, payload: u64) -> Telegram {
    let mut telegram = Telegram::of_layout(METER, security, Vec::new());
    telegram.fingerprint = payload;
    match security {
        Security::ExtendedLink => telegram.session_number = Some(1 << 29 | number),
        Security::Mode5 | Security::Clear => telegram.access_number = Some(number.to_le_bytes()[0]),
        _ => telegram.message_counter = Some(number),
    }
    telegram
}

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// Number, payload and second of each telegram, and what it is.
fn check(security: Security, heard: &[(u32, u64, i64, Verdict)]) {
    let mut replay = Replay::new();
    for (index, (number, payload, second, expected)) in heard.iter().enumerate() {
        let verdict = replay.hear(&telegram(security, *number, *payload), at(*second));
        assert_eq!(verdict, *expected, "telegram {index} of {}", security.word());
    }
}

#[test]
fn counters_rise() {
    use Verdict::{CounterReused, Fresh, Late, Older, Repeat};
    for security in [Security::Mode7, Security::Mode8, Security::Mode10, Security::ExtendedLink] {
        check(
            security,
            &[
                (10, 1, 0, Fresh),
                // Another gateway, and much later a third one.
                (10, 1, 2, Repeat),
                (10, 1, 90_000, Repeat),
                (10, 2, 3, CounterReused),
                (11, 3, 120, Fresh),
                (14, 4, 480, Fresh),
                // Going back; the same second is no excuse.
                (13, 5, 480, Older),
                (13, 5, 500, Older),
                (9, 6, 9_999_999, Older),
                // A gateway that uploads later what it heard before.
                (13, 5, 360, Late),
                (13, 5, 361, Repeat),
                (15, 7, 600, Fresh),
            ],
        );
    }
}

#[test]
fn access_numbers_wrap_and_are_compared_for_a_quarter_of_an_hour() {
    use Verdict::{CounterReused, Fresh, Late, Older, Repeat};
    check(
        Security::Mode5,
        &[
            (254, 1, 0, Fresh),
            (255, 2, 120, Fresh),
            (0, 3, 240, Fresh),
            (0, 3, 241, Repeat),
            (0, 4, 242, CounterReused),
            (255, 5, 1_100, Older),
            (255, 2, 119, Repeat),
            (253, 6, -100, Late),
            (2, 7, 1_200, Fresh),
            // Beyond the window a number says nothing.
            (2, 8, 2_101, Fresh),
            (1, 9, 4_000, Fresh),
        ],
    );
}

#[test]
fn what_is_in_the_clear_is_only_told_apart() {
    use Verdict::{Fresh, Repeat};
    check(
        Security::Clear,
        &[(7, 1, 0, Fresh), (7, 1, 1, Repeat), (7, 2, 2, Fresh), (6, 3, 3, Fresh), (7, 1, 10_000, Fresh)],
    );
}

#[test]
fn a_meter_never_becomes_less_protected() {
    let mut replay = Replay::new();
    let assumed = Security::AssumedDecrypted { announced: Announced::Mode(5) };
    let heard = [
        (Security::Clear, Verdict::Fresh),
        (Security::Mode5, Verdict::Fresh),
        (Security::Clear, Verdict::Downgrade),
        (assumed, Verdict::Downgrade),
        (Security::ExtendedLink, Verdict::Fresh),
        (Security::Authenticated { mode: 0 }, Verdict::Fresh),
        (Security::Mode5, Verdict::Downgrade),
        (Security::Mode9, Verdict::Fresh),
    ];
    for ((security, expected), number) in heard.into_iter().zip(1..) {
        let verdict = replay.hear(&telegram(security, number, u64::from(number)), at(0));
        assert_eq!(verdict, expected, "{}", security.word());
    }
    assert!(replay.forget(METER) && !replay.forget(METER));
    assert_eq!(replay.hear(&telegram(Security::Clear, 1, 1), at(0)), Verdict::Fresh);
}

#[test]
fn meters_do_not_meet() {
    let mut replay = Replay::new();
    let mut other = telegram(Security::Mode7, 5, 2);
    // The same number of another manufacturer is another meter.
    other.meter.manufacturer = Manufacturer::from_field(0x2c2e);
    assert_eq!(replay.hear(&telegram(Security::Mode7, 5, 1), at(0)), Verdict::Fresh);
    assert_eq!(replay.hear(&other, at(0)), Verdict::Fresh);
    assert_eq!(replay.len(), 2);
}

#[test]
fn a_meter_costs_less_than_300_bytes() {
    // A hash table is filled to at least 7 of 16 places, and has a byte of its own for each.
    assert!((size_of::<(u64, ReplayState)>() + 1) * 16 / 7 < 210);
}

#[test]
fn other_bytes_are_no_state() {
    let mut replay = Replay::new();
    for number in 1..9 {
        replay.hear(&telegram(Security::Mode7, number, 1), at(i64::from(number)));
    }
    let bytes = replay.state(METER).unwrap().to_bytes();
    assert_eq!(bytes.len(), 54);
    for cut in [0, 1, 3, 53] {
        assert_eq!(ReplayState::from_bytes(&bytes[..cut]), Err(ReplayStateFault { got: cut }));
    }
    for (place, value) in [(0, 2), (1, 3), (2, 4)] {
        let mut other = bytes.clone();
        other[place] = value;
        assert!(ReplayState::from_bytes(&other).is_err(), "{place}");
    }
    assert!(ReplayState::from_bytes(&[&bytes[..], &[0; 13]].concat()).is_err());
}

/// Counter and second of telegrams that a meter sent one after the other.
fn sent() -> impl Strategy<Value = Vec<(u32, i64)>> {
    vec((1_u32..50, 1_i64..5_000), 1..40).prop_map(|steps| {
        let mut last = (0, 0);
        let step = |(counter, seconds): (u32, i64)| {
            last = (last.0 + counter, last.1 + seconds);
            last
        };
        steps.into_iter().map(step).collect()
    })
}

proptest! {
    #[test]
    fn what_a_meter_sends_counts_once_and_a_replay_never(sent in sent(), pick in any::<prop::sample::Index>()) {
        for security in [Security::Mode7, Security::ExtendedLink] {
            let mut replay = Replay::new();
            for (counter, second) in &sent {
                let telegram = telegram(security, *counter, u64::from(*counter));
                prop_assert_eq!(replay.hear(&telegram, at(*second)), Verdict::Fresh);
                prop_assert_eq!(replay.hear(&telegram, at(*second + 1)), Verdict::Repeat);
            }
            let (counter, _) = sent[pick.index(sent.len())];
            let end = sent.last().unwrap().1;
            let replayed = replay.hear(&telegram(security, counter, u64::from(counter)), at(end + 60));
            prop_assert!(!replayed.gives_readings());
            let changed = replay.hear(&telegram(security, counter, 77_777), at(end + 60));
            prop_assert!(changed.is_finding() && !changed.gives_readings());
        }
    }

    #[test]
    fn access_numbers_count_up_for_ever(first: u8, interval in 8_i64..100_000) {
        let mut replay = Replay::new();
        for index in 0..600_u32 {
            let number = u32::from(first) + index;
            let telegram = telegram(Security::Mode5, number, u64::from(number));
            prop_assert_eq!(replay.hear(&telegram, at(interval * i64::from(index))), Verdict::Fresh);
        }
    }

    #[test]
    fn a_stored_state_judges_as_before(
        heard in vec((0..4_usize, 0..6_u32, 0..3_u64, 0..2_000_i64), 0..30),
        next in (0..4_usize, 0..6_u32, 0..3_u64, 0..2_000_i64),
    ) {
        let kinds = [Security::Clear, Security::Mode5, Security::ExtendedLink, Security::Mode7];
        let of = |(kind, number, payload, _): &(usize, u32, u64, i64)| telegram(kinds[*kind], *number, *payload);
        let mut replay = Replay::new();
        for telegram in &heard {
            replay.hear(&of(telegram), at(telegram.3));
        }
        let mut restored = Replay::new();
        if let Some(state) = replay.state(METER) {
            let bytes = state.to_bytes();
            let stored = ReplayState::from_bytes(&bytes).unwrap();
            prop_assert_eq!(stored.to_bytes(), bytes);
            restored.restore(METER, stored);
        }
        prop_assert_eq!(restored.hear(&of(&next), at(next.3)), replay.hear(&of(&next), at(next.3)));
    }
}

//! Never a value that is not proven: every bit of a protected telegram turned, one at a time, in every mode.

use crate::encode::{
    KEY, LINK, RECORDS, extended_link, format_a, mode5, mode7, mode8, mode9, mode10, wireless,
};
use jiff::Timestamp;
use proptest::prelude::*;
use tidstro_model::{Manufacturer, Medium, MeterNumber, Reading, Verdict};
use tidstro_telegram::{DecodeOptions, Key, KeyEntry, KeyRing, KeySource, Replay, decode};

/// A ring that knows the meter of the tests exactly, and nobody else.
fn ring() -> KeyRing {
    let mut ring = KeyRing::new();
    ring.insert(KeyEntry {
        manufacturer: Manufacturer::from_field(u16::from_le_bytes([LINK[2], LINK[3]])),
        number: MeterNumber(u32::from_le_bytes([LINK[4], LINK[5], LINK[6], LINK[7]])),
        version: Some(LINK[8]),
        medium: Some(Medium(LINK[9])),
        key: Key::new(KEY),
    });
    ring
}

fn readings(frame: &[u8], keys: &impl KeySource) -> Option<Vec<Reading>> {
    decode(frame, keys, &DecodeOptions::default()).ok().map(|telegram| telegram.readings)
}

/// One telegram of each protection.
fn protected(counter: u32) -> [(&'static str, Vec<u8>); 7] {
    let session = 0x2000_0000 | counter & 0x1fff_ffff;
    [
        ("mode 5", mode5(RECORDS, &[])),
        ("mode 7", mode7(RECORDS, counter)),
        ("mode 8", mode8(RECORDS, counter, &[1, 2])),
        ("mode 9", mode9(RECORDS, &[], counter)),
        ("mode 10", mode10(RECORDS, counter, 8)),
        ("extended link", extended_link(0x8d, session, &[&[0x78][..], RECORDS].concat())),
        ("mode 7 in the extended link", extended_link(0x8d, session, &mode7(RECORDS, counter)[3..])),
    ]
    .map(|(name, content)| (name, wireless(&content)))
}

/// What turned bits do: the bytes where one leaves the readings as they are, and where one changes them.
#[derive(Debug, PartialEq, Eq, Default)]
struct Passing {
    same: Vec<usize>,
    other: Vec<usize>,
}

fn passing(frame: &[u8], keys: &impl KeySource) -> Passing {
    let right = readings(frame, keys).unwrap();
    let mut passing = Passing::default();
    for (at, bit) in (0..frame.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut changed = frame.to_vec();
        changed[at] ^= 1 << bit;
        match readings(&changed, keys) {
            None => {}
            Some(readings) if readings == right => passing.same.push(at),
            Some(_) => passing.other.push(at),
        }
    }
    passing.same.dedup();
    passing.other.dedup();
    passing
}

/// The bytes no code, tag or CRC covers and that say nothing of a value: the C-field (SND-NR and SND-IR differ in
/// one bit), the top bit of the manufacturer, which is no part of it, control and access number of the extended link
/// layer; in mode 8 the gateway's code, in mode 5 status and the remarks in the configuration field.
#[test]
fn a_turned_bit_gives_no_reading_or_the_same() {
    let expected: [&[usize]; 7] =
        [&[1, 12, 13, 14], &[1, 3, 11, 12], &[1, 42, 43], &[1], &[1], &[1, 12], &[1, 12]];
    for ((name, frame), same) in protected(9).into_iter().zip(expected) {
        let passing = passing(&frame, &ring());
        assert_eq!(passing.same, same, "{name}");
        // Mode 5 proves nothing; here every change makes a record that no meter sends (decision 0019).
        assert_eq!(passing.other, [0; 0], "{name}");
    }
}

#[test]
fn on_the_air_every_turned_bit_is_damage() {
    for (name, frame) in protected(9) {
        assert_eq!(passing(&format_a(&frame), &ring()), Passing::default(), "{name}");
    }
}

#[test]
fn a_repeated_counter_gives_no_reading() {
    let heard = |replay: &mut Replay, frame: &[u8], second: i64| {
        let telegram = decode(frame, &ring(), &DecodeOptions::default()).unwrap();
        replay.hear(&telegram, Timestamp::from_second(second).unwrap())
    };
    for index in 0..protected(9).len() {
        let [(name, first), (_, second)] = [9, 10].map(|counter| protected(counter)[index].clone());
        let mut replay = Replay::new();
        assert_eq!(heard(&mut replay, &first, 1_000), Verdict::Fresh, "{name}");
        assert!(!heard(&mut replay, &first, 1_001).gives_readings(), "{name}");
        // Turned bits of unprotected bytes: the same counter with another payload.
        let mut changed = first.clone();
        changed[1] ^= 2;
        assert_eq!(heard(&mut replay, &changed, 1_002), Verdict::CounterReused, "{name}");
        if name != "mode 5" {
            assert_eq!(heard(&mut replay, &second, 1_100), Verdict::Fresh, "{name}");
            assert_eq!(heard(&mut replay, &changed, 9_000_000), Verdict::CounterReused, "{name}");
        }
    }
}

proptest! {
    /// Modes 5 and 8 and the extended link layer tell a wrong key by two or four bytes only; the keys here are many, and
    /// what else is checked makes a reading rarer still.
    #[test]
    fn a_wrong_key_gives_no_reading(key: [u8; 16], counter: u32) {
        prop_assume!(key != KEY);
        for (name, frame) in protected(counter) {
            prop_assert_eq!(readings(&frame, &Key::new(key)), None, "{}", name);
        }
    }

    /// Of this meter: whoever changes number or manufacturer and the mode has written a clear telegram of a meter that
    /// nobody knows.
    #[test]
    fn changed_bytes_of_authenticated_telegrams_give_no_other_reading(
        counter: u32,
        changes in prop::collection::vec((any::<prop::sample::Index>(), 1_u8..), 1..4),
    ) {
        for (name, frame) in protected(counter).into_iter().filter(|(name, _)| *name != "mode 5") {
            let mut changed = frame.clone();
            for (at, change) in &changes {
                changed[at.index(frame.len())] ^= change;
            }
            let got = decode(&changed, &ring(), &DecodeOptions::default()).ok();
            let got = got.filter(|telegram| telegram.meter.to_string() == "KAM 12345678 v1B t07");
            let right = readings(&frame, &ring());
            prop_assert!(got.is_none_or(|telegram| Some(telegram.readings) == right), "{}", name);
        }
    }

    #[test]
    fn cut_telegrams_give_no_reading(counter: u32, at in any::<prop::sample::Index>()) {
        for (name, frame) in protected(counter) {
            let mut cut = frame[..at.index(frame.len())].to_vec();
            prop_assert_eq!(readings(&cut, &ring()), None, "{}", name);
            // With the length made right.
            if let Some(len) = cut.len().checked_sub(1) {
                cut[0] = u8::try_from(len).unwrap();
                prop_assert_eq!(readings(&cut, &ring()), None, "{} {}", name, len);
            }
        }
    }
}

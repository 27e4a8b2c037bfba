//! Decoding: telegrams per second on one core, by security and by the number of known meters.

use std::hint::black_box;

use tidstro_model::{Manufacturer, MeterNumber};
use tidstro_telegram::{DecodeOptions, Key, KeyEntry, KeyRing, KeySource, Telegram, address, decode};

use super::{Figure, per_second};

/// Water meter KAM 12345678 with seven records: volume, clock, value and date of the set date, flow, temperature
/// and error flags.
const CLEAR: &str =
    "31442D2C785634121B077A2A0000000C1327048502046D0807AC2A4C1301008002426C9F2C023B7B0002599A0602FD170000";
/// The same records in security mode 5 under [`KEY`].
const MODE_5: &str = "3E442D2C785634121B077A2A0030059EA7A1839B51E46E993B4A8016437FA8FA0A0F22CDE85F4F7B5863B9A335FB2EE74A8649B281BF8C5888D62EC540C59F";
/// The same records in security mode 7 under [`KEY`], message counter 1.
const MODE_7: &str = "53442D2C785634121B078C202A900F002C2501000000A98E19218903CD807A2A0030071069A38821DFC2FBCAA07A475B9D9585B98137AAE71CC13CF1CD5F0B1FB8C3733D0813FCDF195B6A3DE07341B49FF90B27";
const KEY: [u8; 16] = *b"sixteen bytes k.";

const TIMES: u32 = 200_000;

/// Every figure of decoding.
pub(super) fn figures() -> Vec<Figure> {
    let mut figures = Vec::new();
    for (name, text) in [("clear", CLEAR), ("mode 5", MODE_5), ("mode 7", MODE_7)] {
        let value = speed(&frame(text), &ring(1));
        figures.push(Figure { name: format!("decode {name}, 1 known meter"), value, unit: "telegrams/s" });
    }
    let mut by_meters = Vec::new();
    for meters in [1, 1_000, 1_000_000] {
        let value = speed_among(meters);
        by_meters.push(value);
        let name = format!("decode clear with key look-up, {meters} meters in turn");
        figures.push(Figure { name, value, unit: "telegrams/s" });
    }
    for (name, text) in [("mode 5", MODE_5), ("mode 7", MODE_7)] {
        let value = speed(&frame(text), &ring(1_000_000));
        figures.push(Figure {
            name: format!("decode {name}, 1000000 known meters"),
            value,
            unit: "telegrams/s",
        });
    }
    if let [one, .., million] = by_meters.as_slice() {
        let value = million * 100 / (*one).max(1);
        figures.push(Figure { name: "speed with 1000000 meters against 1".to_owned(), value, unit: "%" });
    }
    figures
}

fn speed(frame: &[u8], ring: &KeyRing) -> u128 {
    let options = DecodeOptions::default();
    per_second(TIMES, || {
        let telegram = decode(black_box(frame), ring, &options);
        assert!(readings(telegram.ok().as_ref()) == 7, "the benchmark's own telegram is not decoded");
    })
}

/// Each telegram is of another meter, so that every look-up finds another place of the ring.
fn speed_among(meters: u32) -> u128 {
    let (ring, options) = (ring(meters), DecodeOptions::default());
    let mut frame = frame(CLEAR);
    let mut turn = 0_u32;
    per_second(TIMES, || {
        // A large prime step visits the meters in no order a cache could guess.
        turn = turn.wrapping_add(7_368_787) % meters;
        if let Some(number) = frame.get_mut(4..8) {
            number.copy_from_slice(&number_of(turn).0.to_le_bytes());
        }
        let key = address(&frame).ok().and_then(|meter| ring.key(&meter).cloned());
        assert!(key.is_some(), "the benchmark's own meter has no key");
        let telegram = decode(black_box(&frame), &ring, &options);
        assert!(readings(telegram.ok().as_ref()) == 7, "the benchmark's own telegram is not decoded");
    })
}

fn readings(telegram: Option<&Telegram>) -> usize {
    telegram.map_or(0, |telegram| black_box(&telegram.readings).len())
}

/// Meter numbers from that of the telegrams on.
const fn number_of(index: u32) -> MeterNumber {
    MeterNumber(0x1234_5678 + index)
}

fn ring(meters: u32) -> KeyRing {
    let mut ring = KeyRing::new();
    for index in 0..meters {
        ring.insert(KeyEntry {
            manufacturer: Manufacturer::from_field(0x2c2d),
            number: number_of(index),
            version: Some(0x1b),
            medium: Some(tidstro_model::Medium::WATER),
            key: Key::new(KEY),
        });
    }
    ring
}

fn frame(text: &str) -> Vec<u8> {
    let line = tidstro_telegram::uplink::parse_line(text.as_bytes());
    line.ok().flatten().map(|uplink| uplink.frame).unwrap_or_default()
}

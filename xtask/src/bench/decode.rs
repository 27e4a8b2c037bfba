//! Decoding: telegrams per second on one core, by security and by the number of known meters.

use std::hint::black_box;

use tidstro_model::{Manufacturer, MeterNumber};
use tidstro_telegram::{
    DecodeOptions, Key, KeyEntry, KeyRing, KeySource, NoFormats, Telegram, address, decode, decode_batch,
};

use super::{Figure, Figures, Inputs, corpus, in_turns, peer, per_second};

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

const MANY: u32 = 1_000_000;

/// Telegrams of a batch.
const BATCH: u32 = 256;

/// Every figure of decoding.
pub(super) fn figures(inputs: &Inputs) -> Figures {
    let mut figures = by_security();
    figures.extend(by_meters());
    figures.extend(corpus::figures(inputs.corpus.as_deref())?);
    Ok(figures)
}

fn by_security() -> Vec<Figure> {
    let (few, many) = (ring(1), ring(MANY));
    let mut figures = Vec::new();
    for (name, text) in [("clear", CLEAR), ("mode 5", MODE_5), ("mode 7", MODE_7)] {
        let frame = frame(text);
        let both = in_turns(TIMES, || decode_alone(&frame, &few), || decode_alone(&frame, &many));
        let names = [format!("decode {name}, 1 known meter"), format!("decode {name}, {MANY} known meters")];
        figures.extend(compared(names, both, 1));
    }
    let (ours, theirs) = (speed(&frame(CLEAR), &KeyRing::new()), speed_of_peer(&frame(CLEAR)));
    figures.push(telegrams("decode clear, no key known".to_owned(), ours));
    figures.push(telegrams("the same by m-bus-parser".to_owned(), theirs));
    figures.push(ratio("decode clear against m-bus-parser".to_owned(), ours, theirs));
    figures
}

/// The worst case for the memory: every telegram is of another meter.
fn by_meters() -> Vec<Figure> {
    let [mut one, mut many] = [1, MANY].map(Town::new);
    let both = in_turns(TIMES, || one.decode_next(), || many.decode_next());
    let name = "decode clear and look up the key";
    let names = [format!("{name}, same meter"), format!("{name}, {MANY} meters in turn")];
    let mut figures = compared(names, both, 1);
    let both = in_turns(TIMES / BATCH, || one.decode_batch(), || many.decode_batch());
    let name = format!("the same in batches of {BATCH}");
    let names = [format!("{name}, same meter"), format!("{name}, {MANY} meters in turn")];
    figures.extend(compared(names, both, u128::from(BATCH)));
    figures
}

/// Two figures of telegrams, and the second in percent of the first; a run is of so many telegrams.
fn compared([one, many]: [String; 2], both: [u128; 2], telegrams_a_run: u128) -> Vec<Figure> {
    let [few, lots] = both.map(|runs| runs * telegrams_a_run);
    let name = format!("{many} against 1");
    vec![telegrams(one, few), telegrams(many, lots), ratio(name, lots, few)]
}

/// A figure of telegrams per second.
pub(super) const fn telegrams(name: String, value: u128) -> Figure {
    Figure { name, value, unit: "telegrams/s", bar: None }
}

/// A figure in percent of another.
pub(super) fn ratio(name: String, value: u128, base: u128) -> Figure {
    Figure { name, value: value * 100 / base.max(1), unit: "%", bar: None }
}

/// By default a clear telegram of a meter whose key is known is refused.
const ACCEPT_CLEAR: DecodeOptions = DecodeOptions { assume_decrypted: false, accept_clear: true };

fn speed_of_peer(frame: &[u8]) -> u128 {
    per_second(TIMES, || {
        assert!(peer::records(black_box(frame)) == 7, "the peer does not read the benchmark's own telegram");
    })
}

fn speed(frame: &[u8], ring: &KeyRing) -> u128 {
    per_second(TIMES, || decode_alone(frame, ring))
}

fn decode_alone(frame: &[u8], ring: &KeyRing) {
    let telegram = decode(black_box(frame), ring, &ACCEPT_CLEAR);
    assert!(readings(telegram.ok().as_ref()) == 7, "the benchmark's own telegram is not decoded");
}

/// Meters with their keys, one of which sends next.
struct Town {
    meters: u32,
    ring: KeyRing,
    turn: u32,
    frames: Vec<Vec<u8>>,
}

impl Town {
    fn new(meters: u32) -> Self {
        let frames = vec![frame(CLEAR); usize::try_from(BATCH).unwrap_or_default()];
        Self { meters, ring: ring(meters), turn: 0, frames }
    }

    /// Each telegram is of another meter, so that every look-up finds another place of the ring.
    fn decode_next(&mut self) {
        self.turn = turned(self.turn, self.meters);
        let Some(frame) = self.frames.first_mut() else { return };
        rename(frame, self.turn);
        let key = address(frame).ok().and_then(|meter| self.ring.key(&meter).cloned());
        assert!(key.is_some(), "the benchmark's own meter has no key");
        decode_alone(frame, &self.ring);
    }

    /// As before, with the keys of a batch looked up together.
    fn decode_batch(&mut self) {
        for frame in &mut self.frames {
            self.turn = turned(self.turn, self.meters);
            rename(frame, self.turn);
        }
        let batch = decode_batch(black_box(&self.frames), &self.ring, &NoFormats, &ACCEPT_CLEAR);
        let are_read = batch.iter().all(|telegram| readings(telegram.as_ref().ok()) == 7);
        assert!(are_read, "the benchmark's own telegrams are not decoded");
    }
}

/// The next meter: a large prime step visits them in no order a cache could guess.
const fn turned(turn: u32, meters: u32) -> u32 {
    turn.wrapping_add(7_368_787) % meters
}

fn rename(frame: &mut [u8], meter: u32) {
    if let Some(number) = frame.get_mut(4..8) {
        number.copy_from_slice(&number_of(meter).0.to_le_bytes());
    }
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

//! Protected telegrams, changed: what must give no value.
//!
//! What comes in: the rows of a corpus. What goes out: for each protection how many turned bits were refused, how many
//! left the readings as they are, and how many changed them; and a fault for each row whose telegram opens with a wrong
//! key, counts twice, or gives another value where a code, tag or CRC covers it. Every bit of every telegram is turned.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_model::{MeterId, Reading};
use tidstro_telegram::{
    DecodeOptions, Formats, Key, KeyEntry, KeyRing, KeySource, Replay, Security, Telegram, decode_with,
    uplink,
};

use super::Outcome;

/// What became of the turned bits of all telegrams of one protection.
#[derive(Default)]
struct Turned {
    telegrams: usize,
    refused: usize,
    same: usize,
    /// Other readings, and of these the ones that count beside the telegram itself (see [`Replay`]).
    other: usize,
    counted: usize,
}

/// Changes every protected telegram; prints what became of them and gives the rows at fault.
pub(crate) fn check(rows: &[String], formats: &Formats) -> Vec<(String, Outcome)> {
    let mut turned: BTreeMap<&'static str, Turned> = BTreeMap::new();
    let protected = rows.iter().filter_map(|line| Protected::of(line, formats));
    let failed: Vec<_> = protected
        .filter_map(|telegram| {
            let faults = telegram.faults(turned.entry(telegram.right.security.word()).or_default());
            (!faults.is_empty())
                .then(|| (format!("changed {}", telegram.right.meter), Outcome::Failed(faults)))
        })
        .collect();
    println!("turned bits of protected telegrams, and what they gave:");
    for (security, Turned { telegrams, refused, same, other, counted }) in &turned {
        println!(
            "{telegrams:>6} {security}: {refused} refused, {same} the same readings, {other} other readings \
             ({counted} of them count beside the telegram itself)"
        );
    }
    failed
}

/// A telegram that its row's key opens, with its formats.
struct Protected<'f> {
    frame: Vec<u8>,
    ring: KeyRing,
    formats: &'f Formats,
    right: Telegram,
}

impl<'f> Protected<'f> {
    fn of(line: &str, formats: &'f Formats) -> Option<Self> {
        let uplink = uplink::parse_line(line.as_bytes()).ok()??;
        let options = DecodeOptions::default();
        let right = decode_with(&uplink.frame, &uplink.key, formats, &options).ok()?;
        // As an operator knows a meter: number, version and type. The extended link layer is opened with the sender's.
        let mut ring = KeyRing::new();
        for meter in [right.meter, right.link_address] {
            ring.insert(entry(meter, uplink.key.clone()?));
        }
        let right = decode_with(&uplink.frame, &ring, formats, &options).ok()?;
        right.security.is_protected().then_some(Self { frame: uplink.frame, ring, formats, right })
    }

    fn decode(&self, frame: &[u8], keys: &impl KeySource) -> Option<Telegram> {
        decode_with(frame, keys, self.formats, &DecodeOptions::default()).ok()
    }

    fn faults(&self, turned: &mut Turned) -> Vec<String> {
        let mut faults = Vec::new();
        if self.decode(&self.frame, &Key::new(*b"not the row's ke")).is_some() {
            faults.push("a wrong key gave readings".to_owned());
        }
        if self.counts_beside_itself(&self.right) {
            faults.push("the telegram counts twice".to_owned());
        }
        turned.telegrams += 1;
        let before = turned.other;
        for bit in 0..self.frame.len() * 8 {
            self.turn(bit, turned);
        }
        // These two have no code over their content (decision 0019).
        let is_proven = !matches!(self.right.security, Security::Mode5 | Security::MakersOwn);
        if is_proven && turned.other > before {
            faults.push(format!("{} turned bits gave other readings", turned.other - before));
        }
        faults
    }

    fn turn(&self, bit: usize, turned: &mut Turned) {
        let mut frame = self.frame.clone();
        if let Some(byte) = frame.get_mut(bit / 8) {
            *byte ^= 1 << (bit % 8);
        }
        match self.decode(&frame, &self.ring) {
            None => turned.refused += 1,
            Some(telegram) if values(&telegram) == values(&self.right) => turned.same += 1,
            Some(telegram) => {
                turned.other += 1;
                turned.counted += usize::from(self.counts_beside_itself(&telegram));
            }
        }
    }

    /// Whether its readings count a minute after those of the right telegram.
    fn counts_beside_itself(&self, telegram: &Telegram) -> bool {
        let mut replay = Replay::new();
        let at = |second| Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
        replay.hear(&self.right, at(1_000));
        replay.hear(telegram, at(1_060)).gives_readings()
    }
}

fn values(telegram: &Telegram) -> (MeterId, &[Reading]) {
    (telegram.meter, &telegram.readings)
}

const fn entry(meter: MeterId, key: Key) -> KeyEntry {
    let MeterId { manufacturer, number, version, medium } = meter;
    KeyEntry { manufacturer, number, version: Some(version), medium: Some(medium), key }
}

//! Published states and alarms against the flags that a telegram is shown with.
//!
//! What comes in: a decoded telegram, and texts such as `OK`, `POWER_LOW`, `DRY LEAK` or `ERROR_FLAGS_100`. What goes out:
//! whether the program shows a flag for every word, and no word is missing for a flag. A word nobody explained counts as
//! shown if the program shows a set bit of the same flags that it gives no meaning; what it does not show is never passed.

use serde_json::{Map, Value as Json};
use tidstro_metering::alarms::{Flag, Source, flags_of};
use tidstro_model::{Modifier, QuantityKind, Value};
use tidstro_telegram::Telegram;

use super::{Field, codes, words};

/// Fields that say which states and alarms there are.
const STATES: &[&str] = &[
    "status",
    "current_status",
    "historic_status",
    "frame_status",
    "error",
    "error_code",
    "error_flags",
    "alarm_flags",
    "warning_flags",
    "information_flags",
    "current_alarms",
    "previous_alarms",
    "info",
    "other",
    "time_bursting",
    "time_dry",
    "time_leaking",
    "time_reversed",
];

/// Whether a field says states or alarms.
pub(super) fn is_state(name: &str) -> bool {
    STATES.contains(&name)
}

/// The flags of one telegram, and which of them are published.
pub(super) struct Flags<'a> {
    telegram: &'a Telegram,
    set: Vec<Flag>,
    is_published: Vec<bool>,
}

impl<'a> Flags<'a> {
    pub(super) fn of(telegram: &'a Telegram) -> Self {
        let set = flags_of(telegram.meter, telegram.status, &telegram.readings);
        let is_published = vec![false; set.len()];
        Self { telegram, set, is_published }
    }

    /// A field of words with spaces or commas between them.
    pub(super) fn field(&mut self, name: &str, text: &str) -> Field {
        let mut taken = vec![false; self.set.len()];
        let published = words::of(name, text);
        if published.is_empty() {
            return Field::Equal("as state: no flag");
        }
        let (mut how, mut unknown) = ("as flag by its meaning", Vec::new());
        for word in published {
            if self.takes_word(word, &mut taken) || self.is_shown_otherwise(word) {
                continue;
            }
            match words::raw(word) {
                Some(raw) if self.takes_bits(raw) || codes::is_raw(self.telegram, raw) => how = "as raw flag",
                _ => unknown.push(word),
            }
        }
        if !unknown.is_empty() && !self.takes_unexplained(unknown.len()) {
            return self.missing(name, &unknown);
        }
        Field::Equal(if unknown.is_empty() { how } else { "as flags without a meaning, as many" })
    }

    /// Why a published word is no flag of the telegram, if the telegram itself shows why.
    fn missing(&mut self, name: &str, unknown: &[&str]) -> Field {
        if unknown.iter().all(|word| words::is_filler(word)) {
            return Field::NotYet("a state made of the idle filler 2F, which is no data");
        }
        if let [word] = unknown
            && self.error_bits().any(|raw| words::is_number_of_bits(word, raw))
        {
            self.is_published.fill(true);
            return Field::NotYet("error bits that the source reads as the number of one error");
        }
        let shown: Vec<String> = self.set.iter().map(shown).collect();
        Field::Failed(format!("{name}: expected {}, got {}", unknown.join(" "), shown.join(" | ")))
    }

    /// The error flags as numbers, also where none is set.
    fn error_bits(&self) -> impl Iterator<Item = u64> + use<'a> {
        let readings = self.telegram.readings.iter();
        readings.filter_map(|reading| match &reading.value {
            Value::Bytes(bytes) if reading.quantity == QuantityKind::ErrorFlags => super::flags_of(bytes),
            _ => None,
        })
    }

    /// Takes a flag with this meaning, rather one that no field has named yet.
    fn takes_word(&mut self, word: &str, taken: &mut [bool]) -> bool {
        let is_it = |flag: &Flag| flag.meaning.is_some_and(|meaning| words::mean(word, &meaning.word));
        let free = self.set.iter().zip(&*taken).zip(&self.is_published).enumerate();
        let fitting = free.filter(|(_, ((flag, is_taken), _))| !**is_taken && is_it(flag));
        let Some((at, _)) = fitting.min_by_key(|(_, (_, is_published))| **is_published) else { return false };
        taken.iter_mut().zip(&mut self.is_published).skip(at).take(1).for_each(|(is_taken, is_published)| {
            *is_taken = true;
            *is_published = true;
        });
        true
    }

    /// Whether the program says it, but not as a flag: a clock in summer time.
    fn is_shown_otherwise(&self, word: &str) -> bool {
        let mut readings = self.telegram.readings.iter();
        word == "SUMMER_TIME" && readings.any(|reading| reading.modifiers.contains(&Modifier::SUMMER_TIME))
    }

    /// Takes all flags in these bits of one place that has them all.
    fn takes_bits(&mut self, bits: u64) -> bool {
        let has_all = |flag: &&Flag| bits != 0 && flag.raw & bits == bits;
        let place = self.set.iter().find(|flag| flag.raw == bits).or_else(|| self.set.iter().find(has_all));
        let Some((source, raw)) = place.map(|flag| (flag.source, flag.raw)) else { return false };
        let is_in = |flag: &Flag| (flag.source, flag.raw) == (source, raw) && bits >> flag.bit & 1 == 1;
        for (flag, is_published) in self.set.iter().zip(&mut self.is_published) {
            *is_published |= is_in(flag);
        }
        true
    }

    /// Takes so many flags of records that have no meaning, if there are as many.
    fn takes_unexplained(&mut self, count: usize) -> bool {
        let is_one = |flag: &Flag| flag.meaning.is_none() && flag.source == Source::ErrorFlags;
        let fits = self.set.iter().filter(|flag| is_one(flag)).count() == count;
        for (flag, is_published) in self.set.iter().zip(&mut self.is_published) {
            *is_published |= fits && is_one(flag);
        }
        fits
    }

    /// What becomes of the row by flags that none of its fields names. Left out may be a state that is no alarm, a memory's,
    /// and the maker's bits of a status byte that nobody explained.
    pub(super) fn unpublished(&self, expected: &Map<String, Json>) -> Option<Field> {
        if !expected.keys().any(|name| is_state(name)) {
            return None;
        }
        let is_alarm = |flag: &Flag| match flag.meaning {
            Some(meaning) => meaning.code.is_some(),
            None => flag.source != Source::StatusByte,
        };
        let is_a_number = |flag: &Flag| expected.values().any(|value| value.as_u64() == Some(flag.raw));
        let left = self.set.iter().zip(&self.is_published);
        let left = left.filter(|(flag, is_published)| {
            !**is_published && flag.storage == 0 && is_alarm(flag) && !is_a_number(flag)
        });
        let left: Vec<&Flag> = left.map(|(flag, _)| flag).collect();
        if left.is_empty() {
            return None;
        }
        if left.iter().all(|flag| flag.source == Source::StatusByte) {
            return Some(Field::NotYet("a status byte with an error, published without"));
        }
        let left: Vec<String> = left.into_iter().map(shown).collect();
        Some(Field::Failed(format!("flags that are not published: {}", left.join(" | "))))
    }
}

fn shown(flag: &Flag) -> String {
    let word = flag.meaning.map_or("without a meaning", |meaning| &meaning.word);
    format!("{} {:X} bit {}: {word}", flag.source.word(), flag.raw, flag.bit)
}

#[cfg(test)]
mod tests {
    use tidstro_telegram::{DecodeOptions, Key, decode, uplink};

    use super::*;

    /// A water meter that says low power, no water and a leak; and one of a maker nobody has described.
    const KNOWN: &str = "13442D2C785634121B167A2A04000002FD170500";
    const UNKNOWN: &str = "13448304785634121B077A2A40000002FD170800";

    /// What becomes of a status of the telegram, and what of the row by flags that it leaves out.
    fn compared(telegram: &str, status: &str) -> (Field, Option<Field>) {
        let uplink = uplink::parse_line(telegram.as_bytes()).unwrap().unwrap();
        let telegram = decode(&uplink.frame, &None::<Key>, &DecodeOptions::default()).unwrap();
        let expected = Map::from_iter([("status".to_owned(), Json::from(status))]);
        let mut flags = Flags::of(&telegram);
        (flags.field("status", status), flags.unpublished(&expected))
    }

    fn passes(telegram: &str, status: &str) -> bool {
        matches!(compared(telegram, status), (Field::Equal(_), None))
    }

    #[test]
    fn every_word_has_its_flag_and_every_flag_its_word() {
        assert!(passes(KNOWN, "ERROR_FLAGS_5 POWER_LOW"));
        assert!(!passes(KNOWN, "OK"));
        assert!(!passes(KNOWN, "POWER_LOW"), "two flags are left out");
        assert!(!passes(KNOWN, "DRY POWER_LOW SMOKE"), "no flag says smoke");
        assert!(!passes(KNOWN, "ERROR_FLAGS_4 POWER_LOW"), "bit 0 is left out");
        assert!(!passes(KNOWN, "ERROR_FLAGS_D POWER_LOW"), "bit 3 is not set");
    }

    #[test]
    fn words_of_flags_without_a_meaning_are_as_many() {
        assert!(passes(UNKNOWN, "SOMETHING"));
        assert!(passes(UNKNOWN, "ERROR_FLAGS_8 UNKNOWN_40"));
        assert!(passes(UNKNOWN, "ERROR_FLAGS_8"), "what nobody explained of a status byte may be left out");
        assert!(!passes(UNKNOWN, "SOMETHING ELSE"));
        assert!(!passes(UNKNOWN, "OK"));
    }

    #[test]
    fn a_status_byte_with_an_error_is_told_apart() {
        let low_power = KNOWN.replace("0500", "0000");
        let told = compared(&low_power, "OK");
        assert!(matches!(told, (Field::Equal(_), Some(Field::NotYet(_)))));
        assert!(passes(&low_power, "POWER_LOW"));
    }
}

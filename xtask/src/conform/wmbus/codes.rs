//! Published texts that are no states: versions, numbers of devices, codes.
//!
//! What comes in: a decoded telegram and a text. What goes out: whether one of its readings is the same text, or the same
//! number in the digits it was published in; or why there is nothing to compare.

use tidstro_model::{Function, Modifier, QuantityKind, Reading, Unit, Value};
use tidstro_telegram::Telegram;

use super::{Field, suffix};

/// Texts that no reading is, and why.
const APART: &[(&str, &str)] = &[
    ("meter", "the source's name for the kind of meter"),
    ("prefix", MADE_OF_NUMBER),
    ("serial_number", MADE_OF_NUMBER),
    ("manufacture_y", MADE_OF_NUMBER),
    ("manufacture_year", MADE_OF_NUMBER),
    ("power_mode", "a mode of the radio in bits that had one value only"),
    ("power_factor_sector", IN_WORDS),
    ("pulse_unit", IN_WORDS),
    ("fraud_type", "no kind of fraud, and its date is none"),
    ("is_repeater_listening", IN_WORDS),
    ("repeater_listening_on_weekdays", IN_WORDS),
];
const MADE_OF_NUMBER: &str = "made by the source of the meter's number, which is compared";
const IN_WORDS: &str = "a setting, given as its number, in words of the source";

/// Whether one of these telegrams says the text.
pub(super) fn is_said(telegrams: &[Telegram], text: &str) -> bool {
    let mut readings = telegrams.iter().flat_map(|telegram| &telegram.readings);
    readings.any(|reading| matches!(reading.value, Value::Text(_)) && is_in_digits(reading, text))
}

/// A text that must be a reading's.
pub(super) fn text(telegram: &Telegram, name: &str, text: &str) -> Field {
    if telegram.readings.iter().any(|reading| is_text(reading, text)) {
        return Field::Equal("as text");
    }
    if text.is_empty() && telegram.readings.iter().any(|reading| is_number(reading, 0)) {
        return Field::Equal("as nothing: published as an empty text, and a number is zero");
    }
    if telegram.readings.iter().any(|reading| is_in_digits(reading, text)) {
        return Field::Equal("as number or bytes, published in its digits");
    }
    if let Some(volts) = text.strip_suffix('V').and_then(super::number::parse)
        && super::is_number_of(telegram, "v", volts)
    {
        return Field::Equal("as number with its unit");
    }
    match APART.iter().find(|(field, _)| *field == name) {
        Some((_, reason)) => Field::Apart(reason),
        None => Field::Failed(format!("{name}: expected `{text}`, got no such text")),
    }
}

/// Which parts of a telegram there are, in the source's words: each must be read.
pub(super) fn contents(telegram: &Telegram, text: &str) -> Field {
    let missing: Vec<&str> = text.split(' ').filter(|part| !has_part(telegram, part, text)).collect();
    if missing.is_empty() {
        return Field::Equal("as parts that are read");
    }
    Field::Failed(format!("contents: nothing read of {}", missing.join(" ")))
}

fn has_part(telegram: &Telegram, part: &str, all: &str) -> bool {
    let count = |is_one: fn(&Reading) -> bool| telegram.readings.iter().filter(|r| is_one(r)).count();
    match part {
        "BACKFLOW" => {
            count(|r| r.quantity == QuantityKind::Volume && r.modifiers.contains(&Modifier(0x3c))) == 1
        }
        "BATTERY_VOLTAGE" => count(|r| r.unit == Unit::Volt) == 1,
        "MONTHLY_DATA" => count(|r| r.quantity == QuantityKind::Volume && r.storage > 0) == 12,
        "LEAK_DATE" | "FRAUD_DATE" => {
            let dates = all.split(' ').filter(|part| part.ends_with("_DATE")).count();
            count(|r| r.quantity == QuantityKind::DateTime && r.function == Function::DuringError) == dates
        }
        _ => false,
    }
}

/// Whether a raw number of the maker's is a reading, or begins one's bytes.
pub(super) fn is_raw(telegram: &Telegram, raw: u64) -> bool {
    let begins = |bytes: &[u8]| bytes.first().is_some_and(|first| raw != 0 && u64::from(*first) == raw);
    telegram.readings.iter().any(|reading| match &reading.value {
        Value::Bytes(bytes) if reading.quantity == QuantityKind::ManufacturerSpecific => begins(bytes),
        _ => raw != 0 && is_number(reading, raw),
    })
}

/// Nothing published: no reading may be a value of that kind, unless one is marked as invalid.
pub(super) fn nothing(telegram: &Telegram, name: &str) -> Field {
    let is_of_kind = |reading: &&Reading| match suffix::of(name) {
        Some(suffix) => suffix::conversion(suffix, reading.unit).is_some(),
        None => name.contains("date") && reading.quantity == QuantityKind::DateTime,
    };
    // A reading without a value has no unit: it is of the kind of those that have one, or of that of its unit.
    let kinds: Vec<QuantityKind> = telegram.readings.iter().filter(is_of_kind).map(|r| r.quantity).collect();
    let mut without = telegram.readings.iter().filter(|reading| reading.value == Value::Invalid);
    if without.any(|reading| kinds.contains(&reading.quantity)) {
        return Field::Equal("as invalid: published as none");
    }
    match kinds.is_empty() {
        true => Field::Equal("as nothing: published as none, and none is given"),
        false => Field::Apart("nothing published, and values of that kind belong to other fields"),
    }
}

fn is_text(reading: &Reading, text: &str) -> bool {
    matches!(&reading.value, Value::Text(said) if said.trim() == text.trim())
}

fn is_number(reading: &Reading, wanted: u64) -> bool {
    match &reading.value {
        Value::Number(number) => number.exponent() == 0 && u64::try_from(number.mantissa()) == Ok(wanted),
        Value::Bytes(bytes) => super::flags_of(bytes) == Some(wanted),
        _ => false,
    }
}

/// Digits of a number or bytes: decimal, hexadecimal from either end, or letters, the last first. A word before them ends in
/// an underscore.
fn is_in_digits(reading: &Reading, text: &str) -> bool {
    let digits = text.rsplit('_').next().unwrap_or(text);
    let same = |said: &str| said.trim_start_matches('0').eq_ignore_ascii_case(digits.trim_start_matches('0'));
    match &reading.value {
        Value::Number(number) if number.exponent() == 0 => {
            let letters: Vec<u8> =
                number.mantissa().to_be_bytes().into_iter().filter(|byte| *byte != 0).collect();
            same(&number.mantissa().to_string())
                || same(&format!("{:x}", number.mantissa()))
                || letters == text.as_bytes()
        }
        Value::Bytes(bytes) => {
            let hex = |bytes: &mut dyn Iterator<Item = &u8>| {
                bytes.map(|byte| format!("{byte:02x}")).collect::<String>()
            };
            same(&hex(&mut bytes.iter())) || same(&hex(&mut bytes.iter().rev()))
        }
        Value::Text(said) => same(said.trim()) || same(&hex_of(said)) || is_reversed(said, text),
        _ => false,
    }
}

/// The bytes of a text in Latin letters.
fn hex_of(text: &str) -> String {
    text.chars().map(|letter| format!("{:02x}", u32::from(letter))).collect()
}

/// Texts are sent with the last letter first (EN 13757-3:2018, 6.3.4); some publish them as sent.
fn is_reversed(said: &str, text: &str) -> bool {
    said.chars().rev().eq(text.chars())
}

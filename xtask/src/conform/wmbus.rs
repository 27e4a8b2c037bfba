//! Telegrams against the values published beside them.
//!
//! What comes in: a row of the corpus. What goes out: whether every published value is among the decoded
//! readings, by meaning: number and dimension, or date. A missing value counts as failed unless the telegram
//! itself shows that no standard record carries it (see [`missing`]).

mod codes;
pub(super) mod extras;
mod flags;
mod layouts;
mod missing;
pub(super) mod negative;
mod number;
mod suffix;
mod words;

use serde_json::{Map, Value as Json};
use tidstro_model::{Decimal, Unit, Value};
use tidstro_telegram::{DecodeOptions, Formats, Key, Refusal, Telegram, decode, decode_with, uplink};

use super::{Options, Outcome};
use flags::Flags;
use missing::Excuses;
use number::Ratio;

/// Decodes one row through the public interface and compares every field of its `expected`.
pub(super) fn row(line: &str, formats: &Formats, options: Options) -> (String, Outcome) {
    let row: Json = serde_json::from_str(line).unwrap_or_default();
    let name = row.get("n").and_then(Json::as_str).unwrap_or("row without a name").to_owned();
    let Some(expected) = row.get("expected").and_then(Json::as_object) else {
        return (name, Outcome::Failed(vec!["the row has no object `expected`".to_owned()]));
    };
    if row.get("wrong_key_gives").is_some() && opens_with_another_key(line) {
        return (name, Outcome::Failed(vec!["a wrong key gave readings".to_owned()]));
    }
    let options = decode_options(&row, options);
    (name, outcome(line, formats, expected, &row, options))
}

/// The formats that the full frames of all rows teach, as a receiver hears them before long. A key serves only the
/// row it is in.
pub(super) fn formats_of(rows: &[String], options: Options) -> Formats {
    let mut formats = Formats::new();
    for line in rows {
        let row: Json = serde_json::from_str(line).unwrap_or_default();
        let options = decode_options(&row, options);
        let Ok(Some(own)) = uplink::parse_line(line.as_bytes()) else { continue };
        for frame in heard_before(&row).into_iter().chain([own.frame]) {
            let telegram = decode_with(&frame, &own.key, &formats, &options);
            telegram.ok().and_then(|telegram| telegram.format).map(|format| formats.insert(format));
        }
    }
    formats
}

/// The telegrams published as heard before the row's own.
fn heard_before(row: &Json) -> Vec<Vec<u8>> {
    let before = row.get("before").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let lines = before.iter().filter_map(Json::as_str);
    lines.filter_map(|line| Some(uplink::parse_line(line.as_bytes()).ok()??.frame)).collect()
}

fn is_predecrypted(row: &Json) -> bool {
    row.get("predecrypted") == Some(&Json::Bool(true))
}

fn decode_options(row: &Json, options: Options) -> DecodeOptions {
    let assume_decrypted = options.assume_decrypted && is_predecrypted(row);
    DecodeOptions { assume_decrypted, ..DecodeOptions::default() }
}

fn outcome(
    line: &str,
    formats: &Formats,
    expected: &Map<String, Json>,
    row: &Json,
    options: DecodeOptions,
) -> Outcome {
    let uplink = match uplink::parse_line(line.as_bytes()) {
        Ok(Some(uplink)) => uplink,
        Ok(None) => return Outcome::Failed(vec!["the row is blank".to_owned()]),
        Err(fault) => return Outcome::Failed(vec![fault.to_string()]),
    };
    match decode_with(&uplink.frame, &uplink.key, formats, &options) {
        Ok(telegram) => {
            let decoded = |frame: Vec<u8>| decode_with(&frame, &uplink.key, formats, &options).ok();
            let before: Vec<Telegram> = heard_before(row).into_iter().filter_map(decoded).collect();
            compare(&telegram, &before, expected)
        }
        Err(Refusal::LayoutNotYet { .. }) if layouts::is_published_as_broken(expected) => Outcome::NotYet {
            reason: "refused, and published as a payload that cannot be decoded".to_owned(),
            fields: vec![],
        },
        Err(refusal) => refused(refusal, is_predecrypted(row), options.assume_decrypted),
    }
}

/// Whether a key that is not the row's opens its telegram.
fn opens_with_another_key(line: &str) -> bool {
    let wrong = Key::new(*b"not the row's ke");
    let uplink = uplink::parse_line(line.as_bytes()).ok().flatten();
    uplink.is_some_and(|uplink| decode(&uplink.frame, &wrong, &DecodeOptions::default()).is_ok())
}

/// A refusal is "not yet" only for what the telegram itself shows to be outside the first form.
fn refused(refusal: Refusal, predecrypted: bool, assume_decrypted: bool) -> Outcome {
    if let Some(reason) = layouts::refused(&refusal) {
        return Outcome::NotYet { reason: reason.to_owned(), fields: vec![] };
    }
    let reason = match refusal {
        Refusal::LayoutNotYet { name, .. } => name.to_owned(),
        Refusal::ModeNotYet { mode, name, .. } => format!("security mode {mode} ({name})"),
        _ if predecrypted && !assume_decrypted => {
            "published decrypted under an encrypted header (--assume-decrypted)".to_owned()
        }
        Refusal::FormatUnknown { .. } => "compact frame of which no row has the full one".to_owned(),
        Refusal::KeyMissing { .. } => "encrypted, and the row has no key".to_owned(),
        Refusal::Length { .. } => {
            "published with another length than its L field says, refused as damaged".to_owned()
        }
        other => return Outcome::Failed(vec![format!("refused: {other}")]),
    };
    Outcome::NotYet { reason, fields: vec![] }
}

/// What became of one field.
enum Field {
    /// Equal, and how it was compared.
    Equal(&'static str),
    /// Nothing to compare it with, and why.
    Apart(&'static str),
    /// The telegram shows that no standard record carries it.
    NotYet(&'static str),
    /// Missing or different.
    Failed(String),
}

/// Texts may also be those of a telegram heard before: a source remembers them.
fn compare(telegram: &Telegram, before: &[Telegram], expected: &Map<String, Json>) -> Outcome {
    let (mut excuses, mut flags) = (Excuses::of(telegram), Flags::of(telegram));
    let (mut equal, mut apart, mut reasons, mut failed) = (vec![], vec![], vec![], vec![]);
    for (name, value) in expected {
        let field = match value {
            Json::String(text) if flags::is_state(name) => flags.field(name, text),
            Json::String(text) if codes::is_said(before, text) => Field::Equal("as text heard before"),
            _ => field(telegram, &mut excuses, name, value),
        };
        match field {
            Field::Equal(how) => equal.push(how),
            Field::Apart(reason) => apart.push(format!("{name} ({reason})")),
            Field::NotYet(reason) => reasons.push((reason, name.clone())),
            Field::Failed(fault) => failed.push(fault),
        }
    }
    match flags.unpublished(expected) {
        Some(Field::NotYet(reason)) => reasons.push((reason, "status".to_owned())),
        Some(Field::Failed(fault)) => failed.push(fault),
        _ => {}
    }
    let has_value = equal.iter().any(|how| how.starts_with("as number") || how.starts_with("as date"));
    if !failed.is_empty() && !has_value && missing::breaks_off(telegram) {
        let reason = "values in a payload that does not parse as standard records".to_owned();
        return Outcome::NotYet { reason, fields: vec![] };
    }
    match (failed.is_empty(), reasons.first()) {
        (false, _) => Outcome::Failed(failed),
        (true, Some((reason, _))) => Outcome::NotYet {
            reason: format!("values in {reason}"),
            fields: reasons.into_iter().map(|(_, field)| field).collect(),
        },
        (true, None) => Outcome::Passed { equal, apart },
    }
}

fn field(telegram: &Telegram, excuses: &mut Excuses<'_>, name: &str, value: &Json) -> Field {
    match value {
        Json::String(text) if name == "id" => id(telegram, text),
        Json::String(text) if name == "media" => media(telegram, text),
        Json::String(text) if text.is_empty() && name.contains("date") => codes::nothing(telegram, name),
        Json::String(text) if is_date(name) || looks_like_date(text) => date(telegram, excuses, name, text),
        Json::String(text) if name == "contents" => codes::contents(telegram, text),
        Json::String(text) => codes::text(telegram, name, text),
        Json::Number(number) => self::number(telegram, excuses, name, &number.to_string()),
        _ => codes::nothing(telegram, name),
    }
}

/// `2020-12-31`, with or without a time, also of days no calendar has.
fn looks_like_date(text: &str) -> bool {
    let shape = |(at, letter): (usize, char)| match at {
        4 | 7 => letter == '-',
        _ => letter.is_ascii_digit(),
    };
    text.len() >= 10 && text.chars().take(10).enumerate().all(shape)
}

fn is_date(name: &str) -> bool {
    ["date", "datetime", "date_time"].iter().any(|ending| name.ends_with(ending))
}

fn id(telegram: &Telegram, text: &str) -> Field {
    let senders = [telegram.meter, telegram.link_address];
    let is_one = senders.iter().any(|meter| meter.number.to_string().eq_ignore_ascii_case(text));
    if is_one {
        Field::Equal("as meter number")
    } else {
        Field::Failed(format!("id: expected {text}, got {}", telegram.meter.number))
    }
}

/// Words of older tables for the same device types.
const MEDIA: &[(u8, &str)] = &[
    (0x08, "heat cost allocator"),
    (0x0b, "cooling load volume at inlet"),
    (0x15, "hot water"),
    (0x20, "breaker (electricity)"),
    (0x21, "valve (gas or water)"),
    (0x25, "customer unit (display device)"),
    (0x28, "waste water"),
    (0x32, "reserved"),
    (0x33, "reserved"),
];

fn media(telegram: &Telegram, text: &str) -> Field {
    let senders = [telegram.medium, telegram.meter.medium, telegram.link_address.medium];
    let is_said = |medium: &tidstro_model::Medium| medium.word() == text || MEDIA.contains(&(medium.0, text));
    if senders.iter().any(is_said) {
        return Field::Equal("as device type");
    }
    Field::Failed(format!("media: expected {text}, got {}", telegram.meter.medium))
}

fn date(telegram: &Telegram, excuses: &mut Excuses<'_>, name: &str, expected: &str) -> Field {
    let is_said = telegram.readings.iter().any(|reading| match reading.value {
        Value::Date(date) => date.at(0, 0, 0, 0).strftime("%Y-%m-%d %H:%M").to_string().starts_with(expected),
        Value::DateTime(moment) => moment.strftime("%Y-%m-%d %H:%M:%S").to_string().starts_with(expected),
        _ => false,
    });
    if is_said { Field::Equal("as date") } else { excuses.date(name, expected) }
}

fn number(telegram: &Telegram, excuses: &mut Excuses<'_>, name: &str, expected: &str) -> Field {
    let (Some(suffix), Some(wanted)) = (suffix::of(name), number::parse(expected)) else {
        return Field::Failed(format!("{name}: no comparison for this unit"));
    };
    let candidates = candidates(telegram, suffix);
    let converted = converted(&candidates, suffix);
    if converted.iter().any(|number| number.is_close_to(wanted)) {
        return Field::Equal("as number within 1e-9");
    }
    // Published numbers are rounded to six decimals.
    if converted.iter().any(|number| number.rounds_to(wanted)) {
        return Field::Equal("as number to the six decimals published");
    }
    if decimals(expected) == 6 && converted.iter().any(|number| number.is_same_real(wanted)) {
        return Field::Equal("as 32-bit real, published with more digits than it has");
    }
    let got: Vec<String> = candidates.iter().map(|(number, unit)| format!("{number} {unit}")).collect();
    excuses.number(name, suffix, wanted, &got.join(" | "))
}

/// Whether a reading of this dimension is this number.
fn is_number_of(telegram: &Telegram, suffix: &str, wanted: Ratio) -> bool {
    converted(&candidates(telegram, suffix), suffix).iter().any(|number| number.is_close_to(wanted))
}

/// The numbers in the suffix's unit.
fn converted(candidates: &[(Decimal, Unit)], suffix: &str) -> Vec<Ratio> {
    let in_short_years = (suffix == "y").then_some(suffix::SHORT_YEARS);
    let units = [suffix].into_iter().chain(in_short_years);
    units.flat_map(|unit| candidates.iter().filter_map(move |said| in_unit(unit, *said))).collect()
}

fn decimals(number: &str) -> usize {
    number.split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

/// The numbers of this dimension. Flags count as a number where a bare number is expected.
fn candidates(telegram: &Telegram, suffix: &str) -> Vec<(Decimal, Unit)> {
    let said = telegram.readings.iter().filter_map(|reading| match &reading.value {
        Value::Number(number) => Some((*number, reading.unit)),
        Value::Bytes(bytes) => Some((Decimal::new(flags_of(bytes)?.try_into().ok()?, 0), Unit::One)),
        Value::Text(digits) => Some((Decimal::parse(digits.as_bytes()).ok()?, Unit::One)),
        _ => None,
    });
    said.filter(|(_, unit)| suffix::conversion(suffix, *unit).is_some()).collect()
}

/// Bytes as a number, the first lowest.
fn flags_of(bytes: &[u8]) -> Option<u64> {
    let mut bytes = bytes.iter().rev();
    bytes.try_fold(0_u64, |number, byte| number.checked_mul(256)?.checked_add(u64::from(*byte)))
}

fn in_unit(suffix: &str, (number, unit): (Decimal, Unit)) -> Option<Ratio> {
    let conversion = suffix::conversion(suffix, unit)?;
    Ratio::of(number)?.plus(conversion.shift)?.times(conversion.factor)
}

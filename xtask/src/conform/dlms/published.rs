//! Values that other programs published for a push, compared by meaning with our readings.
//!
//! `expected_values` are compared in every row that has them. `expected_amshan` are business values; that program
//! takes lists it does not know for lists of another maker, so a row is compared only where it names the maker
//! the corpus names, and totals only where the layout knows their unit.

use serde_json::Value as Json;
use tidstro_dlms::{Item, Push};
use tidstro_model::{Decimal, Obis, Reading, Value};

use super::{Check, text};

/// `expected_values`: code with points → number or text.
pub(super) fn values(push: &Push, row: &Json) -> Vec<Check> {
    let Some(expected) = row.get("expected_values").and_then(Json::as_object) else { return vec![] };
    expected.iter().map(|(code, value)| listed(push, code, value)).collect()
}

fn listed(push: &Push, code: &str, expected: &Json) -> Check {
    let reading = push.readings.iter().find(|reading| reading.obis.is_some_and(|own| dotted(own.0) == code));
    let item = push.items.iter().find(|item| dotted(item.obis.0) == code);
    let is_empty = expected.as_str() == Some("");
    match (reading, item) {
        (Some(reading), _) if says(reading, expected) => Ok("as published value"),
        (None, Some(item)) if states(item, expected) => Ok("as published value, without a unit"),
        // An attribute that only names its object.
        (None, None) if is_empty => Ok("as no value"),
        _ => Err(format!("{code}: expected {expected}, got {reading:?} {item:?}")),
    }
}

fn dotted([a, b, c, d, e, f]: [u8; 6]) -> String {
    format!("{a}.{b}.{c}.{d}.{e}.{f}")
}

fn says(reading: &Reading, expected: &Json) -> bool {
    match &reading.value {
        Value::Number(number) => decimal(expected) == Some(*number),
        Value::Text(said) => expected.as_str() == Some(said),
        Value::DateTime(moment) => {
            expected.as_str() == Some(&moment.strftime("%Y-%m-%d %H:%M:%S").to_string())
        }
        Value::Bytes(bytes) => bytes.is_empty() && expected.as_str() == Some(""),
        _ => false,
    }
}

fn states(item: &Item, expected: &Json) -> bool {
    item.value.decimal().is_some_and(|number| decimal(expected) == Some(number))
}

/// A number as published: some were computed in floating point, and differ in the sixteenth digit.
fn decimal(number: &Json) -> Option<Decimal> {
    let text = number.as_number()?.to_string();
    if text.contains('e') {
        return None;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_short = fraction.len() <= 12;
    let text = if is_short { text.clone() } else { format!("{whole}.{}", rounded(fraction)) };
    Decimal::parse(text.as_bytes()).ok()
}

/// Twelve decimals, rounded; a carry beyond them does not occur in numbers of a meter.
fn rounded(fraction: &str) -> String {
    let (kept, rest) = fraction.split_at_checked(12).unwrap_or((fraction, ""));
    let up = u64::from(rest.as_bytes().first().is_some_and(|digit| *digit >= b'5'));
    kept.parse::<u64>().map_or_else(|_| kept.to_owned(), |number| format!("{:0>12}", number + up))
}

/// Names of business values, group C and D of their codes, and whether the number is a total.
const NAMES: &[(&str, u8, u8)] = &[
    ("active_power_import", 1, 7),
    ("active_power_export", 2, 7),
    ("reactive_power_import", 3, 7),
    ("reactive_power_export", 4, 7),
    ("current_l1", 31, 7),
    ("current_l2", 51, 7),
    ("current_l3", 71, 7),
    ("voltage_l1", 32, 7),
    ("voltage_l2", 52, 7),
    ("voltage_l3", 72, 7),
    ("active_power_import_l1", 21, 7),
    ("active_power_export_l1", 22, 7),
    ("reactive_power_import_l1", 23, 7),
    ("reactive_power_export_l1", 24, 7),
    ("active_power_import_l2", 41, 7),
    ("active_power_export_l2", 42, 7),
    ("reactive_power_import_l2", 43, 7),
    ("reactive_power_export_l2", 44, 7),
    ("active_power_import_l3", 61, 7),
    ("active_power_export_l3", 62, 7),
    ("reactive_power_import_l3", 63, 7),
    ("reactive_power_export_l3", 64, 7),
    ("active_power_import_total", 1, 8),
    ("active_power_export_total", 2, 8),
    ("reactive_power_import_total", 3, 8),
    ("reactive_power_export_total", 4, 8),
];

/// `expected_amshan`: name → number in W, var, V, A, Wh, varh.
pub(super) fn names(push: &Push, row: &Json) -> Vec<Check> {
    let Some(expected) = row.get("expected_amshan").and_then(Json::as_object) else { return vec![] };
    let taken_for = expected.get("meter_manufacturer").and_then(Json::as_str).unwrap_or_default();
    let maker = text(row, "manufacturer");
    if !maker.is_empty() && !taken_for.eq_ignore_ascii_case(maker) {
        return vec![];
    }
    let known = |(name, c, d): &(&str, u8, u8)| Some(named(push, name, [*c, *d], expected.get(*name)?));
    NAMES.iter().filter_map(known).collect()
}

fn named(push: &Push, name: &str, group: [u8; 2], expected: &Json) -> Check {
    let is_it = |obis: Obis| matches!(obis.0, [1, _, c, d, 0, 255] if [c, d] == group);
    let got = push.readings.iter().find(|reading| reading.obis.is_some_and(is_it));
    let item = push.items.iter().find(|item| is_it(item.obis));
    match got.map(|reading| &reading.value) {
        // A type number that was made unreadable names no list, and Swedish totals may be Wh or tens of them: the
        // number is there, its unit is not.
        None if item.is_some_and(|item| states(item, expected) || is_tenth(item, expected, group)) => {
            Ok("as business value, without a unit")
        }
        Some(Value::Number(number)) if decimal(expected) == Some(*number) => Ok("as business value"),
        _ => Err(format!("{name}: expected {expected}, got {got:?}")),
    }
}

/// That program takes every total of lists without units for tens of Wh.
fn is_tenth(item: &Item, expected: &Json, group: [u8; 2]) -> bool {
    let tens = item.value.integer().map(|number| Decimal::new(number, 1));
    matches!(group, [_, 8]) && tens.is_some() && tens == decimal(expected)
}

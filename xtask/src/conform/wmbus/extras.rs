//! Readings that no published field has, and published fields that lean on the same reading.
//!
//! What comes in: the rows of a corpus. What goes out: a table of both, for people to look at: a reading beside what is
//! published may be one the source leaves out, or one that is invented; two fields with one value may be one value with
//! two names, or a wrong reading that passes by chance.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use tidstro_model::{Modifier, Reading, Value};
use tidstro_telegram::{Formats, Telegram, decode_with, uplink};

use super::{Excuses, Field, Options, codes, decode_options, field, flags};

/// How many readings there are of one kind, in how many telegrams, and one of them.
#[derive(Default)]
struct Kind {
    readings: usize,
    telegrams: usize,
    example: String,
}

/// Prints the readings of all rows that no field publishes, by kind, and the fields that have no reading of their own.
pub(crate) fn print(rows: &[String], formats: &Formats, options: Options) {
    let (mut kinds, mut shared) = (BTreeMap::<String, Kind>::new(), Vec::new());
    for line in rows {
        let row: Json = serde_json::from_str(line).unwrap_or_default();
        let Some((telegram, expected)) = decoded(line, &row, formats, options) else { continue };
        let fields = matches(&telegram, expected);
        count(&telegram, &fields, &mut kinds);
        let name = row.get("n").and_then(Json::as_str).unwrap_or_default();
        shared
            .extend(without_own(&fields, telegram.readings.len()).into_iter().map(|f| format!("{name} {f}")));
    }
    println!("readings that no field publishes, by kind (readings, telegrams, one of them):");
    for (kind, Kind { readings, telegrams, example }) in &kinds {
        println!("{readings:>6} {telegrams:>4}  {kind}: {example}");
    }
    println!("fields that share a reading with another field:");
    shared.iter().for_each(|field| println!("       {field}"));
}

fn decoded<'r>(
    line: &str,
    row: &'r Json,
    formats: &Formats,
    options: Options,
) -> Option<(Telegram, &'r Map<String, Json>)> {
    let uplink = uplink::parse_line(line.as_bytes()).ok()??;
    let telegram = decode_with(&uplink.frame, &uplink.key, formats, &decode_options(row, options)).ok()?;
    Some((telegram, row.get("expected")?.as_object()?))
}

/// A field, and the readings that are each enough for it.
type Match<'r> = (&'r str, Vec<usize>);

fn matches<'r>(telegram: &Telegram, expected: &'r Map<String, Json>) -> Vec<Match<'r>> {
    let alone: Vec<Telegram> = telegram
        .readings
        .iter()
        .map(|reading| Telegram { readings: vec![reading.clone()], ..bare(telegram) })
        .collect();
    let values = expected.iter().filter(|(name, _)| !matches!(name.as_str(), "id" | "media" | "meter"));
    let of_field = |(name, value): (&'r String, &Json)| {
        let fitting = alone.iter().enumerate().filter(|(_, telegram)| says(telegram, name, value));
        (name.as_str(), fitting.map(|(at, _)| at).collect())
    };
    values.map(of_field).collect()
}

fn bare(telegram: &Telegram) -> Telegram {
    Telegram { readings: Vec::new(), faults: Vec::new(), ..telegram.clone() }
}

/// Whether a telegram of one reading has the field.
fn says(telegram: &Telegram, name: &str, value: &Json) -> bool {
    match value {
        Json::String(text) if flags::is_state(name) => codes::is_said(std::slice::from_ref(telegram), text),
        Json::Null => false,
        _ => matches!(field(telegram, &mut Excuses::of(telegram), name, value), Field::Equal(_)),
    }
}

fn count(telegram: &Telegram, fields: &[Match<'_>], kinds: &mut BTreeMap<String, Kind>) {
    let is_published = |at: usize| fields.iter().any(|(_, readings)| readings.contains(&at));
    let mut counted: Vec<String> = Vec::new();
    let extra = telegram.readings.iter().enumerate().filter(|(at, _)| !is_published(*at));
    for (_, reading) in extra.filter(|(_, reading)| reading.value != Value::Invalid) {
        let kind = kind(telegram, reading);
        let entry = kinds.entry(kind.clone()).or_default();
        entry.readings += 1;
        entry.telegrams += usize::from(!counted.contains(&kind));
        entry.example = shown(reading);
        counted.push(kind);
    }
}

fn kind(telegram: &Telegram, reading: &Reading) -> String {
    let modifiers: String = reading.modifiers.iter().map(|Modifier(code)| format!(" ·{code:02X}")).collect();
    let memory = if reading.storage == 0 { "" } else { " of a memory" };
    let function = reading.function.word();
    format!(
        "{} v{:02X} {}, {}{modifiers} {function}{memory}",
        telegram.meter.manufacturer, telegram.meter.version, telegram.medium, reading.quantity
    )
}

fn shown(reading: &Reading) -> String {
    match &reading.value {
        Value::Number(number) => format!("{number} {}", reading.unit),
        other => format!("{other:?}"),
    }
}

/// The fields that are left when each reading serves one field only, as many as can be.
fn without_own<'r>(fields: &[Match<'r>], readings: usize) -> Vec<&'r str> {
    let mut owner: Vec<Option<usize>> = vec![None; readings];
    let mut left = Vec::new();
    for (at, (name, fitting)) in fields.iter().enumerate() {
        if !fitting.is_empty() && !finds_own(at, fields, &mut owner, &mut vec![false; readings]) {
            left.push(*name);
        }
    }
    left
}

/// Gives a field a reading of its own, moving others to another one of theirs (Kuhn's augmenting path).
fn finds_own(at: usize, fields: &[Match<'_>], owner: &mut [Option<usize>], tried: &mut [bool]) -> bool {
    let fitting = fields.get(at).map(|(_, readings)| readings.as_slice()).unwrap_or_default();
    for reading in fitting {
        let Some(was_tried) = tried.get_mut(*reading) else { continue };
        if std::mem::replace(was_tried, true) {
            continue;
        }
        let other = owner.get(*reading).copied().flatten();
        if other.is_none_or(|other| finds_own(other, fields, owner, tried)) {
            owner.iter_mut().skip(*reading).take(1).for_each(|owner| *owner = Some(at));
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::without_own;

    #[test]
    fn each_reading_serves_one_field() {
        let fields = [("a", vec![0, 1]), ("b", vec![0]), ("c", vec![])];
        assert_eq!(without_own(&fields, 2), [""; 0], "a moves to the other reading");
        let fields = [("a", vec![0]), ("b", vec![0])];
        assert_eq!(without_own(&fields, 1), ["b"]);
    }
}

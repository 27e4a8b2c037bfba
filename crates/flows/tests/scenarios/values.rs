//! Values as somebody sees them: `then/quarters.csv`, `hours.csv`, `days.csv`, `months.csv`.
//!
//! Columns: `point`, `from`, `count`, `kwh`, `quality`; where it matters `corrected` (yes or no), `rules` (that failed, with a
//! blank between), `there` (parts of a day or month that have a value, of how many), `seen_by` (a person; else the
//! meter-data clerk), `known` (as it was known then; else at the end) and `meter` (of several at the point). Water is in `m3`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::{Timestamp, ToSpan as _};
use tidstro_calendar::Zone;
use tidstro_flows::{SeriesValue, resident_called, show_series};
use tidstro_model::{DayRange, Decimal, Resolution};

use crate::common;
use crate::given::Given;
use crate::tables::{Row, cell, instant, table};

const FILES: [(&str, Resolution); 4] = [
    ("quarters.csv", Resolution::PT15M),
    ("hours.csv", Resolution::PT1H),
    ("days.csv", Resolution::P1D),
    ("months.csv", Resolution::P1M),
];

/// Compares every file of values there is; returns how many values were compared.
pub(crate) async fn check(given: &Given, case: &Path) -> usize {
    let mut compared = 0;
    for (file, resolution) in FILES {
        let path = case.join("then").join(file);
        let mut questions: BTreeMap<[String; 4], Vec<Row>> = BTreeMap::new();
        for row in table(&path) {
            let question = ["seen_by", "known", "point", "meter"].map(|column| cell(&row, column).to_owned());
            questions.entry(question).or_default().push(row);
        }
        for ([who, known, point, meter], rows) in questions {
            let zone = given.workspace.zone();
            let expected: Vec<String> = rows.iter().flat_map(|row| expanded(row, resolution, zone)).collect();
            let columns: BTreeSet<&str> = rows[0].keys().map(String::as_str).collect();
            let shown = shown(given, [&who, &known, &point, &meter], resolution).await;
            let found: Vec<String> = shown.iter().map(|value| text(value, &columns)).collect();
            assert_same(&expected, &found, &format!("{}: {point} seen by `{who}` `{known}`", path.display()));
            compared += found.len();
        }
    }
    compared
}

fn assert_same(expected: &[String], found: &[String], what: &str) {
    let differ = expected.iter().zip(found).find(|(expected, found)| expected != found);
    if let Some((expected, found)) = differ {
        panic!("{what}\n  expected {expected}\n  found    {found}");
    }
    assert_eq!(expected.len(), found.len(), "{what}: another number of values; {:?}", found.last());
}

/// One text for each interval of a row, so that a difference reads as one.
fn expanded(row: &Row, resolution: Resolution, zone: &Zone) -> Vec<String> {
    let count: u32 = row["count"].parse().unwrap();
    let from = instant(&row["from"]);
    let rest: Vec<String> = ["kwh", "m3", "quality", "corrected", "rules", "there"]
        .iter()
        .filter(|column| row.contains_key(**column))
        .map(|column| format!("{column} {}", row[*column]))
        .collect();
    let starts = (0..count).map(|slot| after(from, slot, resolution, zone));
    starts.map(|start| format!("{start} {}", rest.join(", "))).collect()
}

/// The start of the interval that is so many after one.
fn after(from: Timestamp, slots: u32, resolution: Resolution, zone: &Zone) -> Timestamp {
    let day = zone.day_of(from);
    match resolution.seconds() {
        Some(seconds) if resolution < Resolution::P1D => {
            Timestamp::from_second(from.as_second() + i64::from(slots) * i64::from(seconds)).unwrap()
        }
        _ if resolution == Resolution::P1D => zone.day_start(day.saturating_add(i64::from(slots).days())),
        _ => zone.day_start(day.saturating_add(i64::from(slots).months())),
    }
}

async fn shown(
    given: &Given,
    [who, known, point, meter]: [&str; 4],
    resolution: Resolution,
) -> Vec<SeriesValue> {
    let (actor, purpose) = match who {
        "" if given.is_of_grid(point) => (common::actor("staff:mikkel"), "correctness-control"),
        "" => (common::actor("staff:mikkel"), "validation"),
        person => (resident_called(&given.workspace, person).await.unwrap().unwrap(), "own-view"),
    };
    let mut asked = common::ask(&actor, purpose, DayRange::always(), resolution);
    asked.point = Some(given.gsrn(point));
    asked.as_of = (!known.is_empty()).then(|| instant(known));
    let views = common::given(show_series(&given.workspace, &asked, given.end).await.unwrap());
    let before = given.meters_before(point, meter);
    let wanted = |(index, _): &(usize, _)| meter.is_empty() || *index == before;
    views.into_iter().enumerate().filter(wanted).flat_map(|(_, view)| view.values).collect()
}

/// A value as the tables write it.
fn text(value: &SeriesValue, columns: &BTreeSet<&str>) -> String {
    let (unit, exponent) = if columns.contains("m3") { ("m3", -3) } else { ("kwh", 0) };
    let number = value.value.map_or_else(String::new, |value| thousandths(value, exponent));
    let mut cells = vec![format!("{unit} {number}"), format!("quality {}", value.quality)];
    let rules: Vec<&str> = value.findings.rules().map(tidstro_model::Rule::code).collect();
    for (column, cell) in [
        ("corrected", if value.corrected { "yes" } else { "no" }.to_owned()),
        ("rules", rules.join(" ")),
        ("there", format!("{}/{}", value.present, value.expected)),
    ] {
        if columns.contains(column) {
            cells.push(format!("{column} {cell}"));
        }
    }
    format!("{} {}", value.start, cells.join(", "))
}

/// Steps of an exponent as thousands of them, with three decimals: watt hours as kilowatt hours, litres as cubic metres.
fn thousandths(value: Decimal, exponent: i8) -> String {
    let steps = value.in_steps_of(exponent).unwrap();
    let sign = if steps < 0 { "-" } else { "" };
    let digits = steps.unsigned_abs();
    format!("{sign}{}.{:03}", digits / 1000, digits % 1000)
}

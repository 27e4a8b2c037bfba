//! Series as tables and JSON.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tidstro_calendar::Zone;
use tidstro_flows::{SeriesLine, SeriesValue, SeriesView};
use tidstro_model::{Findings, Rule};

use super::{Table, exact, plain, shown};

/// The autumn day on which clocks go back.
const LONGEST_DAY: SignedDuration = SignedDuration::from_hours(25);

/// The list of series.
pub(crate) fn list_table(lines: &[SeriesLine]) -> Table {
    let mut table =
        Table::new(&[">series", "area", "flat", "point", "room", "what", "quantity", "unit", "resolution"]);
    for line in lines {
        table.row(vec![
            line.series.to_string(),
            line.area.clone(),
            line.flat.clone().unwrap_or_default(),
            line.point.clone(),
            line.room.clone().unwrap_or_default(),
            line.commodity.code().to_owned(),
            line.quantity.to_string(),
            line.unit.to_string(),
            line.resolution.to_string(),
        ]);
    }
    table
}

/// One series with its values in local time.
pub(crate) fn view_table(view: &SeriesView, zone: &Zone) -> String {
    let line = &view.line;
    // A month or a year may be cut to the days the asker may see: then its end is news.
    let is_long = view.values.iter().any(|value| value.end.duration_since(value.start) > LONGEST_DAY);
    let times: &[&str] = if is_long { &["from", "until"] } else { &["from"] };
    let mut table = Table::new(&[times, &[">value", "quality", ">parts", "findings"]].concat());
    for value in &view.values {
        let mut row = vec![local(value.start, zone)];
        if is_long {
            row.push(local(value.end, zone));
        }
        row.extend([
            value.value.map_or_else(|| "–".to_owned(), |number| shown(number, line.unit)),
            quality(value),
            format!("{}/{}", value.present, value.expected),
            rules(value.findings).join(", "),
        ]);
        table.row(row);
    }
    let room = line.room.as_deref().map(|room| format!(", {room}")).unwrap_or_default();
    let head = format!(
        "series {} · {} · {}{room} · {}",
        line.series,
        line.point,
        line.commodity.code(),
        line.quantity
    );
    format!("{}\n{table}", plain(&head))
}

fn quality(value: &SeriesValue) -> String {
    if value.corrected { format!("{}, corrected", value.quality) } else { value.quality.to_string() }
}

/// An instant in the zone's clock time, with its offset: two hours of the autumn night are told apart.
pub(crate) fn local(at: Timestamp, zone: &Zone) -> String {
    at.in_tz(zone.name())
        .map_or_else(|_| at.to_string(), |zoned| zoned.strftime("%Y-%m-%d %H:%M:%S %:z").to_string())
}

fn rules(findings: Findings) -> Vec<&'static str> {
    findings.rules().map(Rule::code).collect()
}

/// A series in a list.
#[derive(Serialize)]
pub(crate) struct LineJson<'a> {
    series: u32,
    area: &'a str,
    flat: Option<&'a str>,
    point: &'a str,
    room: Option<&'a str>,
    commodity: &'static str,
    quantity: &'static str,
    unit: &'static str,
    resolution: &'static str,
}

pub(crate) fn line_json(line: &SeriesLine) -> LineJson<'_> {
    LineJson {
        series: line.series.as_u32(),
        area: &line.area,
        flat: line.flat.as_deref(),
        point: &line.point,
        room: line.room.as_deref(),
        commodity: line.commodity.code(),
        quantity: line.quantity.code(),
        unit: line.unit.code(),
        resolution: line.resolution.code(),
    }
}

/// A value with the series it belongs to.
#[derive(Serialize)]
pub(crate) struct ValueJson<'a> {
    series: u32,
    point: &'a str,
    quantity: &'static str,
    start: String,
    end: String,
    value: Option<Box<serde_json::value::RawValue>>,
    unit: &'static str,
    quality: &'static str,
    present: u32,
    expected: u32,
    corrected: bool,
    findings: Vec<&'static str>,
}

pub(crate) fn value_json<'a>(view: &'a SeriesView, value: &SeriesValue) -> ValueJson<'a> {
    ValueJson {
        series: view.line.series.as_u32(),
        point: &view.line.point,
        quantity: view.line.quantity.code(),
        start: value.start.to_string(),
        end: value.end.to_string(),
        // A decimal's own digits are always JSON.
        value: value.value.and_then(|number| exact(number).ok()),
        unit: view.line.unit.code(),
        quality: value.quality.word(),
        present: value.present,
        expected: value.expected,
        corrected: value.corrected,
        findings: rules(value.findings),
    }
}

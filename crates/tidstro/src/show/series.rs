//! Series as tables and JSON.

use jiff::Timestamp;
use serde::Serialize;
use tidstro_calendar::Zone;
use tidstro_flows::{SeriesLine, SeriesValue, SeriesView};
use tidstro_model::{Findings, Rule};

use super::{Table, exact, shown};

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
    let mut table = Table::new(&["from", ">value", "quality", ">parts", "findings"]);
    for value in &view.values {
        table.row(vec![
            local(value.start, zone),
            value.value.map_or_else(|| "–".to_owned(), |number| shown(number, line.unit)),
            quality(value),
            format!("{}/{}", value.present, value.expected),
            rules(value.findings).join(", "),
        ]);
    }
    let room = line.room.as_deref().map(|room| format!(", {room}")).unwrap_or_default();
    format!(
        "series {} · {} · {}{room} · {}\n{table}",
        line.series,
        line.point,
        line.commodity.code(),
        line.quantity
    )
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

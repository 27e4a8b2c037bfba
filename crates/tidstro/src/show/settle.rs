//! How settlement looks: kWh of days for people, every quarter for programs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::value::RawValue;
use tidstro_calendar::Zone;
use tidstro_flows::{DifferingLine, EnergyLine, LeftLine, RunLine, UnfinishedRun};
use tidstro_metering::settlement::{AggregationLevel, EnergyResult, EnergyValue, GroupKind, QualitySet};
use tidstro_model::Gln;

use super::Table;

/// One slot of a series.
pub(crate) struct Value<'a> {
    line: &'a EnergyLine,
    at: Timestamp,
    value: EnergyValue,
}

/// The slots of a series in which anybody was.
pub(crate) fn values<'a>(line: &'a EnergyLine, zone: &'a Zone) -> impl Iterator<Item = Value<'a>> {
    let slots = line.result.values.iter().zip(0_u32..);
    slots.filter_map(move |(value, slot)| {
        let at = zone.slot_start(line.day, line.resolution, slot)?;
        value.map(|value| Value { line, at, value })
    })
}

/// The columns of [`csv_row`]: those of the market's result files that are not its own system's.
pub(crate) const CSV_HEADER: &str = "grid_area_code;energy_supplier_id;balance_responsible_party_id;quantity;\
     quantity_qualities;time;time_series_type;neighbor_grid_area_code;metering_point_id;resolution;level";

/// A slot as a row of CSV. Qualities are separated by commas.
pub(crate) fn csv_row(value: &Value<'_>) -> String {
    let result = &value.line.result;
    [
        result.area.to_string(),
        gln(result.parties.supplier),
        gln(result.parties.balance_responsible),
        kwh(value.value.watt_hours),
        words(value.value.qualities).join(","),
        value.at.to_string(),
        result.series.word().to_owned(),
        result.neighbour.map(|area| area.to_string()).unwrap_or_default(),
        result.point.map(|point| point.to_string()).unwrap_or_default(),
        value.line.resolution.code().to_owned(),
        level_word(result.level).to_owned(),
    ]
    .join(";")
}

#[derive(serde::Serialize)]
struct JsonValue {
    area: String,
    supplier: Option<String>,
    balance_responsible: Option<String>,
    quantity_kwh: Box<RawValue>,
    qualities: Vec<&'static str>,
    time: String,
    series: &'static str,
    neighbour: Option<String>,
    point: Option<String>,
    resolution: &'static str,
    level: &'static str,
}

/// A slot as one JSON object.
pub(crate) fn value_json(value: &Value<'_>) -> Result<String, serde_json::Error> {
    let result = &value.line.result;
    serde_json::to_string(&JsonValue {
        area: result.area.to_string(),
        supplier: result.parties.supplier.map(|gln| gln.to_string()),
        balance_responsible: result.parties.balance_responsible.map(|gln| gln.to_string()),
        quantity_kwh: RawValue::from_string(kwh(value.value.watt_hours))?,
        qualities: words(value.value.qualities),
        time: value.at.to_string(),
        series: result.series.word(),
        neighbour: result.neighbour.map(|area| area.to_string()),
        point: result.point.map(|point| point.to_string()),
        resolution: value.line.resolution.code(),
        level: level_word(result.level),
    })
}

/// kWh of each local day: one row for each day and group, in the order of the series.
pub(crate) fn day_table(lines: &[EnergyLine]) -> Table {
    let mut table =
        Table::new(&["day", "series", "supplier", "balance responsible", "neighbour", ">kWh", "of"]);
    for line in lines {
        let EnergyResult { series, parties, neighbour, values, .. } = &line.result;
        let there = values.iter().flatten();
        let total = there.clone().map(|value| value.watt_hours).sum();
        let qualities = there.fold(QualitySet::EMPTY, |set, value| set.union(value.qualities));
        table.row(vec![
            line.day.to_string(),
            series.word().to_owned(),
            gln(parties.supplier),
            gln(parties.balance_responsible),
            neighbour.map(|area| area.to_string()).unwrap_or_default(),
            kwh(total),
            words(qualities).join(", "),
        ]);
    }
    table
}

/// Why blocks are in no sum: one row for each reason and what to do.
pub(crate) fn left_table(left: &[LeftLine]) -> Table {
    let mut reasons: BTreeMap<(&str, &str), (u64, &LeftLine)> = BTreeMap::new();
    for line in left {
        reasons.entry((line.why, line.advice)).or_insert((0, line)).0 += 1;
    }
    let mut table = Table::new(&["not settled", ">blocks", "first", "point", "what to do"]);
    for ((why, advice), (count, first)) in reasons {
        let cells = [why.to_owned(), count.to_string(), first.day.to_string(), first.point.clone()];
        table.row(cells.into_iter().chain([advice.to_owned()]).collect());
    }
    table
}

/// A block that is in no sum, as one JSON object.
pub(crate) fn left_json(left: &LeftLine) -> serde_json::Value {
    serde_json::json!({
        "day": left.day.to_string(), "point": left.point, "not_settled": left.why, "advice": left.advice,
    })
}

/// Which calculation stands for a day, or stood.
pub(crate) fn run_table(lines: &[RunLine]) -> Table {
    let mut table = Table::new(&["day", "kind", ">version", "run at", "for", "replaced by"]);
    for line in lines {
        table.row(vec![
            line.day.to_string(),
            line.kind.word().to_owned(),
            line.version.to_string(),
            line.run_at.map(|at| at.to_string()).unwrap_or_default(),
            if line.is_internal { "operator" } else { "market" }.to_owned(),
            line.replaced_by.map(|version| version.to_string()).unwrap_or_default(),
        ]);
    }
    table
}

/// The same as one JSON object.
pub(crate) fn run_json(line: &RunLine) -> serde_json::Value {
    serde_json::json!({
        "day": line.day.to_string(),
        "kind": line.kind.word(),
        "version": line.version,
        "run_at": line.run_at.map(|at| at.to_string()),
        "internal": line.is_internal,
        "replaced_by": line.replaced_by,
    })
}

/// A calculation that is not finished as one JSON object: it has days, and no `day`.
pub(crate) fn unfinished_json(UnfinishedRun { version, kind, days }: &UnfinishedRun) -> serde_json::Value {
    let (from, to) = (days.start().to_string(), days.end().to_string());
    serde_json::json!({ "unfinished": true, "kind": kind.word(), "version": version, "from": from, "to": to })
}

/// Groups and days whose sum is other than the blocks say.
pub(crate) fn differing_table(lines: &[DifferingLine]) -> Table {
    let mut table =
        Table::new(&["day", "area", "of", "supplier", "balance responsible", "neighbour", ">slots"]);
    for line in lines {
        let (kind, supplier, responsible, neighbour) = group_words(line);
        let cells = [line.day.to_string(), line.group.area.to_string(), kind.to_owned()];
        let more = [supplier, responsible, neighbour, line.slots.to_string()];
        table.row(cells.into_iter().chain(more).collect());
    }
    table
}

/// The same as one JSON object.
pub(crate) fn differing_json(line: &DifferingLine) -> serde_json::Value {
    let (kind, supplier, responsible, neighbour) = group_words(line);
    serde_json::json!({
        "day": line.day.to_string(),
        "area": line.group.area.to_string(),
        "of": kind,
        "supplier": supplier,
        "balance_responsible": responsible,
        "neighbour": neighbour,
        "slots": line.slots,
    })
}

fn group_words(line: &DifferingLine) -> (&'static str, String, String, String) {
    let of = |kind, parties: tidstro_metering::settlement::Parties| {
        (kind, gln(parties.supplier), gln(parties.balance_responsible), String::new())
    };
    match line.group.kind {
        GroupKind::Exchange { neighbour } => {
            ("exchange", String::new(), String::new(), neighbour.to_string())
        }
        GroupKind::Consumption { method, parties } => of(method.word(), parties),
        GroupKind::Production { parties } => of("production", parties),
    }
}

/// kWh with three decimals, as the market writes them (regulation D.1 § 6(3)).
pub(crate) fn kwh(watt_hours: i64) -> String {
    let (sign, magnitude) = (if watt_hours < 0 { "-" } else { "" }, watt_hours.unsigned_abs());
    format!("{sign}{}.{:03}", magnitude / 1000, magnitude % 1000)
}

pub(crate) fn gln(gln: Option<Gln>) -> String {
    gln.map(|gln| gln.to_string()).unwrap_or_default()
}

pub(crate) fn words(qualities: QualitySet) -> Vec<&'static str> {
    qualities.qualities().map(tidstro_model::Quality::word).collect()
}

const fn level_word(level: AggregationLevel) -> &'static str {
    match level {
        AggregationLevel::Supplier => "supplier",
        AggregationLevel::BalanceResponsible => "balance-responsible",
        AggregationLevel::Area => "area",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn energy_has_three_decimals() {
        for (watt_hours, text) in [(0, "0.000"), (-5, "-0.005"), (8_830, "8.830"), (-12_000, "-12.000")] {
            assert_eq!(kwh(watt_hours), text);
        }
    }
}

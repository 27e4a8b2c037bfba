//! How electrical heating looks: a sum for each household and child, or every local day.

use serde_json::value::RawValue;
use tidstro_flows::SettledHeating;
use tidstro_metering::settlement::SettlementType;

use super::Table;
use super::settle::kwh;

/// The heating of the year for each household and child.
pub(crate) fn heating_table(settled: &[SettledHeating]) -> Table {
    let mut table = Table::new(&["child", "of", "limit for", "settled", ">days", ">kWh"]);
    for one in settled {
        let sum: i64 = one.daily.iter().map(|(_, watt_hours)| watt_hours).sum();
        table.row(vec![
            one.child.to_string(),
            one.point.to_string(),
            one.days.to_string(),
            word(one.settlement),
            one.daily.len().to_string(),
            kwh(sum),
        ]);
    }
    table
}

fn word(settlement: SettlementType) -> String {
    settlement.word().replace('_', " ")
}

/// The heating of every local day with consumption.
pub(crate) fn day_table(settled: &[SettledHeating]) -> Table {
    let mut table = Table::new(&["child", "of", "day", ">kWh"]);
    for one in settled {
        for (day, watt_hours) in &one.daily {
            let cells = [one.child.to_string(), one.point.to_string(), day.to_string(), kwh(*watt_hours)];
            table.row(cells.to_vec());
        }
    }
    table
}

#[derive(serde::Serialize)]
struct JsonHeating {
    child: String,
    point: String,
    from: String,
    to: String,
    settlement_type: &'static str,
    days: Vec<JsonDay>,
}

#[derive(serde::Serialize)]
struct JsonDay {
    day: String,
    quantity_kwh: Box<RawValue>,
}

/// The heating of a household as one JSON object; `to` is the first local day after those the limit is for.
pub(crate) fn heating_json(one: &SettledHeating) -> serde_json::Result<String> {
    let day = |(day, watt_hours): &(jiff::civil::Date, i64)| {
        Ok(JsonDay { day: day.to_string(), quantity_kwh: RawValue::from_string(kwh(*watt_hours))? })
    };
    serde_json::to_string(&JsonHeating {
        child: one.child.to_string(),
        point: one.point.to_string(),
        from: one.days.start().to_string(),
        to: one.days.end().to_string(),
        settlement_type: one.settlement.word(),
        days: one.daily.iter().map(day).collect::<serde_json::Result<_>>()?,
    })
}

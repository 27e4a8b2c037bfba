//! How net consumption of group 6 looks: a sum for each customer and child, or every local day.

use serde_json::value::RawValue;
use tidstro_flows::SettledNetConsumption;

use super::Table;
use super::settle::kwh;

/// The net consumption of the year for each customer and child, and what the year is estimated to come to until it is settled.
pub(crate) fn net_table(settled: &[SettledNetConsumption]) -> Table {
    let mut table =
        Table::new(&["child", "of", "customer's days", ">days", ">kWh", ">estimate of the year, kWh"]);
    for one in settled {
        let sum: i64 = one.daily.iter().map(|(_, watt_hours)| watt_hours).sum();
        table.row(vec![
            one.child.to_string(),
            one.point.to_string(),
            one.days.to_string(),
            one.daily.len().to_string(),
            kwh(sum),
            one.estimate.map_or_else(|| "settled".to_owned(), kwh),
        ]);
    }
    table
}

/// The net consumption of every local day that has a value.
pub(crate) fn net_day_table(settled: &[SettledNetConsumption]) -> Table {
    let mut table = Table::new(&["child", "of", "day", ">kWh", "settled"]);
    for one in settled {
        let state = if one.estimate.is_none() { "end of period" } else { "up to end of period" };
        for (day, watt_hours) in &one.daily {
            let cells = [one.child.to_string(), one.point.to_string(), day.to_string(), kwh(*watt_hours)];
            table.row(cells.into_iter().chain([state.to_owned()]).collect());
        }
    }
    table
}

#[derive(serde::Serialize)]
struct JsonNetConsumption {
    child: String,
    point: String,
    from: String,
    to: String,
    year_from: String,
    year_to: String,
    estimate_kwh: Option<Box<RawValue>>,
    days: Vec<JsonDay>,
}

#[derive(serde::Serialize)]
struct JsonDay {
    day: String,
    quantity_kwh: Box<RawValue>,
}

/// The net consumption of a customer as one JSON object; `to` and `year_to` are the first local days after. Without an estimate it is settled.
pub(crate) fn net_json(one: &SettledNetConsumption) -> serde_json::Result<String> {
    let raw = |watt_hours: i64| RawValue::from_string(kwh(watt_hours));
    let day = |(day, watt_hours): &(jiff::civil::Date, i64)| {
        Ok(JsonDay { day: day.to_string(), quantity_kwh: raw(*watt_hours)? })
    };
    serde_json::to_string(&JsonNetConsumption {
        child: one.child.to_string(),
        point: one.point.to_string(),
        from: one.days.start().to_string(),
        to: one.days.end().to_string(),
        year_from: one.year.start().to_string(),
        year_to: one.year.end().to_string(),
        estimate_kwh: one.estimate.map(raw).transpose()?,
        days: one.daily.iter().map(day).collect::<serde_json::Result<_>>()?,
    })
}

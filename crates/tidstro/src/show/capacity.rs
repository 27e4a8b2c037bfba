//! How capacity settlement looks: a value for each household and child, and the hours it was made of.

use serde_json::value::RawValue;
use tidstro_flows::SettledCapacity;

use super::Table;
use super::settle::kwh;

/// A value for each household and child.
pub(crate) fn capacity_table(settled: &[SettledCapacity]) -> Table {
    let mut table = Table::new(&["child", "of", "days", ">hours", ">kWh"]);
    for one in settled {
        table.row(vec![
            one.child.to_string(),
            one.point.to_string(),
            one.days.to_string(),
            one.hours.len().to_string(),
            kwh(one.watt_hours),
        ]);
    }
    table
}

/// The hours each value was made of, the largest first.
pub(crate) fn hours_table(settled: &[SettledCapacity]) -> Table {
    let mut table = Table::new(&["child", "of", "days", "hour from", ">kWh"]);
    for one in settled {
        for hour in &one.hours {
            table.row(vec![
                one.child.to_string(),
                one.point.to_string(),
                one.days.to_string(),
                hour.at.to_string(),
                kwh(hour.watt_hours),
            ]);
        }
    }
    table
}

#[derive(serde::Serialize)]
struct JsonCapacity {
    child: String,
    point: String,
    from: String,
    to: String,
    quantity_kwh: Box<RawValue>,
    hours: Vec<JsonHour>,
}

#[derive(serde::Serialize)]
struct JsonHour {
    time: String,
    quantity_kwh: Box<RawValue>,
}

/// A value with its hours as one JSON object; `to` is the first local day after.
pub(crate) fn capacity_json(one: &SettledCapacity) -> serde_json::Result<String> {
    let number = |watt_hours| RawValue::from_string(kwh(watt_hours));
    let hours = one.hours.iter();
    let hours =
        hours.map(|hour| Ok(JsonHour { time: hour.at.to_string(), quantity_kwh: number(hour.watt_hours)? }));
    serde_json::to_string(&JsonCapacity {
        child: one.child.to_string(),
        point: one.point.to_string(),
        from: one.days.start().to_string(),
        to: one.days.end().to_string(),
        quantity_kwh: number(one.watt_hours)?,
        hours: hours.collect::<serde_json::Result<_>>()?,
    })
}

//! How answers look: tables for people, JSON for programs. Nothing here decides or computes.

pub(crate) mod chart;
pub(crate) mod report;
pub(crate) mod series;
mod table;
pub(crate) mod telegram;

use tidstro_model::{Decimal, Quantity, Unit};

pub(crate) use table::Table;

/// A number as JSON, with exactly its own digits.
pub(crate) fn exact(number: Decimal) -> Result<Box<serde_json::value::RawValue>, serde_json::Error> {
    serde_json::value::RawValue::from_string(number.to_string())
}

/// A quantity as people read it: energy in kWh or MJ, power in kW, the rest in its own unit.
pub(crate) fn shown(number: Decimal, unit: Unit) -> String {
    let (shift, unit_text) = match unit {
        Unit::WattHour => (-3, "kWh"),
        Unit::Watt => (-3, "kW"),
        Unit::Joule => (-6, "MJ"),
        _ => return Quantity { number, unit }.to_string(),
    };
    let exponent = number.exponent().saturating_add(shift);
    format!("{} {unit_text}", Decimal::new(number.mantissa(), exponent))
}

//! Units of P1 telegrams, and what they measure.

use tidstro_model::{Decimal, Obis, QuantityKind as Q, Unit, Value};

use super::LineFaultKind;

/// Number and unit without the prefix: `0.5*kWh` is 500 Wh.
pub(super) fn scaled(number: Decimal, unit: Option<&str>) -> Result<(Decimal, Unit), LineFaultKind> {
    let Some(unit) = unit else { return Ok((number, Unit::One)) };
    let (unit, power) = of(unit).ok_or(LineFaultKind::UnitUnknown)?;
    let exponent = number.exponent().checked_add(power).ok_or(LineFaultKind::Number)?;
    Ok((Decimal::new(number.mantissa(), exponent), unit))
}

fn of(text: &str) -> Option<(Unit, i8)> {
    Some(match text {
        "Wh" => (Unit::WattHour, 0),
        "kWh" => (Unit::WattHour, 3),
        "MWh" => (Unit::WattHour, 6),
        "varh" => (Unit::VarHour, 0),
        "kvarh" | "kVArh" | "kVarh" => (Unit::VarHour, 3),
        "VAh" => (Unit::VoltAmpereHour, 0),
        "kVAh" => (Unit::VoltAmpereHour, 3),
        "W" => (Unit::Watt, 0),
        "kW" => (Unit::Watt, 3),
        "var" => (Unit::Var, 0),
        "kvar" | "kVAr" | "kVar" => (Unit::Var, 3),
        "VA" => (Unit::VoltAmpere, 0),
        "kVA" => (Unit::VoltAmpere, 3),
        "V" => (Unit::Volt, 0),
        "A" => (Unit::Ampere, 0),
        "Hz" => (Unit::Hertz, 0),
        "m3" => (Unit::CubicMetre, 0),
        "l" => (Unit::CubicMetre, -3),
        "J" => (Unit::Joule, 0),
        "MJ" => (Unit::Joule, 6),
        "GJ" => (Unit::Joule, 9),
        "s" => (Unit::Second, 0),
        "C" => (Unit::Celsius, 0),
        _ => return None,
    })
}

/// What is measured.
pub(super) fn quantity(obis: Obis, unit: Unit, value: &Value) -> Q {
    match unit {
        Unit::WattHour | Unit::Joule => Q::Energy,
        Unit::VarHour => Q::ReactiveEnergy,
        Unit::VoltAmpereHour => Q::ApparentEnergy,
        Unit::Watt => Q::Power,
        Unit::Var => Q::ReactivePower,
        Unit::VoltAmpere => Q::ApparentPower,
        Unit::Volt => Q::Voltage,
        Unit::Ampere => Q::Current,
        Unit::Hertz => Q::Frequency,
        Unit::CubicMetre => Q::Volume,
        Unit::Second => Q::Duration,
        Unit::Celsius => Q::ExternalTemperature,
        _ => without_unit(obis, value),
    }
}

fn without_unit(obis: Obis, value: &Value) -> Q {
    match obis.0 {
        _ if matches!(value, Value::DateTime(_)) => Q::DateTime,
        [_, _, 96, 1, 0, _] => Q::FabricationNumber,
        [_, _, 96, 1, ..] => Q::Identification,
        [_, _, 0, 2, ..] => Q::SoftwareVersion,
        [_, _, 96, 13, ..] => Q::Customer,
        [_, _, 96, 7, ..] | [_, _, 32 | 52 | 72, 32 | 36, ..] => Q::Counter,
        _ => Q::Other,
    }
}

//! Items → readings: number, scaler and unit made one, the quantity told by unit and code.
//!
//! What comes in: an item, and the unit a layout knows for it. What goes out: a reading, or why there is none.
//! A number of a register without a unit is no reading: 1712 may be watt hours or tens of them.

use tidstro_model::{Decimal, Function, Obis, QuantityKind as Q, Reading, Unit, Value};

use super::{Item, unit};
use crate::Data;

/// Why an item is no reading. The item itself stays as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemFault {
    /// The item's code.
    pub obis: Obis,
    /// Offset of its value in the decrypted APDU.
    pub offset: usize,
    /// What is wrong.
    pub kind: ItemFaultKind,
}

/// What is wrong with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ItemFaultKind {
    /// The list says no unit, and no layout file knows it.
    #[error("has no unit and no layout file knows the list; add one with the unit of this code")]
    NoUnit,
    /// A unit without a word here.
    #[error("has unit `{code}`, which is not decoded; keep the push for a later version")]
    UnitUnknown {
        /// Its code (IEC 62056-6-2 table 4).
        code: u8,
    },
    /// A number beyond 64 bits, or a real that is none.
    #[error("is a number that does not fit in 64 bits; the value is not used")]
    NumberRange,
}

/// The reading of an item.
pub(super) fn read(item: &Item, known: Option<(Unit, i8)>) -> Result<Reading, ItemFault> {
    let fault = |kind| ItemFault { obis: item.obis, offset: item.offset, kind };
    let (value, unit) = match other(&item.value, item.obis) {
        Some(value) => (value, Unit::One),
        None => number(item, known).map_err(fault)?,
    };
    let [.., tariff, period] = item.obis.0;
    let is_energy = matches!(unit, Unit::WattHour | Unit::VarHour | Unit::VoltAmpereHour);
    Ok(Reading {
        quantity: quantity(item.obis, unit, &value),
        value,
        unit,
        function: function(item.obis),
        // 255 is now; other billing periods are other memories.
        storage: if period == 255 { 0 } else { u64::from(period) + 1 },
        tariff: if is_energy { u32::from(tariff) } else { 0 },
        subunit: 0,
        modifiers: Vec::new(),
        obis: Some(item.obis),
        offset: u32::try_from(item.offset).unwrap_or(u32::MAX),
    })
}

/// Group D of electrical quantities (IEC 62056-6-1 table 14).
const fn function(obis: Obis) -> Function {
    match obis.0 {
        [1, _, 1..=95, 6 | 16 | 26, ..] => Function::Maximum,
        [1, _, 1..=95, 3 | 13 | 23, ..] => Function::Minimum,
        _ => Function::Instantaneous,
    }
}

/// What is no number.
fn other(value: &Data, obis: Obis) -> Option<Value> {
    match value {
        Data::Null | Data::DontCare => Some(Value::Invalid),
        Data::DateTime(moment) => Some(moment.civil().map_or(Value::Invalid, Value::DateTime)),
        Data::OctetString(bytes) if !is_identification(obis) => {
            let moment = value.date_time().and_then(|moment| moment.civil());
            moment.map(Value::DateTime).or_else(|| Some(text_or_bytes(value, bytes)))
        }
        Data::OctetString(bytes) | Data::VisibleString(bytes) | Data::Utf8String(bytes) => {
            Some(text_or_bytes(value, bytes))
        }
        Data::BitString { bytes, .. } => Some(Value::Bytes(bytes.clone())),
        Data::Date(bytes) => Some(Value::Bytes((*bytes).into())),
        Data::Time(bytes) => Some(Value::Bytes((*bytes).into())),
        _ => None,
    }
}

fn text_or_bytes(value: &Data, bytes: &[u8]) -> Value {
    value.text().map_or_else(|| Value::Bytes(bytes.into()), |text| Value::Text(text.into()))
}

/// Numbers and names of devices, which may have 12 bytes too.
fn is_identification(obis: Obis) -> bool {
    matches!(obis.0, [_, _, 96, 1, _, _] | [_, _, 0, 0, _, _] | [_, _, 42, 0, ..])
}

fn number(item: &Item, known: Option<(Unit, i8)>) -> Result<(Value, Unit), ItemFaultKind> {
    let number = item.value.decimal().ok_or(ItemFaultKind::NumberRange)?;
    let is_state = matches!(item.value, Data::Boolean(_) | Data::Enum(_)) || has_no_unit(item);
    let (unit, power) = match item.scale {
        Some(scale) => {
            let unknown = ItemFaultKind::UnitUnknown { code: scale.unit };
            let (unit, power) = unit::of(scale.unit).ok_or(unknown)?;
            (unit, power.checked_add(scale.scaler).ok_or(ItemFaultKind::NumberRange)?)
        }
        None if is_state => (Unit::One, 0),
        None => known.ok_or(ItemFaultKind::NoUnit)?,
    };
    let exponent = number.exponent().checked_add(power).ok_or(ItemFaultKind::NumberRange)?;
    Ok((Value::Number(Decimal::new(number.mantissa(), exponent)), unit))
}

/// Identifications, states, counts and error registers: objects of class 1, data, which have no unit.
fn has_no_unit(item: &Item) -> bool {
    // 96.9 is a temperature.
    let is_data = matches!(item.obis.0, [_, _, 96, 0..=8 | 10.., ..] | [0, _, 97, ..]);
    (is_data && item.class.is_none_or(|class| class == 1)) || is_identification(item.obis)
}

/// What is measured: by the unit, and by the code where several quantities share one.
fn quantity(obis: Obis, unit: Unit, value: &Value) -> Q {
    let [medium, _, measured, ..] = obis.0;
    match unit {
        Unit::WattHour | Unit::Joule => Q::Energy,
        Unit::VarHour => Q::ReactiveEnergy,
        Unit::VoltAmpereHour => Q::ApparentEnergy,
        Unit::Watt | Unit::JoulePerHour => Q::Power,
        Unit::Var => Q::ReactivePower,
        Unit::VoltAmpere => Q::ApparentPower,
        Unit::Volt => Q::Voltage,
        Unit::Ampere => Q::Current,
        Unit::Hertz => Q::Frequency,
        Unit::Degree => Q::PhaseAngle,
        Unit::CubicMetre => Q::Volume,
        Unit::CubicMetrePerHour => Q::VolumeFlow,
        Unit::Kilogram => Q::Mass,
        Unit::Bar => Q::Pressure,
        Unit::Celsius => temperature(medium, measured),
        Unit::Kelvin => Q::TemperatureDifference,
        Unit::DecibelMilliwatt => Q::SignalStrength,
        Unit::One => without_unit(obis, value),
        _ => Q::Other,
    }
}

/// Group C of heat (6) and cold (5) (IEC 62056-6-1 table 28).
const fn temperature(medium: u8, measured: u8) -> Q {
    match (medium, measured) {
        (5 | 6, 10) => Q::FlowTemperature,
        (5 | 6, 11) => Q::ReturnTemperature,
        _ => Q::ExternalTemperature,
    }
}

/// Abstract objects (IEC 62056-6-1 tables 5 and 8) and numbers without dimension.
fn without_unit(obis: Obis, value: &Value) -> Q {
    match obis.0 {
        _ if matches!(value, Value::DateTime(_) | Value::Date(_)) => Q::DateTime,
        [_, _, 96, 1, 0, _] => Q::FabricationNumber,
        [_, _, 96, 1, ..] | [_, _, 0, 0, ..] | [_, _, 42, 0, ..] => Q::Identification,
        [_, _, 0, 2, ..] => Q::SoftwareVersion,
        [_, _, 97, 97 | 98, ..] => Q::ErrorFlags,
        [_, _, 96, 3, ..] => Q::DigitalIo,
        [_, _, 96, 5, ..] => Q::ParameterState,
        [_, _, 96, 13, ..] => Q::Customer,
        [1, ..] if matches!(value, Value::Number(_)) => Q::Dimensionless,
        _ => Q::Other,
    }
}

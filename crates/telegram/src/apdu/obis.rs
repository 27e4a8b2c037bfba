//! OBIS codes of readings (OMS vol. 2 annex A, EN 13757-1): where one is defined for the medium.

use tidstro_model::{Function, Medium, Modifier, Obis, QuantityKind as Q, Reading, Value};

/// Backward flow or export: only negative contributions are counted.
const BACKWARD: Modifier = Modifier(0x3c);
/// Forward flow or import: only positive contributions are counted.
const FORWARD: Modifier = Modifier(0x3b);
/// At phase L1, L2, L3.
const PHASES: [Modifier; 3] = [Modifier(0x7c01), Modifier(0x7c02), Modifier(0x7c03)];

/// The code of a reading, `None` where neither document defines one.
///
/// Codes are given for a number the device itself states, now or (thermal media) at the set date, which OMS
/// keeps in storage 1; of other storages nobody defines the billing period.
pub(crate) fn of(medium: Medium, reading: &Reading) -> Option<Obis> {
    let is_plain = reading.subunit == 0
        && reading.function == Function::Instantaneous
        && matches!(reading.value, Value::Number(_));
    if !is_plain {
        return None;
    }
    match medium.0 {
        0x02 => electricity(reading),
        0x03 => gas(reading),
        0x04 | 0x0c | 0x0d => thermal(6, reading),
        0x0a | 0x0b => thermal(5, reading),
        0x06 | 0x15 => water(9, reading),
        0x07 | 0x16 => water(8, reading),
        0x08 => allocator(reading),
        _ => None,
    }
}

/// Which way the energy flows, and which phase; `None` if there is another refinement.
fn direction_and_phase(modifiers: &[Modifier]) -> Option<(bool, Option<u8>)> {
    let (mut is_export, mut phase) = (false, None);
    for modifier in modifiers {
        match *modifier {
            FORWARD => {}
            BACKWARD => is_export = true,
            other => phase = Some((1..).zip(PHASES).find(|(_, known)| *known == other)?.0),
        }
    }
    Some((is_export, phase))
}

fn electricity(reading: &Reading) -> Option<Obis> {
    if reading.storage != 0 {
        return None;
    }
    let (is_export, phase) = direction_and_phase(&reading.modifiers)?;
    let tariff = u8::try_from(reading.tariff).ok()?;
    // Groups C of the phases follow each other in steps of 20 (IEC 62056-6-1 table 12).
    let c = |total: u8| total + u8::from(is_export) + 20 * phase.unwrap_or(0);
    let (c, d) = match (reading.quantity, phase) {
        (Q::Energy, _) => (c(1), 8),
        (Q::ReactiveEnergy, _) => (c(3), 8),
        (Q::ApparentEnergy, _) => (c(9), 8),
        (Q::Power, _) => (c(1), 7),
        (Q::ReactivePower, _) => (c(3), 7),
        (Q::ApparentPower, _) => (c(9), 7),
        (Q::Current, Some(_)) => (c(11), 7),
        (Q::Voltage, Some(_)) => (c(12), 7),
        (Q::PowerFactor, _) if !is_export => (c(13), 7),
        (Q::Frequency, None) => (14, 7),
        _ => return None,
    };
    let counts_by_tariff = d == 8;
    (tariff == 0 || counts_by_tariff).then(|| Obis::current(1, 0, c, d, tariff))
}

/// Group D: 0 the current value, 2 the value at the set date.
fn set_date_group(reading: &Reading) -> Option<u8> {
    match reading.storage {
        0 => Some(0),
        1 => Some(2),
        _ => None,
    }
}

fn is_refined(reading: &Reading) -> bool {
    reading.tariff != 0 || reading.modifiers.iter().any(|modifier| *modifier != FORWARD)
}

fn thermal(a: u8, reading: &Reading) -> Option<Obis> {
    if is_refined(reading) {
        return None;
    }
    let d = set_date_group(reading)?;
    let (c, is_register) = match reading.quantity {
        Q::Energy => (1, true),
        Q::Volume => (2, true),
        Q::Power => (8, false),
        Q::VolumeFlow => (9, false),
        Q::FlowTemperature => (10, false),
        Q::ReturnTemperature => (11, false),
        Q::TemperatureDifference => (12, false),
        _ => return None,
    };
    (d == 0 || is_register).then(|| Obis::current(a, 0, c, d, 0))
}

fn water(a: u8, reading: &Reading) -> Option<Obis> {
    if is_refined(reading) {
        return None;
    }
    match (reading.quantity, set_date_group(reading)?) {
        (Q::Volume, d) => Some(Obis::current(a, 0, 1, d, 0)),
        (Q::VolumeFlow, 0) => Some(Obis::current(a, 0, 2, 0, 0)),
        _ => None,
    }
}

fn gas(reading: &Reading) -> Option<Obis> {
    let is_now = reading.storage == 0 && !is_refined(reading);
    (is_now && reading.quantity == Q::Volume).then(|| Obis::current(7, 0, 3, 0, 0))
}

fn allocator(reading: &Reading) -> Option<Obis> {
    if is_refined(reading) || reading.quantity != Q::HcaUnits {
        return None;
    }
    set_date_group(reading).map(|d| Obis::current(4, 0, 1, d, 0))
}

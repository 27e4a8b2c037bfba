//! Records that no meter sends, as damage makes them.
//!
//! What comes in: the readings of a payload that was decrypted and that no code proves (security mode 5). What goes out:
//! the first that only a changed byte explains. A turned bit makes sixteen decrypted bytes random, and random bytes often
//! parse as records: with letters in a decimal number, a date that is a fraction, storage number 102,170. What is
//! rare and possible, such as a meter that runs backwards, is no reason here.

mod coding;

use std::ops::RangeInclusive;

use tidstro_model::{Decimal, Function, QuantityKind as Q, Reading, Unit, Value};

/// Beyond what meters keep: sixteen years of half months, tariffs and subunits of one DIFE chain of two.
const STORAGE_LIMIT: u64 = 4_096;
const TARIFF_LIMIT: u32 = 64;
const SUBUNIT_LIMIT: u16 = 16;
/// Degrees Celsius that a meter of a building measures.
const TEMPERATURES: RangeInclusive<i64> = -100..=400;
/// Decimal places behind the point before the first digit of the smallest quantity.
const SMALLEST: i32 = -9;

/// Offset of the first odd record.
pub(crate) fn first(telegram: &[u8], readings: &[Reading]) -> Option<usize> {
    let is_odd = |reading: &Reading| is_misplaced(reading) || is_beyond(reading) || is_no_extreme(reading);
    let odd = readings.iter().find_map(|reading| {
        let offset = usize::try_from(reading.offset).ok()?;
        (is_odd(reading) || coding::is_odd(telegram, offset, reading)).then_some(offset)
    });
    odd.or_else(|| row_of_two_signs(telegram, readings))
}

const fn is_misplaced(reading: &Reading) -> bool {
    let Reading { storage, tariff, subunit, .. } = reading;
    *storage >= STORAGE_LIMIT || *tariff >= TARIFF_LIMIT || *subunit >= SUBUNIT_LIMIT
}

fn is_beyond(reading: &Reading) -> bool {
    match reading.value {
        Value::Number(_) if reading.quantity == Q::DateTime => true,
        Value::Number(number) if reading.unit == Unit::Celsius => {
            whole(number).is_none_or(|degrees| !TEMPERATURES.contains(&degrees))
        }
        Value::Number(number) if reading.unit != Unit::One => {
            order(number).is_some_and(|order| !(SMALLEST..=largest(reading.unit)).contains(&order))
        }
        _ => false,
    }
}

/// Decimal places before the point of the largest quantity in a unit: 10 TWh or TJ; 10 GW, Mm³ or years in seconds;
/// 10 million m³ an hour, a thousand in a second; 10 MV, 1 MA, 1 kHz, 10,000 bar; 999 degrees, percent or dBm; a million
/// units of an allocator.
const fn largest(unit: Unit) -> i32 {
    match unit {
        Unit::WattHour | Unit::Joule | Unit::JoulePerHour => 13,
        Unit::CubicMetrePerHour | Unit::Volt => 7,
        Unit::CubicMetrePerMinute => 5,
        Unit::Kelvin | Unit::Bar => 4,
        Unit::CubicMetrePerSecond | Unit::Hertz | Unit::Degree | Unit::Percent | Unit::DecibelMilliwatt => 3,
        Unit::Ampere | Unit::Hca => 6,
        _ => 10,
    }
}

/// Whether it is said to be the highest or lowest of what has neither: a name, or what only grows.
const fn is_no_extreme(reading: &Reading) -> bool {
    let is_extreme = matches!(reading.function, Function::Maximum | Function::Minimum);
    is_extreme && reading.modifiers.is_empty() && (is_name(reading.quantity) || only_grows(reading.quantity))
}

const fn only_grows(quantity: Q) -> bool {
    matches!(
        quantity,
        Q::Energy
            | Q::ReactiveEnergy
            | Q::ApparentEnergy
            | Q::Volume
            | Q::Mass
            | Q::HcaUnits
            | Q::OnTime
            | Q::OperatingTime
    )
}

const fn is_name(quantity: Q) -> bool {
    matches!(
        quantity,
        Q::FabricationNumber
            | Q::Identification
            | Q::BusAddress
            | Q::AccessNumber
            | Q::ModelVersion
            | Q::HardwareVersion
            | Q::SoftwareVersion
            | Q::ParameterSet
            | Q::Customer
            | Q::DeviceType
            | Q::Manufacturer
    )
}

/// Offset of a row in one record (compact profile) whose register of volume is below zero at one time and above at
/// another.
fn row_of_two_signs(telegram: &[u8], readings: &[Reading]) -> Option<usize> {
    let sign = |reading: &Reading| match reading.value {
        Value::Number(number) if reading.quantity == Q::Volume => Some(number.mantissa().signum()),
        _ => None,
    };
    let has = |row: &[Reading], wanted| row.iter().filter_map(sign).any(|sign| sign == wanted);
    let mut rows = readings.chunk_by(|one, next| one.offset == next.offset);
    rows.find_map(|row| {
        let offset = usize::try_from(row.first()?.offset).ok()?;
        (has(row, 1) && has(row, -1) && coding::is_profile(telegram, offset)).then_some(offset)
    })
}

/// The number without its decimals; `None` where that does not fit.
fn whole(number: Decimal) -> Option<i64> {
    let power = 10_i64.checked_pow(u32::from(number.exponent().unsigned_abs()));
    match power {
        Some(power) if number.exponent() < 0 => Some(number.mantissa() / power),
        Some(power) => number.mantissa().checked_mul(power),
        None => (number.exponent() < 0).then_some(0),
    }
}

/// Decimal places before the point; `None` for zero.
fn order(number: Decimal) -> Option<i32> {
    let digits = i32::try_from(number.mantissa().unsigned_abs().checked_ilog10()?).ok()? + 1;
    Some(digits + i32::from(number.exponent()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apdu;
    use tidstro_model::{Manufacturer, Medium, MeterId, MeterNumber};

    fn is_odd(record: &[u8]) -> bool {
        let meter = MeterId {
            manufacturer: Manufacturer::from_field(0x2c2d),
            number: MeterNumber(1),
            version: 1,
            medium: Medium::WATER,
        };
        let records = apdu::read(record, 0..record.len(), meter);
        assert_eq!(records.faults, [], "{record:02X?}");
        first(record, &records.readings).is_some()
    }

    #[test]
    fn what_meters_send_is_not_odd() {
        for record in [
            // A register, none, a little backwards; a date that is none; 21.53 and -20 degrees; a month's value.
            &[0x0c, 0x13, 0x27, 0x04, 0x85, 0x02][..],
            &[0x0c, 0x13, 0xff, 0xff, 0xff, 0xff],
            &[0x0c, 0x13, 0x02, 0x00, 0x00, 0xf0],
            &[0x42, 0x6c, 0xff, 0xff],
            &[0x02, 0x65, 0x69, 0x08],
            &[0x01, 0x5b, 0xec],
            &[0x8c, 0x08, 0x13, 0x27, 0x04, 0x85, 0x02],
            // A text where the VIF is one; 8 bytes of identification.
            &[0x0d, 0xfd, 0x0a, 0x02, b'b', b'a'],
            &[0x07, 0x79, 1, 2, 3, 4, 5, 6, 7, 8],
            // A unit in plain text; a month's highest flow; a row of volumes; the begin of a limit's excess.
            &[0x02, 0x7c, 0x03, b'2', b'O', b'C', 0x00, 0x01],
            &[0x9c, 0x01, 0x3b, 0x27, 0x04, 0x85, 0x02],
            &[0x8d, 0x04, 0x93, 0x1e, 0x06, 0x32, 0x01, 0x9a, 0x00, 0x00, 0x0f],
            &[0x02, 0xbb, 0x42, 0x9f, 0x2c],
            // A code of a table that later editions fill.
            &[0x02, 0xfd, 0xfd, 0x41, 0x9f, 0x2c],
        ] {
            assert!(!is_odd(record), "{record:02X?}");
        }
    }

    #[test]
    fn what_damage_makes_is_odd() {
        for record in [
            // Letters in a decimal number, a fraction as a date, a text as a volume, 8 random bytes as a volume.
            &[0x0c, 0x13, 0x2b, 0x04, 0x85, 0x02][..],
            &[0x05, 0x6d, 0x00, 0x00, 0x80, 0x3f],
            &[0x0d, 0x13, 0x02, b'b', b'a'],
            &[0x07, 0x13, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x08],
            // 640 degrees; storage number 7,680; tariff 64.
            &[0x02, 0x66, 0x00, 0x19],
            &[0x84, 0x80, 0x80, 0x0f, 0x13, 1, 2, 3, 4],
            &[0x84, 0x80, 0x80, 0x80, 0x10, 0x13, 1, 2, 3, 4],
            // 10,000,000 cubic metres in a second; 40,000,000 volts.
            &[0x04, 0x4f, 0x00, 0x00, 0x00, 0x40],
            &[0x04, 0xfd, 0x49, 0x00, 0x5a, 0x62, 0x02],
            // The lowest of a register; the highest of a name.
            &[0x24, 0x13, 1, 0, 0, 0],
            &[0x12, 0xfd, 0x0c, 1, 0],
            // A row of volumes on both sides of zero.
            &[0x8d, 0x04, 0x93, 0x1e, 0x06, 0x32, 0x01, 0x9a, 0x00, 0x00, 0xff],
            // 31 February; a reserved VIF; reserved VIFEs; a date that is a duration, too.
            &[0x02, 0x6c, 0x1f, 0x22],
            &[0x01, 0xfd, 0x7a, 1],
            &[0x01, 0x93, 0x44, 1],
            &[0x01, 0x93, 0xfc, 0x20, 1],
            &[0x02, 0x93, 0xb9, 0x52, 0x1f, 0x22],
        ] {
            assert!(is_odd(record), "{record:02X?}");
        }
    }
}

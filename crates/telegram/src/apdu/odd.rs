//! Records that no meter sends, as damage makes them.
//!
//! What comes in: the readings of a payload that was decrypted and that no code proves (security mode 5). What goes out:
//! the first that only a changed byte explains. A turned bit makes sixteen decrypted bytes random, and random bytes often
//! parse as records: with letters in a decimal number, a date that is a fraction, storage number 102,170. What is
//! rare and possible, such as a meter that runs backwards, is no reason here.

use std::ops::RangeInclusive;

use tidstro_model::{Decimal, QuantityKind, Reading, Unit, Value};

use super::{data, data::Data, dib, vib, vib::Vib, vif};
use crate::cursor::Cursor;

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
    readings.iter().find_map(|reading| {
        let offset = usize::try_from(reading.offset).ok()?;
        (is_misplaced(reading) || is_beyond(reading) || is_miscoded(telegram, offset, reading))
            .then_some(offset)
    })
}

const fn is_misplaced(reading: &Reading) -> bool {
    let Reading { storage, tariff, subunit, .. } = reading;
    *storage >= STORAGE_LIMIT || *tariff >= TARIFF_LIMIT || *subunit >= SUBUNIT_LIMIT
}

fn is_beyond(reading: &Reading) -> bool {
    match reading.value {
        Value::Number(_) if reading.quantity == QuantityKind::DateTime => true,
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
/// 10,000 m³ in a second.
const fn largest(unit: Unit) -> i32 {
    match unit {
        Unit::WattHour | Unit::Joule | Unit::JoulePerHour => 13,
        Unit::CubicMetrePerSecond | Unit::CubicMetrePerMinute | Unit::Kelvin => 4,
        _ => 10,
    }
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

/// Whether the record's data cannot be what its value information says. Readings of a layout have no record of their
/// own and are left out.
fn is_miscoded(telegram: &[u8], offset: usize, reading: &Reading) -> bool {
    let mut cursor = Cursor::new(telegram, offset);
    let Ok(dib) = dib::read(&mut cursor) else { return false };
    let Ok(vib) = vib::read(&mut cursor) else { return false };
    let Ok(data) = data::read(&mut cursor, dib.field) else { return false };
    vib.quantity == reading.quantity && contradicts(&vib, data)
}

fn contradicts(vib: &Vib, data: Data<'_>) -> bool {
    let is_number = matches!(vib.reading, vif::Reading::Signed | vif::Reading::Unsigned);
    match data {
        Data::Bcd(bytes) | Data::NegativeBcd(bytes) => is_number && !are_decimal(bytes),
        Data::Text(_) => is_number && vib.unit != Unit::One && !vib.is_profile,
        _ => false,
    }
}

/// Digits 0 to 9; the top one may be F, the minus sign, and all may be F, no value.
fn are_decimal(bytes: &[u8]) -> bool {
    let digits = bytes.iter().rev().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    let letters = digits.clone().filter(|digit| *digit > 9).count();
    let is_signed = digits.clone().next() == Some(0x0f);
    letters == 0 || (letters == 1 && is_signed) || digits.clone().all(|digit| digit == 0x0f)
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
            // 10,000,000 cubic metres in a second.
            &[0x04, 0x4f, 0x00, 0x00, 0x00, 0x40],
        ] {
            assert!(is_odd(record), "{record:02X?}");
        }
    }
}

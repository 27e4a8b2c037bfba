//! Records that no meter sends, as damage makes them.
//!
//! What comes in: the readings of a payload that was decrypted and that no code proves (security mode 5). What goes out:
//! the first that only a changed byte explains. A turned bit makes sixteen decrypted bytes random, and random bytes often
//! parse as records: with letters in a decimal number, a date that is a fraction, storage number 102,170. What is
//! rare and possible, such as a meter that runs backwards, is no reason here.

use tidstro_model::{Decimal, QuantityKind, Reading, Unit, Value};

use super::{data, data::Data, dib, vib, vib::Vib, vif};
use crate::cursor::Cursor;

/// Beyond what meters keep: sixteen years of half months, tariffs and subunits of one DIFE chain of two.
const STORAGE_LIMIT: u64 = 4_096;
const TARIFF_LIMIT: u32 = 64;
const SUBUNIT_LIMIT: u16 = 16;
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
        Unit::CubicMetrePerSecond | Unit::CubicMetrePerMinute | Unit::Celsius | Unit::Kelvin => 4,
        _ => 10,
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

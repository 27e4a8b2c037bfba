//! Data and value information → the value.
//!
//! What comes in: data in its coding and the [`Vib`]. What goes out: the value, exact. What the meter
//! marks as invalid comes out as [`Value::Invalid`], never as a number.

use tidstro_model::{Decimal, Value};

use super::{RecordFaultKind, data::Data, date, vib::Vib, vif::Reading};

/// The value of a record. What the data say beside it is added to the modifiers.
pub(super) fn of(data: Data<'_>, vib: &mut Vib) -> Result<Value, RecordFaultKind> {
    if vib.is_error {
        return Ok(Value::Invalid);
    }
    match data {
        _ if vib.reading == Reading::Withheld => Ok(Value::Bytes(Box::default())),
        Data::None => Ok(Value::Invalid),
        Data::Text(bytes) if vib.is_profile => Ok(Value::Bytes(bytes.into())),
        Data::Text(bytes) => Ok(text(bytes)),
        Data::Integer(bytes) => integer(bytes, vib),
        Data::Real(bits) => {
            Decimal::of_real_32(bits).map_or(Ok(Value::Invalid), |number| scaled(number, vib))
        }
        Data::Bcd(_) | Data::NegativeBcd(_) if vib.reading == Reading::Date => Err(RecordFaultKind::DateType),
        Data::Bcd(bytes) if vib.reading == Reading::Digits => Ok(digits(bytes)),
        Data::Bcd(bytes) => bcd(bytes).map_or(Ok(Value::Invalid), |number| scaled(number?, vib)),
        Data::NegativeBcd(bytes) => bcd(bytes).map_or(Ok(Value::Invalid), |number| {
            let number = number?;
            scaled(Decimal::new(-number.mantissa(), number.exponent()), vib)
        }),
    }
}

/// ISO 8859-1, last character first; the zeros some meters fill up with are left out. Makers also put
/// packed data here: what cannot be printed stays bytes.
fn text(bytes: &[u8]) -> Value {
    let text: String = bytes.iter().rev().map(|byte| char::from(*byte)).collect();
    let text = text.trim_matches(['\0', ' ']);
    if text.contains(char::is_control) { Value::Bytes(bytes.into()) } else { Value::Text(text.into()) }
}

fn integer(bytes: &[u8], vib: &mut Vib) -> Result<Value, RecordFaultKind> {
    match vib.reading {
        Reading::Date => date(bytes, vib),
        Reading::Flags => Ok(Value::Bytes(bytes.into())),
        _ if bytes.is_empty() => Ok(Value::Invalid),
        Reading::Signed if bytes.len() <= 8 => {
            signed(bytes).map_or(Ok(Value::Invalid), |number| scaled(number, vib))
        }
        Reading::Unsigned | Reading::Fixed12 | Reading::Digits if bytes.len() <= 8 => {
            let number = i64::try_from(unsigned(bytes)).map_err(|_| RecordFaultKind::NumberTooLong)?;
            scaled(Decimal::new(number, 0), vib)
        }
        // More than 64 bits are no number of any table.
        _ => Ok(Value::Bytes(bytes.into())),
    }
}

/// Types F, G, I and J. Other lengths that only variable-length data have are of type M, whose bytes stay as
/// they are.
fn date(bytes: &[u8], vib: &mut Vib) -> Result<Value, RecordFaultKind> {
    match date::marked(bytes) {
        Some(date::Marked { value, marks }) => {
            vib.modifiers.extend(marks.into_iter().flatten());
            Ok(value)
        }
        None if matches!(bytes.len(), 5 | 7 | 9..) => Ok(Value::Bytes(bytes.into())),
        None => Err(RecordFaultKind::DateType),
    }
}

fn unsigned(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Type B: two's complement; the lowest number (80, 8000, …) says that there is no value.
fn signed(bytes: &[u8]) -> Option<Decimal> {
    let unused_bits = 64 - 8 * u32::try_from(bytes.len()).ok()?;
    let high = unsigned(bytes).checked_shl(unused_bits)?.cast_signed();
    (high != i64::MIN).then(|| Decimal::new(high >> unused_bits, 0))
}

/// Type A: two digits a byte. A top digit F is a minus sign; any other digit above 9 marks an error, which
/// is `None`. More digits than are kept is a fault.
fn bcd(bytes: &[u8]) -> Option<Result<Decimal, RecordFaultKind>> {
    let mut high_first = bytes.iter().rev().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    let first = high_first.next()?;
    let is_negative = first == 0x0f;
    let mut number: i64 = if is_negative { 0 } else { decimal_digit(first)? };
    for digit in high_first {
        number = number * 10 + decimal_digit(digit)?;
    }
    Some(Ok(Decimal::new(if is_negative { -number } else { number }, 0)))
}

fn decimal_digit(digit: u8) -> Option<i64> {
    (digit <= 9).then_some(i64::from(digit))
}

/// Digits that name something: every one is kept, also A to F. All F is no name.
fn digits(bytes: &[u8]) -> Value {
    if bytes.iter().all(|byte| *byte == 0xff) {
        return Value::Invalid;
    }
    let text: String = bytes.iter().rev().map(|byte| format!("{byte:02X}")).collect();
    Value::Text(text.into())
}

/// The number with the powers of ten and the offset of its value information.
fn scaled(number: Decimal, vib: &Vib) -> Result<Value, RecordFaultKind> {
    let number = if vib.reading == Reading::Fixed12 { in_4096ths(number) } else { Some(number) };
    let number = number.ok_or(RecordFaultKind::NumberTooLong)?;
    let exponent = number.exponent().checked_add(vib.exponent).ok_or(RecordFaultKind::NumberTooLong)?;
    let number = Decimal::new(number.mantissa(), exponent);
    let Some(offset) = vib.offset else { return Ok(Value::Number(number)) };
    let sum = add_power(number, offset).ok_or(RecordFaultKind::NumberTooLong)?;
    Ok(Value::Number(sum))
}

/// So many 4096ths, exactly: one is 0.000244140625.
fn in_4096ths(number: Decimal) -> Option<Decimal> {
    let mantissa = number.mantissa().checked_mul(244_140_625)?;
    Some(Decimal::new(mantissa, number.exponent().checked_sub(12)?).normalised())
}

/// `number + 10^power`, exactly.
fn add_power(number: Decimal, power: i8) -> Option<Decimal> {
    let exponent = number.exponent().min(power);
    let addend = Decimal::new(1, power).in_steps_of(exponent)?;
    Some(Decimal::new(number.in_steps_of(exponent)?.checked_add(addend)?, exponent))
}

//! Numbers as makers write them.
//!
//! What comes in: a field and its bytes. What goes out: the number in the field's own steps, or `None` where the
//! bytes say that there is none. Exact: a division rounds once, half away from zero.

use super::field::{Field, Form};

/// The number in these bytes. No layout has more than seven bytes.
pub(super) fn of(field: &Field, bytes: &[u8]) -> Option<i64> {
    match field.form {
        Form::Bcd => bcd(bytes),
        Form::Signed => signed(lowest_first(bytes), bytes.len()),
        Form::UnsignedBig => unsigned(field, highest_first(bytes.iter())),
        _ => unsigned(field, lowest_first(bytes)),
    }
}

/// What the number stands for in the field's table, power and ratio.
pub(super) fn meant(field: &Field, number: i64) -> Option<i64> {
    let mut number = number;
    if !field.table.is_empty() {
        let [_, meant] = field.table.iter().find(|[code, _]| *code == number)?;
        number = *meant;
    }
    if let Some(more) = field.power_of_two {
        number = 1_i64.checked_shl(u32::try_from(number).ok()?.checked_add(more)?)?;
    }
    match field.ratio {
        Some([times, by]) => rounded(number.checked_mul(times)?, by),
        None => Some(number),
    }
}

/// Half away from zero.
fn rounded(number: i64, by: i64) -> Option<i64> {
    let half = by.checked_abs()?.checked_div(2)?;
    number.checked_add(half.checked_mul(number.signum())?)?.checked_div(by)
}

/// The joined pieces of `bits`, in as many bytes as they need.
pub(super) fn flags(field: &Field, bytes: &[u8]) -> Option<Vec<u8>> {
    let (joined, width) = pieces(field, lowest_first(bytes))?;
    let len = usize::try_from(width.div_ceil(8)).ok()?;
    joined.to_le_bytes().get(..len).map(<[u8]>::to_vec)
}

fn unsigned(field: &Field, number: u64) -> Option<i64> {
    let number = if field.bits.is_empty() { number } else { pieces(field, number)?.0 };
    if field.none == Some(number) { None } else { i64::try_from(number).ok() }
}

fn lowest_first(bytes: &[u8]) -> u64 {
    highest_first(bytes.iter().rev())
}

fn highest_first<'a>(bytes: impl Iterator<Item = &'a u8>) -> u64 {
    bytes.fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn bcd(bytes: &[u8]) -> Option<i64> {
    bytes.iter().rev().flat_map(|byte| [byte >> 4, byte & 0x0f]).try_fold(0_i64, |sum, digit| {
        if digit > 9 { None } else { sum.checked_mul(10)?.checked_add(i64::from(digit)) }
    })
}

fn signed(number: u64, len: usize) -> Option<i64> {
    let unused_bits = 64_u32.checked_sub(8 * u32::try_from(len).ok()?)?;
    let high = number.checked_shl(unused_bits)?.cast_signed();
    (high != i64::MIN).then_some(high >> unused_bits)
}

/// Joins the pieces, the first one lowest; and how many bits they are.
fn pieces(field: &Field, number: u64) -> Option<(u64, u32)> {
    let (mut joined, mut width) = (0_u64, 0_u32);
    for [first, count] in &field.bits {
        let mask = 1_u64.checked_shl(*count)?.checked_sub(1)?;
        joined |= (number.checked_shr(*first)? & mask).checked_shl(width)?;
        width = width.checked_add(*count)?;
    }
    Some((joined, width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirds_are_rounded_half_away_from_zero() {
        assert_eq!(rounded(10, 3), Some(3));
        assert_eq!(rounded(11, 3), Some(4));
        assert_eq!(rounded(5, 2), Some(3));
        assert_eq!(rounded(-5, 2), Some(-3));
        assert_eq!(rounded(1, 0), None);
    }

    #[test]
    fn signed_numbers_have_one_that_is_none() {
        assert_eq!(signed(lowest_first(&[0xff, 0xff]), 2), Some(-1));
        assert_eq!(signed(lowest_first(&[0x00, 0x80]), 2), None);
        assert_eq!(signed(0, 9), None);
    }

    #[test]
    fn digits_above_nine_are_no_number() {
        assert_eq!(bcd(&[0x45, 0x23, 0x01]), Some(12_345));
        assert_eq!(bcd(&[0x4a]), None);
    }
}

//! Reals → exact decimals, without floating-point arithmetic.

use tidstro_model::Decimal;

/// The shortest decimal that reads back as the real with these bits; `None` for infinities and NaN. The
/// meter's own number comes back: a register of 230.1 is 230.1 and not 230.100006103515625.
pub(super) fn shortest_32(bits: u32) -> Option<Decimal> {
    let real = f32::from_bits(bits);
    if real.is_finite() { decimal(&format!("{real:e}")) } else { None }
}

/// As [`shortest_32`], for a real of 64 bits.
pub(super) fn shortest_64(bits: u64) -> Option<Decimal> {
    let real = f64::from_bits(bits);
    if real.is_finite() { decimal(&format!("{real:e}")) } else { None }
}

/// Formatting is exact and gives the shortest digits, such as `-1.2345e-7`.
fn decimal(text: &str) -> Option<Decimal> {
    let (digits, power) = text.split_once('e')?;
    let number = Decimal::parse(digits.as_bytes()).ok()?;
    let exponent = number.exponent().checked_add(power.parse().ok()?)?;
    Some(Decimal::new(number.mantissa(), exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meters_own_number_comes_back() {
        assert_eq!(shortest_32(0x4366_199a), Some(Decimal::new(2301, -1)));
        assert_eq!(shortest_64(0x406c_c333_3333_3333), Some(Decimal::new(2301, -1)));
        assert_eq!(shortest_64(0xbff0_0000_0000_0000), Some(Decimal::new(-1, 0)));
        assert_eq!((shortest_32(0x7f80_0000), shortest_64(0x7ff8_0000_0000_0000)), (None, None));
        assert_eq!(shortest_64(1), None, "a decimal has exponents of one byte");
    }
}

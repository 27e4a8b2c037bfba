//! 32-bit reals → exact decimals, without floating-point arithmetic.

use tidstro_model::Decimal;

/// The shortest decimal that reads back as the real with these bits; `None` for infinities and NaN.
///
/// 9 digits always tell single-precision numbers apart, so the meter's own number comes back: a register
/// of 0.1 is 0.1 and not 0.100000001490116.
pub(super) fn shortest(bits: u32) -> Option<Decimal> {
    let real = f32::from_bits(bits);
    if !real.is_finite() {
        return None;
    }
    // Formatting is exact and gives the shortest digits: `-1.2345e-7`.
    let text = format!("{real:e}");
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
        for (bits, mantissa, exponent) in [
            (0x0000_0000, 0, 0),
            (0x3dcc_cccd, 1, -1),
            (0xc2c8_0000, -100, 0),
            (0x42f6_e979, 123_456, -3),
            (0x0000_0001, 1, -45),
            (0x7f7f_ffff, 34_028_235, 31),
        ] {
            assert_eq!(shortest(bits), Some(Decimal::new(mantissa, exponent)), "{bits:08x}");
        }
        for bits in [0x7f80_0000, 0xff80_0000, 0x7fc0_0000] {
            assert_eq!(shortest(bits), None);
        }
    }
}

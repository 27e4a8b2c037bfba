//! Reals as meters send them → exact decimals, without floating-point arithmetic.

use crate::Decimal;

impl Decimal {
    /// The shortest decimal that reads back as the 32-bit real with these bits (IEC 60559); `None` for infinities and
    /// NaN.
    ///
    /// 9 digits always tell such reals apart, so the meter's own number comes back: a register of 0.1 is 0.1 and not
    /// 0.100000001490116.
    #[must_use]
    pub fn of_real_32(bits: u32) -> Option<Self> {
        let real = f32::from_bits(bits);
        if real.is_finite() { read(&format!("{real:e}")) } else { None }
    }

    /// As [`Decimal::of_real_32`], for a real of 64 bits; `None` also where the decimal has more digits or a larger
    /// exponent than is kept.
    #[must_use]
    pub fn of_real_64(bits: u64) -> Option<Self> {
        let real = f64::from_bits(bits);
        if real.is_finite() { read(&format!("{real:e}")) } else { None }
    }
}

/// Formatting is exact and gives the shortest digits, such as `-1.2345e-7`.
fn read(text: &str) -> Option<Decimal> {
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
            (0x4366_199a, 2_301, -1),
            (0xc2c8_0000, -100, 0),
            (0x42f6_e979, 123_456, -3),
            (0x0000_0001, 1, -45),
            (0x7f7f_ffff, 34_028_235, 31),
        ] {
            assert_eq!(Decimal::of_real_32(bits), Some(Decimal::new(mantissa, exponent)), "{bits:08x}");
        }
        assert_eq!(Decimal::of_real_64(0x406c_c333_3333_3333), Some(Decimal::new(2_301, -1)));
        assert_eq!(Decimal::of_real_64(0xbff0_0000_0000_0000), Some(Decimal::new(-1, 0)));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for bits in [0x7f80_0000, 0xff80_0000, 0x7fc0_0000] {
            assert_eq!(Decimal::of_real_32(bits), None);
        }
        assert_eq!(Decimal::of_real_64(0x7ff8_0000_0000_0000), None);
        assert_eq!(Decimal::of_real_64(1), None, "a decimal has exponents of one byte");
    }
}

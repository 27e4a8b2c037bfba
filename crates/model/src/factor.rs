//! Factors of master data: what a value is multiplied by before it means the energy of the point.

use std::fmt;

use crate::Decimal;

/// Decimals of a factor.
const DECIMALS: i8 = 3;

/// A factor above zero with at most three decimals: the proportional factor of a scaled point, the ratio of measuring
/// transformers, the multiplier of a register. One where nobody says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Factor(u32);

/// Why a text is not a factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FactorFault {
    /// Not digits with a decimal point.
    #[error("is not a number; write digits with a decimal point, such as `0.985`")]
    Form,
    /// More than three decimals.
    #[error("has {got} decimals, at most 3 are kept")]
    Decimals {
        /// Decimals found.
        got: i8,
    },
    /// Zero or below: every value would vanish or change its direction.
    #[error("is not above zero; leave it out for 1")]
    NotAboveZero,
    /// Larger than any ratio of measuring transformers.
    #[error("is larger than 4000000")]
    TooLarge,
}

impl Factor {
    /// The factor that changes nothing.
    pub const ONE: Self = Self(1_000);

    /// A factor by its thousandths.
    ///
    /// # Errors
    /// [`FactorFault::NotAboveZero`], [`FactorFault::TooLarge`].
    pub fn of_thousandths(thousandths: i64) -> Result<Self, FactorFault> {
        if thousandths <= 0 {
            return Err(FactorFault::NotAboveZero);
        }
        let kept = u32::try_from(thousandths).ok().filter(|kept| *kept <= 4_000_000_000);
        kept.map(Self).ok_or(FactorFault::TooLarge)
    }

    /// Reads `0.985` or `40`.
    ///
    /// # Errors
    /// [`FactorFault`]. Written decimals count, so `1.0000` is refused as `1.0001` is.
    pub fn parse(text: &str) -> Result<Self, FactorFault> {
        let number = Decimal::parse(text.as_bytes()).map_err(|_| FactorFault::Form)?;
        if number.exponent() < -DECIMALS {
            return Err(FactorFault::Decimals { got: -number.exponent() });
        }
        Self::of_thousandths(number.in_steps_of(-DECIMALS).ok_or(FactorFault::TooLarge)?)
    }

    /// The factor in thousandths.
    #[must_use]
    pub const fn thousandths(self) -> u32 {
        self.0
    }

    /// The value times this factor, exactly; `None` where it does not fit in 64 bits.
    ///
    /// The result has up to three decimals more than the value. What is sent is rounded by the rule of its outlet, and
    /// the value itself stays as it was measured (D.1 § 6).
    #[must_use]
    pub fn times(self, value: Decimal) -> Option<Decimal> {
        let factor = Decimal::new(self.0.into(), -DECIMALS).normalised();
        let exponent = value.exponent().checked_add(factor.exponent())?;
        Some(Decimal::new(value.mantissa().checked_mul(factor.mantissa())?, exponent))
    }
}

impl Default for Factor {
    fn default() -> Self {
        Self::ONE
    }
}

impl fmt::Display for Factor {
    /// As few decimals as say the same: `1`, `0.985`, `40`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 1_000, self.0 % 1_000);
        if part == 0 {
            return write!(f, "{whole}");
        }
        let decimals = format!("{part:03}");
        write!(f, "{whole}.{}", decimals.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_above_zero_and_have_three_decimals() {
        for (text, said) in [("1", "1"), ("0.985", "0.985"), ("40.0", "40"), ("1.050", "1.05")] {
            assert_eq!(Factor::parse(text).unwrap().to_string(), said);
        }
        let fault = |text| Factor::parse(text).unwrap_err();
        assert_eq!(fault("0"), FactorFault::NotAboveZero);
        assert_eq!(fault("0.000"), FactorFault::NotAboveZero);
        assert_eq!(fault("-1"), FactorFault::NotAboveZero);
        assert_eq!(fault("1.0000"), FactorFault::Decimals { got: 4 });
        assert_eq!(
            (fault("1,5"), fault("NaN"), fault("")),
            (FactorFault::Form, FactorFault::Form, FactorFault::Form)
        );
        assert_eq!(fault("4000000.001"), FactorFault::TooLarge);
    }

    #[test]
    fn a_factor_multiplies_exactly() {
        let factor = Factor::parse("0.985").unwrap();
        assert_eq!(factor.times(Decimal::new(1_234, -3)), Some(Decimal::new(1_215_490, -6)));
        assert_eq!(Factor::ONE.times(Decimal::new(7, -3)).map(Decimal::exponent), Some(-3));
        assert_eq!(factor.times(Decimal::new(i64::MAX, 0)), None);
    }
}

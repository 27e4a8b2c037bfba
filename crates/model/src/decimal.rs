//! Exact decimal numbers: an integer and a power of ten.

use std::fmt;

/// An exact decimal number, `mantissa × 10^exponent`.
///
/// `Decimal::new(12345, -3)` is 12.345. Two decimals are equal when they mean the same number, so
/// 1.50 equals 1.5. Arithmetic that could lose a digit returns `None` instead of rounding.
#[derive(Clone, Copy)]
pub struct Decimal {
    mantissa: i64,
    exponent: i8,
}

/// Why a text is not a decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalFault {
    /// The text is empty or has a sign only.
    #[error("no digits; write a number such as `0.125`")]
    Empty,
    /// A character that is neither a digit, nor a leading sign, nor the one decimal point.
    #[error("character {position} is not a digit; write digits with a decimal point, such as `0.125`")]
    NotADigit {
        /// Position of the character, counted from 1.
        position: usize,
    },
    /// More digits than 64 bits hold.
    #[error("more than 18 digits; the largest magnitude kept is 9223372036854775807")]
    TooLong,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self::new(0, 0);

    /// The number `mantissa × 10^exponent`.
    #[must_use]
    pub const fn new(mantissa: i64, exponent: i8) -> Self {
        Self { mantissa, exponent }
    }

    /// The integer part of the representation.
    #[must_use]
    pub const fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// The power of ten of the representation.
    #[must_use]
    pub const fn exponent(self) -> i8 {
        self.exponent
    }

    /// This number as an integer count of `10^exponent`, or `None` where that is not exact or does
    /// not fit in 64 bits.
    #[must_use]
    pub fn in_steps_of(self, exponent: i8) -> Option<i64> {
        if self.mantissa == 0 {
            return Some(0);
        }
        let shift = i32::from(self.exponent) - i32::from(exponent);
        if shift >= 0 {
            let factor = 10_i64.checked_pow(shift.unsigned_abs())?;
            self.mantissa.checked_mul(factor)
        } else {
            let factor = 10_i64.checked_pow(shift.unsigned_abs())?;
            (self.mantissa % factor == 0).then(|| self.mantissa / factor)
        }
    }

    /// The sum, in the finer exponent of the two; `None` where it does not fit in 64 bits.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let exponent = if self.exponent < other.exponent { self.exponent } else { other.exponent };
        let mantissa = self.in_steps_of(exponent)?.checked_add(other.in_steps_of(exponent)?)?;
        Some(Self { mantissa, exponent })
    }

    /// The same number with the fewest digits: trailing zeros moved into the exponent.
    #[must_use]
    pub const fn normalised(self) -> Self {
        if self.mantissa == 0 {
            return Self::ZERO;
        }
        let (mut mantissa, mut exponent) = (self.mantissa, self.exponent);
        while mantissa % 10 == 0 && exponent < i8::MAX {
            mantissa /= 10;
            exponent += 1;
        }
        Self { mantissa, exponent }
    }

    /// Reads digits with an optional sign and decimal point; keeps the written number of decimals.
    ///
    /// # Errors
    /// [`DecimalFault`] for anything else: no exponent form, no comma, no spaces, no `NaN`.
    pub fn parse(text: &[u8]) -> Result<Self, DecimalFault> {
        let (negative, digits) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            all => (false, all),
        };
        let sign_len = text.len() - digits.len();
        let mut magnitude: i64 = 0;
        let mut exponent: i8 = 0;
        let mut point_seen = false;
        let mut count = 0_usize;
        for (index, &byte) in digits.iter().enumerate() {
            match byte {
                b'0'..=b'9' => {
                    magnitude = magnitude
                        .checked_mul(10)
                        .and_then(|m| m.checked_add(i64::from(byte - b'0')))
                        .ok_or(DecimalFault::TooLong)?;
                    exponent = exponent.checked_sub(i8::from(point_seen)).ok_or(DecimalFault::TooLong)?;
                    count += 1;
                }
                b'.' if !point_seen && count > 0 => point_seen = true,
                _ => return Err(DecimalFault::NotADigit { position: sign_len + index + 1 }),
            }
        }
        if count == 0 {
            return Err(DecimalFault::Empty);
        }
        Ok(Self { mantissa: if negative { -magnitude } else { magnitude }, exponent })
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.normalised(), other.normalised());
        a.mantissa == b.mantissa && a.exponent == b.exponent
    }
}

impl Eq for Decimal {}

impl fmt::Display for Decimal {
    /// Plain decimal notation with as many decimals as the exponent says: `12.345`, `-0.05`, `1200`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.exponent >= 0 {
            let zeros = if self.mantissa == 0 { 0 } else { usize::from(self.exponent.unsigned_abs()) };
            return write!(f, "{}{:0<zeros$}", self.mantissa, "");
        }
        let decimals = usize::from(self.exponent.unsigned_abs());
        let digits = format!("{:0>width$}", self.mantissa.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        write!(f, "{}{whole}.{fraction}", if self.mantissa < 0 { "-" } else { "" })
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_plain_notation() {
        let shown = |m, e| Decimal::new(m, e).to_string();
        assert_eq!(shown(12345, -3), "12.345");
        assert_eq!(shown(-5, -2), "-0.05");
        assert_eq!(shown(12, 2), "1200");
        assert_eq!(shown(0, 4), "0");
        assert_eq!(shown(0, -2), "0.00");
        assert_eq!(shown(i64::MIN, -1), "-922337203685477580.8");
    }

    #[test]
    fn reads_back_what_it_shows() {
        for (m, e) in [(12345, -3), (-5, -2), (0, -2), (7, 0), (1, -18)] {
            let number = Decimal::new(m, e);
            let read = Decimal::parse(number.to_string().as_bytes()).unwrap();
            assert_eq!((read.mantissa(), read.exponent()), (m, e));
        }
    }

    #[test]
    fn adds_exactly() {
        assert_eq!(Decimal::new(15, -1).checked_add(Decimal::new(25, -3)).unwrap().to_string(), "1.525");
        assert_eq!(Decimal::new(i64::MAX, 0).checked_add(Decimal::new(1, 0)), None);
    }

    #[test]
    fn refuses_what_is_not_plain() {
        for (text, fault) in [
            ("", DecimalFault::Empty),
            ("-", DecimalFault::Empty),
            ("NaN", DecimalFault::NotADigit { position: 1 }),
            ("1,5", DecimalFault::NotADigit { position: 2 }),
            (".5", DecimalFault::NotADigit { position: 1 }),
            ("1.2.3", DecimalFault::NotADigit { position: 4 }),
            ("99999999999999999999", DecimalFault::TooLong),
        ] {
            assert_eq!(Decimal::parse(text.as_bytes()).unwrap_err(), fault, "{text}");
        }
    }

    #[test]
    fn rescales_only_exactly() {
        assert_eq!(Decimal::new(15, -1).in_steps_of(-3), Some(1500));
        assert_eq!(Decimal::new(1500, -3).in_steps_of(-1), Some(15));
        assert_eq!(Decimal::new(1501, -3).in_steps_of(-1), None);
        assert_eq!(Decimal::new(i64::MAX, 0).in_steps_of(-1), None);
        assert_eq!(Decimal::new(0, 100).in_steps_of(-100), Some(0));
        assert_eq!(Decimal::new(150, -2), Decimal::new(15, -1));
    }
}

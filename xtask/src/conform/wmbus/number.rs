//! Exact comparison of numbers in different units.

use std::{cmp::Ordering, fmt};

use tidstro_model::Decimal;

/// A fraction of integers; the denominator is above zero.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    /// `numerator / denominator`.
    pub(super) const fn new(numerator: i128, denominator: i128) -> Self {
        Self { numerator, denominator }
    }

    /// The number as a fraction; `None` if it is too large or too small for one.
    pub(super) fn of(number: Decimal) -> Option<Self> {
        let number = number.normalised();
        let (mantissa, exponent) = (i128::from(number.mantissa()), number.exponent());
        let power = 10_i128.checked_pow(u32::from(exponent.unsigned_abs()))?;
        match exponent.cmp(&0) {
            Ordering::Less => Some(Self::new(mantissa, power)),
            _ => Some(Self::new(mantissa.checked_mul(power)?, 1)),
        }
    }

    /// The product.
    pub(super) fn times(self, other: Self) -> Option<Self> {
        let numerator = self.numerator.checked_mul(other.numerator)?;
        let denominator = self.denominator.checked_mul(other.denominator)?;
        Some(Self::new(numerator, denominator).reduced())
    }

    /// The sum.
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        let denominator = self.denominator.checked_mul(other.denominator)?;
        Some(Self::new(left.checked_add(right)?, denominator).reduced())
    }

    fn reduced(self) -> Self {
        let divisor = common_divisor(self.numerator.unsigned_abs(), self.denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).unwrap_or(1).max(1);
        Self::new(self.numerator / divisor, self.denominator / divisor)
    }

    /// Whether both are equal within a relative 10^-9, the tolerance the corpus states.
    pub(super) fn is_close_to(self, expected: Self) -> bool {
        self.differs_little(expected).unwrap_or(false)
    }

    /// Whether this number, rounded to six decimals, is the published one.
    pub(super) fn rounds_to(self, published: Self) -> bool {
        let half_step = Self::new(1, 2_000_000);
        self.minus(published).is_some_and(|difference| difference.absolute().is_at_most(half_step))
    }

    /// Whether both are the same number as 32-bit reals, whose digits are 24 bits.
    pub(super) fn is_same_real(self, published: Self) -> bool {
        let step = self.absolute().times(Self::new(1, 1 << 24));
        let difference = self.minus(published).map(Self::absolute);
        difference.zip(step).is_some_and(|(difference, step)| difference.is_at_most(step))
    }

    /// Whether the numbers differ by a power of ten only. Zero has the digits of zero.
    pub(super) fn has_digits_of(self, other: Self) -> bool {
        let shifts = (0..=9).filter_map(|power| 10_i128.checked_pow(power));
        let mut factors = shifts.flat_map(|power| [Self::new(power, 1), Self::new(1, power)]);
        factors.any(|factor| self.times(factor).is_some_and(|shifted| shifted.is_close_to(other)))
    }

    /// -128, -32768, -8388608 or -2147483648, in any power of ten: what type B keeps for "no value".
    pub(super) fn is_lowest_integer(self) -> bool {
        [7, 15, 23, 31].iter().any(|bits| self.has_digits_of(Self::new(-(1 << bits), 1)))
    }

    /// Whether this is zero.
    pub(super) const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// Whether this is the root of `a² + b²`, to the six decimals published.
    pub(super) fn is_root_of_squares(self, a: Self, b: Self) -> bool {
        let sum = a.times(a).zip(b.times(b)).and_then(|(a, b)| a.plus(b));
        let difference = self.times(self).zip(sum).and_then(|(square, sum)| square.minus(sum));
        // The derivative of the square is twice the number.
        let room = Self::new(1, 1_000_000).times(self.absolute());
        difference.zip(room).is_some_and(|(difference, room)| difference.absolute().is_at_most(room))
    }

    fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self::new(-other.numerator, other.denominator))
    }

    const fn absolute(self) -> Self {
        Self::new(self.numerator.saturating_abs(), self.denominator)
    }

    fn is_at_most(self, other: Self) -> bool {
        let products =
            self.numerator.checked_mul(other.denominator).zip(other.numerator.checked_mul(self.denominator));
        products.is_some_and(|(left, right)| left <= right)
    }

    fn differs_little(self, expected: Self) -> Option<bool> {
        let left = self.numerator.checked_mul(expected.denominator)?;
        let right = expected.numerator.checked_mul(self.denominator)?;
        let difference = left.checked_sub(right)?.checked_abs()?;
        Some(difference == 0 || difference <= right.checked_abs()? / 1_000_000_000)
    }
}

impl fmt::Display for Ratio {
    /// The number in decimals where it has up to nine, else the fraction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scaled =
            self.numerator.checked_mul(1_000_000_000).filter(|scaled| scaled % self.denominator == 0);
        let nanos = scaled.and_then(|scaled| i64::try_from(scaled / self.denominator).ok());
        match nanos {
            Some(nanos) => Decimal::new(nanos, -9).normalised().fmt(f),
            None => write!(f, "{}/{}", self.numerator, self.denominator),
        }
    }
}

fn common_divisor(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// Reads a JSON number, also `1.5e-7`.
pub(super) fn parse(text: &str) -> Option<Ratio> {
    let (digits, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let number = Decimal::parse(digits.as_bytes()).ok()?;
    let exponent = number.exponent().checked_add(power.parse().ok()?)?;
    Ratio::of(Decimal::new(number.mantissa(), exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_equal_within_the_tolerance() {
        let number = |text: &str| parse(text).unwrap();
        assert!(number("1.5").is_close_to(number("15e-1")));
        assert!(number("1000000000").is_close_to(number("1000000001")));
        assert!(!number("100000000").is_close_to(number("100000001")));
        assert!(number("0").is_close_to(number("0.0")) && !number("0.1").is_close_to(number("0")));
        // 1 MJ is 0.27777… kWh.
        let mega_joule = Ratio::new(1_000_000, 1).times(Ratio::new(1, 3_600_000)).unwrap();
        assert!(mega_joule.is_close_to(number("0.277777777777778")));
    }
}

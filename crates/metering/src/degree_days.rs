//! Heat as it would have been in normal weather.
//!
//! What comes in: what was used in a month, and how cold it was. What goes out: what would have been used in a normal month. The ratio is
//! exact; the result has as many decimals as the value. It must never correct a month without cold: a hundredfold of nothing says nothing.

use tidstro_model::{Decimal, DegreeDays};

/// Tenths of degree days from which a month counts as one that is heated. In a milder one, what is used follows habits and not the weather.
pub const HEATED_MONTH: i64 = 300;

/// Use × normal degree days ÷ degree days, rounded half away from zero to the decimals of the value. `None` where the month, or a normal
/// one, is not [`HEATED_MONTH`] cold, or the number has too many digits.
///
/// Correction by degree days as in VDI 3807, part 1; the whole value is taken as heating, so it is for what heats rooms alone.
///
/// ```
/// use tidstro_metering::weather_corrected;
/// use tidstro_model::{Decimal, DegreeDays};
///
/// let mild = DegreeDays { actual: 4000, normal: 5000 };
/// assert_eq!(weather_corrected(Decimal::new(100, 0), mild), Some(Decimal::new(125, 0)));
/// ```
#[must_use]
pub fn weather_corrected(used: Decimal, days: DegreeDays) -> Option<Decimal> {
    if days.actual.min(days.normal) < HEATED_MONTH {
        return None;
    }
    let (actual, normal) = (i128::from(days.actual), i128::from(days.normal));
    let scaled = i128::from(used.mantissa()) * normal;
    let rounded = (scaled + scaled.signum() * (actual / 2)) / actual;
    Some(Decimal::new(i64::try_from(rounded).ok()?, used.exponent()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(used: i64, (actual, normal): (i64, i64), expected: Option<i64>) {
        let corrected = weather_corrected(Decimal::new(used, -2), DegreeDays { actual, normal });
        assert_eq!(corrected, expected.map(|expected| Decimal::new(expected, -2)));
    }

    #[test]
    fn a_cold_month_would_have_used_less() {
        check(1000, (5000, 4000), Some(800));
        check(1000, (4000, 4000), Some(1000));
        check(1000, (3000, 4000), Some(1333));
        check(-1000, (3000, 4000), Some(-1333));
        check(2, (4000, 3000), Some(2));
        check(0, (4000, 3000), Some(0));
    }

    #[test]
    fn a_month_without_cold_is_not_corrected() {
        check(1000, (0, 4000), None);
        check(1000, (4000, 299), None);
        check(i64::MAX, (300, 31_000), None);
    }
}

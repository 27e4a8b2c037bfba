//! Fitting shapes to a sum, exactly.
//!
//! What comes in: a shape and a sum. What goes out: whole numbers in that shape that add up to the sum. Rounding is
//! carried from value to value, half away from zero, so no value is off by more than one and none of it is lost.

/// Why a shape cannot have a sum. The numbers are a person's, so no fault has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FitFault {
    /// The measured values are more than the register says passed.
    #[error(
        "the measured intervals are more than the register says; check multiplier and readings before estimating"
    )]
    MeasuredMore,
    /// Nothing is left to share out among.
    #[error(
        "the register says more than the intervals and every one has a value; check multiplier and readings"
    )]
    NoGap,
}

/// Makes the values add up to `sum` and keeps their shape; a shape without anything above zero becomes even.
/// Values below zero count as zero: a shape has no negative parts.
///
/// # Errors
/// [`FitFault::NoGap`] if there are no values and the sum is not 0.
pub fn fit(values: &mut [i64], sum: i64) -> Result<(), FitFault> {
    if values.is_empty() {
        return if sum == 0 { Ok(()) } else { Err(FitFault::NoGap) };
    }
    let has_shape = values.iter().any(|value| *value > 0);
    let part_of = |value: i64| if has_shape { i128::from(value.max(0)) } else { 1 };
    let whole: i128 = values.iter().copied().map(part_of).sum();
    // Digits beyond 64 bits tell nothing at the precision of the sum, and would not fit beside it.
    let idle_bits = (i128::BITS - whole.leading_zeros()).saturating_sub(64);
    let (mut parts, mut given) = (0_i128, 0_i64);
    for value in values {
        parts += part_of(*value);
        let so_far = rounded(i128::from(sum) * (parts >> idle_bits), whole >> idle_bits);
        // Never outside 64 bits: it lies between 0 and the sum.
        let so_far = i64::try_from(so_far).unwrap_or(sum);
        *value = so_far - given;
        given = so_far;
    }
    Ok(())
}

/// The quotient, rounded half away from zero; the divisor is above zero.
pub(super) const fn rounded(dividend: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (dividend / divisor, dividend % divisor);
    if rest.unsigned_abs() >= divisor.unsigned_abs() - rest.unsigned_abs() {
        quotient + rest.signum()
    } else {
        quotient
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn fitted(values: &[i64], sum: i64) -> Vec<i64> {
        let mut values = values.to_vec();
        fit(&mut values, sum).unwrap();
        values
    }

    #[test]
    fn shapes_are_kept_and_sums_are_exact() {
        assert_eq!(fitted(&[1, 2, 1], 400), [100, 200, 100]);
        assert_eq!(fitted(&[1, 1, 1], 100), [33, 34, 33], "the carry goes to the middle");
        assert_eq!(fitted(&[0, 0, 0], 100), [33, 34, 33], "nothing tells when");
        assert_eq!(fitted(&[5, -9, 5], 10), [5, 0, 5]);
        assert_eq!(fitted(&[9], 0), [0]);
        assert_eq!(fit(&mut [], 1), Err(FitFault::NoGap));
        assert_eq!(fit(&mut [], 0), Ok(()));
    }

    #[test]
    fn halves_go_away_from_zero() {
        let cases = [(1, 2, 1), (-1, 2, -1), (1, 3, 0), (2, 3, 1), (-3, 2, -2), (0, 7, 0), (7, 1, 7)];
        for (dividend, divisor, quotient) in cases {
            assert_eq!(rounded(dividend, divisor), quotient, "{dividend} / {divisor}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_negative(values in vec(0_i64..1_000_000, 1..200), sum in 0_i64..1_000_000_000_000) {
            let fitted = fitted(&values, sum);
            prop_assert_eq!(fitted.iter().sum::<i64>(), sum);
            prop_assert!(fitted.iter().all(|value| *value >= 0));
        }

        #[test]
        fn no_value_is_off_by_more_than_one(values in vec(1_i64..1_000_000, 1..200), sum in 0_i64..1_000_000_000) {
            let whole: i128 = values.iter().copied().map(i128::from).sum();
            for (value, got) in values.iter().zip(fitted(&values, sum)) {
                let off = i128::from(got) * whole - i128::from(sum) * i128::from(*value);
                prop_assert!(off.abs() <= whole);
            }
        }

        #[test]
        fn the_largest_numbers_add_up_too(values in vec(any::<i64>(), 1..20), sum in 0..=i64::MAX) {
            let fitted = fitted(&values, sum);
            prop_assert_eq!(fitted.iter().copied().map(i128::from).sum::<i128>(), i128::from(sum));
            prop_assert!(fitted.iter().all(|value| *value >= 0));
        }
    }
}

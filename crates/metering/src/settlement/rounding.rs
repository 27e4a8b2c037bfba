//! Rounding, one named function per rule.
//!
//! What comes in: exact whole numbers. What goes out: whole numbers of a coarser step. No function here drops a
//! remainder that the next interval of the same hour should have.

use super::sum::PER_WATT_HOUR;

/// The quotient, rounded to the nearest whole number, halves away from zero: 5/2 is 3, -5/2 is -3.
///
/// The rounding of the hub's decimal columns ("half up" of the magnitude), by which its published results are
/// reproduced. A divisor of 0 gives 0.
#[must_use]
pub const fn divide_half_away(dividend: i128, divisor: i128) -> i128 {
    if divisor == 0 {
        return 0;
    }
    let (quotient, remainder) = (dividend / divisor, dividend % divisor);
    let is_up = remainder.unsigned_abs() >= divisor.unsigned_abs() - remainder.unsigned_abs();
    if !is_up {
        quotient
    } else if (dividend < 0) == (divisor < 0) {
        quotient + 1
    } else {
        quotient - 1
    }
}

/// Rounds a quarter of an hour from quarter watt-hours to watt-hours, with what the quarters before it carry over.
///
/// `position` is the quarter's place in its hour, from 0. The quarters before it are taken to have its own value, as
/// the hub does: four quarters of 0.00075 kWh are 0.001, 0.001, 0.000 and 0.001. Quarters of one hour differ by whole
/// watt-hours, because only hours are divided; so their rounded values sum to the hour exactly. The one exception is the
/// hub's as well: exchange that changes its direction inside an hour of half watt-hours.
///
/// Source: DataHub's published energy scenarios (results have three decimals).
#[must_use]
pub fn round_in_hour(quarter: i64, position: usize) -> i64 {
    let (mut rounded, mut carried) = (0, 0);
    for _ in 0..=position {
        let exact = quarter + carried;
        rounded = round_to_watt_hours(exact);
        carried = exact - rounded * PER_WATT_HOUR;
    }
    rounded
}

/// The nearest whole watt-hour, halves away from zero.
const fn round_to_watt_hours(quarter_watt_hours: i64) -> i64 {
    let half = if quarter_watt_hours < 0 { -PER_WATT_HOUR / 2 } else { PER_WATT_HOUR / 2 };
    (quarter_watt_hours + half) / PER_WATT_HOUR
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_go_away_from_zero() {
        for (dividend, divisor, expected) in
            [(5, 2, 3), (-5, 2, -3), (5, -2, -3), (4, 3, 1), (-4, 3, -1), (0, 7, 0), (1, 0, 0), (7, 4, 2)]
        {
            assert_eq!(divide_half_away(dividend, divisor), expected, "{dividend}/{divisor}");
        }
    }

    fn rounded(quarters: [i64; 4]) -> Vec<i64> {
        quarters.iter().enumerate().map(|(position, quarter)| round_in_hour(*quarter, position)).collect()
    }

    #[test]
    fn a_remainder_goes_to_the_next_quarter_of_the_hour() {
        // 0.00075 kWh is three quarter watt-hours.
        assert_eq!(rounded([3; 4]), [1, 1, 0, 1]);
        assert_eq!(rounded([-3; 4]), [-1, -1, 0, -1]);
        // An hour of 30.333 kWh.
        assert_eq!(rounded([30_333; 4]), [7583, 7584, 7583, 7583]);
        // Exchange of half watt-hours that turns: rounded as each quarter alone would be.
        assert_eq!(rounded([2, -2, 2, -2]), [1, 0, 1, 0]);
    }

    proptest! {
        #[test]
        fn rounded_quarters_sum_to_the_hour(hour in 0_i64..1_000_000, more in prop::array::uniform4(0_i64..1_000_000), out in any::<bool>()) {
            let sign = if out { -1 } else { 1 };
            let quarters = more.map(|quarter| sign * (hour + quarter * PER_WATT_HOUR));
            let sum: i64 = rounded(quarters).iter().sum();
            prop_assert_eq!(sum, sign * (hour + more.iter().sum::<i64>()));
        }

        #[test]
        fn division_is_the_nearest(dividend in -1_000_000_i128..1_000_000, divisor in 1_i128..1000) {
            let quotient = divide_half_away(dividend, divisor);
            prop_assert!((dividend - quotient * divisor).abs() * 2 <= divisor);
        }
    }
}

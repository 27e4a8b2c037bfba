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

/// Rounds the quarters of one hour from quarter watt-hours to watt-hours; what one quarter loses the next has.
///
/// Each quarter is rounded with the remainder of the one before it, so 0.00075 kWh four times is 0.001, 0.001,
/// 0.000 and 0.001. The sum of the rounded quarters is the hour rounded once; the remainder ends with the hour.
/// Source: DataHub's published energy scenarios (results have three decimals).
#[must_use]
pub fn round_within_hour(quarters: &[i64]) -> Vec<i64> {
    let mut carried = 0;
    quarters
        .iter()
        .map(|quarter| {
            let exact = quarter + carried;
            let rounded = round_to_watt_hours(exact);
            carried = exact - rounded * PER_WATT_HOUR;
            rounded
        })
        .collect()
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

    #[test]
    fn a_remainder_goes_to_the_next_quarter_of_the_hour() {
        // 0.00075 kWh is three quarter watt-hours.
        assert_eq!(round_within_hour(&[3, 3, 3, 3]), [1, 1, 0, 1]);
        assert_eq!(round_within_hour(&[-3, -3, -3, -3]), [-1, -1, 0, -1]);
        // An hour of 30.333 kWh.
        assert_eq!(round_within_hour(&[30_333; 4]), [7583, 7584, 7583, 7583]);
        assert_eq!(round_within_hour(&[]), Vec::<i64>::new());
    }

    proptest! {
        #[test]
        fn rounded_quarters_sum_to_the_rounded_hour(quarters in prop::collection::vec(-1_000_000_i64..1_000_000, 1..5)) {
            let exact: i64 = quarters.iter().sum();
            let rounded: i64 = round_within_hour(&quarters).iter().sum();
            // The last remainder is at most half a watt-hour, as of rounding the sum once.
            prop_assert!((exact - rounded * PER_WATT_HOUR).abs() <= PER_WATT_HOUR / 2);
            if exact % PER_WATT_HOUR == 0 {
                prop_assert_eq!(rounded, exact / PER_WATT_HOUR);
            }
        }

        #[test]
        fn division_is_the_nearest(dividend in -1_000_000_i128..1_000_000, divisor in 1_i128..1000) {
            let quotient = divide_half_away(dividend, divisor);
            prop_assert!((dividend - quotient * divisor).abs() * 2 <= divisor);
        }
    }
}

//! Rule *clock*: the meter knows what time it is.
//!
//! What comes in: how far the meter's clock is off, a limit, and whether a block has values. What goes out: a finding at
//! position 0. Values of a meter whose clock is off belong to other intervals than they say; nobody moves them,
//! because a measurement belongs to the moment it was made (D.1 § 6), and which moment that was must be found
//! out.

use super::{Explained, Thresholds, Why, explained};

/// A finding if the clock is off by more than the limit, ahead or behind.
pub(super) fn check(seconds: Option<i64>, thresholds: &Thresholds) -> Option<Explained> {
    let (seconds, limit) = seconds.zip(thresholds.clock_seconds)?;
    (seconds.unsigned_abs() > u64::from(limit)).then(|| explained(0, Why::Clock { seconds, limit }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_may_be_off_a_little() {
        let thresholds = Thresholds { clock_seconds: Some(60), ..Thresholds::NONE };
        for (seconds, is_found) in [
            (None, false),
            (Some(60), false),
            (Some(-60), false),
            (Some(61), true),
            (Some(-61), true),
            (Some(i64::MIN), true),
        ] {
            assert_eq!(check(seconds, &thresholds).is_some(), is_found, "{seconds:?}");
        }
        assert_eq!(check(Some(3_600), &Thresholds::NONE), None);
    }
}

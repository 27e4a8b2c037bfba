//! The shape of a profile, at the height of what was measured beside the gap.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Gap, fit::rounded};

/// Seconds of an hour and of a quarter.
const HOUR: i64 = 3_600;
const QUARTER: i64 = 900;

/// The shares of a profile over time. Only their ratios count: a sum or a height has no meaning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// Each from its instant on, for one step.
    shares: BTreeMap<i64, i64>,
    /// Seconds of a step.
    step: i64,
}

impl Profile {
    /// A profile of shares (never below zero) that begin at quarters of hours. If all begin at whole hours, each holds for an
    /// hour; otherwise for a quarter.
    #[must_use]
    pub fn of(shares: impl IntoIterator<Item = (Timestamp, i64)>) -> Self {
        let shares: BTreeMap<i64, i64> =
            shares.into_iter().map(|(at, share)| (at.as_second(), share)).collect();
        let is_hourly = shares.keys().all(|at| at.rem_euclid(HOUR) == 0);
        Self { shares, step: if is_hourly { HOUR } else { QUARTER } }
    }

    /// The share of an interval: the sum of the steps in it, or that of the step it is a part of. `None` where one is missing.
    ///
    /// Shares of intervals of different length do not compare: a quarter has the share of its whole hour.
    #[must_use]
    pub fn share(&self, start: Timestamp, seconds: u32) -> Option<i64> {
        let (start, seconds) = (start.as_second(), i64::from(seconds));
        if seconds <= self.step {
            return self.shares.get(&(start - start.rem_euclid(self.step))).copied();
        }
        let mut steps = (0..seconds / self.step).map(|step| self.shares.get(&(start + step * self.step)));
        steps.try_fold(0_i64, |sum, share| sum.checked_add(*share?))
    }
}

/// The profile's shares in the gap, times what was measured for each of its shares outside. Where nothing was measured the
/// shares themselves are the shape, if `has_sum` says that they are fitted to a sum afterwards. `None` otherwise, or where the
/// profile has nothing.
pub(super) fn values(
    profile: &[Option<i64>],
    (values, has_sum): (&[Option<i64>], bool),
    gap: Gap,
) -> Option<Vec<i64>> {
    let pairs = profile.iter().zip(values).filter_map(|(share, value)| Some(((*share)?, (*value)?)));
    let (shares, measured) = pairs.fold((0_i128, 0_i128), |(shares, measured), (share, value)| {
        (shares + i128::from(share), measured + i128::from(value))
    });
    let inside = gap.of(profile)?.iter().copied();
    if shares <= 0 {
        return if has_sum { inside.collect() } else { None };
    }
    let scaled = |share: Option<i64>| {
        let product = i128::from(share?).checked_mul(measured)?;
        i64::try_from(rounded(product, shares)).ok()
    };
    inside.map(scaled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_has_the_profiles_shape_and_the_points_height() {
        let profile = [Some(1), Some(2), Some(4), Some(3)];
        let gap = Gap { first: 1, len: 2 };
        let measured = [Some(50), None, None, Some(150)];
        assert_eq!(values(&profile, (&measured, false), gap), Some(vec![100, 200]));
        assert_eq!(values(&profile, (&[None; 4], false), gap), None, "nothing was measured");
        assert_eq!(values(&profile, (&[None; 4], true), gap), Some(vec![2, 4]), "a sum gives the height");
        assert_eq!(values(&profile[..2], (&measured, false), gap), None, "no profile there");
        let hole = [Some(1), None, Some(4), Some(3)];
        assert_eq!(values(&hole, (&measured, true), gap), None, "no share there");
    }

    #[test]
    fn quarters_are_parts_of_hours_and_hours_are_made_of_quarters() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let (ten, quarter_past) = (at("2026-03-10T10:00:00Z"), at("2026-03-10T10:15:00Z"));
        let hourly = Profile::of([(ten, 8), (at("2026-03-10T11:00:00Z"), 5)]);
        assert_eq!((hourly.share(ten, 3_600), hourly.share(quarter_past, 900)), (Some(8), Some(8)));
        assert_eq!(hourly.share(at("2026-03-10T12:00:00Z"), 3_600), None);
        let quarters =
            |count: i64| {
                Profile::of((0..count).map(|step| {
                    (Timestamp::from_second(ten.as_second() + step * QUARTER).unwrap(), step + 1)
                }))
            };
        assert_eq!(quarters(4).share(ten, 3_600), Some(10));
        assert_eq!(quarters(3).share(ten, 3_600), None, "a quarter is missing");
        assert_eq!(quarters(4).share(quarter_past, 900), Some(2));
    }
}

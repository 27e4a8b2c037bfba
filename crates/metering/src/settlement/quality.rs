//! The qualities in a sum, as a set.
//!
//! What comes in: qualities of single values. What goes out: which of them occur. Where a sum is one value of one
//! point (four quarters made an hour), one quality stands for all of them, by [`hour_quality`].

use tidstro_model::Quality;

/// Every quality, at the index of its discriminant.
pub(super) const QUALITIES: [Quality; 4] =
    [Quality::Measured, Quality::Estimated, Quality::Missing, Quality::Calculated];

/// Which qualities occur among the values of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct QualitySet(u8);

impl QualitySet {
    /// No value at all.
    pub const EMPTY: Self = Self(0);

    /// The set of this one quality.
    #[must_use]
    pub const fn only(quality: Quality) -> Self {
        Self(1 << quality as u8)
    }

    /// This set and one more quality.
    #[must_use]
    pub const fn with(self, quality: Quality) -> Self {
        self.union(Self::only(quality))
    }

    /// The qualities of both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the quality occurs.
    #[must_use]
    pub const fn contains(self, quality: Quality) -> bool {
        self.0 & Self::only(quality).0 != 0
    }

    /// The set as bits, one for each quality by its discriminant.
    pub(super) const fn bits(self) -> u64 {
        self.0 as u64
    }

    /// The set of these bits; bits that stand for no quality are left out.
    pub(super) const fn of_bits(bits: u64) -> Self {
        Self((bits & 0b1111) as u8)
    }

    /// Whether no quality occurs.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The qualities, in the order measured, estimated, missing, calculated.
    pub fn qualities(self) -> impl Iterator<Item = Quality> {
        QUALITIES.into_iter().filter(move |quality| self.contains(*quality))
    }
}

/// The one quality of an hour made of the quarters of one point: calculated, else estimated, else estimated where
/// measured and missing meet, else measured, else missing.
pub(super) const fn hour_quality(quarters: QualitySet) -> Quality {
    let (measured, missing) = (quarters.contains(Quality::Measured), quarters.contains(Quality::Missing));
    if quarters.contains(Quality::Calculated) {
        Quality::Calculated
    } else if quarters.contains(Quality::Estimated) || (measured && missing) {
        Quality::Estimated
    } else if measured {
        Quality::Measured
    } else {
        Quality::Missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_has_one_quality() {
        use Quality::{Calculated, Estimated, Measured, Missing};
        for (quarters, expected) in [
            (vec![Measured], Measured),
            (vec![Missing], Missing),
            (vec![Measured, Missing], Estimated),
            (vec![Estimated, Missing], Estimated),
            (vec![Measured, Estimated, Calculated], Calculated),
        ] {
            let set = quarters.into_iter().fold(QualitySet::EMPTY, QualitySet::with);
            assert_eq!(hour_quality(set), expected, "{:?}", set.qualities().collect::<Vec<_>>());
        }
    }
}

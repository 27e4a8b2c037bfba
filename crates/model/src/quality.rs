//! Where a value came from, and what was found wrong with it.

use std::fmt;

/// Quality of a value (market code in brackets, CIM code list).
///
/// Whether a value corrects an earlier one is not a quality but a second thing: [`Mark::is_correction`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Quality {
    /// The meter said it (A04).
    Measured = 0,
    /// A substitute value (A03).
    Estimated = 1,
    /// There is no value (A02). Never zero.
    Missing = 2,
    /// Computed from other values (A06).
    Calculated = 3,
}

impl Quality {
    /// The word used in files, answers and screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Estimated => "estimated",
            Self::Missing => "missing",
            Self::Calculated => "calculated",
        }
    }

    /// Reads a word as [`Quality::word`] writes it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Measured, Self::Estimated, Self::Missing, Self::Calculated]
            .into_iter()
            .find(|q| q.word() == word)
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A validation rule. The code is what findings, screens and files name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Rule {
    /// Fewer or more intervals than the local day has (23/24/25 hours, 92/96/100 quarters).
    Completeness = 0,
    /// Energy below zero in an interval.
    Negative = 1,
    /// A cumulative register that fell.
    Falling = 2,
    /// A value far above the series' own history.
    Spike = 3,
    /// A unit that is not the one of the series.
    Unit = 4,
    /// Energy against the direction of the metering point (production on a consumption point).
    Direction = 5,
    /// Two different values for the same moment from the same source.
    Conflict = 6,
}

impl Rule {
    /// Every rule, in the order of its code.
    pub const ALL: [Self; 7] = [
        Self::Completeness,
        Self::Negative,
        Self::Falling,
        Self::Spike,
        Self::Unit,
        Self::Direction,
        Self::Conflict,
    ];

    /// The code, as findings name it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Completeness => "completeness",
            Self::Negative => "negative",
            Self::Falling => "falling",
            Self::Spike => "spike",
            Self::Unit => "unit",
            Self::Direction => "direction",
            Self::Conflict => "conflict",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The rules a value failed, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Findings(u16);

impl Findings {
    /// No rule failed.
    pub const NONE: Self = Self(0);

    /// This set and one more rule.
    #[must_use]
    pub const fn with(self, rule: Rule) -> Self {
        Self(self.0 | 1 << rule as u8)
    }

    /// Whether the rule failed.
    #[must_use]
    pub const fn contains(self, rule: Rule) -> bool {
        self.0 & 1 << rule as u8 != 0
    }

    /// Whether no rule failed.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The failed rules, in the order of their code.
    pub fn rules(self) -> impl Iterator<Item = Rule> {
        Rule::ALL.into_iter().filter(move |rule| self.contains(*rule))
    }
}

/// What a stored value carries beside its number: quality, correction, failed rules. 16 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark(u16);

impl Mark {
    /// A value of this quality that corrects nothing and failed no rule.
    #[must_use]
    pub const fn new(quality: Quality) -> Self {
        Self(quality as u16)
    }

    /// The quality.
    #[must_use]
    pub const fn quality(self) -> Quality {
        match self.0 & 3 {
            0 => Quality::Measured,
            1 => Quality::Estimated,
            2 => Quality::Missing,
            _ => Quality::Calculated,
        }
    }

    /// Whether the value replaced another one that was not missing.
    #[must_use]
    pub const fn is_correction(self) -> bool {
        self.0 & 4 != 0
    }

    /// The rules the value failed.
    #[must_use]
    pub const fn findings(self) -> Findings {
        Findings(self.0 >> 3)
    }

    /// This mark, as a correction.
    #[must_use]
    pub const fn corrected(self) -> Self {
        Self(self.0 | 4)
    }

    /// This mark with one more failed rule.
    #[must_use]
    pub const fn with(self, rule: Rule) -> Self {
        Self(self.0 | 1 << (rule as u8 + 3))
    }

    /// The 16 bits, for storage.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The mark with these bits, or `None` if they name a rule that does not exist.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Option<Self> {
        if bits >> (3 + Rule::ALL.len()) == 0 { Some(Self(bits)) } else { None }
    }
}

/// A rule that failed, and at which position of the block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Index of the value in its block, from 0; for [`Rule::Completeness`] the first missing one.
    pub position: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_keep_three_things_apart() {
        let mark = Mark::new(Quality::Estimated).corrected().with(Rule::Spike).with(Rule::Negative);
        assert_eq!(mark.quality(), Quality::Estimated);
        assert!(mark.is_correction());
        assert_eq!(mark.findings().rules().collect::<Vec<_>>(), [Rule::Negative, Rule::Spike]);
        assert_eq!(Mark::from_bits(mark.bits()), Some(mark));
        assert_eq!(Mark::from_bits(0xffff), None);
    }
}

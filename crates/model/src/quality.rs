//! Where a value came from, and what was found wrong with it.

mod rule;

use std::fmt;

pub use rule::{Findings, Rule};

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

/// How a value that is not there is made: the method of an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Method {
    /// On the line between the intervals before and after; as the one where there is one only.
    Linear = 1,
    /// The mean of the same interval on like days.
    LikeDays = 2,
    /// In the shape of a profile.
    Profile = 3,
    /// What a parent point or a check meter leaves for this one.
    Balance = 4,
    /// Evenly, for what a register says and nothing tells when.
    Even = 5,
    /// In the shape of points nearby, or of a check meter.
    Neighbour = 6,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 6] =
        [Self::Linear, Self::LikeDays, Self::Profile, Self::Balance, Self::Even, Self::Neighbour];

    /// The code used in files, answers and screens.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::LikeDays => "like-days",
            Self::Profile => "profile",
            Self::Balance => "balance",
            Self::Even => "even",
            Self::Neighbour => "neighbour",
        }
    }

    /// Reads a code as [`Method::code`] writes it.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What a stored value carries beside its number: quality, correction, failed rules, and of an estimate its method.
///
/// 32 bits, lowest first: quality (2), correction (1), the first seven rules (7), method (3), the other rules; the highest says that
/// somebody accepted the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark(u32);

/// Where the method's three bits begin.
const METHOD_SHIFT: u32 = 10;
const METHOD_BITS: u32 = 0b111 << METHOD_SHIFT;
const CORRECTION: u32 = 0b100;
const QUALITY_BITS: u32 = 0b11;
const ACCEPTED: u32 = 1 << 31;
/// What no judging takes away.
const LASTING: u32 = QUALITY_BITS | CORRECTION | METHOD_BITS | ACCEPTED;

impl Mark {
    /// A value of this quality that corrects nothing and failed no rule.
    #[must_use]
    pub const fn new(quality: Quality) -> Self {
        Self(quality as u32)
    }

    /// An estimate made by this method, which corrects nothing and failed no rule.
    #[must_use]
    pub const fn estimated(method: Method) -> Self {
        Self(Quality::Estimated as u32 | (method as u32) << METHOD_SHIFT)
    }

    /// The quality.
    #[must_use]
    #[inline]
    pub const fn quality(self) -> Quality {
        match self.0 & QUALITY_BITS {
            0 => Quality::Measured,
            1 => Quality::Estimated,
            2 => Quality::Missing,
            _ => Quality::Calculated,
        }
    }

    /// The method of an estimate made here; `None` for every other value, also for an estimate that came from
    /// outside.
    #[must_use]
    pub const fn method(self) -> Option<Method> {
        match (self.0 & METHOD_BITS) >> METHOD_SHIFT {
            1 => Some(Method::Linear),
            2 => Some(Method::LikeDays),
            3 => Some(Method::Profile),
            4 => Some(Method::Balance),
            5 => Some(Method::Even),
            6 => Some(Method::Neighbour),
            _ => None,
        }
    }

    /// Whether the value replaced another one that was not missing.
    #[must_use]
    pub const fn is_correction(self) -> bool {
        self.0 & CORRECTION != 0
    }

    /// Whether somebody said that the value, or its absence, stands as it is, whatever rules find. A value that takes its place has
    /// to be accepted anew.
    #[must_use]
    pub const fn is_accepted(self) -> bool {
        self.0 & ACCEPTED != 0
    }

    /// The rules the value failed.
    #[must_use]
    pub const fn findings(self) -> Findings {
        Findings::in_bits(self.0)
    }

    /// This mark, as a correction.
    #[must_use]
    pub const fn corrected(self) -> Self {
        Self(self.0 | CORRECTION)
    }

    /// This mark, of a value that somebody accepted as it is.
    #[must_use]
    pub const fn accepted(self) -> Self {
        Self(self.0 | ACCEPTED)
    }

    /// The failed rules that nobody has decided about yet: the value was neither estimated here nor accepted. An estimate keeps why it
    /// was made, and is not doubted for it.
    #[must_use]
    pub const fn open_findings(self) -> Findings {
        if self.is_accepted() || self.0 & METHOD_BITS != 0 { Findings::NONE } else { self.findings() }
    }

    /// This mark with one more failed rule.
    #[must_use]
    pub const fn with(self, rule: Rule) -> Self {
        Self(self.0 | rule.bit())
    }

    /// This mark with all these failed rules too.
    #[must_use]
    pub const fn with_all(self, rules: Findings) -> Self {
        Self(self.0 | rules.bits())
    }

    /// This mark without failed rules, as before validation.
    #[must_use]
    pub const fn without_findings(self) -> Self {
        Self(self.0 & LASTING)
    }

    /// This mark with only those of its failed rules.
    #[must_use]
    pub const fn keeping(self, rules: Findings) -> Self {
        Self(self.0 & (LASTING | rules.bits()))
    }

    /// The 32 bits, for storage. Those a version before this one wrote mean the same.
    #[must_use]
    #[inline]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The mark with these bits, or `None` if they name a rule or method that does not exist, or a method of a
    /// value that is no estimate.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Option<Self> {
        let known = LASTING | Findings::of(&Rule::ALL).bits();
        let mark = Self(bits);
        let has_method = bits & METHOD_BITS != 0;
        let method_fits = mark.method().is_some() && matches!(mark.quality(), Quality::Estimated);
        if bits & !known == 0 && (!has_method || method_fits) { Some(mark) } else { None }
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
        assert_eq!(mark.method(), None);
        assert_eq!(mark.without_findings(), Mark::new(Quality::Estimated).corrected());
        let kept = mark.keeping(Findings::of(&[Rule::Spike, Rule::Sum]));
        assert_eq!(kept, Mark::new(Quality::Estimated).corrected().with(Rule::Spike));
    }

    #[test]
    fn estimates_name_their_method() {
        for method in Method::ALL {
            let mark = Mark::estimated(method).with(Rule::Completeness).with(Rule::Replaced);
            assert_eq!((mark.quality(), mark.method()), (Quality::Estimated, Some(method)));
            assert_eq!(mark.findings(), Findings::of(&[Rule::Completeness, Rule::Replaced]));
            assert_eq!(Mark::from_bits(mark.bits()), Some(mark));
            assert_eq!(Method::from_code(method.code()), Some(method));
        }
        assert_eq!(Method::from_code("guess"), None);
    }

    #[test]
    fn what_is_accepted_is_open_no_more_and_keeps_its_findings() {
        let doubted = Mark::new(Quality::Measured).with(Rule::Spike);
        assert_eq!(doubted.open_findings(), Findings::of(&[Rule::Spike]));
        let accepted = doubted.accepted();
        assert_eq!((accepted.open_findings(), accepted.findings()), (Findings::NONE, doubted.findings()));
        assert!(accepted.keeping(Findings::NONE).is_accepted() && accepted.without_findings().is_accepted());
        assert_eq!(Mark::from_bits(accepted.bits()), Some(accepted));
        assert_eq!(Mark::estimated(Method::Linear).with(Rule::Spike).open_findings(), Findings::NONE);
    }

    /// Bits as stored before there were methods: 2 of quality, 1 of correction, 7 rules.
    #[test]
    fn stored_marks_keep_their_meaning() {
        let first_seven = &Rule::ALL[..7];
        for bits in 0..1_u32 << 10 {
            let mark = Mark::from_bits(bits).unwrap();
            assert_eq!((mark.quality() as u32, mark.is_correction()), (bits & 3, bits & 4 != 0));
            let failed = first_seven.iter().filter(|rule| bits & 8 << **rule as u8 != 0).copied();
            assert!(mark.findings().rules().eq(failed) && mark.method().is_none(), "{bits:#b}");
        }
    }

    #[test]
    fn unknown_bits_are_no_mark() {
        // A rule after the last, method 7, a method of a measured and of a missing value.
        for bits in [1 << 24, u32::MAX, 7 << 10 | 1, 1 << 10, 1 << 10 | 2] {
            assert_eq!(Mark::from_bits(bits), None, "{bits:#b}");
        }
    }
}

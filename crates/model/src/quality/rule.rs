//! The rules of validation, and sets of them.
//!
//! What comes in: the rules a value failed. What goes out: a set of them as bits of a mark. The bits are
//! stored, so a rule never takes another one's place.

use std::fmt;

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
    /// Intervals that do not add up to what the register says passed.
    Sum = 7,
    /// A value far from the one of the interval before.
    Jump = 8,
    /// The same value in too many intervals in a row.
    Flat = 9,
    /// No consumption for too many local days in a row.
    Zero = 10,
    /// Consumption while the point is new, disconnected or closed down.
    Inactive = 11,
    /// A value in the future, before the point existed, or while nobody supplied it.
    Outside = 12,
    /// A meter whose clock is too far from true time.
    Clock = 13,
    /// An interval the meter itself marks as invalid.
    Invalid = 14,
    /// Estimates in a row for too many local days.
    Prolonged = 15,
    /// A released value that is replaced by one too different, or of lower quality.
    Replaced = 16,
    /// A value somebody corrected, and another one of the meter that came later took its place.
    Overruled = 17,
}

impl Rule {
    /// Every rule, in the order of its code.
    pub const ALL: [Self; 18] = [
        Self::Completeness,
        Self::Negative,
        Self::Falling,
        Self::Spike,
        Self::Unit,
        Self::Direction,
        Self::Conflict,
        Self::Sum,
        Self::Jump,
        Self::Flat,
        Self::Zero,
        Self::Inactive,
        Self::Outside,
        Self::Clock,
        Self::Invalid,
        Self::Prolonged,
        Self::Replaced,
        Self::Overruled,
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
            Self::Sum => "sum",
            Self::Jump => "jump",
            Self::Flat => "flat",
            Self::Zero => "zero",
            Self::Inactive => "inactive",
            Self::Outside => "outside",
            Self::Clock => "clock",
            Self::Invalid => "invalid",
            Self::Prolonged => "prolonged",
            Self::Replaced => "replaced",
            Self::Overruled => "overruled",
        }
    }

    /// Reads a code as [`Rule::code`] writes it.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }

    /// The rule's bit in a mark. The first seven rules lie below the method of an estimate, the others above it:
    /// stored marks of the first seven keep their meaning, and those of estimates stay short.
    pub(super) const fn bit(self) -> u32 {
        let place = self as u8;
        1 << if place < 7 { place + 3 } else { place + 6 }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The rules a value failed, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Findings(u32);

impl Findings {
    /// No rule failed.
    pub const NONE: Self = Self(0);

    /// The set of these rules.
    #[must_use]
    pub const fn of(rules: &[Rule]) -> Self {
        let (mut set, mut rest) = (Self::NONE, rules);
        while let [rule, others @ ..] = rest {
            set = set.with(*rule);
            rest = others;
        }
        set
    }

    /// The rules whose bits a mark has.
    pub(super) const fn in_bits(bits: u32) -> Self {
        Self(bits & Self::of(&Rule::ALL).0)
    }

    /// The bits these rules have in a mark.
    pub(super) const fn bits(self) -> u32 {
        self.0
    }

    /// This set and one more rule.
    #[must_use]
    pub const fn with(self, rule: Rule) -> Self {
        Self(self.0 | rule.bit())
    }

    /// The set of all rules but these.
    #[must_use]
    pub const fn all_but(rules: &[Rule]) -> Self {
        Self(Self::of(&Rule::ALL).0 & !Self::of(rules).0)
    }

    /// The rules of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The rules of this set that are not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the rule failed.
    #[must_use]
    pub const fn contains(self, rule: Rule) -> bool {
        self.0 & rule.bit() != 0
    }

    /// Whether a rule of both sets failed.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_and_bits_are_apart() {
        let all = Findings::of(&Rule::ALL);
        assert!(all.rules().eq(Rule::ALL));
        assert_eq!(all.0.count_ones(), 18);
        for rule in Rule::ALL {
            assert_eq!(Rule::from_code(rule.code()), Some(rule));
            assert!(Findings::of(&[rule]).rules().eq([rule]), "{rule}");
        }
        assert_eq!(Rule::from_code("high"), None);
    }

    #[test]
    fn sets_meet_where_they_share_a_rule() {
        let set = Findings::of(&[Rule::Negative, Rule::Sum]);
        assert!(set.meets(Findings::of(&[Rule::Sum, Rule::Flat])));
        assert!(!set.meets(Findings::of(&[Rule::Flat])) && !set.meets(Findings::NONE));
        let others = Findings::all_but(&[Rule::Negative, Rule::Sum]);
        assert!(!others.meets(set) && others.rules().count() == 16);
        assert_eq!(set.union(others), Findings::of(&Rule::ALL));
        assert_eq!(set.union(others).without(others), set);
    }
}

//! The limits of the rules for one class of series on one local day.
//!
//! What comes in: a file of rules ([`super::Rules`]). What goes out: limits that the rules compare with. A rule whose
//! limit is not there does not judge. Limits are practice, not law; a company sets its own and says why.

use std::sync::LazyLock;

use jiff::civil::Date;
use tidstro_model::{Decimal, Unit};

use super::rules::{Rules, SeriesTraits};

/// Limits of the validation rules of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Limit of the rule *spike*.
    pub spike: Option<SpikeLimit>,
    /// Limit of the rule *jump*.
    pub jump: Option<JumpLimit>,
    /// Limit of the rule *flat*.
    pub flat: Option<FlatLimit>,
    /// Limit of the rule *sum*.
    pub sum: Option<SumLimit>,
    /// Local days in a row that may be without consumption.
    pub zero_days: Option<u32>,
    /// The highest value of an interval, or rise of a register, that passes while the point is not connected.
    pub inactive_above: Option<Decimal>,
    /// How far the meter's clock may be off, in seconds.
    pub clock_seconds: Option<u32>,
    /// Local days in a row that may be only estimated.
    pub prolonged_days: Option<u32>,
    /// Limit of the rule *replaced*.
    pub replaced: Option<ReplacedLimit>,
}

/// When a value is a spike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpikeLimit {
    /// An interval above this many times the series' recent maximum is a spike.
    pub interval_factor: u32,
    /// A rise since the last reading of an earlier day above this many times the series' recent highest
    /// rise in a day is a spike.
    pub register_factor: u32,
    /// No value at or below this is a spike, in the series' unit, whatever the past was.
    pub floor: Decimal,
    /// Local days the history must have before a spike is called one.
    pub history_days: u32,
}

/// How far neighbours may lie apart: the larger of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JumpLimit {
    /// Percent of the series' recent maximum.
    pub percent: u32,
    /// In the series' unit.
    pub floor: Decimal,
}

/// How long a value may stay the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlatLimit {
    /// Intervals in a row.
    pub intervals: u32,
    /// Only values above this count, in the series' unit: a point nobody uses is not flat.
    pub above: Decimal,
}

/// How far the intervals may lie from the register: the sum of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SumLimit {
    /// Pulses of the register, for each difference of two readings.
    pub pulses: u32,
    /// Percent of what the register says passed.
    pub percent: Decimal,
}

/// How far a released value may be moved: the larger of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplacedLimit {
    /// Percent of the released value.
    pub percent: u32,
    /// In the series' unit.
    pub floor: Decimal,
}

/// The limits of one class on a local day, and where they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits<'a> {
    /// Name of the rules they are written in.
    pub rules: &'a str,
    /// Name of the class.
    pub class: &'a str,
    /// First local day the limits hold; `None` if they hold from the beginning.
    pub since: Option<Date>,
    /// Line of the file they begin at, from 1.
    pub line: usize,
    /// Why they are what they are, as written.
    pub because: &'a str,
    /// The standard load profile of the class, by name: whose shape its estimates may take.
    pub profile: Option<&'a str>,
    /// The limits.
    pub thresholds: &'a Thresholds,
}

static SHIPPED: LazyLock<Rules> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the program; a test reads it")]
    Rules::parse(Rules::SHIPPED).expect("the shipped rules are well formed")
});

impl Rules {
    /// The text of the rules shipped with the program.
    pub const SHIPPED: &'static str = include_str!("../../../../validation/rules.toml");

    /// The rules shipped with the program, `validation/rules.toml`.
    #[must_use]
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }
}

impl Default for Thresholds {
    /// The shipped limits for a series in watt hours.
    fn default() -> Self {
        Self::for_unit(Unit::WattHour)
    }
}

impl Thresholds {
    /// No limits: only the rules that need none judge.
    pub const NONE: Self = Self {
        spike: None,
        jump: None,
        flat: None,
        sum: None,
        zero_days: None,
        inactive_above: None,
        clock_seconds: None,
        prolonged_days: None,
        replaced: None,
    };

    /// Whether a rule with a limit compares with the local day before.
    #[must_use]
    pub const fn look_back(&self) -> bool {
        self.jump.is_some()
            || self.flat.is_some()
            || self.zero_days.is_some()
            || self.prolonged_days.is_some()
    }

    /// The shipped limits for a series in this unit of which nothing else is known.
    #[must_use]
    pub fn for_unit(unit: Unit) -> Self {
        *Rules::shipped().limits(&SeriesTraits::of_unit(unit), Date::MAX).thresholds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The limits the rules had before they were data.
    #[test]
    fn the_shipped_limits_are_the_ones_that_always_were() {
        for (unit, floor) in [
            (Unit::WattHour, Decimal::new(5, 3)),
            (Unit::Joule, Decimal::new(18, 6)),
            (Unit::CubicMetre, Decimal::new(5, -1)),
            (Unit::Hca, Decimal::new(50, 0)),
            (Unit::VarHour, Decimal::ZERO),
            (Unit::Celsius, Decimal::ZERO),
        ] {
            let spike = SpikeLimit { interval_factor: 5, register_factor: 10, floor, history_days: 7 };
            let expected = Thresholds { spike: Some(spike), ..Thresholds::NONE };
            assert_eq!(Thresholds::for_unit(unit), expected, "{}", unit.code());
        }
    }
}

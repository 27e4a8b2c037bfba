//! A finding with what was compared, so that one sentence can say why.
//!
//! What comes in: what a rule saw. What goes out: the rule, the position, the numbers, the limit, and where the limit
//! comes from. Sentences have values that belong to people: they are for those who may see the series, never for a log.

use std::fmt;

use jiff::civil::Date;
use tidstro_model::{Decimal, Finding, Obis, Quality, Rule, Unit};

use super::{ConnectionState, Direction, Limits};

/// A finding and what it was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explained {
    /// Index of the value in its block, from 0; the first one at fault where the rule is about the whole local day.
    pub position: u32,
    /// What was compared.
    pub why: Why,
}

/// What a rule compared. Numbers are in the unit of the series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// [`Rule::Completeness`].
    Completeness {
        /// Intervals that have a value.
        present: u32,
        /// Intervals the local day has.
        expected: u32,
    },
    /// [`Rule::Negative`].
    Negative {
        /// The value.
        value: Decimal,
    },
    /// [`Rule::Falling`].
    Falling {
        /// The reading before.
        before: Decimal,
        /// The reading.
        value: Decimal,
    },
    /// [`Rule::Spike`].
    Spike {
        /// The interval's value, or the rise of the register.
        value: Decimal,
        /// The highest that is no spike.
        limit: Decimal,
        /// The series' recent maximum.
        normal: Decimal,
    },
    /// [`Rule::Unit`].
    Unit {
        /// The unit of the series.
        expected: Unit,
        /// The unit of the reading.
        got: Unit,
    },
    /// [`Rule::Direction`]: the register measures the other way.
    OtherWay {
        /// The direction of the metering point.
        point: Direction,
        /// The register.
        register: Obis,
    },
    /// [`Rule::Direction`]: the register ran backwards through zero.
    BelowZero {
        /// The reading.
        value: Decimal,
    },
    /// [`Rule::Sum`].
    Sum {
        /// Sum of the intervals.
        intervals: Decimal,
        /// What the register says passed.
        register: Decimal,
        /// How far they may lie apart.
        tolerance: Decimal,
    },
    /// [`Rule::Jump`].
    Jump {
        /// The interval before.
        before: Decimal,
        /// The value.
        value: Decimal,
        /// How far they may lie apart.
        limit: Decimal,
    },
    /// [`Rule::Flat`].
    Flat {
        /// The value that came again and again.
        value: Decimal,
        /// Intervals in a row that have it, up to the end of the local day.
        intervals: u32,
        /// How many may.
        limit: u32,
    },
    /// [`Rule::Zero`].
    Zero {
        /// Local days in a row without consumption.
        days: u32,
        /// How many may be.
        limit: u32,
    },
    /// [`Rule::Inactive`].
    Inactive {
        /// What the point was.
        state: ConnectionState,
        /// The value.
        value: Decimal,
        /// The highest value that passes.
        limit: Decimal,
    },
    /// [`Rule::Outside`].
    Outside(Outside),
    /// [`Rule::Clock`].
    Clock {
        /// How far the meter's clock is ahead of true time, in seconds; negative if behind.
        seconds: i64,
        /// How far it may be off.
        limit: u32,
    },
    /// [`Rule::Invalid`].
    Invalid,
    /// [`Rule::Prolonged`].
    Prolonged {
        /// Local days the estimates have lasted.
        days: u32,
        /// How many may be.
        limit: u32,
    },
    /// [`Rule::Replaced`]: the values lie too far apart.
    ReplacedFar {
        /// The released value.
        before: Decimal,
        /// What replaces it.
        value: Decimal,
        /// How far they may lie apart.
        limit: Decimal,
    },
    /// [`Rule::Replaced`]: the new value is of lower quality.
    ReplacedLower {
        /// Quality of the released value.
        before: Quality,
        /// Quality of what replaces it.
        after: Quality,
    },
    /// [`Rule::Overruled`].
    Overruled {
        /// What somebody had corrected the value to.
        corrected: Decimal,
        /// The registration of the correction.
        registration: i64,
        /// The value of the meter that came later.
        value: Decimal,
    },
}

/// Why a moment is none a value may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outside {
    /// The interval has not ended yet.
    Future,
    /// The point did not exist on this local day.
    NoPoint,
    /// Nobody supplied the point on this local day.
    NoSupplier,
}

impl Explained {
    /// The rule that failed.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        self.why.rule()
    }

    /// What stays with the value: rule and position.
    #[must_use]
    pub const fn finding(&self) -> Finding {
        Finding { rule: self.rule(), position: self.position }
    }

    /// One sentence, without full stop: rule, position, what was compared, and where the limit comes from.
    #[must_use]
    pub fn sentence(&self, unit: Unit, limits: &Limits<'_>) -> String {
        let (rule, position) = (self.rule(), self.position);
        let compared = self.why.compared(unit);
        match self.why.law() {
            Some(law) => format!("{rule} at position {position}: {compared} ({law})"),
            None => format!("{rule} at position {position}: {compared} ({limits})"),
        }
    }
}

impl Why {
    /// The rule that compared so.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Completeness { .. } => Rule::Completeness,
            Self::Negative { .. } => Rule::Negative,
            Self::Falling { .. } => Rule::Falling,
            Self::Spike { .. } => Rule::Spike,
            Self::Unit { .. } => Rule::Unit,
            Self::OtherWay { .. } | Self::BelowZero { .. } => Rule::Direction,
            Self::Sum { .. } => Rule::Sum,
            Self::Jump { .. } => Rule::Jump,
            Self::Flat { .. } => Rule::Flat,
            Self::Zero { .. } => Rule::Zero,
            Self::Inactive { .. } => Rule::Inactive,
            Self::Outside(_) => Rule::Outside,
            Self::Clock { .. } => Rule::Clock,
            Self::Invalid => Rule::Invalid,
            Self::Prolonged { .. } => Rule::Prolonged,
            Self::ReplacedFar { .. } | Self::ReplacedLower { .. } => Rule::Replaced,
            Self::Overruled { .. } => Rule::Overruled,
        }
    }

    /// Where the limit comes from, if no class sets it.
    const fn law(&self) -> Option<&'static str> {
        Some(match self {
            Self::Completeness { .. } => "a local day has 23, 24 or 25 hours",
            Self::Negative { .. } => "D.1 § 3, hub E86",
            Self::Falling { .. } | Self::BelowZero { .. } => "a register only rises",
            Self::Unit { .. } | Self::OtherWay { .. } | Self::Outside(_) => "master data",
            Self::Invalid => "the meter's own status",
            Self::ReplacedLower { .. } => "a released value is the better one",
            Self::Overruled { .. } => "what a meter says anew counts; `series why` tells who corrected it",
            _ => return None,
        })
    }

    /// What was compared with what.
    fn compared(&self, unit: Unit) -> String {
        let unit = unit.code();
        match *self {
            Self::Completeness { present, expected } => {
                format!("{present} of {expected} intervals have a value")
            }
            Self::Negative { value } | Self::BelowZero { value } => format!("{value} {unit} is below zero"),
            Self::Falling { before, value } => format!("the register fell from {before} to {value} {unit}"),
            Self::Spike { value, limit, normal } => {
                format!("{value} {unit} is above {limit} {unit}, the recent maximum is {normal} {unit}")
            }
            Self::Unit { expected, got } => {
                format!("the series is in {}, the reading in {}", expected.code(), got.code())
            }
            Self::OtherWay { point, register } => {
                format!("register {register} measures against a point of {}", point.word())
            }
            Self::Sum { intervals, register, tolerance } => format!(
                "the intervals are {intervals} {unit}, the register says {register} {unit}, apart by more than {tolerance} {unit}"
            ),
            Self::Jump { before, value, limit } => {
                format!("from {before} to {value} {unit} is more than {limit} {unit}")
            }
            _ => self.compared_states(unit),
        }
    }

    /// [`Why::compared`] for the rules about stretches of time and states.
    fn compared_states(&self, unit: &str) -> String {
        match *self {
            Self::Flat { value, intervals, limit } => {
                format!("{value} {unit} in {intervals} intervals in a row, more than {limit}")
            }
            Self::Zero { days, limit } => {
                format!("no consumption for {days} local days in a row, more than {limit}")
            }
            Self::Inactive { state, value, limit } => {
                format!("{value} {unit} is above {limit} {unit} while the point is {}", state.word())
            }
            Self::Outside(outside) => outside.to_string(),
            Self::Clock { seconds, limit } => {
                format!("the meter's clock is off by {seconds} seconds, more than {limit}")
            }
            Self::Invalid => "the meter marks the interval as invalid".to_owned(),
            Self::Prolonged { days, limit } => {
                format!("only estimates for {days} local days in a row, more than {limit}")
            }
            Self::ReplacedFar { before, value, limit } => {
                format!(
                    "the released {before} {unit} becomes {value} {unit}, apart by more than {limit} {unit}"
                )
            }
            Self::ReplacedLower { before, after } => {
                format!("the released value is {before}, the new one {after}")
            }
            Self::Overruled { corrected, registration, value } => format!(
                "the {corrected} {unit} that somebody corrected in registration {registration} became {value} {unit}, which came later"
            ),
            _ => String::new(),
        }
    }
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Future => "the interval has not ended yet",
            Self::NoPoint => "the point did not exist on this local day",
            Self::NoSupplier => "nobody supplied the point on this local day",
        })
    }
}

impl fmt::Display for Limits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "limit of class `{}` in rules `{}`", self.class, self.rules)?;
        let since = |day: Date| write!(f, ", since {day}");
        self.since.map_or(Ok(()), since)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{super::Thresholds, *};

    fn check(why: Why, sentence: &str) {
        let thresholds = Thresholds::NONE;
        let since = Some(date(2026, 1, 1));
        let limits = Limits {
            rules: "own",
            class: "house",
            since,
            line: 9,
            because: "",
            profile: None,
            thresholds: &thresholds,
        };
        let found = Explained { position: 3, why };
        assert_eq!(
            found.sentence(Unit::WattHour, &limits),
            format!("{} at position 3: {sentence}", why.rule())
        );
        assert_eq!(found.finding(), Finding { rule: why.rule(), position: 3 });
    }

    #[test]
    fn one_sentence_says_what_was_compared_and_where_the_limit_is_from() {
        let number = |number| Decimal::new(number, 0);
        let limit = "(limit of class `house` in rules `own`, since 2026-01-01)";
        check(
            Why::Spike { value: number(90_000), limit: number(6_000), normal: number(1_200) },
            &format!("90000 Wh is above 6000 Wh, the recent maximum is 1200 Wh {limit}"),
        );
        check(
            Why::Jump { before: number(100), value: number(9_000), limit: number(4_000) },
            &format!("from 100 to 9000 Wh is more than 4000 Wh {limit}"),
        );
        check(
            Why::Zero { days: 61, limit: 60 },
            &format!("no consumption for 61 local days in a row, more than 60 {limit}"),
        );
        check(
            Why::Prolonged { days: 15, limit: 14 },
            &format!("only estimates for 15 local days in a row, more than 14 {limit}"),
        );
        check(
            Why::Clock { seconds: -75, limit: 60 },
            &format!("the meter's clock is off by -75 seconds, more than 60 {limit}"),
        );
        check(
            Why::ReplacedFar { before: number(100), value: number(900), limit: number(50) },
            &format!("the released 100 Wh becomes 900 Wh, apart by more than 50 Wh {limit}"),
        );
    }

    #[test]
    fn what_no_class_sets_has_its_own_source() {
        check(Why::Negative { value: Decimal::new(-5, -1) }, "-0.5 Wh is below zero (D.1 § 3, hub E86)");
        check(Why::BelowZero { value: Decimal::new(-5, 0) }, "-5 Wh is below zero (a register only rises)");
        check(Why::Invalid, "the meter marks the interval as invalid (the meter's own status)");
        check(
            Why::Unit { expected: Unit::WattHour, got: Unit::Joule },
            "the series is in Wh, the reading in J (master data)",
        );
        check(
            Why::OtherWay { point: Direction::Consumption, register: Obis([1, 0, 2, 8, 0, 255]) },
            "register 1-0:2.8.0 measures against a point of consumption (master data)",
        );
        check(
            Why::ReplacedLower { before: Quality::Measured, after: Quality::Estimated },
            "the released value is measured, the new one estimated (a released value is the better one)",
        );
        check(
            Why::Overruled { corrected: Decimal::new(250, 0), registration: 12, value: Decimal::new(110, 0) },
            "the 250 Wh that somebody corrected in registration 12 became 110 Wh, which came later (what a meter says anew \
             counts; `series why` tells who corrected it)",
        );
        check(Why::Outside(Outside::NoPoint), "the point did not exist on this local day (master data)");
    }
}

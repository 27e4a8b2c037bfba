//! The limits of the rules as dated data.
//!
//! What comes in: the text of a rules file (the shipped ones lie in the folder `validation`), then what a series is
//! classed by and a local day. What goes out: the limits of its class on that day, and where they are written. Every
//! series has a class, and every class has limits on every day: there is no question without an answer.

mod fault;
mod file;
mod written;

use std::collections::BTreeSet;

use jiff::civil::Date;
use tidstro_model::{Commodity, Decimal, Resolution, Unit};

use super::{Limits, Thresholds};
use crate::settlement::SettlementMethod;

pub use fault::{FaultInRules, RuleFault};

/// Limits by class and local day.
///
/// ```
/// use jiff::civil::date;
/// use tidstro_metering::{Rules, SeriesTraits};
/// use tidstro_model::Unit;
///
/// let limits = Rules::shipped().limits(&SeriesTraits::of_unit(Unit::CubicMetre), date(2026, 1, 1));
/// assert_eq!(limits.class, "volume");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    name: String,
    version: Date,
    source: String,
    /// In the order of the file; the first that fits is a series' class.
    classes: Vec<Class>,
    /// The last class of the file, which every series fits.
    other: Class,
}

/// What a series is classed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesTraits {
    /// The unit of the series.
    pub unit: Unit,
    /// Resolution of its intervals; raw for readings of a register.
    pub resolution: Option<Resolution>,
    /// What is delivered or observed at its point.
    pub commodity: Option<Commodity>,
    /// How the point is settled.
    pub settlement: Option<SettlementMethod>,
    /// How much passes in a year, in the series' unit.
    pub yearly: Option<Decimal>,
}

impl SeriesTraits {
    /// A series of which only the unit is known.
    #[must_use]
    pub const fn of_unit(unit: Unit) -> Self {
        Self { unit, resolution: None, commodity: None, settlement: None, yearly: None }
    }
}

/// Series with the same limits.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Class {
    name: String,
    conditions: Conditions,
    /// From the beginning.
    first: Period,
    /// INVARIANT: days rise. Each period lasts until the next one begins.
    later: Vec<(Date, Period)>,
}

/// Limits of a class from one day until the next.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Period {
    line: usize,
    because: String,
    profile: Option<String>,
    thresholds: Thresholds,
}

/// What a series must be to belong to a class; `None` where anything will do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Conditions {
    units: Option<Vec<Unit>>,
    resolutions: Option<Vec<Resolution>>,
    commodities: Option<Vec<Commodity>>,
    settlement: Option<Vec<SettlementMethod>>,
    yearly_from: Option<Decimal>,
}

impl Rules {
    /// Reads a rules file (TOML).
    ///
    /// # Errors
    /// Every [`FaultInRules`] fault with its line and column, in the order of the file; one, if the text has not the shape
    /// of a rules file.
    pub fn parse(text: &str) -> Result<Self, Vec<FaultInRules>> {
        file::parse(text)
    }

    /// Name of the file's rules.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The date of the data.
    #[must_use]
    pub const fn version(&self) -> Date {
        self.version
    }

    /// Where the data come from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names of the classes, in the order of the file.
    pub fn classes(&self) -> impl Iterator<Item = &str> {
        self.classes.iter().chain([&self.other]).map(|class| &*class.name)
    }

    /// Whether chains of estimates are too long for any class, ever.
    #[must_use]
    pub fn has_chain_limit(&self) -> bool {
        self.all_thresholds().any(|thresholds| thresholds.prolonged_days.is_some())
    }

    /// Whether any class, ever, is compared with a register.
    #[must_use]
    pub fn has_sum_limit(&self) -> bool {
        self.all_thresholds().any(|thresholds| thresholds.sum.is_some())
    }

    /// The standard load profiles that classes have, each once.
    #[must_use]
    pub fn profiles(&self) -> BTreeSet<&str> {
        self.periods().filter_map(|period| period.profile.as_deref()).collect()
    }

    fn all_thresholds(&self) -> impl Iterator<Item = &Thresholds> {
        self.periods().map(|period| &period.thresholds)
    }

    fn periods(&self) -> impl Iterator<Item = &Period> {
        let classes = self.classes.iter().chain([&self.other]);
        classes
            .flat_map(|class| [&class.first].into_iter().chain(class.later.iter().map(|(_, period)| period)))
    }

    /// The limits of a series on a local day.
    #[must_use]
    pub fn limits(&self, series: &SeriesTraits, day: Date) -> Limits<'_> {
        let class = self.classes.iter().find(|class| class.conditions.fit(series)).unwrap_or(&self.other);
        class.on(day, &self.name)
    }
}

impl Class {
    fn on<'a>(&'a self, day: Date, rules: &'a str) -> Limits<'a> {
        let later = self.later.iter().rev().find(|(since, _)| *since <= day);
        let (since, period) = later.map_or((None, &self.first), |(since, period)| (Some(*since), period));
        let Period { line, because, profile, thresholds } = period;
        let profile = profile.as_deref();
        Limits { rules, class: &self.name, since, line: *line, because, profile, thresholds }
    }
}

impl Conditions {
    fn fit(&self, series: &SeriesTraits) -> bool {
        let is_large = |from: Decimal| series.yearly.is_some_and(|yearly| is_at_least(yearly, from));
        holds(self.units.as_deref(), Some(series.unit))
            && holds(self.resolutions.as_deref(), series.resolution)
            && holds(self.commodities.as_deref(), series.commodity)
            && holds(self.settlement.as_deref(), series.settlement)
            && self.yearly_from.is_none_or(is_large)
    }
}

/// Whether a trait is one of those asked for; what is not known is not.
fn holds<T: PartialEq>(asked: Option<&[T]>, got: Option<T>) -> bool {
    asked.is_none_or(|asked| got.is_some_and(|got| asked.contains(&got)))
}

/// Whether a number is not below another. A number too large for the finer exponent of the two is the larger one.
fn is_at_least(number: Decimal, least: Decimal) -> bool {
    let exponent = number.exponent().min(least.exponent());
    match (number.in_steps_of(exponent), least.in_steps_of(exponent)) {
        (Some(number), Some(least)) => number >= least,
        (number, _) => number.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const DATED: &str = r#"
name = "dated"
version = "2026-01-01"
source = "a test"

[[class]]
name = "large"
units = ["Wh"]
settlement = ["flex"]
yearly_from = "100000"

[[class.limits]]
because = "first"
zero = { days = 3 }

[[class.limits]]
since = "2026-02-01"
because = "second"
zero = { days = 5 }

[[class]]
name = "hours"
resolutions = ["PT1H"]
commodities = ["electricity-consumption"]

[[class.limits]]
because = "hours"
profile = "homes"
clock = { seconds = 60 }

[[class]]
name = "rest"

[[class.limits]]
because = "none"
clock = { seconds = 600 }
"#;

    #[test]
    fn limits_hold_until_the_next_ones_begin() {
        let rules = Rules::parse(DATED).unwrap();
        let large = SeriesTraits {
            settlement: Some(SettlementMethod::Flex),
            yearly: Some(Decimal::new(100, 3)),
            ..SeriesTraits::of_unit(Unit::WattHour)
        };
        for (day, since, days, line, because) in [
            (date(1990, 1, 1), None, 3, 12, "first"),
            (date(2026, 1, 31), None, 3, 12, "first"),
            (date(2026, 2, 1), Some(date(2026, 2, 1)), 5, 16, "second"),
            (Date::MAX, Some(date(2026, 2, 1)), 5, 16, "second"),
        ] {
            let limits = rules.limits(&large, day);
            assert_eq!(
                (limits.class, limits.since, limits.line, limits.because),
                ("large", since, line, because)
            );
            assert_eq!(limits.thresholds.zero_days, Some(days));
        }
    }

    #[test]
    fn the_first_class_whose_conditions_all_hold_is_the_one() {
        let rules = Rules::parse(DATED).unwrap();
        assert!(rules.classes().eq(["large", "hours", "rest"]));
        let small = SeriesTraits {
            settlement: Some(SettlementMethod::Flex),
            yearly: Some(Decimal::new(99_999, 0)),
            ..SeriesTraits::of_unit(Unit::WattHour)
        };
        let hours = SeriesTraits {
            resolution: Some(Resolution::PT1H),
            commodity: Some(Commodity::ElectricityConsumption),
            ..small
        };
        let other_settlement = SeriesTraits {
            settlement: Some(SettlementMethod::NonProfiled),
            yearly: Some(Decimal::new(1, 9)),
            ..SeriesTraits::of_unit(Unit::WattHour)
        };
        for (series, class) in [(small, "rest"), (hours, "hours"), (other_settlement, "rest")] {
            let limits = rules.limits(&series, date(2026, 1, 1));
            assert_eq!((limits.class, limits.profile), (class, (class == "hours").then_some("homes")));
        }
        assert_eq!(rules.profiles(), ["homes"].into());
    }

    #[test]
    fn both_shipped_files_are_rules() {
        let full = Rules::parse(include_str!("../../../../validation/full.toml")).unwrap();
        assert_eq!((full.name(), Rules::shipped().name()), ("full", "basic"));
        assert_eq!((full.has_chain_limit(), Rules::shipped().has_chain_limit()), (true, false));
        assert_eq!((full.has_sum_limit(), Rules::shipped().has_sum_limit()), (true, false));
        let large = SeriesTraits {
            commodity: Some(Commodity::ElectricityConsumption),
            yearly: Some(Decimal::new(2, 8)),
            ..SeriesTraits::of_unit(Unit::WattHour)
        };
        let limits = full.limits(&large, date(2026, 1, 1));
        assert_eq!((limits.class, limits.thresholds.clock_seconds), ("large-electricity", Some(9)));
    }
}

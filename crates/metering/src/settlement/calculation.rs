//! Which calculation counts: its kind, its version, and the latest one of each day.
//!
//! What comes in: calculations that were run. What goes out: for each kind, grid area and local day the version that
//! stands. Nothing here computes energy.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_model::{DayRange, Interval};

use super::{GridArea, SettlementFault};

/// Which correction a settlement is (code in brackets, ebIX settlement version).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Correction {
    /// First (D01).
    First,
    /// Second (D02).
    Second,
    /// Third (D03).
    Third,
}

/// Why a calculation is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CalculationKind {
    /// Preliminary sums (D03).
    Aggregation,
    /// Sums for the balance settlement (D04).
    BalanceFixing,
    /// Sums and amounts for suppliers and charge owners (D05).
    WholesaleFixing,
    /// Wholesale fixing once more, with what was corrected since (D32).
    Correction(Correction),
}

impl CalculationKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Aggregation,
        Self::BalanceFixing,
        Self::WholesaleFixing,
        Self::Correction(Correction::First),
        Self::Correction(Correction::Second),
        Self::Correction(Correction::Third),
    ];

    /// The word used in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Aggregation => "aggregation",
            Self::BalanceFixing => "balance_fixing",
            Self::WholesaleFixing => "wholesale_fixing",
            Self::Correction(Correction::First) => "first_correction_settlement",
            Self::Correction(Correction::Second) => "second_correction_settlement",
            Self::Correction(Correction::Third) => "third_correction_settlement",
        }
    }

    /// Reads a word as [`CalculationKind::word`] writes it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The process code of messages with its results.
    #[must_use]
    pub const fn process_code(self) -> &'static str {
        match self {
            Self::Aggregation => "D03",
            Self::BalanceFixing => "D04",
            Self::WholesaleFixing => "D05",
            Self::Correction(_) => "D32",
        }
    }

    /// The settlement version of messages with its results; corrections only have one.
    #[must_use]
    pub const fn version_code(self) -> Option<&'static str> {
        match self {
            Self::Correction(Correction::First) => Some("D01"),
            Self::Correction(Correction::Second) => Some("D02"),
            Self::Correction(Correction::Third) => Some("D03"),
            _ => None,
        }
    }

    /// Whether charges are settled too.
    #[must_use]
    pub const fn has_amounts(self) -> bool {
        matches!(self, Self::WholesaleFixing | Self::Correction(_))
    }

    /// Whether the market may be given a calculation of this kind over these local days: one with amounts is of one whole month,
    /// because the price of a subscription is spread over the days of the calculation.
    ///
    /// # Errors
    /// [`SettlementFault::PartOfMonth`] if it is not.
    pub fn must_span(self, days: DayRange) -> Result<(), SettlementFault> {
        let (start, last) = (days.start(), days.end().yesterday().unwrap_or(days.end()));
        let is_month = start == start.first_of_month() && last == start.last_of_month();
        match is_month || !self.has_amounts() {
            true => Ok(()),
            false => Err(SettlementFault::PartOfMonth { kind: self.word(), days }),
        }
    }
}

/// One calculation that was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalculationRun {
    /// Why.
    pub kind: CalculationKind,
    /// Its number: a later calculation has a higher one.
    pub version: u64,
    /// What was calculated.
    pub period: Interval,
    /// For which areas.
    pub areas: Vec<GridArea>,
    /// Whether nobody but the operator sees it: a trial.
    pub is_internal: bool,
    /// When it came to its end; `None` if it did not.
    pub succeeded_at: Option<Timestamp>,
}

impl CalculationRun {
    /// Whether its results are for market parties.
    #[must_use]
    pub const fn is_published(&self) -> bool {
        self.succeeded_at.is_some() && !self.is_internal
    }
}

/// A local day of a grid area in one kind of calculation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AreaDay {
    /// Why it was calculated.
    pub kind: CalculationKind,
    /// The grid area.
    pub area: GridArea,
    /// The local day.
    pub day: Date,
}

/// For each kind, area and local day the published calculation with the highest version.
#[must_use]
pub fn latest_by_day<'a>(runs: &'a [CalculationRun], zone: &Zone) -> BTreeMap<AreaDay, &'a CalculationRun> {
    let history = by_day(runs.iter().filter(|run| run.is_published()), zone);
    history.into_iter().filter_map(|(day, runs)| runs.last().map(|run| (day, *run))).collect()
}

/// Every calculation that came to its end, trials too, with the one that took its place: for each kind, area and local
/// day, in the order of the versions.
#[must_use]
pub fn history_by_day<'a>(
    runs: &'a [CalculationRun],
    zone: &Zone,
) -> Vec<(AreaDay, &'a CalculationRun, Option<&'a CalculationRun>)> {
    let history = by_day(runs.iter().filter(|run| run.succeeded_at.is_some()), zone);
    let with_next = |(day, runs): (AreaDay, Vec<&'a CalculationRun>)| {
        let next: Vec<_> = runs.iter().skip(1).map(|run| Some(*run)).chain([None]).collect();
        runs.into_iter().zip(next).map(move |(run, next)| (day, run, next))
    };
    history.into_iter().flat_map(with_next).collect()
}

/// The calculations of each kind, area and local day, in the order of their versions.
fn by_day<'a>(
    runs: impl Iterator<Item = &'a CalculationRun>,
    zone: &Zone,
) -> BTreeMap<AreaDay, Vec<&'a CalculationRun>> {
    let mut found: BTreeMap<AreaDay, Vec<&CalculationRun>> = BTreeMap::new();
    for run in runs {
        for day in days(zone, run.period) {
            for area in &run.areas {
                found.entry(AreaDay { kind: run.kind, area: *area, day }).or_default().push(run);
            }
        }
    }
    found.values_mut().for_each(|runs| runs.sort_by_key(|run| run.version));
    found
}

/// The local days that begin in the span of time.
pub(super) fn days(zone: &Zone, span: Interval) -> impl Iterator<Item = Date> {
    let first = zone.day_of(span.start());
    let first =
        if zone.day_start(first) < span.start() { first.tomorrow().unwrap_or(Date::MAX) } else { first };
    let zone = zone.clone();
    first.series(jiff::Span::new().days(1)).take_while(move |day| zone.day_start(*day) < span.end())
}

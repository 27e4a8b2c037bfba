//! Values the hub computes for a point, one for each local day.
//!
//! What comes in: what was computed now and what stands. What goes out: only what differs: the hub sends no day again
//! that did not change.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tidstro_model::Gsrn;

/// Whether a computed value is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SettlementType {
    /// The period still runs.
    UpToEndOfPeriod,
    /// The period is over.
    EndOfPeriod,
}

impl SettlementType {
    /// The word used in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::UpToEndOfPeriod => "up_to_end_of_period",
            Self::EndOfPeriod => "end_of_period",
        }
    }

    /// Reads a word as [`SettlementType::word`] writes it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::UpToEndOfPeriod, Self::EndOfPeriod].into_iter().find(|kind| kind.word() == word)
    }
}

/// A computed value of one local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DailyQuantity {
    /// The point it is computed for.
    pub point: Gsrn,
    /// The local day.
    pub day: Date,
    /// Watt-hours.
    pub watt_hours: i64,
    /// Whether it is final; capacity settlement knows no such thing.
    pub settlement: Option<SettlementType>,
}

/// A value computed before, as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Previous {
    /// Watt-hours.
    pub watt_hours: i64,
    /// Whether it was final, where that is known.
    pub settlement: Option<SettlementType>,
}

/// What was computed before, by point and local day.
pub type PreviousDays = BTreeMap<(Gsrn, Date), Previous>;

/// What stands for the point and day.
pub(super) fn previous_of(previous: &PreviousDays, point: Gsrn, day: Date) -> Option<Previous> {
    previous.get(&(point, day)).copied()
}

/// Whether a value says what stands already: the same energy, and not another settlement type.
#[must_use]
pub fn is_unchanged(previous: &PreviousDays, new: &DailyQuantity) -> bool {
    previous_of(previous, new.point, new.day).is_some_and(|old| {
        old.watt_hours == new.watt_hours && (old.settlement.is_none() || old.settlement == new.settlement)
    })
}

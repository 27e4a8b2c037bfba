//! Charges: what suppliers pay for points, by energy or by day.
//!
//! What comes in: rows of the market's price lists and links. What goes out: the same rows as types. Prices are
//! millionths of a currency unit, here kroner.

use jiff::Timestamp;
use tidstro_model::{Gln, Gsrn, Interval};

/// What a charge is paid for (code in brackets, ebIX).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChargeKind {
    /// For each month, spread over its days (D01).
    Subscription,
    /// Once (D02).
    Fee,
    /// For each kWh (D03).
    Tariff,
}

impl ChargeKind {
    /// The word used in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Subscription => "subscription",
            Self::Fee => "fee",
            Self::Tariff => "tariff",
        }
    }

    /// Reads a word as [`ChargeKind::word`] writes it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Subscription, Self::Fee, Self::Tariff].into_iter().find(|kind| kind.word() == word)
    }
}

/// How long one price of a charge holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChargeResolution {
    /// An hour: hourly tariffs.
    Hour,
    /// A local day: daily tariffs.
    Day,
    /// A month: subscriptions and fees.
    Month,
}

impl ChargeResolution {
    /// The word used in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hour => "PT1H",
            Self::Day => "P1D",
            Self::Month => "P1M",
        }
    }
}

/// The name of a charge in the market.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChargeKey {
    /// The owner's code.
    pub code: String,
    /// What it is paid for.
    pub kind: ChargeKind,
    /// Whom it is paid to: a grid company or the system operator.
    pub owner: Gln,
}

/// A charge in a time in which it stays the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// Its name.
    pub key: ChargeKey,
    /// How long one price holds.
    pub resolution: ChargeResolution,
    /// Whether it is a tax, which grid companies collect for the state.
    pub is_tax: bool,
    /// From when to when.
    pub valid: Interval,
}

/// That a point pays a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeLink {
    /// The charge.
    pub key: ChargeKey,
    /// The point.
    pub point: Gsrn,
    /// How many times; 1 for tariffs.
    pub quantity: i64,
    /// From when to when. A fee is due on each local day of its link, which is one.
    pub valid: Interval,
}

/// A price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargePrice {
    /// The charge.
    pub key: ChargeKey,
    /// Millionths of a krone, for a kWh, a month or once.
    pub millionths: i64,
    /// From when. The price of a tariff holds for the hour or day that begins then, any other until the next one.
    pub at: Timestamp,
}

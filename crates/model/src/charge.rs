//! Charges: what suppliers pay for points, by energy or by day, as price lists and links state it.
//!
//! What comes in: words and codes of the market. What goes out: the same as types. Prices are millionths of a currency
//! unit, here kroner, and whole numbers. Nothing here computes an amount.

use jiff::Timestamp;

use crate::{DayRange, Gln, Gsrn};

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
    /// A quarter of an hour: quarterly tariffs.
    Quarter,
    /// An hour: hourly tariffs.
    Hour,
    /// A local day: daily tariffs.
    Day,
    /// A month: subscriptions and fees.
    Month,
}

impl ChargeResolution {
    /// Every resolution, the finest first.
    pub const ALL: [Self; 4] = [Self::Quarter, Self::Hour, Self::Day, Self::Month];

    /// The word used in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Quarter => "PT15M",
            Self::Hour => "PT1H",
            Self::Day => "P1D",
            Self::Month => "P1M",
        }
    }

    /// Reads a word as [`ChargeResolution::word`] writes it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resolution| resolution.word() == word)
    }

    /// Whether prices of a charge of this kind may hold so long: a tariff has one for a time of the day, the others
    /// for a month.
    #[must_use]
    pub const fn fits(self, kind: ChargeKind) -> bool {
        matches!(kind, ChargeKind::Tariff) != matches!(self, Self::Month)
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

impl std::fmt::Display for ChargeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} of {}", self.kind.word(), self.code, self.owner)
    }
}

/// What is settled by a charge, while it stays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChargeTerms {
    /// How long one price holds.
    pub resolution: ChargeResolution,
    /// Whether it is a tax, which grid companies collect for the state.
    pub is_tax: bool,
}

/// That there is a charge on some local days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedCharge {
    /// Its name.
    pub key: ChargeKey,
    /// How it is settled.
    pub terms: ChargeTerms,
    /// When.
    pub days: DayRange,
}

/// That a point pays a charge on some local days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedLink {
    /// The charge.
    pub key: ChargeKey,
    /// The point.
    pub point: Gsrn,
    /// How many times; 1 for tariffs.
    pub quantity: i64,
    /// When.
    pub days: DayRange,
}

/// The price of a charge from an instant on, or that it has none there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedPrice {
    /// The charge.
    pub key: ChargeKey,
    /// Millionths of a krone, for a kWh, a month or once; `None` withdraws the price.
    pub millionths: Option<i64>,
    /// From when.
    pub at: Timestamp,
}

/// What price lists and links state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChargeData {
    /// Charges.
    pub charges: Vec<StatedCharge>,
    /// Who pays them.
    pub links: Vec<StatedLink>,
    /// What they cost.
    pub prices: Vec<StatedPrice>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tariffs_have_prices_for_times_of_the_day_and_others_for_months() {
        for (resolution, tariff) in ChargeResolution::ALL.into_iter().zip([true, true, true, false]) {
            assert_eq!(resolution.fits(ChargeKind::Tariff), tariff, "{}", resolution.word());
            assert_eq!(resolution.fits(ChargeKind::Fee), !tariff, "{}", resolution.word());
            assert_eq!(ChargeResolution::from_word(resolution.word()), Some(resolution));
        }
    }
}

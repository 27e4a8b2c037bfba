//! Charges as settlement computes with them.
//!
//! What comes in: rows of the market's price lists and links. What goes out: the same rows with the instants they hold
//! from and to. Prices are millionths of a currency unit, here kroner.

use jiff::Timestamp;
use tidstro_model::{ChargeKey, ChargeResolution, Gsrn, Interval};

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
    /// From when. The price of a tariff holds for the quarter, hour or day that begins then, any other until the next one.
    pub at: Timestamp,
}

//! What keeps settlement from giving a result.
//!
//! What comes in: nothing. What goes out: one enum for the folder. A missing value, a missing price or an odd
//! master data row is not a fault but part of the result.

use jiff::civil::Date;
use tidstro_model::{DayRange, Resolution};

/// Why values or master data cannot be settled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettlementFault {
    /// A value with more than three decimals of a kWh (regulation D.1 § 6(3)).
    #[error("values count 10^`{exponent}` kWh, settled are at most 3 decimals; round them at their source")]
    TooFine {
        /// Power of ten of the block.
        exponent: i8,
    },
    /// Values of a resolution that is not settled, or is coarser than an hour.
    #[error("values of resolution `{resolution}` are not settled; give PT15M or PT1H")]
    Resolution {
        /// The resolution of the block.
        resolution: Resolution,
    },
    /// A block whose number of slots is not that of its local day.
    #[error(
        "the local day has {expected} intervals of `{resolution}`, the block has {got}; complete it first"
    )]
    Slots {
        /// The resolution of the block.
        resolution: Resolution,
        /// Slots of the local day.
        expected: usize,
        /// Slots of the block.
        got: usize,
    },
    /// A value beyond what any interval of the market can hold.
    #[error("slot {slot} has more than 100 GWh in one interval; validate the series first")]
    TooLarge {
        /// The slot, from 0.
        slot: usize,
    },
    /// Two sums of different local days or resolutions.
    #[error("sums of {one} and {other} slots do not add up; sum days of one resolution")]
    Shapes {
        /// Slots of the first.
        one: usize,
        /// Slots of the second.
        other: usize,
    },
    /// A calculation with amounts over other days than those of one month.
    #[error(
        "`{kind}` over `{days}` spreads a month's subscriptions over other days than the month's; give one whole month"
    )]
    PartOfMonth {
        /// The kind of calculation.
        kind: &'static str,
        /// The local days.
        days: DayRange,
    },
    /// An amount beyond 64 bits of millionths.
    #[error("an amount of charge `{code}` is beyond 9 million millions; check its price and quantity")]
    Amount {
        /// The code of the charge.
        code: String,
    },
    /// A tariff linked with a quantity other than 1: a tariff is counted by energy, not by pieces.
    #[error("tariff `{code}` is linked {quantity} times to one point; link it once")]
    TariffTimes {
        /// The code of the charge.
        code: String,
        /// The quantity of the link.
        quantity: i64,
    },
    /// The day or month lies outside what the calendar names.
    #[error("`{day}` is at the end of the calendar; check the dates of the master data")]
    Calendar {
        /// The day.
        day: Date,
    },
}

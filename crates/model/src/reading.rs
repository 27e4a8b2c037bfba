//! One value a meter said.

use jiff::civil::{Date, DateTime};

use crate::{Decimal, Obis, QuantityKind, Unit};

/// What a value describes (function field of the DIF, EN 13757-3:2018 § 6.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Function {
    /// The value now (or at the storage's moment).
    Instantaneous,
    /// The highest value in a period.
    Maximum,
    /// The lowest value in a period.
    Minimum,
    /// The value while the meter was in error.
    DuringError,
}

impl Function {
    /// The word used in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Instantaneous => "instantaneous",
            Self::Maximum => "maximum",
            Self::Minimum => "minimum",
            Self::DuringError => "during-error",
        }
    }
}

/// A refinement of a value (combinable VIFE, EN 13757-3:2018 table 15), by its code without the
/// extension bit. What changes the number (a factor, an offset) is applied already and not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Modifier(pub u16);

/// What no VIFE says. Codes of VIFEs have seven bits in each byte, so these are none of them.
impl Modifier {
    /// What was used in a period, and no register value.
    pub const OF_PERIOD: Self = Self(0x8001);
    /// Not stated by the meter: follows by a rule of the standard from other records of the telegram.
    pub const DERIVED: Self = Self(0x8002);
    /// The meter shows this time and marks it as invalid (types F and I, bit IV): never a moment to go by.
    pub const CLOCK_INVALID: Self = Self(0x8003);
    /// The meter's clock shows summer time (type F, bit SU; type I).
    pub const SUMMER_TIME: Self = Self(0x8004);
}

/// A value as the meter stated it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A number in [`Reading::unit`].
    Number(Decimal),
    /// A local date (type G).
    Date(Date),
    /// A local clock time (types F and I). Meters do not follow summer time unless they say so.
    DateTime(DateTime),
    /// A time of day in seconds since midnight (type J).
    TimeOfDay(u32),
    /// Text, such as a serial number or a version.
    Text(Box<str>),
    /// Flags or other bytes without further meaning here, first byte lowest.
    Bytes(Box<[u8]>),
    /// The meter itself marks the value as invalid or absent (date FFFF, BCD with error digits).
    Invalid,
}

/// One value a meter said: what, how much, and which of its memories it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What is measured.
    pub quantity: QuantityKind,
    /// The value.
    pub value: Value,
    /// Unit of a number; [`Unit::One`] otherwise.
    pub unit: Unit,
    /// What the value describes.
    pub function: Function,
    /// Storage number: 0 now, others are earlier moments (due date, months).
    pub storage: u64,
    /// Tariff: 0 total.
    pub tariff: u32,
    /// Subunit of the device: 0 the device itself.
    pub subunit: u16,
    /// Refinements in the order of the telegram.
    pub modifiers: Vec<Modifier>,
    /// OBIS code, where the OMS specification or the standard defines one.
    pub obis: Option<Obis>,
    /// Byte of the (decrypted) telegram at which the record begins, from 0.
    pub offset: u32,
}

//! Combinable extensions of a VIF (EN 13757-3:2018 tables 15, 16 and 18): factors, offsets, limits, errors.
//!
//! What comes in: a code without its extension bit. What goes out: what it does to the record. What
//! changes the number is applied by the caller; all else is kept as a modifier.

use tidstro_model::{QuantityKind as Q, Unit};

use super::vif::time_unit;

/// What a combinable VIFE does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Multiplies by ten to this power.
    Scale(i8),
    /// Adds ten to this power, in units of the VIF.
    Add(i8),
    /// The meter reports an error instead of a value.
    Error,
    /// The data are the date or time of something about the quantity.
    DateOf,
    /// The data are a duration in this unit.
    DurationOf(Unit),
    /// The number is in a unit that is not metric.
    NonMetric,
    /// The data are a number of occurrences.
    CountOf,
    /// The data are the OBIS code of the record with the same head.
    CodeOf,
    /// The data are a profile of several values, not one.
    Profile,
    /// Nothing: "no error".
    Nothing,
    /// A refinement only.
    Refine,
}

/// The code after which the maker's own VIFEs follow.
pub(super) const MANUFACTURER_FOLLOWS: u8 = 0x7f;
/// The code after which the second table of refinements applies.
pub(super) const EXTENSION_FOLLOWS: u8 = 0x7c;
/// Behind 7C: the number is in a second system of units, which no public table gives.
pub(super) const OTHER_UNITS: u8 = 0x0d;
/// Behind 7C: an unsigned number, whatever the VIF says.
pub(super) const TYPE_C: u8 = 0x11;
/// Behind 7C: bits.
pub(super) const TYPE_D: u8 = 0x12;
/// Behind 7C: the date at which something ends.
pub(super) const END_DATE: u8 = 0x13;

impl Effect {
    /// Whether it says what the data are, so that a second one contradicts it.
    pub(super) const fn says_what_data_are(self) -> bool {
        match self {
            Self::Error
            | Self::DateOf
            | Self::DurationOf(_)
            | Self::CountOf
            | Self::CodeOf
            | Self::Profile => true,
            Self::Scale(_) | Self::Add(_) | Self::NonMetric | Self::Nothing | Self::Refine => false,
        }
    }
}

/// Whether table 15 and the record errors (tables 15 and 18) keep the code for later.
pub(super) const fn is_reserved(code: u8) -> bool {
    matches!(code, 0x08..=0x0a | 0x10 | 0x11 | 0x19..=0x1b | 0x44 | 0x45 | 0x4c | 0x4d)
}

/// Whether table 16 and the editions after it keep the code behind 7C for later.
pub(super) const fn is_reserved_extension(code: u8) -> bool {
    matches!(code, 0x00 | 0x16..)
}

/// What the code does (table 15).
pub(super) const fn effect(code: u8) -> Effect {
    match code {
        // Errors of the meter: nothing was said. A data error (18) says that what was said is in doubt, and
        // makers also use it for "while in error": the number stays, with its modifier.
        0x01..=0x0f | 0x15..=0x17 | 0x1c => Effect::Error,
        0x00 => Effect::Nothing,
        0x13 | 0x1e | 0x1f => Effect::Profile,
        0x39 | 0x42 | 0x43 | 0x46 | 0x47 | 0x4a | 0x4b | 0x4e | 0x4f => Effect::DateOf,
        0x3d => Effect::NonMetric,
        0x3f => Effect::CodeOf,
        0x41 | 0x49 => Effect::CountOf,
        0x50..=0x67 => Effect::DurationOf(time_unit(code)),
        0x6a | 0x6b | 0x6e | 0x6f => Effect::DateOf,
        0x70..=0x77 => Effect::Scale((code & 7).cast_signed() - 6),
        0x78..=0x7b => Effect::Add((code & 3).cast_signed() - 3),
        0x7d => Effect::Scale(3),
        _ => Effect::Refine,
    }
}

/// The unit in the place of a metric one, and the change of the power of ten (EN 13757-3:2018 annex C): `None` where
/// the annex has no other unit.
pub(super) const fn non_metric(quantity: Q, unit: Unit) -> Option<(Unit, i8)> {
    Some(match (quantity, unit) {
        // The same digits are thousands of BTU, gallons for litres, thousandths of BTU a second.
        (Q::Energy, Unit::WattHour) => (Unit::BritishThermalUnit, 3),
        (Q::Volume, Unit::CubicMetre) => (Unit::AmericanGallon, 3),
        (Q::Power, Unit::Watt) => (Unit::BritishThermalUnitPerSecond, -3),
        (Q::VolumeFlow, Unit::CubicMetrePerMinute) => (Unit::AmericanGallonPerMinute, 3),
        (_, Unit::Celsius | Unit::Kelvin) => (Unit::Fahrenheit, 0),
        _ => return None,
    })
}

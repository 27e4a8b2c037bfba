//! The limits of the rules, as data.
//!
//! What comes in: nothing, or the unit of a series. What goes out: limits a caller may change. They are
//! defaults of practice, not law; a company sets its own and can say why.

use tidstro_model::{Decimal, Unit};

/// Limits of the validation rules of one series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// An interval above this many times the series' recent maximum is a spike. Default 5: above what a
    /// household's own evening peak does, below a shifted decimal point.
    pub interval_spike_factor: u32,
    /// A rise since the last reading of an earlier day above this many times the series' recent highest
    /// rise in a day is a spike. Default 10, so that about ten silent days, read at once, are not one.
    pub register_spike_factor: u32,
    /// No value at or below this is a spike, in the series' unit, whatever the past was. Default 5 kWh:
    /// an empty house that is lived in again is no fault.
    pub spike_floor: Decimal,
    /// Local days the history must have before a spike is called one. Default 7: each weekday once.
    pub history_days: u32,
}

impl Default for Thresholds {
    /// The limits for a series in watt hours.
    fn default() -> Self {
        Self {
            interval_spike_factor: 5,
            register_spike_factor: 10,
            spike_floor: Decimal::new(5, 3),
            history_days: 7,
        }
    }
}

impl Thresholds {
    /// The defaults for a series in this unit: as [`Thresholds::default`], with a floor of 5 kWh, the
    /// same in joules (18 MJ), half a cubic metre, 50 units of a heat cost allocator, and 0 for other
    /// units.
    #[must_use]
    pub fn for_unit(unit: Unit) -> Self {
        let spike_floor = match unit {
            Unit::WattHour => Decimal::new(5, 3),
            Unit::Joule => Decimal::new(18, 6),
            Unit::CubicMetre => Decimal::new(5, -1),
            Unit::Hca => Decimal::new(50, 0),
            _ => Decimal::ZERO,
        };
        Self { spike_floor, ..Self::default() }
    }
}

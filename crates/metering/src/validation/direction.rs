//! Rule *direction*: energy flows the way the metering point is registered for.
//!
//! What comes in: the direction of the point and the register's OBIS code. What
//! goes out: a finding if they disagree. A prosumer has two metering points, one per direction, so a
//! production register on a consumption point is a fault in master data or wiring.

use tidstro_model::{Finding, Obis, Rule};

use super::{Explained, Why, explained};
use crate::RegisterBlock;

/// Which way energy flows at a metering point (market types E17 and E18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the grid to the customer.
    Consumption,
    /// From the customer to the grid.
    Production,
}

impl Direction {
    /// The word used in sentences.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Consumption => "consumption",
            Self::Production => "production",
        }
    }
}

/// A finding, at position 0, if an electricity register measures the other direction; see
/// [`explain_register_direction`].
#[must_use]
pub fn check_register_direction(point: Direction, register: Obis) -> Option<Finding> {
    explain_register_direction(point, register).map(|found| found.finding())
}

/// What is found, at position 0, if an electricity register measures the other direction.
///
/// IEC 62056-6-1, table for medium 1 (electricity), group C: 1, 21, 41, 61 are active energy
/// imported (+A), sum and phases; 2, 22, 42, 62 exported (-A). Other registers have no direction.
#[must_use]
pub fn explain_register_direction(point: Direction, register: Obis) -> Option<Explained> {
    let Obis([1, _, group_c, ..]) = register else { return None };
    let measured = match group_c {
        1 | 21 | 41 | 61 => Direction::Consumption,
        2 | 22 | 42 | 62 => Direction::Production,
        _ => return None,
    };
    (measured != point).then(|| explained(0, Why::OtherWay { point, register }))
}

/// Adds a finding for each reading of a cumulative register below zero: it has run backwards.
pub(super) fn check_readings(block: &mut RegisterBlock, findings: &mut Vec<Explained>) {
    for index in 0..block.len() {
        if let Some(value) = block.values().get(index).filter(|value| **value < 0) {
            findings.push(explained(index, Why::BelowZero { value: block.decimal(*value) }));
            block.add_finding(index, Rule::Direction);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_have_directions() {
        use Direction::{Consumption, Production};
        for (point, code, found) in [
            (Consumption, "1-0:1.8.0", false),
            (Consumption, "1-0:2.8.0", true),
            (Consumption, "1-0:41.8.0", false),
            (Production, "1-0:1.8.1", true),
            (Production, "1-0:2.8.0", false),
            // Reactive energy, and heat: no direction.
            (Consumption, "1-0:4.8.0", false),
            (Consumption, "6-0:2.0.0", false),
        ] {
            let register = Obis::parse(code).unwrap();
            assert_eq!(check_register_direction(point, register).is_some(), found, "{code}");
        }
    }
}

//! Rule *unit*: a reading has the unit of its series.
//!
//! What comes in: the unit of the series and the unit of a reading. What goes out: a finding if they
//! differ. Units are never converted here: watt hours and joules that meet in one series are a fault in
//! master data or in the meter.

use tidstro_model::{Finding, Rule, Unit};

use super::finding;

/// A finding, at position 0, if the unit is not the one of the series.
#[must_use]
pub fn check_unit(expected: Unit, got: Unit) -> Option<Finding> {
    (expected != got).then(|| finding(Rule::Unit, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_unit_is_found() {
        assert_eq!(check_unit(Unit::WattHour, Unit::WattHour), None);
        let found = check_unit(Unit::WattHour, Unit::Joule);
        assert_eq!(found, Some(Finding { rule: Rule::Unit, position: 0 }));
    }
}

//! Rule *unit*: a reading has the unit of its series.
//!
//! What comes in: the unit of the series and the unit of a reading. What goes out: a finding if they
//! differ. Units are never converted here: watt hours and joules that meet in one series are a fault in
//! master data or in the meter.

use tidstro_model::{Finding, Unit};

use super::{Explained, Why, explained};

/// A finding, at position 0, if the unit is not the one of the series; see [`explain_unit`].
#[must_use]
pub fn check_unit(expected: Unit, got: Unit) -> Option<Finding> {
    explain_unit(expected, got).map(|found| found.finding())
}

/// What is found, at position 0, if the unit is not the one of the series.
#[must_use]
pub fn explain_unit(expected: Unit, got: Unit) -> Option<Explained> {
    (expected != got).then(|| explained(0, Why::Unit { expected, got }))
}

#[cfg(test)]
mod tests {
    use tidstro_model::Rule;

    use super::*;

    #[test]
    fn another_unit_is_found() {
        assert_eq!(check_unit(Unit::WattHour, Unit::WattHour), None);
        let found = check_unit(Unit::WattHour, Unit::Joule);
        assert_eq!(found, Some(Finding { rule: Rule::Unit, position: 0 }));
    }
}

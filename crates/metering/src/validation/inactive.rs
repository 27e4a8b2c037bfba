//! Rule *inactive*: nothing is consumed where nothing is connected.
//!
//! What comes in: a block, what the point was on this local day, a limit. What goes out: a finding at the first value
//! above the limit while the point was new, disconnected or closed down, and a mark on each. Either master data
//! are late or somebody is connected who should not be.

use tidstro_model::{Decimal, Rule};

use super::{ConnectionState, Explained, Thresholds, Why, explained, history::decimal_at};
use crate::{IntervalBlock, RegisterBlock};

/// Adds a finding if an interval has consumption while the point is not connected.
pub(super) fn check_intervals(
    block: &mut IntervalBlock,
    state: Option<ConnectionState>,
    thresholds: &Thresholds,
    findings: &mut Vec<Explained>,
) {
    let Some((state, above)) = inactive(state, thresholds) else { return };
    let limit = decimal_at(above, block.exponent());
    let values = block.values_zero_if_missing();
    if let Some((slot, value)) = values.iter().enumerate().find(|(_, value)| **value > limit) {
        let value = Decimal::new(*value, block.exponent());
        findings.push(explained(slot, Why::Inactive { state, value, limit: above }));
        block.add_finding(Rule::Inactive, |_, value, _| value > limit);
    }
}

/// Adds a finding at the first reading by which the register has risen since the day before while the point is not
/// connected.
pub(super) fn check_registers(
    block: &mut RegisterBlock,
    (state, before): (Option<ConnectionState>, Option<i64>),
    thresholds: &Thresholds,
    findings: &mut Vec<Explained>,
) {
    let Some((state, above)) = inactive(state, thresholds) else { return };
    let limit = decimal_at(above, block.exponent());
    let Some(start) = before.or_else(|| block.values().first().copied()) else { return };
    let rises = block.values().iter().map(|value| value.saturating_sub(start));
    if let Some((index, rise)) = rises.enumerate().find(|(_, rise)| *rise > limit) {
        let value = Decimal::new(rise, block.exponent());
        findings.push(explained(index, Why::Inactive { state, value, limit: above }));
        block.add_finding(index, Rule::Inactive);
    }
}

fn inactive(state: Option<ConnectionState>, thresholds: &Thresholds) -> Option<(ConnectionState, Decimal)> {
    let state = state.filter(|state| *state != ConnectionState::Connected)?;
    Some((state, thresholds.inactive_above?))
}

#[cfg(test)]
mod tests {
    use super::{
        super::examples::{intervals, marked, readings},
        *,
    };

    const LIMITS: Thresholds = Thresholds { inactive_above: Some(Decimal::new(10, 0)), ..Thresholds::NONE };

    #[test]
    fn consumption_needs_a_connection() {
        use ConnectionState::{ClosedDown, Connected, Disconnected, New};
        for (state, marks) in [
            (None, vec![]),
            (Some(Connected), vec![]),
            (Some(New), vec![2, 3]),
            (Some(Disconnected), vec![2, 3]),
            (Some(ClosedDown), vec![2, 3]),
        ] {
            let (mut block, mut findings) = (intervals(&[None, Some(10), Some(11), Some(90)]), Vec::new());
            check_intervals(&mut block, state, &LIMITS, &mut findings);
            assert_eq!(marked(block.marks().iter().copied(), Rule::Inactive), marks, "{state:?}");
            assert!(findings.iter().map(|found| found.position).eq(marks.first().map(|_| 2)));
        }
    }

    #[test]
    fn a_register_stands_still_without_a_connection() {
        let state = Some(ConnectionState::Disconnected);
        for (before, values, position) in [
            (Some(100), vec![105, 110], None),
            (Some(100), vec![105, 111], Some(1)),
            (None, vec![500, 510], None),
            (None, vec![500, 511], Some(1)),
            (None, vec![], None),
        ] {
            let (mut block, mut findings) = (readings(&values), Vec::new());
            check_registers(&mut block, (state, before), &LIMITS, &mut findings);
            assert!(findings.iter().map(|found| found.position).eq(position), "{values:?}");
        }
    }
}

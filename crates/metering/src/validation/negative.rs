//! Rule *negative*: no interval has energy below zero.
//!
//! What comes in: a block. What goes out: a finding and a mark for each interval below zero. Values are
//! positive for each metering point, whatever its type (D.1 § 3; the hub refuses others with E86). Zero
//! is allowed.

use tidstro_model::{Decimal, Rule};

use super::{Explained, Why, explained};
use crate::IntervalBlock;

/// Adds a finding for each interval below zero.
pub(super) fn check(block: &mut IntervalBlock, findings: &mut Vec<Explained>) {
    let values = block.values_zero_if_missing();
    let least = values.iter().fold(0, |least, value| *value.min(&least));
    if least == 0 {
        return;
    }
    let below = values.iter().enumerate().filter(|(_, value)| **value < 0);
    let said = |value: i64| Why::Negative { value: Decimal::new(value, block.exponent()) };
    findings.extend(below.map(|(index, value)| explained(index, said(*value))));
    block.add_finding(Rule::Negative, |_, value, _| value < 0);
}

#[cfg(test)]
mod tests {
    use super::{
        super::examples::{intervals, listed, marked},
        *,
    };

    #[test]
    fn energy_below_zero_is_found() {
        for (values, found) in [
            (vec![Some(0), Some(5)], vec![]),
            (vec![None, Some(5)], vec![]),
            (vec![Some(-1), Some(5), Some(i64::MIN)], vec![0, 2]),
        ] {
            let (mut block, mut findings) = (intervals(&values), Vec::new());
            check(&mut block, &mut findings);
            assert_eq!(marked(block.marks().iter().copied(), Rule::Negative), found, "{values:?}");
            assert!(listed(&findings).iter().map(|finding| finding.1 as usize).eq(found));
        }
    }
}

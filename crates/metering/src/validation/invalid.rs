//! Rule *invalid*: the meter itself stands by the interval.
//!
//! What comes in: a block and the slots that the meter's status flags call invalid (power failure, clock set, overflow of
//! the interval). What goes out: a finding and a mark for each of them that has a value. It needs no limit: the
//! meter has said it.

use tidstro_model::{Quality, Rule};

use super::{Explained, Why};
use crate::IntervalBlock;

/// Adds a finding for each value that the meter marks as invalid.
pub(super) fn check(block: &mut IntervalBlock, invalid: &[u32], findings: &mut Vec<Explained>) {
    if invalid.is_empty() {
        return;
    }
    let is_named = |slot: usize| u32::try_from(slot).is_ok_and(|slot| invalid.contains(&slot));
    let named = (0..block.len()).filter(|slot| block.value(*slot).is_some() && is_named(*slot));
    findings.extend(named.map(|slot| super::explained(slot, Why::Invalid)));
    block.add_finding(Rule::Invalid, |slot, _, mark| mark.quality() != Quality::Missing && is_named(slot));
}

#[cfg(test)]
mod tests {
    use super::{
        super::examples::{intervals, positions},
        *,
    };

    #[test]
    fn what_the_meter_disowns_is_found() {
        for (invalid, found) in [(&[][..], vec![]), (&[3, 1], vec![1, 3]), (&[0, 99], vec![])] {
            let (mut block, mut findings) = (intervals(&[None, Some(1), Some(2), Some(3)]), Vec::new());
            check(&mut block, invalid, &mut findings);
            assert_eq!(positions(&block, Rule::Invalid, &findings), found, "{invalid:?}");
        }
    }
}

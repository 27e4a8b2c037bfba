//! Rule *zero*: a point is not without consumption for too long.
//!
//! What comes in: a block, the days without consumption before it, a limit. What goes out: a finding at position 0 on
//! each local day after the limit, and a mark on its values. A meter that stands still, a wrong multiplier of zero
//! and an empty house look alike: somebody has to ask.

use tidstro_model::{Quality, Rule};

use super::{Explained, Tail, Thresholds, Why, explained, tail::zero_days};
use crate::IntervalBlock;

/// Adds a finding if there were too many local days without consumption, this one the last.
pub(super) fn check(
    block: &mut IntervalBlock,
    tail: &Tail,
    thresholds: &Thresholds,
    findings: &mut Vec<Explained>,
) {
    let Some(limit) = thresholds.zero_days else { return };
    let days = zero_days(tail.zero_days(), block);
    if days > limit && block.present() > 0 {
        findings.push(explained(0, Why::Zero { days, limit }));
        block.add_finding(Rule::Zero, |_, _, mark| mark.quality() != Quality::Missing);
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::examples::{intervals, marked},
        *,
    };

    #[test]
    fn the_day_after_the_limit_is_found() {
        let (empty, used) = (intervals(&[Some(0), None, Some(0)]), intervals(&[Some(0), Some(1)]));
        let thresholds = Thresholds { zero_days: Some(2), ..Thresholds::NONE };
        let mut tail = Tail::NONE.after(&used);
        for days in [1, 2, 3, 4] {
            let (mut block, mut findings) = (empty.clone(), Vec::new());
            check(&mut block, &tail, &thresholds, &mut findings);
            let expected = (days > 2).then(|| explained(0, Why::Zero { days, limit: 2 }));
            assert_eq!(findings, Vec::from_iter(expected));
            assert_eq!(marked(block.marks().iter().copied(), Rule::Zero).is_empty(), days <= 2);
            tail = tail.after(&block);
        }
        let (mut block, mut findings) = (used, Vec::new());
        check(&mut block, &tail, &thresholds, &mut findings);
        check(&mut intervals(&[None]), &tail, &thresholds, &mut findings);
        assert_eq!(findings, [], "consumption ends it, and a day without values says nothing");
        check(&mut block, &tail, &Thresholds::NONE, &mut findings);
        assert_eq!(findings, []);
    }
}

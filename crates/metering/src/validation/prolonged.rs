//! Rule *prolonged*: a point is not estimated for too long.
//!
//! What comes in: a block, how long the estimates before it have lasted, a limit. What goes out: a finding at the first
//! estimate of each local day after the limit, with the age of the chain, and a mark on the estimates that go on.
//! Chains of estimates are what wrong bills are made of.

use tidstro_model::{Quality, Rule};

use super::{Explained, Tail, Thresholds, Why, explained, tail::is_estimate};
use crate::IntervalBlock;

/// Adds a finding if the estimates have gone on for too many local days, this one too.
pub(super) fn check(
    block: &mut IntervalBlock,
    tail: &Tail,
    thresholds: &Thresholds,
    findings: &mut Vec<Explained>,
) {
    let Some(limit) = thresholds.prolonged_days else { return };
    let marks = block.marks();
    let goes_on_to = marks
        .iter()
        .position(|mark| !is_estimate(*mark) && mark.quality() != Quality::Missing)
        .unwrap_or(marks.len());
    let first = marks.iter().take(goes_on_to).position(|mark| is_estimate(*mark));
    let days = tail.estimated_days().saturating_add(1);
    if let Some(first) = first.filter(|_| days > limit) {
        findings.push(explained(first, Why::Prolonged { days, limit }));
        block.add_finding(Rule::Prolonged, |slot, _, mark| slot < goes_on_to && is_estimate(mark));
    }
}

#[cfg(test)]
mod tests {
    use tidstro_model::Quality::{Estimated, Measured, Missing};

    use super::{super::examples::marked, *};

    fn day(qualities: &[Quality]) -> IntervalBlock {
        let mut block = IntervalBlock::empty(0);
        qualities.iter().for_each(|quality| block.push(Some(7), *quality).unwrap());
        block
    }

    /// Two days may be estimated; the chain before has lasted `before` days.
    fn found(before: usize, qualities: &[Quality]) -> (Option<(u32, Why)>, Vec<usize>) {
        let tail = (0..before).fold(Tail::NONE, |tail, _| tail.after(&day(&[Estimated])));
        let thresholds = Thresholds { prolonged_days: Some(2), ..Thresholds::NONE };
        let (mut block, mut findings) = (day(qualities), Vec::new());
        check(&mut block, &tail, &thresholds, &mut findings);
        let marks = marked(block.marks().iter().copied(), Rule::Prolonged);
        (findings.first().map(|found| (found.position, found.why)), marks)
    }

    #[test]
    fn a_chain_of_estimates_is_found_with_its_age() {
        assert_eq!(found(1, &[Estimated, Estimated]), (None, vec![]));
        let of_three = Some((1, Why::Prolonged { days: 3, limit: 2 }));
        assert_eq!(found(2, &[Missing, Estimated, Measured, Estimated]), (of_three, vec![1]));
        assert_eq!(found(2, &[Measured, Estimated]), (None, vec![]), "measured at midnight");
        assert_eq!(found(9, &[Missing]), (None, vec![]));
    }
}

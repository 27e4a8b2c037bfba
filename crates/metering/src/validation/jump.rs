//! Rule *jump*: neighbours do not lie too far apart.
//!
//! What comes in: a block, the last interval before it, the history of the series, a limit. What goes out: a finding and a
//! mark for each interval that differs from the one before by more than a part of the recent maximum and more
//! than the floor, up or down. An interval after a missing one has no neighbour.

use tidstro_model::{Decimal, Rule};

use super::{
    Explained, History, Tail, Thresholds, Why, explained,
    history::{decimal_at, share_of_count},
};
use crate::IntervalBlock;

/// Adds a finding for each interval far from the one before.
pub(super) fn check(
    block: &mut IntervalBlock,
    (tail, history): (&Tail, &History),
    thresholds: &Thresholds,
    findings: &mut Vec<Explained>,
) {
    let Some(jump) = thresholds.jump else { return };
    let exponent = block.exponent();
    let part = share_of_count(history.recent_max_at(exponent), jump.percent);
    let limit = part.max(decimal_at(jump.floor, exponent));
    let mut before = tail.last().and_then(|last| last.in_steps_of(exponent));
    let mut found = Vec::new();
    for slot in 0..block.len() {
        let value = block.value(slot);
        if let Some((before, value)) = before.zip(value)
            && value.abs_diff(before) > limit.unsigned_abs()
        {
            let [before, value, limit] = [before, value, limit].map(|number| Decimal::new(number, exponent));
            findings.push(explained(slot, Why::Jump { before, value, limit }));
            found.push(slot);
        }
        before = value;
    }
    if !found.is_empty() {
        block.add_finding(Rule::Jump, |slot, _, _| found.contains(&slot));
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            JumpLimit,
            examples::{history, intervals, positions},
        },
        *,
    };

    fn found(last: Option<i64>, values: &[Option<i64>], recent_max: i64) -> Vec<u32> {
        let jump = JumpLimit { percent: 80, floor: Decimal::new(2, 3) };
        let thresholds = Thresholds { jump: Some(jump), ..Thresholds::NONE };
        let tail = Tail::NONE.after(&intervals(&[last]));
        let (mut block, mut findings) = (intervals(values), Vec::new());
        check(&mut block, (&tail, &history(30, recent_max)), &thresholds, &mut findings);
        positions(&block, Rule::Jump, &findings)
    }

    /// Worked: 80 % of 5 kWh are 4 kWh; of 1 kWh less than the floor of 2 kWh.
    #[test]
    fn neighbours_far_apart_are_found() {
        assert_eq!(found(None, &[Some(100), Some(4_100), Some(99)], 5_000), [2]);
        assert_eq!(found(Some(4_200), &[Some(100), Some(2_100)], 5_000), [0]);
        assert_eq!(found(Some(2_200), &[Some(200), Some(2_201)], 1_000), [1]);
        assert_eq!(found(None, &[Some(9_000), None, Some(0)], 1_000), [], "no neighbours");
    }

    #[test]
    fn without_a_limit_nothing_is_judged() {
        let (mut block, mut findings) = (intervals(&[Some(0), Some(i64::MAX)]), Vec::new());
        check(&mut block, (&Tail::NONE, &History::NONE), &Thresholds::NONE, &mut findings);
        assert_eq!(findings, []);
    }
}

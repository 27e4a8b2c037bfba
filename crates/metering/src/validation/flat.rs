//! Rule *flat*: a value does not stay the same for too long.
//!
//! What comes in: a block, the run of equal values before it, a limit. What goes out: a finding for each run that gets
//! too long in this local day, at its first interval of the day, and a mark on each of the run's intervals. A
//! stuck meter or a filled-up file looks so. No consumption is the rule *zero*'s.

use std::ops::Range;

use tidstro_model::{Decimal, Rule};

use super::{Explained, FlatLimit, Tail, Thresholds, Why, explained, history::decimal_at};
use crate::IntervalBlock;

/// Equal values in a row.
struct Run {
    /// Their slots in this day.
    slots: Range<usize>,
    value: i64,
    /// How many before this day belong to it.
    before: u32,
}

/// Adds a finding for each run that is too long.
pub(super) fn check(
    block: &mut IntervalBlock,
    tail: &Tail,
    thresholds: &Thresholds,
    findings: &mut Vec<Explained>,
) {
    let Some(limit) = thresholds.flat else { return };
    for run in runs(block, tail) {
        let intervals = run.before.saturating_add(u32::try_from(run.slots.len()).unwrap_or(u32::MAX));
        if intervals > limit.intervals && counts(&run, limit, block.exponent()) {
            let value = Decimal::new(run.value, block.exponent());
            let why = Why::Flat { value, intervals, limit: limit.intervals };
            findings.push(explained(run.slots.start, why));
            block.add_finding(Rule::Flat, |slot, _, _| run.slots.contains(&slot));
        }
    }
}

fn counts(run: &Run, limit: FlatLimit, exponent: i8) -> bool {
    run.value > decimal_at(limit.above, exponent)
}

/// The runs of equal values of the day, the first one with what of it lies before.
fn runs(block: &IntervalBlock, tail: &Tail) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for slot in 0..block.len() {
        let Some(value) = block.value(slot) else { continue };
        match runs.last_mut() {
            Some(run) if run.slots.end == slot && run.value == value => run.slots.end = slot + 1,
            _ => {
                let goes_on = slot == 0 && tail.last() == block.decimal(0);
                let before = if goes_on { tail.run() } else { 0 };
                runs.push(Run { slots: slot..slot + 1, value, before });
            }
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::{
        super::examples::{intervals, marked},
        *,
    };

    /// Positions of the findings, and of the marks. At most three equal values above 10.
    fn found(before: &[Option<i64>], values: &[Option<i64>]) -> (Vec<u32>, Vec<usize>) {
        let flat = FlatLimit { intervals: 3, above: Decimal::new(10, 0) };
        let thresholds = Thresholds { flat: Some(flat), ..Thresholds::NONE };
        let (mut block, mut findings) = (intervals(values), Vec::new());
        check(&mut block, &Tail::NONE.after(&intervals(before)), &thresholds, &mut findings);
        let positions = findings.iter().map(|found| found.position).collect();
        (positions, marked(block.marks().iter().copied(), Rule::Flat))
    }

    #[test]
    fn runs_of_one_value_are_found() {
        let (one, same) = (Some(1), Some(50));
        assert_eq!(found(&[], &[same, same, same, one]), (vec![], vec![]));
        assert_eq!(found(&[], &[one, same, same, same, same]), (vec![1], vec![1, 2, 3, 4]));
        assert_eq!(found(&[], &[one, one, one, one]), (vec![], vec![]), "too small to count");
        assert_eq!(found(&[], &[same, same, None, same, same]), (vec![], vec![]), "a gap ends a run");
    }

    #[test]
    fn a_run_may_begin_the_day_before() {
        let same = Some(50);
        assert_eq!(found(&[same, same], &[same, same, Some(1)]), (vec![0], vec![0, 1]));
        assert_eq!(found(&[same, Some(49)], &[same, same]), (vec![], vec![]));
    }
}

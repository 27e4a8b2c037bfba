//! Rule *completeness*: the local day has all its intervals, and no more.
//!
//! What comes in: a block and the number of intervals of its local day. What goes out: at most one
//! finding, at the first interval that is missing or too many, and a mark on each of them.

use tidstro_model::{Mark, Quality, Rule};

use super::{Explained, Why, explained};
use crate::IntervalBlock;

/// Adds a finding if intervals are missing or too many.
pub(super) fn check(block: &mut IntervalBlock, expected: u32, findings: &mut Vec<Explained>) {
    let count = expected as usize;
    let is_missing = |mark: Mark| mark.quality() == Quality::Missing;
    // A count without early exit is faster than a search on the usual, complete day.
    let missing = block.marks().iter().filter(|mark| is_missing(**mark)).count();
    if missing == 0 && block.len() == count {
        return;
    }
    let first_missing = block.marks().iter().position(|mark| is_missing(*mark));
    let first_at_fault = first_missing.unwrap_or(usize::MAX).min(block.len().min(count));
    let present = u32::try_from(block.len() - missing).unwrap_or(u32::MAX);
    findings.push(explained(first_at_fault, Why::Completeness { present, expected }));
    block.add_finding(Rule::Completeness, |index, _, mark| is_missing(mark) || index >= count);
}

#[cfg(test)]
mod tests {
    use super::{
        super::examples::{intervals, listed, marked},
        *,
    };

    #[test]
    fn intervals_are_counted_by_local_day() {
        let (value, gap) = (Some(1), None);
        for (slots, expected, found, marks) in [
            (vec![value; 24], 24, None, vec![]),
            (vec![value; 23], 23, None, vec![]),
            (vec![value; 100], 100, None, vec![]),
            (vec![value, gap, value, gap], 4, Some(1), vec![1, 3]),
            // The block ends before the local day does.
            (vec![value; 24], 25, Some(24), vec![]),
            // 24 values on the day the clock goes forward: the last one has no place.
            (vec![value; 24], 23, Some(23), vec![23]),
            (vec![gap, value, value], 2, Some(0), vec![0, 2]),
            (vec![], 24, Some(0), vec![]),
        ] {
            let (mut block, mut findings) = (intervals(&slots), Vec::new());
            check(&mut block, expected, &mut findings);
            let found: Vec<_> = found.map(|position| (Rule::Completeness, position)).into_iter().collect();
            assert_eq!(listed(&findings), found, "{slots:?} of {expected}");
            assert_eq!(marked(block.marks().iter().copied(), Rule::Completeness), marks);
        }
    }
}

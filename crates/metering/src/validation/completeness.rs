//! Rule *completeness*: the local day has all its intervals, and no more.
//!
//! What comes in: a block and the number of intervals of its local day. What goes out: at most one
//! finding, at the first interval that is missing or too many, and a mark on each of them.

use tidstro_model::{Finding, Mark, Quality, Rule};

use super::finding;
use crate::IntervalBlock;

/// Adds a finding if intervals are missing or too many.
pub(super) fn check(block: &mut IntervalBlock, expected: u32, findings: &mut Vec<Finding>) {
    let expected = expected as usize;
    let is_missing = |mark: Mark| mark.quality() == Quality::Missing;
    // A count without early exit is faster than a search on the usual, complete day.
    let missing = block.marks().iter().filter(|mark| is_missing(**mark)).count();
    if missing == 0 && block.len() == expected {
        return;
    }
    let first_missing = block.marks().iter().position(|mark| is_missing(*mark));
    let first_at_fault = first_missing.unwrap_or(usize::MAX).min(block.len().min(expected));
    findings.push(finding(Rule::Completeness, first_at_fault));
    block.add_finding(Rule::Completeness, |index, _, mark| is_missing(mark) || index >= expected);
}

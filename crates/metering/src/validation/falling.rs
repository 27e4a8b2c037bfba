//! Rule *falling*: a cumulative register never falls.
//!
//! What comes in: a block and the last value of an earlier local day. What goes out: a finding and a mark for
//! each reading below the one before it. A meter exchange begins a new series and so is no fall; a
//! register that overflows is one until somebody looks at it.

use tidstro_model::{Finding, Rule};

use super::finding;
use crate::RegisterBlock;

/// Adds a finding for each reading below the one before it.
pub(super) fn check(block: &mut RegisterBlock, before: Option<i64>, findings: &mut Vec<Finding>) {
    let mut last = before.unwrap_or(i64::MIN);
    for index in 0..block.len() {
        let Some(&value) = block.values().get(index) else { return };
        if value < last {
            findings.push(finding(Rule::Falling, index));
            block.add_finding(index, Rule::Falling);
        }
        last = value;
    }
}

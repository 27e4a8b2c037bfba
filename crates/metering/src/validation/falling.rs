//! Rule *falling*: a cumulative register never falls.
//!
//! What comes in: a block and the last value of an earlier local day. What goes out: a finding and a
//! mark for each reading below the one before it. A meter exchange begins a new series and so is no
//! fall; a register that overflows is one until somebody looks at it.

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

#[cfg(test)]
mod tests {
    use super::{
        super::examples::{listed, readings},
        *,
    };

    #[test]
    fn a_fall_is_found_where_it_happens() {
        for (before, values, found) in [
            (None, vec![5, 5, 6], vec![]),
            (Some(5), vec![5, 6], vec![]),
            (Some(6), vec![5, 6], vec![0]),
            (None, vec![7, 6, 6, 5], vec![1, 3]),
            // An overflow of a five-digit register is a fall until somebody looks at it.
            (Some(99_998), vec![3], vec![0]),
            (Some(6), vec![], vec![]),
        ] {
            let (mut block, mut findings) = (readings(&values), Vec::new());
            check(&mut block, before, &mut findings);
            let found: Vec<_> = found.into_iter().map(|position| (Rule::Falling, position)).collect();
            assert_eq!(listed(&findings), found, "{before:?} {values:?}");
        }
    }
}

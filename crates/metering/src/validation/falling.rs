//! Rule *falling*: a cumulative register never falls.
//!
//! What comes in: a block, the last value of an earlier local day, and how far a register that begins at 0 again may have
//! come. What goes out: a finding and a mark for each reading below the one before it. A meter exchange begins a
//! new series and so is no fall. A register that overflows is none either, if its digits are known and what
//! it would have counted is no spike.

use tidstro_model::Rule;

use super::{Explained, Why, explained};
use crate::RegisterBlock;

/// How a register may begin at 0 again, in steps of the block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Overflow {
    /// What it counts up to.
    pub(super) capacity: i64,
    /// The highest rise that is no spike.
    pub(super) highest_rise: i64,
}

impl Overflow {
    /// Whether a fall is the register beginning at 0 again.
    fn explains(self, before: i64, value: i64) -> bool {
        let rise = i128::from(value) + i128::from(self.capacity) - i128::from(before);
        (0..=i128::from(self.highest_rise)).contains(&rise)
    }
}

/// Adds a finding for each reading below the one before it that is no overflow.
pub(super) fn check(
    block: &mut RegisterBlock,
    before: Option<i64>,
    overflow: Option<Overflow>,
    findings: &mut Vec<Explained>,
) {
    let mut last = before.unwrap_or(i64::MIN);
    for index in 0..block.len() {
        let Some(&value) = block.values().get(index) else { return };
        if value < last && !overflow.is_some_and(|overflow| overflow.explains(last, value)) {
            let why = Why::Falling { before: block.decimal(last), value: block.decimal(value) };
            findings.push(explained(index, why));
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

    fn found(before: Option<i64>, values: &[i64], overflow: Option<Overflow>) -> Vec<(Rule, u32)> {
        let (mut block, mut findings) = (readings(values), Vec::new());
        check(&mut block, before, overflow, &mut findings);
        listed(&findings)
    }

    #[test]
    fn a_fall_is_found_where_it_happens() {
        for (before, values, positions) in [
            (None, vec![5, 5, 6], vec![]),
            (Some(5), vec![5, 6], vec![]),
            (Some(6), vec![5, 6], vec![0]),
            (None, vec![7, 6, 6, 5], vec![1, 3]),
            // An overflow of a five-digit register is a fall while nobody knows its digits.
            (Some(99_998), vec![3], vec![0]),
            (Some(6), vec![], vec![]),
        ] {
            let expected: Vec<_> = positions.into_iter().map(|position| (Rule::Falling, position)).collect();
            assert_eq!(found(before, &values, None), expected, "{before:?} {values:?}");
        }
    }

    /// Worked: five digits, and no rise above 40 is usual.
    #[test]
    fn a_register_with_known_digits_may_begin_at_zero_again() {
        let overflow = Some(Overflow { capacity: 100_000, highest_rise: 40 });
        assert_eq!(found(Some(99_998), &[3, 9], overflow), []);
        assert_eq!(found(Some(99_998), &[38], overflow), []);
        assert_eq!(found(Some(99_998), &[39], overflow), [(Rule::Falling, 0)], "a rise of 41");
        assert_eq!(found(Some(60_000), &[3], overflow), [(Rule::Falling, 0)], "set to zero by hand");
        assert_eq!(found(Some(200_000), &[3], overflow), [(Rule::Falling, 0)], "it has six digits");
    }
}

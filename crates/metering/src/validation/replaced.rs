//! Rule *replaced*: a released value is not replaced lightly.
//!
//! What comes in: a block, what was released of the same local day, a limit. What goes out: a finding and a mark for each
//! value that lies too far from the released one, or whose quality is lower: measured before calculated before
//! estimated. The new value stays; whoever releases it sees what it does to bills already sent.

use tidstro_model::{Decimal, Quality, Rule};

use super::{
    Explained, ReplacedLimit, Thresholds, Why, explained,
    history::{decimal_at, share_of_count},
};
use crate::IntervalBlock;

/// Adds a finding for each value that replaces a released one and is too different, or worse.
pub(super) fn check(
    block: &mut IntervalBlock,
    released: Option<&IntervalBlock>,
    thresholds: &Thresholds,
    findings: &mut Vec<Explained>,
) {
    let Some((released, limit)) = released.zip(thresholds.replaced) else { return };
    let mut found = Vec::new();
    for slot in 0..block.len() {
        if let Some(why) = replaced(block, released, slot, limit) {
            findings.push(explained(slot, why));
            found.push(slot);
        }
    }
    if !found.is_empty() {
        block.add_finding(Rule::Replaced, |slot, _, _| found.contains(&slot));
    }
}

fn replaced(
    block: &IntervalBlock,
    released: &IntervalBlock,
    slot: usize,
    limit: ReplacedLimit,
) -> Option<Why> {
    let (before, value) = (released.decimal(slot)?, block.decimal(slot)?);
    let (old, new) = (released.mark(slot)?.quality(), block.mark(slot)?.quality());
    if rank(new) < rank(old) {
        return Some(Why::ReplacedLower { before: old, after: new });
    }
    // Numbers too large to compare at one power of ten lie far apart.
    let exponent = before.exponent().min(value.exponent());
    let distance = before.in_steps_of(exponent).zip(value.in_steps_of(exponent));
    let steps = allowed(before, limit, exponent);
    let is_far = distance.is_none_or(|(one, other)| one.abs_diff(other) > steps.unsigned_abs());
    is_far.then(|| Why::ReplacedFar { before, value, limit: Decimal::new(steps, exponent) })
}

/// How far the value may move, as a count of `10^exponent`.
fn allowed(before: Decimal, limit: ReplacedLimit, exponent: i8) -> i64 {
    let magnitude = Decimal::new(before.mantissa().saturating_abs(), before.exponent());
    share_of_count(decimal_at(magnitude, exponent), limit.percent).max(decimal_at(limit.floor, exponent))
}

/// The better the quality, the higher.
const fn rank(quality: Quality) -> u8 {
    match quality {
        Quality::Missing => 0,
        Quality::Estimated => 1,
        Quality::Calculated => 2,
        Quality::Measured => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::examples::positions, *};

    fn day(slots: &[(i64, Quality)]) -> IntervalBlock {
        let mut block = IntervalBlock::empty(0);
        slots.iter().for_each(|(value, quality)| block.push(Some(*value), *quality).unwrap());
        block
    }

    /// Ten percent, or 50 if that is more.
    #[test]
    fn a_released_value_moves_a_little_and_never_down_in_quality() {
        use Quality::{Calculated, Estimated, Measured, Missing};
        let thresholds = Thresholds {
            replaced: Some(ReplacedLimit { percent: 10, floor: Decimal::new(5, 1) }),
            ..Thresholds::NONE
        };
        for (old, new, is_found) in [
            ((1_000, Measured), (1_100, Measured), false),
            ((1_000, Measured), (1_101, Measured), true),
            ((1_000, Measured), (899, Measured), true),
            ((100, Estimated), (150, Measured), false),
            ((100, Estimated), (151, Measured), true),
            ((100, Measured), (100, Estimated), true),
            ((100, Calculated), (100, Estimated), true),
            ((100, Estimated), (100, Calculated), false),
            ((0, Missing), (9_999, Measured), false),
            ((100, Measured), (0, Missing), false),
        ] {
            let (mut block, mut findings) = (day(&[new]), Vec::new());
            check(&mut block, Some(&day(&[old])), &thresholds, &mut findings);
            let found = positions(&block, Rule::Replaced, &findings);
            assert_eq!(found, vec![0; usize::from(is_found)], "{old:?} {new:?}");
        }
    }

    #[test]
    fn without_a_release_nothing_is_judged() {
        let mut findings = Vec::new();
        check(&mut day(&[(9, Quality::Measured)]), None, &Thresholds::default(), &mut findings);
        assert_eq!(findings, []);
    }
}

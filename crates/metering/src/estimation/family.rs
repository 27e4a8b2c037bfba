//! A local day of a parent point and of its other children: what they leave for one child.

use tidstro_model::{Decimal, Findings, Quality};

use super::like_days::at_exponent;
use super::{balance, is_refused};
use crate::IntervalBlock;

/// What a parent and its other children measured on one local day, at the child's resolution. It has no `Debug`: values belong
/// to people.
#[derive(Clone, PartialEq, Eq)]
pub struct FamilyDay {
    /// The parent's day.
    pub parent: IntervalBlock,
    /// The day of each other child of the parent; all of them.
    pub others: Vec<IntervalBlock>,
}

impl FamilyDay {
    /// What is left for the child, slot by slot, as counts of `10^exponent` (see [`balance`]). Only values count that were measured or
    /// calculated and failed no rule of `refused`: what was estimated says nothing about somebody else.
    #[must_use]
    pub fn left(&self, (refused, exponent): (Findings, i8)) -> Vec<Option<i64>> {
        let blocks = || std::iter::once(&self.parent).chain(&self.others);
        let finest = blocks().map(IntervalBlock::exponent).min().unwrap_or(exponent);
        let rows: Vec<Vec<Option<i64>>> = blocks().map(|block| counted(block, refused, finest)).collect();
        let Some((parent, others)) = rows.split_first() else { return Vec::new() };
        let others: Vec<&[Option<i64>]> = others.iter().map(Vec::as_slice).collect();
        let left = balance(parent, &others);
        left.into_iter().map(|left| at_exponent(Decimal::new(left?, finest), exponent)).collect()
    }
}

pub(super) fn counted(block: &IntervalBlock, refused: Findings, exponent: i8) -> Vec<Option<i64>> {
    let counts = |slot: usize| {
        let mark = block.mark(slot)?;
        let is_sound = matches!(mark.quality(), Quality::Measured | Quality::Calculated);
        let number = block.decimal(slot).filter(|_| is_sound && !is_refused(mark, refused))?;
        number.in_steps_of(exponent)
    };
    (0..block.len()).map(counts).collect()
}

#[cfg(test)]
mod tests {
    use tidstro_model::Rule;

    use super::*;

    fn block(exponent: i8, values: &[i64]) -> IntervalBlock {
        let mut block = IntervalBlock::empty(exponent);
        values.iter().for_each(|value| block.push(Some(*value), Quality::Measured).unwrap());
        block
    }

    /// Worked, in Wh: 1 000 - 250.4 - 500 = 249.6, which is 250; and 1 000 - 250.5 - 500 = 249.5, which is 250 too.
    #[test]
    fn digits_are_rounded_once_and_guesses_do_not_count() {
        let finer = block(-1, &[2_504, 2_505, 2_500, 2_500]);
        let mut whole = block(0, &[500; 4]);
        whole.set(2, 500, Quality::Estimated).unwrap();
        whole.add_finding(Rule::Spike, |slot, _, _| slot == 3);
        let family = FamilyDay { parent: block(3, &[1; 4]), others: vec![finer, whole] };
        let refused = Findings::of(&[Rule::Spike]);
        assert_eq!(family.left((refused, 0)), [Some(250), Some(250), None, None]);
        assert_eq!(family.left((Findings::of(&[]), -1)), [Some(2_496), Some(2_495), None, Some(2_500)]);
    }
}

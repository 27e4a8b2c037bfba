//! The shape that neighbours of a point, or a check meter, had while the point said nothing.

use tidstro_model::Findings;

use super::family::counted;
use crate::IntervalBlock;

/// The mean of the neighbours is told in thousandths of their steps, so that it keeps the shape of small loads too.
const THOUSANDTHS: i128 = 1_000;

/// For each interval of a local day the mean of those neighbours of which every interval counts; no shares without any. Only
/// their ratios count (see [`Profile`](super::Profile)). A neighbour with a gap, a refused or a negative value is left out of the
/// day whole: otherwise the shape would be that of its gaps.
pub(super) fn shares(neighbours: &[IntervalBlock], refused: Findings) -> Vec<Option<i64>> {
    let finest = neighbours.iter().map(IntervalBlock::exponent).min().unwrap_or(0);
    let whole = |block: &IntervalBlock| -> Option<Vec<i64>> {
        counted(block, refused, finest).into_iter().map(|value| value.filter(|value| *value >= 0)).collect()
    };
    let rows: Vec<Vec<i64>> = neighbours.iter().filter_map(whole).collect();
    let Some(slots) = rows.first().map(Vec::len) else { return Vec::new() };
    (0..slots).map(|slot| mean(&rows, slot)).collect()
}

fn mean(rows: &[Vec<i64>], slot: usize) -> Option<i64> {
    let values: Option<Vec<i128>> = rows.iter().map(|row| row.get(slot).copied().map(i128::from)).collect();
    let sum: i128 = values?.iter().sum();
    i64::try_from(super::fit::rounded(sum * THOUSANDTHS, i128::try_from(rows.len()).ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use tidstro_model::{Quality, Rule};

    use super::*;

    fn block(exponent: i8, values: &[i64]) -> IntervalBlock {
        let mut block = IntervalBlock::empty(exponent);
        values.iter().for_each(|value| block.push(Some(*value), Quality::Measured).unwrap());
        block
    }

    /// Worked, in steps of a tenth of a watt hour: (10 + 25) / 2 = 17.5 and (30 + 0) / 2 = 15.
    #[test]
    fn the_shape_is_the_mean_of_those_that_are_whole() {
        let none = Findings::of(&[]);
        let (one, two) = (block(0, &[1, 3]), block(-1, &[25, 0]));
        assert_eq!(shares(&[one.clone(), two.clone()], none), [Some(17_500), Some(15_000)]);
        let mut silent = block(0, &[900, 900]);
        silent.set(1, 0, Quality::Missing).unwrap();
        let mut guessed = block(0, &[900, 900]);
        guessed.set(0, 900, Quality::Estimated).unwrap();
        let (negative, mut found) = (block(0, &[900, -1]), block(0, &[900, 900]));
        found.add_finding(Rule::Spike, |slot, _, _| slot == 0);
        let refused = Findings::of(&[Rule::Spike]);
        let all = [silent, one, guessed, negative, found];
        assert_eq!(shares(&all, refused), [Some(1_000), Some(3_000)]);
        assert_eq!((shares(&[], none), shares(&all[..1], none)), (vec![], vec![]));
    }

    /// A clock change or another resolution: the shorter row has nothing to say of the last interval.
    #[test]
    fn neighbours_of_another_length_say_nothing_beyond_it() {
        let blocks = [block(0, &[1, 2, 3]), block(0, &[1, 2])];
        assert_eq!(shares(&blocks, Findings::of(&[])), [Some(1_000), Some(2_000), None]);
    }
}

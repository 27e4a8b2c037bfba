//! What a block becomes when more about the same local day arrives.
//!
//! What comes in: the current block and an incoming one of the same series and local day. What goes
//! out: the block that holds both, or nothing if the incoming one says nothing new. A value once there is
//! never lost to a missing one, and a value that replaces another says so in its mark.

use tidstro_model::{Mark, Rule};

use super::{BlockFault, IntervalBlock, RegisterBlock, block::check_count, packing::is_present};

/// Why two blocks do not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MergeFault {
    /// The blocks have different numbers of slots, so they are not of the same local day or resolution.
    #[error("block has {current} slots, the incoming one {incoming}; check local day and resolution")]
    Slots {
        /// Slots of the current block.
        current: usize,
        /// Slots of the incoming block.
        incoming: usize,
    },
    /// A value does not fit in 64 bits at the finer of the two exponents.
    #[error("value {index} does not fit at exponent {exponent}; check the scale of the incoming series")]
    TooLarge {
        /// Index of the value in its block, from 0.
        index: usize,
        /// The finer exponent.
        exponent: i8,
    },
    /// Both together have more values than a block can hold.
    #[error(transparent)]
    Block(#[from] BlockFault),
}

impl IntervalBlock {
    /// The block with what `incoming` adds to `current`; `None` if that is nothing.
    ///
    /// An incoming value wins. Where it replaces a different value, its mark becomes a correction; the
    /// same value with another quality takes the new quality and stays what it was, corrected or not. An
    /// incoming missing slot changes nothing. The result has the finer of the two exponents.
    ///
    /// # Errors
    /// [`MergeFault::Slots`] and [`MergeFault::TooLarge`].
    pub fn merge(current: &Self, incoming: &Self) -> Result<Option<Self>, MergeFault> {
        if current.len() != incoming.len() {
            return Err(MergeFault::Slots { current: current.len(), incoming: incoming.len() });
        }
        let exponent = current.exponent.min(incoming.exponent);
        let mut merged = current.at_exponent(exponent)?;
        let values = rescaled(&incoming.values, incoming.exponent, exponent)?;
        let mut changed = false;
        let slots = merged.values.iter_mut().zip(&mut merged.marks);
        for ((value, mark), new) in slots.zip(values.into_iter().zip(incoming.marks.iter().copied())) {
            let after = merged_slot((*value, *mark), new);
            changed |= after != (*value, *mark);
            (*value, *mark) = after;
        }
        Ok(changed.then_some(merged))
    }

    /// Makes every value that is not as it was in `before` a correction, also one that was missing: others have been
    /// given the day as final.
    ///
    /// # Errors
    /// [`MergeFault::TooLarge`] if the values of `before` do not fit at the exponent of this block.
    pub fn correct_since(&mut self, before: &Self) -> Result<(), MergeFault> {
        let before = before.at_exponent(self.exponent)?;
        let old = before.values.iter().zip(&before.marks);
        for ((value, mark), (old_value, old_mark)) in self.values.iter().zip(&mut self.marks).zip(old) {
            let is_same = value == old_value && mark.quality() == old_mark.quality();
            if !is_same && is_present(*mark) {
                *mark = mark.corrected();
            }
        }
        Ok(())
    }

    /// The same values as counts of a power of ten that is finer or the same.
    pub(crate) fn at_exponent(&self, exponent: i8) -> Result<Self, MergeFault> {
        let values = rescaled(&self.values, self.exponent, exponent)?;
        Ok(Self { exponent, values, marks: self.marks.clone() })
    }
}

fn merged_slot(old: (i64, Mark), new: (i64, Mark)) -> (i64, Mark) {
    let ((old_value, old_mark), (new_value, new_mark)) = (old, new);
    if !is_present(new_mark) {
        return old;
    }
    if !is_present(old_mark) {
        // Where a value was cancelled, another one takes its place.
        return if old_mark.is_correction() { (new_value, new_mark.corrected()) } else { new };
    }
    let same_value = old_value == new_value;
    if same_value && old_mark.quality() == new_mark.quality() {
        return old;
    }
    let corrects = !same_value || old_mark.is_correction();
    (new_value, if corrects { new_mark.corrected() } else { new_mark })
}

impl RegisterBlock {
    /// The block with the readings of both; `None` if `incoming` adds none.
    ///
    /// The same moment with the same value is the same reading. The same moment with another value: the
    /// incoming one wins, as a correction that failed [`Rule::Conflict`]. The result has the finer
    /// exponent.
    ///
    /// # Errors
    /// [`MergeFault::TooLarge`], and [`MergeFault::Block`] if both together are too many.
    pub fn merge(current: &Self, incoming: &Self) -> Result<Option<Self>, MergeFault> {
        let exponent = current.exponent.min(incoming.exponent);
        let old = current.at_exponent(exponent)?;
        let new = incoming.at_exponent(exponent)?;
        let mut merged = Self::empty(exponent);
        let mut changed = false;
        let (mut old, mut new) = (old.readings().peekable(), new.readings().peekable());
        loop {
            let next = match (old.peek().copied(), new.peek().copied()) {
                (None, None) => break,
                (Some(a), Some(b)) if a.0 == b.0 => {
                    old.next();
                    new.next();
                    let both = merged_reading(a, b);
                    changed |= both != a;
                    both
                }
                (Some(a), b) if b.is_none_or(|b| a.0 < b.0) => {
                    old.next();
                    a
                }
                (_, b) => {
                    new.next();
                    changed = true;
                    let Some(b) = b else { break };
                    b
                }
            };
            merged.append(next);
        }
        check_count(merged.len())?;
        Ok(changed.then_some(merged))
    }

    pub(super) fn at_exponent(&self, exponent: i8) -> Result<Self, MergeFault> {
        let values = rescaled(&self.values, self.exponent, exponent)?;
        Ok(Self { exponent, values, offsets: self.offsets.clone(), marks: self.marks.clone() })
    }

    /// Adds a reading that is known to be later.
    fn append(&mut self, (offset, value, mark): (u32, i64, Mark)) {
        self.offsets.push(offset);
        self.values.push(value);
        self.marks.push(mark);
    }
}

fn merged_reading(old: (u32, i64, Mark), new: (u32, i64, Mark)) -> (u32, i64, Mark) {
    if old.1 == new.1 { old } else { (new.0, new.1, new.2.corrected().with(Rule::Conflict)) }
}

/// The values as counts of a power of ten that is finer or the same.
fn rescaled(values: &[i64], from: i8, to: i8) -> Result<Vec<i64>, MergeFault> {
    if from == to {
        return Ok(values.to_vec());
    }
    let finer = |(index, value): (usize, &i64)| {
        let number = tidstro_model::Decimal::new(*value, from).in_steps_of(to);
        number.ok_or(MergeFault::TooLarge { index, exponent: to })
    };
    values.iter().enumerate().map(finer).collect()
}

#[cfg(test)]
mod tests {
    use tidstro_model::Quality;

    use super::*;

    const MEASURED: Mark = Mark::new(Quality::Measured);
    const ESTIMATED: Mark = Mark::new(Quality::Estimated);
    const MISSING: Mark = Mark::new(Quality::Missing);

    fn intervals(exponent: i8, slots: &[(i64, Mark)]) -> IntervalBlock {
        let (values, marks) = slots.iter().copied().unzip();
        IntervalBlock::new(exponent, values, marks).unwrap()
    }

    fn readings(exponent: i8, readings: &[(u32, i64, Mark)]) -> RegisterBlock {
        let mut block = RegisterBlock::empty(exponent);
        for (offset, value, mark) in readings {
            block.push(*offset, *value, *mark).unwrap();
        }
        block
    }

    /// What one slot becomes, or `None` if nothing is new.
    fn merged(current: (i64, Mark), incoming: (i64, Mark)) -> Option<(i64, Mark)> {
        let block = IntervalBlock::merge(&intervals(0, &[current]), &intervals(0, &[incoming])).unwrap();
        block.map(|block| (block.values[0], block.marks[0]))
    }

    #[test]
    fn slots_merge_by_rule() {
        let corrected = MEASURED.corrected();
        for (current, incoming, expected) in [
            ((0, MISSING), (5, MEASURED), Some((5, MEASURED))),
            ((5, MEASURED), (0, MISSING), None),
            ((5, MEASURED), (5, MEASURED), None),
            ((5, MEASURED.with(Rule::Spike)), (5, MEASURED), None),
            ((5, MEASURED), (6, MEASURED), Some((6, corrected))),
            ((5, ESTIMATED), (6, MEASURED), Some((6, corrected))),
            ((5, ESTIMATED), (5, MEASURED), Some((5, MEASURED))),
            ((5, ESTIMATED.corrected()), (5, MEASURED), Some((5, corrected))),
            ((0, MISSING.corrected()), (5, MEASURED), Some((5, corrected))),
            ((0, MISSING), (0, MISSING), None),
            ((0, MEASURED), (0, MISSING), None),
            ((0, MISSING), (0, MEASURED), Some((0, MEASURED))),
        ] {
            assert_eq!(merged(current, incoming), expected, "{current:?} {incoming:?}");
        }
    }

    #[test]
    fn exponents_meet_at_the_finer_one() {
        let (coarse, fine) = (intervals(0, &[(5, MEASURED)]), intervals(-3, &[(5000, MEASURED)]));
        assert_eq!(IntervalBlock::merge(&coarse, &fine), Ok(None));
        let finer = intervals(-3, &[(5001, MEASURED)]);
        let merged = IntervalBlock::merge(&coarse, &finer).unwrap().unwrap();
        assert_eq!((merged.exponent(), merged.value(0)), (-3, Some(5001)));
        let large = intervals(0, &[(i64::MAX, MEASURED)]);
        let fault = IntervalBlock::merge(&large, &fine);
        assert_eq!(fault, Err(MergeFault::TooLarge { index: 0, exponent: -3 }));
    }

    #[test]
    fn days_of_other_length_do_not_merge() {
        let (winter, spring) = (intervals(0, &[(1, MEASURED); 24]), intervals(0, &[(1, MEASURED); 23]));
        let fault = IntervalBlock::merge(&winter, &spring);
        assert_eq!(fault, Err(MergeFault::Slots { current: 24, incoming: 23 }));
    }

    #[test]
    fn readings_merge_by_moment() {
        let current = readings(0, &[(60, 10, MEASURED), (120, 11, MEASURED)]);
        let conflict = MEASURED.corrected().with(Rule::Conflict);
        for (incoming, expected) in [
            (readings(0, &[]), None),
            (readings(0, &[(120, 11, ESTIMATED)]), None),
            (readings(-1, &[(60, 100, MEASURED)]), None),
            (
                readings(0, &[(90, 10, MEASURED), (180, 12, MEASURED)]),
                Some(readings(
                    0,
                    &[(60, 10, MEASURED), (90, 10, MEASURED), (120, 11, MEASURED), (180, 12, MEASURED)],
                )),
            ),
            (
                readings(-1, &[(30, 99, MEASURED), (120, 115, MEASURED)]),
                Some(readings(-1, &[(30, 99, MEASURED), (60, 100, MEASURED), (120, 115, conflict)])),
            ),
        ] {
            assert_eq!(RegisterBlock::merge(&current, &incoming), Ok(expected), "{incoming:?}");
        }
    }

    #[test]
    fn merging_twice_says_nothing_new() {
        let current = readings(0, &[(60, 10, MEASURED)]);
        let incoming = readings(0, &[(60, 11, MEASURED), (70, 12, MEASURED)]);
        let merged = RegisterBlock::merge(&current, &incoming).unwrap().unwrap();
        assert_eq!(RegisterBlock::merge(&merged, &incoming), Ok(None));
    }
}

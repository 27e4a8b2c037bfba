//! One value given another content, by whoever may say so.
//!
//! What comes in: a block, the place of one value, and what it is instead. What goes out: the block with just that changed,
//! or nothing if it says so already. Never: another value than the one named, by number, mark or moment (D.1 § 6).

use tidstro_model::{Decimal, Mark, Quality};

use super::{BlockFault, IntervalBlock, MergeFault, RegisterBlock};

/// Why a value cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditFault {
    /// The new value and the others do not go together.
    #[error(transparent)]
    Merge(#[from] MergeFault),
    /// There is no such place.
    #[error(transparent)]
    Block(#[from] BlockFault),
}

impl IntervalBlock {
    /// The block with this value in a slot; without one the slot is missing, as if nothing had ever been said. `None` if
    /// it is so already.
    ///
    /// What takes the place of a value is a correction. The result has the finer of the two exponents.
    ///
    /// # Errors
    /// [`EditFault`]: no such slot, or a value that does not fit beside the others.
    pub fn with_value(
        &self,
        slot: u32,
        value: Option<(Decimal, Quality)>,
    ) -> Result<Option<Self>, EditFault> {
        let index = slot as usize;
        let Some(old) = self.mark(index) else {
            return Err(BlockFault::NoSuchSlot { slot, count: self.len() }.into());
        };
        let value = value.filter(|(_, quality)| *quality != Quality::Missing);
        let is_same = value.map(|(_, quality)| quality) == present(old)
            && value.map(|(number, _)| number) == self.decimal(index);
        if is_same {
            return Ok(None);
        }
        let exponent = value.map_or(self.exponent, |(number, _)| number.exponent().min(self.exponent));
        let mut block = self.at_exponent(exponent)?;
        let (number, quality) = value.unwrap_or((Decimal::ZERO, Quality::Missing));
        let count = number.in_steps_of(exponent).ok_or(MergeFault::TooLarge { index, exponent })?;
        block.set(slot, count, quality)?;
        if let Some(mark) = block.marks.get_mut(index)
            && (present(old).is_some() || old.is_correction())
        {
            *mark = mark.corrected();
        }
        Ok(Some(block))
    }
}

impl RegisterBlock {
    /// The block with this reading at an offset (seconds since the day's first instant); without one there is no reading
    /// there. `None` if it is so already.
    ///
    /// What takes the place of a reading is a correction. The result has the finer of the two exponents.
    ///
    /// # Errors
    /// [`EditFault`]: too many readings, or a value that does not fit beside the others.
    pub fn with_reading(
        &self,
        offset: u32,
        value: Option<(Decimal, Quality)>,
    ) -> Result<Option<Self>, EditFault> {
        let value = value.filter(|(_, quality)| *quality != Quality::Missing);
        let old = self.readings().find(|(at, ..)| *at == offset);
        let is_same = value.map(|(_, quality)| quality) == old.map(|(_, _, mark)| mark.quality())
            && value.map(|(number, _)| number) == old.map(|(_, value, _)| self.decimal(value));
        if is_same {
            return Ok(None);
        }
        let exponent = value.map_or(self.exponent, |(number, _)| number.exponent().min(self.exponent));
        let mut readings: Vec<_> =
            self.at_exponent(exponent)?.readings().filter(|(at, ..)| *at != offset).collect();
        if let Some((number, quality)) = value {
            let too_large = MergeFault::TooLarge { index: readings.len(), exponent };
            let mark = Mark::new(quality);
            let mark = if old.is_some() { mark.corrected() } else { mark };
            readings.push((offset, number.in_steps_of(exponent).ok_or(too_large)?, mark));
            readings.sort_unstable_by_key(|(at, ..)| *at);
        }
        let mut block = Self::empty(exponent);
        for (at, value, mark) in readings {
            block.push(at, value, mark)?;
        }
        Ok(Some(block))
    }
}

/// The quality of a value that is there.
fn present(mark: Mark) -> Option<Quality> {
    Some(mark.quality()).filter(|quality| *quality != Quality::Missing)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};
    use tidstro_model::Rule;

    use super::*;

    const MEASURED: Quality = Quality::Measured;

    fn hours(values: &[Option<i64>]) -> IntervalBlock {
        let mut block = IntervalBlock::empty(0);
        values.iter().for_each(|value| block.push(*value, MEASURED).unwrap());
        block
    }

    /// What a slot has become.
    fn slot(block: &IntervalBlock, slot: usize) -> (Option<Decimal>, Quality, bool) {
        let mark = block.mark(slot).unwrap();
        (block.decimal(slot), mark.quality(), mark.is_correction())
    }

    #[test]
    fn what_takes_a_values_place_is_a_correction() {
        let block = hours(&[Some(100), None]);
        let half = Decimal::new(1005, -1);
        let edited = block.with_value(0, Some((half, Quality::Estimated))).unwrap().unwrap();
        assert_eq!(slot(&edited, 0), (Some(half), Quality::Estimated, true));
        assert_eq!(block.with_value(0, Some((Decimal::new(100, 0), MEASURED))), Ok(None));
        let first = block.with_value(1, Some((half, MEASURED))).unwrap().unwrap();
        assert_eq!(slot(&first, 1), (Some(half), MEASURED, false), "nothing was there");
        assert_eq!(
            block.with_value(2, None),
            Err(EditFault::Block(BlockFault::NoSuchSlot { slot: 2, count: 2 }))
        );
    }

    #[test]
    fn a_cancelled_value_is_missing_and_what_comes_after_it_corrects() {
        let cancelled = hours(&[Some(100), None]).with_value(0, None).unwrap().unwrap();
        assert_eq!(slot(&cancelled, 0), (None, Quality::Missing, true));
        assert_eq!(cancelled.with_value(0, None), Ok(None));
        assert_eq!(cancelled.with_value(1, None), Ok(None), "nothing to cancel");
        let again = IntervalBlock::merge(&cancelled, &hours(&[Some(100), None])).unwrap().unwrap();
        assert_eq!(slot(&again, 0), (Some(Decimal::new(100, 0)), MEASURED, true));
    }

    #[test]
    fn readings_keep_their_moments() {
        let mut block = RegisterBlock::empty(0);
        for (offset, value) in [(60, 10), (120, 11)] {
            block.push(offset, value, Mark::new(MEASURED)).unwrap();
        }
        let at =
            |block: &RegisterBlock| block.readings().map(|(at, value, _)| (at, value)).collect::<Vec<_>>();
        let new = |number| Some((Decimal::new(number, 0), MEASURED));
        let changed = block.with_reading(120, new(12)).unwrap().unwrap();
        assert_eq!(at(&changed), [(60, 10), (120, 12)]);
        assert!(changed.readings().map(|(.., mark)| mark.is_correction()).eq([false, true]));
        assert_eq!(at(&block.with_reading(90, new(10)).unwrap().unwrap()), [(60, 10), (90, 10), (120, 11)]);
        assert_eq!(at(&block.with_reading(60, None).unwrap().unwrap()), [(120, 11)]);
        assert_eq!(block.with_reading(60, new(10)), Ok(None));
        assert_eq!(block.with_reading(61, None), Ok(None));
    }

    proptest! {
        /// No edit changes any other interval: neither number nor mark.
        #[test]
        fn no_edit_changes_any_other_interval(
            values in vec((any::<i32>(), 0..4_u8, any::<bool>()), 23..100), at in 0..100_u32,
            edit in proptest::option::of((any::<i32>(), -3..3_i8)),
        ) {
            let quality = |code| match code {
                0 => MEASURED,
                1 => Quality::Estimated,
                2 => Quality::Missing,
                _ => Quality::Calculated,
            };
            let mut block = IntervalBlock::empty(0);
            for (value, code, found) in &values {
                block.push(Some(i64::from(*value)), quality(*code)).unwrap();
                let last = block.len() - 1;
                block.add_finding(Rule::Spike, |slot, _, _| slot == last && *found);
            }
            let slot = at % u32::try_from(values.len()).unwrap();
            let value = edit.map(|(number, exponent)| (Decimal::new(number.into(), exponent), MEASURED));
            if let Some(edited) = block.with_value(slot, value).unwrap() {
                for other in (0..block.len()).filter(|other| *other != slot as usize) {
                    prop_assert_eq!(edited.decimal(other), block.decimal(other));
                    prop_assert_eq!(edited.mark(other), block.mark(other));
                }
                prop_assert_eq!(edited.decimal(slot as usize), value.map(|(number, _)| number));
            } else {
                prop_assert_eq!(block.decimal(slot as usize), value.map(|(number, _)| number));
            }
        }
    }
}

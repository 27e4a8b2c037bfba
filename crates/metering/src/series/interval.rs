//! Energy or volume per interval of a local day.
//!
//! What comes in: values and marks by slot. What goes out: a block in which every slot of the local
//! day has its place. A missing slot is missing: no accessor gives a number for it.

use tidstro_model::{Decimal, Findings, Mark, Quality, Rule};

use super::{
    BlockFault,
    block::{INTERVAL, check_count, to_judge_again},
    month::Shape,
    packing::{Bytes, Frame, is_present, write_frame, write_marks, write_number},
};

/// The values of one local day, one per interval; slot `i` begins `i` intervals after local midnight.
///
/// 23, 24 or 25 hours, 92, 96 or 100 quarters. Values count `10^exponent` of the series' unit.
///
/// ```
/// use tidstro_metering::IntervalBlock;
/// use tidstro_model::Quality;
///
/// let mut block = IntervalBlock::all_missing(0, 24)?;
/// block.set(7, 125, Quality::Measured)?;
/// assert_eq!(block.value(7), Some(125));
/// assert_eq!(block.value(8), None);
/// # Ok::<(), tidstro_metering::BlockFault>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntervalBlock {
    pub(super) exponent: i8,
    /// INVARIANT: as long as `marks`, at most `MAX_VALUES`, 0 where the mark says missing.
    pub(super) values: Vec<i64>,
    pub(super) marks: Vec<Mark>,
}

impl IntervalBlock {
    /// The block with these values and marks.
    ///
    /// # Errors
    /// [`BlockFault::Lengths`], [`BlockFault::TooMany`], and [`BlockFault::MissingHasValue`] for a
    /// missing slot whose value is not 0.
    pub fn new(exponent: i8, values: Vec<i64>, marks: Vec<Mark>) -> Result<Self, BlockFault> {
        if values.len() != marks.len() {
            return Err(BlockFault::Lengths { values: values.len(), others: marks.len() });
        }
        check_count(values.len())?;
        let slots = values.iter().zip(&marks);
        match slots.clone().position(|(value, mark)| !is_present(*mark) && *value != 0) {
            Some(slot) => Err(BlockFault::MissingHasValue { slot }),
            None => Ok(Self { exponent, values, marks }),
        }
    }

    /// A block without slots, to be filled by [`IntervalBlock::push`] or [`IntervalBlock::decode_into`].
    #[must_use]
    pub const fn empty(exponent: i8) -> Self {
        Self { exponent, values: Vec::new(), marks: Vec::new() }
    }

    /// A block of `slots` missing values, to be filled by [`IntervalBlock::set`].
    ///
    /// # Errors
    /// [`BlockFault::TooMany`].
    pub fn all_missing(exponent: i8, slots: u32) -> Result<Self, BlockFault> {
        let mut block = Self::empty(exponent);
        block.refill_missing(exponent, slots)?;
        Ok(block)
    }

    /// Makes this a block of `slots` missing values again and keeps its memory.
    ///
    /// # Errors
    /// [`BlockFault::TooMany`]; the block is unchanged then.
    pub fn refill_missing(&mut self, exponent: i8, slots: u32) -> Result<(), BlockFault> {
        let count = slots as usize;
        check_count(count)?;
        self.clear(exponent);
        self.values.resize(count, 0);
        self.marks.resize(count, Mark::new(Quality::Missing));
        Ok(())
    }

    /// Makes this a block without slots and keeps its memory.
    pub fn clear(&mut self, exponent: i8) {
        self.exponent = exponent;
        self.values.clear();
        self.marks.clear();
    }

    /// Adds the next slot; `None` with any quality, or quality missing, is a missing slot.
    ///
    /// # Errors
    /// [`BlockFault::TooMany`].
    pub fn push(&mut self, value: Option<i64>, quality: Quality) -> Result<(), BlockFault> {
        check_count(self.values.len() + 1)?;
        let (value, mark) = slot(value, quality);
        self.values.push(value);
        self.marks.push(mark);
        Ok(())
    }

    /// Gives a slot its value. With quality missing the slot becomes missing, whatever the value.
    ///
    /// # Errors
    /// [`BlockFault::NoSuchSlot`].
    #[inline]
    pub fn set(&mut self, at: u32, value: i64, quality: Quality) -> Result<(), BlockFault> {
        let index = at as usize;
        match (self.values.get_mut(index), self.marks.get_mut(index)) {
            (Some(old_value), Some(old_mark)) => {
                (*old_value, *old_mark) = slot(Some(value), quality);
                Ok(())
            }
            _ => Err(BlockFault::NoSuchSlot { slot: at, count: self.marks.len() }),
        }
    }

    /// Notes on each slot `matches` says yes to that it failed the rule.
    pub(crate) fn add_finding(&mut self, rule: Rule, matches: impl Fn(usize, i64, Mark) -> bool) {
        for (index, (value, mark)) in self.values.iter().zip(&mut self.marks).enumerate() {
            if matches(index, *value, *mark) {
                *mark = mark.with(rule);
            }
        }
    }

    /// Gives a slot a value that is there, and its mark.
    pub(crate) fn put(&mut self, slot: usize, value: i64, mark: Mark) {
        if let (Some(old_value), Some(old_mark)) = (self.values.get_mut(slot), self.marks.get_mut(slot))
            && is_present(mark)
        {
            (*old_value, *old_mark) = (value, mark);
        }
    }

    /// Takes away what the rules have found that judge again; what comes from elsewhere stays.
    pub fn clear_judged(&mut self) {
        self.marks.iter_mut().for_each(|mark| *mark = to_judge_again(*mark));
    }

    /// Takes away what other rules than these have found.
    pub(crate) fn keep_findings(&mut self, rules: Findings) {
        self.marks.iter_mut().for_each(|mark| *mark = mark.keeping(rules));
    }

    /// The same values as before validation.
    #[cfg(test)]
    pub(crate) fn without_findings(&self) -> Self {
        let marks = self.marks.iter().map(|mark| mark.without_findings()).collect();
        Self { exponent: self.exponent, values: self.values.clone(), marks }
    }

    /// Power of ten of the values.
    #[must_use]
    pub const fn exponent(&self) -> i8 {
        self.exponent
    }

    /// Number of slots, missing ones too.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether the block has no slots at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The value of a slot in `10^exponent` of the unit; `None` if it is missing or there is no such slot.
    #[must_use]
    pub fn value(&self, slot: usize) -> Option<i64> {
        let mark = self.marks.get(slot)?;
        if is_present(*mark) { self.values.get(slot).copied() } else { None }
    }

    /// [`IntervalBlock::value`] with its power of ten.
    #[must_use]
    pub fn decimal(&self, slot: usize) -> Option<Decimal> {
        self.value(slot).map(|value| Decimal::new(value, self.exponent))
    }

    /// The mark of a slot; `None` if there is no such slot.
    #[must_use]
    pub fn mark(&self, slot: usize) -> Option<Mark> {
        self.marks.get(slot).copied()
    }

    /// The marks of all slots, in order.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Value and mark of all slots, in order; the value is `None` where missing.
    pub fn slots(&self) -> impl Iterator<Item = (Option<i64>, Mark)> + Clone {
        self.values.iter().zip(&self.marks).map(|(value, mark)| (is_present(*mark).then_some(*value), *mark))
    }

    /// Number of slots that are not missing.
    #[must_use]
    pub fn present(&self) -> usize {
        self.marks.iter().filter(|mark| is_present(**mark)).count()
    }

    /// The same, as several days of which there is one.
    pub(crate) fn days(&self) -> IntervalDays<'_> {
        let Self { exponent, values, marks } = self;
        IntervalDays { exponent: *exponent, lengths: Lengths::One(values.len()), values, marks }
    }

    /// The values with 0 in missing slots, for scans that cannot be misled by a 0.
    pub(crate) fn values_zero_if_missing(&self) -> &[i64] {
        &self.values
    }

    /// Appends the block's bytes to `out`; the form is in the module `block`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.reserve(16 + self.values.len() * 2);
        out.extend_from_slice(&[INTERVAL, self.exponent.cast_unsigned()]);
        write_number(self.values.len() as u64, out);
        if self.marks.iter().all(|mark| is_present(*mark)) {
            write_frame(self.values.iter().copied(), out);
        } else {
            let least = self.slots().filter_map(|(value, _)| value).min().unwrap_or(0);
            write_frame(self.slots().map(|(value, _)| value.unwrap_or(least)), out);
        }
        write_marks(&self.marks, out);
    }

    /// Reads the bytes of exactly one interval block into `into`, whose memory is used again. After a
    /// fault `into` is an empty block.
    ///
    /// # Errors
    /// [`BlockFault`] for any bytes [`IntervalBlock::encode`] does not write.
    pub fn decode_into(bytes: &[u8], into: &mut Self) -> Result<(), BlockFault> {
        let read = into.read(&mut Bytes::new(bytes));
        if read.is_err() {
            into.clear(0);
        }
        read
    }

    fn read(&mut self, bytes: &mut Bytes<'_>) -> Result<(), BlockFault> {
        match bytes.byte()? {
            INTERVAL => self.exponent = bytes.byte()?.cast_signed(),
            got => return Err(BlockFault::UnknownKind { got }),
        }
        let count = bytes.count()?;
        let frame = bytes.frame(count, &mut self.values)?;
        bytes.marks(count, &mut self.marks)?;
        bytes.end()?;
        self.clear_missing(frame).ok_or(BlockFault::OtherForm { at: 0 })
    }

    /// Turns the least value, which stands in missing slots, into 0; `None` if another stands there.
    fn clear_missing(&mut self, frame: Frame) -> Option<()> {
        if !frame.is_least_of(self.slots().filter_map(|(value, _)| value)) {
            return None;
        }
        for (value, mark) in self.values.iter_mut().zip(&self.marks) {
            if !is_present(*mark) {
                if *value != frame.least() {
                    return None;
                }
                *value = 0;
            }
        }
        Some(())
    }
}

/// The values of local days of one series that follow each other, without a copy.
#[derive(Debug, Clone, Copy)]
pub struct IntervalDays<'a> {
    pub(crate) exponent: i8,
    pub(super) lengths: Lengths<'a>,
    /// INVARIANT: as long as `marks` and as all days together, 0 where the mark says missing.
    pub(crate) values: &'a [i64],
    pub(crate) marks: &'a [Mark],
}

/// How many values each day has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lengths<'a> {
    /// One day.
    One(usize),
    /// Days of a month.
    Of(&'a [(Shape, usize)]),
}

impl IntervalDays<'_> {
    /// Number of values of each day, in order.
    pub(crate) fn each_length(&self) -> impl Iterator<Item = usize> {
        let (one, of): (_, &[_]) = match self.lengths {
            Lengths::One(length) => (Some(length), &[]),
            Lengths::Of(shapes) => (None, shapes),
        };
        one.into_iter().chain(of.iter().map(|(shape, _)| shape.count))
    }
}

/// What is kept for a slot.
fn slot(value: Option<i64>, quality: Quality) -> (i64, Mark) {
    match (value, quality) {
        (Some(value), Quality::Measured | Quality::Estimated | Quality::Calculated) => {
            (value, Mark::new(quality))
        }
        _ => (0, Mark::new(Quality::Missing)),
    }
}

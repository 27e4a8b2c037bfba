//! Readings of a register at instants of a local day.
//!
//! What comes in: readings with their second since local midnight, in order. What goes out: a
//! block in which each reading keeps its own moment. A reading that was not made is not there.

use tidstro_model::{Decimal, Mark, Rule};

use super::{
    BlockFault,
    block::{REGISTER, check_count, to_judge_again},
    packing::{Bytes, is_present, write_frame, write_marks, write_number},
};

/// The readings of one local day. Values count `10^exponent` of the series' unit; offsets are seconds
/// since the day's first instant and strictly rise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterBlock {
    pub(super) exponent: i8,
    /// INVARIANT: strictly rising; `values` and `marks` have the same length; no mark says missing.
    pub(super) offsets: Vec<u32>,
    pub(super) values: Vec<i64>,
    pub(super) marks: Vec<Mark>,
}

impl RegisterBlock {
    /// The block with these readings.
    ///
    /// # Errors
    /// [`BlockFault::Lengths`], [`BlockFault::TooMany`], [`BlockFault::NotRising`] and
    /// [`BlockFault::MissingReading`].
    pub fn new(
        exponent: i8,
        offsets: Vec<u32>,
        values: Vec<i64>,
        marks: Vec<Mark>,
    ) -> Result<Self, BlockFault> {
        for others in [offsets.len(), marks.len()] {
            if others != values.len() {
                return Err(BlockFault::Lengths { values: values.len(), others });
            }
        }
        check_count(values.len())?;
        if let Some(index) = offsets.iter().zip(offsets.iter().skip(1)).position(|(a, b)| a >= b) {
            return Err(BlockFault::NotRising { index: index + 1 });
        }
        match marks.iter().position(|mark| !is_present(*mark)) {
            Some(index) => Err(BlockFault::MissingReading { index }),
            None => Ok(Self { exponent, offsets, values, marks }),
        }
    }

    /// A block without readings, to be filled by [`RegisterBlock::push`].
    #[must_use]
    pub const fn empty(exponent: i8) -> Self {
        Self { exponent, offsets: Vec::new(), values: Vec::new(), marks: Vec::new() }
    }

    /// Makes this a block without readings and keeps its memory.
    pub fn clear(&mut self, exponent: i8) {
        self.exponent = exponent;
        self.offsets.clear();
        self.values.clear();
        self.marks.clear();
    }

    /// Adds a later reading, `offset` seconds after the day's first instant.
    ///
    /// # Errors
    /// [`BlockFault::NotRising`], [`BlockFault::MissingReading`], [`BlockFault::TooMany`]; the block is
    /// unchanged then.
    pub fn push(&mut self, offset: u32, value: i64, mark: Mark) -> Result<(), BlockFault> {
        let index = self.len();
        check_count(index + 1)?;
        if self.offsets.last().is_some_and(|last| *last >= offset) {
            return Err(BlockFault::NotRising { index });
        }
        if !is_present(mark) {
            return Err(BlockFault::MissingReading { index });
        }
        self.offsets.push(offset);
        self.values.push(value);
        self.marks.push(mark);
        Ok(())
    }

    /// Notes on a reading that it failed the rule.
    pub(crate) fn add_finding(&mut self, index: usize, rule: Rule) {
        if let Some(mark) = self.marks.get_mut(index) {
            *mark = mark.with(rule);
        }
    }

    /// Takes away what the rules have found that judge again; what comes from elsewhere stays.
    pub fn clear_judged(&mut self) {
        self.marks.iter_mut().for_each(|mark| *mark = to_judge_again(*mark));
    }

    /// Power of ten of the values.
    #[must_use]
    pub const fn exponent(&self) -> i8 {
        self.exponent
    }

    /// Number of readings.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no reading.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The readings in order: seconds since the day's first instant, value in `10^exponent` of the
    /// unit, mark.
    pub fn readings(&self) -> impl DoubleEndedIterator<Item = (u32, i64, Mark)> + ExactSizeIterator + Clone {
        let rest = self.values.iter().zip(&self.marks);
        self.offsets.iter().zip(rest).map(|(offset, (value, mark))| (*offset, *value, *mark))
    }

    /// The last reading's value, in `10^exponent` of the unit.
    #[must_use]
    pub fn last_value(&self) -> Option<i64> {
        self.values.last().copied()
    }

    /// The values in order, in `10^exponent` of the unit.
    #[must_use]
    pub fn values(&self) -> &[i64] {
        &self.values
    }

    /// A value of this block with its power of ten.
    #[must_use]
    pub const fn decimal(&self, value: i64) -> Decimal {
        Decimal::new(value, self.exponent)
    }

    /// Appends the block's bytes to `out`; the form is in the module `block`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.reserve(24 + self.values.len() * 4);
        out.extend_from_slice(&[REGISTER, self.exponent.cast_unsigned()]);
        write_number(self.values.len() as u64, out);
        write_frame(distances(&self.offsets), out);
        write_frame(self.values.iter().copied(), out);
        write_marks(&self.marks, out);
    }

    /// Reads the bytes of exactly one register block.
    ///
    /// # Errors
    /// [`BlockFault`] for any bytes [`RegisterBlock::encode`] does not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, BlockFault> {
        let bytes = &mut Bytes::new(bytes);
        let exponent = match bytes.byte()? {
            REGISTER => bytes.byte()?.cast_signed(),
            got => return Err(BlockFault::UnknownKind { got }),
        };
        let count = bytes.count()?;
        let (mut values, mut marks) = (Vec::new(), Vec::new());
        let frame = bytes.frame(count, &mut values)?;
        let least_is_there = frame.is_least_of(values.iter().copied());
        let offsets = offsets(&values)?;
        let frame = bytes.frame(count, &mut values)?;
        if !least_is_there || !frame.is_least_of(values.iter().copied()) {
            return Err(BlockFault::OtherForm { at: 0 });
        }
        bytes.marks(count, &mut marks)?;
        bytes.end()?;
        Self::new(exponent, offsets, values, marks)
    }
}

/// The first offset, then how many seconds lie between two readings (0: the very next second).
pub(super) fn distances(offsets: &[u32]) -> impl Iterator<Item = i64> + Clone {
    let mut next = 0_i64;
    offsets.iter().map(move |offset| {
        let distance = i64::from(*offset) - next;
        next = i64::from(*offset) + 1;
        distance
    })
}

/// The offsets with these [`distances`].
pub(super) fn offsets(distances: &[i64]) -> Result<Vec<u32>, BlockFault> {
    let mut next = 0_i64;
    let offset = |(index, distance): (usize, &i64)| {
        let offset = next.checked_add(*distance).filter(|_| *distance >= 0);
        let offset = offset.and_then(|offset| u32::try_from(offset).ok());
        let offset = offset.ok_or(BlockFault::NotRising { index })?;
        next = i64::from(offset) + 1;
        Ok(offset)
    };
    distances.iter().enumerate().map(offset).collect()
}

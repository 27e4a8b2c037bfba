//! The month: every version of one series in one local month, and its bytes.
//!
//! What comes in: versions, each a block of one local day, or bytes from the store. What goes out: the other. A month that is
//! closed is read far more often than it is changed, nearly always for its newest versions: those lie together in front,
//! so that a year's chart and a settlement read them without touching the older ones. Never: a version more or less,
//! or one of another value.
//!
//! A month is two pieces of bytes: the index ([`MonthIndex`]), which says in the clear which versions there are, and the
//! values, which the store seals. Form of the values, format 1 (`number`, frame and runs as in the module `block`):
//!
//! | part | bytes |
//! |---|---|
//! | kind and format | `0x31` intervals, `0x41` register readings |
//! | shapes of the newest versions | runs: exponent (1, signed), number of values, number of days |
//! | offsets (register only) | frames of the distances inside each day |
//! | values | frames of 128 values; a missing slot stands as the least value of its frame; of registers the differences |
//! | marks | runs over all days |
//! | older versions | each as a difference from the one after it, or as a whole block: module `older` |

mod index;
mod older;
mod shape;
#[cfg(test)]
mod tests;

pub use index::{MonthIndex, VersionOf};

use std::ops::Range;

use tidstro_model::Mark;

use super::interval::Lengths;
use super::packing::{Bytes, all_present, is_present, write_frames, write_marks};
use super::register::{distances, offsets};
use super::{Block, BlockFault, IntervalBlock, IntervalDays, RegisterBlock};
pub(super) use shape::Shape;
use shape::{read_shapes, write_shapes};

/// First byte of the values of an interval series, format 1.
const INTERVAL: u8 = 0x31;
/// First byte of the values of a register series, format 1.
const REGISTER: u8 = 0x41;

/// Values that all versions of a month together can hold at most: about 60 MB while it is read.
pub const MAX_MONTH_VALUES: usize = 4_000_000;

/// Why versions or bytes are not a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MonthFault {
    /// There is nothing to keep.
    #[error("month has no version; keep no row for it")]
    NoVersion,
    /// A day that no month has.
    #[error("month has no day {day}; give 1 to 31")]
    NoSuchDay {
        /// The day given.
        day: u8,
    },
    /// Two versions of one day with one registration.
    #[error("day {day} has two versions of registration {seq}; restore the month from a backup")]
    Twice {
        /// Day of the month.
        day: u8,
        /// The registration.
        seq: i64,
    },
    /// More older versions than a month can hold.
    #[error("month of {count} older versions is too large; leave its days as they are")]
    TooManyVersions {
        /// Number of older versions.
        count: usize,
    },
    /// More than [`MAX_MONTH_VALUES`].
    #[error("month of more than {MAX_MONTH_VALUES} values is too large; leave its days as they are")]
    TooManyValues,
    /// Interval and register blocks in one series.
    #[error("month holds blocks of both kinds; a series has one")]
    BothKinds,
    /// Index and values say different things.
    #[error("index names {index} days but the values have {values}; restore the month from a backup")]
    OtherIndex {
        /// Days of the index.
        index: usize,
        /// Days of the values.
        values: usize,
    },
    /// A part of the bytes is not as a block is written.
    #[error(transparent)]
    Block(#[from] BlockFault),
}

/// One version with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthVersion {
    /// Which one.
    pub of: VersionOf,
    /// Its values.
    pub block: Block,
}

/// Writes a month: its index, and its values to be sealed. The order of `versions` does not matter.
///
/// # Errors
/// [`MonthFault`] for versions that are not those of one month of one series.
pub fn encode_month(versions: &[MonthVersion]) -> Result<(MonthIndex, Vec<u8>), MonthFault> {
    let index = MonthIndex::of(versions.iter().map(|version| version.of))?;
    if versions.iter().map(|version| count_of(&version.block)).sum::<usize>() > MAX_MONTH_VALUES {
        return Err(MonthFault::TooManyValues);
    }
    let mut sorted: Vec<&MonthVersion> = versions.iter().collect();
    sorted.sort_unstable_by_key(|version| version.of);
    let found = |of: &VersionOf| {
        let at = sorted.binary_search_by_key(of, |version| version.of).ok();
        at.and_then(|at| sorted.get(at)).map(|version| &version.block).ok_or(MonthFault::NoVersion)
    };
    let newest: Vec<&Block> = index.newest().iter().map(found).collect::<Result<_, _>>()?;
    let mut out = Vec::new();
    match newest.first() {
        Some(Block::Interval(_)) => encode_intervals(&newest, &mut out)?,
        _ => encode_registers(&newest, &mut out)?,
    }
    for version in index.older() {
        let after =
            index.versions().filter(|other| other.day == version.day && other.seq > version.seq).min();
        let after = after.ok_or(MonthFault::NoVersion)?;
        older::write((found(&after)?, found(version)?), &mut out)?;
    }
    Ok((index, out))
}

fn count_of(block: &Block) -> usize {
    match block {
        Block::Interval(block) => block.len(),
        Block::Register(block) => block.len(),
    }
}

fn encode_intervals(newest: &[&Block], out: &mut Vec<u8>) -> Result<(), MonthFault> {
    let (mut shapes, mut values, mut marks) = (Vec::new(), Vec::new(), Vec::new());
    for block in newest {
        let Block::Interval(block) = block else { return Err(MonthFault::BothKinds) };
        shapes.push(Shape { exponent: block.exponent, count: block.len() });
        values.extend_from_slice(&block.values);
        marks.extend_from_slice(&block.marks);
    }
    fill_missing(&mut values, &marks);
    out.push(INTERVAL);
    write_shapes(&shapes, out);
    write_frames(&values, out);
    write_marks(&marks, out);
    Ok(())
}

fn encode_registers(newest: &[&Block], out: &mut Vec<u8>) -> Result<(), MonthFault> {
    let (mut shapes, mut gaps, mut steps, mut marks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut before = 0_i64;
    for block in newest {
        let Block::Register(block) = block else { return Err(MonthFault::BothKinds) };
        shapes.push(Shape { exponent: block.exponent, count: block.len() });
        gaps.extend(distances(&block.offsets));
        steps.extend(block.values.iter().map(|value| {
            let step = value.wrapping_sub(before);
            before = *value;
            step
        }));
        marks.extend_from_slice(&block.marks);
    }
    out.push(REGISTER);
    write_shapes(&shapes, out);
    write_frames(&gaps, out);
    write_frames(&steps, out);
    write_marks(&marks, out);
    Ok(())
}

/// Gives missing slots the least value of their frame, so that they cost no width.
fn fill_missing(values: &mut [i64], marks: &[Mark]) {
    use super::packing::FRAME_VALUES;
    for (values, marks) in values.chunks_mut(FRAME_VALUES).zip(marks.chunks(FRAME_VALUES)) {
        if marks.iter().all(|mark| is_present(*mark)) {
            continue;
        }
        let present = values.iter().zip(marks).filter(|(_, mark)| is_present(**mark));
        let least = present.map(|(value, _)| *value).min().unwrap_or(0);
        for (value, mark) in values.iter_mut().zip(marks) {
            if !is_present(*mark) {
                *value = least;
            }
        }
    }
}

/// The values of an opened month. Memory is used again from month to month.
#[derive(Debug, Default)]
pub struct Month {
    is_register: bool,
    /// Shape and first position of each newest version.
    shapes: Vec<(Shape, usize)>,
    values: Vec<i64>,
    /// Of register readings; as long as `values` then.
    offsets: Vec<u32>,
    marks: Vec<Mark>,
    /// What follows the newest versions.
    older: Vec<u8>,
    scratch: Vec<i64>,
}

impl Month {
    /// Reads the newest versions; the older ones stay bytes until [`Month::older`] is asked for them. After a fault the month
    /// is empty.
    ///
    /// # Errors
    /// [`MonthFault`] for bytes that [`encode_month`] does not write.
    pub fn read(&mut self, index: &MonthIndex, bytes: &[u8]) -> Result<(), MonthFault> {
        let read = self.read_newest(index.newest().len(), bytes);
        if read.is_err() {
            *self = Self::default();
        }
        read
    }

    fn read_newest(&mut self, days: usize, bytes: &[u8]) -> Result<(), MonthFault> {
        let bytes = &mut Bytes::new(bytes);
        self.is_register = match bytes.byte()? {
            INTERVAL => false,
            REGISTER => true,
            got => return Err(BlockFault::UnknownKind { got }.into()),
        };
        let count = read_shapes(bytes, days, &mut self.shapes)?;
        self.offsets.clear();
        if self.is_register {
            self.read_registers(bytes, count)?;
        } else {
            bytes.frames(count, &mut self.values)?;
            bytes.marks(count, &mut self.marks)?;
            self.clear_missing()?;
        }
        self.older.clear();
        self.older.extend_from_slice(bytes.rest());
        Ok(())
    }

    fn read_registers(&mut self, bytes: &mut Bytes<'_>, count: usize) -> Result<(), MonthFault> {
        bytes.frames(count, &mut self.scratch)?;
        for (shape, begin) in &self.shapes {
            let gaps = self.scratch.get(*begin..begin + shape.count).unwrap_or_default();
            self.offsets.extend(offsets(gaps)?);
        }
        bytes.frames(count, &mut self.values)?;
        let mut before = 0_i64;
        for value in &mut self.values {
            before = before.wrapping_add(*value);
            *value = before;
        }
        bytes.marks(count, &mut self.marks)?;
        match self.marks.iter().position(|mark| !is_present(*mark)) {
            Some(index) => Err(BlockFault::MissingReading { index }.into()),
            None => Ok(()),
        }
    }

    /// Turns what stands in missing slots into 0, and proves that it is what writing puts there.
    fn clear_missing(&mut self) -> Result<(), MonthFault> {
        if all_present(&self.marks) {
            return Ok(());
        }
        self.scratch.clone_from(&self.values);
        fill_missing(&mut self.scratch, &self.marks);
        if self.scratch != self.values {
            return Err(BlockFault::OtherForm { at: 0 }.into());
        }
        for (value, mark) in self.values.iter_mut().zip(&self.marks) {
            if !is_present(*mark) {
                *value = 0;
            }
        }
        Ok(())
    }

    /// Number of newest versions: as many as the index has days.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.shapes.len()
    }

    /// Whether nothing was read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }

    /// The newest version at a position of the index; `None` outside.
    #[must_use]
    pub fn newest(&self, position: usize) -> Option<Block> {
        if !self.is_register {
            let mut block = IntervalBlock::empty(0);
            return self.interval_into(position, &mut block).then_some(Block::Interval(block));
        }
        let (shape, begin) = self.shapes.get(position)?;
        let range = *begin..begin + shape.count;
        Some(Block::Register(RegisterBlock {
            exponent: shape.exponent,
            offsets: self.offsets.get(range.clone())?.to_vec(),
            values: self.values.get(range.clone())?.to_vec(),
            marks: self.marks.get(range)?.to_vec(),
        }))
    }

    /// Writes the newest version at a position into a block, whose memory is used again. Whether there is one, and of
    /// intervals; the block is empty otherwise.
    pub fn interval_into(&self, position: usize, into: &mut IntervalBlock) -> bool {
        into.clear(0);
        let Some((shape, begin)) = self.shapes.get(position).filter(|_| !self.is_register) else {
            return false;
        };
        let range = *begin..begin + shape.count;
        let (Some(values), Some(marks)) = (self.values.get(range.clone()), self.marks.get(range)) else {
            return false;
        };
        into.exponent = shape.exponent;
        into.values.extend_from_slice(values);
        into.marks.extend_from_slice(marks);
        true
    }

    /// The newest versions at some positions of the index, without a copy; `None` outside, for register readings, and
    /// for days whose values have different powers of ten.
    #[must_use]
    pub fn days(&self, positions: Range<usize>) -> Option<IntervalDays<'_>> {
        let shapes = self.shapes.get(positions).filter(|_| !self.is_register)?;
        let ((first, begin), (last, end)) = (shapes.first()?, shapes.last()?);
        let range = *begin..end + last.count;
        let is_alike = shapes.iter().all(|(shape, _)| shape.exponent == first.exponent);
        let (values, marks) = (self.values.get(range.clone())?, self.marks.get(range)?);
        is_alike.then_some(IntervalDays {
            exponent: first.exponent,
            lengths: Lengths::Of(shapes),
            values,
            marks,
        })
    }

    /// The older versions, in the order of the index.
    ///
    /// # Errors
    /// [`MonthFault`] for bytes that [`encode_month`] does not write.
    pub fn older(&self, index: &MonthIndex) -> Result<Vec<MonthVersion>, MonthFault> {
        let bytes = &mut Bytes::new(&self.older);
        let mut read: Vec<MonthVersion> = Vec::new();
        let mut values = self.values.len();
        for of in index.older() {
            let block = match read.last().filter(|last| last.of.day == of.day) {
                Some(after) => older::read(bytes, &after.block)?,
                None => older::read(bytes, &self.newest_of_day(index, of.day)?)?,
            };
            values += count_of(&block);
            if values > MAX_MONTH_VALUES {
                return Err(MonthFault::TooManyValues);
            }
            read.push(MonthVersion { of: *of, block });
        }
        bytes.end()?;
        Ok(read)
    }

    fn newest_of_day(&self, index: &MonthIndex, day: u8) -> Result<Block, MonthFault> {
        let position = index.newest().iter().position(|version| version.day == day);
        position.and_then(|position| self.newest(position)).ok_or(MonthFault::NoSuchDay { day })
    }

    /// Every version, in the order of the index.
    ///
    /// # Errors
    /// As [`Month::older`].
    pub fn versions(&self, index: &MonthIndex) -> Result<Vec<MonthVersion>, MonthFault> {
        let newest = index.newest().iter().enumerate().map(|(position, of)| {
            let block = self.newest(position).ok_or(MonthFault::NoVersion)?;
            Ok(MonthVersion { of: *of, block })
        });
        let mut versions = newest.collect::<Result<Vec<_>, MonthFault>>()?;
        versions.extend(self.older(index)?);
        Ok(versions)
    }
}

//! Integers as few bytes: variable-length numbers, frames of reference, runs of marks.
//!
//! What comes in: the numbers of a block, or the bytes of one. What goes out: the other. Reading
//! accepts only what writing would have written, so one block has one form; any other bytes
//! are a [`BlockFault`], never a panic and never more than [`MAX_VALUES`] values.

use tidstro_model::{Mark, Quality};

use super::{BlockFault, MAX_VALUES};

/// Writes an unsigned number, 7 bits per byte, lowest first; the top bit says that more follow.
pub(crate) fn write_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(low_byte(number) | 0x80);
        number >>= 7;
    }
    out.push(low_byte(number));
}

/// Values of one frame of a month: few enough that a day with a car at the plug costs the other days nothing, many enough that
/// the frame's own three bytes do not count.
pub(super) const FRAME_VALUES: usize = 128;

/// Writes values as frames of [`FRAME_VALUES`] each; the last one may have fewer.
pub(super) fn write_frames(values: &[i64], out: &mut Vec<u8>) {
    for chunk in values.chunks(FRAME_VALUES) {
        write_frame(chunk.iter().copied(), out);
    }
}

/// Writes a frame of reference: the least value, the width in bits, then each value's distance from
/// the least one in that many bits, lowest bit first, filled up to a whole byte.
pub(crate) fn write_frame(values: impl Iterator<Item = i64> + Clone, out: &mut Vec<u8>) {
    let (mut least, mut greatest) = (i64::MAX, i64::MIN);
    for value in values.clone() {
        least = least.min(value);
        greatest = greatest.max(value);
    }
    if least > greatest {
        (least, greatest) = (0, 0);
    }
    let width = width_of(distance(greatest, least));
    write_number(zigzag(least), out);
    out.push(low_byte(u64::from(width)));
    if width > 0 {
        pack(values.map(|value| distance(value, least)), width, out);
    }
}

fn pack(distances: impl Iterator<Item = u64>, width: u32, out: &mut Vec<u8>) {
    let (mut pending, mut bits) = (0_u128, 0_u32);
    for distance in distances {
        pending |= u128::from(distance) << bits;
        bits += width;
        if bits >= u64::BITS {
            out.extend_from_slice(&low_word(pending).to_le_bytes());
            pending >>= u64::BITS;
            bits -= u64::BITS;
        }
    }
    let rest = low_word(pending).to_le_bytes();
    out.extend(rest.into_iter().take(bits.div_ceil(8) as usize));
}

/// Writes marks as runs: the bits of the mark, then how many values in a row have it.
pub(super) fn write_marks(marks: &[Mark], out: &mut Vec<u8>) {
    for run in marks.chunk_by(|a, b| a == b) {
        if let Some(mark) = run.first() {
            write_number(u64::from(mark.bits()), out);
            write_number(run.len() as u64, out);
        }
    }
}

/// Bytes of a block, read from the front.
pub(crate) struct Bytes<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Bytes<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, length: bytes.len() }
    }

    /// Position of the next byte, for messages.
    fn at(&self) -> usize {
        self.length - self.rest.len()
    }

    fn cut_short(&self) -> BlockFault {
        BlockFault::CutShort { length: self.length }
    }

    pub(crate) fn other_form(&self) -> BlockFault {
        BlockFault::OtherForm { at: self.at() }
    }

    pub(crate) fn byte(&mut self) -> Result<u8, BlockFault> {
        let (&byte, rest) = self.rest.split_first().ok_or_else(|| self.cut_short())?;
        self.rest = rest;
        Ok(byte)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], BlockFault> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| self.cut_short())?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads what [`write_number`] wrote.
    pub(crate) fn number(&mut self) -> Result<u64, BlockFault> {
        let mut number = 0_u64;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has room for one bit, and no number ends with an idle zero byte.
            if bits << shift >> shift != bits || (byte == 0 && shift > 0) {
                return Err(self.other_form());
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(self.other_form())
    }

    /// Reads how many values the block has.
    pub(crate) fn count(&mut self) -> Result<usize, BlockFault> {
        let count = self.number()?;
        let few = usize::try_from(count).ok().filter(|count| *count <= MAX_VALUES);
        few.ok_or(BlockFault::TooMany { count })
    }

    /// The bytes that are left.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads a count of bytes, and so many bytes.
    pub(super) fn counted(&mut self) -> Result<&'a [u8], BlockFault> {
        let count = self.number()?;
        let count = usize::try_from(count).map_err(|_| self.cut_short())?;
        self.take(count)
    }

    /// Reads what [`write_frames`] wrote for `count` values.
    pub(super) fn frames(&mut self, count: usize, into: &mut Vec<i64>) -> Result<(), BlockFault> {
        into.clear();
        while into.len() < count {
            let begun = into.len();
            let frame = self.more_of_frame((count - begun).min(FRAME_VALUES), into)?;
            // Every value is looked at: without a way out of the loop the compiler compares several at once.
            let values = into.get(begun..).unwrap_or_default();
            if !values.iter().fold(false, |is_there, value| is_there | (*value == frame.least)) {
                return Err(self.other_form());
            }
        }
        Ok(())
    }

    /// Reads what [`write_frame`] wrote for `count` values.
    pub(crate) fn frame(&mut self, count: usize, into: &mut Vec<i64>) -> Result<Frame, BlockFault> {
        into.clear();
        self.more_of_frame(count, into)
    }

    /// Reads a frame and adds its values to those that are there.
    fn more_of_frame(&mut self, count: usize, into: &mut Vec<i64>) -> Result<Frame, BlockFault> {
        let least = unzigzag(self.number()?);
        let width = u32::from(self.byte()?);
        if width > u64::BITS || (count == 0 && (least != 0 || width != 0)) {
            return Err(self.other_form());
        }
        let packed = self.take((count * width as usize).div_ceil(8))?;
        let greatest = match width {
            0 => {
                into.resize(into.len() + count, least);
                0
            }
            _ => unpack(packed, width, count, least, into).ok_or_else(|| self.other_form())?,
        };
        if width_of(greatest) != width || greatest > distance(i64::MAX, least) {
            return Err(self.other_form());
        }
        Ok(Frame { least, width })
    }

    /// Reads what [`write_marks`] wrote for `count` values.
    pub(super) fn marks(&mut self, count: usize, into: &mut Vec<Mark>) -> Result<(), BlockFault> {
        into.clear();
        while into.len() < count {
            let bits = self.number()?;
            let mark = u32::try_from(bits).ok().and_then(Mark::from_bits);
            let mark = mark.ok_or(BlockFault::UnknownMark { bits })?;
            let run = usize::try_from(self.number()?).unwrap_or(usize::MAX);
            if run == 0 || run > count - into.len() || into.last() == Some(&mark) {
                return Err(self.other_form());
            }
            into.resize(into.len() + run, mark);
        }
        Ok(())
    }

    /// Proves that nothing follows.
    pub(crate) fn end(&self) -> Result<(), BlockFault> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.other_form()) }
    }
}

/// What a frame said before its values.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    least: i64,
    width: u32,
}

impl Frame {
    /// Whether writing these values would give this frame: the least value is one that is there.
    pub(crate) fn is_least_of(self, mut present: impl Iterator<Item = i64>) -> bool {
        let least = self.least;
        present.any(|value| value == least) || (least == 0 && self.width == 0)
    }

    /// The value that stands where there is none.
    pub(super) fn least(self) -> i64 {
        self.least
    }
}

/// The widest distance that eight bytes hold wherever in its first byte it begins.
const WINDOW_WIDTH: u32 = 57;

/// Unpacks `count` distances and gives the greatest; `None` if the bits that fill up the last byte are not zero.
fn unpack(packed: &[u8], width: u32, count: usize, least: i64, into: &mut Vec<i64>) -> Option<u64> {
    if width > WINDOW_WIDTH {
        return unpack_wide(packed, width, count, least, into);
    }
    let mask = u64::MAX >> (u64::BITS - width);
    let (width, mut greatest) = (width as usize, 0_u64);
    into.extend((0..count).map(|index| {
        let bit = index * width;
        let distance = (window(packed, bit >> 3) >> (bit & 7)) & mask;
        greatest = greatest.max(distance);
        least.wrapping_add_unsigned(distance)
    }));
    let idle = packed.len() * 8 - count * width;
    let is_filled_up = packed.last().is_none_or(|last| idle == 0 || last >> (8 - idle) == 0);
    is_filled_up.then_some(greatest)
}

/// Eight bytes from one on, the first byte lowest; zeros after the end.
fn window(packed: &[u8], at: usize) -> u64 {
    match packed.get(at..at + 8).map(<[u8; 8]>::try_from) {
        Some(Ok(whole)) => u64::from_le_bytes(whole),
        _ => word(packed.get(at..).unwrap_or_default()),
    }
}

/// [`unpack`] for any width.
fn unpack_wide(packed: &[u8], width: u32, count: usize, least: i64, into: &mut Vec<i64>) -> Option<u64> {
    let mask = u64::MAX >> (u64::BITS - width);
    let mut words = packed.chunks(8).map(word);
    let (mut pending, mut bits, mut greatest) = (0_u128, 0_u32, 0_u64);
    into.extend((0..count).map(|_| {
        if bits < width {
            pending |= u128::from(words.next().unwrap_or(0)) << bits;
            bits += u64::BITS;
        }
        let distance = low_word(pending) & mask;
        pending >>= width;
        bits -= width;
        greatest = greatest.max(distance);
        least.wrapping_add_unsigned(distance)
    }));
    (pending == 0).then_some(greatest)
}

/// Up to eight bytes as a number, the first byte lowest.
fn word(bytes: &[u8]) -> u64 {
    if let Ok(whole) = <[u8; 8]>::try_from(bytes) {
        return u64::from_le_bytes(whole);
    }
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// How far `value` lies above `least`. Exact for any two numbers in this order.
const fn distance(value: i64, least: i64) -> u64 {
    value.wrapping_sub(least).cast_unsigned()
}

const fn width_of(greatest: u64) -> u32 {
    u64::BITS - greatest.leading_zeros()
}

/// Small numbers of either sign as small unsigned numbers: 0, -1, 1, -2, … become 0, 1, 2, 3, ….
pub(crate) const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

pub(crate) const fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

const fn low_byte(number: u64) -> u8 {
    number.to_le_bytes()[0]
}

#[expect(clippy::cast_possible_truncation, reason = "the low word is what is asked for")]
const fn low_word(number: u128) -> u64 {
    number as u64
}

/// Whether a value with this mark is there.
pub(super) fn is_present(mark: Mark) -> bool {
    mark.quality() != Quality::Missing
}

/// Whether every value is there. Every mark is looked at: without a way out of the loop the compiler compares several at once.
pub(super) fn all_present(marks: &[Mark]) -> bool {
    !marks.iter().fold(false, |absent, mark| absent | !is_present(*mark))
}

//! Exponent and number of values of each day of a month, as runs: nearly every month has one.

use super::{MAX_MONTH_VALUES, MonthFault};
use crate::series::BlockFault;
use crate::series::packing::{Bytes, write_number};

/// What a day's values need to be taken out of the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::series) struct Shape {
    /// Power of ten of the values.
    pub(in crate::series) exponent: i8,
    /// Number of values.
    pub(in crate::series) count: usize,
}

pub(super) fn write_shapes(shapes: &[Shape], out: &mut Vec<u8>) {
    for run in shapes.chunk_by(|one, next| one == next) {
        let Some(shape) = run.first() else { continue };
        out.push(shape.exponent.cast_unsigned());
        write_number(shape.count as u64, out);
        write_number(run.len() as u64, out);
    }
}

/// Reads the shapes of so many days, each with the position of its first value. Returns the number of all values.
pub(super) fn read_shapes(
    bytes: &mut Bytes<'_>,
    days: usize,
    into: &mut Vec<(Shape, usize)>,
) -> Result<usize, MonthFault> {
    into.clear();
    let mut values = 0_usize;
    while into.len() < days {
        let shape = Shape { exponent: bytes.byte()?.cast_signed(), count: bytes.count()? };
        let run = usize::try_from(bytes.number()?).unwrap_or(usize::MAX);
        if run > days - into.len() {
            return Err(MonthFault::OtherIndex { index: days, values: into.len().saturating_add(run) });
        }
        if run == 0 || into.last().is_some_and(|(last, _)| *last == shape) {
            return Err(BlockFault::OtherForm { at: 0 }.into());
        }
        for _ in 0..run {
            into.push((shape, values));
            values += shape.count;
        }
    }
    if values > MAX_MONTH_VALUES { Err(MonthFault::TooManyValues) } else { Ok(values) }
}

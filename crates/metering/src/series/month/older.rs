//! An older version of a day, seen from the one that came after it.
//!
//! What comes in: both, or the newer one and bytes. What goes out: bytes, or the older one. Most older versions are a day
//! that had not all its values yet, or one value that was corrected: a few bytes each.
//!
//! | first byte | of | then |
//! |---|---|---|
//! | 0 | any | number of bytes, and a whole block |
//! | 1 | intervals of the same exponent and number | marks as runs; number of changes; each: slots since the one before, older less newer value (zigzag) |
//! | 2 | readings that are the first ones of the newer version | number of readings, marks as runs |

use super::MonthFault;
use crate::series::packing::{Bytes, unzigzag, write_marks, write_number, zigzag};
use crate::series::{Block, BlockFault, IntervalBlock, RegisterBlock};

const WHOLE: u8 = 0;
const CHANGES: u8 = 1;
const BEGINNING: u8 = 2;

/// Writes an older version after the newer one.
pub(super) fn write((newer, older): (&Block, &Block), out: &mut Vec<u8>) -> Result<(), MonthFault> {
    match (newer, older) {
        (Block::Interval(newer), Block::Interval(older)) if is_alike(newer, older) => {
            write_changes((newer, older), out);
        }
        (Block::Register(newer), Block::Register(older)) if is_beginning(newer, older) => {
            out.push(BEGINNING);
            write_number(older.len() as u64, out);
            write_marks(&older.marks, out);
        }
        (Block::Interval(_), Block::Interval(_)) | (Block::Register(_), Block::Register(_)) => {
            let mut bytes = Vec::new();
            older.encode(&mut bytes);
            out.push(WHOLE);
            write_number(bytes.len() as u64, out);
            out.extend_from_slice(&bytes);
        }
        _ => return Err(MonthFault::BothKinds),
    }
    Ok(())
}

fn is_alike(newer: &IntervalBlock, older: &IntervalBlock) -> bool {
    newer.exponent == older.exponent && newer.len() == older.len()
}

fn is_beginning(newer: &RegisterBlock, older: &RegisterBlock) -> bool {
    newer.exponent == older.exponent
        && newer.offsets.starts_with(&older.offsets)
        && newer.values.starts_with(&older.values)
}

fn write_changes((newer, older): (&IntervalBlock, &IntervalBlock), out: &mut Vec<u8>) {
    out.push(CHANGES);
    write_marks(&older.marks, out);
    let mut next = 0;
    let changes: Vec<(u64, i64)> = (0_u64..)
        .zip(older.slots().zip(&newer.values))
        .filter_map(|(slot, ((older, _), newer))| {
            let change = older?.wrapping_sub(*newer);
            (change != 0).then_some((slot, change))
        })
        .collect();
    write_number(changes.len() as u64, out);
    for (slot, change) in changes {
        write_number(slot - next, out);
        write_number(zigzag(change), out);
        next = slot + 1;
    }
}

/// Reads what [`write`] wrote after the same newer version.
pub(super) fn read(bytes: &mut Bytes<'_>, newer: &Block) -> Result<Block, MonthFault> {
    let form = bytes.byte()?;
    match (form, newer) {
        (WHOLE, _) => {
            let block = Block::decode(bytes.counted()?)?;
            let is_same_kind = matches!(block, Block::Interval(_)) == matches!(newer, Block::Interval(_));
            if is_same_kind { Ok(block) } else { Err(MonthFault::BothKinds) }
        }
        (CHANGES, Block::Interval(newer)) => Ok(Block::Interval(read_changes(bytes, newer)?)),
        (BEGINNING, Block::Register(newer)) => Ok(Block::Register(read_beginning(bytes, newer)?)),
        (got, _) => Err(BlockFault::UnknownKind { got }.into()),
    }
}

fn read_changes(bytes: &mut Bytes<'_>, newer: &IntervalBlock) -> Result<IntervalBlock, MonthFault> {
    let mut marks = Vec::new();
    bytes.marks(newer.len(), &mut marks)?;
    let mut values = newer.values.clone();
    let mut next = 0_usize;
    for _ in 0..bytes.count()? {
        let gap = usize::try_from(bytes.number()?).unwrap_or(usize::MAX);
        let slot = next.saturating_add(gap);
        let change = unzigzag(bytes.number()?);
        let value = values.get_mut(slot).filter(|_| change != 0).ok_or(BlockFault::OtherForm { at: 0 })?;
        *value = value.wrapping_add(change);
        next = slot + 1;
    }
    for (value, mark) in values.iter_mut().zip(&marks) {
        if !crate::series::packing::is_present(*mark) {
            *value = 0;
        }
    }
    Ok(IntervalBlock::new(newer.exponent, values, marks)?)
}

fn read_beginning(bytes: &mut Bytes<'_>, newer: &RegisterBlock) -> Result<RegisterBlock, MonthFault> {
    let count = bytes.count()?;
    let mut marks = Vec::new();
    bytes.marks(count, &mut marks)?;
    let first = |length: usize| length.min(count);
    let offsets = newer.offsets.iter().take(first(newer.len())).copied().collect();
    let values = newer.values.iter().take(first(newer.len())).copied().collect();
    Ok(RegisterBlock::new(newer.exponent, offsets, values, marks)?)
}

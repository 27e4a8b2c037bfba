//! The block: the values of one series for one local day, and its bytes.
//!
//! What comes in: a block, or bytes from the store. What goes out: the other. The bytes hold no
//! identity and no date; those are the key they are stored under. A block has exactly one form, and bytes of any
//! other form are a fault, so equal blocks are equal bytes.
//!
//! Form, format 1 (`number`: 7 bits per byte, lowest first):
//!
//! | part | bytes |
//! |---|---|
//! | kind and format | `0x11` interval, `0x21` register |
//! | exponent | 1, signed: values count `10^exponent` of the series' unit |
//! | count | number |
//! | offsets (register only) | frame of the first offset and of each later distance less 1 |
//! | values | frame; a missing slot stands as the least value |
//! | marks | runs: number of the mark's bits, number of values |
//!
//! A frame is the least value (number, zigzag), the width in bits (1 byte), and the distances from
//! the least value in that many bits each, lowest bit first, filled up with zero bits to a whole byte.

use super::{IntervalBlock, RegisterBlock};

/// Values a block can hold at most. A local day has 100 quarters; a register block of a day has as
/// many readings as telegrams came, one per second at the very most.
pub const MAX_VALUES: usize = 100_000;

/// First byte of an interval block of format 1.
pub(super) const INTERVAL: u8 = 0x11;
/// First byte of a register block of format 1.
pub(super) const REGISTER: u8 = 0x21;

/// The values of one series for one local day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Energy or volume per interval.
    Interval(IntervalBlock),
    /// Readings at instants.
    Register(RegisterBlock),
}

/// Why values or bytes are not a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlockFault {
    /// Values, marks or offsets differ in number.
    #[error("block has {values} values but {others} marks or offsets; give one of each per value")]
    Lengths {
        /// Number of values.
        values: usize,
        /// Number of marks or offsets.
        others: usize,
    },
    /// More than [`MAX_VALUES`].
    #[error("block of {count} values is larger than {MAX_VALUES}; split it by local day")]
    TooMany {
        /// Number of values asked for.
        count: u64,
    },
    /// A slot with quality missing and a value that is not 0.
    #[error("slot {slot} is missing but has a value; give 0 or another quality")]
    MissingHasValue {
        /// Slot of the local day, from 0.
        slot: usize,
    },
    /// A slot the local day does not have.
    #[error("slot {slot} is outside a block of {count} slots; ask the calendar for the slot of the instant")]
    NoSuchSlot {
        /// Slot asked for, from 0.
        slot: u32,
        /// Slots of the block.
        count: usize,
    },
    /// A register reading with quality missing: a reading that is not there has no place.
    #[error("reading {index} is marked missing; leave it out")]
    MissingReading {
        /// Index of the reading, from 0.
        index: usize,
    },
    /// Offsets of a register block that do not rise.
    #[error("reading {index} is not later than the one before; sort readings and merge equal moments")]
    NotRising {
        /// Index of the reading, from 0.
        index: usize,
    },
    /// The bytes end before the block does.
    #[error("block ends too early, at byte {length}; restore it from a backup")]
    CutShort {
        /// Number of bytes given.
        length: usize,
    },
    /// The first byte names another kind or a format this version does not know.
    #[error("block begins with byte `{got:#04x}`; it is of another kind or needs a newer version")]
    UnknownKind {
        /// The first byte.
        got: u8,
    },
    /// A mark that names a rule this version does not know.
    #[error("mark `{bits:#x}` names an unknown rule; the block needs a newer version")]
    UnknownMark {
        /// The bits of the mark.
        bits: u64,
    },
    /// Bytes that writing a block never gives: idle bits, bytes after the end, a frame too wide.
    #[error("byte {at} is not as a block is written; restore the block from a backup")]
    OtherForm {
        /// Position of the byte after the part at fault, from 0.
        at: usize,
    },
}

impl Block {
    /// Appends the block's bytes to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Interval(block) => block.encode(out),
            Self::Register(block) => block.encode(out),
        }
    }

    /// Reads the bytes of exactly one block.
    ///
    /// # Errors
    /// [`BlockFault`] for any bytes [`Block::encode`] does not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, BlockFault> {
        match bytes.first() {
            Some(&REGISTER) => RegisterBlock::decode(bytes).map(Self::Register),
            _ => {
                let mut block = IntervalBlock::empty(0);
                IntervalBlock::decode_into(bytes, &mut block)?;
                Ok(Self::Interval(block))
            }
        }
    }
}

impl From<IntervalBlock> for Block {
    fn from(block: IntervalBlock) -> Self {
        Self::Interval(block)
    }
}

impl From<RegisterBlock> for Block {
    fn from(block: RegisterBlock) -> Self {
        Self::Register(block)
    }
}

/// Proves that a block may hold so many values.
pub(super) fn check_count(count: usize) -> Result<(), BlockFault> {
    if count > MAX_VALUES { Err(BlockFault::TooMany { count: count as u64 }) } else { Ok(()) }
}

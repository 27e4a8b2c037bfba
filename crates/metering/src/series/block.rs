//! The block: the values of one series for one local day, and its bytes.
//!
//! What comes in: a block, or bytes from the store. What goes out: the other. The bytes hold no identity
//! and no date; those are the key they are stored under. A block has exactly one form, and bytes of any
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

use tidstro_model::{Findings, Mark, Rule};

use super::{IntervalBlock, RegisterBlock};

/// Values a block can hold at most. A local day has 100 quarters; a register block of a day has as
/// many readings as telegrams came, one per second at the very most.
pub const MAX_VALUES: usize = 100_000;

/// First byte of an interval block of format 1.
pub(super) const INTERVAL: u8 = 0x11;
/// First byte of a register block of format 1.
pub(super) const REGISTER: u8 = 0x21;

/// Findings that no later judging makes again: of what the meter, its telegram or another version said.
const FROM_ELSEWHERE: Findings = Findings::of(&[
    Rule::Unit,
    Rule::Direction,
    Rule::Conflict,
    Rule::Clock,
    Rule::Invalid,
    Rule::Replaced,
    Rule::Overruled,
]);
/// An estimate made here keeps why it was made; only its age is judged again.
const OF_AN_ESTIMATE: Findings = Findings::all_but(&[Rule::Prolonged]);

/// A mark without what the rules have found that judge again.
pub(super) const fn to_judge_again(mark: Mark) -> Mark {
    mark.keeping(if mark.method().is_some() { OF_AN_ESTIMATE } else { FROM_ELSEWHERE })
}

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
    /// A mark that names a rule or method this version does not know.
    #[error("mark `{bits:#x}` names an unknown rule or method; the block needs a newer version")]
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

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};
    use tidstro_model::{Mark, Method, Quality, Rule};

    use super::*;

    fn mark() -> impl Strategy<Value = Mark> {
        // Bits 0 to 9: quality, correction, seven rules; 13 to 22: ten more. Mostly plain measured values, as in life.
        let bits = prop_oneof![3 => Just(0), 1 => Just(2), 1 => 0_u32..1024, 1 => any::<u32>()];
        let known = bits.prop_map(|bits| Mark::from_bits(bits & 0x7f_e3ff).unwrap());
        prop_oneof![4 => known, 1 => (0..Method::ALL.len()).prop_map(|method| Mark::estimated(Method::ALL[method]))]
    }

    fn value() -> impl Strategy<Value = i64> {
        prop_oneof![4 => 0_i64..3000, 1 => -5_i64..5, 1 => any::<i64>()]
    }

    fn interval_block() -> impl Strategy<Value = IntervalBlock> {
        (any::<i8>(), vec((value(), mark()), 0..120)).prop_map(|(exponent, slots)| {
            let kept =
                |(value, mark): &(i64, Mark)| if mark.quality() == Quality::Missing { 0 } else { *value };
            let values = slots.iter().map(kept).collect();
            IntervalBlock::new(exponent, values, slots.iter().map(|slot| slot.1).collect()).unwrap()
        })
    }

    fn register_block() -> impl Strategy<Value = RegisterBlock> {
        let reading = (prop_oneof![Just(0_u32), 0..7200_u32, 0..10_000_000_u32], value(), mark());
        (any::<i8>(), vec(reading, 0..120)).prop_map(|(exponent, readings)| {
            let mut block = RegisterBlock::empty(exponent);
            let mut offset = 0;
            for (gap, value, mark) in readings {
                offset += gap + 1;
                let present = mark.quality() != Quality::Missing;
                block.push(offset, value, if present { mark } else { Mark::new(Quality::Measured) }).unwrap();
            }
            block
        })
    }

    fn block() -> impl Strategy<Value = Block> {
        prop_oneof![interval_block().prop_map(Block::from), register_block().prop_map(Block::from)]
    }

    fn bytes_of(block: &Block) -> Vec<u8> {
        let mut bytes = Vec::new();
        block.encode(&mut bytes);
        bytes
    }

    proptest! {
        #[test]
        fn bytes_read_back_as_the_block(block in block()) {
            prop_assert_eq!(Block::decode(&bytes_of(&block)), Ok(block));
        }

        #[test]
        fn any_bytes_are_one_block_or_none(bytes in vec(any::<u8>(), 0..200), kind in any::<bool>()) {
            let mut bytes = bytes;
            if let Some(first) = bytes.first_mut() {
                *first = if kind { INTERVAL } else { REGISTER };
            }
            if let Ok(block) = Block::decode(&bytes) {
                prop_assert_eq!(bytes_of(&block), bytes);
            }
        }

        #[test]
        fn changed_bytes_are_one_block_or_none(
            block in block(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in 0..3_usize,
        ) {
            let mut bytes = bytes_of(&block);
            let index = at.index(bytes.len());
            bytes[index] = byte;
            bytes.truncate(bytes.len() - cut);
            if let Ok(block) = Block::decode(&bytes) {
                prop_assert_eq!(bytes_of(&block), bytes);
            }
        }
    }

    #[test]
    fn the_form_is_pinned() {
        let measured = Mark::new(Quality::Measured);
        let missing = Mark::new(Quality::Missing).with(Rule::Completeness);
        let interval = IntervalBlock::new(0, vec![100, 0, 103], vec![measured, missing, measured]).unwrap();
        // Kind, exponent, count; least 100 (zigzag 200), width 2, 0b11_00_00; three runs of marks.
        let bytes = [0x11, 0, 3, 0xc8, 0x01, 2, 0b11_0000, 0, 1, 0b1010, 1, 0, 1];
        assert_eq!(bytes_of(&interval.into()), bytes);
        let register = RegisterBlock::new(-3, vec![60, 3660], vec![5, 7], vec![measured; 2]).unwrap();
        // Exponent -3, count; distances 60 and 3599: least 60, width 12, 0 and 3539; 5 and 7; one run.
        let bytes = [0x21, 0xfd, 2, 0x78, 12, 0x00, 0x30, 0xdd, 0x0a, 2, 0b1000, 0, 2];
        assert_eq!(bytes_of(&register.into()), bytes);
    }

    /// An estimate costs its run two bytes for the mark, one of the later rules three.
    #[test]
    fn the_form_of_estimates_and_later_rules_is_pinned() {
        let estimated = Mark::estimated(Method::LikeDays).with(Rule::Completeness);
        let flat = Mark::new(Quality::Measured).with(Rule::Flat);
        let interval = IntervalBlock::new(0, vec![7; 4], vec![estimated, estimated, flat, flat]).unwrap();
        // Kind, exponent, count; least 7, width 0; bits 0, 3 and 11 twice; bit 15 twice.
        let bytes = [0x11, 0, 4, 14, 0, 0x89, 0x10, 2, 0x80, 0x80, 0x02, 2];
        assert_eq!(bytes_of(&interval.clone().into()), bytes);
        assert_eq!(Block::decode(&bytes), Ok(interval.into()));
    }

    #[test]
    fn faults_say_what_is_wrong() {
        use BlockFault::{CutShort, OtherForm, TooMany, UnknownKind, UnknownMark};
        for (bytes, fault) in [
            (&[][..], CutShort { length: 0 }),
            (&[0x12, 0, 0], UnknownKind { got: 0x12 }),
            (&[0x11, 0, 0xff, 0xff, 0x7f], TooMany { count: 2_097_151 }),
            (&[0x11, 0, 24, 0, 64], CutShort { length: 5 }),
            // A method of a measured value; a rule after the last one.
            (&[0x11, 0, 1, 0, 0, 0x80, 0x08, 1], UnknownMark { bits: 1024 }),
            (&[0x11, 0, 1, 0, 0, 0x80, 0x80, 0x80, 0x08, 1], UnknownMark { bits: 1 << 24 }),
            // A byte after the end, an idle number byte, a wider frame than needed, an empty run.
            (&[0x11, 0, 0, 0, 0, 9], OtherForm { at: 5 }),
            (&[0x11, 0, 0x80, 0], OtherForm { at: 4 }),
            (&[0x11, 0, 1, 0, 1, 0, 0, 1], OtherForm { at: 6 }),
            (&[0x11, 0, 1, 0, 0, 0, 0], OtherForm { at: 7 }),
        ] {
            assert_eq!(Block::decode(bytes), Err(fault), "{bytes:?}");
        }
    }

    #[test]
    fn a_fault_leaves_no_values_behind() {
        let mut block = IntervalBlock::all_missing(0, 24).unwrap();
        block.set(3, 7, Quality::Measured).unwrap();
        let mut bytes = bytes_of(&block.clone().into());
        bytes.pop();
        assert!(IntervalBlock::decode_into(&bytes, &mut block).is_err());
        assert!(block.is_empty());
    }

    #[test]
    fn constructors_check() {
        let (measured, missing) = (Mark::new(Quality::Measured), Mark::new(Quality::Missing));
        let interval = |values, marks| IntervalBlock::new(0, values, marks).unwrap_err();
        assert_eq!(interval(vec![1], vec![]), BlockFault::Lengths { values: 1, others: 0 });
        assert_eq!(interval(vec![1, 2], vec![measured, missing]), BlockFault::MissingHasValue { slot: 1 });
        let register = |offsets, marks| RegisterBlock::new(0, offsets, vec![1, 2], marks).unwrap_err();
        assert_eq!(register(vec![5, 5], vec![measured; 2]), BlockFault::NotRising { index: 1 });
        assert_eq!(register(vec![5, 6], vec![measured, missing]), BlockFault::MissingReading { index: 1 });
        let many = IntervalBlock::all_missing(0, 100_001).unwrap_err();
        assert_eq!(many, BlockFault::TooMany { count: 100_001 });
        let mut block = IntervalBlock::all_missing(0, 23).unwrap();
        let outside = block.set(23, 1, Quality::Measured).unwrap_err();
        assert_eq!(outside, BlockFault::NoSuchSlot { slot: 23, count: 23 });
    }
}

//! General block transfer (IEC 62056-5-3 § 8.2, tag E0): blocks → the APDU they make.
//!
//! What comes in: block after block. What goes out: the whole APDU with the last one. A block out of turn
//! drops what came before it.

use super::tag::GENERAL_BLOCK;
use tidstro_wire::Cursor;

use crate::Refusal;

/// Whether the APDU is a block.
pub(crate) fn is_block(apdu: &[u8]) -> bool {
    apdu.first() == Some(&GENERAL_BLOCK)
}

/// In the control byte: no block follows.
const LAST: u8 = 0x80;

/// The blocks so far.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    bytes: Vec<u8>,
    /// Number of the last block; 0 before the first.
    last: u16,
    /// Offset of the first block in the input.
    offset: usize,
}

impl Blocks {
    /// Adds a block from byte `offset` of the input; gives all of them with the last.
    pub(crate) fn add(&mut self, apdu: &[u8], offset: usize) -> Result<Option<Vec<u8>>, Refusal> {
        let block = read(apdu)?;
        let expected = self.last.wrapping_add(1);
        if block.number != expected {
            *self = Self::default();
            return Err(Refusal::SegmentLost { offset, expected: expected.into(), got: block.number.into() });
        }
        if self.last == 0 {
            self.offset = offset;
        }
        self.last = block.number;
        self.bytes.extend_from_slice(block.content);
        Ok(block.is_last.then(|| std::mem::take(self).bytes))
    }

    /// Forgets the blocks that came, and says if others are missing.
    pub(crate) fn finish(&mut self) -> Option<Refusal> {
        let Self { last, offset, .. } = std::mem::take(self);
        (last > 0).then_some(Refusal::MessageIncomplete { offset })
    }
}

struct Block<'a> {
    is_last: bool,
    number: u16,
    content: &'a [u8],
    end: usize,
}

/// Control, number of this block, number acknowledged, content.
fn read(apdu: &[u8]) -> Result<Block<'_>, Refusal> {
    let mut cursor = Cursor::new(apdu, 1);
    let mut parts = || {
        let (control, number, _) = (cursor.byte()?, cursor.u16()?, cursor.u16()?);
        let content = cursor.counted()?;
        Some(Block { is_last: control & LAST != 0, number, content, end: cursor.at() })
    };
    parts().ok_or(Refusal::ApduCut { offset: 1, part: "block" })
}

/// How long the block says it is.
pub(super) fn stated_len(apdu: &[u8]) -> Option<usize> {
    read(apdu).ok().map(|block| block.end)
}

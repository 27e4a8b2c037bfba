//! Bytes → values.

use super::{Data, DateTime, compact};
use tidstro_wire::Cursor;

use crate::Refusal;

/// Arrays and structures inside each other, at most.
const DEPTH_MAX: u8 = 16;

/// A value and where each part of it began.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) data: Data,
    /// Offset of the tag of every value, parents before their elements.
    pub(crate) offsets: Vec<usize>,
}

/// Reads values from a position on.
pub(crate) struct Reader<'a> {
    pub(super) cursor: Cursor<'a>,
    offsets: Vec<usize>,
    /// Values the bytes can hold: every one outside a compact array takes a byte or more, and the few types of
    /// a compact array that nest are paid for by what they hold.
    limit: usize,
}

impl<'a> Reader<'a> {
    /// Starts at byte `at` of `bytes`.
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        let limit = bytes.len().saturating_mul(4).saturating_add(64);
        Self { cursor: Cursor::new(bytes, at), offsets: Vec::new(), limit }
    }

    /// One value that ends where the bytes end.
    pub(crate) fn whole(mut self) -> Result<Tree, Refusal> {
        let data = self.value(0)?;
        match self.cursor.left() {
            0 => Ok(Tree { data, offsets: self.offsets }),
            len => Err(Refusal::LeftOver { offset: self.cursor.at(), len }),
        }
    }

    /// One value; what follows stays.
    pub(crate) fn one(&mut self) -> Result<Data, Refusal> {
        self.value(0)
    }

    /// Where the next value begins.
    pub(crate) const fn at(&self) -> usize {
        self.cursor.at()
    }

    /// Notes one more value that begins at `offset`.
    pub(super) fn note(&mut self, offset: usize) -> Result<(), Refusal> {
        if self.offsets.len() >= self.limit {
            return Err(Refusal::TooMany { offset, limit: self.limit });
        }
        self.offsets.push(offset);
        Ok(())
    }

    pub(super) fn value(&mut self, depth: u8) -> Result<Data, Refusal> {
        let offset = self.cursor.at();
        let tag = self.cursor.byte().ok_or(Refusal::ValueCut { offset })?;
        self.note(offset)?;
        match tag {
            1 => self.elements(offset, depth).map(Data::Array),
            2 => self.elements(offset, depth).map(Data::Structure),
            19 => compact::read(self, offset, depth),
            _ => simple(&mut self.cursor, tag, offset),
        }
    }

    fn elements(&mut self, offset: usize, depth: u8) -> Result<Vec<Data>, Refusal> {
        let below = deeper(depth, offset)?;
        let count = self.cursor.length().ok_or(Refusal::ValueCut { offset })?;
        // Every element takes a byte or more: a count above what is left is a cut value, found out at once.
        if count > self.cursor.left() {
            return Err(Refusal::ValueCut { offset });
        }
        (0..count).map(|_| self.value(below)).collect()
    }
}

pub(super) fn deeper(depth: u8, offset: usize) -> Result<u8, Refusal> {
    if depth < DEPTH_MAX { Ok(depth + 1) } else { Err(Refusal::TooDeep { offset, limit: DEPTH_MAX }) }
}

/// A value of a type that holds no others, without its tag.
pub(super) fn simple(cursor: &mut Cursor<'_>, tag: u8, offset: usize) -> Result<Data, Refusal> {
    if !is_simple(tag) {
        return Err(Refusal::TypeUnknown { offset, tag });
    }
    contents(cursor, tag).ok_or(Refusal::ValueCut { offset })
}

pub(super) const fn is_simple(tag: u8) -> bool {
    matches!(tag, 0 | 3..=6 | 9 | 10 | 12 | 13 | 15..=18 | 20..=33 | 255)
}

fn contents(cursor: &mut Cursor<'_>, tag: u8) -> Option<Data> {
    Some(match tag {
        0 => Data::Null,
        3 => Data::Boolean(cursor.byte()? != 0),
        4 => bits(cursor)?,
        5 | 30 => Data::DoubleLong(i32::from_be_bytes(cursor.array()?)),
        6 | 33 => Data::DoubleLongUnsigned(cursor.u32()?),
        9 => Data::OctetString(cursor.counted()?.into()),
        10 => Data::VisibleString(cursor.counted()?.into()),
        12 => Data::Utf8String(cursor.counted()?.into()),
        13 => Data::Bcd(cursor.byte()?),
        15 | 28 => Data::Integer(i8::from_be_bytes(cursor.array()?)),
        16 | 29 => Data::Long(i16::from_be_bytes(cursor.array()?)),
        17 | 31 => Data::Unsigned(cursor.byte()?),
        18 | 32 => Data::LongUnsigned(cursor.u16()?),
        20 => Data::Long64(i64::from_be_bytes(cursor.array()?)),
        21 => Data::Long64Unsigned(u64::from_be_bytes(cursor.array()?)),
        22 => Data::Enum(cursor.byte()?),
        23 => Data::Float32(cursor.u32()?),
        24 => Data::Float64(u64::from_be_bytes(cursor.array()?)),
        25 => date_time(cursor.array()?),
        26 => Data::Date(cursor.array()?),
        27 => Data::Time(cursor.array()?),
        _ => Data::DontCare,
    })
}

fn bits(cursor: &mut Cursor<'_>) -> Option<Data> {
    let len = cursor.length()?;
    let bytes = cursor.take(len.div_ceil(8))?.into();
    Some(Data::BitString { len, bytes })
}

/// Twelve bytes that are no date stay what they are, an octet string.
fn date_time(bytes: [u8; 12]) -> Data {
    DateTime::new(bytes).map_or_else(|| Data::OctetString(bytes.into()), Data::DateTime)
}

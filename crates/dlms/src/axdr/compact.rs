//! Compact arrays (IEC 62056-6-2 § 4.1.5, tag 19): the type of the elements once, then their contents alone.
//!
//! What comes in: the type description and the contents. What goes out: the array they stand for.

use super::{
    Data,
    read::{Reader, deeper, is_simple, simple},
};
use crate::Refusal;

/// What every element is made of.
enum Kind {
    Simple(u8),
    Structure(Vec<Kind>),
    Array(u16, Box<Kind>),
}

/// The array behind the tag.
pub(super) fn read(reader: &mut Reader<'_>, offset: usize, depth: u8) -> Result<Data, Refusal> {
    let below = deeper(depth, offset)?;
    let kind = kind(reader, below)?;
    let len = reader.cursor.length().ok_or(Refusal::ValueCut { offset })?;
    if len > reader.cursor.left() {
        return Err(Refusal::ValueCut { offset });
    }
    let end = reader.cursor.at() + len;
    let mut elements = Vec::new();
    while reader.cursor.at() < end {
        let begin = reader.cursor.at();
        elements.push(element(reader, &kind)?);
        // An element of nothing but nulls would come again for ever.
        if reader.cursor.at() == begin || reader.cursor.at() > end {
            return Err(Refusal::ValueCut { offset: begin });
        }
    }
    Ok(Data::Array(elements))
}

fn kind(reader: &mut Reader<'_>, depth: u8) -> Result<Kind, Refusal> {
    let offset = reader.cursor.at();
    let cut = Refusal::ValueCut { offset };
    match reader.cursor.byte().ok_or(cut)? {
        1 => {
            let below = deeper(depth, offset)?;
            let count = reader.cursor.u16().ok_or(cut)?;
            Ok(Kind::Array(count, Box::new(kind(reader, below)?)))
        }
        2 => {
            let below = deeper(depth, offset)?;
            let count = reader.cursor.length().ok_or(cut)?;
            if count > reader.cursor.left() {
                return Err(cut);
            }
            (0..count).map(|_| kind(reader, below)).collect::<Result<_, _>>().map(Kind::Structure)
        }
        tag if is_simple(tag) => Ok(Kind::Simple(tag)),
        tag => Err(Refusal::TypeUnknown { offset, tag }),
    }
}

fn element(reader: &mut Reader<'_>, kind: &Kind) -> Result<Data, Refusal> {
    let offset = reader.cursor.at();
    reader.note(offset)?;
    match kind {
        Kind::Simple(tag) => simple(&mut reader.cursor, *tag, offset),
        Kind::Structure(kinds) => {
            kinds.iter().map(|kind| element(reader, kind)).collect::<Result<_, _>>().map(Data::Structure)
        }
        Kind::Array(count, kind) => {
            (0..*count).map(|_| element(reader, kind)).collect::<Result<_, _>>().map(Data::Array)
        }
    }
}

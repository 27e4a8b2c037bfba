//! The data of a record, still in its coding (EN 13757-3:2018 § 6.3.3 to 6.3.5 and annex A).

use super::{RecordFaultKind, dib::Field};
use tidstro_wire::Cursor;

/// Data as the telegram holds it, lowest byte first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Data<'a> {
    /// No data.
    None,
    /// Binary integer of 1 to 64 bytes.
    Integer(&'a [u8]),
    /// Binary coded decimal, two digits a byte; a top digit F is a minus sign.
    Bcd(&'a [u8]),
    /// As before, the length code says that the number is negative.
    NegativeBcd(&'a [u8]),
    /// IEEE 754 single precision, its bits.
    Real(u32),
    /// Characters, last one first.
    Text(&'a [u8]),
}

/// Reads the data of a field.
pub(super) fn read<'a>(cursor: &mut Cursor<'a>, field: Field) -> Result<Data<'a>, RecordFaultKind> {
    let cut = RecordFaultKind::Cut { part: "data" };
    let mut take = |len: usize| cursor.take(len).ok_or(cut);
    match field {
        Field::None => Ok(Data::None),
        Field::Integer(len) => take(len).map(Data::Integer),
        Field::Bcd(len) => take(len).map(Data::Bcd),
        Field::Real => cursor.array().map(|bytes| Data::Real(u32::from_le_bytes(bytes))).ok_or(cut),
        Field::Selection => Err(RecordFaultKind::Selection),
        Field::Variable => variable(cursor),
    }
}

/// Variable-length data: the first byte says how long and what (EN 13757-3:2018 table 6).
fn variable<'a>(cursor: &mut Cursor<'a>) -> Result<Data<'a>, RecordFaultKind> {
    let cut = RecordFaultKind::Cut { part: "variable-length data" };
    let lvar = cursor.byte().ok_or(cut)?;
    let low = usize::from(lvar & 0x0f);
    let (kind, len): (fn(&'a [u8]) -> Data<'a>, usize) = match lvar {
        0x00..=0xbf => (Data::Text, usize::from(lvar)),
        0xc0..=0xc9 => (Data::Bcd, low),
        0xd0..=0xd9 => (Data::NegativeBcd, low),
        0xe0..=0xef => (Data::Integer, low),
        0xf0..=0xf4 => (Data::Integer, 16 + 4 * low),
        0xf5 => (Data::Integer, 48),
        0xf6 => (Data::Integer, 64),
        _ => return Err(RecordFaultKind::VariableLength { lvar }),
    };
    cursor.take(len).map(kind).ok_or(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_code_is_read_or_refused() {
        let bytes = [0x11; 200];
        let check = |lvar: u8, expected: Result<Data<'_>, RecordFaultKind>| {
            let telegram = [&[lvar][..], &bytes].concat();
            assert_eq!(read(&mut Cursor::new(&telegram, 0), Field::Variable), expected, "{lvar:02X}");
        };
        check(0x00, Ok(Data::Text(&[])));
        check(0xbf, Ok(Data::Text(&bytes[..191])));
        check(0xc9, Ok(Data::Bcd(&bytes[..9])));
        check(0xd1, Ok(Data::NegativeBcd(&bytes[..1])));
        check(0xe8, Ok(Data::Integer(&bytes[..8])));
        check(0xf0, Ok(Data::Integer(&bytes[..16])));
        check(0xf4, Ok(Data::Integer(&bytes[..32])));
        check(0xf5, Ok(Data::Integer(&bytes[..48])));
        check(0xf6, Ok(Data::Integer(&bytes[..64])));
        for lvar in [0xca, 0xcf, 0xda, 0xf7, 0xff] {
            check(lvar, Err(RecordFaultKind::VariableLength { lvar }));
        }
    }

    #[test]
    fn data_past_the_end_is_a_cut() {
        let cut = Err(RecordFaultKind::Cut { part: "variable-length data" });
        assert_eq!(read(&mut Cursor::new(&[0x20, 1, 2], 0), Field::Variable), cut);
        let cut = Err(RecordFaultKind::Cut { part: "data" });
        assert_eq!(read(&mut Cursor::new(&[1, 2, 3], 0), Field::Integer(4)), cut);
    }
}

//! The data information block: which memory of the meter a record comes from (EN 13757-3:2018 § 6.3).

use tidstro_model::Function;

use super::RecordFaultKind;
use tidstro_wire::Cursor;

/// DIFEs and VIFEs of one record, each.
pub(super) const CHAIN_LIMIT: usize = 10;
const EXTENDED: u8 = 0x80;

/// Coding and length of the data, the low four bits of the DIF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// No data.
    None,
    /// Binary integer of this many bytes.
    Integer(usize),
    /// 32-bit real.
    Real,
    /// A request for a value.
    Selection,
    /// Binary coded decimal of this many bytes.
    Bcd(usize),
    /// The length is in the data.
    Variable,
}

/// What the DIF and its DIFEs say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dib {
    pub(super) field: Field,
    pub(super) function: Function,
    /// At most 41 bits: one of the DIF, four of each DIFE.
    pub(super) storage: u64,
    /// At most 20 bits.
    pub(super) tariff: u32,
    /// At most 10 bits.
    pub(super) subunit: u16,
}

/// Reads the DIF and up to ten DIFEs.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Dib, RecordFaultKind> {
    let cut = RecordFaultKind::Cut { part: "data information" };
    let dif = cursor.byte().ok_or(cut)?;
    let mut dib = Dib {
        field: field(dif)?,
        function: function(dif),
        storage: u64::from(dif >> 6 & 1),
        tariff: 0,
        subunit: 0,
    };
    let mut is_extended = dif & EXTENDED != 0;
    let mut count = 0;
    while is_extended {
        if count == CHAIN_LIMIT {
            return Err(RecordFaultKind::ChainTooLong { part: "DIFE" });
        }
        let dife = cursor.byte().ok_or(cut)?;
        dib.extend(dife, count);
        is_extended = dife & EXTENDED != 0;
        count += 1;
    }
    Ok(dib)
}

impl Dib {
    /// Each DIFE adds four bits of storage number, two of tariff and one of subunit, lowest first.
    fn extend(&mut self, dife: u8, count: usize) {
        self.storage |= u64::from(dife & 0x0f) << (1 + 4 * count);
        self.tariff |= u32::from(dife >> 4 & 3) << (2 * count);
        self.subunit |= u16::from(dife >> 6 & 1) << count;
    }
}

const fn field(dif: u8) -> Result<Field, RecordFaultKind> {
    Ok(match dif & 0x0f {
        0x0 => Field::None,
        0x1 => Field::Integer(1),
        0x2 => Field::Integer(2),
        0x3 => Field::Integer(3),
        0x4 => Field::Integer(4),
        0x5 => Field::Real,
        0x6 => Field::Integer(6),
        0x7 => Field::Integer(8),
        0x8 => Field::Selection,
        0x9 => Field::Bcd(1),
        0xa => Field::Bcd(2),
        0xb => Field::Bcd(3),
        0xc => Field::Bcd(4),
        0xd => Field::Variable,
        0xe => Field::Bcd(6),
        _ => return Err(RecordFaultKind::SpecialDif { dif }),
    })
}

const fn function(dif: u8) -> Function {
    match dif >> 4 & 3 {
        0 => Function::Instantaneous,
        1 => Function::Maximum,
        2 => Function::Minimum,
        _ => Function::DuringError,
    }
}

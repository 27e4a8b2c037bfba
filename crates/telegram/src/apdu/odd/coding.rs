//! Records whose codes or data no meter uses.
//!
//! What comes in: the decrypted telegram and where a record begins. What goes out: whether its value information is one
//! that the standard keeps for later or that says two things at once, or its data cannot be what that says. Records of
//! the maker's own are never odd: nothing is known of them.

use tidstro_model::{Reading, Unit};

use tidstro_wire::Cursor;

use crate::apdu::{
    data::{self, Data},
    date, dib,
    vib::{self, Vib},
    vif,
};

/// Whether the record at `offset` is odd. Readings of a layout have no record of their own and are not.
pub(super) fn is_odd(telegram: &[u8], offset: usize, reading: &Reading) -> bool {
    let mut cursor = Cursor::new(telegram, offset);
    let Ok(dib) = dib::read(&mut cursor) else { return false };
    let Ok(vib) = vib::read(&mut cursor) else { return false };
    let Ok(data) = data::read(&mut cursor, dib.field) else { return false };
    vib.quantity == reading.quantity && (vib.is_reserved || vib.meanings > 1 || contradicts(&vib, data))
}

/// Whether the record at `offset` is a compact profile.
pub(super) fn is_profile(telegram: &[u8], offset: usize) -> bool {
    let mut cursor = Cursor::new(telegram, offset);
    dib::read(&mut cursor).is_ok() && vib::read(&mut cursor).is_ok_and(|vib| vib.is_profile)
}

fn contradicts(vib: &Vib, data: Data<'_>) -> bool {
    let is_number =
        matches!(vib.reading, vif::Reading::Signed | vif::Reading::Unsigned | vif::Reading::Fixed12);
    match data {
        Data::Bcd(bytes) | Data::NegativeBcd(bytes) => is_number && !are_decimal(bytes),
        Data::Text(_) => is_number && vib.unit != Unit::One && !vib.is_profile,
        Data::Integer(bytes) => {
            vib.reading == vif::Reading::Date && !vib.is_error && date::is_impossible(bytes)
        }
        Data::None | Data::Real(_) => false,
    }
}

/// Digits 0 to 9; the top one may be F, the minus sign, and all may be F, no value.
fn are_decimal(bytes: &[u8]) -> bool {
    let digits = bytes.iter().rev().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    let letters = digits.clone().filter(|digit| *digit > 9).count();
    let is_signed = digits.clone().next() == Some(0x0f);
    letters == 0 || (letters == 1 && is_signed) || digits.clone().all(|digit| digit == 0x0f)
}

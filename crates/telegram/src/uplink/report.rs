//! Rows of a gateway's report of raw telegrams: `gateway;meter;created;count;hex`, as Elvaco's report templates
//! 2001, 3001 and 4001 describe them.
//!
//! `created` is taken as UTC, `count` says which of a meter's telegrams it is, and is not needed. A wired telegram
//! comes without what frames it, from its C-field to before its checksum: the gateway has checked that, and it is put
//! back here. What stands for the lost checksum is that the row and the telegram name the same meter.

use tidstro_model::MeterNumber;

use super::{LineFault, Uplink, hex, utc};
use crate::address;

const FIELDS: usize = 5;

/// Whether a line has the form of a row. A receiver's line has another number of fields, or begins with its mode.
pub(super) fn is_row(text: &str) -> bool {
    text.split(';').count() == FIELDS && !text.split(';').next().is_some_and(is_mode)
}

/// `T1`, `C1`, `S1`, …: how a receiver listened.
fn is_mode(text: &str) -> bool {
    matches!(text.trim().as_bytes(), [letter, digit, ..] if letter.is_ascii_uppercase() && digit.is_ascii_digit())
}

/// Reads the row; `None` for the header.
pub(super) fn parse(text: &str) -> Result<Option<Uplink>, LineFault> {
    let mut fields = text.split(';').map(str::trim);
    let row = [(); FIELDS].map(|()| fields.next());
    let [Some(gateway), Some(meter), Some(created), Some(_count), Some(digits)] = row else {
        return Err(LineFault::Fields { got: text.split(';').count() });
    };
    if created.eq_ignore_ascii_case("created") {
        return Ok(None);
    }
    let received = Some(utc(created)?);
    let frame = framed(hex::bytes(digits)?, meter)?;
    let gateway = (!gateway.is_empty()).then(|| gateway.to_owned());
    Ok(Some(Uplink { received, gateway, ..Uplink::of(frame) }))
}

/// The whole frame; a wired one gets back what the report leaves out.
pub(super) fn framed(bytes: Vec<u8>, meter: &str) -> Result<Vec<u8>, LineFault> {
    let Some(frame) = unframed(&bytes).then(|| long_frame(&bytes)).flatten() else { return Ok(bytes) };
    // Other names of a meter than its eight digits are not compared.
    if let (Ok(stated), Ok(found)) = (MeterNumber::parse(meter), address(&frame))
        && stated != found.number
    {
        return Err(LineFault::OtherMeter { stated, found: found.number });
    }
    Ok(frame)
}

/// Whether the bytes begin with the C-field of a wired answer, an address and the CI field of its header. A wireless
/// frame begins with its length, which is longer than 8.
fn unframed(bytes: &[u8]) -> bool {
    matches!(bytes, [0x08, _, _, ..])
        || matches!(bytes, [length @ (0x18 | 0x28 | 0x38), _, 0x72 | 0x7a, ..] if usize::from(*length) + 1 != bytes.len())
}

/// EN 13757-2: `68 L L 68`, what was given, checksum, `16`. `None` for more than a frame can hold.
fn long_frame(counted: &[u8]) -> Option<Vec<u8>> {
    let length = u8::try_from(counted.len()).ok()?;
    let checksum = counted.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    Some([&[0x68, length, length, 0x68], counted, &[checksum, 0x16]].concat())
}

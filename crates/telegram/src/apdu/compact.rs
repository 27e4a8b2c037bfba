//! Compact frames: values without their record headers (EN 13757-3:2018 annex G).
//!
//! What comes in: a full frame, whose record headers are its format; or a compact frame (format signature, CRC of the
//! full frame, data) and the headers of its signature. What goes out: the headers; or the records of the full frame,
//! made again and proven by that CRC. Idle fillers count in neither CRC, as far as telegrams seen show.

use std::ops::Range;

use super::{FILLER, data, dib, vib};
use tidstro_wire::Cursor;

use crate::link::crc::crc;

/// The record headers of a full frame; `None` if there are none, or not all is standard records.
pub(crate) fn headers(telegram: &[u8], records: Range<usize>) -> Option<Vec<u8>> {
    let telegram = telegram.get(..records.end)?;
    let mut cursor = Cursor::new(telegram, records.start);
    let mut headers = Vec::new();
    while let Some(dif) = cursor.peek() {
        if dif == FILLER {
            cursor.byte();
            continue;
        }
        let (header, field) = header(telegram, &mut cursor)?;
        headers.extend_from_slice(header);
        data::read(&mut cursor, field).ok()?;
    }
    (!headers.is_empty()).then_some(headers)
}

/// Whether the bytes are record headers, one after the other.
pub(crate) fn are_headers(headers: &[u8]) -> bool {
    let mut cursor = Cursor::new(headers, 0);
    while cursor.left() > 0 {
        if header(headers, &mut cursor).is_none() {
            return false;
        }
    }
    !headers.is_empty()
}

/// The next header, DIF to last VIFE.
fn header<'a>(bytes: &'a [u8], cursor: &mut Cursor<'a>) -> Option<(&'a [u8], dib::Field)> {
    let start = cursor.at();
    let dib = dib::read(cursor).ok()?;
    vib::read(cursor).ok()?;
    Some((bytes.get(start..cursor.at())?, dib.field))
}

/// The signature and the record headers of a format frame: a length, the signature low byte first, the headers, and
/// fillers where it was encrypted. `None` if the headers are none, or not those of the signature. What the length counts
/// is not relied on: the signature proves the headers.
pub(crate) fn format_frame(content: &[u8]) -> Option<(u16, &[u8])> {
    let mut cursor = Cursor::new(content, 1);
    let signature = u16::from_le_bytes(cursor.array()?);
    let mut headers = cursor.rest();
    // A header may end like a filler, so each filler goes only as long as the signature does not fit.
    while crc(headers) != signature {
        headers = headers.strip_suffix(&[FILLER])?;
    }
    are_headers(headers).then_some((signature, headers))
}

/// What a compact frame says before its data: signature and CRC of the full frame, low bytes first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compact<'a> {
    pub(crate) signature: u16,
    full_crc: u16,
    data: &'a [u8],
}

/// Reads signature and CRC.
pub(crate) fn read(content: &[u8]) -> Option<Compact<'_>> {
    let mut cursor = Cursor::new(content, 0);
    let [signature, full_crc] = [cursor.array()?, cursor.array()?].map(u16::from_le_bytes);
    Some(Compact { signature, full_crc, data: cursor.rest() })
}

impl Compact<'_> {
    /// The records of the full frame; `None` if the data do not fit the headers or the CRC. Only fillers may be left.
    pub(crate) fn rebuild(&self, headers: &[u8]) -> Option<Vec<u8>> {
        let (mut head, mut values) = (Cursor::new(headers, 0), Cursor::new(self.data, 0));
        let mut full = Vec::with_capacity(headers.len() + self.data.len());
        while head.left() > 0 {
            let (header, field) = header(headers, &mut head)?;
            full.extend_from_slice(header);
            let start = values.at();
            data::read(&mut values, field).ok()?;
            full.extend_from_slice(self.data.get(start..values.at())?);
        }
        let has_ended = values.rest().iter().all(|byte| *byte == FILLER);
        (has_ended && crc(&full) == self.full_crc).then_some(full)
    }
}

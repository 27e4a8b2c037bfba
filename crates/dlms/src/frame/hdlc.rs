//! HDLC frames of type 3 (IEC 62056-46 § 6.4.2): flags, addresses, header and frame check sequences, segments.
//!
//! What comes in: bytes of a serial line or a stream. What goes out: the information of each frame whose
//! checks are right, put together where it came in segments. A frame type 3 has a length and no byte
//! stuffing, so a flag inside it is content.

use super::{Framing, Link, Message, crc::fcs};
use tidstro_wire::Cursor;

use crate::Refusal;

/// Begins and ends a frame.
pub(crate) const FLAG: u8 = 0x7e;
/// Frame type 3 in the highest bits of the format field.
pub(crate) const TYPE_3: u16 = 0xa000;
/// In the format field: more segments of the same information follow.
pub(crate) const SEGMENTED: u16 = 0x0800;
pub(crate) const LENGTH: u16 = 0x07ff;

/// One frame whose checks were right.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    /// Whether more segments of the same information follow.
    pub(crate) is_segmented: bool,
    /// Who speaks to whom.
    pub(crate) link: Link,
    /// What kind of frame it is, and its numbers (IEC 62056-46 § 6.4.3).
    pub(crate) control: u8,
    /// Offset of the information in the input.
    at: usize,
    /// Its content; none of a frame that only acknowledges.
    pub(crate) information: &'a [u8],
    /// Offset of the closing flag, which may open the next frame.
    pub(crate) end: usize,
}

/// Every message of the input, in order, and what was refused.
pub(super) fn messages(bytes: &[u8]) -> Vec<Result<Message, Refusal>> {
    let (mut found, mut open, mut at) = (Vec::new(), None, 0);
    while let Some(begin) = next_frame(bytes, at) {
        if begin > skip_flags(bytes, at) {
            let offset = skip_flags(bytes, at);
            found.push(Err(Refusal::Junk { offset, len: begin - offset }));
        }
        match read(bytes, begin) {
            Ok(frame) => {
                at = frame.end;
                add(&frame, &mut open, &mut found);
            }
            Err(refusal) => {
                open = None;
                at = after(bytes, begin, &refusal);
                found.push(Err(refusal));
            }
        }
    }
    if let Some(Message { offset, .. }) = open {
        found.push(Err(Refusal::MessageIncomplete { offset }));
    }
    found
}

fn skip_flags(bytes: &[u8], at: usize) -> usize {
    let flags = bytes.iter().skip(at).take_while(|byte| **byte == FLAG).count();
    at + flags
}

/// Offset of the format field of the next frame: behind a flag, and not the flag itself.
fn next_frame(bytes: &[u8], at: usize) -> Option<usize> {
    let begin = skip_flags(bytes, at);
    if begin >= bytes.len() {
        return None;
    }
    if begin > 0 && bytes.get(begin - 1) == Some(&FLAG) {
        return Some(begin);
    }
    // Bytes before the first flag, or after a damaged frame, belong to nothing.
    let flag = bytes.iter().skip(begin).position(|byte| *byte == FLAG)?;
    Some(skip_flags(bytes, begin + flag)).filter(|next| *next < bytes.len())
}

/// Where to go on after a refused frame: behind it if a flag stands where it should end, else at the next flag.
fn after(bytes: &[u8], begin: usize, refusal: &Refusal) -> usize {
    if matches!(refusal, Refusal::Unfinished { .. }) {
        return bytes.len();
    }
    let format = Cursor::new(bytes, begin).u16().unwrap_or_default();
    let end = begin + usize::from(format & LENGTH);
    if bytes.get(end) == Some(&FLAG) {
        return end;
    }
    let flag = bytes.iter().skip(begin).position(|byte| *byte == FLAG);
    flag.map_or(bytes.len(), |flag| begin + flag)
}

/// The frame whose format field is at `begin`, behind its opening flag.
pub(crate) fn read(bytes: &[u8], begin: usize) -> Result<Frame<'_>, Refusal> {
    let unfinished = Refusal::Unfinished { offset: begin, framing: Framing::Hdlc };
    let mut cursor = Cursor::new(bytes, begin);
    let format = cursor.u16().ok_or(unfinished)?;
    let len = usize::from(format & LENGTH);
    if format & !(SEGMENTED | LENGTH) != TYPE_3 || len < 7 {
        return Err(Refusal::FrameFormat { offset: begin, got: format });
    }
    let end = begin + len;
    let body = bytes.get(begin..end).ok_or(unfinished)?;
    let closing = *bytes.get(end).ok_or(unfinished)?;
    if closing != FLAG {
        return Err(Refusal::ClosingFlag { offset: end, got: closing });
    }
    check(body, len - 2, begin).map_err(|(offset, expected, got)| Refusal::FrameCheck {
        offset,
        expected,
        got,
    })?;
    let mut cursor = Cursor::new(body, 2);
    let link = addresses(&mut cursor, begin)?;
    let control = cursor.byte().ok_or(Refusal::FrameFormat { offset: begin, got: format })?;
    let header = cursor.at();
    let is_empty = header == len - 2;
    let (information, at) = if is_empty {
        (&[][..], header)
    } else {
        check(body, header, begin).map_err(|(offset, expected, got)| Refusal::HeaderCheck {
            offset,
            expected,
            got,
        })?;
        (body.get(header + 2..len - 2).unwrap_or_default(), header + 2)
    };
    Ok(Frame { is_segmented: format & SEGMENTED != 0, link, control, at: begin + at, information, end })
}

/// The check sequence at `at` covers everything before it.
fn check(body: &[u8], at: usize, begin: usize) -> Result<(), (usize, u16, u16)> {
    let (checked, stated) = body.split_at_checked(at).unwrap_or((body, &[]));
    let got = stated.first_chunk().map_or(0, |pair| u16::from_le_bytes(*pair));
    let expected = fcs(checked);
    let has_both = stated.len() >= 2;
    if has_both && got == expected { Ok(()) } else { Err((begin + at, expected, got)) }
}

/// Destination and source; each ends with the first byte whose lowest bit is set (IEC 62056-46 § 6.4.2.4).
fn addresses(cursor: &mut Cursor<'_>, begin: usize) -> Result<Link, Refusal> {
    let mut address = || {
        let (mut number, offset) = (0_u32, begin + cursor.at());
        for _ in 0..4 {
            let byte = cursor.byte().ok_or(Refusal::Address { offset })?;
            number = number << 7 | u32::from(byte >> 1);
            if byte & 1 == 1 {
                return Ok(number);
            }
        }
        Err(Refusal::Address { offset })
    };
    Ok(Link { destination: address()?, source: address()? })
}

/// Adds a frame to the message that is open, and gives the message when this was its last segment.
fn add(frame: &Frame<'_>, open: &mut Option<Message>, found: &mut Vec<Result<Message, Refusal>>) {
    let is_end = !frame.is_segmented;
    if frame.information.is_empty() {
        // RR, SNRM, UA, DISC: the link talks about itself.
        return;
    }
    let message = match open.take() {
        Some(mut message) if message.link == Some(frame.link) => {
            message.apdu.extend_from_slice(frame.information);
            message
        }
        interrupted => {
            if let Some(Message { offset, .. }) = interrupted {
                found.push(Err(Refusal::MessageIncomplete { offset }));
            }
            Message { apdu: frame.information.to_vec(), offset: frame.at, link: Some(frame.link) }
        }
    };
    if is_end { found.push(Ok(message)) } else { *open = Some(message) }
}

//! Wired M-Bus long frames that carry DLMS (EN 13757-2, EN 13757-3 § "transport layer of DLMS"): as meters in
//! Austria and Germany push them.
//!
//! What comes in: one or more long frames. What goes out: the APDU that their segments make. The CI field
//! counts the segments (bits 0 to 3) and marks the last one (bit 4). The length byte of a frame of 256 or more
//! bytes has run over: such a frame says 00, 01 or 02, which no whole frame can.

use super::{Framing, Message};
use tidstro_wire::Cursor;

use crate::Refusal;

const START: u8 = 0x68;
const STOP: u8 = 0x16;
/// C, A and CI field: the shortest content of a long frame.
const SHORTEST: usize = 3;
/// The last segment of a message.
const FINAL: u8 = 0x10;
/// Source and destination service access point follow the CI field.
const ACCESS_POINTS: usize = 2;

struct Frame<'a> {
    ci: u8,
    /// Offset of the payload in the input.
    at: usize,
    payload: &'a [u8],
    end: usize,
}

pub(super) fn messages(bytes: &[u8]) -> Vec<Result<Message, Refusal>> {
    let (mut found, mut at) = (Vec::new(), 0);
    let mut open = Open::default();
    while at < bytes.len() {
        match read(bytes, at) {
            Ok(frame) => {
                at = frame.end;
                found.extend(open.add(&frame));
            }
            Err(refusal) => {
                at = after(bytes, at, &refusal);
                found.push(Err(refusal));
                open = Open::default();
            }
        }
    }
    found.extend(open.message.map(|Message { offset, .. }| Err(Refusal::MessageIncomplete { offset })));
    found
}

/// Where the next frame may begin after a refused one.
fn after(bytes: &[u8], begin: usize, refusal: &Refusal) -> usize {
    let is_start = |window: &[u8]| matches!(window, [START, len, again, START] if len == again);
    let next = bytes.windows(4).skip(begin + 1).position(is_start);
    match (refusal, next) {
        (Refusal::Unfinished { .. }, _) | (_, None) => bytes.len(),
        (_, Some(next)) => begin + 1 + next,
    }
}

fn read(bytes: &[u8], begin: usize) -> Result<Frame<'_>, Refusal> {
    let unfinished = Refusal::Unfinished { offset: begin, framing: Framing::Mbus };
    let mut cursor = Cursor::new(bytes, begin);
    let [first, len, again, second] = cursor.array().ok_or(unfinished)?;
    if (first, second) != (START, START) || len != again {
        return Err(Refusal::LongFrame { offset: begin });
    }
    let at = cursor.at();
    let stated = usize::from(len);
    let content = cursor.take(if stated < SHORTEST { stated + 256 } else { stated }).ok_or(unfinished)?;
    let [checksum, stop] = cursor.array().ok_or(unfinished)?;
    let expected = content.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    if checksum != expected {
        return Err(Refusal::Checksum { offset: cursor.at() - 2, expected, got: checksum });
    }
    if stop != STOP {
        return Err(Refusal::StopByte { offset: cursor.at() - 1, got: stop });
    }
    let [_, _, ci] = *content.first_chunk().ok_or(Refusal::LongFrame { offset: begin })?;
    if ci & !(FINAL | 0x0f) != 0 {
        return Err(Refusal::SegmentField { offset: at + 2, ci });
    }
    let skipped = SHORTEST + ACCESS_POINTS;
    let payload = content.get(skipped..).ok_or(Refusal::LongFrame { offset: begin })?;
    Ok(Frame { ci, at: at + skipped, payload, end: cursor.at() })
}

/// The message whose segments are coming in.
#[derive(Default)]
struct Open {
    message: Option<Message>,
    next: u8,
}

impl Open {
    fn add(&mut self, frame: &Frame<'_>) -> Option<Result<Message, Refusal>> {
        let number = frame.ci & 0x0f;
        if number != self.next {
            let refusal = Refusal::SegmentLost {
                offset: frame.at,
                expected: u32::from(self.next),
                got: u32::from(number),
            };
            *self = Self::default();
            return Some(Err(refusal));
        }
        let message = self.message.get_or_insert(Message { apdu: Vec::new(), offset: frame.at, link: None });
        message.apdu.extend_from_slice(frame.payload);
        self.next = (number + 1) & 0x0f;
        if frame.ci & FINAL == 0 {
            return None;
        }
        std::mem::take(self).message.map(Ok)
    }
}

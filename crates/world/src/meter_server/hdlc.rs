//! The meter's end of an HDLC link (IEC 62056-46): it answers what it is asked, frame by frame, with a window of
//! one, in segments of its own size.

use std::collections::VecDeque;

const FLAG: u8 = 0x7e;
const TO_METER: [u8; 3] = [0xe6, 0xe6, 0x00];
const FROM_METER: [u8; 3] = [0xe6, 0xe7, 0x00];

/// What a frame led to.
pub(super) enum Heard {
    /// Nothing to say.
    Nothing,
    /// A frame for the client.
    Frame(Vec<u8>),
    /// A whole request; its answer is given to [`Station::answer`].
    Request(Vec<u8>),
}

/// One link.
#[derive(Debug, Default)]
pub(super) struct Station {
    /// The client's address and ours, as it writes them: the sender of an answer first becomes its receiver.
    addresses: Vec<u8>,
    request: Vec<u8>,
    answer: VecDeque<Vec<u8>>,
    sent: u8,
    expected: u8,
    last: Vec<u8>,
}

impl Station {
    /// Takes the next frame off the bytes; `None` if it is not whole yet.
    pub(super) fn hear(&mut self, bytes: &mut Vec<u8>, frame_max: usize) -> Option<Heard> {
        let flags = bytes.iter().take_while(|byte| **byte == FLAG).count();
        let body = bytes.get(flags..)?;
        let [high, low, ..] = *body else { return None };
        let len = usize::from(high & 7) << 8 | usize::from(low);
        let frame = body.get(..len)?.to_vec();
        bytes.drain(..flags + len);
        Some(self.frame(&frame, frame_max).unwrap_or(Heard::Nothing))
    }

    fn frame(&mut self, frame: &[u8], frame_max: usize) -> Option<Heard> {
        let (covered, check) = frame.split_at_checked(frame.len().checked_sub(2)?)?;
        if check != checksum(covered) {
            return None;
        }
        let (format, rest) = covered.split_first_chunk::<2>()?;
        let [format, _] = *format;
        let (to, rest) = address(rest)?;
        let (from, rest) = address(rest)?;
        self.addresses = [from, to].concat();
        let (control, rest) = rest.split_first()?;
        let information = rest.get(2..).unwrap_or_default();
        Some(match control & 0xef {
            0x83 => Heard::Frame(self.connect(frame_max)),
            0x43 => Heard::Frame(self.framed(0x73, false, &[])),
            even if even & 1 == 0 => return self.information(*control, information, format & 8 != 0),
            _ => Heard::Frame(self.polled(control >> 5)),
        })
    }

    fn connect(&mut self, frame_max: usize) -> Vec<u8> {
        (self.sent, self.expected) = (0, 0);
        self.request.clear();
        self.answer.clear();
        let [high, low] = u16::try_from(frame_max).unwrap_or(128).to_be_bytes();
        let lengths = [5, 2, high, low, 6, 2, high, low, 7, 4, 0, 0, 0, 1, 8, 4, 0, 0, 0, 1];
        self.framed(0x73, false, &[&[0x81, 0x80, 20][..], &lengths].concat())
    }

    fn information(&mut self, control: u8, information: &[u8], is_segmented: bool) -> Option<Heard> {
        if control >> 1 & 7 != self.expected {
            return Some(Heard::Frame(self.last.clone()));
        }
        self.expected = (self.expected + 1) & 7;
        self.request.extend_from_slice(information);
        if is_segmented {
            return Some(Heard::Frame(self.framed(self.expected << 5 | 0x11, false, &[])));
        }
        let request = std::mem::take(&mut self.request);
        request.strip_prefix(&TO_METER).map(|request| Heard::Request(request.to_vec()))
    }

    /// The client waits for the frame with this number.
    fn polled(&mut self, wanted: u8) -> Vec<u8> {
        if wanted == self.sent && !self.answer.is_empty() { self.segment() } else { self.last.clone() }
    }

    /// The first frame of an answer.
    pub(super) fn answer(&mut self, apdu: &[u8], frame_max: usize) -> Vec<u8> {
        let content = [&FROM_METER[..], apdu].concat();
        self.answer = content.chunks(frame_max.max(1)).map(<[u8]>::to_vec).collect();
        self.segment()
    }

    fn segment(&mut self) -> Vec<u8> {
        let segment = self.answer.pop_front().unwrap_or_default();
        let control = self.expected << 5 | 0x10 | self.sent << 1;
        self.sent = (self.sent + 1) & 7;
        self.framed(control, !self.answer.is_empty(), &segment)
    }

    fn framed(&mut self, control: u8, is_segmented: bool, information: &[u8]) -> Vec<u8> {
        let header = 2 + self.addresses.len() + 1;
        let content = if information.is_empty() { 0 } else { information.len() + 2 };
        let format =
            0xa000 | u16::from(is_segmented) << 11 | u16::try_from(header + content + 2).unwrap_or(0x7ff);
        let mut body = [&format.to_be_bytes()[..], &self.addresses, &[control]].concat();
        if !information.is_empty() {
            body.extend(checksum(&body));
            body.extend(information);
        }
        body.extend(checksum(&body));
        self.last = [&[FLAG][..], &body, &[FLAG]].concat();
        self.last.clone()
    }
}

/// An address ends with the first byte whose lowest bit is set.
fn address(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().take(4).position(|byte| byte & 1 == 1)?;
    bytes.split_at_checked(end + 1)
}

/// FCS-16, bit by bit; its lowest byte first.
pub(crate) fn checksum(bytes: &[u8]) -> [u8; 2] {
    let bit = |crc: u16, _| if crc & 1 == 1 { crc >> 1 ^ 0x8408 } else { crc >> 1 };
    let byte = |crc: u16, byte: &u8| (0..8).fold(crc ^ u16::from(*byte), bit);
    (!bytes.iter().fold(0xffff, byte)).to_le_bytes()
}

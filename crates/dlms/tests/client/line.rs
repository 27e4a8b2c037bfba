//! The meter's end of an HDLC link, written for tests: it cuts answers into segments, loses frames and is busy
//! as it is told. Checks are counted bit by bit, so that they can disagree with the client's table.

use std::collections::VecDeque;

use crate::meter::Meter;

/// What happens on the line, frame by frame of the meter; `Sound` once the list is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Sound,
    /// The client's frame does not arrive.
    LoseRequest,
    /// The meter's frame does not arrive.
    LoseAnswer,
    /// The meter's frame arrives with a bit turned.
    Damage,
    /// The meter says that it is not ready.
    NotReady,
    /// The meter acknowledges and says nothing yet.
    Later,
    /// The meter rejects.
    Reject,
    /// The meter says that it is not connected.
    Gone,
}

pub(crate) struct Line {
    pub(crate) meter: Meter,
    pub(crate) events: VecDeque<Event>,
    segment: usize,
    request: Vec<u8>,
    answer: VecDeque<Vec<u8>>,
    sent: u8,
    expected: u8,
    last: Vec<u8>,
    /// Requests that arrived whole.
    pub(crate) requests: usize,
}

impl Line {
    /// A meter that takes and sends this many bytes of information in a frame.
    pub(crate) fn new(meter: Meter, segment: usize, events: &[Event]) -> Self {
        Self {
            meter,
            events: events.iter().copied().collect(),
            segment,
            request: Vec::new(),
            answer: VecDeque::new(),
            sent: 0,
            expected: 0,
            last: Vec::new(),
            requests: 0,
        }
    }

    /// What the meter puts on the line after a frame of the client.
    pub(crate) fn hear(&mut self, frame: &[u8]) -> Vec<u8> {
        let event = self.events.pop_front().unwrap_or(Event::Sound);
        if event == Event::LoseRequest {
            return Vec::new();
        }
        let (control, information, is_segmented) = unframed(frame);
        let mut answer = match event {
            Event::NotReady => framed(self.expected << 5 | 0x15, false, &[]),
            Event::Reject => framed(0x97, false, &[control]),
            Event::Gone => framed(0x1f, false, &[]),
            _ => self.answer(control, &information, is_segmented, event == Event::Later),
        };
        match event {
            Event::LoseAnswer => Vec::new(),
            Event::Damage => {
                let middle = answer.len() / 2;
                answer[middle] ^= 0x04;
                answer
            }
            _ => answer,
        }
    }

    fn answer(&mut self, control: u8, information: &[u8], is_segmented: bool, is_later: bool) -> Vec<u8> {
        match control {
            0x93 => {
                (self.sent, self.expected) = (0, 0);
                let [high, low] = u16::try_from(self.segment).unwrap().to_be_bytes();
                framed(0x73, false, &[0x81, 0x80, 8, 5, 2, high, low, 6, 2, high, low])
            }
            0x53 => framed(0x73, false, &[]),
            _ if control & 1 == 0 => self.information(control, information, is_segmented, is_later),
            _ => self.polled(control >> 5, is_later),
        }
    }

    fn information(
        &mut self,
        control: u8,
        information: &[u8],
        is_segmented: bool,
        is_later: bool,
    ) -> Vec<u8> {
        if control >> 1 & 7 != self.expected {
            return self.last.clone();
        }
        assert!(information.len() <= self.segment, "the client keeps to what was agreed");
        self.expected = (self.expected + 1) & 7;
        self.request.extend_from_slice(information);
        if is_segmented {
            return self.ready();
        }
        let request = std::mem::take(&mut self.request);
        assert_eq!(request[..3], [0xe6, 0xe6, 0x00]);
        self.requests += 1;
        let answer = [&[0xe6, 0xe7, 0x00][..], &self.meter.answer(&request[3..])].concat();
        self.answer = answer.chunks(self.segment).map(<[u8]>::to_vec).collect();
        if is_later { self.ready() } else { self.segment_out() }
    }

    /// The client asks for the frame with this number.
    fn polled(&mut self, wanted: u8, is_later: bool) -> Vec<u8> {
        if is_later {
            return framed(self.expected << 5 | 0x11, false, &[]);
        }
        if wanted == self.sent && !self.answer.is_empty() { self.segment_out() } else { self.last.clone() }
    }

    fn ready(&mut self) -> Vec<u8> {
        self.last = framed(self.expected << 5 | 0x11, false, &[]);
        self.last.clone()
    }

    fn segment_out(&mut self) -> Vec<u8> {
        let segment = self.answer.pop_front().unwrap_or_default();
        let control = self.expected << 5 | 0x10 | self.sent << 1;
        self.sent = (self.sent + 1) & 7;
        self.last = framed(control, !self.answer.is_empty(), &segment);
        self.last.clone()
    }
}

/// Control, information and whether more follows, of a frame from client 16 to meter 1, 17.
fn unframed(frame: &[u8]) -> (u8, Vec<u8>, bool) {
    let len = usize::from(frame[1] & 7) << 8 | usize::from(frame[2]);
    assert_eq!((frame[0], frame.len(), frame[len + 1]), (0x7e, len + 2, 0x7e));
    assert_eq!(frame[3..6], [0x02, 0x23, 0x21]);
    assert_eq!(frame[len - 1..=len], check(&frame[1..len - 1]));
    let information = if len > 8 { frame[9..len - 1].to_vec() } else { Vec::new() };
    (frame[6], information, frame[1] & 8 != 0)
}

/// A frame from meter 1, 17 to client 16.
pub(crate) fn framed(control: u8, is_segmented: bool, information: &[u8]) -> Vec<u8> {
    framed_between([0x21, 0x02, 0x23], control, is_segmented, information)
}

pub(crate) fn framed_between(
    addresses: [u8; 3],
    control: u8,
    is_segmented: bool,
    information: &[u8],
) -> Vec<u8> {
    let around = if information.is_empty() { 8 } else { 10 };
    let len = u16::try_from(around + information.len()).unwrap();
    let format = 0xa000 | u16::from(is_segmented) << 11 | len;
    let mut body = [&format.to_be_bytes()[..], &addresses, &[control]].concat();
    if !information.is_empty() {
        body.extend(check(&body));
        body.extend(information);
    }
    body.extend(check(&body));
    [&[0x7e], &body[..], &[0x7e]].concat()
}

fn check(bytes: &[u8]) -> [u8; 2] {
    let mut crc = 0xffff_u16;
    for byte in bytes {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0x8408 } else { crc >> 1 };
        }
    }
    (!crc).to_le_bytes()
}

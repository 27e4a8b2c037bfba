//! Whole messages of a stream of wrappers or HDLC frames.
//!
//! What comes in: bytes in pieces of any size. What goes out: the bytes of one message at a time: a wrapper, frames of HDLC
//! up to the last segment, wrappers of general block transfer up to the last block. Nothing is checked here; whoever
//! decodes the message does that.

/// Begins and ends a frame of HDLC.
const FLAG: u8 = 0x7e;
/// Version of the wrapper, and its length with the header.
const VERSION: [u8; 2] = [0x00, 0x01];
const HEADER: usize = 8;
/// General block transfer, and the bit of its control byte that says it is the last block.
const BLOCK: u8 = 0xe0;
const LAST: u8 = 0x80;
/// The longest message, all its segments together: more than any push, less than a flood.
const MESSAGE_MAX: usize = 256 << 10;

/// Bytes of a connection on their way to messages.
#[derive(Debug, Default)]
pub(super) struct Messages {
    buffer: Vec<u8>,
    /// Bytes of the buffer that are whole frames of a message that goes on.
    open: usize,
    is_out_of_step: bool,
}

/// A whole frame at the front of the bytes.
struct Frame {
    len: usize,
    /// Whether the message goes on in the next one.
    goes_on: bool,
}

impl Messages {
    /// Takes bytes of the connection.
    pub(super) fn hear(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole message.
    pub(super) fn next(&mut self) -> Option<Vec<u8>> {
        while !self.is_out_of_step {
            let rest = self.buffer.get(self.open..).unwrap_or_default();
            if self.buffer.len() > MESSAGE_MAX || !begins(rest) {
                self.is_out_of_step = true;
                break;
            }
            let frame = frame(rest)?;
            self.open += frame.len;
            if !frame.goes_on {
                return Some(self.take());
            }
        }
        None
    }

    /// Whether what follows cannot be told apart any more.
    pub(super) const fn is_out_of_step(&self) -> bool {
        self.is_out_of_step
    }

    /// What is left at the end of the connection.
    pub(super) fn rest(self) -> Option<Vec<u8>> {
        let means_something = self.buffer.iter().any(|byte| *byte != FLAG);
        means_something.then_some(self.buffer)
    }

    /// The message that is whole. Two frames of HDLC may share a flag: the second one keeps it.
    fn take(&mut self) -> Vec<u8> {
        let rest = self.buffer.split_off(std::mem::take(&mut self.open).min(self.buffer.len()));
        let message = std::mem::replace(&mut self.buffer, rest);
        let is_shared =
            message.last() == Some(&FLAG) && self.buffer.first().is_some_and(|byte| byte & 0xf0 == 0xa0);
        if is_shared {
            self.buffer.insert(0, FLAG);
        }
        message
    }
}

/// Whether these bytes can begin a frame; too few of them can.
fn begins(bytes: &[u8]) -> bool {
    match bytes {
        [] | [0x00] => true,
        [first, second, ..] if [*first, *second] == VERSION => true,
        [FLAG, ..] => true,
        // Behind a segment that ended with the flag of the next one.
        [first, ..] => first & 0xf0 == 0xa0,
    }
}

/// The frame at the front, if it is whole.
fn frame(bytes: &[u8]) -> Option<Frame> {
    if bytes.first() == Some(&VERSION[0]) {
        let [high, low] = *bytes.get(HEADER - 2..HEADER)?.first_chunk()?;
        let len = HEADER + usize::from(u16::from_be_bytes([high, low]));
        let goes_on = matches!(bytes.get(HEADER..len)?, [BLOCK, control, ..] if control & LAST == 0);
        return Some(Frame { len, goes_on });
    }
    let flags = bytes.iter().take_while(|byte| **byte == FLAG).count();
    let [high, low] = *bytes.get(flags..)?.first_chunk()?;
    // Behind its length there is a flag; whoever decodes the frame looks whether it is one.
    let len = flags + usize::from(u16::from_be_bytes([high & 0x07, low])) + 1;
    (bytes.len() >= len).then_some(Frame { len, goes_on: high & 0x08 != 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every message of bytes that come in pieces of a size, and what is left.
    fn messages(bytes: &[u8], piece: usize) -> (Vec<Vec<u8>>, Option<Vec<u8>>) {
        let (mut messages, mut found) = (Messages::default(), Vec::new());
        for piece in bytes.chunks(piece) {
            messages.hear(piece);
            while let Some(message) = messages.next() {
                found.push(message);
            }
        }
        (found, messages.rest())
    }

    /// A frame of HDLC that nobody looks into here.
    fn hdlc(is_segmented: bool, content: &[u8]) -> Vec<u8> {
        let len = u8::try_from(content.len() + 2).unwrap();
        [&[FLAG, 0xa0 | u8::from(is_segmented) << 3, len], content, &[FLAG]].concat()
    }

    fn wrapper(apdu: &[u8]) -> Vec<u8> {
        [&[0, 1, 0, 1, 0, 16, 0, u8::try_from(apdu.len()).unwrap()], apdu].concat()
    }

    #[test]
    fn messages_are_found_in_pieces_of_any_size() {
        let (first, second) = (wrapper(&[0x0f, 1, 2, 3]), wrapper(&[0x7e; 20]));
        let blocks = [wrapper(&[BLOCK, 0x40, 1]), wrapper(&[BLOCK, 0xc0, 2])].concat();
        let segments = [hdlc(true, &[1; 9]), hdlc(true, &[0x7e; 9]), hdlc(false, &[3; 5])].concat();
        let last = hdlc(false, &[4; 30]);
        let expected = [first, second, blocks, segments, last];
        for piece in [1, 2, 3, 7, 1000] {
            assert_eq!(messages(&expected.concat(), piece), (expected.to_vec(), None), "pieces of {piece}");
        }
    }

    #[test]
    fn frames_may_share_a_flag() {
        let (first, second) = (hdlc(false, &[1; 9]), hdlc(false, &[2; 9]));
        let shared = [&first[..], &second[1..]].concat();
        assert_eq!(messages(&shared, 4096), (vec![first, second], None));
        let segments = [&hdlc(true, &[1; 9])[..], &hdlc(false, &[2; 9])[1..]].concat();
        assert_eq!(messages(&segments, 4096), (vec![segments.clone()], None));
    }

    #[test]
    fn what_is_no_message_is_kept_and_ends_the_stream() {
        let good = wrapper(&[1, 2, 3]);
        let (found, rest) = messages(&[&good[..], b"GET / HTTP/1.1\r\n", &good].concat(), 4096);
        assert_eq!((found.len(), rest.is_some_and(|rest| rest.starts_with(b"GET"))), (1, true));
        let (found, rest) = messages(&good[..9], 1);
        assert_eq!((found, rest), (vec![], Some(good[..9].to_vec())));
        let flood = [[FLAG, 0xa8, 0x04, 1, 1].as_slice(); 1].concat().repeat(100_000);
        let mut endless = Messages::default();
        endless.hear(&flood);
        assert_eq!((endless.next(), endless.is_out_of_step()), (None, true));
    }

    #[test]
    fn any_bytes_are_taken() {
        for seed in 0..3_000_u32 {
            let bytes = seed.wrapping_mul(2_654_435_761).to_be_bytes();
            let begin: &[u8] = if seed % 2 == 0 { &[FLAG, 0xa0, 0x05] } else { &VERSION };
            let whole = [begin, &bytes, &bytes].concat();
            let (found, rest) = messages(&whole, 3);
            let kept = found.concat().len() + rest.map_or(0, |rest| rest.len());
            assert!(kept + 1 >= whole.iter().filter(|byte| **byte != FLAG).count(), "{seed}");
        }
    }
}

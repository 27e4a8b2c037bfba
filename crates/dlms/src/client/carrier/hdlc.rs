//! The client's end of an HDLC link (IEC 62056-46 § 6): connect, numbered frames, segments both ways, disconnect.
//!
//! The client is the primary station: the meter speaks only when it is asked, so there is one frame under way
//! at a time. A frame that was lost or damaged is not missed before its time is over; then the last one is sent again,
//! and the numbers tell both sides what the other has.

use std::time::Duration;

use super::frame::{AROUND, Control, USUAL_INFORMATION, frame, longest_taken, parameters};
use super::{Carried, CarrierFault, ServerAddress};
use crate::Refusal;
use crate::frame::hdlc::{FLAG, Frame, LENGTH, read};

/// The header of the logical link, before a request and before an answer (IEC 62056-46 § 5.3).
const TO_METER: [u8; 3] = [0xe6, 0xe6, 0x00];
const FROM_METER: [u8; 3] = [0xe6, 0xe7, 0x00];
/// The longest APDU there is.
const APDU_MAX: usize = u16::MAX as usize;
/// How often a meter may say that it is not ready.
const BUSY_MAX: u32 = 60;

/// Who speaks on the link, and how long it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HdlcConfig {
    /// The client, 1 to 127; 16 is the public one.
    pub client: u8,
    /// The meter.
    pub server: ServerAddress,
    /// Longest information in a frame, both ways; at most 2,030 is asked for.
    pub information_max: u16,
    /// How long an answer may take.
    pub answer_within: Duration,
    /// How often a frame is sent before the meter counts as away.
    pub tries: u32,
    /// How long a meter that is not ready is left alone.
    pub busy_wait: Duration,
}

impl HdlcConfig {
    /// The usual times and lengths: frames of 128 bytes, 5 s, three tries, half a second of patience.
    #[must_use]
    pub const fn new(client: u8, server: ServerAddress) -> Self {
        Self {
            client,
            server,
            information_max: USUAL_INFORMATION,
            answer_within: Duration::from_secs(5),
            tries: 3,
            busy_wait: Duration::from_millis(500),
        }
    }
}

/// One link to one meter.
#[derive(Debug)]
pub struct HdlcLink {
    config: HdlcConfig,
    state: State,
    /// Number of the next frame we send, and of the next we expect.
    sent: u8,
    expected: u8,
    /// Longest information the meter takes.
    longest: usize,
    buffer: Vec<u8>,
    last: Vec<u8>,
    tries: u32,
    busy: u32,
    deadline: Option<Duration>,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Closed,
    Connecting,
    Ready,
    /// What is still to be sent, and what has come.
    Talking {
        rest: Vec<u8>,
        answer: Vec<u8>,
    },
    Disconnecting,
}

impl State {
    const fn word(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Connecting => "opening",
            Self::Ready => "open",
            Self::Talking { .. } => "waiting for an answer",
            Self::Disconnecting => "closing",
        }
    }
}

impl HdlcLink {
    /// A link that has sent nothing yet.
    #[must_use]
    pub const fn new(config: HdlcConfig) -> Self {
        Self {
            config,
            state: State::Closed,
            sent: 0,
            expected: 0,
            longest: USUAL_INFORMATION as usize,
            buffer: Vec::new(),
            last: Vec::new(),
            tries: 0,
            busy: 0,
            deadline: None,
        }
    }

    /// SNRM with what we can.
    pub(super) fn connect(&mut self, now: Duration) -> Result<Vec<u8>, CarrierFault> {
        self.in_state(&State::Closed)?;
        (self.sent, self.expected) = (0, 0);
        self.state = State::Connecting;
        let parameters = parameters(self.information_max());
        Ok(self.ask(Control::Connect, false, &parameters, now))
    }

    pub(super) fn send(&mut self, apdu: &[u8], now: Duration) -> Result<Vec<u8>, CarrierFault> {
        self.in_state(&State::Ready)?;
        if apdu.len() > APDU_MAX {
            return Err(CarrierFault::TooLong { len: apdu.len(), limit: APDU_MAX });
        }
        self.busy = 0;
        Ok(self.segment([&TO_METER[..], apdu].concat(), now))
    }

    pub(super) fn disconnect(&mut self, now: Duration) -> Result<Vec<u8>, CarrierFault> {
        self.in_state(&State::Ready)?;
        self.state = State::Disconnecting;
        Ok(self.ask(Control::Disconnect, false, &[], now))
    }

    pub(super) const fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// The last frame again.
    pub(super) fn timed_out(&mut self, now: Duration) -> Result<Vec<u8>, CarrierFault> {
        // What came of a frame that did not end belongs to nothing.
        self.buffer.clear();
        if self.tries >= self.config.tries {
            let tries = self.tries;
            self.close();
            return Err(CarrierFault::NoAnswer { within: self.config.answer_within, tries });
        }
        self.tries += 1;
        self.deadline = Some(now.saturating_add(self.config.answer_within));
        Ok(self.last.clone())
    }

    pub(super) fn receive(&mut self, bytes: &[u8], now: Duration) -> Result<Carried, CarrierFault> {
        self.buffer.extend_from_slice(bytes);
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut at = 0;
        let mut carried = Ok(Carried::Wait);
        while carried == Ok(Carried::Wait)
            && let Some((heard, end)) = next(&buffer, at)
        {
            at = end;
            if let Some(heard) = heard.filter(|heard| self.is_for_us(heard)) {
                carried = self.hear(&heard, now);
            }
        }
        buffer.drain(..at.min(buffer.len()));
        self.buffer = buffer;
        if carried.is_err() {
            self.close();
        }
        carried
    }

    fn is_for_us(&self, frame: &Frame<'_>) -> bool {
        let Frame { link, .. } = frame;
        link.destination == u32::from(self.config.client) && link.source == self.config.server.number()
    }

    fn hear(&mut self, frame: &Frame<'_>, now: Duration) -> Result<Carried, CarrierFault> {
        match (Control::read(frame.control), &self.state) {
            (Control::Accepted, State::Connecting) => Ok(self.connected(frame.information)),
            (Control::Accepted | Control::Disconnected, State::Disconnecting) => {
                self.close();
                Ok(Carried::Closed)
            }
            (Control::Disconnected, State::Connecting | State::Talking { .. }) => {
                Err(CarrierFault::Disconnected)
            }
            (Control::Rejected, State::Connecting | State::Talking { .. } | State::Disconnecting) => {
                let control = frame.information.first().copied().unwrap_or_default();
                Err(CarrierFault::FrameRejected { control })
            }
            (Control::Information { sent, expected }, State::Talking { .. }) => {
                self.information(frame, (sent, expected), now)
            }
            (Control::Ready { expected }, State::Talking { .. }) => self.ready(expected, now),
            (Control::NotReady { expected }, State::Talking { .. }) => self.not_ready(expected, now),
            // A repeated or belated frame, or a push on the line.
            _ => Ok(Carried::Wait),
        }
    }

    fn connected(&mut self, parameters: &[u8]) -> Carried {
        let longest = longest_taken(parameters).clamp(1, self.information_max());
        self.longest = usize::from(longest);
        self.answered();
        self.state = State::Ready;
        Carried::Open
    }

    /// A segment of the answer: acknowledged, or the whole APDU if it is the last.
    fn information(
        &mut self,
        frame: &Frame<'_>,
        (sent, acknowledged): (u8, u8),
        now: Duration,
    ) -> Result<Carried, CarrierFault> {
        if sent == before(self.expected) || acknowledged == before(self.sent) {
            // The one before once more, or an answer from before our frame: ours will be repeated.
            return Ok(Carried::Wait);
        }
        if sent != self.expected {
            return Err(CarrierFault::Sequence { expected: self.expected, got: sent });
        }
        self.is_acknowledged(acknowledged)?;
        let State::Talking { answer, .. } = &mut self.state else { return Ok(Carried::Wait) };
        answer.extend_from_slice(frame.information);
        if answer.len() > APDU_MAX + FROM_METER.len() {
            return Err(CarrierFault::AnswerTooLong { limit: APDU_MAX });
        }
        self.expected = after(self.expected);
        if frame.is_segmented {
            let ready = Control::Ready { expected: self.expected };
            return Ok(Carried::Send(self.ask(ready, false, &[], now)));
        }
        self.answered();
        let State::Talking { answer, .. } = std::mem::replace(&mut self.state, State::Ready) else {
            return Ok(Carried::Wait);
        };
        let apdu = answer.strip_prefix(&FROM_METER).ok_or(CarrierFault::LinkHeader)?;
        Ok(Carried::Apdu(apdu.to_vec()))
    }

    /// Our frame has arrived: the next segment goes out, or the answer is asked for a little later.
    fn ready(&mut self, acknowledged: u8, now: Duration) -> Result<Carried, CarrierFault> {
        if acknowledged == before(self.sent) {
            return Ok(Carried::Wait);
        }
        self.is_acknowledged(acknowledged)?;
        match &mut self.state {
            State::Talking { rest, .. } if !rest.is_empty() => {
                let rest = std::mem::take(rest);
                Ok(Carried::Send(self.segment(rest, now)))
            }
            _ => self.not_ready(acknowledged, now),
        }
    }

    /// The meter needs time: it is asked again, once our frame has arrived with one that carries nothing.
    fn not_ready(&mut self, acknowledged: u8, now: Duration) -> Result<Carried, CarrierFault> {
        self.busy += 1;
        if self.busy > BUSY_MAX {
            return Err(CarrierFault::Busy { times: self.busy });
        }
        if acknowledged == self.sent {
            self.ask(Control::Ready { expected: self.expected }, false, &[], now);
        }
        self.tries = 0;
        self.deadline = Some(now.saturating_add(self.config.busy_wait));
        Ok(Carried::Wait)
    }

    fn is_acknowledged(&self, acknowledged: u8) -> Result<(), CarrierFault> {
        if acknowledged == self.sent {
            return Ok(());
        }
        Err(CarrierFault::Sequence { expected: self.sent, got: acknowledged })
    }

    /// The frame with the next segment of what is to be sent.
    fn segment(&mut self, mut content: Vec<u8>, now: Duration) -> Vec<u8> {
        let rest = content.split_off(content.len().min(self.longest));
        let control = Control::Information { sent: self.sent, expected: self.expected };
        let bytes = self.ask(control, !rest.is_empty(), &content, now);
        self.sent = after(self.sent);
        self.state = State::Talking { rest, answer: Vec::new() };
        bytes
    }

    /// A frame that wants an answer; kept, to be sent again.
    fn ask(&mut self, control: Control, is_segmented: bool, information: &[u8], now: Duration) -> Vec<u8> {
        let mut addresses = self.config.server.bytes();
        addresses.push(self.config.client << 1 | 1);
        self.last = frame(&addresses, control, is_segmented, information);
        self.tries = 1;
        self.deadline = Some(now.saturating_add(self.config.answer_within));
        self.last.clone()
    }

    fn answered(&mut self) {
        self.deadline = None;
        self.tries = 0;
        self.busy = 0;
    }

    fn close(&mut self) {
        self.answered();
        self.state = State::Closed;
    }

    fn information_max(&self) -> u16 {
        self.config.information_max.clamp(1, LENGTH - AROUND)
    }

    fn in_state(&self, state: &State) -> Result<(), CarrierFault> {
        if self.state == *state { Ok(()) } else { Err(CarrierFault::OutOfTurn { state: self.state.word() }) }
    }
}

/// Frames are numbered from 0 to 7 and around.
const fn after(number: u8) -> u8 {
    (number + 1) & 0x07
}

const fn before(number: u8) -> u8 {
    number.wrapping_sub(1) & 0x07
}

/// The next whole frame from `at` on, or `None` for one that is damaged, and where to go on; nothing if the rest
/// is still to come.
fn next(bytes: &[u8], at: usize) -> Option<(Option<Frame<'_>>, usize)> {
    let noise = bytes.iter().skip(at).take_while(|byte| **byte != FLAG).count();
    let flag = at + noise;
    let flags = bytes.iter().skip(flag).take_while(|byte| **byte == FLAG).count();
    let begin = flag + flags;
    if begin >= bytes.len() {
        // Noise alone is dropped; a flag may open a frame.
        return (noise > 0).then_some((None, flag));
    }
    match read(bytes, begin) {
        Ok(frame) => {
            let end = frame.end;
            Some((Some(frame), end))
        }
        Err(Refusal::Unfinished { .. }) => (noise > 0).then_some((None, flag)),
        Err(_) => Some((None, begin)),
    }
}

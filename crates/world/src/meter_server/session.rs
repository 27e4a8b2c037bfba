//! A meter and its connections: bytes in, reactions out.

use jiff::Timestamp;

use super::association::{self, Verdict};
use super::cipher::MeterKeys;
use super::hdlc::{Heard, Station};
use super::plan::{Access, MeterFault, MeterPlan};
use super::service::{self, Blocks, Request, UNSUPPORTED};
use super::value::{Reader, Value, length};

/// Services in the clear and ciphered under a global key.
const CIPHERED: [(u8, u8); 4] = [(0xc0, 0xc8), (0xc3, 0xcb), (0xc4, 0xcc), (0xc7, 0xcf)];
const GENERAL: u8 = 0xdb;
const CHALLENGE: &[u8] = b"a simulated challenge";
/// Object and method that take the client's proof.
const ASSOCIATION: [u8; 6] = [0, 0, 40, 0, 0, 255];

/// What the meter does about bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reaction {
    /// What it answers; may be nothing.
    pub bytes: Vec<u8>,
    /// Whether it takes longer than anybody waits: whoever asks has hung up by then.
    pub is_too_late: bool,
    /// Whether it then hangs up.
    pub hangs_up: bool,
}

/// A meter: what stays from connection to connection.
#[derive(Debug)]
pub struct MeterServer {
    plan: MeterPlan,
    connections: usize,
    /// The meter's invocation counter, and the client's highest.
    counter: u32,
    heard: u32,
    /// How often a client used a counter that was not new.
    repeated: u32,
}

impl MeterServer {
    /// A meter that nobody has spoken to.
    #[must_use]
    pub const fn new(plan: MeterPlan) -> Self {
        Self { plan, connections: 0, counter: 100, heard: 0, repeated: 0 }
    }

    /// What it is like.
    #[must_use]
    pub const fn plan(&self) -> &MeterPlan {
        &self.plan
    }

    /// How many connections there were.
    #[must_use]
    pub const fn connections(&self) -> usize {
        self.connections
    }

    /// How often a client used an invocation counter that was not above all before.
    #[must_use]
    pub const fn repeated_counters(&self) -> u32 {
        self.repeated
    }

    /// A client connects.
    pub fn connect(&mut self) -> MeterSession {
        let fault = self.plan.faults.get(self.connections).copied().flatten();
        self.connections += 1;
        MeterSession {
            fault,
            buffer: Vec::new(),
            station: Station::default(),
            client: [0; 8],
            challenge: Vec::new(),
            state: State::Closed,
            blocks: Blocks::default(),
            answers: 0,
        }
    }

    const fn keys(&self) -> Option<MeterKeys> {
        match self.plan.access {
            Access::Keys { encryption, authentication } => Some(MeterKeys { encryption, authentication }),
            _ => None,
        }
    }

    /// The meter's next counter.
    const fn next_counter(&mut self) -> u32 {
        self.counter += 1;
        self.counter
    }

    /// Whether a client's counter is above all before.
    const fn is_new(&mut self, counter: u32) -> bool {
        if counter <= self.heard {
            self.repeated += 1;
            return false;
        }
        self.heard = counter;
        true
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Proving,
    Open,
}

/// One connection.
#[derive(Debug)]
pub struct MeterSession {
    fault: Option<MeterFault>,
    buffer: Vec<u8>,
    station: Station,
    client: [u8; 8],
    /// The client's.
    challenge: Vec<u8>,
    state: State,
    blocks: Blocks,
    answers: u32,
}

impl MeterSession {
    /// Takes what came of the connection, in pieces of any size, wrapped or in HDLC.
    pub fn receive(&mut self, meter: &mut MeterServer, bytes: &[u8], now: Timestamp) -> Reaction {
        self.buffer.extend_from_slice(bytes);
        let mut reaction = Reaction::default();
        if self.fault == Some(MeterFault::Deaf) {
            self.buffer.clear();
            return reaction;
        }
        while !reaction.hangs_up
            && let Some(answer) = self.next(meter, now)
        {
            reaction.bytes.extend(answer);
            reaction.hangs_up = self.is_cut();
        }
        if reaction.hangs_up {
            // The last block does not arrive.
            reaction.bytes.clear();
        }
        reaction.is_too_late = self.fault == Some(MeterFault::Slow);
        reaction
    }

    const fn is_cut(&self) -> bool {
        match self.fault {
            Some(MeterFault::CutAfterBlocks(blocks)) => self.blocks.number > blocks,
            Some(MeterFault::CutAfterAnswers(answers)) => self.answers > answers,
            _ => false,
        }
    }

    /// The answer to the next whole frame or wrapper.
    fn next(&mut self, meter: &mut MeterServer, now: Timestamp) -> Option<Vec<u8>> {
        if self.buffer.first() != Some(&0x7e) {
            return self.wrapped(meter, now);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let heard = self.station.hear(&mut buffer, meter.plan.frame_max);
        self.buffer = buffer;
        match heard? {
            Heard::Nothing => Some(Vec::new()),
            Heard::Frame(frame) => Some(frame),
            Heard::Request(request) => {
                let answer = self.answer(meter, &request, now);
                Some(self.station.answer(&answer, meter.plan.frame_max))
            }
        }
    }

    fn wrapped(&mut self, meter: &mut MeterServer, now: Timestamp) -> Option<Vec<u8>> {
        let mut reader = Reader(&self.buffer);
        let [_, from, to, len]: [[u8; 2]; 4] =
            [reader.array()?, reader.array()?, reader.array()?, reader.array()?];
        let request = reader.take(u16::from_be_bytes(len).into())?.to_vec();
        self.buffer.drain(..8 + request.len());
        let answer = self.answer(meter, &request, now);
        let len = u16::try_from(answer.len()).unwrap_or_default().to_be_bytes();
        Some([&[0, 1][..], &to, &from, &len, &answer].concat())
    }

    /// The APDU that answers an APDU.
    fn answer(&mut self, meter: &mut MeterServer, apdu: &[u8], now: Timestamp) -> Vec<u8> {
        self.answers += 1;
        match apdu.first() {
            Some(0x60) => self.associate(meter, apdu).unwrap_or_else(|| UNSUPPORTED.to_vec()),
            Some(0x62) => {
                self.state = State::Closed;
                vec![0x63, 0x03, 0x80, 0x01, 0x00]
            }
            _ => match meter.keys() {
                None => self.serve(meter, apdu, now),
                Some(keys) => self.ciphered(meter, keys, apdu, now).unwrap_or_else(|| UNSUPPORTED.to_vec()),
            },
        }
    }

    fn associate(&mut self, meter: &mut MeterServer, apdu: &[u8]) -> Option<Vec<u8>> {
        let request = association::request(apdu)?;
        let verdict = match self.fault {
            Some(MeterFault::Busy) => Verdict::NotNow,
            _ => Verdict::of(&meter.plan.access, &request),
        };
        if matches!(verdict, Verdict::Rejected | Verdict::NotNow) {
            return Some(association::answer(verdict, None, &[]));
        }
        let Some(keys) = meter.keys() else {
            self.state = State::Open;
            let initiate = association::initiate_response(request.initiate, meter.plan.pdu_max)?;
            return Some(association::answer(verdict, None, &initiate));
        };
        self.client = request.title?;
        self.challenge = request.value.to_vec();
        self.state = State::Proving;
        let initiate = self.initiate(meter, keys, request.initiate)?;
        Some(association::answer(verdict, Some((meter.plan.title, CHALLENGE)), &initiate))
    }

    /// The ciphered initiate-response to a ciphered initiate-request, in the form it was asked in.
    fn initiate(&self, meter: &mut MeterServer, keys: MeterKeys, request: &[u8]) -> Option<Vec<u8>> {
        let (form, clear) = self.opened(meter, keys, request, &[(0x01, 0x21)])?;
        let response = association::initiate_response(&clear, meter.plan.pdu_max)?;
        sealed(meter, keys, form, 0x28, &response)
    }

    fn ciphered(
        &mut self,
        meter: &mut MeterServer,
        keys: MeterKeys,
        apdu: &[u8],
        now: Timestamp,
    ) -> Option<Vec<u8>> {
        let (form, clear) = self.opened(meter, keys, apdu, &CIPHERED)?;
        let answer = match (self.state, Request::read(&clear)) {
            (
                State::Proving,
                Request::Call { invoke, class: 15, name: ASSOCIATION, method: 1, parameter },
            ) => self.prove(meter, keys, invoke, parameter),
            (State::Open, _) => self.serve(meter, &clear, now),
            _ => return None,
        };
        let ciphered = CIPHERED.iter().find(|(own, _)| answer.first() == Some(own));
        let Some((_, tag)) = ciphered else { return Some(answer) };
        let mut sealed = sealed(meter, keys, form, *tag, &answer)?;
        if self.fault == Some(MeterFault::WrongTag)
            && self.state == State::Open
            && let Some(last) = sealed.last_mut()
        {
            *last ^= 1;
        }
        Some(sealed)
    }

    /// A ciphered APDU in the clear, and whether it came in the general form; `None` if its tag or counter is wrong.
    fn opened(
        &self,
        meter: &mut MeterServer,
        keys: MeterKeys,
        apdu: &[u8],
        forms: &[(u8, u8)],
    ) -> Option<(Form, Vec<u8>)> {
        let mut reader = Reader(apdu);
        let tag = reader.byte()?;
        let form = if tag == GENERAL {
            let len = reader.length()?;
            (reader.take(len)? == self.client).then_some(Form::General)?
        } else {
            forms.iter().any(|(_, ciphered)| *ciphered == tag).then_some(Form::Service)?
        };
        let len = reader.length()?;
        let (counter, clear) = keys.open(self.client, reader.take(len)?)?;
        meter.is_new(counter).then_some((form, clear))
    }

    /// The client's proof, and ours.
    fn prove(&mut self, meter: &mut MeterServer, keys: MeterKeys, invoke: u8, parameter: &[u8]) -> Vec<u8> {
        let proof = Value::read(&mut Reader(parameter), 1);
        let proof = proof.as_ref().and_then(Value::octets).unwrap_or_default();
        let mut reader = Reader(proof);
        let counter = reader.byte().and_then(|_| reader.u32()).unwrap_or_default();
        let expected = keys.prove(self.client, counter, CHALLENGE);
        // The proof's counter is below that of the call it came in, which was checked: it was counted first.
        if expected.as_deref() != Some(proof) {
            return service::called(invoke, None);
        }
        self.state = State::Open;
        let counter = meter.next_counter();
        service::called(invoke, keys.prove(meter.plan.title, counter, &self.challenge))
    }

    fn serve(&mut self, meter: &MeterServer, apdu: &[u8], now: Timestamp) -> Vec<u8> {
        if self.state != State::Open {
            return UNSUPPORTED.to_vec();
        }
        match Request::read(apdu) {
            Request::Get { invoke, content } => {
                self.blocks = Blocks::default();
                service::get(&meter.plan, invoke, content, &mut self.blocks, now)
            }
            Request::Next { invoke, block } => service::next(&meter.plan, invoke, block, &mut self.blocks),
            Request::Call { invoke, .. } => service::called(invoke, None),
            Request::Other => UNSUPPORTED.to_vec(),
        }
    }
}

/// How a ciphered APDU is written: under a tag of its service, or under the general one with a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Service,
    General,
}

fn sealed(meter: &mut MeterServer, keys: MeterKeys, form: Form, tag: u8, clear: &[u8]) -> Option<Vec<u8>> {
    let counter = meter.next_counter();
    let content = keys.seal(meter.plan.title, counter, clear)?;
    let mut bytes = match form {
        Form::Service => vec![tag],
        Form::General => [&[GENERAL, 8][..], &meter.plan.title].concat(),
    };
    length(content.len(), &mut bytes);
    bytes.extend(content);
    Some(bytes)
}

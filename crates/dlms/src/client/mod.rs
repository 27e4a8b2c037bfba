//! The client's codec: associate, prove the keys, read, call, release. It has no socket: APDUs go out and come in,
//! and whoever holds the connection carries them, by a [`Carrier`]: wrapper or HDLC.
//!
//! What comes in: who the client is, its keys and counters, a random challenge, requests, and the meter's APDUs.
//! What goes out: APDUs to send and values. With protection nothing is used that is not from the meter, protected as
//! agreed and newer than what came before. The counters are the caller's to keep: see [`Client::counters`].

mod acse;
mod ber;
mod carrier;
mod fault;
mod service;
mod session;

use tidstro_model::Obis;
use zeroize::Zeroizing;

use crate::{Data, Keys, SystemTitle};
use session::Session;

pub use carrier::{Carried, Carrier, CarrierFault, HdlcConfig, HdlcLink, ServerAddress, WrapperLink};
pub use fault::ClientFault;
pub use service::{Action, Get, Selection};

/// The object of the association itself.
const ASSOCIATION: Obis = Obis([0, 0, 40, 0, 0, 255]);
const ASSOCIATION_CLASS: u16 = 15;
const REPLY_TO_HLS: i8 = 1;
const EXCEPTION: u8 = 0xd8;
/// Confirmed service, high priority; the number of the request is in the lowest four bits.
const CONFIRMED: u8 = 0xc0;

/// Who the client is and how it speaks.
#[derive(Debug)]
pub struct ClientConfig {
    /// The client's system title.
    pub title: SystemTitle,
    /// How it proves who it is.
    pub authentication: Authentication,
    /// How APDUs are protected; needed for [`Authentication::Gmac`].
    pub protection: Option<Protection>,
    /// Longest APDU the client takes.
    pub max_apdu: u16,
}

/// How the client proves who it is.
#[derive(Debug)]
pub enum Authentication {
    /// Not at all: the public client.
    None,
    /// Low level security: a password, sent as it is.
    Low(Password),
    /// High level security with mechanism 5: both sides prove their keys with GMAC.
    Gmac,
}

/// A password. Wiped when dropped; `Debug` shows no byte of it.
pub struct Password(Zeroizing<Vec<u8>>);

impl Password {
    /// The password with these bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(redacted)")
    }
}

/// Keys and counters of an association.
#[derive(Debug)]
pub struct Protection {
    /// The meter's keys.
    pub keys: Keys,
    /// Security control byte of every APDU: suite, and whether authenticated (10) and encrypted (20).
    pub control: u8,
    /// The client's next invocation counter: above every one ever used with this key.
    pub counter: u32,
    /// The meter's highest invocation counter so far, if one is known.
    pub meter_counter: Option<u32>,
}

/// What an APDU of the meter led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send this, and wait for the answer.
    Send(Vec<u8>),
    /// The association stands, and the meter has proved its keys if that was asked.
    Associated,
    /// The value of the attribute.
    Value(Data),
    /// The method was called; what it gave back.
    Called(Option<Data>),
    /// The association is over.
    Released,
}

/// One association with one meter.
#[derive(Debug)]
pub struct Client {
    config: ClientConfig,
    session: Option<Session>,
    challenge: Vec<u8>,
    state: State,
    invoke: u8,
}

/// What the client waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Closed,
    Opening,
    Proving,
    Ready,
    Reading { next: u32, value: Vec<u8> },
    Calling,
    Releasing,
}

impl State {
    const fn word(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Opening | Self::Proving => "opening",
            Self::Ready => "open",
            Self::Reading { .. } | Self::Calling => "waiting for an answer",
            Self::Releasing => "closing",
        }
    }
}

impl Client {
    /// A client that has said nothing yet. `challenge` are 8 to 64 random bytes, new for each association.
    #[must_use]
    pub fn new(mut config: ClientConfig, challenge: &[u8]) -> Self {
        let session = config.protection.take().map(|protection| Session::new(protection, config.title));
        Self { config, session, challenge: challenge.to_vec(), state: State::Closed, invoke: 0 }
    }

    /// The next counter of the client and the highest of the meter: keep them before anything is sent, and give them to
    /// the next association. `None` without protection.
    #[must_use]
    pub fn counters(&self) -> Option<(u32, Option<u32>)> {
        let protection = &self.session.as_ref()?.protection;
        Some((protection.counter, protection.meter_counter))
    }

    /// The meter's system title, which it says when it associates with keys; proven once it is associated.
    #[must_use]
    pub fn meter(&self) -> Option<SystemTitle> {
        self.session.as_ref()?.meter()
    }

    /// The request to associate.
    ///
    /// # Errors
    /// [`ClientFault`] if the association is open already, GMAC is asked for without keys, or the counter is used up.
    pub fn associate(&mut self) -> Result<Vec<u8>, ClientFault> {
        self.in_state("association request", &State::Closed)?;
        if matches!(self.config.authentication, Authentication::Gmac) && self.session.is_none() {
            return Err(ClientFault::Incomplete { missing: "keys" });
        }
        let initiate = self.initiate()?;
        self.state = State::Opening;
        Ok(acse::request(&self.config, &self.challenge, &initiate, self.session.is_some()))
    }

    /// The request to read an attribute; [`Step::Value`] follows.
    ///
    /// # Errors
    /// [`ClientFault`] if another answer is awaited, or there is no association.
    pub fn get(&mut self, get: &Get) -> Result<Vec<u8>, ClientFault> {
        self.in_state("get", &State::Ready)?;
        let request = get.bytes(self.next_invoke());
        self.state = State::Reading { next: 1, value: Vec::new() };
        self.sent(request)
    }

    /// The request to call a method; [`Step::Called`] follows.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn call(&mut self, action: &Action) -> Result<Vec<u8>, ClientFault> {
        self.in_state("action", &State::Ready)?;
        let request = action.bytes(self.next_invoke());
        self.state = State::Calling;
        self.sent(request)
    }

    /// The request to end the association; [`Step::Released`] follows.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn release(&mut self) -> Result<Vec<u8>, ClientFault> {
        self.in_state("release request", &State::Ready)?;
        let initiate = if self.session.is_some() { Some(self.initiate()?) } else { None };
        self.state = State::Releasing;
        Ok(acse::release(initiate.as_deref()))
    }

    /// Takes an APDU of the meter.
    ///
    /// # Errors
    /// [`ClientFault`]. After one that [is the meter's own answer](ClientFault::is_answer) the next request can be
    /// made; after any other the association is closed.
    pub fn receive(&mut self, apdu: &[u8]) -> Result<Step, ClientFault> {
        let step = self.step(apdu);
        if let Err(fault) = &step {
            let goes_on = fault.is_answer() && matches!(self.state, State::Reading { .. } | State::Calling);
            self.state = if goes_on { State::Ready } else { State::Closed };
        }
        step
    }

    fn step(&mut self, apdu: &[u8]) -> Result<Step, ClientFault> {
        match (apdu.first().copied(), &self.state) {
            (Some(acse::AARE), State::Opening) => return self.opened(apdu),
            (Some(acse::RLRE), State::Releasing) => {
                self.state = State::Closed;
                return Ok(Step::Released);
            }
            _ => {}
        }
        let clear = match &mut self.session {
            Some(session) => session.open(apdu)?,
            None => apdu.to_vec(),
        };
        let tag = clear.first().copied().ok_or(ClientFault::Cut { part: "tag" })?;
        match (tag, &self.state) {
            (EXCEPTION, _) => Err(exception(&clear)),
            (service::GET_RESPONSE, State::Reading { .. }) => self.got(&clear),
            (service::ACTION_RESPONSE, State::Calling) => {
                let value = self.called(&clear)?;
                self.state = State::Ready;
                Ok(Step::Called(value))
            }
            (service::ACTION_RESPONSE, State::Proving) => self.proven(&clear),
            (tag, _) => Err(ClientFault::Unexpected { tag }),
        }
    }

    /// The meter accepted: the association stands, or the client proves its keys.
    fn opened(&mut self, apdu: &[u8]) -> Result<Step, ClientFault> {
        let answer = acse::answer(apdu)?;
        let information =
            answer.information.ok_or(ClientFault::Incomplete { missing: "initiate response" })?;
        let clear = match &mut self.session {
            None => information.to_vec(),
            Some(session) => {
                session.meet(answer.title.ok_or(ClientFault::Incomplete { missing: "system title" })?);
                session.open(information)?
            }
        };
        acse::initiate_response(&clear)?;
        let (Authentication::Gmac, Some(session)) = (&self.config.authentication, &mut self.session) else {
            self.state = State::Ready;
            return Ok(Step::Associated);
        };
        let challenge = answer.challenge.ok_or(ClientFault::Incomplete { missing: "challenge" })?;
        let proof = session.prove(challenge)?;
        let parameter = Some(Data::OctetString(proof.into()));
        let pass_3 = Action { class: ASSOCIATION_CLASS, obis: ASSOCIATION, method: REPLY_TO_HLS, parameter };
        let request = pass_3.bytes(self.next_invoke());
        self.state = State::Proving;
        self.sent(request).map(Step::Send)
    }

    /// The meter's proof: the fourth pass.
    fn proven(&mut self, apdu: &[u8]) -> Result<Step, ClientFault> {
        let value = self.called(apdu)?;
        let proof = value.as_ref().and_then(Data::octets).ok_or(ClientFault::Proof)?;
        let session = self.session.as_ref().ok_or(ClientFault::Proof)?;
        session.verify(proof, &self.challenge)?;
        self.state = State::Ready;
        Ok(Step::Associated)
    }

    fn called(&self, apdu: &[u8]) -> Result<Option<Data>, ClientFault> {
        let (invoke, value) = service::action_response(apdu)?;
        self.answers(invoke)?;
        Ok(value)
    }

    /// A value, or a block of one.
    fn got(&mut self, apdu: &[u8]) -> Result<Step, ClientFault> {
        let (invoke, got) = service::get_response(apdu)?;
        self.answers(invoke)?;
        let State::Reading { next, mut value } = std::mem::replace(&mut self.state, State::Ready) else {
            return Err(ClientFault::Unexpected { tag: service::GET_RESPONSE });
        };
        let is_last = service::add(got, next, &mut value)?;
        if is_last {
            return Ok(Step::Value(Data::read(&value)?));
        }
        let following = next.checked_add(1).ok_or(ClientFault::TooLong { limit: service::VALUE_MAX })?;
        self.state = State::Reading { next: following, value };
        let request = service::next_block(CONFIRMED | self.invoke, next);
        self.sent(request).map(Step::Send)
    }

    fn initiate(&mut self) -> Result<Vec<u8>, ClientFault> {
        let clear = acse::initiate_request(self.config.max_apdu);
        self.sent(clear)
    }

    /// A request as it is sent: protected, if the association is.
    fn sent(&mut self, clear: Vec<u8>) -> Result<Vec<u8>, ClientFault> {
        match &mut self.session {
            Some(session) => session.protect(&clear),
            None => Ok(clear),
        }
    }

    /// Numbers 1 to 15, so that an answer to an older request is told apart.
    fn next_invoke(&mut self) -> u8 {
        self.invoke = self.invoke % 15 + 1;
        CONFIRMED | self.invoke
    }

    fn answers(&self, invoke: u8) -> Result<(), ClientFault> {
        let got = invoke & 0x0f;
        if got == self.invoke { Ok(()) } else { Err(ClientFault::InvokeId { expected: self.invoke, got }) }
    }

    fn in_state(&self, asked: &'static str, state: &State) -> Result<(), ClientFault> {
        if self.state == *state {
            Ok(())
        } else {
            Err(ClientFault::OutOfTurn { asked, state: self.state.word() })
        }
    }
}

fn exception(apdu: &[u8]) -> ClientFault {
    match *apdu {
        [_, state_error, service_error, ..] => ClientFault::Exception { state_error, service_error },
        _ => ClientFault::Cut { part: "exception response" },
    }
}

//! APDUs in the wrapper of TCP (IEC 62056-47): one request, one answer, nothing to open or close.

use std::time::Duration;

use super::{Carried, CarrierFault};
use crate::{Link, Refusal, unwrapped, wrap};

/// The most that is kept of an answer: the longest wrapper, and one byte to see that it was.
const BUFFER_MAX: usize = 8 + u16::MAX as usize;

/// APDUs on a connection with wrappers.
#[derive(Debug)]
pub struct WrapperLink {
    client: u16,
    server: u16,
    answer_within: Duration,
    buffer: Vec<u8>,
    deadline: Option<Duration>,
}

impl WrapperLink {
    /// From `client` (16 is the public one) to `server` (1 is the management device), each answer within this time.
    #[must_use]
    pub const fn new(client: u16, server: u16, answer_within: Duration) -> Self {
        Self { client, server, answer_within, buffer: Vec::new(), deadline: None }
    }

    pub(super) fn send(&mut self, apdu: &[u8], now: Duration) -> Result<Vec<u8>, CarrierFault> {
        if self.deadline.is_some() {
            return Err(CarrierFault::OutOfTurn { state: "waiting for an answer" });
        }
        let too_long = CarrierFault::TooLong { len: apdu.len(), limit: u16::MAX.into() };
        let bytes = wrap(self.client, self.server, apdu).ok_or(too_long)?;
        self.deadline = Some(now.saturating_add(self.answer_within));
        Ok(bytes)
    }

    pub(super) fn receive(&mut self, bytes: &[u8]) -> Result<Carried, CarrierFault> {
        self.buffer.extend_from_slice(bytes);
        let (link, apdu, taken) = match unwrapped(&self.buffer) {
            Ok((link, apdu, taken)) => (link, apdu.to_vec(), taken),
            Err(Refusal::Unfinished { .. }) if self.buffer.len() <= BUFFER_MAX => return Ok(Carried::Wait),
            Err(refusal) => return Err(refusal.into()),
        };
        self.buffer.drain(..taken);
        self.is_answer(link)?;
        self.deadline = None;
        Ok(Carried::Apdu(apdu))
    }

    pub(super) const fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// TCP repeats by itself: who does not answer on it is away.
    pub(super) const fn no_answer(&self) -> CarrierFault {
        CarrierFault::NoAnswer { within: self.answer_within, tries: 1 }
    }

    fn is_answer(&self, link: Link) -> Result<(), CarrierFault> {
        let (client, server) = (u32::from(self.client), u32::from(self.server));
        if (link.source, link.destination) == (server, client) {
            return Ok(());
        }
        Err(CarrierFault::Address { from: link.source, to: link.destination, client, server })
    }
}

//! Protection of an association: counters, ciphered services, and the proof of the keys (HLS 5, GMAC).
//!
//! What comes in: APDUs in the clear, or protected ones of the meter. What goes out: the other form. Every use of
//! the key takes a counter of its own, and the meter's counter must rise.

use super::{ClientFault, Protection};
use tidstro_wire::Cursor;

use crate::{CipherHeader, SystemTitle, apdu, security};

/// Services and their ciphered forms under a global key: clear, request or response, ciphered.
const CIPHERED: [(u8, u8); 6] =
    [(0x01, 0x21), (0x08, 0x28), (0xc0, 0xc8), (0xc3, 0xcb), (0xc4, 0xcc), (0xc7, 0xcf)];
/// Answers that a meter may give in the clear: it could not read what was asked.
const CLEAR_ANSWERS: [u8; 2] = [0x0e, 0xd8];
const AUTHENTICATED: u8 = 0x10;

/// The protection of one association.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) protection: Protection,
    title: SystemTitle,
    meter: Option<SystemTitle>,
}

impl Session {
    pub(super) const fn new(protection: Protection, title: SystemTitle) -> Self {
        Self { protection, title, meter: None }
    }

    /// The meter names itself when it accepts.
    pub(super) const fn meet(&mut self, meter: SystemTitle) {
        self.meter = Some(meter);
    }

    pub(super) const fn meter(&self) -> Option<SystemTitle> {
        self.meter
    }

    /// The ciphered form of a service.
    pub(super) fn protect(&mut self, clear: &[u8]) -> Result<Vec<u8>, ClientFault> {
        let tag = clear.first().copied().unwrap_or_default();
        let ciphered = CIPHERED.iter().find(|(own, _)| *own == tag).map(|(_, ciphered)| *ciphered);
        let ciphered = ciphered.ok_or(ClientFault::Unexpected { tag })?;
        let header = self.header(self.protection.control)?;
        let service = apdu::ciphered_service(header, &self.protection.keys, clear)?;
        Ok([&[ciphered][..], &service].concat())
    }

    /// The clear form of the meter's answer.
    pub(super) fn open(&mut self, answer: &[u8]) -> Result<Vec<u8>, ClientFault> {
        let tag = answer.first().copied().ok_or(ClientFault::Cut { part: "tag" })?;
        if CLEAR_ANSWERS.contains(&tag) {
            return Ok(answer.to_vec());
        }
        let meter = self.meter.ok_or(ClientFault::Incomplete { missing: "system title" })?;
        let is_service = CIPHERED.iter().any(|(_, ciphered)| *ciphered == tag);
        if !is_service && !apdu::is_general(tag) {
            return Err(ClientFault::Unprotected);
        }
        let (header, protected) = apdu::ciphered_header(answer, Some(meter))?;
        self.check(header, meter)?;
        let clear = security::open(header, protected, &self.protection.keys)?;
        self.protection.meter_counter = Some(header.invocation_counter);
        Ok(clear.to_vec())
    }

    /// From the meter, protected as agreed, and not an old one.
    fn check(&self, header: CipherHeader, meter: SystemTitle) -> Result<(), ClientFault> {
        if header.title != meter {
            return Err(ClientFault::Sender { expected: meter, got: header.title });
        }
        let asked = self.protection.control & 0x3f;
        if header.control & asked != asked {
            return Err(ClientFault::Unprotected);
        }
        match self.protection.meter_counter {
            Some(last) if header.invocation_counter <= last => {
                Err(ClientFault::Counter { last, got: header.invocation_counter })
            }
            _ => Ok(()),
        }
    }

    /// The proof that the client has the keys: security control byte, counter and tag over the meter's challenge.
    pub(super) fn prove(&mut self, challenge: &[u8]) -> Result<Vec<u8>, ClientFault> {
        let header = self.header(self.gmac())?;
        let proven = security::protect(header, &self.protection.keys, challenge)?;
        let tag = proven.get(challenge.len()..).unwrap_or_default();
        Ok([&[header.control][..], &header.invocation_counter.to_be_bytes(), tag].concat())
    }

    /// Whether the meter's proof fits the client's challenge.
    pub(super) fn verify(&self, proof: &[u8], challenge: &[u8]) -> Result<(), ClientFault> {
        let title = self.meter.ok_or(ClientFault::Incomplete { missing: "system title" })?;
        let mut cursor = Cursor::new(proof, 0);
        let (control, counter) = (cursor.byte(), cursor.u32());
        let (Some(control), Some(invocation_counter)) = (control, counter) else {
            return Err(ClientFault::Proof);
        };
        let protected = [challenge, cursor.rest()].concat();
        let protected_len = protected.len();
        let header = CipherHeader { title, is_dedicated: false, control, invocation_counter, protected_len };
        if control != self.gmac() {
            return Err(ClientFault::Proof);
        }
        let opened = security::open(header, &protected, &self.protection.keys);
        opened.map(|_| ()).map_err(|_| ClientFault::Proof)
    }

    /// Authentication alone, under the suite of the association.
    const fn gmac(&self) -> u8 {
        self.protection.control & 0x0f | AUTHENTICATED
    }

    /// A header with the next counter, which is used up by it.
    fn header(&mut self, control: u8) -> Result<CipherHeader, ClientFault> {
        let invocation_counter = self.protection.counter;
        self.protection.counter = invocation_counter.checked_add(1).ok_or(ClientFault::CounterUsedUp)?;
        let title = self.title;
        Ok(CipherHeader { title, is_dedicated: false, control, invocation_counter, protected_len: 0 })
    }
}

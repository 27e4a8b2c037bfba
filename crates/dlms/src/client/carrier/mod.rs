//! What carries APDUs between client and meter on a stream of bytes: wrapper or HDLC. It has no socket either.
//!
//! What comes in: APDUs to send, bytes from the connection, and the time. What goes out: bytes for the connection,
//! and whole APDUs of the meter. On a wrapper each APDU stands alone; HDLC connects first, numbers its frames, cuts long
//! APDUs into segments and repeats what was not answered. Bytes whose check is wrong are never part of an APDU.

mod address;
mod fault;
mod frame;
mod hdlc;
mod wrapper;

use std::time::Duration;

pub use address::ServerAddress;
pub use fault::CarrierFault;
pub use hdlc::{HdlcConfig, HdlcLink};
pub use wrapper::WrapperLink;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carried {
    /// Nothing: bytes are still to come, until [`Carrier::deadline`].
    Wait,
    /// Send these bytes, then wait.
    Send(Vec<u8>),
    /// The link stands: APDUs can be sent.
    Open,
    /// An APDU of the meter; the next one can be sent.
    Apdu(Vec<u8>),
    /// The link is closed.
    Closed,
}

/// How APDUs are carried. Times are durations since any one moment of the caller's choice.
#[derive(Debug)]
pub enum Carrier {
    /// The wrapper of TCP.
    Wrapper(WrapperLink),
    /// HDLC, on a line or on TCP.
    Hdlc(HdlcLink),
}

impl Carrier {
    /// Begins: [`Carried::Open`] at once on a wrapper, a frame to send on HDLC.
    ///
    /// # Errors
    /// [`CarrierFault::OutOfTurn`] if it is open.
    pub fn open(&mut self, now: Duration) -> Result<Carried, CarrierFault> {
        match self {
            Self::Wrapper(_) => Ok(Carried::Open),
            Self::Hdlc(link) => link.connect(now).map(Carried::Send),
        }
    }

    /// The bytes that carry an APDU, or its first segment.
    ///
    /// # Errors
    /// [`CarrierFault`] if another answer is awaited, the link is not open, or the APDU is too long.
    pub fn send(&mut self, apdu: &[u8], now: Duration) -> Result<Vec<u8>, CarrierFault> {
        match self {
            Self::Wrapper(link) => link.send(apdu, now),
            Self::Hdlc(link) => link.send(apdu, now),
        }
    }

    /// Takes what came from the connection, in pieces of any size. Call it again with nothing after [`Carried::Apdu`]
    /// if more may have come at once.
    ///
    /// # Errors
    /// [`CarrierFault`], after which the connection is of no use.
    pub fn receive(&mut self, bytes: &[u8], now: Duration) -> Result<Carried, CarrierFault> {
        match self {
            Self::Wrapper(link) => link.receive(bytes),
            Self::Hdlc(link) => link.receive(bytes, now),
        }
    }

    /// Until when to wait for bytes; `None` if none are awaited.
    #[must_use]
    pub const fn deadline(&self) -> Option<Duration> {
        match self {
            Self::Wrapper(link) => link.deadline(),
            Self::Hdlc(link) => link.deadline(),
        }
    }

    /// What to send again once the deadline is over.
    ///
    /// # Errors
    /// [`CarrierFault::NoAnswer`] or [`CarrierFault::Busy`] if it was asked often enough.
    pub fn timed_out(&mut self, now: Duration) -> Result<Carried, CarrierFault> {
        match self {
            Self::Wrapper(link) => Err(link.no_answer()),
            Self::Hdlc(link) => link.timed_out(now).map(Carried::Send),
        }
    }

    /// Ends: [`Carried::Closed`] at once on a wrapper, a frame to send on HDLC.
    ///
    /// # Errors
    /// [`CarrierFault::OutOfTurn`] if it is not open.
    pub fn close(&mut self, now: Duration) -> Result<Carried, CarrierFault> {
        match self {
            Self::Wrapper(_) => Ok(Carried::Closed),
            Self::Hdlc(link) => link.disconnect(now).map(Carried::Send),
        }
    }
}

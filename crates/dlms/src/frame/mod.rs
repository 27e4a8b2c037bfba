//! Frames: what carries an APDU, and what proves that its bytes arrived as they were sent.
//!
//! What comes in: bytes of a line, a port or a file. What goes out: messages, each the bytes of one APDU, and
//! a refusal for each piece that cannot be one. A frame whose check is wrong gives nothing, and nothing of
//! the message it belonged to.

pub(crate) mod crc;
pub(crate) mod hdlc;
mod mbus;
mod wrapper;

use crate::Refusal;

pub use wrapper::{unwrapped, wrap};

/// What carries the APDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// HDLC frames of type 3 with flags, as serial ports give them (IEC 62056-46).
    Hdlc,
    /// The wrapper of DLMS over TCP (IEC 62056-47).
    Wrapper,
    /// Wired M-Bus long frames (EN 13757-2), one or more to a message.
    Mbus,
    /// The bare APDU, with or without the LLC header `E6 E7 00` before it. Nothing in it proves that the bytes
    /// are whole unless they are authenticated: whoever says `Raw` vouches for the transport.
    Raw,
}

impl Framing {
    /// What the first bytes look like.
    #[must_use]
    pub fn detect(bytes: &[u8]) -> Self {
        match bytes {
            [hdlc::FLAG, ..] => Self::Hdlc,
            [0x68, first, second, 0x68, ..] if first == second => Self::Mbus,
            [0x00, 0x01, ..] => Self::Wrapper,
            _ => Self::Raw,
        }
    }

    /// The word used in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hdlc => "HDLC",
            Self::Wrapper => "wrapper",
            Self::Mbus => "M-Bus",
            Self::Raw => "raw",
        }
    }
}

/// Who speaks to whom on the link: HDLC addresses without their end bits, or ports of the wrapper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The receiver.
    pub destination: u32,
    /// The sender.
    pub source: u32,
}

/// The bytes of one APDU, or of a part of one in general block transfer, perhaps with the LLC header before it.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) apdu: Vec<u8>,
    /// Offset of its first byte in the input.
    pub(crate) offset: usize,
    pub(crate) link: Option<Link>,
}

/// Every message of the input in order, and what was refused.
pub(crate) fn messages(bytes: &[u8], framing: Framing) -> Vec<Result<Message, Refusal>> {
    match framing {
        Framing::Hdlc => hdlc::messages(bytes),
        Framing::Wrapper => wrapper::messages(bytes),
        Framing::Mbus => mbus::messages(bytes),
        Framing::Raw => vec![Ok(Message { apdu: bytes.to_vec(), offset: 0, link: None })],
    }
}

//! Why a connection to a meter cannot be used any more.

use std::time::Duration;

use crate::Refusal;

/// What went wrong below the association. The connection is closed after any of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CarrierFault {
    /// Something to send at a moment when nothing can be sent.
    #[error("nothing can be sent while the link is {state}; open it, or wait for the answer")]
    OutOfTurn {
        /// What the link is.
        state: &'static str,
    },
    /// An APDU that fits into no frame or wrapper.
    #[error("the request has {len} bytes, at most {limit} can be carried; ask for less")]
    TooLong {
        /// Its length.
        len: usize,
        /// The limit.
        limit: usize,
    },
    /// An answer longer than any APDU.
    #[error("the answer is longer than {limit} bytes; the meter does not end its segments")]
    AnswerTooLong {
        /// The limit.
        limit: usize,
    },
    /// The meter said nothing, however often it was asked.
    #[error("no answer within {} s, asked {tries} times; check address and line, or try later", .within.as_secs())]
    NoAnswer {
        /// How long each time.
        within: Duration,
        /// How often it was asked.
        tries: u32,
    },
    /// The meter says that it is not ready, and does not stop saying so.
    #[error("the meter is busy: it said so {times} times; try later")]
    Busy {
        /// How often it said so.
        times: u32,
    },
    /// The meter is not connected, or does not want to be (DM).
    #[error("the meter is disconnected; another client may hold its line, try later")]
    Disconnected,
    /// The meter rejects a frame (FRMR, IEC 62056-46 § 6.4.3.10).
    #[error("the meter rejects frame `{control:02X}`; check the addresses and the longest frame it takes")]
    FrameRejected {
        /// The control byte of the frame it rejects, as it says; 0 if it does not.
        control: u8,
    },
    /// A frame number that is neither the next nor the one before: frames were lost.
    #[error("frame {got} came where {expected} is due; frames were lost, connect again")]
    Sequence {
        /// The number that is due, 0 to 7.
        expected: u8,
        /// The one that came.
        got: u8,
    },
    /// An answer without the header of the logical link (IEC 62056-46 § 5.3).
    #[error("the answer does not begin with `E6 E7 00`; the meter does not speak DLMS on this address")]
    LinkHeader,
    /// A wrapper from or for somebody else.
    #[error(
        "the answer is from {from} for {to}, the request was from {client} for {server}; check the addresses"
    )]
    Address {
        /// Who answered.
        from: u32,
        /// For whom.
        to: u32,
        /// The client.
        client: u32,
        /// The meter.
        server: u32,
    },
    /// The stream is no stream of wrappers.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

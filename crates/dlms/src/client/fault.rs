//! Why the client stops, or a request gets no answer.

use crate::{Refusal, SystemTitle};

/// What went wrong between client and meter. After a fault that is no refusal of the meter's own
/// ([`Self::is_answer`]) the association is not to be trusted; release or drop the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientFault {
    /// A request at a moment when none can be made.
    #[error(
        "a {asked} cannot be sent while the association is {state}; wait for the answer, or associate first"
    )]
    OutOfTurn {
        /// The request.
        asked: &'static str,
        /// What the association is.
        state: &'static str,
    },
    /// The meter refused the association (IEC 62056-5-3 § 7.3.3).
    #[error(
        "the meter refused the association: result {result}, diagnostic {diagnostic}; check client and password"
    )]
    Rejected {
        /// 1 refused for good, 2 for now.
        result: u8,
        /// Why: 1 no reason, 2 application context, 11 mechanism, 13 authentication failed, …
        diagnostic: u8,
    },
    /// The meter accepted, but not with the protection or proof that was asked for.
    #[error("the meter accepted without its {missing}; nothing proves it, so the association is not used")]
    Incomplete {
        /// What is missing.
        missing: &'static str,
    },
    /// The meter did not prove that it has the keys (HLS pass 4).
    #[error("the meter did not prove that it has the keys; it may be another device, nothing of it is used")]
    Proof,
    /// The meter does not give the value (data access result, IEC 62056-5-3 § 8.5).
    #[error("the meter does not give the value: {} ({result})", access_word(*.result))]
    Access {
        /// Its code.
        result: u8,
    },
    /// The meter does not do what was asked (action result).
    #[error("the meter does not do it: {} ({result})", access_word(*.result))]
    Action {
        /// Its code.
        result: u8,
    },
    /// The meter does not take the request at all (exception-response).
    #[error("the meter does not take the request: state error {state_error}, service error {service_error}")]
    Exception {
        /// 1 service not allowed, 2 service unknown.
        state_error: u8,
        /// 1 not possible, 2 not supported, 3 other, 4 PDU too long, 5 deciphering, 6 invocation counter.
        service_error: u8,
    },
    /// The meter could not read what began the association (confirmed-service-error).
    #[error("the meter could not begin: service error {kind} {code}")]
    Service {
        /// Which kind of error.
        kind: u8,
        /// Its code.
        code: u8,
    },
    /// An answer to another request.
    #[error("the answer is to request {got}, not {expected}; an answer was lost or repeated")]
    InvokeId {
        /// The request that waits.
        expected: u8,
        /// The request answered.
        got: u8,
    },
    /// A block out of turn.
    #[error("block {got} came where {expected} is due; the value is dropped")]
    Block {
        /// The block that is due.
        expected: u32,
        /// The block that came.
        got: u32,
    },
    /// A value longer than any profile.
    #[error("the value is longer than {limit} bytes; ask for fewer rows")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// An answer in the clear, or with less protection, where the association is protected.
    #[error("the answer is less protected than the association; nothing of it is used")]
    Unprotected,
    /// An answer under another name than the meter's.
    #[error("the answer is from {got}, the association is with {expected}; nothing of it is used")]
    Sender {
        /// The meter.
        expected: SystemTitle,
        /// Who answered.
        got: SystemTitle,
    },
    /// The meter's invocation counter does not rise: the answer is an old one.
    #[error(
        "the meter's invocation counter went from {last} to {got}; the answer is repeated, nothing of it is used"
    )]
    Counter {
        /// The highest before.
        last: u32,
        /// The one that came.
        got: u32,
    },
    /// The client's own invocation counter is at its end: the key must be changed before it is used again.
    #[error("the invocation counter of this key is used up; change the key")]
    CounterUsedUp,
    /// An answer of another kind than the request asks for.
    #[error("`{tag:02X}` answers nothing that was asked")]
    Unexpected {
        /// Its tag.
        tag: u8,
    },
    /// An answer that ends before it is complete.
    #[error("the answer ends inside its {part}; it is cut or damaged")]
    Cut {
        /// What is cut.
        part: &'static str,
    },
    /// The value or its protection was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl ClientFault {
    /// Whether this is the meter's own answer to one request: the association goes on.
    #[must_use]
    pub const fn is_answer(&self) -> bool {
        matches!(self, Self::Access { .. } | Self::Action { .. })
    }
}

/// Data access and action results (IEC 62056-5-3 § 8.5).
const fn access_word(result: u8) -> &'static str {
    match result {
        1 => "hardware fault",
        2 => "not now",
        3 => "not allowed",
        4 => "there is no such object",
        9 => "the object is of another class",
        11 => "the object is not there",
        12 => "the type does not fit",
        13 => "out of the range allowed",
        14 => "no such block",
        15 | 16 => "no long answer is under way",
        _ => "no reason given",
    }
}

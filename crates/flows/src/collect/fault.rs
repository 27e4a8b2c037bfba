//! Why a call of a meter did not reach its end.

use std::io::ErrorKind;

use tidstro_dlms::{CarrierFault, ClientFault, ProfileFault};
use tidstro_model::DeviceId;

/// Why a call of a meter did not reach its end. No value of a meter is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallFault {
    /// No connection.
    #[error("`{address}` cannot be reached ({kind}); check the address and the network")]
    Unreachable {
        /// Where.
        address: String,
        /// What the system said.
        kind: ErrorKind,
    },
    /// The connection was cut.
    #[error("the connection was cut while the {part} was read; it is tried again")]
    Cut {
        /// What was being read.
        part: &'static str,
    },
    /// The call took too long.
    #[error("the call took longer than {seconds} s; what came is kept, the rest is asked for again")]
    TooLong {
        /// The limit.
        seconds: u32,
    },
    /// The link below the association failed.
    #[error(transparent)]
    Carrier(#[from] CarrierFault),
    /// The association failed, or an answer is not to be trusted.
    #[error(transparent)]
    Client(#[from] ClientFault),
    /// A profile without rows that can be placed.
    #[error(transparent)]
    Profile(#[from] ProfileFault),
    /// An answer that is not what the object holds by the standard.
    #[error(
        "the meter's {what} is not as the standard has it; look at the meter's profile and the file of meters"
    )]
    Odd {
        /// What was read.
        what: &'static str,
    },
    /// Another meter answers there.
    #[error("the meter that answers is not `{device}`; check its address in the file of meters")]
    OtherMeter {
        /// The meter that was called.
        device: DeviceId,
    },
    /// The profile captures at another interval than the file says.
    #[error("the profile captures every {got} s, the file of meters says {expected} s; correct `period`")]
    Period {
        /// As the file says.
        expected: u32,
        /// As the meter says.
        got: u32,
    },
    /// One call may make no more requests.
    #[error("the call needs more than {requests} requests; raise `requests`, or ask for less at once")]
    Requests {
        /// The limit.
        requests: u32,
    },
    /// No keys for a meter that is spoken to with keys.
    #[error("no keys are stored for the meter; `keys import` them with its system title")]
    NoKey,
    /// No password in the variable the file names.
    #[error("there is no password in `{variable}`; set the variable")]
    NoPassword {
        /// The variable.
        variable: String,
    },
    /// The meter hangs at no point the purpose reaches.
    #[error("the meter hangs at no point of a grid area; add its installation to the master data")]
    NotPlaced,
}

impl CallFault {
    /// A word for lists and counts.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::Cut { .. } => "cut",
            Self::TooLong { .. } => "too-long",
            Self::Carrier(CarrierFault::NoAnswer { .. }) => "silent",
            Self::Carrier(CarrierFault::Busy { .. } | CarrierFault::Disconnected) => "busy",
            Self::Carrier(_) => "link",
            Self::Client(ClientFault::Rejected { result: 2, .. }) => "busy",
            Self::Client(ClientFault::Rejected { .. }) => "rejected",
            Self::Client(ClientFault::Access { .. } | ClientFault::Exception { .. }) => "refused",
            Self::Client(_) => "unproven",
            Self::Profile(_) | Self::Odd { .. } | Self::Period { .. } => "profile",
            Self::OtherMeter { .. } => "other-meter",
            Self::Requests { .. } => "requests",
            Self::NoKey => "no-key",
            Self::NoPassword { .. } => "no-password",
            Self::NotPlaced => "not-placed",
        }
    }

    /// Whether calling again in this cycle cannot help.
    pub(super) const fn is_final(&self) -> bool {
        matches!(self, Self::NotPlaced | Self::OtherMeter { .. } | Self::Period { .. })
    }
}

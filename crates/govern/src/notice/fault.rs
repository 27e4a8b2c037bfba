//! Why there is no such notice or record.

use tidstro_model::{NoticeId, PartyId};

use crate::register::listed;

/// Why a notice or record cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoticeFault {
    /// The register has no such notice.
    #[error("the register has no notice `{notice}`; {}", known_notices(known))]
    UnknownNotice {
        /// What was asked for.
        notice: NoticeId,
        /// The notices it has.
        known: Vec<NoticeId>,
    },
    /// No activity is told in the notice.
    #[error("no activity is told in notice `{notice}`; write `notice = \"{notice}\"` in those that are")]
    EmptyNotice {
        /// The notice.
        notice: NoticeId,
    },
    /// The party decides no activity, so it has no record as a controller (GDPR art. 30(1)).
    #[error("party `{party}` is the controller of no activity; name one of {}", listed(known))]
    NotAController {
        /// What was asked for.
        party: PartyId,
        /// The controllers of the register.
        known: Vec<PartyId>,
    },
    /// There are several controllers, and none was named.
    #[error("the register has several controllers; name one of {}", listed(known))]
    SeveralControllers {
        /// The controllers of the register.
        known: Vec<PartyId>,
    },
    /// The operator processes for nobody else, so it has no record as a processor (art. 30(2)).
    #[error("operator `{operator}` processes for nobody else; ask for the record of the controller")]
    NotAProcessor {
        /// The operator.
        operator: PartyId,
    },
}

fn known_notices(known: &[NoticeId]) -> String {
    if known.is_empty() {
        "it has none, so leave the name out".to_owned()
    } else {
        format!("name one of {}", listed(known))
    }
}

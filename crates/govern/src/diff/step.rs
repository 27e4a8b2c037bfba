//! The answers to a register that would take the place of the running one.
//!
//! What comes in: nothing. What goes out: the closed lists of what can come of an activation and of an
//! approval. Who gives the answers, and logs them, is the store.

use super::RegisterDiff;
use crate::RoleId;

/// What came of a register that was to become the one that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Activation {
    /// It is the one that decides already.
    Running,
    /// It is the first of this store, and decides from now on.
    First,
    /// It decides from now on: it does not widen, or its widening was approved.
    Activated(RegisterDiff),
    /// It widens and nobody approved that. The running one goes on; only the refusal is in the log.
    NotApproved(RegisterDiff),
    /// The running register does not know the actor. In the log, and nothing else.
    UnknownActor,
}

/// What came of an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// It is in the log, and the register may become the one that decides.
    Approved(RegisterDiff),
    /// There is nothing to approve: the register widens nothing.
    NotNeeded(RegisterDiff),
    /// The running register does not let this actor approve. In the log, and nothing else.
    NotAnApprover {
        /// The roles that may.
        approvers: Vec<RoleId>,
    },
}

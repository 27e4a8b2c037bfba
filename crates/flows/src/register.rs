//! Approving and activating a register.

use jiff::Timestamp;
use tidstro_govern::{Activation, Approval, Register};
use tidstro_model::ActorId;

use crate::{FlowFault, Workspace};

/// Approves what a register widens, compared with the one that decides. The one that decides says who may.
///
/// # Errors
/// [`FlowFault::Store`] if it cannot be logged: then nothing is approved.
pub async fn approve_register(
    workspace: &Workspace,
    given: Register,
    actor: &ActorId,
    now: Timestamp,
) -> Result<Approval, FlowFault> {
    Ok(workspace.store.approve_register(given, actor.clone(), now).await?)
}

/// Makes a register the one that decides, unless it widens and nobody approved that. The workspace gives
/// nothing any more after that; open it again.
///
/// # Errors
/// [`FlowFault::Store`] if the register does not fit the store, or nothing could be written.
pub async fn activate_register(
    workspace: &Workspace,
    given: Register,
    actor: &ActorId,
    now: Timestamp,
) -> Result<Activation, FlowFault> {
    Ok(workspace.store.activate_register(given, actor.clone(), now).await?)
}

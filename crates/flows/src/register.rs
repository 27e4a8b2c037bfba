//! Comparing, approving and activating a register, and what became of the ones before.

use jiff::Timestamp;
use tidstro_govern::{Activation, Approval, Register, RegisterDiff, diff};
use tidstro_model::ActorId;

use crate::{FlowFault, Workspace};

pub use tidstro_store::{RegisterStep, RegisterStepKind};

/// A register that might take the place of the one that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateRegister {
    /// What would be decided or told otherwise.
    pub diff: RegisterDiff,
    /// Its approvals that still count: those since the register that decides became it.
    pub approvals: Vec<RegisterStep>,
}

/// Compares a register with the one that decides. Changes nothing.
///
/// # Errors
/// [`FlowFault::Store`] if the log cannot be read.
pub async fn compare_register(
    workspace: &Workspace,
    given: &Register,
) -> Result<CandidateRegister, FlowFault> {
    let steps = workspace.store.register_history().await?.into_iter();
    let since = steps.take_while(|step| step.kind == RegisterStepKind::Approved);
    let approvals = since.filter(|step| step.hash == given.hash()).collect();
    Ok(CandidateRegister { diff: diff(workspace.register(), given), approvals })
}

/// What became of registers here, the newest first: what was approved and what decided.
///
/// # Errors
/// [`FlowFault::Store`] if the log cannot be read.
pub async fn register_history(workspace: &Workspace) -> Result<Vec<RegisterStep>, FlowFault> {
    Ok(workspace.store.register_history().await?)
}

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

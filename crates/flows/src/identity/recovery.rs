//! Getting a member of the staff back in: one asks, another approves, and neither is the one it is about.

use jiff::Timestamp;
use tidstro_govern::Operation;
use tidstro_model::AccountNo;
use tidstro_store::{Recovery, RecoveryApproval, RecoveryNo};

use super::{By, over_accounts};
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Asks for a new code for an account of staff. It waits a day for a second person.
///
/// # Errors
/// [`FlowFault`] if nobody logs in by the register, or the store fails.
pub async fn ask_recovery(
    workspace: &Workspace,
    by: &By,
    account: AccountNo,
    now: Timestamp,
) -> Result<Answer<Recovery>, FlowFault> {
    let permit = granted!(over_accounts(workspace, by, Operation::Correct, now).await?);
    Ok(Answer::Given(workspace.store.ask_recovery(&permit, account, now).await?))
}

/// Approves what another has asked for; gives the code to hand over.
///
/// # Errors
/// As [`ask_recovery`].
pub async fn approve_recovery(
    workspace: &Workspace,
    by: &By,
    number: RecoveryNo,
    now: Timestamp,
) -> Result<Answer<RecoveryApproval>, FlowFault> {
    let permit = granted!(over_accounts(workspace, by, Operation::Correct, now).await?);
    Ok(Answer::Given(workspace.store.approve_recovery(&permit, number, now).await?))
}

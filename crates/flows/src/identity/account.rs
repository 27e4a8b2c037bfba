//! Looking after accounts: made, listed, locked, unlocked, closed.
//!
//! This file opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use tidstro_govern::Operation;
use tidstro_model::{AccountNo, ActorId};
use tidstro_store::{AccountLine, Closed, Created, Letter};

use super::{By, over_accounts};
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Accounts, by actor.
pub type Accounts = Vec<AccountLine>;

/// Makes an account of a member of the staff that the register names, or of a resident, with a code to hand over or to print.
///
/// # Errors
/// [`FlowFault`] if nobody logs in by the register, or the store fails.
pub async fn create_account(
    workspace: &Workspace,
    by: &By,
    actor: ActorId,
    now: Timestamp,
) -> Result<Answer<Created>, FlowFault> {
    let permit = granted!(over_accounts(workspace, by, Operation::Collect, now).await?);
    Ok(Answer::Given(workspace.store.create_account(&permit, actor, now).await?))
}

/// Every account.
///
/// # Errors
/// As [`create_account`].
pub async fn list_accounts(
    workspace: &Workspace,
    by: &By,
    now: Timestamp,
) -> Result<Answer<Accounts>, FlowFault> {
    let permit = granted!(over_accounts(workspace, by, Operation::Read, now).await?);
    Ok(Answer::Given(workspace.store.accounts(&permit, now).await?.open(&permit)?))
}

/// A new code for a resident, or for an account nobody has activated; codes before it are worthless. `None`: there is no such
/// account, or it is one of staff in use, which two get their holder back into.
///
/// # Errors
/// As [`create_account`].
pub async fn issue_letter(
    workspace: &Workspace,
    by: &By,
    account: AccountNo,
    now: Timestamp,
) -> Result<Answer<Option<Letter>>, FlowFault> {
    let permit = granted!(over_accounts(workspace, by, Operation::Correct, now).await?);
    Ok(Answer::Given(workspace.store.issue_letter(&permit, account, now).await?))
}

/// Locks an account and ends its sessions; returns whether it is there.
///
/// # Errors
/// As [`create_account`].
pub async fn lock_account(
    workspace: &Workspace,
    by: &By,
    account: AccountNo,
    now: Timestamp,
) -> Result<Answer<bool>, FlowFault> {
    let permit = granted!(over_accounts(workspace, by, Operation::Correct, now).await?);
    Ok(Answer::Given(workspace.store.lock_account(&permit, account, now).await?))
}

/// Unlocks an account; returns whether it was locked.
///
/// # Errors
/// As [`create_account`].
pub async fn unlock_account(
    workspace: &Workspace,
    by: &By,
    account: AccountNo,
    now: Timestamp,
) -> Result<Answer<bool>, FlowFault> {
    let permit = granted!(over_accounts(workspace, by, Operation::Correct, now).await?);
    Ok(Answer::Given(workspace.store.unlock_account(&permit, account, now).await?))
}

/// Closes an account: its sessions, codes and credentials are gone when this returns. `None`: there is none.
///
/// # Errors
/// As [`create_account`].
pub async fn close_account(
    workspace: &Workspace,
    by: &By,
    account: AccountNo,
    now: Timestamp,
) -> Result<Answer<Option<Closed>>, FlowFault> {
    let permit = granted!(over_accounts(workspace, by, Operation::Correct, now).await?);
    Ok(Answer::Given(workspace.store.close_account(&permit, account, now).await?))
}

/// Deletes sessions, codes and counted attempts whose time is over, and closes the accounts of those who have left. Done whenever a
/// workspace is opened; a program that runs on does it now and then. Returns how many accounts were closed.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn expire_access(workspace: &Workspace, now: Timestamp) -> Result<u64, FlowFault> {
    Ok(workspace.store.expire_access(now).await?)
}

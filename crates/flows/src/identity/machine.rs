//! Tokens of other programs: issued, shown, withdrawn.
//!
//! This file opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use tidstro_govern::Operation;
use tidstro_identity::MachineToken;
use tidstro_store::{IssuedToken, Machine, NewToken, TokenLine, TokenNo};

use super::{By, over_accounts};
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Issues a token that acts as a job of the register, for some of its purposes and until a day within a year.
///
/// # Errors
/// [`FlowFault`] if nobody logs in by the register, or the store fails.
pub async fn issue_token(
    workspace: &Workspace,
    by: &By,
    wanted: NewToken,
    now: Timestamp,
) -> Result<Answer<IssuedToken>, FlowFault> {
    let permit = granted!(over_accounts(workspace, by, Operation::Correct, now).await?);
    Ok(Answer::Given(workspace.store.issue_token(&permit, wanted, now).await?))
}

/// Makes a token worthless at once; returns whether it was good.
///
/// # Errors
/// As [`issue_token`].
pub async fn withdraw_token(
    workspace: &Workspace,
    by: &By,
    token: TokenNo,
    now: Timestamp,
) -> Result<Answer<bool>, FlowFault> {
    let permit = granted!(over_accounts(workspace, by, Operation::Correct, now).await?);
    Ok(Answer::Given(workspace.store.withdraw_token(&permit, token, now).await?))
}

/// Every token without its secret, the newest first.
///
/// # Errors
/// As [`issue_token`].
pub async fn list_tokens(
    workspace: &Workspace,
    by: &By,
    now: Timestamp,
) -> Result<Answer<Vec<TokenLine>>, FlowFault> {
    let permit = granted!(over_accounts(workspace, by, Operation::Read, now).await?);
    Ok(Answer::Given(workspace.store.tokens(&permit, now).await?.open(&permit)?))
}

/// Which program shows this text: `tidstro_…`. `None` if it is no token, or not good, or its actor has no role any more.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn machine_of(
    workspace: &Workspace,
    token: &str,
    now: Timestamp,
) -> Result<Option<Machine>, FlowFault> {
    match MachineToken::parse(token) {
        Some(token) => Ok(workspace.store.machine(token, now).await?),
        None => Ok(None),
    }
}

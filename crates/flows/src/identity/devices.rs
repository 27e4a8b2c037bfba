//! Where an account is logged in, and logging out from afar.

use jiff::Timestamp;
use tidstro_store::{Device, SessionNo};

use super::Session;
use crate::{FlowFault, Workspace};

/// The devices on which the account of a session is logged in, the last used first. The one with the session's number is this one.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn devices(workspace: &Workspace, session: &Session) -> Result<Vec<Device>, FlowFault> {
    Ok(workspace.store.devices(&session.known).await?)
}

/// Ends another session of the same account; returns whether it was there.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn log_out_device(
    workspace: &Workspace,
    session: &Session,
    number: SessionNo,
    now: Timestamp,
) -> Result<bool, FlowFault> {
    Ok(workspace.store.log_out_device(&session.known, number, now).await?)
}

/// Ends every session of the account, but this one if it is to stay; returns how many.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn log_out_everywhere(
    workspace: &Workspace,
    session: &Session,
    but_this: bool,
    now: Timestamp,
) -> Result<u64, FlowFault> {
    Ok(workspace.store.log_out_everywhere(&session.token, but_this, now).await?)
}

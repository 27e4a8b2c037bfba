//! Why the gate says yes or no, and whether its log is whole.

use jiff::Timestamp;
use tidstro_govern::{Explanation, Operation};

use crate::disclose::{SeriesAsk, ask_for};
use crate::{FlowFault, Workspace};

/// The steps of the decision about an ask. Discloses nothing and gives no permit.
///
/// # Errors
/// [`FlowFault`] if the facts cannot be read.
pub async fn explain_ask(
    workspace: &Workspace,
    asked: &SeriesAsk,
    operation: Operation,
    now: Timestamp,
) -> Result<Explanation, FlowFault> {
    let ask = ask_for(workspace, asked, operation).await?;
    Ok(workspace.store.explain(ask, now).await?)
}

/// Recomputes the hash chain of the log; returns the number of events.
///
/// # Errors
/// [`FlowFault::Store`] with the first event that does not fit.
pub async fn verify_log(workspace: &Workspace) -> Result<u64, FlowFault> {
    Ok(workspace.store.verify_log().await?)
}

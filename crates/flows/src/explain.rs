//! Why the gate says yes or no.

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

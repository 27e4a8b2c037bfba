//! What became of what was ingested.

pub use tidstro_store::{InputCounts, InputOutcome, RefusedLines};

use crate::{FlowFault, Workspace};

/// The inputs that began last, at most `last` of them, the newest first: files and streams, how much of each was kept, and what
/// was refused by reason. It names no meter and no point, and asks nobody.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn inputs(workspace: &Workspace, last: u32) -> Result<Vec<InputOutcome>, FlowFault> {
    Ok(workspace.store.inputs(last).await?)
}

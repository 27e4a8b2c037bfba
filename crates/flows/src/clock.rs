//! What must be done by when: clocks folded from the events of cases.

use jiff::Timestamp;
use tidstro_govern::{ClockView, clocks};
use tidstro_model::CaseId;

use crate::{FlowFault, Workspace};

/// The clocks of one case, or of all, those first whose end is nearest.
///
/// # Errors
/// [`FlowFault::Store`] if the store fails.
pub async fn case_clocks(
    workspace: &Workspace,
    case: Option<CaseId>,
    now: Timestamp,
) -> Result<Vec<ClockView<'_>>, FlowFault> {
    let events = workspace.store.case_events(case).await?;
    Ok(clocks(workspace.register(), &events, now)?)
}

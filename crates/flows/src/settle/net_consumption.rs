//! Net consumption of group 6 in an area: who asks, and what a customer with own production took more than it gave.
//!
//! Nothing is kept: what was computed at an earlier moment is computed again by naming the moment (decision 0038). This file
//! opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use jiff::civil::Date;

pub use tidstro_store::SettledNetConsumption;

use super::children::{ChildAsk, ChildView, ask_of, years_around};
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Settles the net consumption of group 6 in an area, of each point in its settlement year that `day` lies in.
///
/// # Errors
/// [`FlowFault`] for an unknown area, a purpose that does not see hours, or if the store fails.
pub async fn settle_net_consumption(
    workspace: &Workspace,
    (asked, day): (&ChildAsk, Date),
    now: Timestamp,
) -> Result<Answer<ChildView<SettledNetConsumption>>, FlowFault> {
    let ask = ask_of(workspace, asked, years_around(day)?).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let settling = workspace.store.net_consumption(&permit, (day, asked.as_of), asked.given.clone(), now);
    Ok(Answer::Given(settling.await?.open(&permit)?.into()))
}

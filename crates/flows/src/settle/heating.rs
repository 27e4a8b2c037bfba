//! Electrical heating of an area in a year: who asks, and how much of each day is taxed as heating.
//!
//! Nothing is kept: what was computed at an earlier moment is computed again by naming the moment (decision 0038). This file
//! opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use jiff::civil::Date;

pub use tidstro_store::SettledHeating;

use super::children::{ChildAsk, ChildView, ask_of, years_around};
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Settles the electrical heating of an area, of each point in its settlement year that `day` lies in: the calendar year, but for net settlement
/// group 6.
///
/// # Errors
/// [`FlowFault`] for an unknown area, a purpose that does not see hours, or if the store fails.
pub async fn settle_heating(
    workspace: &Workspace,
    (asked, day): (&ChildAsk, Date),
    now: Timestamp,
) -> Result<Answer<ChildView<SettledHeating>>, FlowFault> {
    let ask = ask_of(workspace, asked, years_around(day)?).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let settling = workspace.store.electrical_heating(&permit, (day, asked.as_of), asked.given.clone(), now);
    Ok(Answer::Given(settling.await?.open(&permit)?.into()))
}

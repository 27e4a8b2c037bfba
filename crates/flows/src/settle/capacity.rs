//! Capacity settlement of an area in a month: who asks, and what the ten largest hours of a year come to.
//!
//! Nothing is kept: what was computed at an earlier moment is computed again by naming the moment (decision 0038). This file
//! opens what the store discloses (see `tests/doors.rs`).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use tidstro_calendar::next_month;
use tidstro_model::DayRange;

pub use tidstro_store::SettledCapacity;

use super::children::{ChildAsk, ChildView, ask_of};
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Settles the capacity of an area in the month that `month` lies in, by the year that ends with it.
///
/// # Errors
/// [`FlowFault`] for an unknown area, a purpose that does not see hours, or if the store fails.
pub async fn settle_capacity(
    workspace: &Workspace,
    (asked, month): (&ChildAsk, Date),
    now: Timestamp,
) -> Result<Answer<ChildView<SettledCapacity>>, FlowFault> {
    let end = next_month(month);
    let days = DayRange::new(end.checked_sub(1.year()).unwrap_or(Date::MIN), end)?;
    let permit = granted!(workspace.store.permit(ask_of(workspace, asked, days).await?, now).await?);
    let settling = workspace.store.capacity_settlement(&permit, (month, asked.as_of), now);
    Ok(Answer::Given(settling.await?.open(&permit)?.into()))
}

//! Electrical heating of an area in a year: who asks, and how much of each day is taxed as heating.
//!
//! Nothing is kept: what was computed at an earlier moment is computed again by naming the moment (decision 0038). This file
//! opens what the store discloses (see `tests/doors.rs`).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use tidstro_model::DayRange;

pub use tidstro_store::SettledHeating;

use super::children::{ChildAsk, ChildView, ask_of};
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Settles the electrical heating of an area in the calendar year that `year` lies in. Points with own production are not settled.
///
/// # Errors
/// [`FlowFault`] for an unknown area, a purpose that does not see hours, or if the store fails.
pub async fn settle_heating(
    workspace: &Workspace,
    (asked, year): (&ChildAsk, Date),
    now: Timestamp,
) -> Result<Answer<ChildView<SettledHeating>>, FlowFault> {
    let start = year.first_of_year();
    let days = DayRange::new(start, start.checked_add(1.year()).unwrap_or(Date::MAX))?;
    let permit = granted!(workspace.store.permit(ask_of(workspace, asked, days).await?, now).await?);
    let settling = workspace.store.electrical_heating(&permit, (year, asked.as_of), now);
    Ok(Answer::Given(settling.await?.open(&permit)?.into()))
}

//! The log of missing measurements (RSM-018): which point has sent too little on which day. This file opens what the store
//! discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_govern::Operation;
use tidstro_model::Gsrn;

use super::SettleAsk;
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// A point and local day with missing values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingLine {
    /// The local day.
    pub day: Date,
    /// The point.
    pub point: Gsrn,
}

/// The points of an area and the local days on which a value is missing, or was sent as missing.
///
/// # Errors
/// As [`super::show_settlement`].
pub async fn missing_measurements(
    workspace: &Workspace,
    asked: &SettleAsk,
    now: Timestamp,
) -> Result<Answer<Vec<MissingLine>>, FlowFault> {
    let ask = asked.of_area(workspace, Operation::Compute).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let days = workspace.store.missing_days(&permit, asked.days, now).await?.open(&permit)?;
    Ok(Answer::Given(days.into_iter().map(|(day, point)| MissingLine { day, point }).collect()))
}

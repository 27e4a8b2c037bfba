//! Calculations of settlement: run, listed, read again. This file opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_govern::Operation;
use tidstro_metering::settlement::{
    AggregationLevel, CalculationKind, CalculationRun, history_by_day, latest_by_day,
};

pub use tidstro_store::SettledRun;

use super::SettleAsk;
use super::show::{SettlementView, view_of};
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// A local day of an area in one kind of calculation, and the run that stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLine {
    /// Why it was calculated.
    pub kind: CalculationKind,
    /// The local day.
    pub day: Date,
    /// The version of the run.
    pub version: u64,
    /// When it was run.
    pub run_at: Option<Timestamp>,
    /// Whether nobody but the operator sees it.
    pub is_internal: bool,
    /// The version that took its place, if one did.
    pub replaced_by: Option<u64>,
}

/// Runs a calculation: the sums of the area on these days are kept as they are now, under a version. What earlier runs of the same
/// left that were never finished is removed.
///
/// # Errors
/// As [`super::show_settlement`].
pub async fn run_settlement(
    workspace: &Workspace,
    asked: &SettleAsk,
    (kind, is_internal): (CalculationKind, bool),
    now: Timestamp,
) -> Result<Answer<SettledRun>, FlowFault> {
    let ask = asked.of_area(workspace, Operation::Compute).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let run = workspace.store.run_settlement(&permit, (kind, is_internal), asked.days, now).await?;
    Ok(Answer::Given(run))
}

/// The calculations of an area on some local days: the latest published one of each kind and day, or with `history` all of
/// them with the one that took their place.
///
/// # Errors
/// As [`super::show_settlement`].
pub async fn settlement_runs(
    workspace: &Workspace,
    asked: &SettleAsk,
    history: bool,
    now: Timestamp,
) -> Result<Answer<Vec<RunLine>>, FlowFault> {
    let ask = asked.of_area(workspace, Operation::Read).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let runs = workspace.store.settlement_runs(&permit, now).await?;
    let line = |kind, day, run: &CalculationRun, next: Option<&CalculationRun>| RunLine {
        kind,
        day,
        version: run.version,
        run_at: run.succeeded_at,
        is_internal: run.is_internal,
        replaced_by: next.map(|next| next.version),
    };
    let zone = workspace.zone();
    let lines: Vec<RunLine> = if history {
        let all = history_by_day(&runs, zone).into_iter();
        all.map(|(of, run, next)| line(of.kind, of.day, run, next)).collect()
    } else {
        let latest = latest_by_day(&runs, zone).into_iter();
        latest.map(|(of, run)| line(of.kind, of.day, run, None)).collect()
    };
    Ok(Answer::Given(lines.into_iter().filter(|line| asked.days.contains(line.day)).collect()))
}

/// The market's series of an area as a calculation left them.
///
/// # Errors
/// As [`super::show_settlement`], and for a version the area does not have.
pub async fn show_settlement_run(
    workspace: &Workspace,
    asked: &SettleAsk,
    (version, level): (u64, Option<AggregationLevel>),
    now: Timestamp,
) -> Result<Answer<SettlementView>, FlowFault> {
    let ask = asked.of_area(workspace, Operation::Read).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let days = workspace.store.settled_in_run(&permit, version, now).await?.open(&permit)?;
    Ok(Answer::Given(view_of(days, level)))
}

//! Calculations of settlement: run, listed, read again. This file opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::Zone;
use tidstro_govern::Operation;
use tidstro_metering::settlement::{
    AggregationLevel, CalculationKind, CalculationRun, history_by_day, latest_by_day,
};
use tidstro_model::DayRange;

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

/// The calculations of an area.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunsView {
    /// Which stands for each day, or with history all of them.
    pub lines: Vec<RunLine>,
    /// Those that are under way, or were stopped: they stand for no day.
    pub unfinished: Vec<UnfinishedRun>,
}

/// A calculation that was begun and has not come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnfinishedRun {
    /// Its number. It becomes a version if the run comes to its end.
    pub version: u64,
    /// Why it is calculated.
    pub kind: CalculationKind,
    /// The local days it is for.
    pub days: DayRange,
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
/// them with the one that took their place. And what was begun for any of these days and is not finished.
///
/// # Errors
/// As [`super::show_settlement`].
pub async fn settlement_runs(
    workspace: &Workspace,
    asked: &SettleAsk,
    history: bool,
    now: Timestamp,
) -> Result<Answer<RunsView>, FlowFault> {
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
    let lines = lines.into_iter().filter(|line| asked.days.contains(line.day)).collect();
    let unfinished = runs.iter().filter_map(|run| unfinished(run, zone));
    let unfinished = unfinished.filter(|run| run.days.intersect(asked.days).is_some()).collect();
    Ok(Answer::Given(RunsView { lines, unfinished }))
}

/// What is told of a run that has not come to its end; `None` of one that has.
fn unfinished(run: &CalculationRun, zone: &Zone) -> Option<UnfinishedRun> {
    let days = DayRange::new(zone.day_of(run.period.start()), zone.day_of(run.period.end())).ok()?;
    run.succeeded_at.is_none().then_some(UnfinishedRun { version: run.version, kind: run.kind, days })
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

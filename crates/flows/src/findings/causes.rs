//! What waits: counted by cause, and the days of one cause. This file opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_govern::{Operation, Target};
use tidstro_model::{ActivityId, ActorId, AreaNo, CategoryId, DayRange, Findings, Resolution, Rule};
use tidstro_store::{FindingCursor, FindingQuery, OpenFinding, WantedFindings};

use super::{ask_of, over};
use crate::answer::granted;
use crate::disclose::{SeriesLine, area_target, line};
use crate::{Answer, FlowFault, Workspace};

/// Who asks, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingsAsk {
    /// Who asks.
    pub actor: ActorId,
    /// What for: an activity that computes from, reads and corrects the category.
    pub purpose: ActivityId,
    /// Category of the series.
    pub category: CategoryId,
    /// How many factors the actor's session has proved: 1 or 2.
    pub factors: u8,
}

/// Why days wait: a rule that is open in series of one resolution in one area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingCause {
    /// The area.
    pub area: AreaNo,
    /// The rule.
    pub rule: Rule,
    /// The resolution of the series; raw for registers.
    pub resolution: Resolution,
}

/// A cause and how much waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseLine {
    /// The cause.
    pub cause: FindingCause,
    /// Name of the area.
    pub area_name: String,
    /// How many days of series.
    pub days: u64,
    /// The oldest local day.
    pub first: Date,
    /// The newest.
    pub last: Date,
}

/// A page of days that wait.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenFindings {
    /// The days, the oldest first.
    pub lines: Vec<OpenFindingLine>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<FindingCursor>,
}

/// A day of a series that waits. It has no `Debug`: with its place it is about a home.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenFindingLine {
    /// The series.
    pub line: SeriesLine,
    /// The local day.
    pub day: Date,
    /// The registration of the version that waits.
    pub seq: i64,
    /// How many values the rule is open in, missing ones too.
    pub failed: u32,
    /// How many values the day has.
    pub present: u32,
    /// How many it should have.
    pub expected: u32,
    /// Every rule that is open in the day.
    pub open: Findings,
}

/// What waits in the areas the asker may see, by cause, the most days first. It is a count over whole areas, and names nobody.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn finding_causes(
    workspace: &Workspace,
    asked: &FindingsAsk,
    now: Timestamp,
) -> Result<Answer<Vec<CauseLine>>, FlowFault> {
    let what = (Operation::Compute, DayRange::always(), Resolution::P1D);
    let permit = granted!(workspace.store.permit(ask_of((asked, None), what), now).await?);
    let causes = workspace.store.finding_causes(&permit, over(workspace, now), now).await?;
    let lines = causes.into_iter().map(|cause| CauseLine {
        cause: FindingCause { area: cause.area, rule: cause.rule, resolution: cause.resolution },
        area_name: cause.area_name,
        days: cause.days,
        first: cause.first,
        last: cause.last,
    });
    Ok(Answer::Given(lines.collect()))
}

/// Days that wait for one cause, the oldest first.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn open_findings(
    workspace: &Workspace,
    asked: &FindingsAsk,
    cause: &FindingCause,
    (after, limit): (Option<FindingCursor>, usize),
    now: Timestamp,
) -> Result<Answer<OpenFindings>, FlowFault> {
    look(workspace, asked, (cause, WantedFindings::Page { after, limit }), now).await
}

/// Days of one cause: a page, or those that were chosen as far as they still wait.
pub(super) async fn look(
    workspace: &Workspace,
    asked: &FindingsAsk,
    (cause, wanted): (&FindingCause, WantedFindings),
    now: Timestamp,
) -> Result<Answer<OpenFindings>, FlowFault> {
    let what = (Operation::Read, DayRange::always(), Resolution::P1D);
    let permit = granted!(workspace.store.permit(ask_of((asked, Some(cause.area)), what), now).await?);
    let before = over(workspace, now);
    let query = FindingQuery { rule: cause.rule, resolution: cause.resolution, before, wanted };
    let page = workspace.store.open_findings(&permit, query, now).await?.open(&permit)?;
    let lines = page.found.into_iter().map(found).collect();
    Ok(Answer::Given(OpenFindings { lines, next: page.next }))
}

/// The number of an area.
///
/// # Errors
/// [`FlowFault::UnknownArea`] for a name that none has, or if the store fails.
pub async fn area_called(workspace: &Workspace, name: &str) -> Result<AreaNo, FlowFault> {
    match area_target(workspace, name).await? {
        Target::Area(area) => Ok(area),
        _ => Err(FlowFault::UnknownArea { name: name.to_owned() }),
    }
}

fn found(finding: OpenFinding) -> OpenFindingLine {
    let OpenFinding { entry, day, seq, failed, present, expected, open } = finding;
    OpenFindingLine { line: line(entry), day, seq, failed, present, expected, open }
}

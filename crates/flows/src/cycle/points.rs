//! The points behind a number of the board. This file opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_govern::{Ask, Operation};
use tidstro_metering::cycle::{DayClock, DayState};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, Findings, Resolution};
use tidstro_store::{CyclePoint, PointCalls};

use crate::answer::granted;
use crate::disclose::target_of;
use crate::{Answer, FlowFault, Workspace};

/// Which points of a day are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WantedState {
    /// All of them.
    All,
    /// Those of which nothing is there.
    Nothing,
    /// Those in a state.
    In(DayState),
    /// Those that are not released though the deadline is past.
    Late,
}

impl WantedState {
    /// Reads `all`, `nothing`, `late`, or the word of a state.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "all" => Some(Self::All),
            "nothing" => Some(Self::Nothing),
            "late" => Some(Self::Late),
            state => DayState::from_code(state).map(Self::In),
        }
    }

    fn wants(self, point: &CyclePoint, is_past: bool) -> bool {
        let state = point.state;
        let is_out = state.is_some_and(|state| state.is_out() || state == DayState::Corrected);
        match self {
            Self::All => true,
            Self::Nothing => state.is_none(),
            Self::In(wanted) => state == Some(wanted),
            Self::Late => is_past && point.is_expected && !is_out,
        }
    }
}

/// Who asks for which points of an operating day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CyclePointAsk {
    /// Who asks.
    pub actor: ActorId,
    /// What for: an activity that reads consumption.
    pub purpose: ActivityId,
    /// The grid area, by name.
    pub area: String,
    /// The operating day.
    pub day: Date,
    /// Which of its points.
    pub wanted: WantedState,
}

/// One interval series on an operating day. It has no `Debug`: with its place it is about a home.
#[derive(Clone, PartialEq, Eq)]
pub struct CyclePointLine {
    /// Identifier of the metering point.
    pub point: String,
    /// Resolution of its intervals.
    pub resolution: Resolution,
    /// Whether it should have values that day: its point is connected.
    pub is_expected: bool,
    /// How far the day has come; `None` if nothing is there.
    pub state: Option<DayState>,
    /// Intervals that have a value, of `expected`.
    pub present: u32,
    /// Intervals of the day.
    pub expected: u32,
    /// Intervals whose value is an estimate.
    pub estimated: u32,
    /// Rules that any of its values failed.
    pub findings: Findings,
    /// What was tried to get the values.
    pub calls: PointCalls,
}

/// Points of an area on an operating day, as far as the asker may see them, by their identifiers.
///
/// # Errors
/// [`FlowFault`] for an unknown area, or if the store fails.
pub async fn cycle_points(
    workspace: &Workspace,
    asked: &CyclePointAsk,
    now: Timestamp,
) -> Result<Answer<Vec<CyclePointLine>>, FlowFault> {
    let permit = granted!(workspace.store.permit(ask_of(workspace, asked).await?, now).await?);
    let is_past = DayClock::of_market(asked.day, workspace.zone())?.due <= now;
    let state = asked.wanted;
    let wanted = move |point: &CyclePoint| state.wants(point, is_past);
    let points = workspace.store.cycle_points(&permit, asked.day, wanted, now).await?.open(&permit)?;
    let mut lines: Vec<CyclePointLine> = points.into_iter().map(line).collect();
    lines.sort_by(|a, b| a.point.cmp(&b.point));
    Ok(Answer::Given(lines))
}

async fn ask_of(workspace: &Workspace, asked: &CyclePointAsk) -> Result<Ask, FlowFault> {
    Ok(Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation: Operation::Read,
        category: CategoryId::parse("consumption")?,
        target: target_of(workspace, &asked.actor, (None, Some(&asked.area))).await?,
        days: DayRange::new(asked.day, asked.day.tomorrow().unwrap_or(Date::MAX))?,
        resolution: Resolution::P1D,
        recipient: None,
        factors: 1,
    })
}

fn line(point: CyclePoint) -> CyclePointLine {
    let CyclePoint { entry, is_expected, state, present, expected, estimated, findings, calls } = point;
    CyclePointLine {
        point: entry.own_id,
        resolution: entry.meta.resolution,
        is_expected,
        state,
        present,
        expected,
        estimated,
        findings,
        calls,
    }
}

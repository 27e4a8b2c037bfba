//! The board: for each area and operating day what is there, what is out, and how long there is.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tidstro_govern::{Ask, Operation, Target};
use tidstro_metering::cycle::{DayClock, DayState, Standing};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, Resolution};
use tidstro_store::{CycleArea, CycleDay, DayCalls};

use super::{days_over, each_day};
use crate::answer::granted;
use crate::disclose::target_of;
use crate::{Answer, FlowFault, Workspace};

/// Who asks for the board, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleAsk {
    /// Who asks.
    pub actor: ActorId,
    /// What for: an activity that computes from consumption.
    pub purpose: ActivityId,
    /// One grid area, by name; `None` for all.
    pub area: Option<String>,
    /// The operating days.
    pub days: DayRange,
    /// How long before the deadline one is warned.
    pub alarm: SignedDuration,
}

/// The operating days of one grid area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaCycle {
    /// Its name.
    pub area: String,
    /// Its days in order, from the first one of which anything came.
    pub days: Vec<CycleLine>,
}

/// One operating day of an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleLine {
    /// The day and its deadlines.
    pub clock: DayClock,
    /// How it stands to them.
    pub standing: Standing,
    /// Interval series that should have values.
    pub expected: u64,
    /// Of these, those of which nothing is there.
    pub nothing: u64,
    /// The others, by their state.
    pub states: BTreeMap<DayState, u64>,
    /// What was not released when the deadline had passed, and is not yet.
    pub late: u64,
    /// What was tried to get the values.
    pub calls: DayCalls,
}

impl CycleLine {
    /// How many series are in a state.
    #[must_use]
    pub fn count(&self, state: DayState) -> u64 {
        self.states.get(&state).copied().unwrap_or_default()
    }
}

/// The board of the grid areas the asker may see. Days that are not over yet are not on it.
///
/// # Errors
/// [`FlowFault`] for an unknown area, or if the store fails.
pub async fn cycle_board(
    workspace: &Workspace,
    asked: &CycleAsk,
    now: Timestamp,
) -> Result<Answer<Vec<AreaCycle>>, FlowFault> {
    let permit = granted!(workspace.store.permit(ask_of(workspace, asked).await?, now).await?);
    let Some(days) = days_over(workspace, asked.days, now) else { return Ok(Answer::Given(Vec::new())) };
    let areas = workspace.store.cycle_board(&permit, days, now).await?;
    let lines = areas.into_iter().map(|CycleArea { area, days }| {
        let days = days.into_iter().map(|day| line(workspace, day, (now, asked.alarm)));
        Ok(AreaCycle { area, days: days.collect::<Result<_, FlowFault>>()? })
    });
    Ok(Answer::Given(lines.collect::<Result<_, FlowFault>>()?))
}

/// Counts the days of one area anew, from the values themselves. Gives the days whose counts were others; the counts
/// are right then.
///
/// # Errors
/// [`FlowFault`] for an unknown area or none, for days without an end, or if the store fails.
pub async fn recount_cycle(
    workspace: &Workspace,
    asked: &CycleAsk,
    now: Timestamp,
) -> Result<Answer<Vec<Date>>, FlowFault> {
    let permit = granted!(workspace.store.permit(ask_of(workspace, asked).await?, now).await?);
    if asked.days.start() == Date::MIN {
        return Err(FlowFault::NoFirstDay);
    }
    // What came of a day that still runs is counted too.
    let tomorrow = workspace.zone().day_of(now).tomorrow().unwrap_or(Date::MAX);
    let days = asked.days.intersect(DayRange::new(Date::MIN, tomorrow)?);
    let days = days.map(|days| each_day(days).collect()).unwrap_or_default();
    Ok(Answer::Given(workspace.store.recount_cycle(&permit, days, now).await?))
}

async fn ask_of(workspace: &Workspace, asked: &CycleAsk) -> Result<Ask, FlowFault> {
    let target: Target = target_of(workspace, &asked.actor, (None, asked.area.as_deref())).await?;
    Ok(Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation: Operation::Compute,
        category: CategoryId::parse("consumption")?,
        target,
        days: asked.days,
        resolution: Resolution::P1D,
        recipient: None,
        factors: 1,
    })
}

fn line(
    workspace: &Workspace,
    day: CycleDay,
    (now, alarm): (Timestamp, SignedDuration),
) -> Result<CycleLine, FlowFault> {
    let clock = DayClock::of_market(day.day, workspace.zone())?;
    let there: u64 = day.states.values().sum();
    let released = |state: DayState| state.is_out() || state == DayState::Corrected;
    let out: u64 = day.states.iter().filter(|(state, _)| released(**state)).map(|(_, count)| count).sum();
    // A series may have gone since: what was released of it is still released.
    let open = day.expected.max(there) - out;
    let standing = clock.standing(open == 0, now, alarm);
    Ok(CycleLine {
        clock,
        standing,
        expected: day.expected,
        nothing: day.expected.saturating_sub(there),
        states: day.states,
        late: if standing == Standing::Late { open } else { 0 },
        calls: day.calls,
    })
}

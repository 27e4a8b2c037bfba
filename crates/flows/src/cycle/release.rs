//! Releasing operating days: what goes out is named, and what changes later is a correction.

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_govern::{Ask, Operation, Recipient};
use tidstro_metering::cycle::{DayClock, DayState};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, Resolution};
use tidstro_store::{ReleaseDay, Released};

use super::{days_over, each_day};
use crate::answer::granted;
use crate::disclose::target_of;
use crate::{Answer, FlowFault, Workspace};

/// Who releases what, to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseAsk {
    /// Who releases.
    pub actor: ActorId,
    /// What for: an activity that exports consumption.
    pub purpose: ActivityId,
    /// The grid area, by name.
    pub area: String,
    /// The operating days; those that are not over yet are left out.
    pub days: DayRange,
    /// States that go out beside validated and estimated days.
    pub also: Vec<DayState>,
    /// To whom the values go.
    pub recipient: Recipient,
    /// How many factors the actor's session has proved: 1 or 2.
    pub factors: u8,
}

/// Releases what is ready. The same again releases only what has changed since, as corrections.
///
/// # Errors
/// [`FlowFault`] for an unknown area, or if the store fails; what was released before is kept, run it again.
pub async fn release_days(
    workspace: &Workspace,
    asked: &ReleaseAsk,
    now: Timestamp,
) -> Result<Answer<Released>, FlowFault> {
    let permit = granted!(workspace.store.permit(ask_of(workspace, asked).await?, now).await?);
    let days = days_over(workspace, asked.days, now).into_iter().flat_map(each_day);
    let with_deadline = |day: Date| -> Result<ReleaseDay, FlowFault> {
        Ok(ReleaseDay { day, due: DayClock::of_market(day, workspace.zone())?.due })
    };
    let days = days.map(with_deadline).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::Given(workspace.store.release_days(&permit, days, asked.also.clone(), now).await?))
}

async fn ask_of(workspace: &Workspace, asked: &ReleaseAsk) -> Result<Ask, FlowFault> {
    if asked.days.start() == Date::MIN {
        return Err(FlowFault::NoFirstDay);
    }
    Ok(Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation: Operation::Export,
        category: CategoryId::parse("consumption")?,
        target: target_of(workspace, &asked.actor, (None, Some(&asked.area))).await?,
        days: asked.days,
        resolution: Resolution::PT15M,
        recipient: Some(asked.recipient.clone()),
        factors: asked.factors,
    })
}

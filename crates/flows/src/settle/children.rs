//! Series computed for the children of an area: who asks, and what is told of them.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use tidstro_govern::{Ask, Operation};
use tidstro_metering::settlement::PreviousDays;
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, Gsrn, Resolution};
use tidstro_store::ChildSeries;

use crate::disclose::target_of;
use crate::{FlowFault, Workspace};

/// Who asks for what is computed for the children of an area.
#[derive(Debug, Clone)]
pub struct ChildAsk {
    /// Who asks.
    pub actor: ActorId,
    /// What for: an activity of the register that computes with values.
    pub purpose: ActivityId,
    /// The grid area, three digits.
    pub area: String,
    /// Values and master data as they were known at this moment; `None` for now.
    pub as_of: Option<Timestamp>,
    /// Values of days given before: of heating and net consumption, days that stand so are left out.
    pub given: PreviousDays,
}

/// What was computed for the children of an area. It has no `Debug`: each line is about a home.
#[derive(Clone, PartialEq, Eq)]
pub struct ChildView<T> {
    /// What was computed, in order of children and days.
    pub settled: Vec<T>,
    /// Children without a value, and why.
    pub left: Vec<(Gsrn, String)>,
}

impl<T> From<ChildSeries<T>> for ChildView<T> {
    fn from(series: ChildSeries<T>) -> Self {
        let left = series.left.into_iter().map(|(point, why)| (point, why.to_string())).collect();
        Self { settled: series.settled, left }
    }
}

/// The local days whose values a settlement year may be made of that a day lies in: years begin with any month, and estimates need the year before.
pub(super) fn years_around(day: Date) -> Result<DayRange, FlowFault> {
    let month = day.first_of_month();
    let start = month.checked_sub(2.years()).and_then(|start| start.checked_add(1.month()));
    let end = month.checked_add(1.year());
    Ok(DayRange::new(start.unwrap_or(Date::MIN), end.unwrap_or(Date::MAX))?)
}

/// The gate's ask about the values that count.
pub(super) async fn ask_of(
    workspace: &Workspace,
    asked: &ChildAsk,
    days: DayRange,
) -> Result<Ask, FlowFault> {
    Ok(Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation: Operation::Compute,
        category: CategoryId::parse("consumption")?,
        target: target_of(workspace, &asked.actor, (None, Some(&asked.area))).await?,
        days,
        resolution: Resolution::PT1H,
        recipient: None,
        factors: 1,
    })
}

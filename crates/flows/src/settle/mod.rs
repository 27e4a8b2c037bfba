//! Settlement: sums of an area as the market reads them, compared with the blocks, made again.
//!
//! What comes in: who asks, for which grid area and local days. What goes out: the market's series per supplier, balance
//! responsible and area, and what is in no sum. Its files open what the store discloses (see
//! `tests/doors.rs`).

mod amounts;
mod capacity;
mod children;
mod heating;
mod missing;
mod net_consumption;
mod run;
mod show;
mod verify;

use jiff::civil::Date;
use tidstro_govern::{Ask, Operation, Target};
use tidstro_model::{ActivityId, ActorId, DayRange, Resolution};
use tidstro_store::StoreFault;

pub use amounts::{AmountsView, show_settlement_amounts};
pub use capacity::{SettledCapacity, settle_capacity};
pub use children::{ChildAsk, ChildView};
pub use heating::{SettledHeating, settle_heating};
pub use missing::{MissingLine, missing_measurements};
pub use net_consumption::{SettledNetConsumption, settle_net_consumption};
pub use run::{
    RunLine, RunsView, SettledRun, UnfinishedRun, run_settlement, settlement_runs, show_settlement_run,
};
pub(crate) use show::lines;
pub use show::{EnergyLine, LeftLine, SettlementView, show_settlement};
pub use verify::{DifferingLine, RebuiltCounts, VerifiedView, rebuild_settlement, verify_settlement};

use crate::disclose::target_of;
use crate::{FlowFault, Workspace};

/// Local days that one ask covers at most: three years and a leap day.
const DAYS_MAX: i32 = 1_096;

/// Who asks for the settlement of what.
#[derive(Debug, Clone)]
pub struct SettleAsk {
    /// Who asks.
    pub actor: ActorId,
    /// What for: an activity of the register.
    pub purpose: ActivityId,
    /// The grid area, three digits.
    pub area: String,
    /// The local days.
    pub days: DayRange,
}

impl SettleAsk {
    /// The gate's ask about the sums of the area.
    async fn of_area(&self, workspace: &Workspace, operation: Operation) -> Result<Ask, FlowFault> {
        let days = days_between(self.days.start(), self.days.end());
        if days > DAYS_MAX {
            return Err(FlowFault::TooManyDays { days, most: DAYS_MAX });
        }
        let target = target_of(workspace, &self.actor, (None, Some(&self.area))).await?;
        ask(workspace, (&self.actor, &self.purpose), operation, (target, self.days))
    }
}

fn days_between(start: Date, end: Date) -> i32 {
    tidstro_calendar::epoch_day(end).saturating_sub(tidstro_calendar::epoch_day(start))
}

/// The gate's ask about settlement sums.
fn ask(
    workspace: &Workspace,
    (actor, purpose): (&ActorId, &ActivityId),
    operation: Operation,
    (target, days): (Target, DayRange),
) -> Result<Ask, FlowFault> {
    let category = workspace.store.settlement_category().ok_or(StoreFault::SettlementLeftOut)?;
    Ok(Ask {
        actor: actor.clone(),
        purpose: purpose.clone(),
        operation,
        category: category.clone(),
        target,
        days,
        resolution: Resolution::PT15M,
        recipient: None,
        factors: 1,
    })
}

//! The permits under which messages of electricity meters are kept.

use jiff::Timestamp;
use tidstro_govern::Operation;
use tidstro_model::{ActivityId, ActorId, Resolution};
use tidstro_store::{Decided, Permit};

use crate::alarms::permits_to_collect;
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// The purpose electricity meters of a grid area are read for.
pub(in crate::ingest) const GRID_READING: &str = "grid-reading";
/// The purpose meters of buildings are read for, electricity among them.
const READING: &str = "reading";

/// What storing messages of electricity meters needs.
pub(super) struct PushPermits {
    pub(super) raw: Permit,
    /// Consumption of grid areas and of buildings, and alarms, as far as the register lets them be collected.
    pub(super) series: Vec<Permit>,
    pub(super) asked: Timestamp,
}

impl PushPermits {
    /// Asks for grid areas and for buildings; refused where neither is granted.
    pub(super) async fn ask(
        workspace: &Workspace,
        actor: &ActorId,
        now: Timestamp,
    ) -> Result<Answer<Self>, FlowFault> {
        let (mut raw, mut series) = (None, Vec::new());
        for (purpose, finest) in [(GRID_READING, Resolution::PT15M), (READING, Resolution::Raw)] {
            if workspace.register().activity(&ActivityId::parse(purpose)?).is_none() {
                continue;
            }
            let ask = |category, finest| {
                workspace.permit_everything(actor, purpose, Operation::Collect, (category, finest), now)
            };
            if let Decided::Granted(consumption) = ask("consumption", finest).await? {
                series.push(consumption);
                if raw.is_none() {
                    raw = Some(granted!(ask("telegram", Resolution::Raw).await?));
                }
            }
        }
        series.extend(permits_to_collect(workspace, actor, now).await?);
        match raw {
            Some(raw) => Ok(Answer::Given(Self { raw, series, asked: now })),
            None => {
                let data = ("telegram", Resolution::Raw);
                let asked = workspace.permit_everything(actor, GRID_READING, Operation::Collect, data, now);
                let raw = granted!(asked.await?);
                Ok(Answer::Given(Self { raw, series, asked: now }))
            }
        }
    }
}

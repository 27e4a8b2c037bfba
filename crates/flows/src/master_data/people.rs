//! People and occupancies as files: for somebody whose purpose exports who they are, how they are reached and when they lived
//! where. This file opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use tidstro_govern::{Ask, Operation, Recipient, Target};
use tidstro_metering::master_file::{occupancy_lines, people_lines};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, Resolution};

use super::export::{MasterExport, file};
use crate::answer::granted;
use crate::disclose::target_of;
use crate::{Answer, FlowFault, Workspace};

/// Who exports people, what for and to whom.
#[derive(Debug, Clone)]
pub struct PeopleAsk {
    /// Who asks.
    pub actor: ActorId,
    /// What for: an activity of the register that exports identities, contacts and occupancies.
    pub purpose: ActivityId,
    /// To whom the files go.
    pub recipient: Option<Recipient>,
    /// One building or grid area; everything without one.
    pub area: Option<String>,
}

/// The people and occupancies that the purpose reaches, as files that come in again. Each of the three categories has a permit of
/// its own, so the log says what left.
///
/// # Errors
/// [`FlowFault::Store`] if the store cannot be read.
pub async fn export_people(
    workspace: &Workspace,
    asked: &PeopleAsk,
    now: Timestamp,
) -> Result<Answer<MasterExport>, FlowFault> {
    let target = match &asked.area {
        Some(area) => target_of(workspace, &asked.actor, (None, Some(area))).await?,
        None => Target::Everything,
    };
    let ask = |category: &str| Ok::<_, FlowFault>(ask_for(asked, target, CategoryId::parse(category)?));
    let identity = granted!(workspace.store.permit(ask("identity")?, now).await?);
    let contact = granted!(workspace.store.permit(ask("contact")?, now).await?);
    let occupancy = granted!(workspace.store.permit(ask("occupancy")?, now).await?);
    let permits = [&identity, &contact, &occupancy];
    let found = workspace.store.export_people(permits, now).await?.open(&identity)?;
    Ok(Answer::Given(MasterExport {
        files: vec![
            file("people.csv", people_lines(found.people)),
            file("occupancies.csv", occupancy_lines(found.occupancies, workspace.zone())),
        ],
    }))
}

fn ask_for(asked: &PeopleAsk, target: Target, category: CategoryId) -> Ask {
    Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation: Operation::Export,
        category,
        target,
        days: DayRange::always(),
        resolution: Resolution::Raw,
        recipient: asked.recipient.clone(),
        factors: 1,
    }
}

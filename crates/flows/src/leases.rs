//! What is kept of one subject, by which activity and until when.

use jiff::Timestamp;
use tidstro_govern::{Ask, Lease, LeaseChart, LeaseHistory, Operation, PersonalColumn, Target};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, Resolution, SubjectNo};

use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// What every activity holds of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasesView {
    /// Each lease as it is now.
    pub leases: Vec<Lease>,
    /// Each lease over time.
    pub histories: Vec<LeaseHistory>,
    /// Whether something may not be erased because of a hold.
    pub is_held: bool,
    /// The histories, ready to draw.
    pub chart: LeaseChart,
}

/// The leases of a subject, asked for in a session that has proved `factors` factors; for staff by the reference of master data, for residents their own. A
/// reference nobody has is answered like a subject of whom nothing is kept.
///
/// # Errors
/// [`FlowFault`] if the store fails, or the register has no category for occupancies or choices.
pub async fn subject_leases(
    workspace: &Workspace,
    actor: &ActorId,
    (purpose, factors): (&ActivityId, u8),
    reference: Option<&str>,
    now: Timestamp,
) -> Result<Answer<LeasesView>, FlowFault> {
    let ask = ask_for_leases(workspace, actor, (purpose, factors), reference).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let found = workspace.store.leases(&permit, now).await?.open(&permit)?;
    let chart = LeaseChart::of(&found.histories, now, workspace.zone());
    let (leases, histories, is_held) = (found.leases, found.histories, found.is_held);
    Ok(Answer::Given(LeasesView { leases, histories, is_held, chart }))
}

/// The ask to see what is kept of a subject. A reference nobody has becomes a subject that does not exist: the gate decides about
/// it like about any other.
pub(crate) async fn ask_for_leases(
    workspace: &Workspace,
    actor: &ActorId,
    (purpose, factors): (&ActivityId, u8),
    reference: Option<&str>,
) -> Result<Ask, FlowFault> {
    let subject = match reference {
        Some(name) => workspace.store.referenced_subject(name.to_owned()).await?,
        None => actor.subject(),
    };
    Ok(Ask {
        actor: actor.clone(),
        purpose: purpose.clone(),
        operation: Operation::Read,
        category: leases_category(workspace)?,
        // No subject has the number 0.
        target: Target::Subject(subject.unwrap_or(SubjectNo::new(0))),
        days: DayRange::always(),
        resolution: Resolution::Raw,
        recipient: None,
        factors,
    })
}

/// Who may see when somebody lived somewhere, or what they chose, may see what is kept of it.
fn leases_category(workspace: &Workspace) -> Result<CategoryId, FlowFault> {
    let columns = [("occupancy", "start_day"), ("subject_event", "kind")];
    let category = columns
        .into_iter()
        .find_map(|(table, column)| workspace.register().category_of(&PersonalColumn { table, column }));
    category.map(|category| category.id.clone()).ok_or(FlowFault::NoCategory { of: "occupancies or choices" })
}

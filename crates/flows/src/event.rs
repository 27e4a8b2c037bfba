//! Recording what happened: in a case, and to the leases of a subject. And telling what was recorded.
//!
//! This file opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use tidstro_govern::{Ask, CaseEvent, LeaseEvent, Operation, PersonalColumn, Recorded, SubjectEvent, Target};
use tidstro_model::{ActivityId, ActorId, CaseId, CategoryId, DayRange, Resolution, SubjectNo};

use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Who acts on a subject's leases, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectAsk {
    /// Who acts.
    pub actor: ActorId,
    /// What for: an activity of the register.
    pub purpose: ActivityId,
    /// What master data call the subject.
    pub reference: String,
    /// How many factors the actor's session has proved: 1 or 2.
    pub factors: u8,
}

/// Records what happened in a case, or keeps it aside with the reason. A case names no subject, so there is
/// no purpose to ask for; who may record what, each obligation of the register says.
///
/// # Errors
/// [`FlowFault::Store`] if nothing can be kept.
pub async fn record_case_event(
    workspace: &Workspace,
    event: CaseEvent,
    now: Timestamp,
) -> Result<Recorded, FlowFault> {
    Ok(workspace.store.record_case_event(event, now).await?)
}

/// The events of one case, or of all, in the order in which they were recorded.
///
/// # Errors
/// [`FlowFault::Store`] if the store fails.
pub async fn case_events(workspace: &Workspace, case: Option<CaseId>) -> Result<Vec<CaseEvent>, FlowFault> {
    Ok(workspace.store.case_events(case).await?)
}

/// Records what moves leases of a subject, or keeps it aside with the reason. A reference nobody has is
/// answered like a subject of whom nothing is kept.
///
/// # Errors
/// [`FlowFault`] if the store fails, or the register has no category for choices.
pub async fn record_lease_event(
    workspace: &Workspace,
    asked: &SubjectAsk,
    event: LeaseEvent,
    now: Timestamp,
) -> Result<Answer<Recorded>, FlowFault> {
    let (subject, ask) = ask_for(workspace, asked, event.kind.operation()).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let event = SubjectEvent { subject, event };
    Ok(Answer::Given(workspace.store.record_lease_event(&permit, event, now).await?))
}

/// Keeps a report on a subject aside whose kind moves no lease. `words` is the report as it was given. It needs
/// the leave to correct what the subject chose, so that nobody fills the store with what they may not say.
///
/// # Errors
/// [`FlowFault`] if the store fails, or the register has no category for choices.
pub async fn keep_unknown_event(
    workspace: &Workspace,
    asked: &SubjectAsk,
    (kind, words): (String, String),
    now: Timestamp,
) -> Result<Answer<Recorded>, FlowFault> {
    let (_, ask) = ask_for(workspace, asked, Operation::Correct).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    Ok(Answer::Given(workspace.store.keep_unknown_event(&permit, kind, words, now).await?))
}

/// What moved the leases of a subject, oldest first.
///
/// # Errors
/// [`FlowFault`] if the store fails, or the register has no category for choices.
pub async fn lease_events(
    workspace: &Workspace,
    asked: &SubjectAsk,
    now: Timestamp,
) -> Result<Answer<Vec<LeaseEvent>>, FlowFault> {
    let (_, ask) = ask_for(workspace, asked, Operation::Read).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let events = workspace.store.lease_events(&permit, now).await?.open(&permit)?;
    Ok(Answer::Given(events.into_iter().map(|event| event.event).collect()))
}

async fn ask_for(
    workspace: &Workspace,
    asked: &SubjectAsk,
    operation: Operation,
) -> Result<(SubjectNo, Ask), FlowFault> {
    let subject = workspace.store.referenced_subject(asked.reference.clone()).await?;
    // No subject has the number 0.
    let subject = subject.unwrap_or(SubjectNo::new(0));
    let ask = Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation,
        category: choices(workspace)?,
        target: Target::Subject(subject),
        days: DayRange::always(),
        resolution: Resolution::Raw,
        recipient: None,
        factors: asked.factors,
    };
    Ok((subject, ask))
}

fn choices(workspace: &Workspace) -> Result<CategoryId, FlowFault> {
    let column = PersonalColumn { table: "subject_event", column: "kind" };
    let category = workspace.register().category_of(&column);
    category.map(|category| category.id.clone()).ok_or(FlowFault::NoCategory { of: "choices" })
}

//! Dossiers: records of one subject, or of somebody unknown, in one affair.
//!
//! This file opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use tidstro_govern::{Ask, Operation, Target};
use tidstro_model::{
    ActivityId, ActorId, CategoryId, DayRange, DossierKind, DossierNo, Resolution, SubjectNo,
};

use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Who works on dossiers, what for, and with which category of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DossierAsk {
    /// Who asks.
    pub actor: ActorId,
    /// What for: an activity of the register.
    pub purpose: ActivityId,
    /// Which category of records.
    pub category: CategoryId,
}

/// A record, for the one who asked.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordView {
    /// The dossier.
    pub dossier: DossierNo,
    /// When it was added.
    pub created: Timestamp,
    /// What it says.
    pub text: String,
}

/// Opens a dossier of a subject, by the reference of master data, or of nobody known.
///
/// # Errors
/// [`FlowFault::UnknownReference`], a kind that the purpose does not work on, or if the store fails.
pub async fn open_dossier(
    workspace: &Workspace,
    asked: &DossierAsk,
    reference: Option<&str>,
    kind: DossierKind,
    now: Timestamp,
) -> Result<Answer<DossierNo>, FlowFault> {
    let permit =
        granted!(workspace.store.permit(ask(asked, Operation::Collect, Target::Everything), now).await?);
    let subject = match reference {
        Some(name) => Some(known_subject(workspace, name).await?),
        None => None,
    };
    Ok(Answer::Given(workspace.store.open_dossier(&permit, subject, kind, now).await?))
}

async fn known_subject(workspace: &Workspace, name: &str) -> Result<SubjectNo, FlowFault> {
    let subject = workspace.store.referenced_subject(name.to_owned()).await?;
    subject.ok_or_else(|| FlowFault::UnknownReference { name: name.to_owned() })
}

/// Adds a record to a dossier.
///
/// # Errors
/// [`FlowFault`] for a dossier that is not there or that the purpose does not work on, or if the store fails.
pub async fn add_record(
    workspace: &Workspace,
    asked: &DossierAsk,
    dossier: DossierNo,
    text: String,
    now: Timestamp,
) -> Result<Answer<()>, FlowFault> {
    let permit =
        granted!(workspace.store.permit(ask(asked, Operation::Collect, Target::Everything), now).await?);
    Ok(Answer::Given(workspace.store.add_record(&permit, dossier, text, now).await?))
}

/// The records of one category in one dossier, in the order they were added.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn show_records(
    workspace: &Workspace,
    asked: &DossierAsk,
    dossier: DossierNo,
    now: Timestamp,
) -> Result<Answer<Vec<RecordView>>, FlowFault> {
    let ask = ask(asked, Operation::Read, Target::Dossier(dossier));
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let records = workspace.store.records(&permit, now).await?.open(&permit)?;
    let view = records.into_iter().map(|record| RecordView {
        dossier: record.dossier,
        created: record.created,
        text: record.text,
    });
    Ok(Answer::Given(view.collect()))
}

fn ask(asked: &DossierAsk, operation: Operation, target: Target) -> Ask {
    Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation,
        category: asked.category.clone(),
        target,
        days: DayRange::always(),
        resolution: Resolution::Raw,
        recipient: None,
        factors: 1,
    }
}

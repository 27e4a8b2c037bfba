//! Retention: look at what no activity keeps, approve it, erase it, certify it.

use jiff::Timestamp;
use tidstro_govern::{Ask, Operation, Target};
use tidstro_model::{ActorId, CategoryId, DayRange, Resolution};
use tidstro_store::{RetentionApproval, RetentionRun};

pub use tidstro_store::{PreviewState, RetentionCount, RetentionPreview};

use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// What became of an approval or a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetentionOutcome {
    /// The preview is approved.
    Approved,
    /// Data were erased; the certificate's file says how much.
    Erased {
        /// JSON with the text, its signature and the public key.
        certificate: String,
        /// Parts that stay, because something keeps or protects them by now.
        left: u64,
    },
    /// There was nothing to erase, or it has run before.
    Nothing,
    /// No: the reason and what to do.
    Refused(&'static str),
}

/// Looks at what no activity keeps at this instant and writes it down as a preview.
///
/// # Errors
/// [`FlowFault::NotErasable`] if no activity of the register erases a category and nothing else, or if the
/// store fails.
pub async fn preview_retention(
    workspace: &Workspace,
    actor: &ActorId,
    now: Timestamp,
) -> Result<Answer<RetentionPreview>, FlowFault> {
    let mut permits = Vec::new();
    for ask in erasures(workspace, actor)? {
        permits.push(granted!(workspace.store.permit(ask, now).await?));
    }
    Ok(Answer::Given(workspace.store.retention_preview(&permits, now).await?))
}

/// A preview by its number, or the newest; `None` if there never was one.
///
/// # Errors
/// [`FlowFault`] for a number that is not there, or if the store fails.
pub async fn show_retention(
    workspace: &Workspace,
    number: Option<u64>,
) -> Result<Option<RetentionPreview>, FlowFault> {
    Ok(workspace.store.retention_shown(number).await?)
}

/// Previews on a list: the newest, enough for years of monthly runs.
const LISTED: u32 = 60;

/// The previews there were, the newest first. Of those that have run nothing is counted any more; their certificates do.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn list_retention(workspace: &Workspace) -> Result<Vec<RetentionPreview>, FlowFault> {
    Ok(workspace.store.retention_previews(LISTED).await?)
}

/// Approves a preview.
///
/// # Errors
/// [`FlowFault`] for a number that is not there, or if the store fails.
pub async fn approve_retention(
    workspace: &Workspace,
    actor: &ActorId,
    number: u64,
    now: Timestamp,
) -> Result<RetentionOutcome, FlowFault> {
    let approval = workspace.store.retention_approve(number, actor.clone(), now).await?;
    Ok(match approval {
        RetentionApproval::Given => RetentionOutcome::Approved,
        RetentionApproval::NotAnApprover => RetentionOutcome::Refused(
            "the actor has no role that the register lets approve; ask somebody who has",
        ),
        RetentionApproval::OwnPreview => {
            RetentionOutcome::Refused("who made the preview cannot approve it; ask somebody else")
        }
        RetentionApproval::NotWaiting => {
            RetentionOutcome::Refused("the preview is approved already, or has run; make a new one")
        }
    })
}

/// Runs an approved preview, or finishes a run that was cut short. `progress` is told how many parts are
/// done, and of how many.
///
/// # Errors
/// [`FlowFault`] as for a preview. What was done so far stays done; the same call goes on.
pub async fn run_retention(
    workspace: &Workspace,
    actor: &ActorId,
    number: u64,
    now: Timestamp,
    progress: impl Fn(u64, u64) + Send,
) -> Result<Answer<RetentionOutcome>, FlowFault> {
    let mut permits = Vec::new();
    for ask in erasures(workspace, actor)? {
        permits.push(granted!(workspace.store.permit(ask, now).await?));
    }
    let run = workspace.store.retention_run(&permits, number, now, progress).await?;
    Ok(Answer::Given(match run {
        RetentionRun::Erased { certificate, left } => RetentionOutcome::Erased { certificate, left },
        RetentionRun::Nothing | RetentionRun::AlreadyDone => RetentionOutcome::Nothing,
        RetentionRun::NotApproved => {
            RetentionOutcome::Refused("nobody has approved the preview; have it approved first")
        }
        RetentionRun::Changed => RetentionOutcome::Refused(
            "the register, the data or their leases have changed since the preview; preview again",
        ),
    }))
}

/// The certificate of a preview that has run and erased something.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn retention_certificate(workspace: &Workspace, number: u64) -> Result<Option<String>, FlowFault> {
    Ok(workspace.store.retention_certificate(number).await?)
}

/// How many parts of the data no activity keeps and nothing protects: none after a run.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn retention_leftovers(workspace: &Workspace, now: Timestamp) -> Result<u64, FlowFault> {
    Ok(workspace.store.retention_leftovers(now).await?)
}

/// One ask for each category, under the activity that erases it and does nothing else.
fn erasures(workspace: &Workspace, actor: &ActorId) -> Result<Vec<Ask>, FlowFault> {
    let register = workspace.register();
    let ask = |category: &CategoryId| {
        let erases = |activity: &&tidstro_govern::Activity| {
            activity.operations == [Operation::Erase] && activity.rule_for(category).is_some()
        };
        let activity = register.activities().find(erases);
        let activity = activity.ok_or_else(|| FlowFault::NotErasable { category: category.clone() })?;
        Ok(Ask {
            actor: actor.clone(),
            purpose: activity.id.clone(),
            operation: Operation::Erase,
            category: category.clone(),
            target: Target::Everything,
            days: DayRange::always(),
            // Nothing is seen; a year is coarse enough for every category.
            resolution: Resolution::P1Y,
            recipient: None,
            factors: 1,
        })
    };
    register.categories().map(|category| ask(&category.id)).collect()
}

//! The limits that values are judged by: looked at, and others taken in.
//!
//! What comes in: who brings a file of rules, what for, and its text. What goes out: which rules judge, their text, and all
//! that judged before. What was judged already stays as it is; `validate` judges it anew. Never: rules that judge without an
//! event in the log.

use std::path::PathBuf;

use jiff::Timestamp;
use tidstro_govern::{Ask, Operation, Target};
use tidstro_metering::Rules;
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange};
use tidstro_store::RulesFile;

pub use tidstro_store::RulesVersion;

use crate::answer::granted;
use crate::correct::finest;
use crate::{Answer, FlowFault, Workspace};

/// Who brings rules, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesAsk {
    /// Who.
    pub actor: ActorId,
    /// What for: an activity that corrects values everywhere.
    pub purpose: ActivityId,
    /// Category of the values.
    pub category: CategoryId,
}

/// Takes in a file of rules: they judge what is registered from now on. Given is its number, or nothing if it judges already.
///
/// # Errors
/// [`FlowFault::Rules`] with every fault of the file, and if the store fails; nothing is taken in then.
pub async fn take_in_rules(
    workspace: &Workspace,
    asked: &RulesAsk,
    (path, text): (PathBuf, String),
    now: Timestamp,
) -> Result<Answer<Option<i64>>, FlowFault> {
    let file = RulesFile::parse(text).map_err(|faults| FlowFault::rules(path, &faults))?;
    let ask = Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation: Operation::Correct,
        category: asked.category.clone(),
        target: Target::Everything,
        days: DayRange::always(),
        resolution: finest(workspace, &asked.purpose, &asked.category),
        recipient: None,
        factors: 1,
    };
    let permit = granted!(workspace.store.permit(ask, now).await?);
    Ok(Answer::Given(workspace.store.take_in_rules(&permit, file, now).await?))
}

/// The rules that judge now, and their text.
///
/// # Errors
/// [`FlowFault`] if they do not hold together for this program, or the store fails.
pub async fn rules_now(workspace: &Workspace) -> Result<(Rules, String), FlowFault> {
    Ok(workspace.store.rules().await?)
}

/// Every file of rules that judged, the oldest first; none while the program's own judge.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn rules_history(workspace: &Workspace) -> Result<Vec<RulesVersion>, FlowFault> {
    Ok(workspace.store.rules_history().await?)
}

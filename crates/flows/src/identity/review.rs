//! Reviews of access: who has which role, since when, last used; each confirmed or removed.
//!
//! This file opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use tidstro_govern::Operation;
use tidstro_model::{ActorId, RoleId};
use tidstro_store::{ReviewDecision, ReviewLine, ReviewNo};

use super::{By, over_accounts};
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// A review, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessReview {
    /// Its number.
    pub number: ReviewNo,
    /// When it began.
    pub begun: Option<Timestamp>,
    /// Each role of each actor of the register, as it was then.
    pub lines: Vec<ReviewLine>,
}

impl AccessReview {
    /// How many roles nobody has decided about.
    #[must_use]
    pub fn open(&self) -> usize {
        self.lines.iter().filter(|line| line.decision.is_none()).count()
    }
}

/// Begins a review of everybody the register names.
///
/// # Errors
/// [`FlowFault`] if nobody logs in by the register, or the store fails.
pub async fn begin_review(
    workspace: &Workspace,
    by: &By,
    now: Timestamp,
) -> Result<Answer<ReviewNo>, FlowFault> {
    let permit = granted!(over_accounts(workspace, by, Operation::Correct, now).await?);
    Ok(Answer::Given(workspace.store.begin_review(&permit, now).await?))
}

/// The newest review; `None` if there never was one.
///
/// # Errors
/// As [`begin_review`].
pub async fn newest_review(
    workspace: &Workspace,
    by: &By,
    now: Timestamp,
) -> Result<Answer<Option<AccessReview>>, FlowFault> {
    let permit = granted!(over_accounts(workspace, by, Operation::Read, now).await?);
    let found = workspace.store.newest_review(&permit, now).await?.open(&permit)?;
    Ok(Answer::Given(found.map(|(number, begun, lines)| AccessReview { number, begun, lines })))
}

/// Decides about one role of somebody else. A removed one ends the actor's sessions, and lets them in again when the register gives
/// it no more. Returns whether there was such a role to decide about.
///
/// # Errors
/// As [`begin_review`].
pub async fn decide_review(
    workspace: &Workspace,
    by: &By,
    (number, actor, role): (ReviewNo, ActorId, RoleId),
    decision: ReviewDecision,
    now: Timestamp,
) -> Result<Answer<bool>, FlowFault> {
    let permit = granted!(over_accounts(workspace, by, Operation::Correct, now).await?);
    let line = (number, actor, role);
    Ok(Answer::Given(workspace.store.decide_review(&permit, line, decision, now).await?))
}

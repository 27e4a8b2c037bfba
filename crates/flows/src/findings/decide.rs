//! Doing what a preview showed: each day that waits becomes a version, by the uses that make versions.

use jiff::Timestamp;
use tidstro_store::{AcceptDay, AcceptJob};

use super::preview::{estimated, permits, preview_decision};
use super::{Decision, DecisionAsk, DecisionLine};
use crate::answer::given;
use crate::{Answer, FlowFault, Workspace};

/// What came of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecideOutcome {
    /// It was done.
    Done(DecisionDone),
    /// What would be done is not what the hash names: somebody else decided, or values came. Nothing was done.
    Changed,
}

/// What a decision did, in days of series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DecisionDone {
    /// Days with a new version.
    pub decided: u64,
    /// Days for which no value could be made: they wait on.
    pub left: u64,
    /// Days that changed at the last moment, or may not be changed: left as they are.
    pub others: u64,
}

/// Decides what a preview showed, named by its hash.
///
/// # Errors
/// [`FlowFault`] if the store fails; estimates of days before it stay, and those days wait no more.
pub async fn decide(
    workspace: &Workspace,
    asked: &DecisionAsk,
    hash: &str,
    now: Timestamp,
) -> Result<Answer<DecideOutcome>, FlowFault> {
    let preview = given!(preview_decision(workspace, asked, now).await?);
    if preview.hash != hash {
        return Ok(Answer::Given(DecideOutcome::Changed));
    }
    let left = preview.lines.iter().filter(|line| !line.effect.is_something()).count() as u64;
    let decided = match &asked.decision {
        Decision::Accept { reason } => given!(accept(workspace, (asked, reason), preview.lines, now).await?),
        Decision::Estimate(method) => {
            let waiting: Vec<_> = preview.lines.into_iter().map(|line| line.found).collect();
            let made = given!(estimated(workspace, (asked, *method), (&waiting, false), now).await?);
            let decided = made.iter().filter(|effect| effect.is_something()).count() as u64;
            DecisionDone { decided, left, others: (made.len() as u64).saturating_sub(decided + left) }
        }
    };
    Ok(Answer::Given(DecideOutcome::Done(decided)))
}

async fn accept(
    workspace: &Workspace,
    (asked, reason): (&DecisionAsk, &str),
    lines: Vec<DecisionLine>,
    now: Timestamp,
) -> Result<Answer<DecisionDone>, FlowFault> {
    let waiting: Vec<_> = lines.into_iter().map(|line| line.found).collect();
    let (permit, alarms) = match permits(workspace, asked, &waiting, now).await? {
        Some(Ok(permits)) => permits,
        Some(Err(refuse)) => return Ok(Answer::Refused(refuse)),
        None => return Ok(Answer::Given(DecisionDone::default())),
    };
    let day = |found: &super::OpenFindingLine| AcceptDay {
        series: found.line.series,
        day: found.day,
        seq: found.seq,
    };
    let days = waiting.iter().map(day).collect();
    let job = AcceptJob { rule: asked.cause.rule, days, reason: reason.to_owned() };
    let done = workspace.store.accept((&permit, &alarms), job, now).await?;
    Ok(Answer::Given(DecisionDone { decided: done.accepted, left: 0, others: done.others + done.not_kept }))
}

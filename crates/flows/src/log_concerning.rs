//! Who looked at one person's data: told to that person, and to whoever answers requests for access (GDPR art. 15).
//!
//! What comes in: who asks, and about whom. What goes out: when, in which role, for which purpose and what was done. Never: the
//! name of a member of staff, which is none of the person's data; an ask for a whole area, which names nobody.
//!
//! This file opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use tidstro_govern::{EventKind, Operation};
use tidstro_model::{ActivityId, ActorId, CategoryId, RoleId};
use tidstro_store::LogEntry;

use crate::answer::granted;
use crate::aside::{AsideAsk, ask_for_aside};
use crate::leases::ask_for_leases;
use crate::{Answer, FlowFault, Workspace};

/// Who used data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looker {
    /// Staff or a job that the register knows now, by its roles.
    Roles(Vec<RoleId>),
    /// Another resident or customer.
    Resident,
    /// Somebody whom the register does not know any more.
    Former,
}

/// One use of a person's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedLine {
    /// Its number in the log.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Looker,
    /// What for.
    pub purpose: Option<ActivityId>,
    /// What kind of event it was: granted, refused, explained, exported.
    pub kind: EventKind,
    /// What was done or to be done, where the log says so.
    pub operation: Option<Operation>,
    /// With which category.
    pub category: Option<CategoryId>,
}

/// Some uses, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedPage {
    /// The uses.
    pub lines: Vec<LookedLine>,
    /// The number before which there are more.
    pub next: Option<u64>,
}

/// Who asks who looked, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedAsk {
    /// Who asks.
    pub actor: ActorId,
    /// What for: an activity by which the actor sees what is kept of the person.
    pub purpose: ActivityId,
    /// How many factors the actor's session has proved: 1 or 2.
    pub factors: u8,
    /// Of another person: the reference of master data, and the activity by which the actor may look at the log. Who looked tells of
    /// a person's affairs too, so whoever sees a time of occupancy may not see it for that alone.
    pub other: Option<(String, ActivityId)>,
}

/// Uses by others of the data of a person. At most `limit`, of those before a number of the log.
///
/// # Errors
/// [`FlowFault`] if the store fails, or the register has no category for occupancies, choices, or what is kept aside.
pub async fn who_looked(
    workspace: &Workspace,
    asked: &LookedAsk,
    (before, limit): (Option<u64>, u32),
    now: Timestamp,
) -> Result<Answer<LookedPage>, FlowFault> {
    let LookedAsk { actor, purpose, factors, other } = asked;
    if let Some((_, log_purpose)) = other {
        let look = AsideAsk { actor: actor.clone(), purpose: log_purpose.clone(), factors: *factors };
        let _ = granted!(workspace.store.permit(ask_for_aside(workspace, &look)?, now).await?);
    }
    let reference = other.as_ref().map(|(reference, _)| reference.as_str());
    let ask = ask_for_leases(workspace, actor, (purpose, *factors), reference).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let page = workspace.store.log_concerning(&permit, (before, limit), now).await?.open(&permit)?;
    let lines = page.entries.into_iter().map(|entry| line(workspace, entry)).collect();
    Ok(Answer::Given(LookedPage { lines, next: page.next }))
}

fn line(workspace: &Workspace, entry: LogEntry) -> LookedLine {
    // An ask is logged as its operation, its category, and the rest.
    let mut words = entry.detail.split(' ');
    let operation = words.next().and_then(Operation::from_word);
    let category = words.next().filter(|_| operation.is_some()).and_then(|word| CategoryId::parse(word).ok());
    LookedLine {
        seq: entry.seq,
        at: entry.at,
        by: looker(workspace, &entry.actor),
        purpose: entry.purpose,
        kind: entry.kind,
        operation,
        category,
    }
}

fn looker(workspace: &Workspace, actor: &ActorId) -> Looker {
    if actor.as_str().starts_with("resident:") {
        return Looker::Resident;
    }
    let roles = workspace.register().roles_of(actor);
    if roles.is_empty() { Looker::Former } else { Looker::Roles(roles.into_iter().cloned().collect()) }
}

//! What was not admitted and is kept aside as evidence: listed, and opened one at a time.
//!
//! What comes in: who asks, and what for. What goes out: the list without what the lines say, or one of them with
//! its bytes. Never: a line without a permit for everything that is kept aside, since it may name anybody.
//!
//! This file opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use tidstro_govern::log::AsideReason;
use tidstro_govern::{Ask, Operation, PersonalColumn, Target};
use tidstro_model::{ActivityId, ActorId, DayRange, Resolution};
use tidstro_store::AsideEntry;

use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Who looks at what was kept aside, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsideAsk {
    /// Who acts.
    pub actor: ActorId,
    /// What for: an activity of the register.
    pub purpose: ActivityId,
    /// How many factors the actor's session has proved: 1 or 2.
    pub factors: u8,
}

/// One line or event that was kept aside as evidence, without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsideItem {
    /// Its number: never given twice.
    pub number: i64,
    /// When it was kept aside.
    pub kept: Timestamp,
    /// Who reported or recorded it.
    pub by: ActorId,
    /// The number of the line in its file, counted from 1; `None` for what comes from no file.
    pub line: Option<u64>,
    /// Why it is no part of any state.
    pub reason: AsideReason,
}

impl AsideItem {
    fn of(entry: AsideEntry) -> Self {
        let AsideEntry { number, kept, by, line, reason } = entry;
        Self { number, kept, by, line, reason }
    }
}

/// What is kept aside, oldest first.
///
/// # Errors
/// [`FlowFault`] if the store fails, or the register has no category for what is kept aside.
pub async fn kept_aside(
    workspace: &Workspace,
    asked: &AsideAsk,
    now: Timestamp,
) -> Result<Answer<Vec<AsideItem>>, FlowFault> {
    let permit = granted!(workspace.store.permit(ask_for_aside(workspace, asked)?, now).await?);
    let entries = workspace.store.aside(&permit, now).await?.open(&permit)?;
    Ok(Answer::Given(entries.into_iter().map(AsideItem::of).collect()))
}

/// One line or event that was kept aside, with its bytes as they came in; `None` if it is not there, or no
/// longer.
///
/// # Errors
/// [`FlowFault`] if the store fails, or the register has no category for what is kept aside.
pub async fn show_aside(
    workspace: &Workspace,
    asked: &AsideAsk,
    number: i64,
    now: Timestamp,
) -> Result<Answer<Option<(AsideItem, Vec<u8>)>>, FlowFault> {
    let permit = granted!(workspace.store.permit(ask_for_aside(workspace, asked)?, now).await?);
    let found = workspace.store.aside_opened(&permit, number, now).await?.open(&permit)?;
    Ok(Answer::Given(found.map(|(entry, line)| (AsideItem::of(entry), line))))
}

/// What was kept aside belongs to no subject: it is asked for as a whole.
pub(crate) fn ask_for_aside(workspace: &Workspace, asked: &AsideAsk) -> Result<Ask, FlowFault> {
    let column = PersonalColumn { table: "event_aside", column: "sealed" };
    let category = workspace.register().category_of(&column);
    let category = category.ok_or(FlowFault::NoCategory { of: "what is kept aside" })?;
    Ok(Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation: Operation::Read,
        category: category.id.clone(),
        target: Target::Everything,
        days: DayRange::always(),
        resolution: Resolution::Raw,
        recipient: None,
        factors: asked.factors,
    })
}

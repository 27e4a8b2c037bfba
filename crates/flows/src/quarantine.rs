//! Quarantine: what kinds of telegrams give no reading, and decoding what is kept once more.
//!
//! What comes in: who asks. What goes out: types of meters with counts, no meter and no person; and what decoding again came
//! to. Readings that say something new become versions; nothing that was registered changes.
//!
//! This file opens the counts of the store (see `tests/doors.rs`).

use jiff::{Timestamp, civil::Date};
use tidstro_govern::Operation;
use tidstro_model::{ActorId, Resolution};
pub use tidstro_store::QuarantineLine;
use tidstro_telegram::KeyRing;

use crate::answer::granted;
use crate::ingest::{AgainReport, Clock, decode_kept_again, decode_waiting};
use crate::{Answer, FlowFault, Workspace};

/// The types of meters whose telegrams give no reading, most telegrams first.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn quarantine(
    workspace: &Workspace,
    actor: &ActorId,
    purpose: &str,
    now: Timestamp,
) -> Result<Answer<Vec<QuarantineLine>>, FlowFault> {
    let telegrams = ("telegram", Resolution::Raw);
    let permit =
        granted!(workspace.permit_everything(actor, purpose, Operation::Read, telegrams, now).await?);
    Ok(Answer::Given(workspace.store.unknown_types(&permit, now).await?.open(&permit)?))
}

/// Decodes the telegrams whose key or format has arrived; returns how many gave readings.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn decode_quarantined(
    workspace: &Workspace,
    actor: &ActorId,
    clock: Clock<'_>,
) -> Result<Answer<u64>, FlowFault> {
    decode_waiting(workspace, actor, &KeyRing::new(), clock).await
}

/// Decodes every kept telegram received since a local day once more. `progress` is told how many are done.
///
/// # Errors
/// [`FlowFault`] if the store fails; what was done stays, and the same call goes on from there.
pub async fn decode_again(
    workspace: &Workspace,
    actor: &ActorId,
    (since, keys): (Date, &KeyRing),
    clock: Clock<'_>,
    progress: &dyn Fn(u64),
) -> Result<Answer<AgainReport>, FlowFault> {
    let since = workspace.zone().day_start(since);
    decode_kept_again(workspace, actor, (since, keys), clock, progress).await
}

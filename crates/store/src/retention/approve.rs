//! Approval: a second pair of eyes, whose hash is the preview's.

use crate::db::params;
use jiff::Timestamp;
use tidstro_govern::log::hex;
use tidstro_govern::{Event, EventKind, Register};
use tidstro_model::ActorId;

use super::preview::{PreviewState, load};
use crate::personal::Writing;
use crate::{StoreFault, log};

/// Whether a preview may run now, or why it may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionApproval {
    /// It may.
    Given,
    /// The actor has no role that approves.
    NotAnApprover,
    /// The actor made the preview itself.
    OwnPreview,
    /// It is approved already, or has run.
    NotWaiting,
}

/// Approves a preview, or says why not. Call inside [`Writing::transact`].
pub(super) fn approve(
    writing: &mut Writing,
    register: &Register,
    (number, actor): (i64, ActorId),
    now: Timestamp,
) -> Result<RetentionApproval, StoreFault> {
    let preview = load(&writing.db, register, number)?;
    if !register.roles_of(&actor).iter().any(|role| register.approvers().contains(role)) {
        return Ok(RetentionApproval::NotAnApprover);
    }
    if preview.actor == actor {
        return Ok(RetentionApproval::OwnPreview);
    }
    if preview.state != PreviewState::Previewed {
        return Ok(RetentionApproval::NotWaiting);
    }
    writing.db.execute(
        "-- approve_preview
         UPDATE retention_preview SET state = 'approved', approver = ?2 WHERE preview_no = ?1",
        params![number, actor.as_str()],
    )?;
    let detail = format!("preview {number} {}", hex(&preview.hash));
    log::append(writing, Event::new(now, EventKind::RetentionApproved, actor, detail))?;
    Ok(RetentionApproval::Given)
}

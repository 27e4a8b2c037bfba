//! Approving a register that widens.

use jiff::Timestamp;
use tidstro_govern::log::hex;
use tidstro_govern::{Approval, Change, Event, EventKind, Register, diff};
use tidstro_model::ActorId;

use super::admit::refuse;
use super::kept::running;
use crate::StoreFault;
use crate::log;
use crate::personal::Writing;

/// The rule that refuses an approval, in the log.
const RULE: &str = "not-an-approver";

/// Approves what a register widens, compared with the running one. The running one says who may. Call in
/// a transaction.
pub(crate) fn approve(
    writing: &mut Writing,
    given: &Register,
    actor: ActorId,
    now: Timestamp,
) -> Result<Approval, StoreFault> {
    let old = running(&writing.db)?.ok_or(StoreFault::NoRegister)?;
    if !old.roles_of(&actor).iter().any(|role| old.approvers().contains(role)) {
        refuse(writing, actor, RULE, hex(&given.hash()), now)?;
        return Ok(Approval::NotAnApprover { approvers: old.approvers().to_vec() });
    }
    let found = diff(&old, given);
    if !found.widens() {
        return Ok(Approval::NotNeeded(found));
    }
    let widenings: Vec<_> = found.widenings().map(Change::to_string).collect();
    let detail = format!("{}\n{}", hex(&given.hash()), widenings.join("\n"));
    log::append(writing, Event::new(now, EventKind::RegisterApproved, actor, detail))?;
    Ok(Approval::Approved(found))
}

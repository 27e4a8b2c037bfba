//! Kept sums compared with the blocks, and made again from them. This file opens what the store discloses (see
//! `tests/doors.rs`).

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_govern::{Operation, Target};
use tidstro_metering::settlement::GroupKey;
use tidstro_model::{ActivityId, ActorId, DayRange};

use super::{SettleAsk, ask};
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// A group whose kept sum of a local day is not what its blocks say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferingLine {
    /// The local day.
    pub day: Date,
    /// The group.
    pub group: GroupKey,
    /// How many slots of the day differ in energy or qualities.
    pub slots: usize,
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifiedView {
    /// Local days compared.
    pub days: u64,
    /// Sums compared.
    pub sums: u64,
    /// Those that differ.
    pub differing: Vec<DifferingLine>,
    /// Blocks that are listed as left out and are not, or the other way round.
    pub left_differing: u64,
    /// Sums of which a block is erased: nobody can compare them any more.
    pub beyond: u64,
}

impl VerifiedView {
    /// Whether everything that could be compared was equal to the digit.
    #[must_use]
    pub const fn is_equal(&self) -> bool {
        self.differing.is_empty() && self.left_differing == 0
    }
}

/// What was made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RebuiltCounts {
    /// Local days computed.
    pub days: u64,
    /// Sums that were missing or other than they should have been.
    pub changed: u64,
    /// Sums left as they were, because a block of them is erased.
    pub beyond: u64,
}

/// Computes the sums of an area again from the blocks, and compares.
///
/// # Errors
/// As [`super::show_settlement`].
pub async fn verify_settlement(
    workspace: &Workspace,
    asked: &SettleAsk,
    now: Timestamp,
) -> Result<Answer<VerifiedView>, FlowFault> {
    let ask = asked.of_area(workspace, Operation::Compute).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let found = workspace.store.verify_settlement(&permit, asked.days, now).await?.open(&permit)?;
    let line =
        |one: tidstro_store::Differing| DifferingLine { day: one.day, group: one.group, slots: one.slots };
    Ok(Answer::Given(VerifiedView {
        days: found.days,
        sums: found.groups,
        differing: found.differing.into_iter().map(line).collect(),
        left_differing: found.left_differing,
        beyond: found.beyond,
    }))
}

/// Makes every sum again from the blocks. It is in the log.
///
/// # Errors
/// As [`super::show_settlement`].
pub async fn rebuild_settlement(
    workspace: &Workspace,
    (actor, purpose): (&ActorId, &ActivityId),
    now: Timestamp,
) -> Result<Answer<RebuiltCounts>, FlowFault> {
    let target = (Target::Everything, DayRange::always());
    let ask = ask(workspace, (actor, purpose), Operation::Compute, target)?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let rebuilt = workspace.store.rebuild_settlement(&permit, now).await?;
    let tidstro_store::Rebuilt { days, changed, beyond } = rebuilt;
    Ok(Answer::Given(RebuiltCounts { days, changed, beyond }))
}

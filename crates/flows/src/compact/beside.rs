//! Compaction beside other work: small bites, in moments when nobody else writes.
//!
//! An opened workspace and an actor come in; news go out. It asks the gate as the command does, and again for each round. Each
//! bite is a transaction of its own, so that dropping this at any point loses nothing, and whoever writes waits for one
//! bite at most. Never: a bite while anybody else's writing is under way.

use std::convert::Infallible;
use std::time::Duration;

use tidstro_govern::Refuse;
use tidstro_model::ActorId;

use super::{CompactAsk, CompactReport, Compaction};
use crate::ingest::Clock;
use crate::{Answer, FlowFault, Workspace};

/// Series of one bite: some milliseconds.
const BITE: u32 = 64;

/// When a moment is quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// So long nobody wrote.
    pub idle: Duration,
    /// The pause after each bite, in which other programs get their turn.
    pub between: Duration,
    /// The pause after everything was done.
    pub again: Duration,
}

impl Default for Quiet {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(2),
            between: Duration::from_millis(50),
            again: Duration::from_hours(6),
        }
    }
}

/// What happened beside.
#[derive(Debug)]
pub enum CompactNews<'n> {
    /// A bite is durable: so much was done in this round so far.
    Bite(&'n CompactReport),
    /// Nothing is left in this round.
    Done(&'n CompactReport),
    /// The gate refused; it is asked again in the next round.
    Refused(&'n Refuse),
    /// The round broke off; what was done stays, and the next one goes on.
    BrokeOff(&'n FlowFault),
}

/// Compacts closed months until it is dropped.
pub async fn compact_beside(
    workspace: &Workspace,
    actor: &ActorId,
    (clock, quiet): (Clock<'_>, &Quiet),
    news: &(dyn Fn(CompactNews<'_>) + Sync),
) -> Infallible {
    loop {
        match round(workspace, actor, (clock, quiet), news).await {
            Ok(Answer::Given(report)) => news(CompactNews::Done(&report)),
            Ok(Answer::Refused(refuse)) => news(CompactNews::Refused(&refuse)),
            Err(fault) => news(CompactNews::BrokeOff(&fault)),
        }
        tokio::time::sleep(quiet.again).await;
    }
}

/// Everything there is to do, once.
async fn round(
    workspace: &Workspace,
    actor: &ActorId,
    (clock, quiet): (Clock<'_>, &Quiet),
    news: &(dyn Fn(CompactNews<'_>) + Sync),
) -> Result<Answer<CompactReport>, FlowFault> {
    quiet_moment(workspace, quiet).await;
    let asked = CompactAsk { actor: actor.clone(), area: None, before: None };
    let mut compaction = match Compaction::begin(workspace, asked, clock()).await? {
        Answer::Given(compaction) => compaction.in_bites_of(BITE),
        Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
    };
    loop {
        match compaction.step(clock()).await? {
            Answer::Given(true) => news(CompactNews::Bite(compaction.report())),
            Answer::Given(false) => return Ok(Answer::Given(*compaction.report())),
            Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
        }
        if !is_still(workspace, quiet.between).await {
            quiet_moment(workspace, quiet).await;
        }
    }
}

/// Waits until nobody has written for a while.
async fn quiet_moment(workspace: &Workspace, quiet: &Quiet) {
    while !is_still(workspace, quiet.idle).await {}
}

/// Waits so long; whether nothing was written meanwhile, or is being written.
async fn is_still(workspace: &Workspace, pause: Duration) -> bool {
    let before = workspace.store.writes();
    tokio::time::sleep(pause).await;
    let after = workspace.store.writes();
    before.given == after.given && after.given == after.done
}

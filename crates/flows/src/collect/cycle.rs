//! One cycle: every meter is asked, and asked again, until it is read, given up, or the cycle is over.
//!
//! Calls run beside each other and know no store; everything that is kept goes through this one task. What a call brought is
//! durable before it is noted as read, so that a kill between the two reads a little twice and stores nothing twice.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tidstro_dlms::Password;
use tidstro_govern::Operation;
use tidstro_model::{ActorId, DeviceId, Resolution, SourceNo};
use tidstro_store::{CallNote, CallState, CounterUse, CycleCall, Decided, Permit};
use tokio::task::JoinSet;

use super::call::{Brought, Job, Proof, call};
use super::fault::CallFault;
use super::keep::{Kept, keep, keep_alarms};
use super::keys::TitleKeys;
use super::meters::{AccessKind, MeterAddress, Meters};
use super::report::CycleReport;
use crate::alarms::permits_to_collect;
use crate::answer::granted;
use crate::ingest::Clock;
use crate::{Answer, FlowFault, Workspace};

/// The purpose of asking electricity meters, and what of.
const PURPOSE: &str = "grid-reading";
const CONSUMPTION: (&str, Resolution) = ("consumption", Resolution::PT15M);
/// Permits are asked for anew after this, well before they expire.
const RENEW_AFTER: SignedDuration = SignedDuration::from_mins(30);
/// The name readings remember.
const SOURCE: &str = "collect";

/// What to collect.
pub struct CollectOptions<'o> {
    /// Where the meters are.
    pub meters: &'o Meters,
    /// The end of the cycle: values up to then are asked for.
    pub cycle: Timestamp,
    /// Whether each meter is asked at most once now, and nobody is waited for.
    pub is_once: bool,
    /// The password in a variable the file of meters names.
    pub passwords: &'o (dyn Fn(&str) -> Option<String> + Sync),
    /// Told of each call that ended.
    pub news: &'o (dyn Fn(CollectNews<'_>) + Sync),
}

/// A call that ended.
#[derive(Debug)]
pub struct CollectNews<'n> {
    /// The meter.
    pub device: DeviceId,
    /// Values of the cycle and of earlier ones that came.
    pub received: u32,
    /// Why it did not reach its end.
    pub fault: Option<&'n CallFault>,
    /// Until the meter is asked again, if it is.
    pub again_in: Option<SignedDuration>,
}

/// Collects a cycle. Dropped or killed at any moment, the same call goes on where it was.
///
/// # Errors
/// [`FlowFault`] if the store fails; what was noted is kept.
pub async fn collect(
    workspace: &Workspace,
    actor: &ActorId,
    options: &CollectOptions<'_>,
    clock: Clock<'_>,
) -> Result<Answer<CycleReport>, FlowFault> {
    let permit = granted!(reading(workspace, actor, clock()).await?);
    let keys = TitleKeys::load(workspace, actor, clock()).await?;
    let source = workspace.store.source(SOURCE.to_owned()).await?;
    let report = CycleReport::new(options.cycle);
    let alarms = permits_to_collect(workspace, actor, clock()).await?;
    let mut cycle =
        Cycle { workspace, options, clock, permit, alarms, keys, source, report, calls: Vec::new() };
    cycle.calls = cycle.begin().await?;
    let mut asked = clock();
    let mut running = JoinSet::new();
    loop {
        if clock().duration_since(asked) > RENEW_AFTER {
            cycle.permit = granted!(reading(workspace, actor, clock()).await?);
            cycle.alarms = permits_to_collect(workspace, actor, clock()).await?;
            asked = clock();
        }
        cycle.start_due(&mut running).await?;
        let Some(ended) = cycle.wait(&mut running).await else { break };
        if let Some((index, brought)) = ended {
            cycle.finish(index, &brought).await?;
        }
    }
    Ok(Answer::Given(cycle.reported()))
}

async fn reading(workspace: &Workspace, actor: &ActorId, now: Timestamp) -> Result<Decided, FlowFault> {
    workspace.permit_everything(actor, PURPOSE, Operation::Collect, CONSUMPTION, now).await
}

type Running = JoinSet<(usize, Brought)>;

/// A meter in this run.
struct Calling {
    meter: Arc<MeterAddress>,
    call: CycleCall,
    /// Whether it may be called in this run, and is not being called.
    is_open: bool,
    counters: Option<CounterUse>,
}

struct Cycle<'c> {
    workspace: &'c Workspace,
    options: &'c CollectOptions<'c>,
    clock: Clock<'c>,
    permit: Permit,
    /// To collect alarms, as far as the register lets them be.
    alarms: Vec<Permit>,
    keys: TitleKeys,
    source: SourceNo,
    report: CycleReport,
    calls: Vec<Calling>,
}

impl Cycle<'_> {
    /// The calls of the cycle; of one that was begun, as far as they have come.
    async fn begin(&self) -> Result<Vec<Calling>, FlowFault> {
        let Meters { limits, list, .. } = self.options.meters;
        let expected =
            |meter: &MeterAddress| limits.cycle_seconds / meter.period.seconds().unwrap_or(u32::MAX).max(1);
        let devices = list.iter().map(|meter| (meter.device, expected(meter))).collect();
        let now = (self.clock)();
        let calls = self.workspace.store.begin_cycle(&self.permit, self.options.cycle, devices, now).await?;
        let calling = |(meter, call): (&Arc<MeterAddress>, CycleCall)| {
            let is_open = call.state == CallState::Waiting;
            Calling { meter: Arc::clone(meter), call, is_open, counters: None }
        };
        Ok(list.iter().zip(calls).map(calling).collect())
    }

    /// Starts calls that are due, as many as may run.
    async fn start_due(&mut self, running: &mut Running) -> Result<(), FlowFault> {
        let now = (self.clock)();
        while running.len() < self.options.meters.limits.connections {
            let due = |calling: &Calling| calling.is_open && calling.call.due <= now;
            let Some(index) = self.calls.iter().position(due) else { break };
            match self.job(index, now).await? {
                Ok(job) => {
                    running.spawn(async move { (index, call(job).await) });
                }
                Err(fault) => self.finish(index, &Brought::nothing(fault)).await?,
            }
        }
        Ok(())
    }

    /// What to call a meter for, or why it cannot be called. It is not open any more.
    async fn job(&mut self, index: usize, now: Timestamp) -> Result<Result<Job, CallFault>, FlowFault> {
        let Some(calling) = self.calls.get_mut(index) else { return Ok(Err(CallFault::NotPlaced)) };
        calling.is_open = false;
        if calling.call.area.is_none() {
            return Ok(Err(CallFault::NotPlaced));
        }
        let Meters { client, limits, .. } = self.options.meters;
        let proof = match &calling.meter.access {
            AccessKind::None => Ok(Proof::None),
            AccessKind::Password(variable) => (self.options.passwords)(variable)
                .map(|password| Proof::Password(Password::new(password.as_bytes())))
                .ok_or_else(|| CallFault::NoPassword { variable: variable.clone() }),
            AccessKind::Keys => {
                let DeviceId::Title(title) = calling.meter.device else { return Ok(Err(CallFault::NoKey)) };
                let titles = (*client, title);
                let proof = self.keys.proof(self.workspace, &self.permit, titles, limits, now).await?;
                proof.map(|(proof, counters)| {
                    calling.counters = Some(counters);
                    proof
                })
            }
        };
        let span = span(self.options.cycle, limits.look_back(), calling.call.read_until);
        let (meter, client, limits) = (Arc::clone(&calling.meter), *client, limits.clone());
        let reads_logs = !self.alarms.is_empty();
        Ok(proof.map(|proof| Job { meter, client, limits, proof, span, reads_logs, now }))
    }

    /// Waits for a call to end or to be due. `None` once nothing is left to do, `Some(None)` when something is due.
    async fn wait(&self, running: &mut Running) -> Option<Option<(usize, Brought)>> {
        let is_full = running.len() >= self.options.meters.limits.connections;
        let due = if is_full { None } else { self.next_due() };
        let pause = due.map(|due| self.until(due));
        match (running.is_empty(), pause) {
            (true, None) => None,
            (true, Some(pause)) => {
                tokio::time::sleep(pause).await;
                Some(None)
            }
            (false, pause) => {
                let ended = match pause {
                    None => running.join_next().await,
                    Some(pause) => tokio::time::timeout(pause, running.join_next()).await.ok().flatten(),
                };
                // A call that could not be finished is to be made again in the next run.
                Some(ended.and_then(Result::ok))
            }
        }
    }

    /// When the next call is due, if anybody waits for it.
    fn next_due(&self) -> Option<Timestamp> {
        let end = self.options.cycle.saturating_add(self.options.meters.limits.cycle()).ok()?;
        let open = self.calls.iter().filter(|calling| calling.is_open);
        let now = (self.clock)();
        open.map(|calling| calling.call.due)
            .min()
            .filter(|due| if self.options.is_once { *due <= now } else { *due < end })
    }

    fn until(&self, due: Timestamp) -> Duration {
        // At least a moment, so that a clock that stands does not make this a loop without an end.
        let left = due.duration_since((self.clock)());
        Duration::try_from(left).unwrap_or_default().max(Duration::from_millis(5))
    }

    /// Stores what a call brought, then notes how far the meter is.
    async fn finish(&mut self, index: usize, brought: &Brought) -> Result<(), FlowFault> {
        let Some(calling) = self.calls.get(index) else { return Ok(()) };
        let now = (self.clock)();
        let whose = (calling.call.number, self.source);
        let kept = keep(self.workspace, &self.permit, whose, brought, now).await?;
        keep_alarms(self.workspace, &self.alarms, whose, brought, now).await?;
        let note = self.note(calling, brought, &kept, now);
        self.workspace.store.note_call(&self.permit, note.clone(), now).await?;
        let again_in = (note.state == CallState::Waiting).then(|| note.due.duration_since(now));
        (self.options.news)(CollectNews {
            device: note.device,
            received: note.received.saturating_add(note.late),
            fault: brought.ended.as_ref().err(),
            again_in,
        });
        self.report.blocks += kept.appended.added + kept.appended.changed;
        self.report.not_kept +=
            kept.appended.not_permitted + kept.appended.other_direction + kept.appended.too_old;
        if let Some(calling) = self.calls.get_mut(index) {
            calling.take(&note, self.options.is_once);
        }
        Ok(())
    }

    fn note(&self, calling: &Calling, brought: &Brought, kept: &Kept, now: Timestamp) -> CallNote {
        let limits = &self.options.meters.limits;
        let tries = calling.call.tries + 1;
        let state = match &brought.ended {
            Ok(()) => CallState::Done,
            Err(fault) if fault.is_final() || tries >= limits.tries => CallState::Failed,
            Err(_) => CallState::Waiting,
        };
        let since = calling.call.read_until.unwrap_or(Timestamp::MIN);
        let begin = self.options.cycle.saturating_sub(limits.cycle()).unwrap_or(Timestamp::MIN);
        let new = kept.starts.iter().filter(|start| **start >= since);
        let (in_cycle, late): (Vec<&Timestamp>, Vec<&Timestamp>) = new.partition(|start| **start >= begin);
        let count = |starts: Vec<&Timestamp>| u32::try_from(starts.len()).unwrap_or(u32::MAX);
        CallNote {
            cycle: self.options.cycle,
            device: calling.meter.device,
            tries: calling.call.tries,
            state,
            due: now.saturating_add(limits.wait(tries)).unwrap_or(now),
            received: count(in_cycle),
            late: count(late),
            reason: brought.ended.as_ref().err().map(|fault| (fault.word(), fault.to_string())),
            clock_ahead: brought.clock_ahead,
            read_until: kept.last,
            meter_counter: calling.counters.clone().zip(brought.meter_counter),
        }
    }

    fn reported(self) -> CycleReport {
        let limit = SignedDuration::from_secs(self.options.meters.limits.clock_seconds.into());
        let mut report = self.report;
        for Calling { call, .. } in &self.calls {
            let area = call.area.clone().unwrap_or_default();
            report.areas.entry(area).or_default().add(call, limit);
        }
        report
    }
}

impl Calling {
    /// Takes over what was noted.
    fn take(&mut self, note: &CallNote, is_once: bool) {
        let call = &mut self.call;
        call.tries += 1;
        (call.state, call.due) = (note.state, note.due);
        call.received += note.received;
        call.late += note.late;
        call.reason = note.reason.clone().map(|(reason, advice)| (reason.to_owned(), advice));
        call.clock_ahead = note.clock_ahead.or(call.clock_ahead);
        call.read_until = call.read_until.max(note.read_until);
        self.is_open = note.state == CallState::Waiting && !is_once;
    }
}

/// From the last interval that is stored, at most so far back, to the end of the cycle.
fn span(
    cycle: Timestamp,
    look_back: SignedDuration,
    read_until: Option<Timestamp>,
) -> (Timestamp, Timestamp) {
    let first = cycle.saturating_sub(look_back).unwrap_or(Timestamp::MIN);
    (read_until.map_or(first, |until| until.max(first)), cycle)
}

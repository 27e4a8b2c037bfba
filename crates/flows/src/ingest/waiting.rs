//! Stored telegrams decoded once more: those that waited for a key or a format, and all since some day.
//!
//! This file opens stored telegrams (see `tests/doors.rs`).

use jiff::Timestamp;
use tidstro_model::ActorId;
use tidstro_store::{KeptCursor, StoredTelegram, Waiting};
use tidstro_telegram::{Format, KeyRing, Verdict};

use super::decoding::stored_format;
use super::judging::Judge;
use super::telegrams::{Origin, Outcome, Run, unread};
use super::{Clock, IngestReport};
use crate::answer::given;
use crate::{Answer, FlowFault, Workspace};

/// The source of what stored telegrams say when they are decoded once more.
const SOURCE: &str = "decoded-again";
/// Stored telegrams looked at again at once.
const PAGE: u32 = 1_000;

/// What decoding everything again came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AgainReport {
    /// Telegrams looked at.
    pub telegrams: u64,
    /// Of these, telegrams that gave readings.
    pub decoded: u64,
    /// Of these, telegrams that had never given one.
    pub recovered: u64,
    /// Telegrams that gave readings before and are refused now: what they gave stays.
    pub no_longer: u64,
    /// Readings of registers.
    pub readings: u64,
    /// Local days of a series that had no block before.
    pub days_added: u64,
    /// Local days of a series that got a new version.
    pub days_changed: u64,
    /// Local days of a series about which nothing new was said.
    pub days_unchanged: u64,
    /// Local days of a series that are no longer kept.
    pub days_too_old: u64,
}

impl Run<'_> {
    /// Decodes stored telegrams again whose turn has come: those a killed run left, and those whose key or format
    /// is known now.
    pub(super) async fn recover(
        &mut self,
        origin: &Origin<'_>,
        report: &mut IngestReport,
    ) -> Result<(), FlowFault> {
        let formats: Vec<_> = self.workspace.store.formats().await?;
        let has_format = |waiting: &Waiting| {
            let Some(meter) = waiting.meter.meter() else { return false };
            let of_type = (meter.manufacturer, meter.version, meter.medium);
            formats.iter().any(|format| (format.manufacturer, format.version, format.medium) == of_type)
        };
        for waiting in self.waiting().await? {
            let is_due = match waiting.reason.as_deref() {
                None => true,
                Some("key-missing" | "wrong-key" | "mac") => self.decoder.knows_key(waiting.meter),
                Some("format-unknown") => has_format(&waiting),
                Some(_) => false,
            };
            if is_due {
                self.recover_one(origin, &waiting, report).await?;
            }
        }
        self.keep_learned(origin, report).await
    }

    /// Keeps what was learned, and decodes what waited for it.
    pub(super) async fn keep_learned(
        &mut self,
        origin: &Origin<'_>,
        report: &mut IngestReport,
    ) -> Result<(), FlowFault> {
        let learned = self.decoder.learned();
        if learned.is_empty() {
            return Ok(());
        }
        let stored = learned.iter().map(stored_format).collect();
        self.workspace.store.keep_formats(&self.permits.raw, stored, (self.clock)()).await?;
        for waiting in self.waiting().await? {
            if waits_for(&waiting, &learned) {
                self.recover_one(origin, &waiting, report).await?;
            }
        }
        Ok(())
    }

    async fn waiting(&self) -> Result<Vec<Waiting>, FlowFault> {
        let waiting = self.workspace.store.waiting(&self.permits.raw, (self.clock)()).await?;
        Ok(waiting.open(&self.permits.raw)?)
    }

    async fn recover_one(
        &mut self,
        origin: &Origin<'_>,
        waiting: &Waiting,
        report: &mut IngestReport,
    ) -> Result<(), FlowFault> {
        let mut after = None;
        loop {
            let (store, permit) = (&self.workspace.store, &self.permits.raw);
            let (page, last) =
                store.waiting_telegrams(permit, waiting, (after, PAGE), (self.clock)()).await?;
            let page = page.open(permit)?;
            let Some(last) = last else { return Ok(()) };
            after = Some(last);
            let mut judge = self.judge(page.iter().map(|stored| stored.receipt.device)).await?;
            let decoded: Vec<_> =
                page.iter().filter_map(|stored| self.decode_waiting(stored, &mut judge, report)).collect();
            self.register(origin, (decoded, &judge), report).await?;
        }
    }

    /// `None` for a telegram that still waits for the same.
    fn decode_waiting(
        &mut self,
        stored: &StoredTelegram,
        judge: &mut Judge,
        report: &mut IngestReport,
    ) -> Option<Outcome> {
        let outcome = match self.decoder.decode(&stored.frame, None, stored.receipt.received) {
            Ok(telegram) => {
                let verdict = judge.hear(&stored.receipt, &telegram);
                report.telegrams_recovered += u64::from(!verdict.is_finding());
                self.judged(&stored.receipt, (&telegram, &stored.frame), verdict)
            }
            Err(refusal) if stored.reason.as_deref() == Some(refusal.kind()) => return None,
            Err(refusal) => Err(unread(&stored.frame, &refusal)),
        };
        Some((stored.receipt.telegram, outcome))
    }

    /// Decodes every kept telegram received since an instant. What says something new becomes versions. `progress` is told
    /// how many telegrams are done.
    pub(super) async fn again(
        &mut self,
        origin: &Origin<'_>,
        since: Timestamp,
        progress: &dyn Fn(u64),
    ) -> Result<Answer<AgainReport>, FlowFault> {
        let mut again = AgainReport::default();
        let mut counted = IngestReport::default();
        let mut after: Option<KeptCursor> = None;
        loop {
            given!(self.renew().await?);
            let (store, permit) = (&self.workspace.store, &self.permits.raw);
            let (page, cursor) = store.kept_telegrams(permit, since, (after, PAGE), (self.clock)()).await?;
            let page = page.open(permit)?;
            if cursor.is_none() {
                break;
            }
            after = cursor;
            let mut judge = self.judge(page.iter().map(|stored| stored.receipt.device)).await?;
            let decoded: Vec<_> =
                page.iter().filter_map(|stored| self.decode_kept(stored, &mut judge, &mut again)).collect();
            self.register(origin, (decoded, &judge), &mut counted).await?;
            self.keep_learned(origin, &mut counted).await?;
            progress(again.telegrams);
        }
        self.write_uses(true).await?;
        again.recovered += counted.telegrams_recovered;
        again.readings += counted.readings;
        (again.days_added, again.days_changed) = (counted.days_added, counted.days_changed);
        (again.days_unchanged, again.days_too_old) = (counted.days_unchanged, counted.days_too_old);
        Ok(Answer::Given(again))
    }

    /// `None` for a telegram of which nothing new is known. One that counted before counts again; one that did not is
    /// judged by what was heard since.
    fn decode_kept(
        &mut self,
        stored: &StoredTelegram,
        judge: &mut Judge,
        again: &mut AgainReport,
    ) -> Option<Outcome> {
        again.telegrams += 1;
        if stored.reason.as_deref() == Some(Verdict::Repeat.word()) {
            return None;
        }
        let was_decoded = stored.receipt.is_decoded;
        let outcome = match self.decoder.decode(&stored.frame, None, stored.receipt.received) {
            Ok(telegram) => {
                let verdict =
                    if was_decoded { Verdict::Fresh } else { judge.hear(&stored.receipt, &telegram) };
                if stored.reason.as_deref() == Some(verdict.word()) {
                    return None;
                }
                again.decoded += 1;
                again.recovered += u64::from(!was_decoded && !verdict.is_finding());
                self.judged(&stored.receipt, (&telegram, &stored.frame), verdict)
            }
            // What gave readings once may have had a key that is gone, or came with its line.
            Err(_) if was_decoded => {
                again.no_longer += 1;
                return None;
            }
            Err(refusal) if stored.reason.as_deref() == Some(refusal.kind()) => return None,
            Err(refusal) => Err(unread(&stored.frame, &refusal)),
        };
        Some((stored.receipt.telegram, outcome))
    }
}

fn waits_for(waiting: &Waiting, learned: &[Format]) -> bool {
    let Some(meter) = waiting.meter.meter() else { return false };
    let is_of_type = |format: &Format| {
        let id = format.id();
        (id.manufacturer, id.version, id.medium) == (meter.manufacturer, meter.version, meter.medium)
    };
    waiting.reason.as_deref() == Some("format-unknown") && learned.iter().any(is_of_type)
}

/// Decodes the telegrams whose key or format has arrived; returns how many gave readings.
pub(crate) async fn decode_waiting(
    workspace: &Workspace,
    actor: &ActorId,
    keys: &KeyRing,
    clock: Clock<'_>,
) -> Result<Answer<u64>, FlowFault> {
    let mut run = given!(Run::begin(workspace, actor, keys, clock).await?);
    let mut report = IngestReport::default();
    let origin = run.origin(SOURCE, None).await?;
    run.recover(&origin, &mut report).await?;
    run.write_uses(true).await?;
    Ok(Answer::Given(report.telegrams_recovered))
}

/// Decodes every kept telegram received since an instant once more.
pub(crate) async fn decode_kept_again(
    workspace: &Workspace,
    actor: &ActorId,
    (since, keys): (Timestamp, &KeyRing),
    clock: Clock<'_>,
    progress: &dyn Fn(u64),
) -> Result<Answer<AgainReport>, FlowFault> {
    let mut run = given!(Run::begin(workspace, actor, keys, clock).await?);
    let origin = run.origin(SOURCE, None).await?;
    run.again(&origin, since, progress).await
}

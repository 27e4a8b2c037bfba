//! Stored telegrams decoded once more: those that waited for a key or a format, and all since some day.
//!
//! This file opens stored telegrams (see `tests/doors.rs`).

use jiff::Timestamp;
use tidstro_model::{ActorId, Verdict};
use tidstro_store::{KeptCursor, PieceWait, Receipt, Waiting};
use tidstro_telegram::{Format, KeyRing, Refusal};

use super::batch::Origin;
use super::decoding::stored_format;
use super::joining::{Anchor, Kept};
use super::judging::Judge;
use super::report::{AlarmReport, Reports};
use super::telegrams::{Outcome, Run, unread};
use super::{Clock, IngestReport};
use crate::answer::given;
use crate::{Answer, FlowFault, Workspace};

/// The source of what stored telegrams say when they are decoded once more.
const SOURCE: &str = "decoded-again";
/// Stored telegrams looked at again at once.
const PAGE: u32 = 1_000;
/// Pieces held from one page to the next when everything is decoded again.
const PIECES_HELD: usize = 256;

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
    /// What became of alarms that nobody collected when the telegrams came.
    pub alarms: AlarmReport,
}

impl Run<'_> {
    /// Decodes stored telegrams again whose turn has come: those a killed run left, and those whose key or format
    /// is known now.
    pub(super) async fn recover(
        &mut self,
        origin: &Origin<'_>,
        report: &mut IngestReport,
    ) -> Result<(), FlowFault> {
        self.note_lost_pieces().await?;
        let formats: Vec<_> = self.workspace.store.formats().await?;
        let has_format = |waiting: &Waiting| {
            let Some(meter) = waiting.meter.meter() else { return false };
            let of_type = (meter.manufacturer, meter.version, meter.medium);
            formats.iter().any(|format| (format.manufacturer, format.version, format.medium) == of_type)
        };
        for waiting in self.waiting().await? {
            if waiting.meter.meter().is_none() {
                if self.push_is_due(&waiting) {
                    self.recover_pushes(origin, &waiting, report).await?;
                }
                continue;
            }
            let is_due = match waiting.reason.as_deref() {
                // Pieces of a whole message may have been left apart, too.
                None | Some("fragment") => true,
                Some("key-missing" | "wrong-key" | "mac" | "fragment-unproven") => {
                    self.decoder.knows_key(waiting.meter)
                }
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
            let page: Vec<Kept> = page.into_iter().filter_map(Kept::of).collect();
            let mut judge = self.judge(page.iter().map(|kept| kept.stored.receipt).collect()).await?;
            let mut pieces = Vec::new();
            let decode = |kept| self.decode_waiting(kept, &mut judge, (&mut *report, &mut pieces));
            let decoded: Vec<_> = page.iter().filter_map(decode).collect();
            self.register(origin, (decoded, &mut judge), report).await?;
            self.recover_messages(origin, &pieces, report).await?;
        }
    }

    /// Puts together what waited in pieces.
    async fn recover_messages(
        &mut self,
        origin: &Origin<'_>,
        pieces: &[Anchor],
        report: &mut IngestReport,
    ) -> Result<(), FlowFault> {
        let mut reports = Reports::one(&report.source);
        self.join_pieces(origin, pieces, &mut reports).await?;
        report.telegrams_recovered += reports.whole.telegrams_decoded;
        report.readings += reports.whole.readings;
        Ok(())
    }

    /// `None` for a telegram that still waits for the same.
    fn decode_waiting(
        &mut self,
        Kept { stored, received }: &Kept,
        judge: &mut Judge<'_>,
        (report, pieces): (&mut IngestReport, &mut Vec<Anchor>),
    ) -> Option<Outcome> {
        let outcome = match self.decoder.decode(received, None, stored.receipt.received) {
            Ok((telegram, by)) => {
                let verdict = judge.hear(&stored.receipt, &telegram, &by);
                report.telegrams_recovered += u64::from(!verdict.is_finding());
                self.judged(&stored.receipt, (&telegram, received), verdict)
            }
            Err(refusal @ Refusal::Fragment { .. }) => {
                pieces.push(Anchor::kept(stored.receipt));
                let known = PieceWait::ALL.iter().any(|wait| stored.reason.as_deref() == Some(wait.reason()));
                if known {
                    return None;
                }
                Err(unread(received, &refusal))
            }
            Err(refusal) if stored.reason.as_deref() == Some(refusal.kind()) => return None,
            Err(refusal) => Err(unread(received, &refusal)),
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
        let mut pieces = Vec::new();
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
            let (pushes, page): (Vec<_>, Vec<_>) =
                page.into_iter().partition(|stored| stored.meter.meter().is_none());
            self.pushes_again(origin, pushes, (&mut again, &mut counted)).await?;
            let page: Vec<Kept> = page.into_iter().filter_map(Kept::of).collect();
            let mut judge = self.judge(page.iter().map(|kept| kept.stored.receipt).collect()).await?;
            let decode = |kept| self.decode_kept(kept, &mut judge, (&mut again, &mut pieces));
            let decoded: Vec<_> = page.into_iter().filter_map(decode).collect();
            self.register(origin, (decoded, &mut judge), &mut counted).await?;
            self.join_again(origin, &mut pieces, (&mut again, &mut counted)).await?;
            self.keep_learned(origin, &mut counted).await?;
            progress(again.telegrams);
        }
        self.write_uses(true).await?;
        again.recovered += counted.telegrams_recovered;
        again.readings += counted.readings;
        again.alarms = counted.alarms;
        (again.days_added, again.days_changed) = (counted.days_added, counted.days_changed);
        (again.days_unchanged, again.days_too_old) = (counted.days_unchanged, counted.days_too_old);
        Ok(Answer::Given(again))
    }

    /// Puts together what the kept pieces make whole. Those that are left may belong to the next page's.
    async fn join_again(
        &mut self,
        origin: &Origin<'_>,
        pieces: &mut Vec<Kept>,
        (again, counted): (&mut AgainReport, &mut IngestReport),
    ) -> Result<(), FlowFault> {
        let receipts: Vec<Receipt> = pieces.iter().map(|kept| kept.stored.receipt).collect();
        for receipt in receipts {
            if !pieces.iter().any(|kept| kept.stored.receipt.telegram == receipt.telegram) {
                continue;
            }
            let Ok(Some(message)) = self.message_of(&receipt, pieces) else { continue };
            let newest = self.receipt_of(&message).await?;
            let mut judge = self.judge(vec![newest]).await?;
            let was_decoded = message.pieces.iter().all(|piece| piece.is_decoded);
            let verdict = if was_decoded {
                judge.tell_again(&newest, &message.telegram);
                Verdict::Fresh
            } else {
                judge.hear(&newest, &message.telegram, &message.by)
            };
            again.decoded += 1;
            again.recovered += u64::from(!was_decoded && !verdict.is_finding());
            let outcomes = self.settled(&message, &newest, verdict);
            self.register(origin, (outcomes, &mut judge), counted).await?;
            let is_used = |kept: &Kept| {
                message.pieces.iter().any(|piece| piece.telegram == kept.stored.receipt.telegram)
            };
            pieces.retain(|kept| !is_used(kept));
        }
        pieces.drain(..pieces.len().saturating_sub(PIECES_HELD));
        Ok(())
    }

    /// `None` for a telegram of which nothing new is known. One that counted before counts again; one that did not is
    /// judged by what was heard since. A piece goes to the `pieces`.
    fn decode_kept(
        &mut self,
        kept: Kept,
        judge: &mut Judge<'_>,
        (again, pieces): (&mut AgainReport, &mut Vec<Kept>),
    ) -> Option<Outcome> {
        again.telegrams += 1;
        let Kept { stored, received } = &kept;
        if stored.reason.as_deref() == Some(Verdict::Repeat.word()) {
            return None;
        }
        let (telegram, was_decoded) = (stored.receipt.telegram, stored.receipt.is_decoded);
        let outcome = match self.decoder.decode(received, None, stored.receipt.received) {
            Ok((telegram, by)) => {
                let verdict = if was_decoded {
                    judge.tell_again(&stored.receipt, &telegram);
                    Verdict::Fresh
                } else {
                    judge.hear(&stored.receipt, &telegram, &by)
                };
                if stored.reason.as_deref() == Some(verdict.word()) {
                    return None;
                }
                again.decoded += 1;
                again.recovered += u64::from(!was_decoded && !verdict.is_finding());
                self.judged(&stored.receipt, (&telegram, received), verdict)
            }
            Err(Refusal::Fragment { .. }) => {
                pieces.push(kept);
                return None;
            }
            // What gave readings once may have had a key that is gone, or came with its line.
            Err(_) if was_decoded => {
                again.no_longer += 1;
                return None;
            }
            Err(refusal) if stored.reason.as_deref() == Some(refusal.kind()) => return None,
            Err(refusal) => Err(unread(received, &refusal)),
        };
        Some((telegram, outcome))
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

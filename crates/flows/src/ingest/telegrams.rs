//! Telegrams: stored as received, then decoded, then registered as readings.

use jiff::Timestamp;
use rustc_hash::FxHashSet;
use tidstro_govern::Operation;
use tidstro_model::{ActivityId, ActorId, Resolution, Verdict};
use tidstro_store::{Decided, Decoded, Heard, NewReading, Permit, Receipt, TelegramNo, Unread};
use tidstro_telegram::uplink::Form;
use tidstro_telegram::{KeyRing, Received, Refusal, Telegram};

use super::batch::{Candidate, LineBatch, LineOf, Origin};
use super::decoding::Decoder;
use super::joining::Anchor;
use super::judging::{Judge, not_counted};
use super::lines::Lines;
use super::noted::{Noted, Noting};
use super::pushes::{GRID_READING, PushState};
use super::readings::new_readings;
use super::report::Reports;
use super::{Clock, IngestOptions, IngestReport, RENEW_AFTER};
use crate::alarms::permits_to_collect;
use crate::answer::{given, granted};
use crate::{Answer, FlowFault, Workspace};

/// Ingests lines of telegrams.
pub(super) async fn ingest(
    workspace: &Workspace,
    actor: &ActorId,
    mut lines: Lines<'_>,
    (options, forms): (&IngestOptions<'_>, &[Form]),
    clock: Clock<'_>,
) -> Result<Answer<IngestReport>, FlowFault> {
    let mut reports = Reports::one(options.source);
    let mut run = given!(Run::begin(workspace, actor, options.keys, clock).await?);
    run.forms = forms;
    let noted = Noted::begin(workspace, options.source, (clock, Noting::Apart)).await?;
    let origin = run.origin(options.source, None).await?;
    run.recover(&origin, &mut reports.whole).await?;
    given!(run.take(&mut lines, &origin, options.progress, &mut reports).await?);
    noted.end(&reports.whole).await?;
    Ok(Answer::Given(reports.whole))
}

/// What ingesting telegrams needs.
pub(super) struct Permits {
    pub(super) raw: Permit,
    /// Consumption, and indoor climate and alarms where the register lets them be collected.
    series: Vec<Permit>,
    asked: Timestamp,
}

impl Permits {
    async fn ask(workspace: &Workspace, actor: &ActorId, now: Timestamp) -> Result<Answer<Self>, FlowFault> {
        let ask = |purpose, category, finest| {
            workspace.permit_everything(actor, purpose, Operation::Collect, (category, finest), now)
        };
        let (purpose, finest) = reading_purpose(workspace)?;
        let raw = granted!(ask(purpose, "telegram", Resolution::Raw).await?);
        let mut series = vec![granted!(ask(purpose, "consumption", finest).await?)];
        if purpose == READING
            && let Decided::Granted(climate) =
                ask(climate_purpose(workspace)?, "indoor-climate", Resolution::Raw).await?
        {
            series.push(climate);
        }
        series.extend(permits_to_collect(workspace, actor, now).await?);
        Ok(Answer::Given(Self { raw, series, asked: now }))
    }

    fn are_old(&self, now: Timestamp) -> bool {
        now.duration_since(self.asked) > RENEW_AFTER
    }
}

/// The purpose telegrams are collected for.
const READING: &str = "reading";

/// The purpose telegrams are collected for, and how finely they tell consumption: a company that reads electricity only
/// has one for that.
fn reading_purpose(workspace: &Workspace) -> Result<(&'static str, Resolution), FlowFault> {
    let has =
        |purpose| Ok::<_, FlowFault>(workspace.register().activity(&ActivityId::parse(purpose)?).is_some());
    Ok(if !has(READING)? && has(GRID_READING)? {
        (GRID_READING, Resolution::PT15M)
    } else {
        (READING, Resolution::Raw)
    })
}

/// The purpose rooms are read for: one of its own where the register keeps their values apart.
fn climate_purpose(workspace: &Workspace) -> Result<&'static str, FlowFault> {
    const SENSORS: &str = "sensor-reading";
    let apart = workspace.register().activity(&ActivityId::parse(SENSORS)?);
    Ok(if apart.is_some() { SENSORS } else { READING })
}

/// What became of a telegram.
pub(super) type Outcome = (TelegramNo, Result<Vec<NewReading>, Unread>);

/// One run, over one input or many.
pub(super) struct Run<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) actor: &'a ActorId,
    pub(super) permits: Permits,
    pub(super) decoder: Decoder<'a>,
    /// Descriptions of exports.
    pub(super) forms: &'a [Form],
    /// Messages of electricity meters.
    pub(super) pushes: PushState,
    pub(super) clock: Clock<'a>,
}

impl<'a> Run<'a> {
    /// Begins a run, if the gate lets the actor collect telegrams and what they say.
    pub(super) async fn begin(
        workspace: &'a Workspace,
        actor: &'a ActorId,
        keys: &'a KeyRing,
        clock: Clock<'a>,
    ) -> Result<Answer<Self>, FlowFault> {
        let permits = match Permits::ask(workspace, actor, clock()).await? {
            Answer::Given(permits) => permits,
            Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
        };
        let decoder = Decoder::load(workspace, actor, keys, clock()).await?;
        Ok(Answer::Given(Self {
            workspace,
            actor,
            permits,
            decoder,
            forms: &[],
            pushes: PushState::default(),
            clock,
        }))
    }

    /// A source of lines, by its name, and who sent them if that is known otherwise than from the lines.
    pub(super) async fn origin<'o>(
        &self,
        name: &'o str,
        gateway: Option<&'o str>,
    ) -> Result<Origin<'o>, FlowFault>
    where
        'a: 'o,
    {
        let source = self.workspace.store.source(name.to_owned()).await?;
        Ok(Origin { source, name, gateway, forms: self.forms, form: None })
    }

    /// Takes every line of an input. What is counted in the report is durable.
    pub(super) async fn take(
        &mut self,
        lines: &mut Lines<'_>,
        origin: &Origin<'_>,
        progress: &dyn Fn(u64),
        reports: &mut Reports,
    ) -> Result<Answer<()>, FlowFault> {
        let origin = &lines.peek()?.map_or(*origin, |first| origin.beginning_with(first.bytes));
        while let Some(mut batch) = LineBatch::read(lines, origin, &mut reports.whole)? {
            given!(self.renew().await?);
            given!(self.take_pushes(origin, batch.take_pushes(), reports).await?);
            progress(self.store_and_decode(origin, batch, reports).await?);
        }
        self.write_uses(true).await?;
        Ok(Answer::Given(()))
    }

    /// Takes lines of several inputs in few transactions. What is counted in the reports is durable.
    pub(super) async fn take_lines<'l>(
        &mut self,
        lines: impl Iterator<Item = LineOf<'l>>,
        origin: &Origin<'_>,
        reports: &mut Reports,
    ) -> Result<Answer<()>, FlowFault> {
        let mut lines = lines;
        while let Some(mut batch) = LineBatch::of(&mut lines, reports) {
            given!(self.renew().await?);
            given!(self.take_pushes(origin, batch.take_pushes(), reports).await?);
            self.store_and_decode(origin, batch, reports).await?;
        }
        Ok(Answer::Given(()))
    }

    /// Asks anew when the permits are old: a live stream has no end, and reading may have taken long.
    pub(super) async fn renew(&mut self) -> Result<Answer<()>, FlowFault> {
        if self.permits.are_old((self.clock)()) {
            match Permits::ask(self.workspace, self.actor, (self.clock)()).await? {
                Answer::Given(permits) => self.permits = permits,
                Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
            }
            self.write_uses(true).await?;
            self.note_lost_pieces().await?;
            self.decoder.renew(self.workspace, self.actor, (self.clock)()).await?;
        }
        Ok(Answer::Given(()))
    }

    /// Stores a batch as received, then decodes it. Returns how far its input is read.
    async fn store_and_decode(
        &mut self,
        origin: &Origin<'_>,
        LineBatch { candidates, heard, read, .. }: LineBatch,
        reports: &mut Reports,
    ) -> Result<u64, FlowFault> {
        let (store, permit) = (&self.workspace.store, &self.permits.raw);
        let receipts = store.record_telegrams(permit, heard, (self.clock)()).await?;
        let mut judge = self.judge(receipts.iter().flatten().copied().collect()).await?;
        let new = heard_first(&receipts);
        let (mut outcomes, mut pieces) = (Vec::new(), Vec::new());
        for (receipt, candidate) in receipts.iter().zip(&candidates) {
            let report = reports.of(candidate.input);
            let Some(receipt) = receipt else {
                report.refuse("too-old", candidate.line, &"telegrams of that day are no longer kept");
                continue;
            };
            if !is_to_decode(receipt, candidate, &new, report) {
                continue;
            }
            let outcome = self.decode_one((receipt, candidate), &mut judge, report);
            pieces.extend(outcome.as_ref().err().and_then(|unread| Anchor::of(unread, receipt, candidate)));
            outcomes.push((receipt.telegram, outcome));
        }
        self.register(origin, (outcomes, &mut judge), &mut reports.whole).await?;
        self.join_pieces(origin, &pieces, reports).await?;
        self.keep_learned(origin, &mut reports.whole).await?;
        self.write_uses(false).await?;
        Ok(read)
    }

    /// What one telegram says, or why it gives no reading.
    fn decode_one(
        &mut self,
        (receipt, candidate): (&Receipt, &Candidate),
        judge: &mut Judge<'_>,
        report: &mut IngestReport,
    ) -> Result<Vec<NewReading>, Unread> {
        let Candidate { line, key, received, .. } = candidate;
        let (telegram, by) = match self.decoder.decode(received, key.as_ref(), receipt.received) {
            Ok(decoded) => decoded,
            // A piece is no refusal: the others may be on their way.
            Err(refusal @ Refusal::Fragment { .. }) => return Err(unread(received, &refusal)),
            Err(refusal) => {
                report.refuse_kept(refusal.kind(), *line, &refusal);
                return Err(unread(received, &refusal));
            }
        };
        report.telegrams_decoded += 1;
        for fault in &telegram.faults {
            report.refuse("record", *line, fault);
        }
        let verdict = judge.hear(receipt, &telegram, &by);
        if verdict.is_finding() {
            report.refuse_verdict(*line, (telegram.meter, verdict));
        }
        self.judged(receipt, (&telegram, received), verdict)
    }

    /// What was heard before of the devices of telegrams.
    pub(super) async fn judge(&self, receipts: Vec<Receipt>) -> Result<Judge<'a>, FlowFault> {
        Judge::of(self.workspace, &self.permits.raw, &receipts, (self.clock)()).await
    }

    /// The readings of a telegram, if it counts. The same telegram again has given them already.
    pub(super) fn judged(
        &self,
        receipt: &Receipt,
        (telegram, received): (&Telegram, &Received),
        verdict: Verdict,
    ) -> Result<Vec<NewReading>, Unread> {
        if verdict.gives_readings() {
            Ok(new_readings(self.workspace.zone(), (receipt.device, receipt), telegram))
        } else {
            Err(not_counted(received, verdict))
        }
    }

    pub(super) async fn register(
        &self,
        origin: &Origin<'_>,
        (telegrams, judge): (Vec<Outcome>, &mut Judge<'_>),
        report: &mut IngestReport,
    ) -> Result<(), FlowFault> {
        if telegrams.is_empty() {
            return Ok(());
        }
        let readings = telegrams.iter().flat_map(|(_, outcome)| outcome).map(Vec::len);
        report.readings += readings.sum::<usize>() as u64;
        let (counters, alarms) = (judge.newest(), judge.take_alarms());
        let decoded = Decoded { telegrams, counters, alarms, ..Decoded::default() };
        let store = &self.workspace.store;
        let appended =
            store.append_decoded(&self.permits.series, origin.source, decoded, (self.clock)()).await?;
        report.take_in(&appended);
        Ok(())
    }

    /// Writes down how often keys were used, from time to time or `at_once`.
    pub(super) async fn write_uses(&mut self, at_once: bool) -> Result<(), FlowFault> {
        let now = (self.clock)();
        if let Some((permit, uses)) = self.decoder.uses_due(now, at_once) {
            self.workspace.store.count_meter_key_uses(permit, uses, now).await?;
        }
        Ok(())
    }
}

/// The telegrams of a batch that were not stored before.
fn heard_first(receipts: &[Option<Receipt>]) -> FxHashSet<TelegramNo> {
    let new = receipts.iter().flatten().filter(|receipt| receipt.heard == Heard::First);
    new.map(|receipt| receipt.telegram).collect()
}

/// Whether a telegram is to be decoded now; counts it. A telegram kept without its key may come again with it. One that
/// another run has stored and not decoded yet is decoded here too: passing over it would register later telegrams first.
fn is_to_decode(
    receipt: &Receipt,
    candidate: &Candidate,
    new: &FxHashSet<TelegramNo>,
    report: &mut IngestReport,
) -> bool {
    if receipt.heard == Heard::First {
        report.telegrams_new += 1;
        return true;
    }
    report.telegrams_again += 1;
    let is_done = receipt.is_decoded || new.contains(&receipt.telegram);
    let is_to_decode = !is_done && (candidate.key.is_some() || !receipt.is_tried);
    report.telegrams_waiting += u64::from(!is_done && !is_to_decode);
    is_to_decode
}

/// Why a telegram gave no reading, as the store keeps it.
pub(super) fn unread(received: &Received, refusal: &Refusal) -> Unread {
    Unread { reason: refusal.kind().to_owned(), ci: received.ci() }
}

//! Telegrams: stored as received, then decoded, then registered as readings.

use jiff::Timestamp;
use jiff::civil::DateTime;
use rustc_hash::FxHashSet;
use tidstro_calendar::Zone;
use tidstro_govern::Operation;
use tidstro_model::{
    ActivityId, ActorId, Decimal, DeviceId, DeviceNo, Function, QuantityKind, Reading, Resolution, SourceNo,
    Value,
};
use tidstro_store::{Decided, Decoded, Heard, NewReading, Permit, RawTelegram, Receipt, TelegramNo, Unread};
use tidstro_telegram::uplink::{self, Uplink};
use tidstro_telegram::{Key, KeyRing, Refusal, Telegram, Verdict, address, as_sent, ci};

use super::decoding::Decoder;
use super::judging::{Judge, not_counted};
use super::lines::Lines;
use super::{Clock, IngestOptions, IngestReport, Message, RENEW_AFTER};
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Lines handled at once: two transactions, one for the raw bytes, one for the readings.
const BATCH_LINES: usize = 4_096;

/// Ingests lines of telegrams.
pub(super) async fn ingest(
    workspace: &Workspace,
    actor: &ActorId,
    mut lines: Lines<'_>,
    options: &IngestOptions<'_>,
    clock: Clock<'_>,
) -> Result<Answer<IngestReport>, FlowFault> {
    let mut report = IngestReport::of(options.source);
    let mut run = match Run::begin(workspace, actor, options.keys, clock).await? {
        Answer::Given(run) => run,
        Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
    };
    let origin = run.origin(options.source, None).await?;
    run.recover(&origin, &mut report).await?;
    match run.take(&mut lines, &origin, options.progress, &mut report).await? {
        Answer::Given(()) => Ok(Answer::Given(report)),
        Answer::Refused(refuse) => Ok(Answer::Refused(refuse)),
    }
}

/// What ingesting telegrams needs.
pub(super) struct Permits {
    pub(super) raw: Permit,
    /// Consumption, and indoor climate where the register lets it be collected.
    series: Vec<Permit>,
    asked: Timestamp,
}

impl Permits {
    async fn ask(workspace: &Workspace, actor: &ActorId, now: Timestamp) -> Result<Answer<Self>, FlowFault> {
        let ask = |purpose, category| {
            let data = (category, Resolution::Raw);
            workspace.permit_everything(actor, purpose, Operation::Collect, data, now)
        };
        let raw = granted!(ask(READING, "telegram").await?);
        let mut series = vec![granted!(ask(READING, "consumption").await?)];
        if let Decided::Granted(climate) = ask(climate_purpose(workspace)?, "indoor-climate").await? {
            series.push(climate);
        }
        Ok(Answer::Given(Self { raw, series, asked: now }))
    }

    fn are_old(&self, now: Timestamp) -> bool {
        now.duration_since(self.asked) > RENEW_AFTER
    }
}

/// The purpose telegrams are collected for.
const READING: &str = "reading";

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
    actor: &'a ActorId,
    pub(super) permits: Permits,
    pub(super) decoder: Decoder<'a>,
    pub(super) clock: Clock<'a>,
}

/// Where lines come from.
pub(super) struct Origin<'o> {
    source: SourceNo,
    /// Who sent the lines, if neither they nor anybody else says so.
    name: &'o str,
    /// The gateway that sent the lines, where more than their own word says so.
    gateway: Option<&'o str>,
}

/// A line that is a telegram with a proven frame.
struct Candidate {
    line: u64,
    key: Option<Key>,
}

/// Telegrams of a batch of lines.
#[derive(Default)]
struct LineBatch {
    candidates: Vec<Candidate>,
    heard: Vec<RawTelegram>,
    /// Bytes of the input read so far.
    read: u64,
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
        Ok(Answer::Given(Self { workspace, actor, permits, decoder, clock }))
    }

    /// A source of lines, by its name, and who sent them if that is known otherwise than from the lines.
    pub(super) async fn origin<'o>(
        &self,
        name: &'o str,
        gateway: Option<&'o str>,
    ) -> Result<Origin<'o>, FlowFault> {
        let source = self.workspace.store.source(name.to_owned()).await?;
        Ok(Origin { source, name, gateway })
    }

    /// Takes every line of an input. What is counted in the report is durable.
    pub(super) async fn take(
        &mut self,
        lines: &mut Lines<'_>,
        origin: &Origin<'_>,
        progress: &dyn Fn(u64),
        report: &mut IngestReport,
    ) -> Result<Answer<()>, FlowFault> {
        while let Some(batch) = read_batch(lines, origin, report)? {
            if let Answer::Refused(refuse) = self.renew().await? {
                return Ok(Answer::Refused(refuse));
            }
            self.store_and_decode(origin, &batch.candidates, batch.heard, report).await?;
            progress(batch.read);
        }
        self.write_uses(true).await?;
        Ok(Answer::Given(()))
    }

    /// Takes the lines of messages. What is counted in the report is durable.
    pub(super) async fn take_messages(
        &mut self,
        source: &str,
        messages: &[Message],
        report: &mut IngestReport,
    ) -> Result<Answer<()>, FlowFault> {
        let origin = self.origin(source, None).await?;
        let mut messages = (1..).zip(messages);
        while let Some(batch) = batch_of_messages(&mut messages, &origin, report) {
            if let Answer::Refused(refuse) = self.renew().await? {
                return Ok(Answer::Refused(refuse));
            }
            self.store_and_decode(&origin, &batch.candidates, batch.heard, report).await?;
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
            self.decoder.renew(self.workspace, self.actor, (self.clock)()).await?;
        }
        Ok(Answer::Given(()))
    }

    async fn store_and_decode(
        &mut self,
        origin: &Origin<'_>,
        candidates: &[Candidate],
        heard: Vec<RawTelegram>,
        report: &mut IngestReport,
    ) -> Result<(), FlowFault> {
        let frames: Vec<(DeviceId, Vec<u8>)> =
            heard.iter().map(|telegram| (telegram.meter, telegram.frame.clone())).collect();
        let receipts =
            self.workspace.store.record_telegrams(&self.permits.raw, heard, (self.clock)()).await?;
        let of_this_batch: FxHashSet<TelegramNo> = receipts
            .iter()
            .flatten()
            .filter(|receipt| receipt.heard == Heard::First)
            .map(|receipt| receipt.telegram)
            .collect();
        let devices = receipts.iter().flatten().map(|receipt| receipt.device);
        let mut judge = self.judge(devices).await?;
        let mut decoded = Vec::new();
        for ((receipt, candidate), (_, frame)) in receipts.iter().zip(candidates).zip(&frames) {
            let Some(receipt) = receipt else {
                report.refuse("too-old", candidate.line, &"telegrams of that day are no longer kept");
                continue;
            };
            match receipt.heard {
                Heard::First => report.telegrams_new += 1,
                Heard::Again => report.telegrams_again += 1,
            }
            // A telegram kept without its key may come again with it.
            if receipt.heard == Heard::Again {
                let is_done = receipt.is_decoded || of_this_batch.contains(&receipt.telegram);
                if is_done || candidate.key.is_none() {
                    report.telegrams_waiting += u64::from(!is_done);
                    continue;
                }
            }
            match self.decoder.decode(frame, candidate.key.as_ref(), receipt.received) {
                Ok(telegram) => {
                    report.telegrams_decoded += 1;
                    for fault in &telegram.faults {
                        report.refuse("record", candidate.line, fault);
                    }
                    let verdict = judge.hear(receipt, &telegram);
                    if verdict.is_finding() {
                        report.refuse_verdict(candidate.line, (telegram.meter, verdict));
                    }
                    decoded.push((receipt.telegram, self.judged(receipt, (&telegram, frame), verdict)));
                }
                Err(refusal) => {
                    decoded
                        .push((receipt.telegram, Err(quarantine((candidate.line, frame), &refusal, report))));
                }
            }
        }
        self.register(origin, (decoded, &judge), report).await?;
        self.keep_learned(origin, report).await?;
        self.write_uses(false).await
    }

    /// What was heard before of the devices of telegrams.
    pub(super) async fn judge(&self, devices: impl Iterator<Item = DeviceNo>) -> Result<Judge, FlowFault> {
        Judge::of(self.workspace, &self.permits.raw, devices, (self.clock)()).await
    }

    /// The readings of a telegram, if it counts. The same telegram again has given them already.
    pub(super) fn judged(
        &self,
        receipt: &Receipt,
        (telegram, frame): (&Telegram, &[u8]),
        verdict: Verdict,
    ) -> Result<Vec<NewReading>, Unread> {
        if verdict.gives_readings() {
            Ok(self.readings(receipt, telegram))
        } else {
            Err(not_counted(frame, verdict))
        }
    }

    pub(super) async fn register(
        &self,
        origin: &Origin<'_>,
        (telegrams, judge): (Vec<Outcome>, &Judge),
        report: &mut IngestReport,
    ) -> Result<(), FlowFault> {
        if telegrams.is_empty() {
            return Ok(());
        }
        let readings = telegrams.iter().flat_map(|(_, outcome)| outcome).map(Vec::len);
        report.readings += readings.sum::<usize>() as u64;
        let decoded = Decoded { telegrams, counters: judge.newest(), ..Decoded::default() };
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

    /// The readings of a telegram that become series: numbers of now.
    pub(super) fn readings(&self, receipt: &Receipt, telegram: &Telegram) -> Vec<NewReading> {
        let own_clock = telegram.moment().filter(|_| !receipt.time_stated);
        let at = own_clock.and_then(|moment| meter_time(self.workspace.zone(), moment, receipt.received));
        let at = at.unwrap_or(receipt.received);
        telegram.readings.iter().filter_map(|reading| new_reading(receipt, reading, at)).collect()
    }
}

/// Reads lines until a batch of telegrams is full; `None` at the end of the input.
fn read_batch(
    lines: &mut Lines<'_>,
    origin: &Origin<'_>,
    report: &mut IngestReport,
) -> Result<Option<LineBatch>, FlowFault> {
    let mut batch = LineBatch::default();
    while batch.candidates.len() < BATCH_LINES {
        let Some(line) = lines.next()? else {
            return Ok((!batch.candidates.is_empty()).then_some(batch));
        };
        batch.read = line.read;
        if let Some(uplink) = parse(line.number, line.bytes, report) {
            batch.add(line.number, uplink, origin, report);
        }
    }
    Ok(Some(batch))
}

/// Takes messages until a batch of telegrams is full; `None` if there are none left.
fn batch_of_messages<'m>(
    messages: &mut impl Iterator<Item = (u64, &'m Message)>,
    origin: &Origin<'_>,
    report: &mut IngestReport,
) -> Option<LineBatch> {
    let mut batch = LineBatch::default();
    for (number, message) in messages {
        let origin = Origin { name: &message.channel, ..*origin };
        for line in message.lines.split(|byte| *byte == b'\n') {
            if let Some(uplink) = parse(number, line, report) {
                batch.add(number, uplink, &origin, report);
            }
        }
        if batch.candidates.len() >= BATCH_LINES {
            return Some(batch);
        }
    }
    (!batch.candidates.is_empty()).then_some(batch)
}

impl LineBatch {
    /// Adds a telegram whose frame names its meter; refuses another.
    fn add(&mut self, line: u64, uplink: Uplink, origin: &Origin<'_>, report: &mut IngestReport) {
        let stated = origin.gateway.map(str::to_owned).or(uplink.gateway);
        match address(&uplink.frame).and_then(|meter| Ok((meter, as_sent(&uplink.frame)?))) {
            Ok((meter, as_sent)) => {
                self.candidates.push(Candidate { line, key: uplink.key });
                self.heard.push(RawTelegram {
                    frame: uplink.frame,
                    as_sent,
                    meter: meter.into(),
                    received: uplink.received,
                    gateway: stated.unwrap_or_else(|| origin.name.to_owned()),
                    rssi_dbm: uplink.rssi_dbm,
                });
            }
            Err(refusal) => report.refuse(refusal.kind(), line, &refusal),
        }
    }
}

fn parse(number: u64, bytes: &[u8], report: &mut IngestReport) -> Option<Uplink> {
    match uplink::parse_line(bytes) {
        Ok(Some(uplink)) => {
            report.lines += 1;
            Some(uplink)
        }
        Ok(None) => None,
        Err(fault) => {
            report.lines += 1;
            report.refuse(fault.kind(), number, &fault);
            None
        }
    }
}

fn quarantine((line, frame): (u64, &[u8]), refusal: &Refusal, report: &mut IngestReport) -> Unread {
    report.refuse(refusal.kind(), line, refusal);
    *report.quarantined.entry(refusal.kind()).or_default() += 1;
    unread(frame, refusal)
}

/// Why a telegram gave no reading, as the store keeps it.
pub(super) fn unread(frame: &[u8], refusal: &Refusal) -> Unread {
    Unread { reason: refusal.kind().to_owned(), ci: ci(frame) }
}

/// The instant of a meter's own clock, which keeps the zone's standard time all year. A clock ahead of
/// the reception, or from before radio meters, is not believed.
fn meter_time(zone: &Zone, moment: DateTime, received: Timestamp) -> Option<Timestamp> {
    let new_year = jiff::civil::date(moment.year(), 1, 1);
    let offset =
        new_year.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().duration_since(zone.day_start(new_year));
    let at = moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().checked_sub(offset).ok()?;
    let tolerated = received.checked_add(jiff::SignedDuration::from_hours(24)).ok()?;
    (moment.year() >= 2000 && at <= tolerated).then_some(at)
}

fn new_reading(receipt: &Receipt, reading: &Reading, at: Timestamp) -> Option<NewReading> {
    let is_now =
        reading.function == Function::Instantaneous && reading.storage == 0 && reading.modifiers.is_empty();
    let number = number(reading)?;
    (is_now && becomes_series(reading.quantity)).then_some(NewReading {
        device: receipt.device,
        quantity: reading.quantity,
        unit: reading.unit,
        tariff: reading.tariff,
        subunit: reading.subunit,
        at,
        number,
        obis: reading.obis,
    })
}

fn number(reading: &Reading) -> Option<Decimal> {
    if let Value::Number(number) = reading.value { Some(number) } else { None }
}

/// What is measured, as opposed to what a device says about itself.
const fn becomes_series(quantity: QuantityKind) -> bool {
    use QuantityKind as Q;
    matches!(
        quantity,
        Q::Energy
            | Q::ReactiveEnergy
            | Q::ApparentEnergy
            | Q::Volume
            | Q::Mass
            | Q::HcaUnits
            | Q::Power
            | Q::ReactivePower
            | Q::ApparentPower
            | Q::VolumeFlow
            | Q::MassFlow
            | Q::FlowTemperature
            | Q::ReturnTemperature
            | Q::TemperatureDifference
            | Q::ExternalTemperature
            | Q::Pressure
            | Q::Humidity
            | Q::Voltage
            | Q::Current
            | Q::Frequency
    )
}

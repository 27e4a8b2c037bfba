//! Messages of electricity meters: pushes of DLMS and P1 telegrams, stored as received, then opened, then registered.
//!
//! What comes in: lines that can be nothing else than such a message. What goes out: registers of energy as series, and for
//! each message that gave none the reason, kept with it. The steps are those of telegrams: raw bytes are durable before
//! anything is opened; a key that is missing leaves the message in quarantine; a counter that does not rise, a payload that
//! contradicts one before, and less protection than before give nothing.
//!
//! `arrival` tells who sent a message; `opening` tries the stored keys; `said` reads what it says; `memory` judges it.

mod arrival;
mod memory;
mod opening;
mod permits;
mod said;
mod stored;

use std::hash::{Hash as _, Hasher as _};

use rustc_hash::{FxHashMap, FxHasher};
use tidstro_dlms::{Pieces, PushMark};
use tidstro_model::{DeviceId, DeviceName, DeviceNo, Verdict};
use tidstro_store::{
    Counters, Decoded, Heard, NewReading, RawTelegram, Receipt, StoreFault, ToldAlarms, Unread,
};

pub(super) use arrival::{Form, PushLine};
pub(super) use permits::GRID_READING;

use self::arrival::{Arrival, Coming, Whole, arrive};
use self::memory::DeviceMemory;
use self::opening::Opened;
use self::permits::PushPermits;
use self::said::Said;
use super::batch::Origin;
use super::report::Reports;
use super::telegrams::{Outcome, Run};
use super::{IngestReport, RENEW_AFTER};
use crate::answer::given;
use crate::{Answer, FlowFault};

/// Why a piece gives no reading: others are missing. The reason that is stored.
const PIECE: &str = "push-piece";

/// Pieces remembered at most: those of all messages that may be open at once.
const PIECES_HELD: u64 = 256 * 64;

/// What a run remembers of messages of electricity meters.
#[derive(Default)]
pub(super) struct PushState {
    /// `None` until the first message comes.
    permits: Option<PushPermits>,
    pieces: Pieces<u64>,
    /// Of pieces whose message is not whole, by number.
    receipts: FxHashMap<u64, Receipt>,
    next: u64,
}

/// A batch of messages on its way into the store.
#[derive(Default)]
struct Batch {
    outcomes: Vec<Outcome>,
    memories: FxHashMap<DeviceNo, DeviceMemory>,
    heard: Vec<DeviceNo>,
    names: Vec<(DeviceNo, DeviceName)>,
    /// What messages that count told of alarms, in the order in which they arrived.
    alarms: Vec<ToldAlarms>,
}

impl Run<'_> {
    /// Stores messages as received, then opens them. What is counted in the reports is durable.
    pub(super) async fn take_pushes(
        &mut self,
        origin: &Origin<'_>,
        lines: Vec<PushLine>,
        reports: &mut Reports,
    ) -> Result<Answer<()>, FlowFault> {
        if lines.is_empty() {
            return Ok(Answer::Given(()));
        }
        given!(self.ask_for_pushes().await?);
        let now = (self.clock)();
        let (mut arrivals, mut heard) = (Vec::new(), Vec::new());
        for line in lines {
            let number = self.pushes.next;
            self.pushes.next += 1;
            let at = line.received.unwrap_or(now);
            let coming = Coming { sender: &line.gateway, form: line.form, bytes: &line.bytes, at, number };
            match arrive(&mut self.pushes.pieces, &coming) {
                Ok(arrival) => {
                    heard.push(raw(&line, &arrival));
                    arrivals.push((number, line, arrival));
                }
                Err(fault) => reports.of(line.input).refuse(fault.kind(), line.line, &fault),
            }
        }
        let permit = &self.push_permits()?.raw;
        let receipts = self.workspace.store.record_telegrams(permit, heard, now).await?;
        let mut batch = self.batch(receipts.iter().flatten().map(|receipt| receipt.device).collect()).await?;
        for (receipt, (number, line, arrival)) in receipts.iter().zip(&arrivals) {
            let report = reports.of(line.input);
            match receipt {
                Some(receipt) => self.take_push((*number, line.line, arrival), receipt, (&mut batch, report)),
                None => report.refuse("too-old", line.line, &"telegrams of that day are no longer kept"),
            }
        }
        self.forget_lost_pieces();
        self.register_pushes(origin, batch, &mut reports.whole).await?;
        Ok(Answer::Given(()))
    }

    /// One stored message: opened if it is whole and new.
    fn take_push(
        &mut self,
        (number, line, arrival): (u64, u64, &Arrival),
        receipt: &Receipt,
        (batch, report): (&mut Batch, &mut IngestReport),
    ) {
        self.pushes.receipts.insert(number, *receipt);
        match receipt.heard {
            Heard::First => report.telegrams_new += 1,
            Heard::Again => report.telegrams_again += 1,
        }
        let Some(whole) = &arrival.whole else {
            if receipt.heard == Heard::First {
                report.pieces_waiting += 1;
                batch.outcomes.push((receipt.telegram, Err(unread(PIECE))));
            }
            return;
        };
        let pieces: Vec<Receipt> =
            whole.pieces.iter().filter_map(|piece| self.pushes.receipts.remove(piece)).collect();
        // What is known already was opened, or waits for what it lacks.
        if pieces.iter().all(|piece| piece.heard == Heard::Again) {
            report.telegrams_waiting += u64::from(pieces.iter().any(|piece| !piece.is_decoded));
            return;
        }
        report.pieces_waiting = report.pieces_waiting.saturating_sub(pieces.len() as u64 - 1);
        self.open_push((line, arrival.device, whole), &pieces, (batch, report));
    }

    /// Opens a whole message and notes what became of its pieces: the first has its readings.
    fn open_push(
        &mut self,
        (line, device, whole): (u64, DeviceId, &Whole),
        pieces: &[Receipt],
        (batch, report): (&mut Batch, &mut IngestReport),
    ) {
        let Some((anchor, others)) = pieces.split_first() else { return };
        let outcome = match self.decoder.open_push((whole.form, &whole.bytes), device, anchor.received) {
            Ok(opened) => {
                report.telegrams_decoded += 1;
                self.read_push((line, device, &opened), anchor, (batch, report))
            }
            Err(fault) => {
                report.refuse_kept(fault.kind(), line, &fault);
                Err(unread(fault.kind()))
            }
        };
        let of_others = match &outcome {
            Ok(_) => unread(Verdict::Repeat.word()),
            Err(unread) => unread.clone(),
        };
        batch.outcomes.push((anchor.telegram, outcome));
        batch.outcomes.extend(others.iter().map(|piece| (piece.telegram, Err(of_others.clone()))));
    }

    /// The readings of an opened message, or why it does not count.
    fn read_push(
        &self,
        (line, device, opened): (u64, DeviceId, &Opened),
        receipt: &Receipt,
        (batch, report): (&mut Batch, &mut IngestReport),
    ) -> Result<Vec<NewReading>, Unread> {
        let memory = batch.memories.entry(receipt.device).or_default();
        let (mut readings, mut against) = (Vec::new(), None);
        for (said, key) in &opened.said {
            for fault in said.faults() {
                report.refuse("record", line, &fault);
            }
            let mark = PushMark { key: *key, print: opened.print };
            let verdict = memory.hear(said.security(), mark);
            if !verdict.gives_readings() {
                if verdict.is_finding() {
                    report.refuse_verdict(line, (device, verdict));
                }
                against = Some(verdict);
                continue;
            }
            batch.heard.push(receipt.device);
            batch.names.extend(learned(said, device).map(|name| (receipt.device, name)));
            let at = said.moment(self.workspace.zone(), receipt);
            batch.alarms.extend(said.alarms(receipt.device, at));
            if memory.keeps(at) {
                readings.extend(said.registers(receipt.device, at));
            }
        }
        match against {
            Some(verdict) if readings.is_empty() => Err(unread(verdict.word())),
            _ => Ok(readings),
        }
    }

    /// What was heard of these devices before.
    async fn batch(&self, mut devices: Vec<DeviceNo>) -> Result<Batch, FlowFault> {
        devices.sort_unstable();
        devices.dedup();
        let permit = &self.push_permits()?.raw;
        let stored = self.workspace.store.counters(permit, devices, (self.clock)()).await?;
        let memories =
            stored.into_iter().map(|(device, bytes)| (device, DeviceMemory::from_bytes(&bytes))).collect();
        Ok(Batch { memories, ..Batch::default() })
    }

    async fn register_pushes(
        &mut self,
        origin: &Origin<'_>,
        batch: Batch,
        report: &mut IngestReport,
    ) -> Result<(), FlowFault> {
        let counters = batch.newest();
        let Batch { outcomes: telegrams, names, alarms, .. } = batch;
        if telegrams.is_empty() {
            return Ok(());
        }
        let readings = telegrams.iter().flat_map(|(_, outcome)| outcome).map(Vec::len);
        report.readings += readings.sum::<usize>() as u64;
        let decoded = Decoded { telegrams, counters, names, alarms, ..Decoded::default() };
        let permits = &self.push_permits()?.series;
        let appended =
            self.workspace.store.append_decoded(permits, origin.source, decoded, (self.clock)()).await?;
        report.take_in(&appended);
        Ok(())
    }

    /// Asks for permits before the first message, and anew when they are old.
    async fn ask_for_pushes(&mut self) -> Result<Answer<()>, FlowFault> {
        let now = (self.clock)();
        let is_old = |permits: &PushPermits| now.duration_since(permits.asked) > RENEW_AFTER;
        let is_first = self.pushes.permits.is_none();
        if self.pushes.permits.as_ref().is_none_or(is_old) {
            self.pushes.permits = Some(given!(PushPermits::ask(self.workspace, self.actor, now).await?));
        }
        if is_first {
            self.take_up_pieces().await?;
        }
        Ok(Answer::Given(()))
    }

    fn push_permits(&self) -> Result<&PushPermits, FlowFault> {
        Ok(self.pushes.permits.as_ref().ok_or(StoreFault::NoPermit)?)
    }

    /// Pieces that were dropped with their message leave nothing behind in memory.
    fn forget_lost_pieces(&mut self) {
        let PushState { pieces, receipts, next, .. } = &mut self.pushes;
        if pieces.is_empty() {
            receipts.clear();
        }
        receipts.retain(|number, _| next.saturating_sub(*number) <= PIECES_HELD);
    }
}

impl Batch {
    /// The memories of the devices whose messages counted.
    fn newest(&self) -> Vec<Counters> {
        let mut heard = self.heard.clone();
        heard.sort_unstable();
        heard.dedup();
        let newest =
            heard.into_iter().filter_map(|device| Some((device, self.memories.get(&device)?.to_bytes())));
        newest.collect()
    }
}

fn raw(line: &PushLine, arrival: &Arrival) -> RawTelegram {
    RawTelegram {
        frame: line.bytes.clone(),
        as_sent: arrival.as_sent.clone(),
        meter: arrival.device,
        received: line.received,
        gateway: line.gateway.clone(),
        rssi_dbm: line.rssi_dbm,
    }
}

/// The name in a message that is proven to be of its title.
fn learned(said: &Said, device: DeviceId) -> Option<DeviceName> {
    let is_proven = matches!(device, DeviceId::Title(_)) && said.security().is_authenticated();
    said.name().filter(|_| is_proven)
}

fn unread(reason: &str) -> Unread {
    Unread { reason: reason.to_owned(), ci: None }
}

/// A number that tells the messages of one meter apart. What proves them is their tag, not this.
fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    bytes.hash(&mut hasher);
    hasher.finish()
}

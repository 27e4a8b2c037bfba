//! Stored messages of electricity meters opened once more: those that waited for a key, and all since some day.
//!
//! This file opens stored messages (see `tests/doors.rs`). Pieces are put together again in the order in which they came.

use rustc_hash::FxHashMap;
use tidstro_dlms::{Pieces, recognise};
use tidstro_model::DeviceId;
use tidstro_store::{StoredTelegram, Waiting};

use super::arrival::{Coming, Form, Whole, arrive};
use super::{Batch, PIECE};
use crate::ingest::IngestReport;
use crate::ingest::batch::Origin;
use crate::ingest::telegrams::{Outcome, Run};
use crate::ingest::waiting::AgainReport;
use crate::{Answer, FlowFault};

/// Stored messages looked at again at once.
const PAGE: u32 = 1_000;
/// Pieces of one sender: who delivered them is not asked again.
const STORED: &str = "";
/// Pieces of an earlier run that are taken up: those of the pushes that may be open at once.
const TAKEN_UP: u32 = 1_024;

impl Run<'_> {
    /// Whether messages of a device that wait for this may be opened now.
    pub(in crate::ingest) fn push_is_due(&self, waiting: &Waiting) -> bool {
        let DeviceId::Title(title) = waiting.meter else { return waiting.reason.is_none() };
        match waiting.reason.as_deref() {
            None => true,
            Some("key-missing" | "key-length" | "wrong-key" | "tag") => self.decoder.titles().knows(title),
            Some(_) => false,
        }
    }

    /// Opens the messages of one device that waited for one thing.
    pub(in crate::ingest) async fn recover_pushes(
        &mut self,
        origin: &Origin<'_>,
        waiting: &Waiting,
        report: &mut IngestReport,
    ) -> Result<(), FlowFault> {
        if let Answer::Refused(_) = self.ask_for_pushes().await? {
            return Ok(());
        }
        let mut after = None;
        loop {
            let (store, permit) = (&self.workspace.store, &self.push_permits()?.raw);
            let asked = store.waiting_telegrams(permit, waiting, (after, PAGE), (self.clock)()).await?;
            let (page, last) = asked;
            let page = page.open(permit)?;
            let Some(last) = last else { return Ok(()) };
            after = Some(last);
            let mut batch = self.batch(page.iter().map(|stored| stored.receipt.device).collect()).await?;
            for (whole, messages) in wholes(&page) {
                let counted = self.open_stored((&whole, &messages), &mut batch);
                report.telegrams_recovered += u64::from(counted);
            }
            self.register_pushes(origin, batch, report).await?;
        }
    }

    /// Takes up the pieces that an earlier run left waiting for others, so that a push survives what comes between its pieces.
    pub(super) async fn take_up_pieces(&mut self) -> Result<(), FlowFault> {
        let (store, permit) = (&self.workspace.store, &self.push_permits()?.raw);
        let found = store.waiting_pieces(permit, (PIECE, TAKEN_UP), (self.clock)()).await?;
        for (stored, gateway) in found.open(permit)? {
            let Some(form) = form_of(&stored) else { continue };
            let (at, number) = (stored.receipt.received, self.pushes.next);
            let coming = Coming { sender: &gateway, form, bytes: &stored.frame, at, number };
            self.pushes.next += 1;
            if arrive(&mut self.pushes.pieces, &coming).is_ok() {
                self.pushes.receipts.insert(number, stored.receipt);
            }
        }
        Ok(())
    }

    /// Opens kept messages again, decoded or not. Those that gave readings give what they say now; the others are judged by
    /// what was heard since.
    pub(in crate::ingest) async fn pushes_again(
        &mut self,
        origin: &Origin<'_>,
        page: Vec<StoredTelegram>,
        (again, counted): (&mut AgainReport, &mut IngestReport),
    ) -> Result<(), FlowFault> {
        if page.is_empty() {
            return Ok(());
        }
        again.telegrams += page.len() as u64;
        if let Answer::Refused(_) = self.ask_for_pushes().await? {
            return Ok(());
        }
        let mut batch = self.batch(page.iter().map(|stored| stored.receipt.device).collect()).await?;
        // What counted before is not judged by itself.
        let mut before = Batch::default();
        for (whole, messages) in wholes(&page) {
            let was_decoded = messages.iter().all(|stored| stored.receipt.is_decoded);
            let judged = if was_decoded { &mut before } else { &mut batch };
            let gives = self.open_stored((&whole, &messages), judged);
            again.decoded += u64::from(gives);
            again.recovered += u64::from(gives && !was_decoded);
            again.no_longer += u64::from(!gives && was_decoded);
        }
        batch.outcomes.extend(before.outcomes.into_iter().filter(|(_, outcome)| outcome.is_ok()));
        batch.alarms.extend(before.alarms);
        self.register_pushes(origin, batch, counted).await
    }

    /// Opens one stored message; returns whether it counts. One that waits for the same as before changes nothing.
    fn open_stored(&mut self, (whole, messages): (&Whole, &[&StoredTelegram]), batch: &mut Batch) -> bool {
        let Some(first) = messages.first() else { return false };
        let receipts: Vec<_> = messages.iter().map(|stored| stored.receipt).collect();
        let known = batch.outcomes.len();
        let mut scratch = IngestReport::default();
        self.open_push((0, first.meter, whole), &receipts, (&mut *batch, &mut scratch));
        let fresh: Vec<Outcome> = batch.outcomes.split_off(known);
        let is_same = |outcome: &Outcome| {
            let reason = outcome.1.as_ref().err().map(|unread| unread.reason.as_str());
            reason.is_some() && reason == first.reason.as_deref()
        };
        let gives = fresh.first().is_some_and(|(_, outcome)| outcome.is_ok());
        if !fresh.first().is_some_and(is_same) {
            batch.outcomes.extend(fresh);
        }
        gives
    }
}

/// The whole messages among stored ones, each with its pieces.
fn wholes(page: &[StoredTelegram]) -> Vec<(Whole, Vec<&StoredTelegram>)> {
    let mut joining = Pieces::default();
    let mut by_number: FxHashMap<u64, &StoredTelegram> = FxHashMap::default();
    let mut found = Vec::new();
    for (stored, number) in page.iter().zip(0..) {
        let Some(form) = form_of(stored) else { continue };
        by_number.insert(number, stored);
        let at = stored.receipt.received;
        let coming = Coming { sender: STORED, form, bytes: &stored.frame, at, number };
        let Ok(arrival) = arrive(&mut joining, &coming) else { continue };
        if let Some(whole) = arrival.whole {
            let pieces = whole.pieces.iter().filter_map(|piece| by_number.get(piece).copied()).collect();
            found.push((whole, pieces));
        }
    }
    found
}

fn form_of(stored: &StoredTelegram) -> Option<Form> {
    if stored.frame.starts_with(b"/") { Some(Form::P1) } else { recognise(&stored.frame).map(Form::Frames) }
}

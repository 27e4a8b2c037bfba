//! Messages that came in several telegrams, put together from kept pieces.
//!
//! What comes in: pieces that were stored a moment ago, or that an interrupted run left. What goes out: the readings of
//! messages that are whole and proven over all of it, in the transaction that marks their pieces as decoded. Nothing is
//! held in memory between batches: the store has the pieces, whichever gateway brought them and in whatever order.
//!
//! This file opens stored telegrams (see `tests/doors.rs`).

use rustc_hash::FxHashSet;
use tidstro_model::Verdict;
use tidstro_store::{PieceWait, Receipt, StoredTelegram, TelegramNo, Unread};
use tidstro_telegram::{Received, Refusal, Telegram};

use super::batch::{Candidate, Origin};
use super::decoding::OpenedBy;
use super::readings::new_readings;
use super::report::Reports;
use super::telegrams::{Outcome, Run};
use crate::FlowFault;

/// The CI field of the layer that numbers pieces (EN 13757-7:2018 § 6).
const AFL: u8 = 0x90;

/// A piece to look for the others of.
pub(super) struct Anchor {
    receipt: Receipt,
    /// Which input it came with, and in which line.
    input: usize,
    line: u64,
}

impl Anchor {
    /// The piece that came with this line, if it is one.
    pub(super) fn of(unread: &Unread, receipt: &Receipt, candidate: &Candidate) -> Option<Self> {
        let Candidate { line, input, .. } = *candidate;
        (unread.reason == PieceWait::Others.reason()).then_some(Self { receipt: *receipt, input, line })
    }

    /// A piece of an earlier input.
    pub(super) const fn kept(receipt: Receipt) -> Self {
        Self { receipt, input: 0, line: 0 }
    }
}

/// A kept piece, its link layer opened.
pub(super) struct Kept {
    pub(super) stored: StoredTelegram,
    pub(super) received: Received,
}

impl Kept {
    /// `None` for bytes that this version no longer takes for a telegram.
    pub(super) fn of(mut stored: StoredTelegram) -> Option<Self> {
        let received = Received::open(std::mem::take(&mut stored.frame)).ok()?;
        Some(Self { stored, received })
    }

    /// How far it was received from another one: in time, then in the order of storing.
    fn distance(&self, other: &Receipt) -> (u128, u64) {
        let time = self.stored.receipt.received.duration_since(other.received).as_millis().unsigned_abs();
        (time, self.stored.receipt.telegram.distance(other.telegram))
    }
}

/// A message that is whole and proven.
pub(super) struct Message {
    pub(super) telegram: Telegram,
    /// Receipts of its pieces.
    pub(super) pieces: Vec<Receipt>,
    /// The receipt of the one received last.
    pub(super) newest: Receipt,
    /// What opened it.
    pub(super) by: OpenedBy,
    /// The CI field of its pieces.
    ci: Option<u8>,
}

impl Run<'_> {
    /// Says of pieces whose others have not come within a day that these are lost.
    pub(super) async fn note_lost_pieces(&self) -> Result<(), FlowFault> {
        self.workspace.store.note_lost_pieces(&self.permits.raw, (self.clock)()).await?;
        Ok(())
    }

    /// Puts together what the pieces make whole, and registers what it says.
    pub(super) async fn join_pieces(
        &mut self,
        origin: &Origin<'_>,
        anchors: &[Anchor],
        reports: &mut Reports,
    ) -> Result<(), FlowFault> {
        if anchors.is_empty() {
            return Ok(());
        }
        let (messages, mut outcomes) = self.messages_of(anchors, reports).await?;
        let mut receipts = Vec::with_capacity(messages.len());
        for (message, _) in &messages {
            receipts.push(self.receipt_of(message).await?);
        }
        let mut judge = self.judge(receipts.clone()).await?;
        for ((message, anchor), receipt) in messages.iter().zip(receipts) {
            let report = reports.of(anchor.input);
            let verdict = judge.hear(&receipt, &message.telegram, &message.by);
            if verdict.is_finding() {
                report.refuse_verdict(anchor.line, (message.telegram.meter, verdict));
            }
            outcomes.extend(self.settled(message, &receipt, verdict));
        }
        self.register(origin, (outcomes, &mut judge), &mut reports.whole).await
    }

    /// The messages that are whole now, each with the piece that made it so, and the pieces of those that nothing proves.
    async fn messages_of<'n>(
        &mut self,
        anchors: &'n [Anchor],
        reports: &mut Reports,
    ) -> Result<(Vec<(Message, &'n Anchor)>, Vec<Outcome>), FlowFault> {
        let mut done: FxHashSet<TelegramNo> = FxHashSet::default();
        let (mut messages, mut outcomes) = (Vec::new(), Vec::new());
        for anchor in anchors {
            if done.contains(&anchor.receipt.telegram) {
                continue;
            }
            let report = reports.of(anchor.input);
            match self.message_at(&anchor.receipt).await? {
                Ok(Some(message)) => {
                    report.telegrams_decoded += 1;
                    done.extend(message.pieces.iter().map(|piece| piece.telegram));
                    messages.push((message, anchor));
                }
                Ok(None) => {}
                Err(refusal) => {
                    done.insert(anchor.receipt.telegram);
                    report.refuse_kept(PieceWait::Proof.reason(), anchor.line, &refusal);
                    let reason = PieceWait::Proof.reason().to_owned();
                    outcomes.push((anchor.receipt.telegram, Err(Unread { reason, ci: Some(AFL) })));
                }
            }
        }
        for anchor in anchors.iter().filter(|anchor| !done.contains(&anchor.receipt.telegram)) {
            reports.of(anchor.input).pieces_waiting += 1;
        }
        Ok((messages, outcomes))
    }

    /// The message that a stored piece belongs to, if it is whole now.
    async fn message_at(&mut self, piece: &Receipt) -> Result<Result<Option<Message>, Refusal>, FlowFault> {
        let (store, permit) = (&self.workspace.store, &self.permits.raw);
        let near = store.pieces_near(permit, *piece, (self.clock)()).await?.open(permit)?;
        let near: Vec<Kept> = near.into_iter().filter_map(Kept::of).collect();
        Ok(self.message_of(piece, &near))
    }

    /// The message that the first of these pieces belongs to, if it is whole.
    pub(super) fn message_of(&mut self, piece: &Receipt, near: &[Kept]) -> Result<Option<Message>, Refusal> {
        let mut nearest: Vec<&Kept> = near.iter().collect();
        nearest.sort_by_key(|kept| kept.distance(piece));
        let received: Vec<&Received> = nearest.iter().map(|kept| &kept.received).collect();
        let Some((joined, by)) = self.decoder.join(&received, piece.received)? else { return Ok(None) };
        let used = joined.pieces.iter().filter_map(|index| nearest.get(*index));
        let pieces: Vec<Receipt> = used.map(|kept| kept.stored.receipt).collect();
        let newest = pieces.iter().max_by_key(|receipt| (receipt.received, receipt.telegram)).copied();
        let ci = received.first().and_then(|received| received.ci());
        Ok(newest.map(|newest| Message { telegram: joined.telegram, pieces, newest, by, ci }))
    }

    /// The receipt of a message: that of its last piece, of the meter it is of, which need not be the sender.
    pub(super) async fn receipt_of(&self, message: &Message) -> Result<Receipt, FlowFault> {
        let Telegram { meter, link_address, .. } = message.telegram;
        if meter == link_address {
            return Ok(message.newest);
        }
        let (store, permit) = (&self.workspace.store, &self.permits.raw);
        let device = store.device(permit, meter.into(), (self.clock)()).await?;
        Ok(Receipt { device, ..message.newest })
    }

    /// What became of the pieces: the readings stand with the one received last.
    pub(super) fn settled(&self, message: &Message, receipt: &Receipt, verdict: Verdict) -> Vec<Outcome> {
        let outcome = |piece: &Receipt| {
            if !verdict.gives_readings() {
                return Err(Unread { reason: verdict.word().to_owned(), ci: message.ci });
            }
            let is_newest = piece.telegram == receipt.telegram;
            let readings =
                || new_readings(self.workspace.zone(), (receipt.device, receipt), &message.telegram);
            Ok(if is_newest { readings() } else { Vec::new() })
        };
        message.pieces.iter().map(|piece| (piece.telegram, outcome(piece))).collect()
    }
}

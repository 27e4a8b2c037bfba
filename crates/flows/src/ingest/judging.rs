//! Which telegrams count: none that was sent again by somebody else, and none with less protection than its meter has
//! shown before.
//!
//! What comes in: decoded telegrams in the order they were stored, and what was heard of their devices before. What goes
//! out: a verdict for each, and what was heard last, to be stored with the readings.

use jiff::Timestamp;
use rustc_hash::{FxHashMap, FxHashSet};
use tidstro_calendar::Zone;
use tidstro_model::{DeviceNo, Verdict};
use tidstro_store::{Counters, Permit, Receipt, TelegramNo, ToldAlarms, Unread};
use tidstro_telegram::{Hearing, MeterCounters, Received, Telegram};

use super::decoding::OpenedBy;
use super::readings::own_time;
use super::told::told;
use crate::{FlowFault, Workspace};

/// What was heard of the devices of some telegrams.
pub(super) struct Judge<'w> {
    zone: &'w Zone,
    heard: FxHashMap<DeviceNo, MeterCounters>,
    changed: FxHashSet<DeviceNo>,
    /// What telegrams that count told of alarms.
    alarms: Vec<ToldAlarms>,
    /// Telegrams, of devices that began anew, whose bytes are known from an earlier time.
    kept: FxHashSet<TelegramNo>,
}

impl<'w> Judge<'w> {
    /// Takes up what was heard before of the devices of these telegrams.
    pub(super) async fn of(
        workspace: &'w Workspace,
        permit: &Permit,
        receipts: &[Receipt],
        now: Timestamp,
    ) -> Result<Self, FlowFault> {
        let mut devices: Vec<DeviceNo> = receipts.iter().map(|receipt| receipt.device).collect();
        devices.sort_unstable();
        devices.dedup();
        let stored = workspace.store.counters(permit, devices, now).await?;
        // What cannot be read any more begins anew with the next telegram.
        let heard: FxHashMap<DeviceNo, MeterCounters> = stored
            .into_iter()
            .map(|(device, bytes)| (device, MeterCounters::from_bytes(&bytes).unwrap_or_default()))
            .collect();
        let of_begun = |receipt: &&Receipt| heard.get(&receipt.device).is_some_and(|of| of.began().is_some());
        let begun: Vec<TelegramNo> =
            receipts.iter().filter(of_begun).map(|receipt| receipt.telegram).collect();
        let kept = match begun.is_empty() {
            true => FxHashSet::default(),
            false => workspace.store.kept_before(permit, begun, now).await?.into_iter().collect(),
        };
        Ok(Self { zone: workspace.zone(), heard, changed: FxHashSet::default(), alarms: Vec::new(), kept })
    }

    /// Judges a telegram, and remembers it if it counts.
    pub(super) fn hear(&mut self, receipt: &Receipt, telegram: &Telegram, by: &OpenedBy) -> Verdict {
        let counters = self.heard.entry(receipt.device).or_default();
        let stated = counters.began().and_then(|_| own_time(self.zone, receipt, telegram));
        let hearing = Hearing {
            key: by.key,
            followers: &by.followers,
            received: receipt.time_stated.then_some(receipt.received),
            stated,
            is_kept: self.kept.contains(&receipt.telegram),
        };
        let verdict = counters.hear(telegram, &hearing);
        if verdict.gives_readings() {
            self.changed.insert(receipt.device);
            self.alarms.extend(told(self.zone, receipt, telegram));
        }
        verdict
    }

    /// Tells the alarms of a telegram that counted before, as far as somebody says when it was made: without that it would
    /// pass as the newest.
    pub(super) fn tell_again(&mut self, receipt: &Receipt, telegram: &Telegram) {
        self.alarms.extend(told(self.zone, receipt, telegram).filter(|told| told.time_stated));
    }

    /// What telegrams told of alarms since the last call, in the order in which they arrived.
    pub(super) fn take_alarms(&mut self) -> Vec<ToldAlarms> {
        std::mem::take(&mut self.alarms)
    }

    /// What was heard last of the devices whose telegrams counted.
    pub(super) fn newest(&self) -> Vec<Counters> {
        let newest =
            self.changed.iter().filter_map(|device| Some((*device, self.heard.get(device)?.to_bytes())));
        newest.collect()
    }
}

/// Why a telegram that does not count gives no reading, as the store keeps it.
pub(super) fn not_counted(received: &Received, verdict: Verdict) -> Unread {
    Unread { reason: verdict.word().to_owned(), ci: received.ci() }
}

/// What is wrong with a telegram that does not count, and what to do.
pub(super) const fn advice(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fresh | Verdict::Late => "counts",
        Verdict::Repeat => "is the same telegram again; nothing to do",
        Verdict::CounterReused => {
            "its counter was used already with another content: somebody may be sending in the meter's name; \
             compare the meter's register with what is stored"
        }
        Verdict::Older => {
            "its counter is lower than one heard before, or it is from before its counters began anew: an old telegram sent \
             again, or a meter that was set up anew; compare with what the meter shows, and if it was set up anew say so \
             with `counters forget`"
        }
        Verdict::Downgrade => {
            "the meter has sent better protected telegrams before: somebody may be sending in its name; look at its settings"
        }
    }
}

//! Which telegrams count: none that was sent again by somebody else, and none with less protection than its meter has
//! shown before.
//!
//! What comes in: decoded telegrams in the order they were stored, and what was heard of their devices before. What goes
//! out: a verdict for each, and what was heard last, to be stored with the readings.

use jiff::Timestamp;
use rustc_hash::{FxHashMap, FxHashSet};
use tidstro_model::DeviceNo;
use tidstro_store::{Counters, Permit, Receipt, Unread};
use tidstro_telegram::{Received, ReplayState, Telegram, Verdict};

use crate::{FlowFault, Workspace};

/// What was heard of the devices of some telegrams.
#[derive(Default)]
pub(super) struct Judge {
    heard: FxHashMap<DeviceNo, ReplayState>,
    changed: FxHashSet<DeviceNo>,
}

impl Judge {
    /// Takes up what was heard of these devices before.
    pub(super) async fn of(
        workspace: &Workspace,
        permit: &Permit,
        devices: impl Iterator<Item = DeviceNo>,
        now: Timestamp,
    ) -> Result<Self, FlowFault> {
        let mut devices: Vec<DeviceNo> = devices.collect();
        devices.sort_unstable();
        devices.dedup();
        let stored = workspace.store.counters(permit, devices, now).await?;
        // What cannot be read any more begins anew with the next telegram.
        let heard = stored
            .into_iter()
            .map(|(device, bytes)| (device, ReplayState::from_bytes(&bytes).unwrap_or_default()));
        Ok(Self { heard: heard.collect(), changed: FxHashSet::default() })
    }

    /// Judges a telegram, and remembers it if it counts.
    pub(super) fn hear(&mut self, receipt: &Receipt, telegram: &Telegram) -> Verdict {
        let received = receipt.time_stated.then_some(receipt.received);
        let verdict = self.heard.entry(receipt.device).or_default().hear(telegram, received);
        if verdict.gives_readings() {
            self.changed.insert(receipt.device);
        }
        verdict
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
            "its counter is lower than one heard before: an old telegram sent again, or a meter that was set up anew, which \
             this version takes for the same; compare with what the meter shows"
        }
        Verdict::Downgrade => {
            "the meter has sent better protected telegrams before: somebody may be sending in its name; look at its settings"
        }
    }
}

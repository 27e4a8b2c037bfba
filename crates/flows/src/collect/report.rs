//! How much of a cycle came, area by area, and why not more.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tidstro_store::{CallState, CycleCall};

/// What a cycle came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleReport {
    /// The end of the cycle.
    pub cycle: Timestamp,
    /// Its areas by name; meters that hang nowhere are under the empty name.
    pub areas: BTreeMap<String, AreaCollected>,
    /// Blocks of local days that were new or got a new version in this run.
    pub blocks: u64,
    /// Values that the register does not let the collector keep, or that point the other way; not kept.
    pub not_kept: u64,
}

/// What a cycle came to in one area.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AreaCollected {
    /// Meters that were to be asked.
    pub meters: u64,
    /// Meters that were read to the end of the cycle.
    pub done: u64,
    /// Meters that are to be asked again.
    pub waiting: u64,
    /// Meters that were given up in this cycle.
    pub failed: u64,
    /// Values the cycle should bring.
    pub expected: u64,
    /// Values of it that came.
    pub received: u64,
    /// Values of earlier cycles that came now.
    pub late: u64,
    /// Calls beyond the first of each meter.
    pub retried: u64,
    /// Meters whose clock is wrong by more than the limit.
    pub clocks_wrong: u64,
    /// Meters whose last call did not reach its end, by the word of the reason.
    pub reasons: BTreeMap<String, u64>,
}

impl AreaCollected {
    /// Values the cycle should bring that have not come.
    #[must_use]
    pub const fn missing(&self) -> u64 {
        self.expected.saturating_sub(self.received)
    }

    pub(super) fn add(&mut self, call: &CycleCall, clock_limit: SignedDuration) {
        self.meters += 1;
        match call.state {
            CallState::Done => self.done += 1,
            CallState::Waiting => self.waiting += 1,
            CallState::Failed => self.failed += 1,
        }
        self.expected += u64::from(call.expected);
        self.received += u64::from(call.received);
        self.late += u64::from(call.late);
        self.retried += u64::from(call.tries.saturating_sub(1));
        let is_wrong = call.clock_ahead.is_some_and(|ahead| ahead.abs() > clock_limit);
        self.clocks_wrong += u64::from(is_wrong);
        if let Some((reason, _)) = &call.reason {
            *self.reasons.entry(reason.clone()).or_default() += 1;
        }
    }
}

impl CycleReport {
    pub(super) const fn new(cycle: Timestamp) -> Self {
        Self { cycle, areas: BTreeMap::new(), blocks: 0, not_kept: 0 }
    }

    /// Whether every value of the cycle came.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.areas.values().all(|area| area.missing() == 0)
    }

    /// Whether meters are to be asked again.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.areas.values().any(|area| area.waiting > 0)
    }
}

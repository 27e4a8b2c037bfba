//! How long, how often and how many: the limits of collecting, as data.

use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;

/// The limits of collecting. Each can be written into the `[limits]` of the file of meters; times are seconds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// How many meters are spoken to at once.
    pub connections: usize,
    /// How long a connection may take to stand.
    pub connect_seconds: u32,
    /// How long one answer may take.
    pub answer_seconds: u32,
    /// How long a whole call may take.
    pub call_seconds: u32,
    /// How often a meter is called in a cycle.
    pub tries: u32,
    /// How long to wait before the second call, the third, …; the last one holds for all that follow.
    pub wait_seconds: Vec<u32>,
    /// The length of a cycle.
    pub cycle_seconds: u32,
    /// How far back a meter is read that was never read before, or not for long.
    pub look_back_seconds: u32,
    /// How much of a profile is asked for at once.
    pub slice_seconds: u32,
    /// How many requests one call may make of a meter with keys.
    pub requests: u32,
    /// From when on a clock is told as wrong.
    pub clock_seconds: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            connect_seconds: 10,
            answer_seconds: 15,
            call_seconds: 300,
            tries: 6,
            wait_seconds: vec![60, 300, 900, 1_800, 3_600],
            cycle_seconds: 6 * 3_600,
            look_back_seconds: 40 * 86_400,
            slice_seconds: 86_400,
            requests: 4_096,
            clock_seconds: 10,
        }
    }
}

impl Limits {
    /// The first limit that makes no sense, with what would.
    pub(super) fn fault(&self) -> Option<&'static str> {
        [
            (self.connections == 0, "`connections` is at least 1"),
            (self.connect_seconds == 0 || self.answer_seconds == 0, "no answer takes 0 seconds"),
            (self.call_seconds < self.answer_seconds, "`call_seconds` is at least `answer_seconds`"),
            (self.tries == 0, "`tries` is at least 1"),
            (self.cycle_seconds == 0 || 86_400 % self.cycle_seconds != 0, "cycles divide a day"),
            (self.slice_seconds < 3_600, "`slice_seconds` is at least an hour"),
            (self.requests < 16, "`requests` is at least 16"),
        ]
        .into_iter()
        .find_map(|(is_wrong, why)| is_wrong.then_some(why))
    }

    /// How long to wait after this many calls.
    pub(super) fn wait(&self, tries: u32) -> SignedDuration {
        let at = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX);
        let seconds = self.wait_seconds.get(at).or(self.wait_seconds.last());
        SignedDuration::from_secs(seconds.copied().unwrap_or(60).into())
    }

    /// The length of a cycle.
    #[must_use]
    pub fn cycle(&self) -> SignedDuration {
        SignedDuration::from_secs(self.cycle_seconds.into())
    }

    pub(super) fn look_back(&self) -> SignedDuration {
        SignedDuration::from_secs(self.look_back_seconds.into())
    }

    pub(super) fn slice(&self) -> SignedDuration {
        SignedDuration::from_secs(self.slice_seconds.into())
    }

    pub(super) fn connect(&self) -> Duration {
        Duration::from_secs(self.connect_seconds.into())
    }

    pub(super) fn answer(&self) -> Duration {
        Duration::from_secs(self.answer_seconds.into())
    }

    pub(super) fn call(&self) -> Duration {
        Duration::from_secs(self.call_seconds.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay() {
        let limits = Limits { wait_seconds: vec![1, 5], ..Limits::default() };
        let seconds: Vec<i64> = (1..=4).map(|tries| limits.wait(tries).as_secs()).collect();
        assert_eq!(seconds, [1, 5, 5, 5]);
        assert_eq!(limits.fault(), None);
        assert!(Limits { cycle_seconds: 7_000, ..Limits::default() }.fault().is_some());
    }
}

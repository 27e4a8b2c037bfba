//! Which alarms of a meter stand, so that a message that says the same again changes nothing.

use std::collections::BTreeSet;

use super::{AlarmCode, Change, Phase, Signal, Source};

/// The alarms of one meter that stand, each as one source told it: a status byte that shows no error does not clear
/// what the event log has raised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing(BTreeSet<(Source, AlarmCode, Option<Phase>)>);

impl Standing {
    /// Takes in what a message says. Returns what it changes; `None` if it says nothing new.
    pub fn take(&mut self, signal: &Signal) -> Option<Change> {
        let alarm = (signal.evidence.source, signal.code, signal.phase);
        let is_news = match signal.change {
            Change::Raised => self.0.insert(alarm),
            Change::Cleared => self.0.remove(&alarm),
            Change::Happened => true,
        };
        is_news.then_some(signal.change)
    }

    /// Takes up an alarm that stood already.
    pub fn restore(&mut self, source: Source, code: AlarmCode, phase: Option<Phase>) {
        self.0.insert((source, code, phase));
    }

    /// What stands, by source.
    pub fn iter(&self) -> impl Iterator<Item = (Source, AlarmCode, Option<Phase>)> + '_ {
        self.0.iter().copied()
    }

    /// Whether nothing stands.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::alarms::{Evidence, of_status};

    #[test]
    fn what_is_said_again_is_no_news() {
        let mut standing = Standing::default();
        let mut news = |status| -> Vec<(AlarmCode, Change)> {
            let signals = of_status(status);
            signals.iter().filter_map(|signal| Some((signal.code, standing.take(signal)?))).collect()
        };
        assert_eq!(news(0x00), []);
        assert_eq!(news(0x04), [(AlarmCode::LowBattery, Change::Raised)]);
        assert_eq!(news(0x04), []);
        assert_eq!(
            news(0x08),
            [(AlarmCode::LowBattery, Change::Cleared), (AlarmCode::PermanentError, Change::Raised)]
        );
    }

    proptest! {
        /// An alarm is raised and cleared in turn, whatever comes.
        #[test]
        fn raised_and_cleared_alternate(statuses in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut standing = Standing::default();
            let mut last = std::collections::BTreeMap::new();
            for status in statuses {
                for signal in of_status(status) {
                    if let Some(change) = standing.take(&signal) {
                        let before = last.insert(signal.code, change);
                        prop_assert_ne!(before, Some(change));
                        prop_assert!(before.is_some() || change == Change::Raised);
                    }
                }
            }
        }

        /// What one source says leaves the others alone.
        #[test]
        fn sources_are_apart(status: u8) {
            let mut standing = Standing::default();
            let evidence = Evidence { source: Source::EventCode, raw: 12 };
            let phase = None;
            standing.take(&Signal { code: AlarmCode::PermanentError, phase, change: Change::Raised, evidence });
            for signal in of_status(status) {
                standing.take(&signal);
            }
            prop_assert!(standing.iter().any(|(source, ..)| source == Source::EventCode));
        }
    }
}

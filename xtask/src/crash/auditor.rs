//! What must be in the store, by the word of the sender alone.
//!
//! What comes in: what was sent, and which of it was acknowledged. What goes out: the first contradiction between that
//! and what the program shows. Nothing of the product is used here: a mistake in it cannot hide itself.

use std::collections::BTreeMap;

/// One interval: metering point and start in UTC, as written.
pub(super) type IntervalKey = (String, String);

/// Watt hours by interval.
pub(super) type Energy = BTreeMap<IntervalKey, i64>;

/// The sender's own book.
#[derive(Debug, Default)]
pub(super) struct Auditor {
    acknowledged: Energy,
    /// What was sent last and not acknowledged: it may be there, whole or not at all.
    open: Energy,
    sent: u64,
}

/// A contradiction between the book and the store.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Contradiction {
    /// An acknowledged reading is not there.
    #[error("point `{}` at {}: {expected} Wh were acknowledged, nothing is there", .key.0, .key.1)]
    Lost {
        /// Which interval.
        key: IntervalKey,
        /// What was acknowledged.
        expected: i64,
    },
    /// Another reading is there.
    #[error("point `{}` at {}: {expected} Wh were acknowledged, {got} Wh are there", .key.0, .key.1)]
    Other {
        /// Which interval.
        key: IntervalKey,
        /// What was acknowledged.
        expected: i64,
        /// What is there.
        got: i64,
    },
    /// A reading is there that nobody sent, or the same twice.
    #[error("point `{}` at {}: {got} Wh are there once too often", .key.0, .key.1)]
    TooMuch {
        /// Which interval.
        key: IntervalKey,
        /// What is there.
        got: i64,
    },
    /// Part of what was sent at once is there.
    #[error("of the {sent} readings that were sent at once, {there} are there")]
    Torn {
        /// How many were sent.
        sent: usize,
        /// How many are there.
        there: usize,
    },
}

impl Auditor {
    /// Notes what is sent now.
    pub(super) fn sends(&mut self, energy: &Energy) {
        self.open = energy.clone();
        self.sent += energy.len() as u64;
    }

    /// Notes that it was acknowledged.
    pub(super) fn is_acknowledged(&mut self) {
        self.acknowledged.append(&mut self.open);
    }

    /// What was sent and not acknowledged: the sender sends it again.
    pub(super) fn unanswered(&self) -> Option<&Energy> {
        Some(&self.open).filter(|open| !open.is_empty())
    }

    /// Readings sent, and intervals acknowledged.
    pub(super) fn counts(&self) -> (u64, usize) {
        (self.sent, self.acknowledged.len())
    }

    /// Compares the book with everything the store shows.
    pub(super) fn check(
        &self,
        shown: impl IntoIterator<Item = (IntervalKey, i64)>,
    ) -> Result<(), Contradiction> {
        let mut found = Energy::new();
        for (key, got) in shown {
            let is_sent = self.acknowledged.contains_key(&key) || self.open.contains_key(&key);
            if !is_sent || found.insert(key.clone(), got).is_some() {
                return Err(Contradiction::TooMuch { key, got });
            }
        }
        for (key, expected) in &self.acknowledged {
            self.check_one(key, *expected, found.get(key).copied())?;
        }
        self.is_whole(&found)
    }

    fn check_one(&self, key: &IntervalKey, expected: i64, got: Option<i64>) -> Result<(), Contradiction> {
        match got {
            None => Err(Contradiction::Lost { key: key.clone(), expected }),
            Some(got) if got == expected || self.open.get(key) == Some(&got) => Ok(()),
            Some(got) => Err(Contradiction::Other { key: key.clone(), expected, got }),
        }
    }

    /// What is sent at once becomes durable at once.
    fn is_whole(&self, found: &Energy) -> Result<(), Contradiction> {
        // What says the same as before tells nothing.
        let told = self.open.iter().filter(|(key, wh)| self.acknowledged.get(*key) != Some(*wh));
        let (there, missing): (Vec<_>, Vec<_>) = told.partition(|(key, wh)| found.get(*key) == Some(*wh));
        if there.is_empty() || missing.is_empty() {
            Ok(())
        } else {
            Err(Contradiction::Torn { sent: there.len() + missing.len(), there: there.len() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn energy(values: &[(&str, i64)]) -> Energy {
        values.iter().map(|(start, wh)| (key(start), *wh)).collect()
    }

    fn key(start: &str) -> IntervalKey {
        ("a".to_owned(), start.to_owned())
    }

    /// Two intervals acknowledged, then one corrected and one new that were not.
    fn auditor() -> Auditor {
        let mut auditor = Auditor::default();
        auditor.sends(&energy(&[("1", 10), ("2", 20)]));
        auditor.is_acknowledged();
        auditor.sends(&energy(&[("2", 21), ("3", 30)]));
        auditor
    }

    #[test]
    fn what_was_not_acknowledged_is_there_or_not() {
        for shown in [&[("1", 10), ("2", 20)][..], &[("1", 10), ("2", 21), ("3", 30)]] {
            assert_eq!(auditor().check(energy(shown)), Ok(()));
        }
    }

    #[test]
    fn each_contradiction_is_found() {
        let lost = Contradiction::Lost { key: key("1"), expected: 10 };
        assert_eq!(auditor().check(energy(&[("2", 20)])), Err(lost));
        let other = Contradiction::Other { key: key("1"), expected: 10, got: 11 };
        assert_eq!(auditor().check(energy(&[("1", 11), ("2", 20)])), Err(other));
        let torn = Contradiction::Torn { sent: 2, there: 1 };
        assert_eq!(auditor().check(energy(&[("1", 10), ("2", 21)])), Err(torn));
        let stranger = Contradiction::TooMuch { key: key("9"), got: 1 };
        assert_eq!(auditor().check(energy(&[("1", 10), ("2", 20), ("9", 1)])), Err(stranger));
        let twice = [(key("1"), 10), (key("2"), 20), (key("1"), 10)];
        assert!(matches!(auditor().check(twice), Err(Contradiction::TooMuch { .. })));
    }
}

//! Guessing, slowed down and stopped.
//!
//! What comes in: how often somebody failed, when last, and the instant. What goes out: whether the next attempt is looked at, and
//! what to keep after it. The same is counted for names nobody has, so that the door says nothing of who exists. Never: an end of
//! a lock that is not an event.

use jiff::{SignedDuration, Timestamp};

/// How many failures are borne (NIST SP 800-63B-4, 3.2.2: at most 100 in a row).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockoutRules {
    /// After so many failures in a row each attempt waits.
    pub slow_after: u32,
    /// After so many it is locked; `None` where it is only ever slowed, as a whole class of origins is.
    pub lock_after: Option<u32>,
}

/// The longest wait between two attempts.
const LONGEST_WAIT_S: i64 = 900;

impl LockoutRules {
    /// Those of everybody who comes from one class of origins: a house behind one address fails often, and must not be locked out.
    pub const ORIGIN: Self = Self { slow_after: 30, lock_after: None };

    /// Whether no more failures are borne.
    fn is_full(self, failures: u32) -> bool {
        self.lock_after.is_some_and(|after| failures >= after)
    }

    /// How long after the last of so many failures the next attempt is looked at: 1, 2, 4 … seconds, at most a quarter of an hour.
    fn wait(self, failures: u32) -> SignedDuration {
        let over = failures.saturating_sub(self.slow_after);
        let seconds = match failures < self.slow_after {
            true => 0,
            false => 1_i64.checked_shl(over.min(30)).unwrap_or(LONGEST_WAIT_S),
        };
        SignedDuration::from_secs(seconds.min(LONGEST_WAIT_S))
    }
}

/// What is kept of the attempts with one name, or from one class of origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempts {
    /// Failures since the last success or unlocking.
    pub failures: u32,
    /// When the last attempt was.
    pub last: Option<Timestamp>,
    /// Since when it is locked.
    pub locked: Option<Timestamp>,
}

/// Whether an attempt is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Yes.
    Open,
    /// Not before this instant.
    Slowed(Timestamp),
    /// Not before somebody unlocks it.
    Locked,
}

/// What a failure leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// Another attempt, now or later.
    Counted,
    /// This failure locked it.
    LocksNow,
}

impl Attempts {
    /// Whether an attempt is looked at now.
    #[must_use]
    pub fn door(&self, rules: LockoutRules, now: Timestamp) -> Door {
        if self.locked.is_some() || rules.is_full(self.failures) {
            return Door::Locked;
        }
        let until = self.last.and_then(|last| last.checked_add(rules.wait(self.failures)).ok());
        match until {
            Some(until) if until > now && self.failures >= rules.slow_after => Door::Slowed(until),
            _ => Door::Open,
        }
    }

    /// Counts an attempt as failed before it is looked at, so that many at once are as slow as one after the other.
    #[must_use]
    pub fn announced(self, now: Timestamp) -> Self {
        Self { failures: self.failures.saturating_add(1), last: Some(now), ..self }
    }

    /// An announced attempt has failed.
    #[must_use]
    pub fn failed(self, rules: LockoutRules, now: Timestamp) -> (Self, Failed) {
        if self.locked.is_none() && rules.is_full(self.failures) {
            (Self { locked: Some(now), ..self }, Failed::LocksNow)
        } else {
            (self, Failed::Counted)
        }
    }

    /// After a success, or after somebody unlocked it.
    #[must_use]
    pub const fn cleared() -> Self {
        Self { failures: 0, last: None, locked: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULES: LockoutRules = LockoutRules { slow_after: 3, lock_after: Some(6) };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn it_is_open_then_slow_then_locked() {
        let (mut attempts, mut doors) = (Attempts::default(), Vec::new());
        for second in 0..6 {
            doors.push(attempts.door(RULES, at(second)));
            attempts = attempts.announced(at(second)).failed(RULES, at(second)).0;
        }
        let expected = [
            Door::Open,
            Door::Open,
            Door::Open,
            Door::Open, // one second has passed since the third
            Door::Slowed(at(5)),
            Door::Slowed(at(8)),
        ];
        assert_eq!(
            (doors.as_slice(), attempts.door(RULES, at(1_000_000))),
            (expected.as_slice(), Door::Locked)
        );
    }

    #[test]
    fn the_lock_is_told_once_and_ends_only_by_unlocking() {
        let attempts = Attempts { failures: 5, last: Some(at(0)), locked: None }.announced(at(1));
        assert_eq!(attempts.door(RULES, at(1)), Door::Locked, "while the last one is looked at, no other is");
        let (attempts, told) = attempts.failed(RULES, at(1));
        assert_eq!(told, Failed::LocksNow);
        assert_eq!(attempts.failed(RULES, at(2)).1, Failed::Counted);
        assert_eq!(attempts.door(RULES, Timestamp::MAX), Door::Locked);
        assert_eq!(Attempts::cleared().door(RULES, at(3)), Door::Open);
    }

    #[test]
    fn a_class_of_origins_is_slowed_and_never_locked() {
        let attempts = Attempts { failures: 1_000_000, last: Some(at(0)), locked: None };
        let (attempts, told) = attempts.announced(at(10)).failed(LockoutRules::ORIGIN, at(10));
        assert_eq!(told, Failed::Counted);
        assert_eq!(attempts.door(LockoutRules::ORIGIN, at(10)), Door::Slowed(at(910)));
        assert_eq!(attempts.door(LockoutRules::ORIGIN, at(910)), Door::Open);
    }

    proptest! {
        #[test]
        fn more_failures_never_open_earlier(fewer in 0_u32..200, more in 0_u32..200, second in 0_i64..2_000) {
            let (fewer, more) = (fewer.min(more), fewer.max(more));
            let door = |failures| Attempts { failures, last: Some(at(0)), locked: None }.door(RULES, at(second));
            prop_assert!(door(fewer) == Door::Open || door(more) != Door::Open);
        }
    }
}

//! How long a session lasts, and how old a proof may be (NIST SP 800-63B-4, 2.2.3 and 5.2; OWASP ASVS 5, 7.3).
//!
//! What comes in: when a session began, was last used and last proved, and the instant. What goes out: whether it lives, and
//! whether its use is worth writing down. Never: a session that use alone keeps alive for ever.

use jiff::{SignedDuration, Timestamp};

/// How long sessions of one class of accounts last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without use.
    pub idle: SignedDuration,
    /// Whatever its use.
    pub absolute: SignedDuration,
    /// How old a proof may be for what asks for a fresh one, such as an export.
    pub fresh: SignedDuration,
}

/// What is kept of a session's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionTimes {
    /// When it began. A step-up makes a new token, not a new begin.
    pub began: Timestamp,
    /// When it was last used, to the minute.
    pub seen: Timestamp,
    /// When who holds it last proved who they are.
    pub proved: Timestamp,
}

/// Uses within this time are one: reading pages must not write rows.
const SLIDE: SignedDuration = SignedDuration::from_mins(1);

impl SessionTimes {
    /// A session that begins now.
    #[must_use]
    pub const fn beginning(now: Timestamp) -> Self {
        Self { began: now, seen: now, proved: now }
    }

    /// When it ends unless it is used.
    #[must_use]
    pub fn idle_until(&self, limits: SessionLimits) -> Timestamp {
        later(self.seen, limits.idle).min(self.ends(limits))
    }

    /// When it ends in any case.
    #[must_use]
    pub fn ends(&self, limits: SessionLimits) -> Timestamp {
        later(self.began, limits.absolute)
    }

    /// Whether it lives.
    #[must_use]
    pub fn lives(&self, limits: SessionLimits, now: Timestamp) -> bool {
        now < self.idle_until(limits)
    }

    /// Whether its use is to be written down.
    #[must_use]
    pub fn slides(&self, now: Timestamp) -> bool {
        now >= later(self.seen, SLIDE)
    }

    /// Whether its proof is young enough for what asks for a fresh one.
    #[must_use]
    pub fn is_fresh(&self, limits: SessionLimits, now: Timestamp) -> bool {
        now < later(self.proved, limits.fresh)
    }
}

fn later(from: Timestamp, by: SignedDuration) -> Timestamp {
    from.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: SessionLimits = SessionLimits {
        idle: SignedDuration::from_mins(30),
        absolute: SignedDuration::from_hours(10),
        fresh: SignedDuration::from_mins(15),
    };

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    #[test]
    fn it_ends_by_disuse_and_in_any_case() {
        let fresh = SessionTimes::beginning(at(0));
        assert!(fresh.lives(LIMITS, at(29)) && !fresh.lives(LIMITS, at(30)));
        let used = SessionTimes { seen: at(595), ..fresh };
        assert!(used.lives(LIMITS, at(599)) && !used.lives(LIMITS, at(600)));
        assert_eq!((used.idle_until(LIMITS), used.ends(LIMITS)), (at(600), at(600)));
    }

    #[test]
    fn use_is_written_down_once_a_minute() {
        let times = SessionTimes::beginning(at(0));
        assert!(!times.slides(Timestamp::from_second(59).unwrap()) && times.slides(at(1)));
    }

    #[test]
    fn a_proof_grows_old_while_the_session_is_used() {
        let times = SessionTimes { seen: at(20), ..SessionTimes::beginning(at(0)) };
        assert!(times.is_fresh(LIMITS, at(14)) && !times.is_fresh(LIMITS, at(15)));
        assert!(SessionTimes { proved: at(10), ..times }.is_fresh(LIMITS, at(24)));
    }
}

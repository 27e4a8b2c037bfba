//! What a simulated meter is like: who it is, what it measures, and what goes wrong with it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

/// How a client has to prove who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Not at all.
    Open,
    /// With a password (low level security).
    Password(Vec<u8>),
    /// With keys (high level security with GMAC, suite 0): everything is authenticated and encrypted.
    Keys {
        /// The global unicast encryption key.
        encryption: [u8; 16],
        /// The authentication key.
        authentication: [u8; 16],
    },
}

/// What the load profile captures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capture {
    /// What the register showed at the end of each interval (1-0:1.8.0).
    Register,
    /// The energy of each interval (1-0:1.29.0).
    Interval,
}

/// Something the meter wrote into an event log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoggedEvent {
    /// Which log: the E of `0-0:99.98.E`.
    pub log: u8,
    /// When it happened.
    pub at: Timestamp,
    /// Its code.
    pub code: u8,
}

/// What goes wrong in a connection, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeterFault {
    /// The connection is cut after this many blocks of a long answer.
    CutAfterBlocks(u32),
    /// The connection is cut after this many answers.
    CutAfterAnswers(u32),
    /// Every answer takes longer than anybody waits.
    Slow,
    /// The tag of every answer after the association is wrong.
    WrongTag,
    /// Does not associate now.
    Busy,
    /// Never answers.
    Deaf,
}

/// A meter.
#[derive(Debug, Clone)]
pub struct MeterPlan {
    /// Its system title.
    pub title: [u8; 8],
    /// Its number, as text.
    pub serial: String,
    /// Decides what it measures.
    pub seed: u64,
    /// How a client proves who it is.
    pub access: Access,
    /// Seconds from one row of the load profile to the next: 900 or 3,600.
    pub period_seconds: u32,
    /// What a row holds.
    pub capture: Capture,
    /// Since when it measures; a whole number of periods since 1970.
    pub since: Timestamp,
    /// Ends of intervals it has no row for, by its own clock.
    pub missing: BTreeSet<Timestamp>,
    /// How far its clock is ahead of the true time.
    pub clock_ahead: SignedDuration,
    /// What its event logs hold, in order of time.
    pub events: Vec<LoggedEvent>,
    /// The longest APDU it sends.
    pub pdu_max: usize,
    /// Information in a frame of HDLC.
    pub frame_max: usize,
    /// What goes wrong in which connection; the first connection first, none once the list is used up.
    pub faults: Vec<Option<MeterFault>>,
}

impl MeterPlan {
    /// A meter without faults that anybody may read: quarters of its register, long APDUs.
    #[must_use]
    pub fn new(serial: &str, seed: u64, since: Timestamp) -> Self {
        let mut title = *b"TDB\0\0\0\0\0";
        let [.., a, b, c, d, e] = seed.to_be_bytes();
        title.iter_mut().skip(3).zip([a, b, c, d, e]).for_each(|(place, byte)| *place = byte);
        Self {
            title,
            serial: serial.to_owned(),
            seed,
            access: Access::Open,
            period_seconds: 900,
            capture: Capture::Register,
            since,
            missing: BTreeSet::new(),
            clock_ahead: SignedDuration::ZERO,
            events: Vec::new(),
            pdu_max: 1024,
            frame_max: 128,
            faults: Vec::new(),
        }
    }

    /// What was truly measured in the interval that ends then, in Wh: 1 to 400.
    #[must_use]
    pub fn energy_wh(&self, end: Timestamp) -> u32 {
        // A mix of seed and time (SplitMix64), so that no interval is like the one before.
        let mut word = self.seed ^ end.as_second().cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        1 + u32::try_from((word ^ word >> 31) % 400).unwrap_or_default()
    }

    /// What the register shows then, in Wh: the sum of all intervals that have ended.
    #[must_use]
    pub fn register_wh(&self, at: Timestamp) -> u32 {
        self.ends(at).map(|end| self.energy_wh(end)).sum()
    }

    /// The ends of all intervals up to a moment of its clock, the first one period after it began.
    pub(super) fn ends(&self, until: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        let period = i64::from(self.period_seconds.max(1));
        let (first, last) = (self.since.as_second() / period + 1, until.as_second() / period);
        (first..=last).filter_map(move |number| Timestamp::from_second(number * period).ok())
    }

    /// The time on its clock.
    pub(super) fn clock(&self, now: Timestamp) -> Timestamp {
        now.checked_add(self.clock_ahead).unwrap_or(now)
    }
}

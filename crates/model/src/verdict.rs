//! Whether what a meter says counts.
//!
//! The rules that judge are those of each meter language; the words are the same for all.

/// What a message of a meter is, beside those heard before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// New: its readings count.
    Fresh,
    /// Sent before another that was judged earlier, and not heard yet: its readings count.
    Late,
    /// The same message again, from another gateway: its readings count already.
    Repeat,
    /// An alarm: a counter that was used comes with another payload. Its readings do not count.
    CounterReused,
    /// A counter lower than one received before, as far as it is remembered: a replay, or a meter that began anew. Its readings
    /// do not count.
    Older,
    /// Less protected than the meter has sent before. Its readings do not count.
    Downgrade,
}

impl Verdict {
    /// Whether the readings count.
    #[must_use]
    pub const fn gives_readings(self) -> bool {
        matches!(self, Self::Fresh | Self::Late)
    }

    /// Whether somebody should look: not explained by several gateways or late uploads.
    #[must_use]
    pub const fn is_finding(self) -> bool {
        matches!(self, Self::CounterReused | Self::Older | Self::Downgrade)
    }

    /// A short stable code, for counting.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Late => "late",
            Self::Repeat => "repeat",
            Self::CounterReused => "counter-reused",
            Self::Older => "older",
            Self::Downgrade => "downgrade",
        }
    }
}

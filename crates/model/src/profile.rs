//! Standard load profiles as files state them: how consumption of a kind of point is spread over time.

use jiff::Timestamp;

/// Power of ten of a share. Only the ratios of a profile's shares count, so they have no unit.
pub const SHARE_EXPONENT: i8 = -9;

/// The share of a profile from an instant on, or that it has none there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedShare {
    /// The profile's name.
    pub profile: String,
    /// Billionths, never below zero; `None` withdraws the share.
    pub share: Option<i64>,
    /// From when: the begin of a quarter of an hour.
    pub at: Timestamp,
}

//! How cold a month was: degree days of an area.

use jiff::Timestamp;

/// Power of ten of a number of degree days.
pub const DEGREE_DAY_EXPONENT: i8 = -1;

/// Degree days of a month: the sum over its days of how far the mean outdoor temperature lay below the heating limit, in tenths of a
/// kelvin times a day; and those of a normal month of the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedDegreeDays {
    /// The building or area whose weather it is, by name.
    pub area: String,
    /// When the month begins.
    pub at: Timestamp,
    /// Degree days of the month and of a normal one; `None` withdraws both.
    pub days: Option<DegreeDays>,
}

/// Degree days of a month, in tenths, and those of a normal one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DegreeDays {
    /// What there was, 0 or more.
    pub actual: i64,
    /// What there is normally, 0 or more.
    pub normal: i64,
}

//! Estimation: values for intervals that have none, or none that counts.
//!
//! What comes in: intervals in a row, what is known of them, and what methods may look at. What goes out: for each
//! interval without a value an [`Estimate`] that names its method, and nothing else, so that no estimation
//! changes any other interval. Where the register was read at both ends, the estimates sum up to what it says
//! passed, to the last unit: whatever the method, the law of the Norwegian hub (Elhub). Nothing is ever smeared over
//! values that were measured.

mod age;
mod balance;
mod days;
mod family;
mod fit;
mod gap;
mod kind;
mod like;
mod like_days;
mod linear;
mod neighbour;
mod profile;

pub use age::{Chain, chains};
pub use balance::balance;
pub use days::{DayFault, DaySources, DayStretch, estimate_days};
pub use family::FamilyDay;
pub use fit::{FitFault, fit};
pub use gap::{Gap, gaps};
pub use kind::DayKind;
pub use like_days::{Grid, like_days};
pub use profile::Profile;
pub use tidstro_model::Method;

use tidstro_model::{Findings, Mark};

/// Whether a value does not count because it failed one of these rules. What somebody accepted counts.
const fn is_refused(mark: Mark, refused: Findings) -> bool {
    mark.findings().meets(refused) && !mark.is_accepted()
}

/// Intervals in a row, of one series and one resolution. Values are counts of one power of ten of one unit.
#[derive(Debug, Clone, Copy)]
pub struct Stretch<'a> {
    /// What counts; `None` where there is no value or one that was refused.
    pub values: &'a [Option<i64>],
    /// What the meter's register says passed from the first interval's start to the last one's end, in the same
    /// power of ten; `None` unless it was read at both ends.
    pub total: Option<i64>,
}

/// What the methods may look at. Each is asked in the order of `plan`, for each gap anew.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sources<'a> {
    /// Which methods, in which order; the first that can says the value.
    pub plan: &'a [Method],
    /// The longest gap a line is drawn over, in intervals.
    pub linear_max: usize,
    /// The same intervals on like days, nearest day first: without estimates and outages, which are `None`.
    pub like_days: &'a [&'a [Option<i64>]],
    /// How many like days a mean is made of; [`Method::LikeDays`] does not answer with fewer than one.
    pub like_days_count: usize,
    /// Shares of a profile for the same intervals; `None` where it says nothing.
    pub profile: &'a [Option<i64>],
    /// What a parent or check meter leaves for this point (see [`balance`]).
    pub balance: &'a [Option<i64>],
    /// What neighbours or a check meter used in the same intervals: a shape, as that of a profile.
    pub neighbours: &'a [Option<i64>],
}

/// A value that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Index of the interval in the stretch.
    pub slot: usize,
    /// The value.
    pub value: i64,
    /// How it was made, before it was fitted to the register.
    pub method: Method,
}

/// Makes a value for every interval of the stretch that has none and that a method can answer for.
///
/// Intervals no method answers for stay without a value. If the register was read at both ends, none stays: what
/// it says is left is shared out in the shape the methods gave, evenly where they gave none.
///
/// # Errors
/// [`FitFault`] if the measured values alone are more than the register says passed: then one of the two is
/// wrong, and no estimate can tell which.
pub fn estimate(stretch: Stretch<'_>, sources: &Sources<'_>) -> Result<Vec<Estimate>, FitFault> {
    let mut estimates = Vec::new();
    for gap in gaps(stretch.values) {
        let nothing_tells = || stretch.total.map(|_| (Method::Even, vec![0; gap.len]));
        if let Some((method, values)) = shape(stretch, gap, sources).or_else(nothing_tells) {
            let made = gap.slots().zip(values).map(|(slot, value)| Estimate { slot, value, method });
            estimates.extend(made);
        }
    }
    if let Some(total) = stretch.total {
        let mut values: Vec<i64> = estimates.iter().map(|estimate| estimate.value).collect();
        fit(&mut values, left_of(total, stretch.values)?)?;
        for (estimate, value) in estimates.iter_mut().zip(values) {
            estimate.value = value;
        }
    }
    Ok(estimates)
}

/// What the first method that can says of a gap.
fn shape(stretch: Stretch<'_>, gap: Gap, sources: &Sources<'_>) -> Option<(Method, Vec<i64>)> {
    let Stretch { values, total } = stretch;
    let by = |method: &Method| {
        let values = match method {
            Method::Linear => linear::values(values, gap, sources.linear_max),
            Method::LikeDays => like::values(sources.like_days, gap, sources.like_days_count),
            Method::Profile => profile::values(sources.profile, (values, total.is_some()), gap),
            Method::Balance => gap.of(sources.balance)?.iter().copied().collect(),
            Method::Neighbour => profile::values(sources.neighbours, (values, total.is_some()), gap),
            Method::Even => None,
        };
        values.map(|values| (*method, values))
    };
    sources.plan.iter().find_map(by)
}

/// What the register says passed in the intervals without a value.
fn left_of(total: i64, values: &[Option<i64>]) -> Result<i64, FitFault> {
    let measured: i128 = values.iter().flatten().copied().map(i128::from).sum();
    let left = i128::from(total) - measured;
    match i64::try_from(left) {
        Ok(left) if left >= 0 => Ok(left),
        _ => Err(FitFault::MeasuredMore),
    }
}

#[cfg(test)]
mod tests;

//! The way of operating days to the market: how far each area has come, the points behind a number, and releasing.
//!
//! What comes in: who asks, what for, of which area and days. What goes out: counts with the clock of each day, points,
//! or what a release came to. The board and a recount are counts of whole areas; only `points` is about single homes.

mod board;
mod points;
mod release;

pub use board::{AreaCycle, CycleAsk, CycleLine, cycle_board, recount_cycle};
pub use points::{CyclePointAsk, CyclePointLine, WantedState, cycle_points};
pub use release::{ReleaseAsk, release_days};
pub use tidstro_store::{DayCalls, PointCalls, Released};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use tidstro_model::DayRange;

use crate::Workspace;

/// The days asked for that are over: a day that still runs cannot be complete.
fn days_over(workspace: &Workspace, days: DayRange, now: Timestamp) -> Option<DayRange> {
    let today = workspace.zone().day_of(now);
    days.intersect(DayRange::new(Date::MIN, today).ok()?).filter(|days| !days.is_empty())
}

/// Each day of a range that ends.
fn each_day(days: DayRange) -> impl Iterator<Item = Date> {
    days.start().series(1.day()).take_while(move |day| *day < days.end())
}

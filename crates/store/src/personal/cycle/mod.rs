//! How far the operating days of grid areas have come: counted, listed by point, released.
//!
//! What comes in: each new version of an interval series beside the one before it, permits to count, to read and to
//! export. What goes out: counts for each area and day, points behind a number, and which version goes out. Counts are
//! kept up as differences in the transaction of what they count. Never: a value, or a released version that changes.

mod board;
mod calls;
mod counts;
mod expected;
mod points;
mod recount;
mod release;
mod state;

pub use board::{CycleArea, CycleDay, DayCalls};
pub use points::{CyclePoint, PointCalls};
pub use release::{ReleaseDay, Released};

pub(crate) use calls::count_call;
pub(super) use counts::CycleChanges;
pub(crate) use expected::master_changed;
pub(super) use expected::{Expected, area_on, expected_of, expected_of_all};
pub(super) use state::{LastRelease, day_state, last_release};

use tidstro_govern::Target;
use tidstro_model::AreaNo;

use crate::StoreFault;
use crate::gate::Terms;

/// The one area a permit is about.
pub(super) fn only_area(terms: &Terms) -> Result<AreaNo, StoreFault> {
    match terms.target {
        Target::Area(area) => Ok(area),
        other => Err(StoreFault::PermitForOther {
            permit: format!("{} {} of {other}", terms.operation, terms.category),
            needed: "one area".to_owned(),
        }),
    }
}

//! Settlement sums, kept in the transaction of every registration.
//!
//! What comes in: for each local day of a series that a transaction changes, its block before and after. What is kept: one
//! exact sum for each group (grid area with supplier and balance responsible, or with a neighbour) and local day, sealed.
//! What goes out, under a permit: the sums of an area, with those counted as missing whose block never came. A sum costs
//! what changed, and a recomputation from the blocks must equal it to the digit. Never: a guess. A block that cannot be
//! settled is in no sum, and is listed with the reason.
//!
//! The files: `point` says what a point counts in; `changed` turns a changed block into changes of sums; `sums` keeps them;
//! `left` lists what is in no sum; `resettle` follows master data; `part` is what is settled at a time, `blocks` opens what lies in
//! it; `computed` makes sums from blocks, `recompute` compares and rebuilds with them; `view` is the door;
//! `missing` names days with missing values; `children` gives families to the rules
//! that compute a child's series of its parent's values, `capacity`, `heating` and `net_consumption`, by `customers`; `run` runs calculations, `owed` computes their
//! amounts, `frozen` and `amounts` keep what they left; `expire` is the end. Why so: `docs/DECISIONS/0023-settlement-sums.md` and `0029-settlement-kept.md`.

mod amounts;
mod beyond;
mod blocks;
mod capacity;
mod changed;
mod children;
mod computed;
mod customers;
mod expire;
mod frozen;
mod heating;
mod kept;
mod left;
mod missing;
mod net_consumption;
mod owed;
mod part;
mod point;
mod recompute;
mod resettle;
mod run;
mod sums;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use tidstro_metering::settlement::{DaySums, GroupKey};
use tidstro_model::{PointNo, SeriesNo};

pub use capacity::SettledCapacity;
pub use children::{ChildLeft, ChildSeries};
pub use heating::SettledHeating;
pub use left::{Left, LeftBlock};
pub use net_consumption::SettledNetConsumption;
pub use recompute::{Differing, Rebuilt, Verified};
pub use run::SettledRun;
pub use view::SettledDay;

pub(crate) use changed::block_changed;
pub(crate) use kept::begin;
pub(crate) use point::SettledPoint;
pub(crate) use resettle::resettle;
pub(crate) use sums::save;

/// What a transaction has changed so far, and what was looked up for it.
#[derive(Default)]
pub(crate) struct Settling {
    /// Whether the register has a category for sums.
    is_asked: bool,
    /// The first local day whose sums are kept; inner `None` where none are. Outer `None`: not looked up.
    kept_from: Option<Option<i32>>,
    points: FxHashMap<PointNo, Option<Arc<SettledPoint>>>,
    groups: FxHashMap<GroupKey, i64>,
    /// Changes of sums by local day, not yet written.
    days: BTreeMap<i32, DaySums>,
    /// Blocks that are left out from now on, or no more.
    left: BTreeMap<(i32, SeriesNo), Option<Left>>,
}

impl Settling {
    /// For a store whose register has a category for sums, or none.
    pub(crate) fn new(is_asked: bool) -> Self {
        Self { is_asked, ..Self::default() }
    }

    /// Drops what was looked up. Changes that are not written yet stay.
    pub(crate) fn forget(&mut self) {
        self.kept_from = None;
        self.points.clear();
        self.groups.clear();
    }

    /// Drops everything, after a transaction that came to nothing.
    pub(crate) fn abandon(&mut self) {
        *self = Self::new(self.is_asked);
    }

    /// Drops what was looked up of points, after master data changed.
    pub(crate) fn forget_points(&mut self) {
        self.points.clear();
    }
}

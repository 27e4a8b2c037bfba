//! What a permit to collect covers: a category, kinds of areas, and every occupancy that is not cut.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use tidstro_calendar::epoch_day;
use tidstro_govern::Reach;
use tidstro_model::{AreaKind, CategoryId, OccupancyNo};

use crate::gate::Terms;

/// A permit's reach, ready to be asked for each day of a batch.
pub(crate) struct Cover {
    terms: Arc<Terms>,
    /// The first local day still reached, of occupancies that are cut.
    cuts: FxHashMap<OccupancyNo, i32>,
}

impl Cover {
    pub(crate) fn of(terms: &Arc<Terms>) -> Self {
        Self { terms: Arc::clone(terms), cuts: cuts_of(&terms.scope().reach) }
    }

    /// The terms of the permit.
    pub(super) fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Whether the permit is for this category.
    pub(super) fn is_for(&self, category: &CategoryId) -> bool {
        self.terms.category == *category
    }

    /// Whether values of this category in this kind of area are covered, whoever they belong to.
    pub(super) fn covers(&self, category: &str, area: AreaKind) -> bool {
        self.terms.category.as_str() == category && self.terms.scope().areas.contains(&area)
    }

    /// Whether a day of whoever lived there is reached.
    pub(super) fn reaches(&self, occupancy: Option<OccupancyNo>, day: i32) -> bool {
        occupancy.and_then(|occupancy| self.cuts.get(&occupancy)).is_none_or(|from| day >= *from)
    }
}

/// From which local day on each cut occupancy is reached.
pub(super) fn cuts_of(reach: &Reach) -> FxHashMap<OccupancyNo, i32> {
    match reach {
        Reach::Target { cuts, .. } => cuts.iter().map(|(no, from)| (*no, epoch_day(*from))).collect(),
        Reach::Occupancies(_) => FxHashMap::default(),
    }
}

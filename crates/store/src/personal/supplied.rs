//! When a value of a metering point may be: not in the future, and while somebody supplied the point.
//!
//! What comes in: a local day of a series, and when it comes. What goes out: the bounds that the rule *outside* compares
//! with. A point without any supplier in the master data is not judged by suppliers: nothing is known of them.

use std::collections::hash_map::Entry;

use crate::db::Connection;
use tidstro_calendar::epoch_day;
use tidstro_metering::Bounds;
use tidstro_model::{Commodity, DayRange, PointNo};

use super::Writing;
use super::state::Judged;
use crate::StoreFault;
use crate::reference::{KnownAt, SeriesMeta, supplies_of};

/// The days on which a point was supplied; `None` where nothing is known of its suppliers.
pub(super) struct Supplied(Option<Vec<DayRange>>);

impl Supplied {
    /// Only electricity has suppliers here.
    fn load(db: &Connection, meta: &SeriesMeta) -> Result<Self, StoreFault> {
        if !matches!(meta.commodity, Commodity::ElectricityConsumption | Commodity::ElectricityProduction) {
            return Ok(Self(None));
        }
        let supplies = supplies_of(db, meta.point, KnownAt::NOW)?;
        let days: Vec<DayRange> = supplies.periods().iter().map(|supply| supply.days).collect();
        Ok(Self((!days.is_empty()).then_some(days)))
    }
}

impl Writing {
    /// Which intervals of a day may have a value; `None` if all may, which is found without looking at them.
    pub(super) fn bounds(&mut self, judged: &Judged<'_>) -> Result<Option<Bounds>, StoreFault> {
        let (meta, day) = (judged.meta, judged.day);
        let is_over = epoch_day(day) < epoch_day(self.zone.day_of(judged.now));
        let supplies = self.supplied(meta)?.0.as_deref();
        if is_over && supplies.is_none_or(|days| days.iter().any(|supply| supply.contains(day))) {
            return Ok(None);
        }
        let supplies = supplies.map(<[DayRange]>::to_vec);
        let grid = (&self.zone, meta.resolution);
        Ok(Some(Bounds::of_day(grid, day, judged.now, DayRange::always(), supplies.as_deref())))
    }

    fn supplied(&mut self, meta: &SeriesMeta) -> Result<&Supplied, StoreFault> {
        let point: PointNo = meta.point;
        match self.supplied.entry(point) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => Ok(unknown.insert(Supplied::load(&self.db, meta)?)),
        }
    }
}

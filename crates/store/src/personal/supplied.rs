//! When a value of a metering point may be: not in the future, and while somebody supplied the point.
//!
//! What comes in: a local day of a series, and when it comes. What goes out: the bounds that the rule *outside* compares
//! with. A point without any supplier in the master data is not judged by suppliers: nothing is known of them.

use std::collections::BTreeSet;
use std::collections::hash_map::Entry;

use crate::db::Connection;
use jiff::{Timestamp, civil::Date};
use rustc_hash::FxHashMap;
use tidstro_calendar::{Zone, epoch_day};
use tidstro_metering::Bounds;
use tidstro_model::{Commodity, DayRange, Parties, PointNo, Resolution, Timeline};

use super::Writing;
use super::state::Judged;
use crate::StoreFault;
use crate::reference::{KnownAt, SeriesMeta, supplies_of, supplies_of_all};

/// The days on which a point was supplied; `None` where nothing is known of its suppliers.
#[derive(Clone, Default)]
pub(super) struct Supplied(Option<Vec<DayRange>>);

impl Supplied {
    /// What is known of the suppliers of a series' point.
    pub(super) fn load(db: &Connection, meta: &SeriesMeta) -> Result<Self, StoreFault> {
        if !has_suppliers(meta) {
            return Ok(Self(None));
        }
        Ok(Self::of(&supplies_of(db, meta.point, KnownAt::NOW)?))
    }

    /// What is known of the suppliers of many series' points.
    pub(super) fn load_all<'m>(
        db: &Connection,
        metas: impl Iterator<Item = &'m SeriesMeta>,
    ) -> Result<FxHashMap<PointNo, Self>, StoreFault> {
        let points: BTreeSet<PointNo> =
            metas.filter(|meta| has_suppliers(meta)).map(|meta| meta.point).collect();
        let points: Vec<PointNo> = points.into_iter().collect();
        let mut found = supplies_of_all(db, &points, KnownAt::NOW)?;
        let of = |point| (point, Self::of(&found.remove(&point).unwrap_or_default()));
        Ok(points.into_iter().map(of).collect())
    }

    fn of(supplies: &Timeline<Parties>) -> Self {
        let days: Vec<DayRange> = supplies.periods().iter().map(|supply| supply.days).collect();
        Self((!days.is_empty()).then_some(days))
    }

    /// Which intervals of a day may have a value; `None` if all may, which is found without looking at them.
    pub(super) fn bounds(
        &self,
        (zone, resolution): (&Zone, Resolution),
        day: Date,
        now: Timestamp,
    ) -> Option<Bounds> {
        let supplies = self.0.as_deref();
        let is_over = epoch_day(day) < epoch_day(zone.day_of(now));
        if is_over && supplies.is_none_or(|days| days.iter().any(|supply| supply.contains(day))) {
            return None;
        }
        Some(Bounds::of_day((zone, resolution), day, now, DayRange::always(), supplies))
    }
}

/// Only electricity has suppliers here.
const fn has_suppliers(meta: &SeriesMeta) -> bool {
    matches!(meta.commodity, Commodity::ElectricityConsumption | Commodity::ElectricityProduction)
}

impl Writing {
    /// Which intervals of a day may have a value; `None` if all may, which is found without looking at them.
    pub(super) fn bounds(&mut self, judged: &Judged<'_>) -> Result<Option<Bounds>, StoreFault> {
        self.supplied(judged.meta)?;
        let grid = (&self.zone, judged.meta.resolution);
        let supplied = self.supplied.get(&judged.meta.point);
        Ok(supplied.and_then(|supplied| supplied.bounds(grid, judged.day, judged.now)))
    }

    /// Looks up the suppliers of points where they are not known yet, all at once; from PostgreSQL only.
    pub(super) fn look_up_supplies(&mut self, metas: &[SeriesMeta]) -> Result<(), StoreFault> {
        let is_unknown = |meta: &&SeriesMeta| has_suppliers(meta) && !self.supplied.contains_key(&meta.point);
        let unknown: Vec<PointNo> = metas.iter().filter(is_unknown).map(|meta| meta.point).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let mut found = supplies_of_all(&self.db, &unknown, KnownAt::NOW)?;
        for point in unknown {
            let supplies = found.remove(&point).unwrap_or_default();
            self.supplied.entry(point).or_insert_with(|| Supplied::of(&supplies));
        }
        Ok(())
    }

    fn supplied(&mut self, meta: &SeriesMeta) -> Result<&Supplied, StoreFault> {
        let point: PointNo = meta.point;
        match self.supplied.entry(point) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => Ok(unknown.insert(Supplied::load(&self.db, meta)?)),
        }
    }
}

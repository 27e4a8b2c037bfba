//! Where a point lies, and which key seals its data of a local day: one of the occupancy's, or the
//! premises' when nobody lives there.

use std::collections::hash_map::Entry;

use rusqlite::{Connection, params};
use tidstro_model::{AreaKind, KeyNo, OccupancyNo, PointNo};

use super::Writing;
use crate::StoreFault;
use crate::reference::SeriesCategory;

/// The keys of one metering point over time.
pub(super) struct Place {
    area: AreaKind,
    premises: KeyNo,
    /// `(start_day, end_day, keys)` of each occupancy, half open, in order of time.
    occupancies: Vec<(i32, i32, OccupancyKeys)>,
}

/// The keys of one occupancy: what ends at different times is sealed with different keys.
#[derive(Clone, Copy)]
pub(super) struct OccupancyKeys {
    consumption: KeyNo,
    indoor_climate: KeyNo,
    telegrams: KeyNo,
}

impl OccupancyKeys {
    /// The key of series of a category.
    pub(super) const fn of_series(self, category: SeriesCategory) -> KeyNo {
        match category {
            SeriesCategory::Consumption => self.consumption,
            SeriesCategory::IndoorClimate => self.indoor_climate,
        }
    }

    /// Reads the three columns from `first` on.
    fn from_row(row: &rusqlite::Row<'_>, first: usize) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            consumption: KeyNo::new(row.get(first)?),
            indoor_climate: KeyNo::new(row.get(first + 1)?),
            telegrams: KeyNo::new(row.get(first + 2)?),
        })
    }
}

/// The keys of an occupancy.
pub(super) fn keys_of_occupancy(
    db: &Connection,
    occupancy: OccupancyNo,
) -> Result<OccupancyKeys, StoreFault> {
    let keys = db
        .prepare_cached(
            "-- keys_of_occupancy
             SELECT consumption_key_no, climate_key_no, telegram_key_no FROM occupancy WHERE occupancy_no = ?1",
        )?
        .query_row([occupancy.as_u32()], |row| OccupancyKeys::from_row(row, 0))?;
    Ok(keys)
}

impl Place {
    fn load(db: &Connection, point: PointNo) -> Result<Self, StoreFault> {
        let (premises, area): (u32, String) = db
            .prepare_cached(
                "-- place_of_point
                 SELECT p.premises_key_no, a.kind FROM point p JOIN area a USING (area_no) WHERE p.point_no = ?1",
            )?
            .query_row(params![point.as_u32()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let area = AreaKind::from_code(&area).ok_or(StoreFault::Row { what: "area.kind" })?;
        let occupancies = db
            .prepare_cached(
                "-- occupancy_keys
                 SELECT o.start_day, o.end_day, o.consumption_key_no, o.climate_key_no, o.telegram_key_no
                 FROM occupancy_point p JOIN occupancy o USING (occupancy_no)
                 WHERE p.point_no = ?1 ORDER BY o.start_day",
            )?
            .query_map(params![point.as_u32()], |row| {
                Ok((row.get(0)?, row.get(1)?, OccupancyKeys::from_row(row, 2)?))
            })?
            .collect::<Result<_, _>>()?;
        Ok(Self { area, premises: KeyNo::new(premises), occupancies })
    }

    /// The keys of who lives there on a local day.
    fn occupancy_on(&self, day: i32) -> Option<OccupancyKeys> {
        let found = self.occupancies.iter().find(|(start, end, _)| (*start..*end).contains(&day));
        found.map(|(_, _, keys)| *keys)
    }
}

impl Writing {
    /// The key that seals series of this category at this point on this local day (days since 1970-01-01).
    pub(super) fn series_key_on(
        &mut self,
        point: PointNo,
        category: SeriesCategory,
        day: i32,
    ) -> Result<KeyNo, StoreFault> {
        let place = self.place(point)?;
        Ok(place.occupancy_on(day).map_or(place.premises, |keys| keys.of_series(category)))
    }

    /// The key that seals telegrams heard from this point on this local day.
    pub(super) fn telegram_key_on(&mut self, point: PointNo, day: i32) -> Result<KeyNo, StoreFault> {
        let place = self.place(point)?;
        Ok(place.occupancy_on(day).map_or(place.premises, |keys| keys.telegrams))
    }

    /// The kind of area the point lies in.
    pub(super) fn area_of(&mut self, point: PointNo) -> Result<AreaKind, StoreFault> {
        Ok(self.place(point)?.area)
    }

    fn place(&mut self, point: PointNo) -> Result<&Place, StoreFault> {
        match self.places.entry(point) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => Ok(unknown.insert(Place::load(&self.db, point)?)),
        }
    }
}

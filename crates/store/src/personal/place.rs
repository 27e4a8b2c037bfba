//! Where a point lies, and which key seals its data of a local day: the occupancy's, or the premises'
//! when nobody lives there.

use std::collections::hash_map::Entry;

use rusqlite::{Connection, params};
use tidstro_model::{AreaKind, KeyNo, PointNo};

use super::Writing;
use crate::StoreFault;

/// The keys of one metering point over time.
pub(super) struct Place {
    area: AreaKind,
    premises: KeyNo,
    /// `(start_day, end_day, key)` of each occupancy, half open, in order of time.
    occupancies: Vec<(i32, i32, KeyNo)>,
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
                 SELECT o.start_day, o.end_day, o.key_no
                 FROM occupancy_point p JOIN occupancy o USING (occupancy_no)
                 WHERE p.point_no = ?1 ORDER BY o.start_day",
            )?
            .query_map(params![point.as_u32()], |row| {
                Ok((row.get(0)?, row.get(1)?, KeyNo::new(row.get(2)?)))
            })?
            .collect::<Result<_, _>>()?;
        Ok(Self { area, premises: KeyNo::new(premises), occupancies })
    }

    fn key_on(&self, day: i32) -> KeyNo {
        self.occupancies
            .iter()
            .find(|(start, end, _)| (*start..*end).contains(&day))
            .map_or(self.premises, |(_, _, key)| *key)
    }
}

impl Writing {
    /// The key that seals data of this point on this local day (days since 1970-01-01).
    pub(super) fn key_on(&mut self, point: PointNo, day: i32) -> Result<KeyNo, StoreFault> {
        Ok(self.place(point)?.key_on(day))
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

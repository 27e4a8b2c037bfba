//! Which key seals a point's data of a local day: the occupancy's, or the premises' when nobody
//! lives there.

use rusqlite::{Connection, params};
use tidstro_model::{KeyNo, PointNo};

use super::Writing;
use crate::StoreFault;

/// The keys of one metering point over time.
pub(super) struct Place {
    premises: KeyNo,
    /// `(start_day, end_day, key)` of each occupancy, half open, in order of time.
    occupancies: Vec<(i32, i32, KeyNo)>,
}

impl Place {
    fn load(db: &Connection, point: PointNo) -> Result<Self, StoreFault> {
        let premises = db
            .prepare_cached(
                "-- premises_key
                 SELECT premises_key_no FROM point WHERE point_no = ?1",
            )?
            .query_row(params![point.as_u32()], |row| row.get(0))?;
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
        Ok(Self { premises: KeyNo::new(premises), occupancies })
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
        if let Some(place) = self.places.get(&point) {
            return Ok(place.key_on(day));
        }
        let place = Place::load(&self.db, point)?;
        let key = place.key_on(day);
        self.places.insert(point, place);
        Ok(key)
    }
}

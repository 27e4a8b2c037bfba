//! Where a point lies, and which key seals its data of a local day: one of the occupancy's, or the
//! premises' when nobody lives there.

use std::collections::hash_map::Entry;
use std::ops::Range;

use crate::db::{Connection, DbFault, Row, params};
use rustc_hash::FxHashMap;
use tidstro_model::{AreaKind, AreaNo, KeyNo, OccupancyNo, PointNo};

use super::Writing;
use super::cycle::{Expected, area_on, expected_of, expected_of_all};
use crate::StoreFault;
use crate::reference::{SeriesCategory, SeriesKind, SeriesMeta};

/// The keys of one metering point over time.
pub(super) struct Place {
    area: AreaKind,
    area_no: AreaNo,
    /// When values of the point are expected.
    expected: Vec<Expected>,
    premises: KeyNo,
    /// Local days before this one belonged to somebody who is erased.
    closed_before: i32,
    /// Who lived there, in order of time.
    occupancies: Vec<LivedHere>,
}

/// One occupancy at a point: local days, half open, with its keys and what of it is erased.
#[derive(Clone, Copy)]
struct LivedHere {
    start: i32,
    end: i32,
    occupancy: OccupancyNo,
    keys: OccupancyKeys,
    /// The first local days not erased: of consumption, indoor climate, telegrams, alarms.
    held_from: [i32; 4],
}

/// The keys of one occupancy: what ends at different times is sealed with different keys.
#[derive(Clone, Copy)]
pub(crate) struct OccupancyKeys {
    pub(crate) consumption: KeyNo,
    pub(crate) indoor_climate: KeyNo,
    pub(crate) telegrams: KeyNo,
    pub(crate) alarms: KeyNo,
}

impl OccupancyKeys {
    /// The key of series of a category.
    pub(super) const fn of_series(self, category: SeriesCategory) -> KeyNo {
        match category {
            SeriesCategory::Consumption => self.consumption,
            SeriesCategory::IndoorClimate => self.indoor_climate,
        }
    }

    /// Reads the four columns from `first` on.
    fn from_row(row: &Row<'_>, first: usize) -> Result<Self, DbFault> {
        Ok(Self {
            consumption: KeyNo::new(row.get(first)?),
            indoor_climate: KeyNo::new(row.get(first + 1)?),
            telegrams: KeyNo::new(row.get(first + 2)?),
            alarms: KeyNo::new(row.get(first + 3)?),
        })
    }
}

/// The keys of an occupancy.
pub(crate) fn keys_of_occupancy(
    db: &Connection,
    occupancy: OccupancyNo,
) -> Result<OccupancyKeys, StoreFault> {
    let keys = db
        .prepare_cached(
            "-- keys_of_occupancy
             SELECT consumption_key_no, climate_key_no, telegram_key_no, alarm_key_no
             FROM occupancy WHERE occupancy_no = ?1",
        )?
        .query_row([occupancy.as_u32()], |row| OccupancyKeys::from_row(row, 0))?;
    Ok(keys)
}

/// Those of some local days on which what was consumed at a point is erased already.
pub(crate) fn over_days(
    db: &Connection,
    point: PointNo,
    days: impl IntoIterator<Item = i32>,
) -> Result<Vec<i32>, StoreFault> {
    let place = Place::load(db, point)?;
    let kind = Kind::Series(SeriesCategory::Consumption);
    Ok(days.into_iter().filter(|day| place.owner(kind, *day).is_over).collect())
}

/// The same for many points, rising, each with its days.
pub(crate) fn over_days_of(
    db: &Connection,
    points: &[PointNo],
    days: Range<i32>,
) -> Result<Vec<(PointNo, i32)>, StoreFault> {
    let numbers: Vec<i64> = points.iter().map(|point| point.as_u32().into()).collect();
    let mut known = match db.postgres() {
        Some(_) => Place::load_all(db, &numbers)?,
        None => FxHashMap::default(),
    };
    let kind = Kind::Series(SeriesCategory::Consumption);
    let mut over = Vec::new();
    for point in points {
        let place = known.remove(point).map_or_else(|| Place::load(db, *point), Ok)?;
        let is_over = |day: &i32| place.owner(kind, *day).is_over;
        over.extend(days.clone().filter(is_over).map(|day| (*point, day)));
    }
    Ok(over)
}

/// What is kept at a point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Values of a category.
    Series(SeriesCategory),
    /// Raw telegrams.
    Telegrams,
    /// Alarms.
    Alarms,
}

/// Whose the data of one local day are, and what seals them.
#[derive(Clone, Copy)]
pub(crate) struct Owner {
    /// Who lived there, if somebody did.
    pub(super) occupancy: Option<OccupancyNo>,
    /// What seals the day.
    pub(super) key: KeyNo,
    /// Whether the day was erased already: nothing more is taken in.
    pub(crate) is_over: bool,
}

impl Place {
    fn load(db: &Connection, point: PointNo) -> Result<Self, StoreFault> {
        let mut place = db
            .prepare_cached(
                "-- place_of_point
                 SELECT p.premises_key_no, a.kind, p.closed_before, p.area_no
                 FROM point p JOIN area a USING (area_no) WHERE p.point_no = ?1",
            )?
            .query_and_then(params![point.as_u32()], Self::from_row)?
            .next()
            .unwrap_or_else(|| Err(DbFault::NoRow.into()))?;
        place.occupancies = db
            .prepare_cached(
                "-- occupancy_keys
                 SELECT o.start_day, o.end_day, o.occupancy_no, o.consumption_key_no, o.climate_key_no,
                        o.telegram_key_no, o.alarm_key_no, o.consumption_from, o.climate_from, o.telegram_from,
                        o.alarm_from
                 FROM occupancy_point p JOIN occupancy o USING (occupancy_no)
                 WHERE p.point_no = ?1 ORDER BY o.start_day",
            )?
            .query_map(params![point.as_u32()], LivedHere::from_row)?
            .collect::<Result<_, _>>()?;
        place.expected = expected_of(db, point, i64::MAX)?;
        Ok(place)
    }

    /// The same for many points, from PostgreSQL in three answers. A point that is not there is left out.
    fn load_all(db: &Connection, points: &[i64]) -> Result<FxHashMap<PointNo, Self>, StoreFault> {
        let mut places: FxHashMap<PointNo, Self> = db
            .prepare_cached(
                "-- places_of_points
                 SELECT p.premises_key_no, a.kind, p.closed_before, p.area_no, p.point_no
                 FROM point p JOIN area a ON a.area_no = p.area_no
                 WHERE p.point_no = ANY (CAST(?1 AS BIGINT[]))",
            )?
            .query_and_then(params![points], |row| Ok((PointNo::new(row.get(4)?), Self::from_row(row)?)))?
            .collect::<Result<_, StoreFault>>()?;
        let mut statement = db.prepare_cached(
            "-- occupancy_keys_of_points
             SELECT o.start_day, o.end_day, o.occupancy_no, o.consumption_key_no, o.climate_key_no,
                    o.telegram_key_no, o.alarm_key_no, o.consumption_from, o.climate_from, o.telegram_from,
                    o.alarm_from, p.point_no
             FROM occupancy_point p JOIN occupancy o ON o.occupancy_no = p.occupancy_no
             WHERE p.point_no = ANY (CAST(?1 AS BIGINT[])) ORDER BY o.start_day",
        )?;
        let mut rows = statement.query(params![points])?;
        while let Some(row) = rows.next()? {
            if let Some(place) = places.get_mut(&PointNo::new(row.get(11)?)) {
                place.occupancies.push(LivedHere::from_row(&row)?);
            }
        }
        for (point, expected) in expected_of_all(db, points, i64::MAX)? {
            if let Some(place) = places.get_mut(&point) {
                place.expected = expected;
            }
        }
        Ok(places)
    }

    /// A place before anybody lives there: the premises' key, the kind of area, the first day that is open, the area.
    fn from_row(row: &Row<'_>) -> Result<Self, StoreFault> {
        let area: String = row.get(1)?;
        Ok(Self {
            area: AreaKind::from_code(&area).ok_or(StoreFault::Row { what: "area.kind" })?,
            area_no: AreaNo::new(row.get(3)?),
            expected: Vec::new(),
            premises: KeyNo::new(row.get(0)?),
            closed_before: row.get(2)?,
            occupancies: Vec::new(),
        })
    }

    fn owner(&self, kind: Kind, day: i32) -> Owner {
        let lived = self.occupancies.iter().find(|lived| (lived.start..lived.end).contains(&day));
        match lived {
            Some(lived) => lived.owner(kind, day),
            None => Owner { occupancy: None, key: self.premises, is_over: day < self.closed_before },
        }
    }
}

impl LivedHere {
    fn from_row(row: &Row<'_>) -> Result<Self, DbFault> {
        Ok(Self {
            start: row.get(0)?,
            end: row.get(1)?,
            occupancy: OccupancyNo::new(row.get(2)?),
            keys: OccupancyKeys::from_row(row, 3)?,
            held_from: [row.get(7)?, row.get(8)?, row.get(9)?, row.get(10)?],
        })
    }

    const fn owner(&self, kind: Kind, day: i32) -> Owner {
        let [consumption, climate, telegrams, alarms] = self.held_from;
        let (key, held_from) = match kind {
            Kind::Series(SeriesCategory::Consumption) => (self.keys.consumption, consumption),
            Kind::Series(SeriesCategory::IndoorClimate) => (self.keys.indoor_climate, climate),
            Kind::Telegrams => (self.keys.telegrams, telegrams),
            Kind::Alarms => (self.keys.alarms, alarms),
        };
        Owner { occupancy: Some(self.occupancy), key, is_over: day < held_from }
    }
}

impl Writing {
    /// Whose the data of this kind at this point on this local day (days since 1970-01-01) are.
    pub(crate) fn owner_of(&mut self, point: PointNo, kind: Kind, day: i32) -> Result<Owner, StoreFault> {
        Ok(self.place(point)?.owner(kind, day))
    }

    /// The kind of area the point lies in.
    pub(crate) fn area_of(&mut self, point: PointNo) -> Result<AreaKind, StoreFault> {
        Ok(self.place(point)?.area)
    }

    /// The area the point lies in.
    pub(super) fn area_no_of(&mut self, point: PointNo) -> Result<AreaNo, StoreFault> {
        Ok(self.place(point)?.area_no)
    }

    /// The grid area in which values of a series are expected on a local day; `None` if they are not.
    pub(super) fn expected_in(
        &mut self,
        meta: &SeriesMeta,
        period: i32,
    ) -> Result<Option<AreaNo>, StoreFault> {
        if meta.kind == SeriesKind::Register {
            return Ok(None);
        }
        Ok(area_on(&self.place(meta.point)?.expected, meta.resolution, period))
    }

    /// Looks up places that are not known yet, all at once; from PostgreSQL only.
    pub(super) fn look_up_places(&mut self, points: &[PointNo]) -> Result<(), StoreFault> {
        let unknown = points.iter().filter(|point| !self.places.contains_key(*point));
        let unknown: Vec<i64> = unknown.map(|point| point.as_u32().into()).collect();
        if !unknown.is_empty() {
            self.places.extend(Place::load_all(&self.db, &unknown)?);
        }
        Ok(())
    }

    fn place(&mut self, point: PointNo) -> Result<&Place, StoreFault> {
        match self.places.entry(point) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => Ok(unknown.insert(Place::load(&self.db, point)?)),
        }
    }
}

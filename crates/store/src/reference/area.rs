//! Which areas and subjects there are, without who they are.

use std::collections::BTreeMap;

use crate::db::{Connection, OptionalExtension, Row, Things};
use rustc_hash::FxHashMap;
use tidstro_model::{Area, AreaKind, AreaNo, Commodity, Point, PointNo, SubjectNo};

use crate::StoreFault;

/// A building or grid area, by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaEntry {
    /// Its number.
    pub area: AreaNo,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: AreaKind,
    /// How many metering points it has.
    pub points: u64,
}

/// Every area, in the order of registration.
pub(crate) fn areas(db: &Connection) -> Result<Vec<AreaEntry>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- areas
         SELECT a.area_no, a.name, a.kind, (SELECT count(*) FROM point p WHERE p.area_no = a.area_no)
         FROM area a ORDER BY a.area_no",
    )?;
    let mut rows = statement.query([])?;
    let mut areas = Vec::new();
    while let Some(row) = rows.next()? {
        let kind: String = row.get(2)?;
        areas.push(AreaEntry {
            area: AreaNo::new(row.get(0)?),
            name: row.get(1)?,
            kind: AreaKind::from_code(&kind).ok_or(StoreFault::Row { what: "area.kind" })?,
            points: row.get::<_, i64>(3)?.unsigned_abs(),
        });
    }
    Ok(areas)
}

/// Every point of a building or grid area, with its area, in the order of registration.
pub(crate) fn places(db: &Connection) -> Result<Vec<(Area, Point)>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- places
         SELECT a.name, a.kind, p.own_id, p.commodity, p.flat, p.room, p.transformer
         FROM point p JOIN area a ON a.area_no = p.area_no WHERE a.kind <> 'unassigned' ORDER BY p.point_no",
    )?;
    let rows = statement.query_and_then([], place_from)?;
    rows.collect()
}

/// The points with these identifiers, and their numbers.
pub(super) fn places_named(
    db: &Connection,
    own_ids: &[String],
) -> Result<FxHashMap<String, (PointNo, Point)>, StoreFault> {
    let sql = "-- places_named
         SELECT a.name, a.kind, p.own_id, p.commodity, p.flat, p.room, p.transformer, p.point_no
         FROM point p JOIN area a ON a.area_no = p.area_no WHERE p.own_id = ?1";
    let found = db.query_each(sql, Things::Names(own_ids), &[], |row| {
        let (_, point) = place_from(row)?;
        Ok::<_, StoreFault>((point.own_id.clone(), (PointNo::new(row.get(7)?), point)))
    })?;
    Ok(found.into_iter().collect())
}

/// The kinds of the areas with these names.
pub(super) fn area_kinds(
    db: &Connection,
    names: &[String],
) -> Result<BTreeMap<String, AreaKind>, StoreFault> {
    let sql = "-- area_kinds\nSELECT a.name, a.kind FROM area a WHERE a.name = ?1";
    let found = db.query_each(sql, Things::Names(names), &[], |row| {
        let kind: String = row.get(1)?;
        let kind = AreaKind::from_code(&kind).ok_or(StoreFault::Row { what: "area.kind" })?;
        Ok::<_, StoreFault>((row.get(0)?, kind))
    })?;
    Ok(found.into_iter().collect())
}

fn place_from(row: &Row<'_>) -> Result<(Area, Point), StoreFault> {
    let (kind, commodity): (String, String) = (row.get(1)?, row.get(3)?);
    let area = Area {
        name: row.get(0)?,
        kind: AreaKind::from_code(&kind).ok_or(StoreFault::Row { what: "area.kind" })?,
    };
    let point = Point {
        own_id: row.get(2)?,
        area: area.name.clone(),
        commodity: Commodity::from_code(&commodity).ok_or(StoreFault::Row { what: "point.commodity" })?,
        flat: row.get(4)?,
        room: row.get(5)?,
        interval: None,
        transformer: row.get(6)?,
    };
    Ok((area, point))
}

/// The subject master data call by this reference.
pub(crate) fn referenced_subject(db: &Connection, reference: &str) -> Result<Option<SubjectNo>, StoreFault> {
    let number = db
        .prepare_cached(
            "-- referenced_subject
             SELECT subject_no FROM subject WHERE reference = ?1",
        )?
        .query_row([reference], |row| row.get(0))
        .optional()?;
    Ok(number.map(SubjectNo::new))
}

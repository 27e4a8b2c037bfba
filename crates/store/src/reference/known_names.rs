//! What is known by name, many names at once.
//!
//! What comes in: identifiers of points, references of people. What goes out: their numbers, and who lived at a point; what is not
//! known is left out. Never: a row written.

use rustc_hash::FxHashMap;
use tidstro_model::PointNo;

use crate::StoreFault;
use crate::db::{Connection, Row, Things};

/// The numbers of the points with these identifiers.
pub(super) fn points_named(
    db: &Connection,
    own_ids: &[String],
) -> Result<FxHashMap<String, PointNo>, StoreFault> {
    let sql = "-- points_named\nSELECT p.own_id, p.point_no FROM point p WHERE p.own_id = ?1";
    let found = db.query_each(sql, Things::Names(own_ids), &[], |row| {
        Ok::<_, StoreFault>((row.get(0)?, PointNo::new(row.get(1)?)))
    })?;
    Ok(found.into_iter().collect())
}

/// The numbers of the people with these references.
pub(super) fn subjects_named(
    db: &Connection,
    references: &[String],
) -> Result<FxHashMap<String, i64>, StoreFault> {
    let sql = "-- subjects_named\nSELECT s.reference, s.subject_no FROM subject s WHERE s.reference = ?1";
    let found = db.query_each(sql, Things::Names(references), &[], |row| {
        Ok::<_, StoreFault>((row.get(0)?, row.get(1)?))
    })?;
    Ok(found.into_iter().collect())
}

/// An occupancy at a point. It has no `Debug`: it says when somebody lived where.
pub(super) struct Lived {
    pub(super) occupancy: i64,
    /// What master data call the person.
    pub(super) reference: String,
    /// Its first local day, and the first one after it, counted from 1970-01-01.
    pub(super) days: (i32, i32),
}

/// The occupancies at the points with these identifiers.
pub(super) fn lived_at(
    db: &Connection,
    own_ids: &[String],
) -> Result<FxHashMap<String, Vec<Lived>>, StoreFault> {
    let sql = "-- lived_at
               SELECT p.own_id, o.occupancy_no, s.reference, o.start_day, o.end_day
               FROM point p JOIN occupancy_point op ON op.point_no = p.point_no
                    JOIN occupancy o ON o.occupancy_no = op.occupancy_no
                    JOIN subject s ON s.subject_no = o.subject_no
               WHERE p.own_id = ?1 ORDER BY o.start_day";
    let found = db.query_each(sql, Things::Names(own_ids), &[], |row| Ok::<_, StoreFault>(lived(row)?))?;
    let mut at: FxHashMap<String, Vec<Lived>> = FxHashMap::default();
    for (own_id, lived) in found {
        at.entry(own_id).or_default().push(lived);
    }
    Ok(at)
}

fn lived(row: &Row<'_>) -> Result<(String, Lived), crate::db::DbFault> {
    let days = (row.get(3)?, row.get(4)?);
    Ok((row.get(0)?, Lived { occupancy: row.get(1)?, reference: row.get(2)?, days }))
}

/// The first local day, counted from 1970-01-01, before which nothing is kept of each of these points.
pub(super) fn closed_before(
    db: &Connection,
    own_ids: &[String],
) -> Result<FxHashMap<String, i32>, StoreFault> {
    let sql = "-- closed_before\nSELECT p.own_id, p.closed_before FROM point p WHERE p.own_id = ?1";
    let found = db.query_each(sql, Things::Names(own_ids), &[], |row| {
        Ok::<_, StoreFault>((row.get(0)?, row.get(1)?))
    })?;
    Ok(found.into_iter().collect())
}

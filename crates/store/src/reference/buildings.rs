//! The points of buildings, by number.
//!
//! What comes in: the number of a building, or none for all. What goes out: its points. Never: who lives there.

use tidstro_model::{AreaKind, AreaNo, Commodity, PointNo};

use crate::db::{Connection, Row, params};
use crate::{Store, StoreFault};

/// A metering point of a building, by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceEntry {
    /// The point.
    pub point: PointNo,
    /// Its building.
    pub area: AreaNo,
    /// The building's own identifier of it.
    pub own_id: String,
    /// What is measured there.
    pub commodity: Commodity,
    /// Flat, if it lies in one.
    pub flat: Option<String>,
    /// Room, if it lies in one.
    pub room: Option<String>,
}

impl Store {
    /// The points of a building, or of all buildings, in the order of registration.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn building_places(&self, area: Option<AreaNo>) -> Result<Vec<PlaceEntry>, StoreFault> {
        self.threads.read(move |reading| building_places(&reading.db, area)).await
    }
}

fn building_places(db: &Connection, area: Option<AreaNo>) -> Result<Vec<PlaceEntry>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- building_places
         SELECT p.point_no, p.area_no, p.own_id, p.commodity, p.flat, p.room
         FROM point p JOIN area a ON a.area_no = p.area_no
         WHERE a.kind = ?1 AND (CAST(?2 AS BIGINT) IS NULL OR p.area_no = ?2) ORDER BY p.point_no",
    )?;
    let kind = AreaKind::Building.code();
    statement.query_and_then(params![kind, area.map(AreaNo::as_u32)], place)?.collect()
}

fn place(row: &Row<'_>) -> Result<PlaceEntry, StoreFault> {
    let commodity: String = row.get(3)?;
    Ok(PlaceEntry {
        point: PointNo::new(row.get(0)?),
        area: AreaNo::new(row.get(1)?),
        own_id: row.get(2)?,
        commodity: Commodity::from_code(&commodity).ok_or(StoreFault::Row { what: "point.commodity" })?,
        flat: row.get(4)?,
        room: row.get(5)?,
    })
}

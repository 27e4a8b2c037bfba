//! Which areas and subjects there are, without who they are.

use crate::db::{Connection, OptionalExtension};
use tidstro_model::{AreaKind, AreaNo, SubjectNo};

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

//! Which devices hung at the points of an area: with the days they hung and when that was known.
//!
//! What comes in: the number of an area. What goes out: installations, also those that hold no longer. Never: who lives there.

use jiff::Timestamp;
use tidstro_model::{AreaNo, DayRange, DeviceId, Mounting, PointNo};

use super::days_from;
use super::installations::mounting_from;
use crate::db::{Connection, Row};
use crate::reference::device::{DEVICE_COLUMNS, device_from};
use crate::{Store, StoreFault};

/// A device at a point: from when to when it hung, and from when to when that was known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallationEntry {
    /// The point.
    pub point: PointNo,
    /// The device.
    pub device: DeviceId,
    /// The local days it hung there.
    pub days: DayRange,
    /// How it was connected.
    pub mounting: Mounting,
    /// When that was registered; the epoch for what was known before changes were counted.
    pub registered: Timestamp,
    /// When something else was registered in its place; `None` while it holds.
    pub retired: Option<Timestamp>,
}

impl Store {
    /// Every device that ever hung at a point of an area, also as it was known before, in order of point, day and registration.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn installation_history(&self, area: AreaNo) -> Result<Vec<InstallationEntry>, StoreFault> {
        self.threads.read(move |reading| installation_history(&reading.db, area)).await
    }
}

fn installation_history(db: &Connection, area: AreaNo) -> Result<Vec<InstallationEntry>, StoreFault> {
    let sql = format!(
        "-- installation_history
         SELECT i.start_day, i.end_day, i.factor, i.multiplier, i.digits, i.point_no, c.changed_ms, r.changed_ms,
                {DEVICE_COLUMNS}
         FROM point p
              JOIN installation i ON i.point_no = p.point_no
              JOIN device d ON d.device_no = i.device_no
              JOIN master_change c ON c.change_seq = i.created_seq
              LEFT JOIN master_change r ON r.change_seq = i.retired_seq
         WHERE p.area_no = ?1 ORDER BY i.point_no, i.start_day, i.device_no, i.created_seq"
    );
    db.prepare_cached(&sql)?.query_and_then([area.as_u32()], installation)?.collect()
}

fn installation(row: &Row<'_>) -> Result<InstallationEntry, StoreFault> {
    let instant = |at_ms| {
        Timestamp::from_millisecond(at_ms).map_err(|_| StoreFault::Row { what: "master_change.changed_ms" })
    };
    let retired: Option<i64> = row.get(7)?;
    Ok(InstallationEntry {
        days: days_from(row, 0)?,
        mounting: mounting_from(row, 2)?,
        point: PointNo::new(row.get(5)?),
        registered: instant(row.get(6)?)?,
        retired: retired.map(instant).transpose()?,
        device: device_from(row, 8)?,
    })
}

//! Rows of `installation`: which device hung where, how it was connected, and how its register counts.

use jiff::civil::Date;
use rustc_hash::FxHashMap;
use tidstro_calendar::epoch_day;
use tidstro_model::{Dated, DeviceId, DeviceNo, Installation, Mounting, PointNo, Timeline};

use super::change::Otherwise;
use super::{KnownAt, MasterChange, days_from, factor_from, timelines};
use crate::StoreFault;
use crate::db::{Bound, Connection, Row, Things, params};
use crate::reference::device::{DEVICE_COLUMNS, device_from};
use crate::reference::{SeriesKind, SeriesMeta};

/// Where a device hangs, and how.
pub(crate) type Hanging = (PointNo, Mounting);

/// Where a device hung over time.
pub(crate) fn hangs(
    db: &Connection,
    device: DeviceNo,
    known: KnownAt,
) -> Result<Timeline<Hanging>, StoreFault> {
    Ok(hangs_all(db, &[device], known)?.remove(&device).unwrap_or_default())
}

/// Where each of many devices hung over time. A device that never hung anywhere is left out.
pub(crate) fn hangs_all(
    db: &Connection,
    devices: &[DeviceNo],
    known: KnownAt,
) -> Result<FxHashMap<DeviceNo, Timeline<Hanging>>, StoreFault> {
    let sql = "-- hangs_all
         SELECT i.device_no, i.start_day, i.end_day, i.point_no, i.factor, i.multiplier, i.digits FROM installation i
         WHERE i.device_no = ?1 AND i.created_seq <= ?2 AND (i.retired_seq IS NULL OR i.retired_seq > ?2)";
    let devices: Vec<i64> = devices.iter().map(|device| device.as_u32().into()).collect();
    let rows = db.query_each(sql, Things::Numbers(&devices), params![known.0], |row| {
        let what = (PointNo::new(row.get(3)?), mounting_from(row, 4)?);
        Ok::<_, StoreFault>((DeviceNo::new(row.get(0)?), Dated { days: days_from(row, 1)?, what }))
    })?;
    timelines(rows, "installation: two rows hold on one day")
}

/// Where each of many devices hung over time, by the identifiers of points. A device that never hung anywhere is left out.
pub(crate) fn named_hangs_all(
    db: &Connection,
    devices: &[DeviceNo],
    known: KnownAt,
) -> Result<FxHashMap<DeviceNo, Timeline<(String, Mounting)>>, StoreFault> {
    let sql = "-- named_hangs_all
         SELECT i.device_no, i.start_day, i.end_day, p.own_id, i.factor, i.multiplier, i.digits
         FROM installation i JOIN point p ON p.point_no = i.point_no
         WHERE i.device_no = ?1 AND i.created_seq <= ?2 AND (i.retired_seq IS NULL OR i.retired_seq > ?2)";
    let devices: Vec<i64> = devices.iter().map(|device| device.as_u32().into()).collect();
    let rows = db.query_each(sql, Things::Numbers(&devices), params![known.0], |row| {
        let what = (row.get(3)?, mounting_from(row, 4)?);
        Ok::<_, StoreFault>((DeviceNo::new(row.get(0)?), Dated { days: days_from(row, 1)?, what }))
    })?;
    timelines(rows, "installation: two rows hold on one day")
}

/// Which devices hung at a point, in order of their first days; several may at once.
pub(crate) fn installations_of(
    db: &Connection,
    point: PointNo,
    known: KnownAt,
) -> Result<Vec<Dated<(DeviceNo, Mounting)>>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- installations_of
         SELECT i.start_day, i.end_day, i.device_no, i.factor, i.multiplier, i.digits FROM installation i
         WHERE i.point_no = ?1 AND i.created_seq <= ?2 AND (i.retired_seq IS NULL OR i.retired_seq > ?2)
         ORDER BY i.start_day, i.device_no",
    )?;
    let rows = statement.query_and_then(params![point.as_u32(), known.0], |row| {
        Ok(Dated { days: days_from(row, 0)?, what: (DeviceNo::new(row.get(2)?), mounting_from(row, 3)?) })
    })?;
    rows.collect()
}

/// Every installation, in order of device and day.
pub(crate) fn all_installations(db: &Connection, known: KnownAt) -> Result<Vec<Installation>, StoreFault> {
    let sql = format!(
        "-- all_installations
         SELECT i.start_day, i.end_day, p.own_id, i.factor, i.multiplier, i.digits, {DEVICE_COLUMNS}
         FROM installation i JOIN device d ON d.device_no = i.device_no JOIN point p ON p.point_no = i.point_no
         WHERE i.created_seq <= ?1 AND (i.retired_seq IS NULL OR i.retired_seq > ?1)
         ORDER BY i.device_no, i.start_day"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_and_then([known.0], |row| {
        Ok(Installation {
            meter: device_from(row, 6)?,
            point: row.get(2)?,
            days: days_from(row, 0)?,
            mounting: mounting_from(row, 3)?,
        })
    })?;
    rows.collect()
}

/// The devices that hang at a point on this day or later.
pub(crate) fn devices_after(db: &Connection, point: &str, day: Date) -> Result<Vec<DeviceId>, StoreFault> {
    let sql = format!(
        "-- devices_after
         SELECT DISTINCT {DEVICE_COLUMNS}
         FROM point p JOIN installation i ON i.point_no = p.point_no JOIN device d ON d.device_no = i.device_no
         WHERE p.own_id = ?1 AND i.retired_seq IS NULL AND i.end_day > ?2"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_and_then(params![point, epoch_day(day)], |row| device_from(row, 0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How the meter of a series was connected over time, as known at a moment; without periods for a series of no meter.
pub(crate) fn mounted(
    db: &Connection,
    meta: &SeriesMeta,
    known: KnownAt,
) -> Result<Timeline<Mounting>, StoreFault> {
    if meta.kind == SeriesKind::Interval || !meta.is_cumulative() {
        return Ok(Timeline::default());
    }
    let mut statement = db.prepare_cached(
        "-- mounted
         SELECT i.start_day, i.end_day, i.factor, i.multiplier, i.digits
         FROM series s JOIN installation i ON i.point_no = s.point_no AND i.device_no = s.device_no
         WHERE s.series_no = ?1 AND i.created_seq <= ?2 AND (i.retired_seq IS NULL OR i.retired_seq > ?2)",
    )?;
    let rows = statement.query_and_then(params![meta.series.as_u32(), known.0], |row| {
        Ok(Dated { days: days_from(row, 0)?, what: mounting_from(row, 2)? })
    })?;
    let periods: Vec<_> = rows.collect::<Result<_, StoreFault>>()?;
    Timeline::of(periods).ok_or(StoreFault::Row { what: "installation: two rows hold on one day" })
}

/// How many digits the register of a series shows before it begins at 0 again, by the first and last local day (outside)
/// for which somebody says it.
pub(crate) fn register_digits(db: &Connection, meta: &SeriesMeta) -> Result<Vec<(i32, i32, u8)>, StoreFault> {
    let said = |period: &Dated<Mounting>| {
        Some((epoch_day(period.days.start()), epoch_day(period.days.end()), period.what.digits?))
    };
    Ok(mounted(db, meta, KnownAt::NOW)?.periods().iter().filter_map(said).collect())
}

/// How a device is connected, in three columns from `first` on.
pub(super) fn mounting_from(row: &Row<'_>, first: usize) -> Result<Mounting, StoreFault> {
    Ok(Mounting {
        factor: factor_from(row, first)?,
        multiplier: factor_from(row, first + 1)?,
        digits: row.get(first + 2)?,
    })
}

/// Puts the new places of devices in the place of the old ones.
pub(crate) fn state_installations(
    db: &Connection,
    change: &mut MasterChange,
    others: &[Otherwise<DeviceNo, Hanging>],
) -> Result<(), StoreFault> {
    change.keep(db, others, |seq, rows| retire(db, seq, rows), |seq, rows| insert(db, seq, rows))
}

type Rows<'r> = [(DeviceNo, &'r Dated<Hanging>)];

fn retire(db: &Connection, seq: i64, rows: &Rows<'_>) -> Result<(), StoreFault> {
    let key = |(device, row): &(DeviceNo, &Dated<Hanging>)| {
        let (point, start) = (row.what.0.as_u32(), epoch_day(row.days.start()));
        [Bound::from(point), device.as_u32().into(), start.into(), seq.into()]
    };
    let sql = "-- retire_installation
         UPDATE installation SET retired_seq = ?4
         WHERE point_no = ?1 AND device_no = ?2 AND start_day = ?3 AND retired_seq IS NULL";
    db.execute_each(sql, &rows.iter().map(key).collect::<Vec<_>>())?;
    Ok(())
}

fn insert(db: &Connection, seq: i64, rows: &Rows<'_>) -> Result<(), StoreFault> {
    let rows = rows.iter().map(|(device, row)| {
        let (point, mounting) = row.what;
        [
            Bound::from(point.as_u32()),
            device.as_u32().into(),
            epoch_day(row.days.start()).into(),
            epoch_day(row.days.end()).into(),
            seq.into(),
            i64::from(mounting.factor.thousandths()).into(),
            i64::from(mounting.multiplier.thousandths()).into(),
            mounting.digits.map_or(Bound::Null, Bound::from),
        ]
    });
    let table =
        "installation (point_no, device_no, start_day, end_day, created_seq, factor, multiplier, digits)";
    Ok(db.insert_all(table, rows)?)
}

//! Which series there are.

use crate::db::{Bound, Connection, OptionalExtension, Row, params};
use rustc_hash::FxHashMap;
use tidstro_model::{
    AreaKind, CheckDigit, Commodity, DeviceNo, GridArea, Gsrn, PointNo, QuantityKind, Resolution, SeriesNo,
    SourceNo, Unit,
};

use crate::StoreFault;

/// How the values of a series lie in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SeriesKind {
    /// Energy per interval.
    Interval,
    /// Readings of a register at instants.
    Register,
}

impl SeriesKind {
    /// The code used in SQL and answers.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Interval => "interval",
            Self::Register => "register",
        }
    }
}

/// What the store must know of a series to write and read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesMeta {
    /// Its number.
    pub series: SeriesNo,
    /// The metering point.
    pub point: PointNo,
    /// What the point delivers or observes.
    pub commodity: Commodity,
    /// How values lie in time.
    pub kind: SeriesKind,
    /// What is measured.
    pub quantity: QuantityKind,
    /// Unit of the values.
    pub unit: Unit,
    /// Resolution of interval values; [`Resolution::Raw`] for registers.
    pub resolution: Resolution,
}

impl SeriesMeta {
    /// Whether the register counts up for ever, so that consumption is a difference.
    #[must_use]
    pub const fn is_cumulative(&self) -> bool {
        matches!(
            self.quantity,
            QuantityKind::Energy
                | QuantityKind::ReactiveEnergy
                | QuantityKind::ApparentEnergy
                | QuantityKind::Volume
                | QuantityKind::Mass
                | QuantityKind::HcaUnits
                | QuantityKind::OnTime
                | QuantityKind::OperatingTime
        )
    }
}

/// The categories of the register that series fall into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum SeriesCategory {
    /// Energy, water, heat units, and what meters tell about their delivery.
    Consumption,
    /// Temperature and humidity of rooms.
    IndoorClimate,
}

impl SeriesCategory {
    /// The category a quantity at a metering point falls into.
    pub(crate) const fn of(quantity: QuantityKind) -> Self {
        match quantity {
            QuantityKind::ExternalTemperature | QuantityKind::Humidity => Self::IndoorClimate,
            _ => Self::Consumption,
        }
    }

    /// Its id in the register.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Consumption => "consumption",
            Self::IndoorClimate => "indoor-climate",
        }
    }
}

/// A series as lists and answers show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesEntry {
    /// What it is.
    pub meta: SeriesMeta,
    /// The point's own identifier or GSRN.
    pub own_id: String,
    /// Building or grid area.
    pub area: String,
    /// Kind of the area.
    pub area_kind: AreaKind,
    /// Flat, if the point lies in one.
    pub flat: Option<String>,
    /// Room, if the point lies in one.
    pub room: Option<String>,
    /// Tariff of the register; 0 total.
    pub tariff: u32,
    /// Subunit of the device; 0 the device itself.
    pub subunit: u16,
}

/// One register of a device at a metering point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RegisterOf {
    /// The metering point.
    pub(crate) point: PointNo,
    /// The device: after an exchange a new series begins.
    pub(crate) device: DeviceNo,
    /// What is measured.
    pub(crate) quantity: QuantityKind,
    /// Unit of the numbers.
    pub(crate) unit: Unit,
    /// Tariff of the register; 0 total.
    pub(crate) tariff: u32,
    /// Subunit of the device; 0 the device itself.
    pub(crate) subunit: u16,
}

/// Columns of [`entry_from`], for `series s JOIN point p USING (point_no) JOIN area a USING (area_no)`.
pub(crate) const ENTRY_COLUMNS: &str = "s.series_no, s.point_no, p.commodity, s.kind, s.quantity, s.unit, \
     s.resolution, p.own_id, a.name, a.kind, p.flat, p.room, s.tariff, s.subunit";

/// Reads a row of [`ENTRY_COLUMNS`].
pub(crate) fn entry_from(row: &Row<'_>) -> Result<SeriesEntry, StoreFault> {
    let area_kind: String = row.get(9)?;
    Ok(SeriesEntry {
        meta: meta_from(row)?,
        own_id: row.get(7)?,
        area: row.get(8)?,
        area_kind: AreaKind::from_code(&area_kind).ok_or(StoreFault::Row { what: "area.kind" })?,
        flat: row.get(10)?,
        room: row.get(11)?,
        tariff: row.get(12)?,
        subunit: row.get(13)?,
    })
}

fn meta_from(row: &Row<'_>) -> Result<SeriesMeta, StoreFault> {
    let damaged = |what| StoreFault::Row { what };
    let text = |index: usize| row.get::<_, String>(index);
    Ok(SeriesMeta {
        series: SeriesNo::new(row.get(0)?),
        point: PointNo::new(row.get(1)?),
        commodity: Commodity::from_code(&text(2)?).ok_or(damaged("point.commodity"))?,
        kind: match text(3)?.as_str() {
            "interval" => SeriesKind::Interval,
            "register" => SeriesKind::Register,
            _ => return Err(damaged("series.kind")),
        },
        quantity: QuantityKind::from_code(&text(4)?).ok_or(damaged("series.quantity"))?,
        unit: Unit::from_code(&text(5)?).ok_or(damaged("series.unit"))?,
        resolution: Resolution::from_code(&text(6)?).ok_or(damaged("series.resolution"))?,
    })
}

/// What is known of a series.
pub(crate) fn series_meta(db: &Connection, series: SeriesNo) -> Result<SeriesMeta, StoreFault> {
    db.prepare_cached(
        "-- series_meta
         SELECT s.series_no, s.point_no, p.commodity, s.kind, s.quantity, s.unit, s.resolution
         FROM series s JOIN point p USING (point_no) WHERE s.series_no = ?1",
    )?
    .query_and_then([series.as_u32()], meta_from)?
    .next()
    .unwrap_or_else(|| Err(StoreFault::Dangling { kind: "series", name: series.to_string() }))
}

/// What is known of many series, from PostgreSQL in one answer. A series that is not there is left out.
pub(crate) fn series_metas(
    db: &Connection,
    series: impl Iterator<Item = SeriesNo>,
) -> Result<Vec<SeriesMeta>, StoreFault> {
    let series: Vec<i64> = series.map(|series| series.as_u32().into()).collect();
    db.prepare_cached(
        "-- series_metas
         SELECT s.series_no, s.point_no, p.commodity, s.kind, s.quantity, s.unit, s.resolution
         FROM series s JOIN point p ON p.point_no = s.point_no
         WHERE s.series_no = ANY (CAST(?1 AS BIGINT[]))",
    )?
    .query_and_then(params![series], meta_from)?
    .collect()
}

/// The interval series of a point, made if it is not there.
pub(crate) fn ensure_interval_series(
    db: &Connection,
    point: PointNo,
    resolution: Resolution,
) -> Result<SeriesNo, StoreFault> {
    let row = (point, 0, SeriesKind::Interval, QuantityKind::Energy, Unit::WattHour, resolution, 0, 0);
    ensure_series(db, row)
}

/// Makes interval series of points that have none yet: all at once, as they are new.
pub(super) fn insert_interval_series(
    db: &Connection,
    series: &[(PointNo, Resolution)],
) -> Result<(), StoreFault> {
    let table = format!("series ({SERIES_KEY})");
    Ok(db.insert_all(&table, series.iter().map(|series| interval_values(*series)))?)
}

/// Makes the interval series of points that are not there.
pub(super) fn ensure_all_interval_series(
    db: &Connection,
    series: &[(PointNo, Resolution)],
) -> Result<(), StoreFault> {
    let sql = format!(
        "-- ensure_all_interval_series
         INSERT INTO series ({SERIES_KEY}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING"
    );
    db.execute_each(&sql, &series.iter().map(|series| interval_values(*series)).collect::<Vec<_>>())?;
    Ok(())
}

/// The columns that [`interval_values`] are for.
const SERIES_KEY: &str = "point_no, device_no, kind, quantity, unit, resolution, tariff, subunit";

fn interval_values((point, resolution): (PointNo, Resolution)) -> [Bound<'static>; 8] {
    let none = || Bound::Int(0);
    [
        point.as_u32().into(),
        none(),
        Bound::Text(SeriesKind::Interval.code()),
        Bound::Text(QuantityKind::Energy.code()),
        Bound::Text(Unit::WattHour.code()),
        Bound::Text(resolution.code()),
        none(),
        none(),
    ]
}

/// The series of a register, made if it is not there.
pub(crate) fn ensure_register_series(db: &Connection, register: &RegisterOf) -> Result<SeriesNo, StoreFault> {
    let RegisterOf { point, device, quantity, unit, tariff, subunit } = *register;
    let row =
        (point, device.as_u32(), SeriesKind::Register, quantity, unit, Resolution::Raw, tariff, subunit);
    ensure_series(db, row)
}

type SeriesRow = (PointNo, u32, SeriesKind, QuantityKind, Unit, Resolution, u32, u16);

fn ensure_series(db: &Connection, row: SeriesRow) -> Result<SeriesNo, StoreFault> {
    let (point, device, kind, quantity, unit, resolution, tariff, subunit) = row;
    let key = params![
        point.as_u32(),
        device,
        kind.code(),
        quantity.code(),
        resolution.code(),
        tariff,
        subunit,
        unit.code()
    ];
    let made = db
        .prepare_cached(
            "-- ensure_series
             INSERT INTO series (point_no, device_no, kind, quantity, resolution, tariff, subunit, unit)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING RETURNING series_no",
        )?
        .query_row(key, |row| row.get(0))
        .optional()?;
    if let Some(number) = made {
        return Ok(SeriesNo::new(number));
    }
    let number = db
        .prepare_cached(
            "-- series_no
             SELECT series_no FROM series
             WHERE point_no = ?1 AND device_no = ?2 AND kind = ?3 AND quantity = ?4
               AND resolution = ?5 AND tariff = ?6 AND subunit = ?7",
        )?
        .query_row(
            params![point.as_u32(), device, kind.code(), quantity.code(), resolution.code(), tariff, subunit],
            |row| row.get(0),
        )?;
    Ok(SeriesNo::new(number))
}

/// Every interval series by the GSRN of its point. Points with another kind of identifier have none.
pub(crate) fn interval_series(
    db: &Connection,
) -> Result<FxHashMap<(Gsrn, Resolution), SeriesNo>, StoreFault> {
    let mut statement = db.prepare(
        "-- interval_series
         SELECT p.own_id, s.resolution, s.series_no FROM series s JOIN point p USING (point_no)
         WHERE s.kind = 'interval'",
    )?;
    let mut rows = statement.query([])?;
    let mut found = FxHashMap::default();
    while let Some(row) = rows.next()? {
        let (own_id, resolution): (String, String) = (row.get(0)?, row.get(1)?);
        let resolution =
            Resolution::from_code(&resolution).ok_or(StoreFault::Row { what: "series.resolution" })?;
        if let Ok(gsrn) = Gsrn::parse(own_id.as_bytes(), CheckDigit::Ignored) {
            found.insert((gsrn, resolution), SeriesNo::new(row.get(2)?));
        }
    }
    Ok(found)
}

/// An interval series with values: the first and the last local day that has any.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SettledSeries {
    pub(crate) meta: SeriesMeta,
    pub(crate) first_day: i32,
    pub(crate) last_day: i32,
}

/// The next interval series, by number, whose points lie or ever counted in a grid area, and which have values on local days,
/// half open.
pub(crate) fn settled_series(
    db: &Connection,
    (area, days): (GridArea, (i32, i32)),
    after: Option<SeriesNo>,
    count: u32,
) -> Result<Vec<SettledSeries>, StoreFault> {
    let after = after.map_or(-1, |series| i64::from(series.as_u32()));
    db.prepare_cached(
        "-- settled_series_in
         SELECT s.series_no, s.point_no, p.commodity, s.kind, s.quantity, s.unit, s.resolution,
                t.first_day, t.last_day
         FROM series s JOIN series_state t ON t.series_no = s.series_no
              JOIN point p ON p.point_no = s.point_no JOIN area a ON a.area_no = p.area_no
         WHERE s.series_no > ?1 AND s.kind = 'interval' AND a.kind = 'grid-area'
               AND t.first_day < ?4 AND t.last_day >= ?3
               AND (a.name = ?2 OR EXISTS (
                    SELECT 1 FROM point_period pp
                    WHERE pp.point_no = s.point_no
                          AND (pp.grid_area = ?2 OR pp.from_area = ?2 OR pp.to_area = ?2)))
         ORDER BY s.series_no LIMIT ?5",
    )?
    .query_and_then(params![after, area.to_string(), days.0, days.1, count], |row| {
        Ok(SettledSeries { meta: meta_from(row)?, first_day: row.get(7)?, last_day: row.get(8)? })
    })?
    .collect()
}

/// The interval series of points with numbers from one to another, both included, which have values on local days, half open, in order.
pub(crate) fn settled_series_of(
    db: &Connection,
    (first, last): (PointNo, PointNo),
    days: (i32, i32),
) -> Result<Vec<SettledSeries>, StoreFault> {
    db.prepare_cached(
        "-- settled_series_of
         SELECT s.series_no, s.point_no, p.commodity, s.kind, s.quantity, s.unit, s.resolution,
                t.first_day, t.last_day
         FROM series s JOIN series_state t ON t.series_no = s.series_no
              JOIN point p ON p.point_no = s.point_no JOIN area a ON a.area_no = p.area_no
         WHERE s.point_no >= ?1 AND s.point_no <= ?2 AND s.kind = 'interval' AND a.kind = 'grid-area'
               AND t.first_day < ?4 AND t.last_day >= ?3
         ORDER BY s.series_no",
    )?
    .query_and_then(params![first.as_u32(), last.as_u32(), days.0, days.1], |row| {
        Ok(SettledSeries { meta: meta_from(row)?, first_day: row.get(7)?, last_day: row.get(8)? })
    })?
    .collect()
}

/// The point with this identifier.
pub(crate) fn named_point(db: &Connection, own_id: &str) -> Result<Option<PointNo>, StoreFault> {
    let number = db
        .prepare_cached(
            "-- named_point
             SELECT point_no FROM point WHERE own_id = ?1",
        )?
        .query_row([own_id], |row| row.get(0))
        .optional()?;
    Ok(number.map(PointNo::new))
}

/// The number of a source, made if it is new.
pub(crate) fn ensure_source(db: &Connection, name: &str) -> Result<SourceNo, StoreFault> {
    db.prepare_cached(
        "-- ensure_source
         INSERT INTO source (name) VALUES (?1) ON CONFLICT DO NOTHING",
    )?
    .execute([name])?;
    let number = db
        .prepare_cached(
            "-- source_no
             SELECT source_no FROM source WHERE name = ?1",
        )?
        .query_row([name], |row| row.get(0))?;
    Ok(SourceNo::new(number))
}

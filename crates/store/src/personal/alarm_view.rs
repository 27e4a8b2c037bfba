//! Alarms on their way out.
//!
//! A permit to read alarms comes in; the events it reaches go out, with where the meter hangs and what it hangs behind.
//! Which alarms stand follows from them and is not decided here. Never: an event of a day, an area or an occupancy out of
//! the permit's scope.

use crate::db::{Connection, Row, params};
use jiff::Timestamp;
use rustc_hash::FxHashMap;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_govern::{Operation, Reach, Target};
use tidstro_metering::alarms::AlarmEvent;
use tidstro_model::{AreaKind, CategoryId, DayRange, DeviceId, DeviceNo, KeyNo, OccupancyNo, PointNo};

use super::alarm::{AlarmOf, AlarmRow, event_from};
use super::cover::cuts_of;
use super::place::keys_of_occupancy;
use crate::gate::{Disclosed, Permit, Terms};
use crate::reference::{DEVICE_COLUMNS, device_from};
use crate::seal::Vault;
use crate::{Store, StoreFault};

/// Where a meter hangs whose alarms are shown, or a series is measured. It has no `Debug`: with an event it is about a home.
#[derive(Clone, PartialEq, Eq)]
pub struct AlarmPlace {
    /// The meter's number here, or the series'.
    pub whose: AlarmOf,
    /// The meter; `None` of a series.
    pub meter: Option<DeviceId>,
    /// Identifier of its metering point.
    pub point: String,
    /// Building or grid area of the point.
    pub area: String,
    /// Flat, if the point lies in one.
    pub flat: Option<String>,
    /// What an electricity point hangs behind.
    pub transformer: Option<String>,
}

/// An event of an alarm, and where.
#[derive(Clone, PartialEq, Eq)]
pub struct AlarmEntry {
    /// Where.
    pub place: AlarmPlace,
    /// What happened.
    pub event: AlarmEvent,
}

impl Store {
    /// The category of alarms; `None` where the register has none, and nothing is kept of them.
    #[must_use]
    pub const fn alarm_category(&self) -> Option<&CategoryId> {
        self.columns.alarms()
    }

    /// The events of alarms that the permit reaches, in the order in which they were stored.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read alarms, [`StoreFault::AlarmsLeftOut`] where
    /// the register has none.
    pub async fn alarms(
        &self,
        permit: &Permit,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<AlarmEntry>>, StoreFault> {
        let category = self.columns.alarms().ok_or(StoreFault::AlarmsLeftOut)?;
        let terms = permit.must_allow(Operation::Read, category, now)?;
        let entries =
            self.threads.read(move |reading| read_alarms(&reading.db, &mut reading.vault, &terms)).await?;
        Ok(Disclosed::new(entries, permit))
    }
}

/// The points and meters behind a transformer.
#[derive(Clone, PartialEq, Eq)]
pub struct BehindTransformer {
    /// The transformer, by the grid company's own name.
    pub transformer: String,
    /// How many metering points hang behind it.
    pub points: u64,
    /// The meters that hang there now, and when each was last heard.
    pub meters: Vec<(DeviceNo, Option<Timestamp>)>,
}

impl Store {
    /// What hangs behind the transformers of the permit's areas, so that a storm can be compared with the meters that
    /// still speak.
    ///
    /// # Errors
    /// As [`Store::alarms`].
    pub async fn behind_transformers(
        &self,
        permit: &Permit,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<BehindTransformer>>, StoreFault> {
        let category = self.columns.alarms().ok_or(StoreFault::AlarmsLeftOut)?;
        let terms = permit.must_allow(Operation::Read, category, now)?;
        let today = epoch_day(self.zone.day_of(now));
        let behind = self.threads.read(move |reading| behind(&reading.db, &terms, today)).await?;
        Ok(Disclosed::new(behind, permit))
    }
}

/// Only for a whole area or everything: what the neighbours of one home say is none of its business.
fn behind(db: &Connection, terms: &Terms, today: i32) -> Result<Vec<BehindTransformer>, StoreFault> {
    let area = match (terms.target, &terms.scope().reach) {
        (Target::Area(area), Reach::Target { .. }) => Some(area.as_u32()),
        (Target::Everything, Reach::Target { .. }) => None,
        _ => return Ok(Vec::new()),
    };
    if !terms.scope().areas.contains(&AreaKind::GridArea) {
        return Ok(Vec::new());
    }
    let mut found = points_behind(db, area)?;
    for behind in &mut found {
        behind.meters = meters_behind(db, &behind.transformer, today)?;
    }
    Ok(found)
}

fn points_behind(db: &Connection, area: Option<u32>) -> Result<Vec<BehindTransformer>, StoreFault> {
    let rows = db
        .prepare_cached(
            "-- points_behind
             SELECT transformer, count(*) FROM point
             WHERE transformer IS NOT NULL AND (CAST(?1 AS BIGINT) IS NULL OR area_no = ?1) GROUP BY transformer",
        )?
        .query_map([area], |row| {
            let points: i64 = row.get(1)?;
            let (transformer, points) = (row.get(0)?, points.unsigned_abs());
            Ok(BehindTransformer { transformer, points, meters: Vec::new() })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Telegrams are looked for under the keys of the point, by which they are indexed.
fn meters_behind(
    db: &Connection,
    transformer: &str,
    today: i32,
) -> Result<Vec<(DeviceNo, Option<Timestamp>)>, StoreFault> {
    let rows = db
        .prepare_cached(
            "-- meters_behind
             SELECT i.device_no,
                    (SELECT max(t.received_ms) FROM raw_telegram t
                     WHERE t.device_no = i.device_no
                       AND t.key_no IN (SELECT p.premises_key_no
                                        UNION SELECT o.telegram_key_no
                                              FROM occupancy_point q JOIN occupancy o USING (occupancy_no)
                                              WHERE q.point_no = p.point_no))
             FROM point p JOIN installation i USING (point_no)
             WHERE p.transformer = ?1 AND i.start_day <= ?2 AND ?2 < i.end_day AND i.retired_seq IS NULL",
        )?
        .query_map(params![transformer, today], |row| {
            let heard: Option<i64> = row.get(1)?;
            let heard = heard.and_then(|at_ms| Timestamp::from_millisecond(at_ms).ok());
            Ok((DeviceNo::new(row.get(0)?), heard))
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// A part of the permit's reach: which key, if it is one, and which days.
struct Window {
    key: Option<KeyNo>,
    days: DayRange,
    /// Occupancies that ended before are out of reach.
    live_since: i32,
}

fn read_alarms(db: &Connection, vault: &mut Vault, terms: &Terms) -> Result<Vec<AlarmEntry>, StoreFault> {
    let scope = terms.scope();
    let mut cuts = FxHashMap::default();
    for (occupancy, from) in cuts_of(&scope.reach) {
        cuts.insert(keys_of_occupancy(db, occupancy)?.alarms, from);
    }
    let mut entries = Vec::new();
    for window in windows(db, terms)? {
        for stored in stored_alarms(db, terms.target, &window)? {
            let is_cut = cuts.get(&stored.key).is_some_and(|from| stored.row.day < *from);
            if is_cut || !scope.areas.contains(&stored.kind) {
                continue;
            }
            entries.extend(opened(vault, stored)?);
        }
    }
    Ok(entries)
}

fn windows(db: &Connection, terms: &Terms) -> Result<Vec<Window>, StoreFault> {
    let days = terms.scope().days;
    let of_occupancy = |(occupancy, reach): &(OccupancyNo, DayRange)| {
        let Some(days) = days.intersect(*reach) else { return Ok(None) };
        let key = Some(keys_of_occupancy(db, *occupancy)?.alarms);
        Ok(Some(Window { key, days, live_since: i32::MIN }))
    };
    match &terms.scope().reach {
        Reach::Target { live_since, .. } => {
            Ok(vec![Window { key: None, days, live_since: epoch_day(*live_since) }])
        }
        Reach::Occupancies(occupancies) => {
            occupancies.iter().filter_map(|occupancy| of_occupancy(occupancy).transpose()).collect()
        }
    }
}

/// An event as it lies in its row, and where the meter hangs.
struct StoredAlarm {
    row: AlarmRow,
    key: KeyNo,
    sealed: Vec<u8>,
    kind: AreaKind,
    place: AlarmPlace,
}

fn stored_alarms(db: &Connection, target: Target, window: &Window) -> Result<Vec<StoredAlarm>, StoreFault> {
    let sql = format!(
        "-- stored_alarms
         SELECT e.alarm_no, e.point_no, e.device_no, e.day, e.key_no, e.sealed, a.kind, p.own_id, a.name, p.flat,
                p.transformer, e.series_no, {DEVICE_COLUMNS}
         FROM alarm e JOIN point p USING (point_no) JOIN area a USING (area_no)
              LEFT JOIN device d ON d.device_no = e.device_no
         WHERE (CAST(?1 AS BIGINT) IS NULL OR e.point_no = ?1) AND (CAST(?2 AS BIGINT) IS NULL OR p.area_no = ?2)
           AND (CAST(?3 AS BIGINT) IS NULL OR e.key_no = ?3) AND e.day >= ?4 AND e.day < ?5
           AND e.key_no NOT IN (SELECT alarm_key_no FROM occupancy WHERE end_day < ?6)
         ORDER BY e.alarm_no"
    );
    let (point, area) = match target {
        Target::Point(point) => (Some(point.as_u32()), None),
        Target::Area(area) => (None, Some(area.as_u32())),
        Target::Subject(_) | Target::Dossier(_) | Target::Everything => (None, None),
    };
    let days = (epoch_day(window.days.start()), epoch_day(window.days.end()));
    let key = window.key.map(KeyNo::as_u32);
    db.prepare_cached(&sql)?
        .query_and_then(params![point, area, key, days.0, days.1, window.live_since], stored_alarm)?
        .collect()
}

fn stored_alarm(row: &Row<'_>) -> Result<StoredAlarm, StoreFault> {
    let (point, whose) = (PointNo::new(row.get(1)?), AlarmOf::from_columns((row.get(2)?, row.get(11)?)));
    let meter = match whose {
        AlarmOf::Device(_) => Some(device_from(row, 12)?),
        AlarmOf::Series(_) => None,
    };
    let kind: String = row.get(6)?;
    Ok(StoredAlarm {
        row: AlarmRow { number: row.get(0)?, point, whose, day: row.get(3)? },
        key: KeyNo::new(row.get(4)?),
        sealed: row.get(5)?,
        kind: AreaKind::from_code(&kind).ok_or(StoreFault::Row { what: "area.kind" })?,
        place: AlarmPlace {
            whose,
            meter,
            point: row.get(7)?,
            area: row.get(8)?,
            flat: row.get(9)?,
            transformer: row.get(10)?,
        },
    })
}

/// The event, if its day is still kept.
fn opened(vault: &mut Vault, stored: StoredAlarm) -> Result<Option<AlarmEntry>, StoreFault> {
    let day = from_epoch_day(stored.row.day).ok_or(StoreFault::Row { what: "alarm.day" })?;
    let sealed_for = stored.row.sealed_for(stored.key);
    match vault.key(stored.key, day) {
        Ok(sealing) => {
            let event = event_from(&sealing.open(&sealed_for, &stored.sealed)?)?;
            Ok(Some(AlarmEntry { place: stored.place, event }))
        }
        Err(fault) if fault.is_erased() => Ok(None),
        Err(fault) => Err(fault),
    }
}

//! When each meter was heard, without what it said.
//!
//! A permit to read telegrams comes in; for each meter in its areas the times of its newest telegrams go out. Nothing
//! is opened: times and signal strength are not sealed, and are still about whoever lives there, so the permit's reach
//! narrows which telegrams are looked at.

use crate::db::{Connection, Row, params};
use jiff::Timestamp;
use rustc_hash::{FxHashMap, FxHashSet};
use tidstro_calendar::{Zone, epoch_day};
use tidstro_govern::{Operation, Reach, Scope};
use tidstro_model::{AreaKind, DayRange, DeviceId, KeyNo};

use super::cover::cuts_of;
use super::place::keys_of_occupancy;
use crate::gate::{Disclosed, Permit, Terms};
use crate::reference::{DEVICE_COLUMNS, device_from, unassigned_own_id};
use crate::{Store, StoreFault};

/// How many of a meter's newest telegrams are looked at.
const NEWEST: usize = 33;

/// A meter, where it hangs, and when it was heard.
#[derive(Clone)]
pub struct MeterHeard {
    /// The meter.
    pub meter: DeviceId,
    /// Identifier of the metering point it hangs at, or hung at last.
    pub point: String,
    /// Building of the point.
    pub area: String,
    /// When its newest telegrams were received, the oldest first, at most 33; none if it was never heard.
    pub times: Vec<Timestamp>,
    /// How many gateways heard the last one.
    pub gateways: u32,
    /// How well the one that heard it best did.
    pub best_rssi_dbm: Option<i16>,
}

impl Store {
    /// When each meter was heard since a moment. Meters of master data that hang somewhere now are among them also if
    /// they never were.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read telegrams.
    pub async fn meters_heard(
        &self,
        permit: &Permit,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<MeterHeard>>, StoreFault> {
        let terms = permit.must_allow(Operation::Read, self.columns.telegrams()?, now)?;
        let zone = self.zone.clone();
        let heard =
            self.threads.read(move |reading| meters_heard(&reading.db, &zone, &terms, (since, now))).await?;
        Ok(Disclosed::new(heard, permit))
    }
}

fn meters_heard(
    db: &Connection,
    zone: &Zone,
    terms: &Terms,
    (since, now): (Timestamp, Timestamp),
) -> Result<Vec<MeterHeard>, StoreFault> {
    let scope = terms.scope();
    let keys = Reached::of(db, scope)?;
    let mut meters = Vec::new();
    for device in devices(db, epoch_day(zone.day_of(now)))? {
        if !scope.areas.contains(&device.kind) {
            continue;
        }
        let newest = newest_of(db, (zone, &keys), device.number, since)?;
        // What hangs nowhere and was not heard is no meter that should speak.
        if device.hangs || newest.last.is_some() {
            meters.push(described(db, device, newest)?);
        }
    }
    Ok(meters)
}

/// Times of a meter's newest telegrams, the oldest first, and the number of the last one.
#[derive(Default)]
struct Newest {
    times: Vec<Timestamp>,
    last: Option<i64>,
}

/// The newest telegrams of a device that the permit reaches: read from the index, newest first, and no more than are
/// needed.
fn newest_of(
    db: &Connection,
    (zone, keys): (&Zone, &Reached),
    device: u32,
    since: Timestamp,
) -> Result<Newest, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- newest_of
         SELECT telegram_no, received_ms, key_no FROM raw_telegram
         WHERE device_no = ?1 AND received_ms >= ?2 ORDER BY received_ms DESC",
    )?;
    let mut rows = statement.query(params![device, since.as_millisecond()])?;
    let mut newest = Newest::default();
    while newest.times.len() < NEWEST
        && let Some(row) = rows.next()?
    {
        let at = instant(row.get(1)?)?;
        if keys.reach(KeyNo::new(row.get(2)?), at, zone) {
            newest.times.push(at);
            newest.last = newest.last.or(Some(row.get(0)?));
        }
    }
    newest.times.reverse();
    Ok(newest)
}

fn instant(at_ms: i64) -> Result<Timestamp, StoreFault> {
    Timestamp::from_millisecond(at_ms).map_err(|_| StoreFault::Row { what: "raw_telegram.received_ms" })
}

/// The permit's reach, by the keys telegrams are sealed with.
struct Reached {
    days: DayRange,
    /// Keys of occupancies that ended too long ago.
    over: FxHashSet<KeyNo>,
    /// The days of these keys that are reached.
    cuts: FxHashMap<KeyNo, i32>,
    /// Only these keys and days, if the reach names them.
    only: Option<FxHashMap<KeyNo, DayRange>>,
}

impl Reached {
    fn of(db: &Connection, Scope { reach, days, .. }: &Scope) -> Result<Self, StoreFault> {
        let mut cuts = FxHashMap::default();
        for (occupancy, from) in cuts_of(reach) {
            cuts.insert(keys_of_occupancy(db, occupancy)?.telegrams, from);
        }
        let (over, only) = match reach {
            Reach::Target { live_since, .. } => (keys_over(db, epoch_day(*live_since))?, None),
            Reach::Occupancies(occupancies) => {
                let mut only = FxHashMap::default();
                for (occupancy, days) in occupancies {
                    only.insert(keys_of_occupancy(db, *occupancy)?.telegrams, *days);
                }
                (FxHashSet::default(), Some(only))
            }
        };
        Ok(Self { days: *days, over, cuts, only })
    }

    fn reach(&self, key: KeyNo, at: Timestamp, zone: &Zone) -> bool {
        if self.over.contains(&key) {
            return false;
        }
        let cut = self.cuts.get(&key);
        if self.days == DayRange::always() && cut.is_none() && self.only.is_none() {
            return true;
        }
        let day = zone.day_of(at);
        let is_named =
            self.only.as_ref().is_none_or(|only| only.get(&key).is_some_and(|days| days.contains(day)));
        is_named && self.days.contains(day) && cut.is_none_or(|from| epoch_day(day) >= *from)
    }
}

/// The keys of occupancies that ended before a local day.
fn keys_over(db: &Connection, day: i32) -> Result<FxHashSet<KeyNo>, StoreFault> {
    let over = db
        .prepare_cached(
            "-- telegram_keys_over
             SELECT telegram_key_no FROM occupancy WHERE end_day < ?1",
        )?
        .query_map([day], |row| row.get(0).map(KeyNo::new))?
        .collect::<Result<_, _>>()?;
    Ok(over)
}

/// A device and where it hangs, or hung last.
struct Device {
    number: u32,
    meter: DeviceId,
    point: Option<String>,
    area: String,
    kind: AreaKind,
    /// Whether it hangs there now.
    hangs: bool,
}

fn devices(db: &Connection, today: i32) -> Result<Vec<Device>, StoreFault> {
    let sql = format!(
        "-- devices_and_places
         SELECT p.own_id, a.name, a.kind, i.start_day <= ?1 AND ?1 < i.end_day, d.device_no, {DEVICE_COLUMNS}
         FROM device d
         LEFT JOIN installation i ON i.device_no = d.device_no AND i.start_day =
              (SELECT max(n.start_day) FROM installation n
               WHERE n.device_no = d.device_no AND n.start_day <= ?1 AND n.retired_seq IS NULL)
              AND i.retired_seq IS NULL
         LEFT JOIN point p USING (point_no) LEFT JOIN area a USING (area_no)
         ORDER BY d.device_no"
    );
    db.prepare_cached(&sql)?.query_and_then([today], device)?.collect()
}

fn device(row: &Row<'_>) -> Result<Device, StoreFault> {
    let kind: Option<String> = row.get(2)?;
    let kind = kind.map_or(Some(AreaKind::Unassigned), |kind| AreaKind::from_code(&kind));
    Ok(Device {
        number: row.get(4)?,
        meter: device_from(row, 5)?,
        point: row.get(0)?,
        area: row.get::<_, Option<String>>(1)?.unwrap_or_else(|| AreaKind::Unassigned.code().to_owned()),
        kind: kind.ok_or(StoreFault::Row { what: "area.kind" })?,
        hangs: row.get::<_, Option<bool>>(3)?.unwrap_or_default(),
    })
}

fn described(db: &Connection, device: Device, newest: Newest) -> Result<MeterHeard, StoreFault> {
    let (gateways, best_rssi_dbm) = newest.last.map_or(Ok((0, None)), |last| reception(db, last))?;
    Ok(MeterHeard {
        meter: device.meter,
        point: device.point.unwrap_or_else(|| unassigned_own_id(device.meter)),
        area: device.area,
        times: newest.times,
        gateways,
        best_rssi_dbm,
    })
}

/// How many gateways heard a telegram, and how well the best did.
fn reception(db: &Connection, telegram: i64) -> Result<(u32, Option<i16>), StoreFault> {
    let found = db
        .prepare_cached(
            "-- best_reception
             SELECT count(DISTINCT gateway), max(rssi_dbm) FROM reception WHERE telegram_no = ?1",
        )?
        .query_row([telegram], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found)
}

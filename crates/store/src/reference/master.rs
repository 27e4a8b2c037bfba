//! Writing master data. The same data twice change nothing.

use std::collections::BTreeMap;

use crate::db::{Connection, DbFault, params};
use jiff::{Timestamp, ToSpan as _, civil::Date};
use tidstro_calendar::{Zone, epoch_day};
use tidstro_model::{AreaKind, Commodity, DeviceId, KeyNo, MasterData, Occupancy, Person, Point, PointNo};

use super::device::{register_device, unassigned_own_id};
use super::known_names::KnownNames;
use super::periods::MasterChange;
use super::periods::state_share;
use super::series::{ensure_interval_series, named_point};
use super::statements::{take_charges, take_ends, take_installations, take_points, take_supplies};
use crate::gate::Terms;
use crate::personal::{OccupancyKeys, Writing, master_changed, place_device, seal_for_owners};
use crate::seal::{FIRST_DAY, KeyKind};
use crate::{StoreFault, log, settlement};

/// Writes areas, points, devices, people, occupancies and supplies that are not there yet.
/// Returns how many rows were new. The event that says so is in the same transaction.
pub(crate) fn register_master(
    writing: &mut Writing,
    data: &MasterData,
    terms: &Terms,
    now: Timestamp,
) -> Result<u64, StoreFault> {
    let made = made(writing, data, now)?;
    let added = writing.transact_with(made, |writing, made| {
        let mut change = MasterChange::begin(terms.seq, None, now);
        let added = write_all(writing, &mut change, (data, &[]), made)?;
        if added > 0 {
            log::append(writing, terms.registered(format!("master data: {added} new rows"), now))?;
        }
        Ok(added)
    })?;
    writing.forget_places();
    Ok(added)
}

/// What is made before the transaction: keys of what is new, and people sealed with them.
#[derive(Clone)]
pub(super) struct Made {
    keys: NewKeys,
    people: Vec<NewSubject>,
}

pub(super) fn made(writing: &mut Writing, data: &MasterData, now: Timestamp) -> Result<Made, StoreFault> {
    let keys = make_keys(writing, data, now)?;
    let people = seal_people(writing, data, &keys.subjects)?;
    Ok(Made { keys, people })
}

/// Writes what is new, and that these points end; says how many rows were new. Call inside [`Writing::transact`].
pub(super) fn write_all(
    writing: &mut Writing,
    change: &mut MasterChange,
    (data, ends): (&MasterData, &[(String, Date)]),
    Made { keys, people }: Made,
) -> Result<u64, StoreFault> {
    let added = write_rows(&writing.db, change, (data, ends), &keys, people)? + change.done.added;
    // What was looked up before may say otherwise now.
    writing.forget_places();
    // Before values move: those are counted where they come to lie.
    master_changed(writing, change)?;
    if let Some(before) = change.before() {
        let touched = change.done.touched.iter().filter(|(point, _)| !change.fresh.is_new(*point));
        settlement::resettle(writing, &touched.copied().collect::<Vec<_>>(), before)?;
    }
    seal_for_new_occupancies(writing, change, data, &keys)?;
    place_devices(writing, data)?;
    Ok(added)
}

fn write_rows(
    db: &Connection,
    change: &mut MasterChange,
    (data, ends): (&MasterData, &[(String, Date)]),
    keys: &NewKeys,
    people: Vec<NewSubject>,
) -> Result<u64, StoreFault> {
    let mut added = 0;
    for area in &data.areas {
        added += register_area(db, &area.name, area.kind)?;
    }
    let mut areas = BTreeMap::new();
    for (point, key) in data.points.iter().zip(&keys.premises) {
        added += register_point((db, &mut areas), change, point, *key)?;
    }
    take_points(db, change, &data.stated_points)?;
    take_ends(db, change, ends)?;
    take_installations(db, change, &data.installations)?;
    for subject in people {
        change.fresh.add_person(&subject.reference, register_subject(db, &subject)?);
        added += 1;
    }
    for (occupancy, keys) in data.occupancies.iter().zip(&keys.occupancies) {
        added += register_occupancy((db, change), occupancy, *keys)?;
    }
    take_supplies(db, change, &data.supplies)?;
    take_charges(db, change, &data.charges)?;
    data.profile_shares.iter().try_for_each(|share| state_share(db, change, share))?;
    Ok(added)
}

/// What was stored before anybody was known to live there is sealed with the keys of who did. At a new point nothing is.
fn seal_for_new_occupancies(
    writing: &mut Writing,
    change: &MasterChange,
    data: &MasterData,
    keys: &NewKeys,
) -> Result<(), StoreFault> {
    let new = data.occupancies.iter().zip(&keys.occupancies).filter(|(_, keys)| keys.is_some());
    for (occupancy, _) in new {
        let mut points = Vec::with_capacity(occupancy.points.len());
        for own_id in &occupancy.points {
            points.extend(change.fresh.point_named(&writing.db, own_id)?);
        }
        points.retain(|point| !change.fresh.is_new(*point));
        if points.is_empty() {
            continue;
        }
        let days = (epoch_day(occupancy.days.start()), epoch_day(occupancy.days.end()));
        seal_for_owners(writing, &points, days)?;
    }
    Ok(())
}

/// What was kept apart of a meter that nobody had placed goes where it hung.
fn place_devices(writing: &mut Writing, data: &MasterData) -> Result<(), StoreFault> {
    for installation in &data.installations {
        if named_point(&writing.db, &unassigned_own_id(installation.meter))?.is_none() {
            continue;
        }
        let Some(point) = named_point(&writing.db, &installation.point)? else { continue };
        let device = register_device(&writing.db, installation.meter)?;
        let days = (epoch_day(installation.days.start()), epoch_day(installation.days.end()));
        place_device(writing, device, point, days)?;
    }
    Ok(())
}

/// Keys for what is new; `None` where the row exists already and has its key.
#[derive(Clone)]
struct NewKeys {
    premises: Vec<Option<KeyNo>>,
    /// For name and contact: a contact may end first.
    subjects: Vec<Option<(KeyNo, KeyNo)>>,
    occupancies: Vec<Option<OccupancyKeys>>,
}

/// How long before a point is made its history may begin, in years.
const HISTORY_YEARS: i32 = 10;

/// What seals a point's days without people, and its history as far as it may be imported.
pub(crate) fn premises_key(zone: &Zone, now: Timestamp) -> KeyKind {
    KeyKind::Premises(zone.day_of(now).saturating_sub(HISTORY_YEARS.years()))
}

fn make_keys(writing: &mut Writing, data: &MasterData, now: Timestamp) -> Result<NewKeys, StoreFault> {
    let db = &writing.db;
    let known = KnownNames::look_up(db, data)?;
    let points: Vec<bool> = data.points.iter().map(|point| !known.points.contains(&point.own_id)).collect();
    let people: Vec<bool> =
        data.people.iter().map(|person| !known.people.contains(&person.reference)).collect();
    // Where nobody knows the point, nobody lived.
    let occupancies = absent(&data.occupancies, |occupancy| match occupancy.points.first() {
        Some(point) if known.points.contains(point) => existing_or_erased(db, occupancy),
        _ => Ok(None),
    })?;
    let premises = premises_key(&writing.zone, now);
    Ok(NewKeys {
        premises: keys_for(writing, &data.points, &points, |_| premises)?,
        subjects: subject_keys(writing, &data.people, &people)?,
        occupancies: occupancy_keys(writing, &data.occupancies, &occupancies)?,
    })
}

/// Two keys for each new person.
fn subject_keys(
    writing: &mut Writing,
    people: &[Person],
    wanted: &[bool],
) -> Result<Vec<Option<(KeyNo, KeyNo)>>, StoreFault> {
    let names = keys_for(writing, people, wanted, |_| KeyKind::Subject)?;
    let contacts = keys_for(writing, people, wanted, |_| KeyKind::Subject)?;
    Ok(names.into_iter().zip(contacts).map(|(name, contact)| Some((name?, contact?))).collect())
}

/// Four keys for each new occupancy. They begin with its first day: no day of it is older.
fn occupancy_keys(
    writing: &mut Writing,
    occupancies: &[Occupancy],
    wanted: &[bool],
) -> Result<Vec<Option<OccupancyKeys>>, StoreFault> {
    let first = |occupancy: &Occupancy| occupancy.days.start().max(FIRST_DAY);
    let consumption = keys_for(writing, occupancies, wanted, |new| KeyKind::Consumption(first(new)))?;
    let climate = keys_for(writing, occupancies, wanted, |new| KeyKind::IndoorClimate(first(new)))?;
    let telegrams = keys_for(writing, occupancies, wanted, |new| KeyKind::Telegrams(first(new)))?;
    let alarms = keys_for(writing, occupancies, wanted, |new| KeyKind::Alarms(first(new)))?;
    let keys = consumption.into_iter().zip(climate).zip(telegrams.into_iter().zip(alarms));
    let keys = keys.map(|((consumption, climate), (telegrams, alarms))| {
        Some(OccupancyKeys {
            consumption: consumption?,
            indoor_climate: climate?,
            telegrams: telegrams?,
            alarms: alarms?,
        })
    });
    Ok(keys.collect())
}

/// Which of the items have no row yet.
fn absent<T>(
    items: &[T],
    existing: impl Fn(&T) -> Result<Option<i64>, StoreFault>,
) -> Result<Vec<bool>, StoreFault> {
    items.iter().map(|item| Ok(existing(item)?.is_none())).collect()
}

pub(super) fn existing_point(db: &Connection, own_id: &str) -> Result<Option<i64>, StoreFault> {
    number(db, "-- existing_point\nSELECT point_no FROM point WHERE own_id = ?1", own_id)
}

pub(super) fn existing_subject(db: &Connection, reference: &str) -> Result<Option<i64>, StoreFault> {
    number(db, "-- existing_subject\nSELECT subject_no FROM subject WHERE reference = ?1", reference)
}

/// A new key for each item that wants one.
fn keys_for<T>(
    writing: &mut Writing,
    items: &[T],
    wanted: &[bool],
    kind: impl Fn(&T) -> KeyKind,
) -> Result<Vec<Option<KeyNo>>, StoreFault> {
    let new = items.iter().zip(wanted).filter(|(_, wanted)| **wanted);
    let kinds: Vec<KeyKind> = new.map(|(item, _)| kind(item)).collect();
    let mut made = writing.vault.create(&kinds)?.into_iter();
    Ok(wanted.iter().map(|wanted| if *wanted { made.next() } else { None }).collect())
}

fn register_area(db: &Connection, name: &str, kind: AreaKind) -> Result<u64, StoreFault> {
    let added = db
        .prepare_cached(
            "-- register_area
             INSERT INTO area (name, kind) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
        )?
        .execute(params![name, kind.code()])?;
    Ok(added as u64)
}

/// Numbers of areas, by name.
type AreaNumbers<'a> = BTreeMap<&'a str, i64>;

fn register_point<'a>(
    (db, areas): (&Connection, &mut AreaNumbers<'a>),
    change: &mut MasterChange,
    point: &'a Point,
    key: Option<KeyNo>,
) -> Result<u64, StoreFault> {
    let Some(key) = key else { return learn_transformer(db, point) };
    let area = match areas.get(point.area.as_str()) {
        Some(area) => *area,
        None => *areas.entry(&point.area).or_insert(area_named(db, &point.area)?),
    };
    let point_no = insert_point((db, area), point, key)?;
    change.fresh.add_point(&point.own_id, point_no, &point.area);
    if let Some(resolution) = point.interval {
        ensure_interval_series(db, point_no, resolution)?;
    }
    Ok(1)
}

/// A point that is there already may not have said yet what it hangs behind.
fn learn_transformer(db: &Connection, point: &Point) -> Result<u64, StoreFault> {
    let Some(transformer) = &point.transformer else { return Ok(0) };
    let changed = db
        .prepare_cached(
            "-- learn_transformer
             UPDATE point SET transformer = ?2 WHERE own_id = ?1 AND transformer IS NULL",
        )?
        .execute(params![point.own_id, transformer])?;
    Ok(changed as u64)
}

fn area_named(db: &Connection, name: &str) -> Result<i64, StoreFault> {
    number(db, "-- area_no\nSELECT area_no FROM area WHERE name = ?1", name)?
        .ok_or_else(|| StoreFault::Dangling { kind: "area", name: name.to_owned() })
}

fn insert_point((db, area): (&Connection, i64), point: &Point, key: KeyNo) -> Result<PointNo, StoreFault> {
    let number = db
        .prepare_cached(
            "-- insert_point
             INSERT INTO point (area_no, own_id, commodity, flat, room, premises_key_no, transformer)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING point_no",
        )?
        .query_row(
            params![
                area,
                point.own_id,
                point.commodity.code(),
                point.flat,
                point.room,
                key.as_u32(),
                point.transformer
            ],
            |row| row.get(0),
        )?;
    Ok(PointNo::new(number))
}

/// Makes the point of a meter that no master data place anywhere.
pub(crate) fn register_unassigned_point(
    db: &Connection,
    device: DeviceId,
    key: KeyNo,
) -> Result<PointNo, StoreFault> {
    register_area(db, UNASSIGNED, AreaKind::Unassigned)?;
    let point = Point {
        own_id: unassigned_own_id(device),
        area: UNASSIGNED.to_owned(),
        commodity: Commodity::Unknown,
        flat: None,
        room: None,
        interval: None,
        transformer: None,
    };
    insert_point((db, area_named(db, UNASSIGNED)?), &point, key)
}

/// Name of the area for meters without master data.
const UNASSIGNED: &str = "unassigned";

/// A person about to be written, sealed already.
#[derive(Clone)]
struct NewSubject {
    reference: String,
    name_key: KeyNo,
    contact_key: KeyNo,
    name: Vec<u8>,
    contact: Vec<u8>,
}

fn seal_people(
    writing: &mut Writing,
    data: &MasterData,
    keys: &[Option<(KeyNo, KeyNo)>],
) -> Result<Vec<NewSubject>, StoreFault> {
    if writing.db.postgres().is_some() {
        let both = keys.iter().flatten().flat_map(|(name, contact)| [*name, *contact]);
        writing.vault.look_up(both)?;
    }
    let new = data.people.iter().zip(keys).filter_map(|(person, keys)| Some((person, (*keys)?)));
    new.map(|(person, keys)| seal_person(writing, person, keys)).collect()
}

fn seal_person(
    writing: &mut Writing,
    person: &Person,
    (name_key, contact_key): (KeyNo, KeyNo),
) -> Result<NewSubject, StoreFault> {
    Ok(NewSubject {
        reference: person.reference.clone(),
        name_key,
        contact_key,
        name: seal_column(writing, "name", name_key, &person.name)?,
        contact: seal_column(writing, "contact", contact_key, &person.contact)?,
    })
}

fn seal_column(writing: &mut Writing, column: &str, key: KeyNo, value: &str) -> Result<Vec<u8>, StoreFault> {
    let nonce = writing.nonces.next()?;
    writing.vault.undated_key(key)?.seal(nonce, &subject_row(column, key), value.as_bytes())
}

fn register_subject(db: &Connection, subject: &NewSubject) -> Result<i64, StoreFault> {
    let sql = "-- register_subject
         INSERT INTO subject (reference, key_no, contact_key_no, sealed_name, sealed_contact)
         VALUES (?1, ?2, ?3, ?4, ?5)";
    let values = params![
        subject.reference,
        subject.name_key.as_u32(),
        subject.contact_key.as_u32(),
        subject.name,
        subject.contact
    ];
    Ok(db.insert_numbered(sql, "subject_no", values)?)
}

/// Key columns of a sealed name or contact.
pub(crate) fn subject_row(column: &str, key: KeyNo) -> Vec<u8> {
    [b"subject.", column.as_bytes(), &key.as_u32().to_be_bytes()].concat()
}

fn register_occupancy(
    (db, change): (&Connection, &MasterChange),
    occupancy: &Occupancy,
    keys: Option<OccupancyKeys>,
) -> Result<u64, StoreFault> {
    let Some(OccupancyKeys { consumption, indoor_climate, telegrams, alarms }) = keys else { return Ok(0) };
    let new = change.fresh.person(&occupancy.subject);
    let subject = new
        .map_or_else(|| existing_subject(db, &occupancy.subject), |number| Ok(Some(number)))?
        .ok_or_else(|| StoreFault::Dangling { kind: "person", name: occupancy.subject.clone() })?;
    let (start, end) = (epoch_day(occupancy.days.start()), epoch_day(occupancy.days.end()));
    let number: i64 = db
        .prepare_cached(
            "-- register_occupancy
             INSERT INTO occupancy
                 (subject_no, start_day, end_day, consumption_key_no, climate_key_no, telegram_key_no, alarm_key_no)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING occupancy_no",
        )?
        .query_row(
            params![
                subject,
                start,
                end,
                consumption.as_u32(),
                indoor_climate.as_u32(),
                telegrams.as_u32(),
                alarms.as_u32()
            ],
            |row| row.get(0),
        )?;
    for own_id in &occupancy.points {
        let point = point_no((db, change), own_id)?;
        refuse_overlap(db, point, own_id, occupancy)?;
        db.prepare_cached(
            "-- register_occupancy_point
                 INSERT INTO occupancy_point (point_no, occupancy_no) VALUES (?1, ?2)",
        )?
        .execute(params![point, number])?;
    }
    Ok(1)
}

/// Two people never share the days of one metering point: each day's values have one owner.
fn refuse_overlap(
    db: &Connection,
    point: i64,
    own_id: &str,
    occupancy: &Occupancy,
) -> Result<(), StoreFault> {
    let (start, end) = (epoch_day(occupancy.days.start()), epoch_day(occupancy.days.end()));
    let other: Option<i32> = db
        .prepare_cached(
            "-- overlapping_occupancy
             SELECT CASE WHEN o.start_day > ?2 THEN o.start_day ELSE ?2 END FROM occupancy_point p JOIN occupancy o USING (occupancy_no)
             WHERE p.point_no = ?1 AND o.start_day < ?3 AND o.end_day > ?2 LIMIT 1",
        )?
        .query_row(params![point, start, end], |row| row.get(0))
        .map(Some)
        .or_else(none_if_no_row)?;
    match other.and_then(tidstro_calendar::from_epoch_day) {
        Some(day) => Err(StoreFault::OccupanciesOverlap { point: own_id.to_owned(), day }),
        None => Ok(()),
    }
}

fn none_if_no_row<T>(fault: DbFault) -> Result<Option<T>, DbFault> {
    match fault {
        DbFault::NoRow => Ok(None),
        other => Err(other),
    }
}

/// An occupancy that is there, or was erased: a list that still names it must not bring it back.
fn existing_or_erased(db: &Connection, occupancy: &Occupancy) -> Result<Option<i64>, StoreFault> {
    if let Some(found) = existing_occupancy(db, occupancy)? {
        return Ok(Some(found));
    }
    erased_occupancy(db, occupancy)
}

/// Whether days of an occupancy are erased at its point.
pub(super) fn is_erased_occupancy(db: &Connection, occupancy: &Occupancy) -> Result<bool, StoreFault> {
    Ok(erased_occupancy(db, occupancy)?.is_some())
}

fn erased_occupancy(db: &Connection, occupancy: &Occupancy) -> Result<Option<i64>, StoreFault> {
    let end = epoch_day(occupancy.days.end());
    let found = db
        .prepare_cached(
            "-- erased_occupancy
             SELECT point_no FROM point WHERE own_id = ?1 AND closed_before >= ?2",
        )?
        .query_row(params![occupancy.points.first(), end], |row| row.get(0))
        .map(Some)
        .or_else(none_if_no_row)?;
    Ok(found)
}

/// The occupancy of this person at the first of these points from this day on.
pub(super) fn existing_occupancy(db: &Connection, occupancy: &Occupancy) -> Result<Option<i64>, StoreFault> {
    let found = db
        .prepare_cached(
            "-- existing_occupancy
             SELECT o.occupancy_no FROM occupancy o JOIN subject s USING (subject_no)
             WHERE s.reference = ?1 AND o.start_day = ?2
               AND EXISTS (SELECT 1 FROM occupancy_point p JOIN point USING (point_no)
                           WHERE p.occupancy_no = o.occupancy_no AND point.own_id = ?3)",
        )?
        .query_row(
            params![occupancy.subject, epoch_day(occupancy.days.start()), occupancy.points.first()],
            |row| row.get(0),
        )
        .map(Some)
        .or_else(none_if_no_row)?;
    Ok(found)
}

fn point_no((db, change): (&Connection, &MasterChange), own_id: &str) -> Result<i64, StoreFault> {
    let found = change.fresh.point_named(db, own_id)?;
    found
        .map(|point| i64::from(point.as_u32()))
        .ok_or_else(|| StoreFault::Dangling { kind: "metering point", name: own_id.to_owned() })
}

fn number(db: &Connection, sql: &str, name: &str) -> Result<Option<i64>, StoreFault> {
    Ok(db.prepare_cached(sql)?.query_row([name], |row| row.get(0)).map(Some).or_else(none_if_no_row)?)
}

//! Writing master data. The same data twice change nothing.

use std::collections::BTreeMap;

use crate::db::{Bind as _, Bound, Connection, Numbered, OptionalExtension as _, params};
use jiff::{Timestamp, ToSpan as _, civil::Date};
use tidstro_calendar::{Zone, epoch_day};
use tidstro_model::{AreaKind, Commodity, DeviceId, KeyNo, MasterData, Occupancy, Person, Point, PointNo};

use super::device::{register_device, unassigned_own_id};
use super::known_names::{points_named, subjects_named};
use super::occupancies::{are_new, register_occupancies};
use super::periods::MasterChange;
use super::periods::{state_degree_days, state_shares};
use super::series::named_point;
use super::statements::{take_charges, take_ends, take_installations, take_points, take_supplies};
use crate::gate::Terms;
use crate::personal::{
    OccupancyKeys, Writing, master_changed, place_device, points_with_values, seal_for_owners,
};
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
    let added = writing.transact(|writing| {
        let mut change = MasterChange::begin(terms.seq, None, now);
        let added = write_all(writing, &mut change, (data, &[]), &made)?;
        if added > 0 {
            log::append(writing, terms.registered(format!("master data: {added} new rows"), now))?;
        }
        Ok(added)
    })?;
    writing.forget_places();
    Ok(added)
}

/// What is made before the transaction: keys of what is new, and people sealed with them.
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
    Made { keys, people }: &Made,
) -> Result<u64, StoreFault> {
    let added = write_rows(&writing.db, change, (data, ends), keys, people)? + change.done.added;
    // What was looked up before may say otherwise now.
    writing.forget_places();
    // Before values move: those are counted where they come to lie.
    master_changed(writing, change)?;
    if let Some(before) = change.before() {
        let touched = change.done.touched.iter().filter(|(point, _)| !change.fresh.is_new(*point));
        settlement::resettle(writing, &touched.copied().collect::<Vec<_>>(), before)?;
    }
    seal_for_new_occupancies(writing, change, data, keys)?;
    place_devices(writing, data)?;
    Ok(added)
}

fn write_rows(
    db: &Connection,
    change: &mut MasterChange,
    (data, ends): (&MasterData, &[(String, Date)]),
    keys: &NewKeys,
    people: &[NewSubject],
) -> Result<u64, StoreFault> {
    let mut added = 0;
    for area in &data.areas {
        added += register_area(db, &area.name, area.kind)?;
    }
    added += register_points(db, change, data.points.iter().zip(&keys.premises))?;
    added += register_subjects(db, change, people)?;
    change.fresh.look_up(db, data)?;
    take_points(db, change, &data.stated_points)?;
    take_ends(db, change, ends)?;
    take_installations(db, change, &data.installations)?;
    let new = data.occupancies.iter().zip(&keys.occupancies);
    let new: Vec<_> = new.filter_map(|(occupancy, keys)| Some((occupancy, (*keys)?))).collect();
    added += register_occupancies((db, change), &new)?;
    take_supplies(db, change, &data.supplies)?;
    take_charges(db, change, &data.charges)?;
    state_shares(db, change, &data.profile_shares)?;
    state_degree_days(db, change, &data.degree_days)?;
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
    let mut homes = Vec::with_capacity(data.occupancies.len());
    for (occupancy, _) in new {
        for own_id in &occupancy.points {
            homes.extend(change.fresh.point_named(&writing.db, own_id)?.map(|point| (point, occupancy.days)));
        }
    }
    homes.retain(|(point, _)| !change.fresh.is_new(*point));
    let points: Vec<PointNo> = homes.iter().map(|(point, _)| *point).collect();
    let holding = points_with_values(&writing.db, &points)?;
    for (point, days) in homes.into_iter().filter(|(point, _)| holding.contains(point)) {
        seal_for_owners(writing, &[point], (epoch_day(days.start()), epoch_day(days.end())))?;
    }
    Ok(())
}

/// What was kept apart of a meter that nobody had placed goes where it hung.
fn place_devices(writing: &mut Writing, data: &MasterData) -> Result<(), StoreFault> {
    let apart: Vec<String> = data.installations.iter().map(|one| unassigned_own_id(one.meter)).collect();
    let known = points_named(&writing.db, &apart)?;
    let is_apart = |name: &String| known.contains_key(name);
    for (installation, _) in data.installations.iter().zip(&apart).filter(|(_, name)| is_apart(name)) {
        let Some(point) = named_point(&writing.db, &installation.point)? else { continue };
        let device = register_device(&writing.db, installation.meter)?;
        let days = (epoch_day(installation.days.start()), epoch_day(installation.days.end()));
        place_device(writing, device, point, days)?;
    }
    Ok(())
}

/// Keys for what is new; `None` where the row exists already and has its key.
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
    let names: Vec<String> = data.points.iter().map(|point| point.own_id.clone()).collect();
    let known = points_named(db, &names)?;
    let points: Vec<bool> = names.iter().map(|name| !known.contains_key(name)).collect();
    let references: Vec<String> = data.people.iter().map(|person| person.reference.clone()).collect();
    let known = subjects_named(db, &references)?;
    let people: Vec<bool> = references.iter().map(|reference| !known.contains_key(reference)).collect();
    let occupancies = are_new(db, &data.occupancies)?;
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

/// Adds the points that have a key, which are new, with the series of their intervals. Says how many rows were new.
fn register_points<'a>(
    db: &Connection,
    change: &mut MasterChange,
    points: impl Iterator<Item = (&'a Point, &'a Option<KeyNo>)>,
) -> Result<u64, StoreFault> {
    let (mut new, mut known) = (Vec::new(), Vec::new());
    let mut areas = BTreeMap::<&str, i64>::new();
    for (point, key) in points {
        let Some(key) = key else {
            known.push(point);
            continue;
        };
        let area = match areas.get(point.area.as_str()) {
            Some(area) => *area,
            None => *areas.entry(&point.area).or_insert(area_named(db, &point.area)?),
        };
        new.push((area, point, *key));
    }
    let mut series = Vec::with_capacity(new.len());
    for ((_, point, _), number) in new.iter().zip(insert_points(db, &new)?) {
        change.fresh.add_point(&point.own_id, number, &point.area);
        series.extend(point.interval.map(|resolution| (number, resolution)));
    }
    change.fresh.ensure_interval_series(db, series)?;
    Ok(new.len() as u64 + learn_transformers(db, &known)?)
}

/// Points that are there already may not have said yet what they hang behind.
fn learn_transformers(db: &Connection, points: &[&Point]) -> Result<u64, StoreFault> {
    let said = points
        .iter()
        .filter_map(|point| Some([Bound::Text(&point.own_id), Bound::Text(point.transformer.as_deref()?)]));
    let sql = "-- learn_transformers
               UPDATE point SET transformer = ?2 WHERE own_id = ?1 AND transformer IS NULL";
    Ok(db.execute_each(sql, &said.collect::<Vec<_>>())? as u64)
}

fn area_named(db: &Connection, name: &str) -> Result<i64, StoreFault> {
    let found = db
        .prepare_cached("-- area_no\nSELECT area_no FROM area WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    found.ok_or_else(|| StoreFault::Dangling { kind: "area", name: name.to_owned() })
}

const POINTS: Numbered = Numbered {
    table: "point",
    number: "point_no",
    columns: "area_no, own_id, commodity, flat, room, premises_key_no, transformer",
};

/// Adds points to their areas; their numbers, in order.
fn insert_points(db: &Connection, points: &[(i64, &Point, KeyNo)]) -> Result<Vec<PointNo>, StoreFault> {
    let rows = points.iter().map(|(area, point, key)| {
        [
            Bound::from(*area),
            point.own_id.bound(),
            Bound::Text(point.commodity.code()),
            point.flat.bound(),
            point.room.bound(),
            key.as_u32().into(),
            point.transformer.bound(),
        ]
    });
    let number = |number| u32::try_from(number).map_err(|_| StoreFault::Row { what: "point.point_no" });
    let numbers = db.insert_all_numbered(POINTS, rows)?.into_iter();
    numbers.map(|one| number(one).map(PointNo::new)).collect()
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
    let made = insert_points(db, &[(area_named(db, UNASSIGNED)?, &point, key)])?;
    made.first().copied().ok_or(StoreFault::Row { what: "point.point_no" })
}

/// Name of the area for meters without master data.
const UNASSIGNED: &str = "unassigned";

/// A person about to be written, sealed already.
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

const SUBJECTS: Numbered = Numbered {
    table: "subject",
    number: "subject_no",
    columns: "reference, key_no, contact_key_no, sealed_name, sealed_contact",
};

/// Adds people. Says how many.
fn register_subjects(
    db: &Connection,
    change: &mut MasterChange,
    people: &[NewSubject],
) -> Result<u64, StoreFault> {
    let rows = people.iter().map(|person| {
        [
            person.reference.bound(),
            person.name_key.as_u32().into(),
            person.contact_key.as_u32().into(),
            person.name.bound(),
            person.contact.bound(),
        ]
    });
    for (person, number) in people.iter().zip(db.insert_all_numbered(SUBJECTS, rows)?) {
        change.fresh.add_person(&person.reference, number);
    }
    Ok(people.len() as u64)
}

/// Key columns of a sealed name or contact.
pub(crate) fn subject_row(column: &str, key: KeyNo) -> Vec<u8> {
    [b"subject.", column.as_bytes(), &key.as_u32().to_be_bytes()].concat()
}

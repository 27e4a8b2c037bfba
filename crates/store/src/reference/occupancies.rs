//! Rows of `occupancy` and `occupancy_point`: who lives where, and since when.
//!
//! What comes in: occupancies of master data, and the keys of those that are new. What goes out: which of them are new, and their
//! rows. Never: two people on the same days of one point, or an occupancy that was erased and comes back with an old list.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_model::Occupancy;

use super::known_names::{Lived, closed_before, lived_at};
use super::periods::MasterChange;
use crate::StoreFault;
use crate::db::{Bound, Connection, Numbered};
use crate::personal::OccupancyKeys;

/// Which of these occupancies are new: neither there nor erased.
pub(super) fn are_new(db: &Connection, occupancies: &[Occupancy]) -> Result<Vec<bool>, StoreFault> {
    let homes: BTreeSet<&String> =
        occupancies.iter().filter_map(|occupancy| occupancy.points.first()).collect();
    let homes: Vec<String> = homes.into_iter().cloned().collect();
    let (lived, closed) = (lived_at(db, &homes)?, closed_before(db, &homes)?);
    let is_new = |occupancy: &Occupancy| {
        let Some(home) = occupancy.points.first() else { return true };
        let lived = lived.get(home).map(Vec::as_slice).unwrap_or_default();
        same_occupancy(lived, occupancy).is_none() && !is_over(closed.get(home).copied(), occupancy)
    };
    Ok(occupancies.iter().map(is_new).collect())
}

/// The occupancy of this person from this day on, among those of its first point.
pub(super) fn same_occupancy<'l>(lived: &'l [Lived], occupancy: &Occupancy) -> Option<&'l Lived> {
    let start = epoch_day(occupancy.days.start());
    lived.iter().find(|lived| lived.reference == occupancy.subject && lived.days.0 == start)
}

/// Whether all days of an occupancy lie before the first one of which its first point keeps anything.
pub(super) fn is_over(closed_before: Option<i32>, occupancy: &Occupancy) -> bool {
    closed_before.is_some_and(|closed| closed >= epoch_day(occupancy.days.end()))
}

/// Adds occupancies with their points. Says how many.
pub(super) fn register_occupancies(
    (db, change): (&Connection, &MasterChange),
    new: &[(&Occupancy, OccupancyKeys)],
) -> Result<u64, StoreFault> {
    let mut subjects = Vec::with_capacity(new.len());
    for (Occupancy { subject, .. }, _) in new {
        let number = change.fresh.person(subject);
        subjects.push(number.ok_or_else(|| StoreFault::Dangling { kind: "person", name: subject.clone() })?);
    }
    let homes = homes((db, change), new)?;
    let rows = new.iter().zip(&subjects).map(|((occupancy, keys), subject)| row(*subject, occupancy, keys));
    let numbers = db.insert_all_numbered(OCCUPANCIES, rows)?;
    let of_points = homes.iter().zip(&numbers).flat_map(|(points, occupancy)| {
        points.iter().map(|point| [Bound::from(*point), Bound::from(*occupancy)])
    });
    db.insert_all("occupancy_point (point_no, occupancy_no)", of_points)?;
    Ok(new.len() as u64)
}

const OCCUPANCIES: Numbered = Numbered {
    table: "occupancy",
    number: "occupancy_no",
    columns: "subject_no, start_day, end_day, consumption_key_no, climate_key_no, telegram_key_no, alarm_key_no",
};

fn row(subject: i64, occupancy: &Occupancy, keys: &OccupancyKeys) -> [Bound<'static>; 7] {
    [
        subject.into(),
        epoch_day(occupancy.days.start()).into(),
        epoch_day(occupancy.days.end()).into(),
        keys.consumption.as_u32().into(),
        keys.indoor_climate.as_u32().into(),
        keys.telegrams.as_u32().into(),
        keys.alarms.as_u32().into(),
    ]
}

/// The points of each occupancy, none of them somebody else's on the same days.
fn homes(
    (db, change): (&Connection, &MasterChange),
    new: &[(&Occupancy, OccupancyKeys)],
) -> Result<Vec<Vec<i64>>, StoreFault> {
    let mut homes = Vec::with_capacity(new.len());
    let mut known = BTreeSet::new();
    for own_id in new.iter().flat_map(|(occupancy, _)| &occupancy.points) {
        let point = change.fresh.point_named(db, own_id)?;
        let dangling = || StoreFault::Dangling { kind: "metering point", name: own_id.clone() };
        if !change.fresh.is_new(point.ok_or_else(dangling)?) {
            known.insert(own_id);
        }
    }
    let known: Vec<String> = known.into_iter().cloned().collect();
    let days = |lived: Vec<Lived>| lived.into_iter().map(|lived| lived.days).collect::<Vec<_>>();
    let mut taken: FxHashMap<String, Vec<(i32, i32)>> =
        lived_at(db, &known)?.into_iter().map(|(own_id, lived)| (own_id, days(lived))).collect();
    for (occupancy, _) in new {
        let mut points = Vec::with_capacity(occupancy.points.len());
        for own_id in &occupancy.points {
            take_days(taken.entry(own_id.clone()).or_default(), own_id, occupancy)?;
            points.extend(change.fresh.point_named(db, own_id)?.map(|point| i64::from(point.as_u32())));
        }
        homes.push(points);
    }
    Ok(homes)
}

/// Two people never share the days of one metering point: each day's values have one owner.
fn take_days(taken: &mut Vec<(i32, i32)>, own_id: &str, occupancy: &Occupancy) -> Result<(), StoreFault> {
    let (start, end) = (epoch_day(occupancy.days.start()), epoch_day(occupancy.days.end()));
    let other = taken.iter().find(|(from, to)| *from < end && *to > start);
    if let Some(day) = other.and_then(|(from, _)| from_epoch_day((*from).max(start))) {
        return Err(StoreFault::OccupanciesOverlap { point: own_id.to_owned(), day });
    }
    taken.push((start, end));
    Ok(())
}

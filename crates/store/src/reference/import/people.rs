//! Rows about people and their occupancies.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_model::{DayRange, MasterRow, Occupancy, Person, PointNo};

use super::plan::Plan;
use super::write::Ended;
use super::{ItemChange, MasterRefusal};
use crate::StoreFault;
use crate::db::Connection;
use crate::reference::area::referenced_subject;
use crate::reference::master::{existing_occupancy, is_erased_occupancy};
use crate::reference::named_point;

/// People who are new. Somebody who is known stays as they are.
pub(super) fn plan_people(plan: &mut Plan<'_>) -> Result<(), StoreFault> {
    let mut said: BTreeMap<&str, (usize, &Person)> = BTreeMap::new();
    for (index, row) in plan.rows() {
        let MasterRow::Person(person) = row else { continue };
        match said.get(person.reference.as_str()) {
            Some((_, other)) if *other == person => continue,
            Some((other, _)) => {
                let (file, line) = plan.place_of(*other);
                plan.refuse(index, MasterRefusal::Twice { file, line });
                continue;
            }
            None => drop(said.insert(&person.reference, (index, person))),
        }
        if referenced_subject(plan.db, &person.reference)?.is_some() {
            plan.unchanged();
        } else {
            plan.add_person(person.clone());
            plan.change(index, ItemChange::Person { reference: person.reference.clone() });
        }
    }
    Ok(())
}

/// Occupancies that are new, and known ones that end earlier.
pub(super) fn plan_occupancies(plan: &mut Plan<'_>) -> Result<(), StoreFault> {
    for (index, row) in plan.rows() {
        let MasterRow::Occupancy(occupancy) = row else { continue };
        match existing_occupancy(plan.db, occupancy)? {
            Some(number) => known_occupancy(plan, index, occupancy, number)?,
            None => new_occupancy(plan, index, occupancy)?,
        }
    }
    Ok(())
}

fn known_occupancy(
    plan: &mut Plan<'_>,
    index: usize,
    occupancy: &Occupancy,
    number: i64,
) -> Result<(), StoreFault> {
    let was_end: i32 = plan
        .db
        .prepare_cached(
            "-- end_of_occupancy
             SELECT end_day FROM occupancy WHERE occupancy_no = ?1",
        )?
        .query_row([number], |row| row.get(0))?;
    let end = epoch_day(occupancy.days.end());
    if end == was_end {
        plan.unchanged();
    } else if end > was_end {
        plan.refuse(index, MasterRefusal::Longer);
    } else {
        plan.end_occupancy(Ended { occupancy: number, end, was_end });
        plan.change(index, changed(occupancy, true));
    }
    Ok(())
}

fn changed(occupancy: &Occupancy, is_ended: bool) -> ItemChange {
    ItemChange::Occupancy { reference: occupancy.subject.clone(), days: occupancy.days, is_ended }
}

fn new_occupancy(plan: &mut Plan<'_>, index: usize, occupancy: &Occupancy) -> Result<(), StoreFault> {
    match refusal(plan, occupancy)? {
        Some(why) => plan.refuse(index, why),
        None => {
            plan.add_occupancy(occupancy.clone());
            plan.change(index, changed(occupancy, false));
        }
    }
    Ok(())
}

fn refusal(plan: &Plan<'_>, occupancy: &Occupancy) -> Result<Option<MasterRefusal>, StoreFault> {
    if !plan.is_new_person(&occupancy.subject) && referenced_subject(plan.db, &occupancy.subject)?.is_none() {
        return Ok(Some(MasterRefusal::UnknownPerson));
    }
    if is_erased_occupancy(plan.db, occupancy)? {
        return Ok(Some(MasterRefusal::Erased));
    }
    for point in &occupancy.points {
        if !plan.knows_point(point)? {
            return Ok(Some(MasterRefusal::UnknownPoint { point: point.clone() }));
        }
        if let Some(day) = taken_day(plan, point, occupancy.days)? {
            return Ok(Some(MasterRefusal::OccupanciesOverlap { point: point.clone(), day }));
        }
    }
    Ok(None)
}

/// A day of these on which somebody is at the point, by these files or as known before them.
fn taken_day(plan: &Plan<'_>, point: &str, days: DayRange) -> Result<Option<Date>, StoreFault> {
    if let Some(day) = plan.so_far.lived_on(point, days) {
        return Ok(Some(day));
    }
    let Some(number) = named_point(plan.db, point)? else { return Ok(None) };
    let (start, end) = (epoch_day(days.start()), epoch_day(days.end()));
    let mut known = occupancies_at(plan.db, number)?.into_iter().map(|(occupancy, (from, to))| {
        (from.max(start), plan.end_of_occupancy(occupancy).unwrap_or(to).min(end))
    });
    Ok(known.find(|(from, to)| from < to).and_then(|(from, _)| from_epoch_day(from)))
}

/// An occupancy and its days, half open.
type Lived = (i64, (i32, i32));

/// The occupancies of a point.
fn occupancies_at(db: &Connection, point: PointNo) -> Result<Vec<Lived>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- occupancies_at
         SELECT o.occupancy_no, o.start_day, o.end_day
         FROM occupancy_point p JOIN occupancy o ON o.occupancy_no = p.occupancy_no
         WHERE p.point_no = ?1 ORDER BY o.start_day",
    )?;
    let rows = statement.query_map([point.as_u32()], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

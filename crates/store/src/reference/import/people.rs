//! Rows about people and their occupancies.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_model::{DayRange, MasterRow, Occupancy, Person};

use super::plan::Plan;
use super::write::Ended;
use super::{ItemChange, MasterRefusal};
use crate::reference::known_names::Lived;
use crate::reference::occupancies::{is_over, same_occupancy};

/// People who are new. Somebody who is known stays as they are.
pub(super) fn plan_people(plan: &mut Plan<'_>) {
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
        if plan.known.has_person(&person.reference) {
            plan.unchanged();
        } else {
            plan.add_person(person.clone());
            plan.change(index, ItemChange::Person { reference: person.reference.clone() });
        }
    }
}

/// Occupancies that are new, and known ones that end earlier.
pub(super) fn plan_occupancies(plan: &mut Plan<'_>) {
    for (index, row) in plan.rows() {
        let MasterRow::Occupancy(occupancy) = row else { continue };
        match known_before(plan, occupancy) {
            Some((number, was_end)) => known_occupancy(plan, (index, occupancy), (number, was_end)),
            None => new_occupancy(plan, index, occupancy),
        }
    }
}

/// The number of an occupancy that is known, and the first local day after it.
fn known_before(plan: &Plan<'_>, occupancy: &Occupancy) -> Option<(i64, i32)> {
    let lived = plan.known.lived_at(occupancy.points.first()?);
    same_occupancy(lived, occupancy).map(|lived| (lived.occupancy, lived.days.1))
}

fn known_occupancy(
    plan: &mut Plan<'_>,
    (index, occupancy): (usize, &Occupancy),
    (number, was_end): (i64, i32),
) {
    let end = epoch_day(occupancy.days.end());
    if end == was_end {
        plan.unchanged();
    } else if end > was_end {
        plan.refuse(index, MasterRefusal::Longer);
    } else {
        plan.end_occupancy(Ended { occupancy: number, end, was_end });
        plan.change(index, changed(occupancy, true));
    }
}

fn changed(occupancy: &Occupancy, is_ended: bool) -> ItemChange {
    ItemChange::Occupancy { reference: occupancy.subject.clone(), days: occupancy.days, is_ended }
}

fn new_occupancy(plan: &mut Plan<'_>, index: usize, occupancy: &Occupancy) {
    match refusal(plan, occupancy) {
        Some(why) => plan.refuse(index, why),
        None => {
            plan.add_occupancy(occupancy.clone());
            plan.change(index, changed(occupancy, false));
        }
    }
}

fn refusal(plan: &Plan<'_>, occupancy: &Occupancy) -> Option<MasterRefusal> {
    if !plan.is_new_person(&occupancy.subject) && !plan.known.has_person(&occupancy.subject) {
        return Some(MasterRefusal::UnknownPerson);
    }
    if is_over(plan.known.closed_before(occupancy), occupancy) {
        return Some(MasterRefusal::Erased);
    }
    occupancy.points.iter().find_map(|point| {
        if !plan.knows_point(point) {
            return Some(MasterRefusal::UnknownPoint { point: point.clone() });
        }
        let day = taken_day(plan, point, occupancy.days)?;
        Some(MasterRefusal::OccupanciesOverlap { point: point.clone(), day })
    })
}

/// A day of these on which somebody is at the point, by these files or as known before them.
fn taken_day(plan: &Plan<'_>, point: &str, days: DayRange) -> Option<Date> {
    if let Some(day) = plan.so_far.lived_on(point, days) {
        return Some(day);
    }
    let (start, end) = (epoch_day(days.start()), epoch_day(days.end()));
    let mut known = plan.known.lived_at(point).iter().map(|Lived { occupancy, days: (from, to), .. }| {
        ((*from).max(start), plan.end_of_occupancy(*occupancy).unwrap_or(*to).min(end))
    });
    known.find(|(from, to)| from < to).and_then(|(from, _)| from_epoch_day(from))
}

//! Recording and reading what moves the leases of a subject, under a permit.

use crate::db::{Connection, params};
use jiff::Timestamp;
use tidstro_calendar::epoch_day;
use tidstro_govern::{
    Event, EventKind, Inadmissible, LeaseEvent, LeaseEventKind, Matter, Reach, Recorded, Register,
    SubjectEvent, Target, admit_lease_event,
};
use tidstro_model::{ActivityId, PointNo, SubjectNo};

use crate::gate::{Terms, of_subject};
use crate::personal::{Writing, seal_for_owners};
use crate::{StoreFault, log};

/// Admits and adds the event, or keeps it aside. Call inside a transaction.
pub(super) fn record(
    writing: &mut Writing,
    register: &Register,
    terms: &Terms,
    event: &SubjectEvent,
    now: Timestamp,
) -> Result<Recorded, StoreFault> {
    match take(writing, register, terms, event, now)? {
        Ok(seq) => Ok(Recorded::Kept(seq)),
        Err(refused) => keep_aside(writing, terms, &words(&event.event), refused, now),
    }
}

/// Keeps what was not admitted, in words, with the subject that the permit is about.
pub(super) fn keep_aside(
    writing: &mut Writing,
    terms: &Terms,
    words: &str,
    refused: Inadmissible,
    now: Timestamp,
) -> Result<Recorded, StoreFault> {
    let line = format!("{words} of {}", terms.target);
    log::keep_aside(writing, &terms.actor, (0, line.as_bytes()), refused.aside(), now)?;
    Ok(Recorded::Aside(refused))
}

/// Admits and adds the event and gives its number in the facts, or says why not. Call inside a transaction.
pub(super) fn take(
    writing: &mut Writing,
    register: &Register,
    terms: &Terms,
    event: &SubjectEvent,
    now: Timestamp,
) -> Result<Result<i64, Inadmissible>, StoreFault> {
    let subject = event.subject;
    must_be_target(terms, subject)?;
    let event = LeaseEvent { at: instant(event.event.at.as_millisecond())?, ..event.event.clone() };
    if let Err(refused) = admitted(writing, register, terms, subject, &event, now)? {
        return Ok(Err(refused));
    }
    if event.kind == LeaseEventKind::TenancyEnd && !end_occupancies(writing, subject, &event)? {
        return Ok(Err(Inadmissible::NotTheSubjects));
    }
    let logged = Event::new(now, EventKind::LeaseEvent, terms.actor.clone(), words(&event));
    let subjects = vec![log::subject_commitment(writing, subject)?];
    let purpose = Some(terms.grant.activity.clone());
    let seq = log::append(writing, Event { purpose, subjects, ..logged })?;
    insert(&writing.db, subject, &event)?;
    Ok(Ok(seq))
}

/// Ends the occupancies the event is about with its local day, where they went on after it. Returns whether
/// there were any.
fn end_occupancies(
    writing: &mut Writing,
    subject: SubjectNo,
    event: &LeaseEvent,
) -> Result<bool, StoreFault> {
    let occupancy = match event.matter {
        None => None,
        Some(Matter::Occupancy(number)) => Some(number.as_u32()),
        Some(Matter::Dossier(_)) => return Ok(false),
    };
    let end = epoch_day(writing.zone.day_of(event.at)) + 1;
    let going_on: Vec<(u32, i32)> = writing
        .db
        .prepare_cached(
            "-- occupancies_going_on
             SELECT occupancy_no, end_day FROM occupancy
             WHERE subject_no = ?1 AND (CAST(?2 AS BIGINT) IS NULL OR occupancy_no = ?2) AND start_day < ?3 AND end_day > ?3",
        )?
        .query_map(params![subject.as_u32(), occupancy, end], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (occupancy, was_end) in &going_on {
        end_occupancy(writing, *occupancy, (end, *was_end))?;
    }
    Ok(!going_on.is_empty())
}

/// What was stored for the days after its end is sealed for whom it belongs to instead.
pub(crate) fn end_occupancy(
    writing: &mut Writing,
    occupancy: u32,
    (end, was_end): (i32, i32),
) -> Result<(), StoreFault> {
    writing
        .db
        .prepare_cached(
            "-- end_occupancy
             UPDATE occupancy SET end_day = ?2 WHERE occupancy_no = ?1",
        )?
        .execute(params![occupancy, end])?;
    let points: Vec<PointNo> = writing
        .db
        .prepare_cached(
            "-- points_of_occupancy
             SELECT point_no FROM occupancy_point WHERE occupancy_no = ?1",
        )?
        .query_map([occupancy], |row| Ok(PointNo::new(row.get(0)?)))?
        .collect::<Result<_, _>>()?;
    seal_for_owners(writing, &points, (end, was_end))
}

/// The permit is for one subject, and the event is its.
fn must_be_target(terms: &Terms, subject: SubjectNo) -> Result<(), StoreFault> {
    if terms.target == Target::Subject(subject) {
        return Ok(());
    }
    Err(StoreFault::PermitForOther {
        permit: format!("{} {} of {}", terms.operation, terms.category, terms.target),
        needed: "what concerns another subject".to_owned(),
    })
}

fn admitted(
    writing: &Writing,
    register: &Register,
    terms: &Terms,
    subject: SubjectNo,
    event: &LeaseEvent,
    now: Timestamp,
) -> Result<Result<(), Inadmissible>, StoreFault> {
    if !event.matter.is_none_or(|matter| is_reached(terms, matter)) {
        return Ok(Err(Inadmissible::NotTheSubjects));
    }
    let facts = of_subject(&writing.db, subject)?;
    let had: Vec<&LeaseEvent> = facts.events.iter().map(|had| &had.event).collect();
    Ok(admit_lease_event(register, &had, event, now))
}

fn is_reached(terms: &Terms, matter: Matter) -> bool {
    match (matter, &terms.scope().reach) {
        (Matter::Occupancy(occupancy), Reach::Occupancies(named)) => {
            named.iter().any(|(reached, _)| *reached == occupancy)
        }
        (Matter::Occupancy(_), Reach::Target { .. }) => false,
        (Matter::Dossier(dossier), _) => terms.scope().dossiers.contains(&dossier),
    }
}

/// What happened, without whose it is: the occupancy or dossier would tell.
fn words(event: &LeaseEvent) -> String {
    let activity = event.activity.as_ref().map(|activity| format!(" for {activity}")).unwrap_or_default();
    let days = event.days.map(|days| format!(", {days}")).unwrap_or_default();
    format!("{}{activity} at {}{days}", event.kind, event.at)
}

fn insert(db: &Connection, subject: SubjectNo, event: &LeaseEvent) -> Result<(), StoreFault> {
    let (occupancy, dossier) = match event.matter {
        Some(Matter::Occupancy(number)) => (Some(number.as_u32()), None),
        Some(Matter::Dossier(number)) => (None, Some(number.as_u32())),
        None => (None, None),
    };
    db.prepare_cached(
        "-- record_lease_event
         INSERT INTO subject_event (subject_no, at_ms, kind, occupancy_no, dossier_no, activity, start_day, end_day)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        subject.as_u32(),
        event.at.as_millisecond(),
        event.kind.word(),
        occupancy,
        dossier,
        event.activity.as_ref().map(ActivityId::as_str),
        event.days.map(|days| epoch_day(days.start())),
        event.days.map(|days| epoch_day(days.end())),
    ])?;
    Ok(())
}

/// The events of the permit's subject that are about all of it or about what the permit reaches, oldest first.
pub(super) fn lease_events(db: &Connection, terms: &Terms) -> Result<Vec<SubjectEvent>, StoreFault> {
    let Target::Subject(subject) = terms.target else { return Ok(Vec::new()) };
    let mut events = of_subject(db, subject)?.events;
    events.retain(|event| event.event.matter.is_none_or(|matter| is_reached(terms, matter)));
    Ok(events)
}

fn instant(at_ms: i64) -> Result<Timestamp, StoreFault> {
    Timestamp::from_millisecond(at_ms).map_err(|_| StoreFault::Row { what: "subject_event.at_ms" })
}

//! Loading the facts of an ask, deciding, logging: one transaction.

use std::collections::BTreeSet;

use jiff::Timestamp;
use tidstro_govern::log::Hash;
use tidstro_govern::{
    Ask, Decision, Event, EventKind, Explanation, Facts, Register, Target, decide, explain,
};
use tidstro_model::{DayRange, DossierNo, PointNo, SubjectNo};

use super::known::facts;
use super::{Decided, Permit};
use crate::StoreFault;
use crate::log;
use crate::personal::Writing;

/// The gate itself.
pub(crate) fn decide_and_log(
    writing: &mut Writing,
    register: &Register,
    ask: &Ask,
    now: Timestamp,
) -> Result<Decided, StoreFault> {
    let facts = facts(&writing.db, register, ask.target, &ask.purpose, now)?;
    match decide(register, &facts, ask, now) {
        Decision::Grant(grant) => {
            let event = event(writing, EventKind::Granted, ask, &facts, now)?;
            let seq = log::append(writing, event)?;
            Ok(Decided::Granted(Permit::new(ask, grant, seq, now)))
        }
        Decision::Refuse(refuse) => {
            let event = event(writing, EventKind::Refused, ask, &facts, now)?;
            log::append(writing, Event { rule: Some(refuse.rule.code().to_owned()), ..event })?;
            Ok(Decided::Refused(refuse))
        }
    }
}

/// Why the gate would say yes or no. That somebody wanted to know is in the log: an explanation tells
/// whether the target has something to reach.
pub(crate) fn explain_and_log(
    writing: &mut Writing,
    register: &Register,
    ask: &Ask,
    now: Timestamp,
) -> Result<Explanation, StoreFault> {
    let facts = facts(&writing.db, register, ask.target, &ask.purpose, now)?;
    let event = event(writing, EventKind::Explained, ask, &facts, now)?;
    log::append(writing, event)?;
    Ok(explain(register, &facts, ask, now))
}

/// The log says what was asked in the register's words; whom it concerned only as keyed commitments.
fn event(
    writing: &mut Writing,
    kind: EventKind,
    ask: &Ask,
    facts: &Facts,
    now: Timestamp,
) -> Result<Event, StoreFault> {
    let Ask { operation, category, days, resolution, .. } = ask;
    let of = criterion(ask.target);
    let detail = match &ask.recipient {
        Some(to) => format!("{operation} {category} {days} at {resolution} of {of} to {}", to.party),
        None => format!("{operation} {category} {days} at {resolution} of {of}"),
    };
    let event = Event::new(now, kind, ask.actor.clone(), detail);
    Ok(Event { purpose: Some(ask.purpose.clone()), subjects: concerned(writing, ask, facts)?, ..event })
}

/// The target as a search criterion. An area has a number and a name nobody is born with; a point, a
/// subject or a dossier leads to a person.
fn criterion(target: Target) -> String {
    match target {
        Target::Point(_) => "one point".to_owned(),
        Target::Subject(_) => "one subject".to_owned(),
        Target::Dossier(_) => "one dossier".to_owned(),
        Target::Area(_) | Target::Everything => target.to_string(),
    }
}

/// Commitments to everybody the ask concerns, each once, in ascending order.
fn concerned(writing: &mut Writing, ask: &Ask, facts: &Facts) -> Result<Vec<Hash>, StoreFault> {
    let mut commitments = match ask.target {
        Target::Point(point) => of_residents(writing, point, ask.days, facts)?,
        Target::Subject(subject) => vec![log::subject_commitment(writing, subject)?],
        Target::Dossier(dossier) => vec![of_dossier(writing, dossier, facts)?],
        Target::Area(_) | Target::Everything => Vec::new(),
    };
    commitments.sort_unstable();
    commitments.dedup();
    Ok(commitments)
}

/// Everybody who lived at a point on one of the days. Where nobody did, or where there is no such point,
/// something that stands for the point.
fn of_residents(
    writing: &mut Writing,
    point: PointNo,
    days: DayRange,
    facts: &Facts,
) -> Result<Vec<Hash>, StoreFault> {
    let lived = facts.occupancies.iter().filter(|occupancy| occupancy.days.intersect(days).is_some());
    let subjects: BTreeSet<SubjectNo> = lived.map(|occupancy| occupancy.subject).collect();
    if subjects.is_empty() {
        return Ok(vec![log::stand_in(writing, "point", point.as_u32())]);
    }
    subjects.into_iter().map(|subject| log::subject_commitment(writing, subject)).collect()
}

fn of_dossier(writing: &mut Writing, dossier: DossierNo, facts: &Facts) -> Result<Hash, StoreFault> {
    match facts.dossiers.iter().find_map(|fact| fact.subject) {
        Some(subject) => log::subject_commitment(writing, subject),
        None => log::dossier_commitment(writing, dossier),
    }
}

//! Loading the facts of an ask, deciding, logging: one transaction.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use tidstro_calendar::from_epoch_day;
use tidstro_govern::{
    Ask, Decision, Event, EventKind, Explanation, Facts, OccupancyFact, Register, Target, decide, explain,
};
use tidstro_model::{DayRange, OccupancyNo, SubjectNo};

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
    let facts = facts(&writing.db, ask.target)?;
    let today = writing.zone.day_of(now);
    match decide(register, &facts, ask, today) {
        Decision::Grant(grant) => {
            let seq = log::append(&writing.db, event(writing, EventKind::Granted, ask, None, now))?;
            Ok(Decided::Granted(Permit::new(ask, grant, seq, now)))
        }
        Decision::Refuse(refuse) => {
            log::append(&writing.db, event(writing, EventKind::Refused, ask, Some(refuse.rule.code()), now))?;
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
    let facts = facts(&writing.db, ask.target)?;
    log::append(&writing.db, event(writing, EventKind::Explained, ask, None, now))?;
    Ok(explain(register, &facts, ask, writing.zone.day_of(now)))
}

/// What the store knows about a target.
fn facts(db: &Connection, target: Target) -> Result<Facts, StoreFault> {
    let occupancies = match target {
        Target::Point(point) => occupancies(
            db,
            "-- occupancies_of_point
             SELECT o.occupancy_no, o.subject_no, o.start_day, o.end_day
             FROM occupancy_point p JOIN occupancy o USING (occupancy_no)
             WHERE p.point_no = ?1 ORDER BY o.start_day",
            point.as_u32(),
        )?,
        Target::Subject(subject) => occupancies(
            db,
            "-- occupancies_of_subject
             SELECT occupancy_no, subject_no, start_day, end_day FROM occupancy
             WHERE subject_no = ?1 ORDER BY start_day",
            subject.as_u32(),
        )?,
        Target::Area(_) | Target::Everything => Vec::new(),
    };
    Ok(Facts { occupancies })
}

fn occupancies(db: &Connection, sql: &str, number: u32) -> Result<Vec<OccupancyFact>, StoreFault> {
    db.prepare_cached(sql)?.query_and_then(params![number], occupancy_fact)?.collect()
}

fn occupancy_fact(row: &rusqlite::Row<'_>) -> Result<OccupancyFact, StoreFault> {
    let damaged = || StoreFault::Row { what: "occupancy.start_day or end_day" };
    let start = from_epoch_day(row.get(2)?).ok_or_else(damaged)?;
    let end = from_epoch_day(row.get(3)?).ok_or_else(damaged)?;
    Ok(OccupancyFact {
        occupancy: OccupancyNo::new(row.get(0)?),
        subject: SubjectNo::new(row.get(1)?),
        days: DayRange::new(start, end).map_err(|_| damaged())?,
    })
}

/// The log says what was asked in the register's words; whom it concerned only as a keyed commitment.
fn event(writing: &Writing, kind: EventKind, ask: &Ask, rule: Option<&str>, now: Timestamp) -> Event {
    let target = ask.target.to_string();
    Event {
        at: now,
        kind,
        actor: ask.actor.clone(),
        purpose: Some(ask.purpose.clone()),
        rule: rule.map(str::to_owned),
        subject_commitment: Some(writing.vault.commit("target", target.as_bytes())),
        detail: format!("{} {} {} at {}", ask.operation, ask.category, ask.days, ask.resolution),
    }
}

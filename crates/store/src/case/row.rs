//! Events of cases as rows.

use crate::db::{Connection, Row, params};
use jiff::{Timestamp, civil::Date};
use tidstro_calendar::{Amount, Zone, epoch_day, from_epoch_day};
use tidstro_govern::{CaseEvent, CaseStep, Moment};
use tidstro_model::{ActorId, CaseId, NameFault, ObligationId, TriggerId};

use crate::StoreFault;

/// The event as it will be read back: the store keeps milliseconds.
pub(super) fn to_the_millisecond(event: CaseEvent) -> Result<CaseEvent, StoreFault> {
    let at = match event.at {
        Moment::Instant(at) => Moment::Instant(instant(at.as_millisecond())?),
        day @ Moment::Day(_) => day,
    };
    Ok(CaseEvent { at, ..event })
}

/// The columns that [`case_event`] reads.
const COLUMNS: &str =
    "case_id, at_ms, on_day, step, trigger_id, starts_day, obligation, amount, reason, actor, recorded_ms";

/// The events of one case, or of all, in the order in which they were recorded. Of one case by its index: a
/// program may report many.
pub(super) fn case_events(db: &Connection, case: Option<&CaseId>) -> Result<Vec<CaseEvent>, StoreFault> {
    let of_one = format!(
        "-- events_of_case
         SELECT {COLUMNS} FROM case_event WHERE case_id = ?1 ORDER BY case_event_no"
    );
    let of_all = format!(
        "-- case_events
         SELECT {COLUMNS} FROM case_event ORDER BY case_event_no"
    );
    match case {
        Some(case) => db.prepare_cached(&of_one)?.query_and_then([case.as_str()], case_event)?.collect(),
        None => db.prepare_cached(&of_all)?.query_and_then([], case_event)?.collect(),
    }
}

/// Adds the event, whose event in the log has this number.
pub(super) fn insert(
    db: &Connection,
    event: &CaseEvent,
    log_seq: i64,
    zone: &Zone,
) -> Result<(), StoreFault> {
    let (at, on_day) = match event.at {
        Moment::Instant(at) => (at, None),
        Moment::Day(day) => (zone.day_start(day), Some(epoch_day(day))),
    };
    let step = Columns::of(&event.step);
    db.prepare_cached(
        "-- record_case_event
         INSERT INTO case_event (case_id, at_ms, on_day, step, trigger_id, starts_day, obligation, amount, reason,
                                 actor, recorded_ms, log_seq)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute(params![
        event.case.as_str(),
        at.as_millisecond(),
        on_day,
        step.word,
        step.trigger,
        step.starts,
        step.obligation,
        step.amount,
        step.reason,
        event.by.as_str(),
        event.recorded.as_millisecond(),
        log_seq,
    ])?;
    Ok(())
}

/// The columns that depend on the kind of step.
#[derive(Default)]
struct Columns<'e> {
    word: &'static str,
    trigger: Option<&'e str>,
    starts: Option<i32>,
    obligation: Option<&'e str>,
    amount: Option<String>,
    reason: Option<&'e str>,
}

impl<'e> Columns<'e> {
    fn of(step: &'e CaseStep) -> Self {
        let obligation = step.obligation().map(ObligationId::as_str);
        let of = |word| Self { word, obligation, ..Self::default() };
        match step {
            CaseStep::Trigger { trigger, starts } => {
                let (trigger, starts) = (Some(trigger.as_str()), starts.map(epoch_day));
                Self { trigger, starts, ..of("trigger") }
            }
            CaseStep::Extension { by, reason, .. } => {
                Self { amount: Some(by.to_string()), reason: Some(reason), ..of("extension") }
            }
            CaseStep::Pause { reason, .. } => Self { reason: Some(reason), ..of("pause") },
            CaseStep::Resume { .. } => of("resume"),
        }
    }
}

fn case_event(row: &Row<'_>) -> Result<CaseEvent, StoreFault> {
    let on_day: Option<i32> = row.get(2)?;
    Ok(CaseEvent {
        case: name(row, 0, CaseId::parse, "case_event.case_id")?,
        at: match on_day {
            Some(number) => Moment::Day(day(number, "case_event.on_day")?),
            None => Moment::Instant(instant(row.get(1)?)?),
        },
        step: step(row)?,
        by: name(row, 9, ActorId::parse, "case_event.actor")?,
        recorded: instant(row.get(10)?)?,
    })
}

fn step(row: &Row<'_>) -> Result<CaseStep, StoreFault> {
    let word: String = row.get(3)?;
    let obligation = || name(row, 6, ObligationId::parse, "case_event.obligation");
    match word.as_str() {
        "trigger" => trigger(row),
        "extension" => {
            let amount: String = row.get(7)?;
            let by = Amount::parse(&amount).map_err(|_| StoreFault::Row { what: "case_event.amount" })?;
            Ok(CaseStep::Extension { obligation: obligation()?, by, reason: row.get(8)? })
        }
        "pause" => Ok(CaseStep::Pause { obligation: obligation()?, reason: row.get(8)? }),
        "resume" => Ok(CaseStep::Resume { obligation: obligation()? }),
        _ => Err(StoreFault::Row { what: "case_event.step" }),
    }
}

fn trigger(row: &Row<'_>) -> Result<CaseStep, StoreFault> {
    let starts: Option<i32> = row.get(5)?;
    Ok(CaseStep::Trigger {
        trigger: name(row, 4, TriggerId::parse, "case_event.trigger_id")?,
        starts: starts.map(|number| day(number, "case_event.starts_day")).transpose()?,
    })
}

fn name<T>(
    row: &Row<'_>,
    column: usize,
    parse: impl Fn(&str) -> Result<T, NameFault>,
    what: &'static str,
) -> Result<T, StoreFault> {
    let text: String = row.get(column)?;
    parse(&text).map_err(|_| StoreFault::Row { what })
}

fn day(number: i32, what: &'static str) -> Result<Date, StoreFault> {
    from_epoch_day(number).ok_or(StoreFault::Row { what })
}

fn instant(at_ms: i64) -> Result<Timestamp, StoreFault> {
    Timestamp::from_millisecond(at_ms).map_err(|_| StoreFault::Row { what: "case_event.at_ms" })
}

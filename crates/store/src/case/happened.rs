//! Recording what happened in a case.

use jiff::Timestamp;
use tidstro_govern::log::hex;
use tidstro_govern::{
    CaseEvent, CaseStep, Event, EventKind, Inadmissible, Moment, Recorded, Register, admit,
};

use super::row::{case_events, insert, to_the_millisecond};
use crate::StoreFault;
use crate::log;
use crate::personal::Writing;

/// Admits and appends the event, or keeps it aside. Call inside a transaction.
pub(super) fn record(
    writing: &mut Writing,
    register: &Register,
    event: CaseEvent,
    now: Timestamp,
) -> Result<Recorded, StoreFault> {
    let event = CaseEvent { recorded: now, ..to_the_millisecond(event)? };
    match take(writing, register, &event, now)? {
        Ok(seq) => Ok(Recorded::Kept(seq)),
        Err(refused) => {
            let line =
                format!("{} in case {}{}", words(&event), event.case, reason(&event).unwrap_or_default());
            log::keep_aside(writing, &event.by, (0, line.as_bytes()), refused.aside(), now)?;
            Ok(Recorded::Aside(refused))
        }
    }
}

/// Admits and appends the event and gives its number in the facts, or says why not. That somebody may not
/// record it is in the log. Call inside a transaction.
pub(super) fn take(
    writing: &mut Writing,
    register: &Register,
    event: &CaseEvent,
    now: Timestamp,
) -> Result<Result<i64, Inadmissible>, StoreFault> {
    let had = case_events(&writing.db, Some(&event.case))?;
    if let Err(refused) = admit(register, &had, event, now) {
        log_refusal(writing, event, &refused, now)?;
        return Ok(Err(refused));
    }
    let seq = log::append(writing, logged(writing, event, now))?;
    insert(&writing.db, event, seq, &writing.zone)?;
    Ok(Ok(seq))
}

/// Where it is the actor that is refused, and not the event. What an unknown actor wrote may name anybody, so
/// the log does not repeat it.
fn log_refusal(
    writing: &mut Writing,
    event: &CaseEvent,
    refused: &Inadmissible,
    now: Timestamp,
) -> Result<(), StoreFault> {
    let Some(rule) = refused.refusal() else { return Ok(()) };
    let (detail, case) = match refused {
        Inadmissible::UnknownActor { .. } => ("record in a case".to_owned(), None),
        _ => (format!("record {}", event.step.word()), Some(event.case.clone())),
    };
    let logged = Event::new(now, EventKind::Refused, event.by.clone(), detail);
    log::append(writing, Event { rule: Some(rule.to_owned()), case, ..logged })?;
    Ok(())
}

/// The event of the log. A reason may hold a name against the rule, so the log has only what proves that
/// it was not changed.
fn logged(writing: &Writing, event: &CaseEvent, now: Timestamp) -> Event {
    let proof = reason(event).map(|reason| writing.vault.commit("case event reason", reason.as_bytes()));
    let detail = match proof {
        Some(proof) => format!("{}, reason {}", words(event), hex(&proof)),
        None => words(event),
    };
    let logged = Event::new(now, EventKind::CaseEvent, event.by.clone(), detail);
    Event { case: Some(event.case.clone()), ..logged }
}

/// What happened, in the words of the register.
fn words(event: &CaseEvent) -> String {
    let at = match event.at {
        Moment::Instant(at) => at.to_string(),
        Moment::Day(day) => day.to_string(),
    };
    match &event.step {
        CaseStep::Trigger { trigger, starts: None } => format!("{trigger} at {at}"),
        CaseStep::Trigger { trigger, starts: Some(day) } => format!("{trigger} at {at}, starts {day}"),
        CaseStep::Extension { obligation, by, .. } => format!("extension of {obligation} by {by} at {at}"),
        CaseStep::Pause { obligation, .. } => format!("pause of {obligation} at {at}"),
        CaseStep::Resume { obligation } => format!("resume of {obligation} at {at}"),
    }
}

fn reason(event: &CaseEvent) -> Option<&str> {
    match &event.step {
        CaseStep::Extension { reason, .. } | CaseStep::Pause { reason, .. } => Some(reason),
        CaseStep::Trigger { .. } | CaseStep::Resume { .. } => None,
    }
}

//! Whether an event may be recorded in a case.
//!
//! What comes in: the register, the events the case has, a new one, now. What goes out: yes, or why not.
//! Never: an event that would let a clock end earlier, or that the register does not know.

use jiff::Timestamp;
use tidstro_calendar::Zone;
use tidstro_model::{ObligationId, TriggerId};

use super::course::{Course, started};
use super::event::{CaseEvent, CaseStep, earliest, in_order};
use crate::register::{ClockDirection, Obligation, Register};
use crate::{Inadmissible, RoleId};

/// Whether `new` may be recorded in its case, whose events so far are `events`, in any order.
///
/// # Errors
/// [`Inadmissible`]: why it may not.
pub fn admit(
    register: &Register,
    events: &[CaseEvent],
    new: &CaseEvent,
    now: Timestamp,
) -> Result<(), Inadmissible> {
    is_staff(register, new)?;
    is_known(register, new)?;
    may_record(register, new)?;
    has_happened(register, new, now)?;
    let zone = register.zone();
    let mut before: Vec<&CaseEvent> = events.iter().filter(|event| event.case == new.case).collect();
    before.sort_by(|a, b| in_order(a, b, zone));
    let mut after = before.clone();
    after.insert(before.partition_point(|event| in_order(event, new, zone).is_le()), new);
    let mut concerned = register.obligations().filter(|obligation| concerns(obligation, new));
    concerned.try_for_each(|obligation| judge(obligation, &before, &after, new, zone))
}

/// Residents have no case to record in: they ask, and staff record it.
fn is_staff(register: &Register, new: &CaseEvent) -> Result<(), Inadmissible> {
    if register.actors().any(|actor| actor.id == new.by) {
        return Ok(());
    }
    Err(Inadmissible::UnknownActor { actor: new.by.clone() })
}

/// What one event does to several obligations, somebody must be allowed for each of them.
fn may_record(register: &Register, new: &CaseEvent) -> Result<(), Inadmissible> {
    let roles = register.roles_of(&new.by);
    let admits = |recorders: &[RoleId]| roles.iter().any(|role| recorders.contains(role));
    for duty in register.obligations() {
        let (concerned, recorders, field) = match &new.step {
            CaseStep::Trigger { trigger, .. } => {
                (duty.when == *trigger || duty.proof.contains(trigger), &duty.recorded_by, "recorded_by")
            }
            step => (step.obligation() == Some(&duty.id), &duty.moved_by, "moved_by"),
        };
        if concerned && !admits(recorders) {
            let (actor, what) = (new.by.clone(), new.step.word().to_owned());
            return Err(Inadmissible::NotRecorder { actor, what, obligation: duty.id.clone(), field });
        }
    }
    Ok(())
}

fn is_known(register: &Register, new: &CaseEvent) -> Result<(), Inadmissible> {
    match &new.step {
        CaseStep::Trigger { trigger, starts } => {
            is_trigger(register, trigger)?;
            has_start_day(register, trigger, starts.is_some())
        }
        CaseStep::Extension { obligation, reason, .. } | CaseStep::Pause { obligation, reason } => {
            if reason.trim().is_empty() {
                return Err(Inadmissible::NoReason);
            }
            is_obligation(register, obligation)
        }
        CaseStep::Resume { obligation } => is_obligation(register, obligation),
    }
}

fn is_trigger(register: &Register, trigger: &TriggerId) -> Result<(), Inadmissible> {
    let known = register.obligations().any(|duty| duty.when == *trigger || duty.proof.contains(trigger));
    if known { Ok(()) } else { Err(Inadmissible::UnknownTrigger { trigger: trigger.clone() }) }
}

fn has_start_day(register: &Register, trigger: &TriggerId, is_given: bool) -> Result<(), Inadmissible> {
    let counts_back = |duty: &&Obligation| {
        duty.when == *trigger
            && duty.clock.as_ref().is_some_and(|clock| clock.direction == ClockDirection::Before)
    };
    match register.obligations().find(counts_back) {
        Some(duty) if !is_given => Err(Inadmissible::NoStartDay { obligation: duty.id.clone() }),
        _ => Ok(()),
    }
}

fn is_obligation(register: &Register, obligation: &ObligationId) -> Result<(), Inadmissible> {
    match register.obligation(obligation) {
        Some(_) => Ok(()),
        None => Err(Inadmissible::UnknownObligation { obligation: obligation.clone() }),
    }
}

fn has_happened(register: &Register, new: &CaseEvent, now: Timestamp) -> Result<(), Inadmissible> {
    if earliest(new.at, register.zone()) > now { Err(Inadmissible::Future) } else { Ok(()) }
}

fn concerns(obligation: &Obligation, new: &CaseEvent) -> bool {
    match &new.step {
        CaseStep::Trigger { trigger, .. } => obligation.when == *trigger,
        step => step.obligation() == Some(&obligation.id),
    }
}

/// Reads the case again with the new event in its place.
fn judge(
    obligation: &Obligation,
    before: &[&CaseEvent],
    after: &[&CaseEvent],
    new: &CaseEvent,
    zone: &Zone,
) -> Result<(), Inadmissible> {
    let (id, case) = (obligation.id.clone(), new.case.clone());
    let Some((first, start)) = started(obligation, after) else {
        return Err(Inadmissible::NotStarted { obligation: id, case });
    };
    if started(obligation, before).is_some_and(|(_, was)| was != start) {
        return Err(Inadmissible::WouldEndEarlier { obligation: id, case });
    }
    if after.iter().take(first).any(|event| std::ptr::eq(*event, new)) {
        return Err(Inadmissible::NotStarted { obligation: id, case });
    }
    let Some(mut course) = Course::of(obligation, after.get(..=first).unwrap_or_default(), zone) else {
        return Ok(());
    };
    after.iter().skip(first + 1).try_for_each(|event| {
        course
            .moved_by(event)
            .map_err(|fault| if std::ptr::eq(*event, new) { fault } else { out_of_order(fault) })
    })
}

/// What has moved the clock must still be able to.
fn out_of_order(because: Inadmissible) -> Inadmissible {
    Inadmissible::OutOfOrder { because: Box::new(because) }
}

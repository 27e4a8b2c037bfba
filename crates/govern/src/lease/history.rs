//! A lease over time.
//!
//! What comes in: the same as for a lease. What goes out: its spans, one for each state, from the first
//! data to the end, as far as what has happened tells. Never: a span of zero length.

use jiff::Timestamp;
use tidstro_calendar::Zone;
use tidstro_model::ActivityId;

use super::fold::lease;
use super::{LeaseEvent, LeaseState, Matter, MatterFact};
use crate::register::Activity;

/// One state of a lease, as long as it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseSpan {
    /// From this instant.
    pub start: Timestamp,
    /// Until this one, exclusive; `None` if nothing that happened ends it.
    pub end: Option<Timestamp>,
    /// What the lease allows meanwhile.
    pub state: LeaseState,
}

/// A lease over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseHistory {
    /// Whose.
    pub activity: ActivityId,
    /// On what.
    pub matter: Matter,
    /// The spans in order, without a gap; the last one may be [`LeaseState::Ended`] and open.
    pub spans: Vec<LeaseSpan>,
}

/// The spans of one activity's lease on one matter; `None` if it has no business with it.
///
/// Everything in `events` is taken as known, also what lies after today: a planned end of a contract is
/// drawn where it will be.
#[must_use]
pub fn history(
    activity: &Activity,
    matter: &MatterFact,
    events: &[&LeaseEvent],
    zone: &Zone,
) -> Option<LeaseHistory> {
    let at = |now: Timestamp| lease(activity, matter, events, now, zone);
    let begins = matter.ground.begins(zone);
    let mut spans: Vec<LeaseSpan> = Vec::new();
    let mut next = Some(begins);
    while let Some(start) = next {
        let lease = at(start)?;
        match spans.last_mut() {
            Some(last) if last.state == lease.state => last.end = None,
            _ => spans.push(LeaseSpan { start, end: None, state: lease.state }),
        }
        next = following(start, lease.until, activity, matter, events, zone);
        if let (Some(next), Some(last)) = (next, spans.last_mut()) {
            last.end = Some(next);
        }
    }
    Some(LeaseHistory { activity: activity.id.clone(), matter: matter.matter, spans })
}

/// The first instant after `start` at which the state can change: an event, the end, or the lock.
fn following(
    start: Timestamp,
    until: Option<Timestamp>,
    activity: &Activity,
    matter: &MatterFact,
    events: &[&LeaseEvent],
    zone: &Zone,
) -> Option<Timestamp> {
    let begins = std::iter::once(matter.ground.begins(zone));
    let lock = activity.keep.lock_after.into_iter().flat_map(|after| {
        let began = begins.clone().chain(events.iter().map(|event| event.at));
        began.map(move |began| crate::keep::lock_closes(began, after, zone))
    });
    events.iter().map(|event| event.at).chain(until).chain(lock).filter(|&at| at > start).min()
}

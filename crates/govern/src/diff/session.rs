//! What an actor's session must be like: factors, hours, own data, days in force.
//!
//! What comes in: one activity as it was and as it is. What goes out: changes of what a session needs.
//! Never: two working calendars compared by their days; another name counts as wider.

use super::change::{Aspect, Changes, Effect};
use crate::register::{Activity, Hours};

pub(super) fn compare(changes: &mut Changes, subject: &str, (old, new): (&Activity, &Activity)) {
    let effect = if new.factors < old.factors { Effect::Wider } else { Effect::Narrower };
    let factors = |count: u8| Some(if count > 1 { "a second factor" } else { "one factor" }.to_owned());
    changes.note(Aspect::Session, subject, (factors(old.factors), factors(new.factors)), effect);

    let effect = if old.own_only { Effect::Wider } else { Effect::Narrower };
    let own = |only: bool| Some(if only { "own data only" } else { "data of others too" }.to_owned());
    changes.note(Aspect::Session, subject, (own(old.own_only), own(new.own_only)), effect);

    hours(changes, subject, (old.hours.as_ref(), new.hours.as_ref()));
    validity(changes, subject, (old, new));
}

fn hours(changes: &mut Changes, subject: &str, (old, new): (Option<&Hours>, Option<&Hours>)) {
    let is_within = match (old, new) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(old), Some(new)) => old.calendar == new.calendar && old.from <= new.from && new.to <= old.to,
    };
    let effect = if is_within { Effect::Narrower } else { Effect::Wider };
    let words = |hours: Option<&Hours>| {
        Some(hours.map_or_else(
            || "at any hour".to_owned(),
            |hours| format!("on days of `{}` from {} to {}", hours.calendar, hours.from, hours.to),
        ))
    };
    changes.note(Aspect::Session, subject, (words(old), words(new)), effect);
}

fn validity(changes: &mut Changes, subject: &str, (old, new): (&Activity, &Activity)) {
    let (was, is) = (old.valid, new.valid);
    let is_within = was.start() <= is.start() && is.end() <= was.end();
    let effect = if is_within { Effect::Narrower } else { Effect::Wider };
    changes.value(Aspect::Validity, subject, (&was, &is), effect);
}

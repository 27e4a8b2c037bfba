//! What is different in who gets in: failures borne, factors, how long sessions last.
//!
//! What comes in: two registers. What goes out: changes of the table `[login]`. Never: a longer session that is called
//! something else than wider.

use std::fmt::Display;

use tidstro_calendar::Period;

use super::change::{Aspect, Changes, Effect, LESS_IS_WIDER};
use super::lease::is_longer;
use crate::register::{Login, Register, SessionRule};

pub(super) fn compare(changes: &mut Changes, old: &Register, new: &Register) {
    let (old, new) = match (old.login(), new.login()) {
        (Some(old), Some(new)) => (old, new),
        (was, is) => {
            let words = |login: Option<&Login>| login.map(|login| format!("by `{}`", login.purpose));
            let effect = if is.is_some() { Effect::Wider } else { Effect::Narrower };
            changes.note(Aspect::Session, "people log in", (words(was), words(is)), effect);
            return;
        }
    };
    changes.value(Aspect::Purpose, "purpose of log-in", (&old.purpose, &new.purpose), Effect::Wider);
    number(changes, "failures until an account is locked", (old.failures, new.failures));
    let roles = (&old.two_factors[..], &new.two_factors[..]);
    changes.items(Aspect::Session, "roles with two factors", roles, LESS_IS_WIDER);
    period(changes, "age of a password", (old.password_max_age, new.password_max_age));
    period(changes, "time between reviews of access", (old.review_every, new.review_every));
    session(changes, "staff", (Some(old.staff), Some(new.staff)));
    session(changes, "residents", (old.resident, new.resident));
}

fn session(changes: &mut Changes, whose: &str, sessions: (Option<SessionRule>, Option<SessionRule>)) {
    let (old, new) = match sessions {
        (Some(old), Some(new)) => (old, new),
        (was, is) => {
            let words = |there: Option<SessionRule>| there.map(|_| "sessions".to_owned());
            let effect = if is.is_some() { Effect::Wider } else { Effect::Narrower };
            changes.note(Aspect::Session, &format!("{whose} log in"), (words(was), words(is)), effect);
            return;
        }
    };
    for (what, minutes) in [
        ("minutes without use", (old.idle_minutes, new.idle_minutes)),
        ("minutes of a session", (old.absolute_minutes, new.absolute_minutes)),
        ("minutes a proof is fresh", (old.fresh_minutes, new.fresh_minutes)),
    ] {
        number(changes, &format!("{whose}, {what}"), minutes);
    }
    let closed = (old.closed_after, new.closed_after);
    period(changes, &format!("{whose}, time until an account is closed"), closed);
}

/// More is wider.
fn number<N: PartialOrd + Display>(changes: &mut Changes, what: &str, (old, new): (N, N)) {
    let effect = if new > old { Effect::Wider } else { Effect::Narrower };
    changes.value(Aspect::Session, what, (&old, &new), effect);
}

/// Longer is wider, and none is longest.
fn period(changes: &mut Changes, what: &str, (old, new): (Option<Period>, Option<Period>)) {
    let effect = match (old, new) {
        (Some(old), Some(new)) if is_longer(new, old) && !is_longer(old, new) => Effect::Narrower,
        (None, Some(_)) => Effect::Narrower,
        _ => Effect::Wider,
    };
    let words =
        |period: Option<Period>| Some(period.map_or_else(|| "any".to_owned(), |period| period.to_string()));
    changes.note(Aspect::Session, what, (words(old), words(new)), effect);
}

//! What is different in obligations and controls: what must be done, by when, and how it is known.
//!
//! What comes in: two registers. What goes out: changes of obligations and measures. Never: a clock compared by
//! its words; two clocks are the same if they end at the same instants.

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp};
use tidstro_calendar::{
    Amount, Circumstances, Event, Profile, Roll, WorkingCalendar, Zone, latest_notice_day,
};
use tidstro_model::ActorId;

use super::activity::texts;
use super::change::{Aspect, Changes, Effect, LESS_IS_WIDER, MORE_IS_WIDER, NEITHER, Pair, pairs};
use super::lease::is_longer;
use crate::RoleId;
use crate::register::{ClockDirection, Control, ControlProof, Obligation, ObligationClock, Register};

pub(super) fn compare(changes: &mut Changes, old: &Register, new: &Register) {
    for pair in pairs(old.obligations(), new.obligations(), |obligation| &obligation.id) {
        match pair {
            Pair::Added(duty) => {
                changes.note(
                    Aspect::Obligation,
                    &called(duty),
                    (None, Some(duty.text.en.clone())),
                    Effect::Narrower,
                );
            }
            Pair::Removed(duty) => {
                changes.note(
                    Aspect::Obligation,
                    &called(duty),
                    (Some(duty.text.en.clone()), None),
                    Effect::Wider,
                );
            }
            Pair::Both(was, is) => {
                obligation(changes, (was, is), new.zone());
                recorders(changes, (old, was), (new, is));
            }
        }
    }
    for pair in pairs(old.controls(), new.controls(), |control| &control.id) {
        match pair {
            Pair::Added(measure) => {
                let words = (None, Some(measure.text.en.clone()));
                changes.note(Aspect::Control, &named(measure), words, Effect::Narrower);
            }
            Pair::Removed(measure) => {
                let words = (Some(measure.text.en.clone()), None);
                changes.note(Aspect::Control, &named(measure), words, Effect::Wider);
            }
            Pair::Both(was, is) => control(changes, (was, is)),
        }
    }
}

fn called(obligation: &Obligation) -> String {
    format!("obligation `{}`", obligation.id)
}

fn named(control: &Control) -> String {
    format!("control `{}`", control.id)
}

fn obligation(changes: &mut Changes, (old, new): (&Obligation, &Obligation), zone: &Zone) {
    let subject = called(new);
    changes.value(Aspect::Obligation, &format!("{subject}, when"), (&old.when, &new.when), Effect::Wider);
    changes.value(Aspect::Obligation, &format!("{subject}, who"), (&old.who, &new.who), Effect::Wider);
    changes.items(Aspect::Obligation, &format!("{subject}, proof"), (&old.proof, &new.proof), LESS_IS_WIDER);
    clock(changes, &subject, (old.clock.as_ref(), new.clock.as_ref()), zone);
    changes.value(Aspect::Text, &format!("{subject}, cite"), (&old.cite, &new.cite), Effect::Neutral);
    texts(changes, &subject, (Some(&old.text), Some(&new.text)));
    changes.items(Aspect::Text, &format!("{subject}, serves"), (&old.serves, &new.serves), NEITHER);
}

/// Whoever records what proves an obligation, or moves its clock, decides whether it counts as met: roles,
/// and the actors who have them.
fn recorders(
    changes: &mut Changes,
    (old, was): (&Register, &Obligation),
    (new, is): (&Register, &Obligation),
) {
    let subject = called(is);
    for (what, was, is) in
        [("recorded by", &was.recorded_by, &is.recorded_by), ("moved by", &was.moved_by, &is.moved_by)]
    {
        let what = format!("{subject}, {what}");
        changes.items(Aspect::Obligation, &what, (was, is), MORE_IS_WIDER);
        let actors = (&having(old, was)[..], &having(new, is)[..]);
        changes.items(Aspect::Obligation, &format!("{what} the actor"), actors, MORE_IS_WIDER);
    }
}

fn having<'r>(register: &'r Register, roles: &[RoleId]) -> Vec<&'r ActorId> {
    let actors = register.actors().filter(|actor| actor.roles.iter().any(|role| roles.contains(role)));
    actors.map(|actor| &actor.id).collect()
}

type Clocks<'r> = (Option<&'r ObligationClock>, Option<&'r ObligationClock>);

fn clock(changes: &mut Changes, subject: &str, (old, new): Clocks<'_>, zone: &Zone) {
    if old == new {
        return;
    }
    let effect = if is_slower((old, new), zone) {
        Effect::Wider
    } else if is_slower((new, old), zone) {
        Effect::Narrower
    } else {
        Effect::Neutral
    };
    let words = |clock: Option<&ObligationClock>| Some(clock.map_or_else(|| "no clock".to_owned(), in_words));
    changes.note(Aspect::Obligation, &format!("{subject}, clock"), (words(old), words(new)), effect);
}

/// Whether the new clock leaves more time in some case.
fn is_slower((old, new): Clocks<'_>, zone: &Zone) -> bool {
    let (Some(old), Some(new)) = (old, new) else { return old.is_some() };
    if old.pause.is_none() && new.pause.is_some() {
        return true;
    }
    match (old.direction, new.direction) {
        (ClockDirection::Within, ClockDirection::Within) => events(zone).any(|event| {
            let (was, is) = (ends(old, event, zone), ends(new, event, zone));
            // A clock that has no end here is slower than one that has.
            was.is_some() && is.is_none_or(|is| was.is_some_and(|was| is.0 > was.0 || is.1 > was.1))
        }),
        (ClockDirection::Before, ClockDirection::Before) => days().any(|day| {
            let (was, is) = (told_by(old, day), told_by(new, day));
            was.is_some() && is.is_none_or(|is| Some(is) > was)
        }),
        _ => true,
    }
}

/// Strict end and legal end of a clock, with its extension.
fn ends(of: &ObligationClock, event: Event, zone: &Zone) -> Option<(Timestamp, Timestamp)> {
    let clock = match &of.extension {
        Some(extension) => of.clock.extended(extension).ok()?,
        None => of.clock.clone(),
    };
    let calendar = of.calendar.as_deref().and_then(WorkingCalendar::shipped);
    let not_before = of.not_before.map(|day| zone.day_start(day));
    let place = Circumstances { zone, calendar, not_before, pauses: &[] };
    let deadline = clock.deadline(event, &place).ok()?;
    Some((deadline.plan_by, deadline.ends_at.unwrap_or(deadline.plan_by)))
}

/// The latest day on which it can be told what starts on `day`.
fn told_by(of: &ObligationClock, day: Date) -> Option<Date> {
    match &of.clock.amount {
        Amount::Calendar(chain) => latest_notice_day(day, chain),
        Amount::WorkingDays(days) => {
            WorkingCalendar::shipped(of.calendar.as_deref()?)?.nth_before(day, days.count())
        }
        // Rounded to days, against whoever has to tell.
        Amount::Hours(hours) => {
            let days = i64::from(hours.count()).div_euclid(24);
            day.checked_sub(Span::new().try_days(days).ok()?).ok()
        }
    }
}

/// Every day of three years, one of them with a leap day, for which working calendars are shipped.
fn days() -> impl Iterator<Item = Date> {
    Date::constant(2026, 1, 1).series(Span::new().days(1)).take(3 * 365 + 1)
}

/// An instant in the morning and one late in the evening of each of the days.
fn events(zone: &Zone) -> impl Iterator<Item = Event> {
    days().flat_map(move |day| {
        let at = |minutes| zone.day_start(day).checked_add(SignedDuration::from_mins(minutes)).ok();
        [at(9 * 60 + 30), at(22 * 60 + 30)].into_iter().flatten().map(Event::Instant)
    })
}

fn in_words(of: &ObligationClock) -> String {
    let direction = match of.direction {
        ClockDirection::Within => "within",
        ClockDirection::Before => "before",
    };
    let profile = match of.clock.profile {
        Profile::Elapsed => "elapsed",
        Profile::Legal(Roll::None) => "legal, not rolled",
        Profile::Legal(Roll::NextWorkingDay) => "legal",
    };
    let mut words = format!("{direction} {}, {profile}", of.clock.amount);
    for (what, value) in [
        ("calendar", of.calendar.clone()),
        ("not before", of.not_before.map(|day| day.to_string())),
        ("extended by", of.extension.as_ref().map(Amount::to_string)),
        ("pausing on", of.pause.clone()),
    ] {
        if let Some(value) = value {
            words = format!("{words}, {what} {value}");
        }
    }
    words
}

fn control(changes: &mut Changes, (old, new): (&Control, &Control)) {
    let subject = named(new);
    // A person's word instead of a probe proves less, and another probe something else.
    let proof = (&proof_in_words(&old.proof), &proof_in_words(&new.proof));
    changes.value(Aspect::Control, &format!("{subject}, proof"), proof, Effect::Wider);
    let older = match (old.max_age, new.max_age) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(old), Some(new)) => is_longer(old, new),
    };
    let effect = if older { Effect::Wider } else { Effect::Narrower };
    let age = |control: &Control| control.max_age.map(|age| age.to_string());
    changes.note(Aspect::Control, &format!("{subject}, evidence"), (age(old), age(new)), effect);
    let measure = |control: &Control| control.measure.map(|number| number.to_string());
    changes.note(Aspect::Text, &format!("{subject}, measure"), (measure(old), measure(new)), Effect::Neutral);
    changes.text(&format!("{subject}, cite"), (&old.cite, &new.cite));
    texts(changes, &subject, (Some(&old.text), Some(&new.text)));
    changes.items(Aspect::Text, &format!("{subject}, serves"), (&old.serves, &new.serves), NEITHER);
}

fn proof_in_words(proof: &ControlProof) -> String {
    match proof {
        ControlProof::Probe(name) => format!("probe `{name}`"),
        ControlProof::Attestation(role) => format!("attestation by `{role}`"),
        ControlProof::Document(command) => format!("document of `{command}`"),
    }
}

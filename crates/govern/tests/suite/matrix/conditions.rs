//! What else a decision weighs, one purpose a line: recipients, factors, hours, the state of leases.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};
use tidstro_govern::{
    Activity, Country, Facts, LeaseEventKind as Kind, Operation, Recipient, Register, SubjectEvent,
};
use tidstro_model::CategoryId;

use super::scene::{admitted, answer, event, good_ask, left, now, scene};

/// To whom data may be handed: at home, to Germany, to the United States.
pub(super) fn write_recipients(out: &mut String, register: &Register) {
    writeln!(
        out,
        "\n# Recipients: who may be handed data for which purpose: at home, in Germany, in the United States"
    )
    .unwrap();
    for (activity, actor) in activities(register) {
        let Some(operation) = handing(activity) else { continue };
        let facts = scene(register);
        let mut ask = good_ask(&actor, activity, operation, category(activity));
        ask.recipient = None;
        writeln!(
            out,
            "\n{} {operation}: nobody named: {}",
            activity.id,
            answer(register, &facts, &ask, now())
        )
        .unwrap();
        for party in register.parties() {
            let answers = [None, Country::parse("DE"), Country::parse("US")].map(|country| {
                ask.recipient = Some(Recipient { party: party.id.clone(), country });
                answer(register, &facts, &ask, now())
            });
            if answers.contains(&"yes") || answers.contains(&"third-country") {
                writeln!(out, "  {} in {}: {}", party.id, party.country, answers.join(", ")).unwrap();
            }
        }
    }
}

/// Exports where there are any; else whatever names recipients.
fn handing(activity: &Activity) -> Option<Operation> {
    let exports = activity.operations.contains(&Operation::Export);
    let first = activity.operations.first().copied().filter(|_| !activity.recipients.is_empty());
    if exports { Some(Operation::Export) } else { first }
}

/// Which purposes want a second factor, and in which hours of some days each is served.
pub(super) fn write_sessions(out: &mut String, register: &Register) {
    writeln!(
        out,
        "\n# Sessions: what one factor gets; when the purpose is served on a Wednesday, a Saturday, 1 May, Ascension Day\n"
    )
    .unwrap();
    let facts = scene(register);
    let mut purposes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (activity, actor) in activities(register) {
        let mut ask = good_ask(&actor, activity, first_operation(activity), category(activity));
        let days = ["2026-04-15", "2026-04-18", "2026-05-01", "2026-05-14"];
        let served = days.map(|day| hours(register, &facts, &ask, day)).join(", ");
        ask.factors = 1;
        let one = answer(register, &facts, &ask, now());
        purposes.entry(format!("one factor: {one}; served {served}")).or_default().push(activity.id.as_str());
    }
    for (session, purposes) in purposes {
        writeln!(out, "{session}: {}", purposes.join(", ")).unwrap();
    }
}

/// The hours of a day in which the purpose is served, asked every five minutes.
fn hours(register: &Register, facts: &Facts, ask: &tidstro_govern::Ask, day: &str) -> String {
    let begin = register.zone().day_start(day.parse().unwrap());
    let is_served = |minute: i64| {
        let at = begin + SignedDuration::from_mins(minute);
        answer(register, facts, ask, at) != "outside-hours"
    };
    let served: Vec<_> = (0..24 * 60).step_by(5).filter(|&minute| is_served(minute)).collect();
    match (served.first(), served.last()) {
        (Some(0), Some(1435)) => "always".to_owned(),
        (Some(first), Some(last)) => format!("{} to {}", clock(*first), clock(*last + 5)),
        _ => "never".to_owned(),
    }
}

fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// What may still be done in each state of the lease.
pub(super) fn write_leases(out: &mut String, register: &Register) {
    writeln!(out, "\n# Leases: what may be done with the subject's own matters in each state").unwrap();
    for (activity, actor) in activities(register) {
        writeln!(out, "\n{}, {}", activity.id, activity.keep).unwrap();
        let mut shown: Vec<(String, Vec<&str>)> = Vec::new();
        for (state, facts, at) in states(register, activity) {
            let done = operations(register, activity, &actor, &facts, at);
            match shown.iter_mut().find(|(same, _)| *same == done) {
                Some((_, states)) => states.push(state),
                None => shown.push((done, vec![state])),
            }
        }
        for (done, states) in shown {
            writeln!(out, "  {}: {done}", states.join(", ")).unwrap();
        }
    }
}

/// The scene after something has happened.
fn states(register: &Register, activity: &Activity) -> Vec<(&'static str, Facts, Timestamp)> {
    let with = |kinds: &[Kind], at: Timestamp| {
        let mut facts = scene(register);
        let events = (0..)
            .zip(kinds.iter().rev())
            .map(|(minutes, &kind)| event(kind, activity, now() - SignedDuration::from_mins(minutes)));
        facts.events.extend(events);
        (facts, at)
    };
    let mut states = vec![("as it is", with(&[], now()))];
    if activity.begins.is_some() {
        let mut facts = scene(register);
        facts.events.retain(|SubjectEvent { event, .. }| event.activity.as_ref() != Some(&activity.id));
        states.push(("not begun", (facts, now())));
    }
    states.push(("restricted", with(&[Kind::RestrictionSet], now())));
    states.push(("restriction lifted", with(&[Kind::RestrictionSet, Kind::RestrictionLifted], now())));
    states.push(("objection upheld", with(&[Kind::ObjectionUpheld], now())));
    states.push(("consent withdrawn", with(&[Kind::ConsentWithdrawn], now())));
    states.push(("on hold", with(&[Kind::HoldSet], now())));
    if let Some(after) = activity.keep.lock_after {
        let later = register.zone().day_start(after.after(register.zone().day_of(now())))
            + SignedDuration::from_hours(36);
        states.push(("locked", with(&[], later)));
        states.push(("opened by order", with(&[Kind::LockOpened], later)));
    }
    states.push(("left", (left(register), now() + SignedDuration::from_hours(1))));
    states.push(("left for 40 years", (left(register), now() + SignedDuration::from_hours(24 * 366 * 40))));
    states.into_iter().map(|(state, (facts, at))| (state, facts, at)).collect()
}

fn operations(register: &Register, activity: &Activity, actor: &str, facts: &Facts, at: Timestamp) -> String {
    let (mut granted, mut refused) = (Vec::new(), Vec::new());
    for &operation in &activity.operations {
        let ask = good_ask(actor, activity, operation, category(activity));
        match answer(register, facts, &ask, at) {
            "yes" => granted.push(operation.word()),
            rule => refused.push(rule),
        }
    }
    refused.dedup();
    let refused =
        if refused.is_empty() { String::new() } else { format!(" ({} otherwise)", refused.join(", ")) };
    if granted.is_empty() { format!("nothing{refused}") } else { format!("{}{refused}", granted.join(", ")) }
}

/// The activities that somebody is admitted to, with who.
fn activities(register: &Register) -> impl Iterator<Item = (&Activity, String)> {
    register.activities().filter_map(|activity| Some((activity, admitted(register, activity)?)))
}

fn category(activity: &Activity) -> &CategoryId {
    &activity.data.first().unwrap().category
}

fn first_operation(activity: &Activity) -> Operation {
    *activity
        .operations
        .iter()
        .find(|operation| **operation != Operation::Export)
        .unwrap_or(&Operation::Export)
}

//! The scene every matrix is asked in: one subject, its flat, its supply and one dossier of each kind.

use jiff::{SignedDuration, Timestamp};
use tidstro_govern::{
    Activity, Ask, Decision, DossierFact, Facts, KeepFrom, LeaseEvent, LeaseEventKind, Operation, Recipient,
    Register, SubjectEvent, Target, decide,
};
use tidstro_model::{AreaKind, CategoryId, DayRange, DossierKind, DossierNo, Resolution, SubjectNo};

use crate::town::{ask, day, days, facts, noon};

/// The subject all is about.
pub(super) const SUBJECT: SubjectNo = SubjectNo::new(1);

/// A working day in every calendar, at noon.
pub(super) fn now() -> Timestamp {
    noon(day("2026-04-15"))
}

/// What is known: a flat and a supply since 2020, a flat left in 2020 by somebody else, dossiers opened an
/// hour ago, and every event that leases wait for.
pub(super) fn scene(register: &Register) -> Facts {
    let mut facts = facts(&[
        (1, 1, "2020-01-01.."),
        (2, 2, "2015-01-01..2020-01-01"),
        (3, 1, "2020-01-01.."),
        (4, 1, "2020-01-01.."),
    ]);
    facts.occupancies[2].area = AreaKind::GridArea;
    facts.occupancies[3].area = AreaKind::Unassigned;
    let opened = now() - SignedDuration::from_hours(1);
    facts.dossiers = (1..).zip(kinds(register)).map(|(number, kind)| dossier(number, kind, opened)).collect();
    let begins = register.activities().filter_map(|activity| Some((activity, activity.begins?)));
    facts.events = begins.map(|(activity, kind)| event(kind, activity, opened)).collect();
    facts
}

/// The same after the subject has left and every event has happened that a retention counts from.
pub(super) fn left(register: &Register) -> Facts {
    let mut facts = scene(register);
    for fact in &mut facts.occupancies {
        fact.days = fact.days.intersect(days("2010-01-01..2026-04-10")).unwrap();
    }
    for activity in register.activities() {
        let ends = activity.keep.rules.iter().filter_map(|rule| match rule.from {
            KeepFrom::Event(kind) => Some(event(kind, activity, now())),
            KeepFrom::OccupancyEnd | KeepFrom::Registration => None,
        });
        facts.events.extend(ends);
    }
    facts
}

fn kinds(register: &Register) -> Vec<DossierKind> {
    let mut kinds: Vec<_> = register.activities().flat_map(|activity| activity.dossiers.clone()).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

fn dossier(number: u32, kind: DossierKind, opened: Timestamp) -> DossierFact {
    DossierFact { dossier: DossierNo::new(number), subject: Some(SUBJECT), kind, opened }
}

/// An event of the subject that concerns one activity.
pub(super) fn event(kind: LeaseEventKind, activity: &Activity, at: Timestamp) -> SubjectEvent {
    let event = LeaseEvent { at, kind, matter: None, activity: Some(activity.id.clone()), days: None };
    SubjectEvent { subject: SUBJECT, event }
}

/// The ask an actor has good reason to make: with two factors, to the first recipient if it is an export.
pub(super) fn good_ask(actor: &str, activity: &Activity, operation: Operation, category: &CategoryId) -> Ask {
    // What only erases holds nothing of anybody, and is asked for everything.
    let only_erases = activity.operations == [Operation::Erase];
    let target = if only_erases { Target::Everything } else { Target::Subject(SUBJECT) };
    let mut ask = ask(actor, activity.id.as_str(), operation, category.as_str(), target);
    ask.factors = 2;
    ask.days = DayRange::always();
    ask.resolution = Resolution::P1Y;
    ask.recipient = activity
        .recipients
        .first()
        .filter(|_| operation == Operation::Export)
        .map(|party| Recipient { party: party.clone(), country: None });
    ask
}

/// The first who is admitted to the activity; nobody where no actor has one of its roles.
pub(super) fn admitted(register: &Register, activity: &Activity) -> Option<String> {
    let is_admitted = |actor: &str| {
        let actor = tidstro_model::ActorId::parse(actor).unwrap();
        register.roles_of(&actor).iter().any(|role| activity.roles.contains(role))
    };
    let staff = register.actors().map(|actor| actor.id.to_string());
    staff.chain([format!("resident:{SUBJECT}")]).find(|actor| is_admitted(actor))
}

/// `yes`, or the rule that refuses.
pub(super) fn answer(register: &Register, facts: &Facts, ask: &Ask, now: Timestamp) -> &'static str {
    match decide(register, facts, ask, now) {
        Decision::Grant(_) => "yes",
        Decision::Refuse(refuse) => refuse.rule.word(),
    }
}

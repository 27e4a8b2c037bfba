//! Everything that any decision of a register grants, found by asking.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use tidstro_govern::{
    Activity, Ask, Country, Decision, DossierFact, Facts, Grant, LeaseEvent, OccupancyFact, Operation,
    Recipient, RefusalRule as Rule, Register, SubjectEvent, Target, decide,
};
use tidstro_model::{
    ActivityId, ActorId, AreaKind, CategoryId, DayRange, DossierNo, OccupancyNo, Resolution, SubjectNo,
};

use crate::town::{day, noon};

/// A working day on which the activity is in force.
fn day_in_force(activity: &Activity) -> Date {
    let days = ["2026-09-16", "2025-09-17"].map(day);
    days.into_iter().find(|&day| activity.valid.contains(day)).unwrap()
}

/// Subject 1 lives in every kind of area and has a fresh dossier of every kind, and whatever an activity
/// waits for has happened.
fn facts_of_everything(register: &Register, now: Timestamp) -> Facts {
    let subject = SubjectNo::new(1);
    let days = DayRange::from(day("2024-01-05"));
    let occupancies = (1..).zip(AreaKind::ALL).map(|(number, area)| {
        let occupancy = OccupancyNo::new(number);
        OccupancyFact { occupancy, subject, area, days }
    });
    let mut kinds: Vec<_> = register.activities().flat_map(|activity| &activity.dossiers).collect();
    kinds.sort();
    kinds.dedup();
    let opened = now - 1.hour();
    let dossiers = (1..).zip(kinds).map(|(number, kind)| {
        let dossier = DossierNo::new(number);
        DossierFact { dossier, subject: Some(subject), kind: kind.clone(), opened }
    });
    let events = register.activities().filter_map(|activity| {
        let event =
            LeaseEvent { at: opened, kind: activity.begins?, matter: None, activity: None, days: None };
        Some(SubjectEvent { subject, event })
    });
    Facts { occupancies: occupancies.collect(), dossiers: dossiers.collect(), events: events.collect() }
}

/// Every ask that is granted, over actor × purpose × operation × category × target × recipient ×
/// country × resolution.
pub(super) fn granted(register: &Register) -> Vec<(Ask, Grant)> {
    let mut granted = Vec::new();
    for activity in register.activities() {
        let today = day_in_force(activity);
        let facts = facts_of_everything(register, noon(today));
        for actor in actors(register) {
            let asking = Asking { register, facts: &facts, actor, activity: &activity.id, today };
            asking.all(&mut granted);
        }
    }
    granted
}

/// The actors of a register, a resident, and somebody it does not know.
pub(super) fn actors(register: &Register) -> Vec<ActorId> {
    let others = ["resident:1", "staff:nobody-knows"].map(|name| ActorId::parse(name).unwrap());
    register.actors().map(|actor| actor.id.clone()).chain(others).collect()
}

struct Asking<'r> {
    register: &'r Register,
    facts: &'r Facts,
    actor: ActorId,
    activity: &'r ActivityId,
    today: Date,
}

impl Asking<'_> {
    fn all(&self, granted: &mut Vec<(Ask, Grant)>) {
        for &operation in Operation::ALL {
            for category in self.register.categories() {
                match self.category(operation, &category.id, granted) {
                    Some(Rule::UnknownActor | Rule::RoleNotInPurpose) => return,
                    Some(Rule::OperationNotInPurpose | Rule::InferenceForbidden) => break,
                    _ => {}
                }
            }
        }
    }

    /// Adds what is granted, and gives the rule of the last refusal.
    fn category(
        &self,
        operation: Operation,
        category: &CategoryId,
        granted: &mut Vec<(Ask, Grant)>,
    ) -> Option<Rule> {
        let mut last = None;
        for target in [Target::Subject(SubjectNo::new(1)), Target::Everything] {
            let to = |recipient| self.ask(operation, category, target, recipient);
            last = self.resolutions(&to(None), granted).or(last);
            if last.is_some_and(whoever_receives) {
                return last;
            }
            for party in self.register.parties() {
                // Where a party may not have them at home, it may not have them elsewhere.
                for country in [None, Country::parse("PT"), Country::parse("TV")] {
                    let recipient = Recipient { party: party.id.clone(), country };
                    let refused = self.resolutions(&to(Some(recipient)), granted);
                    last = refused.or(last);
                    if refused == Some(Rule::RecipientNotInPurpose) {
                        break;
                    }
                }
            }
        }
        last
    }

    /// From the coarsest to the finest: what is refused coarsely is refused finely.
    fn resolutions(&self, ask: &Ask, granted: &mut Vec<(Ask, Grant)>) -> Option<Rule> {
        for resolution in Resolution::ALL.into_iter().rev() {
            let ask = Ask { resolution, ..ask.clone() };
            match decide(self.register, self.facts, &ask, noon(self.today)) {
                Decision::Grant(grant) => granted.push((ask, grant)),
                Decision::Refuse(refuse) => return Some(refuse.rule),
            }
        }
        None
    }

    fn ask(
        &self,
        operation: Operation,
        category: &CategoryId,
        target: Target,
        recipient: Option<Recipient>,
    ) -> Ask {
        Ask {
            actor: self.actor.clone(),
            purpose: self.activity.clone(),
            operation,
            category: category.clone(),
            target,
            days: DayRange::new(self.today - 14.days(), self.today + 1.day()).unwrap(),
            resolution: Resolution::P1Y,
            recipient,
            factors: 2,
        }
    }
}

/// Whether a rule refuses whatever the target, the resolution and the recipient are.
fn whoever_receives(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::UnknownActor
            | Rule::RoleNotInPurpose
            | Rule::OperationNotInPurpose
            | Rule::InferenceForbidden
            | Rule::CategoryNotInPurpose
    )
}

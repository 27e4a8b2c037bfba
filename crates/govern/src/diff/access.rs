//! Who may do what with which data, by asking the gate's own decision.
//!
//! What comes in: two registers. What goes out: a change for each actor and purpose that may do more or
//! less. Never: a rule of its own; whatever is granted here was granted by [`decide`].
//!
//! Each ask is made as easy as it can be: in force, in its hours, with a second factor, to the best
//! recipient, about data whose lease is live. Whether those conditions themselves moved is for `session`,
//! `lease` and `activity` to say. A decision is a conjunction, so the two together miss nothing.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Span, Timestamp, civil::Date};
use tidstro_calendar::WorkingCalendar;
use tidstro_model::{
    ActivityId, ActorId, AreaKind, CategoryId, DayRange, DossierNo, OccupancyNo, Resolution, SubjectNo,
};

use super::change::{Aspect, Changes, Effect};
use crate::lease::{LeaseEvent, SubjectEvent};
use crate::register::{Activity, Register, listed};
use crate::{
    Ask, Decision, DossierFact, Facts, Finest, Grant, OccupancyFact, Operation, Reach, Recipient,
    RefusalRule, Target, decide,
};

/// Whose data every ask is about.
const SOMEBODY: SubjectNo = SubjectNo::new(1);
/// The day of the asks, where the purpose is in force on it.
const DAY: Date = Date::constant(2026, 1, 1);
/// How many days are looked through for one on which the purpose is served.
const DAYS_LOOKED_AT: i32 = 60;

/// What one actor may do with one category for one purpose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Access {
    operations: Vec<Operation>,
    finest: Resolution,
    whole: bool,
    places: Vec<String>,
}

impl Access {
    fn words(&self) -> String {
        let operations: Vec<_> = self.operations.iter().map(|operation| operation.word()).collect();
        let finest = if self.whole { Finest::Full } else { Finest::Resolution(self.finest) };
        format!("{} at {finest} in {}", operations.join(", "), self.places.join(", "))
    }

    /// Whether there is anything in it that the other does not have.
    fn exceeds(&self, other: &Self) -> bool {
        self.finest < other.finest
            || self.operations.iter().any(|operation| !other.operations.contains(operation))
            || self.places.iter().any(|place| !other.places.contains(place))
    }
}

type Matrix = BTreeMap<(ActivityId, ActorId, CategoryId), Access>;
/// Who and what moved alike: purpose, before, after.
type Moved = (ActivityId, Option<Access>, Option<Access>);

pub(super) fn compare(changes: &mut Changes, old: &Register, new: &Register) {
    let (before, after) = (matrix(old), matrix(new));
    for ((activity, was, is), who) in grouped(&before, &after) {
        let wider = match (&was, &is) {
            (Some(was), Some(is)) => is.exceeds(was),
            (was, _) => was.is_none(),
        };
        let effect = if wider { Effect::Wider } else { Effect::Narrower };
        let words = (was.map(|was| was.words()), is.map(|is| is.words()));
        changes.note(Aspect::Access, &format!("activity `{activity}`, {who}"), words, effect);
    }
}

/// What is different, with the actors and categories for which it is: first the categories of each actor
/// are put together, then the actors with the same categories.
fn grouped(before: &Matrix, after: &Matrix) -> Vec<(Moved, String)> {
    let mut by_actor: BTreeMap<(Moved, &ActorId), Vec<&CategoryId>> = BTreeMap::new();
    for key in before.keys().chain(after.keys().filter(|key| !before.contains_key(key))) {
        let (was, is) = (before.get(key), after.get(key));
        let (activity, actor, category) = key;
        if was != is {
            let moved = (activity.clone(), was.cloned(), is.cloned());
            by_actor.entry((moved, actor)).or_default().push(category);
        }
    }
    let mut by_categories: BTreeMap<(Moved, Vec<&CategoryId>), Vec<String>> = BTreeMap::new();
    for ((moved, actor), mut categories) in by_actor {
        categories.sort();
        by_categories.entry((moved, categories)).or_default().push(called(actor));
    }
    let line = |((moved, categories), actors): ((Moved, Vec<_>), Vec<String>)| {
        (moved, format!("{} on {}", actors.join(", "), listed(&categories)))
    };
    by_categories.into_iter().map(line).collect()
}

fn called(actor: &ActorId) -> String {
    if actor.subject().is_some() { "every resident".to_owned() } else { format!("`{actor}`") }
}

fn matrix(register: &Register) -> Matrix {
    let mut matrix = Matrix::new();
    let staff = register.actors().map(|actor| actor.id.clone());
    for actor in staff.chain([ActorId::resident(SOMEBODY)]) {
        for activity in register.activities() {
            let Some(probe) = Probe::of(register, activity, &actor) else { continue };
            for category in register.categories() {
                if let Some(access) = probe.access(&category.id, category.finest == Finest::Full) {
                    matrix.insert((activity.id.clone(), actor.clone(), category.id.clone()), access);
                }
            }
        }
    }
    matrix
}

/// The asks of one actor for one purpose.
struct Probe<'r> {
    register: &'r Register,
    activity: &'r Activity,
    actor: &'r ActorId,
    facts: Facts,
    now: Timestamp,
}

impl<'r> Probe<'r> {
    /// `None` if the actor has no business with the purpose.
    fn of(register: &'r Register, activity: &'r Activity, actor: &'r ActorId) -> Option<Self> {
        if !register.roles_of(actor).iter().any(|role| activity.roles.contains(role)) {
            return None;
        }
        let now = served_at(register, activity)?;
        Some(Self { register, activity, actor, facts: facts(register, activity, now), now })
    }

    fn access(&self, category: &CategoryId, whole: bool) -> Option<Access> {
        let granted = Operation::ALL.iter().filter_map(|&operation| {
            let grant = self.granted(operation, category)?;
            Some((operation, grant))
        });
        let granted: Vec<_> = granted.collect();
        let (_, first) = granted.first()?;
        Some(Access {
            operations: granted.iter().map(|(operation, _)| *operation).collect(),
            finest: first.scope.finest,
            whole,
            places: self.places(first),
        })
    }

    /// The grant of the finest resolution, to whichever recipient.
    fn granted(&self, operation: Operation, category: &CategoryId) -> Option<Grant> {
        let parties = self.register.parties().filter(|_| operation == Operation::Export);
        let recipients = parties.map(|party| Some(Recipient { party: party.id.clone(), country: None }));
        std::iter::once(None)
            .chain(recipients)
            .find_map(|recipient| self.granted_to(operation, category, recipient.as_ref()))
    }

    fn granted_to(
        &self,
        operation: Operation,
        category: &CategoryId,
        recipient: Option<&Recipient>,
    ) -> Option<Grant> {
        for resolution in Resolution::ALL {
            let ask = self.ask(operation, category, resolution, recipient);
            match decide(self.register, &self.facts, &ask, self.now) {
                Decision::Grant(grant) => return Some(grant),
                Decision::Refuse(refuse) if refuse.rule == RefusalRule::ResolutionTooFine => {}
                Decision::Refuse(_) => return None,
            }
        }
        None
    }

    fn ask(
        &self,
        operation: Operation,
        category: &CategoryId,
        resolution: Resolution,
        recipient: Option<&Recipient>,
    ) -> Ask {
        let target = if self.activity.own_only { Target::Subject(SOMEBODY) } else { Target::Everything };
        Ask {
            actor: self.actor.clone(),
            purpose: self.activity.id.clone(),
            operation,
            category: category.clone(),
            target,
            days: DayRange::always(),
            resolution,
            recipient: recipient.cloned(),
            factors: 2,
        }
    }

    /// The kinds of areas and dossiers that a grant reaches, as words.
    fn places(&self, grant: &Grant) -> Vec<String> {
        let areas: Vec<AreaKind> = match &grant.scope.reach {
            Reach::Target { .. } => grant.scope.areas.clone(),
            Reach::Occupancies(reached) => {
                let is_reached =
                    |fact: &&OccupancyFact| reached.iter().any(|(occupancy, _)| *occupancy == fact.occupancy);
                self.facts.occupancies.iter().filter(is_reached).map(|fact| fact.area).collect()
            }
        };
        let areas = AreaKind::ALL.into_iter().filter(|area| areas.contains(area));
        let opened = |fact: &&DossierFact| grant.scope.dossiers.contains(&fact.dossier);
        let dossiers = self.facts.dossiers.iter().filter(opened);
        let mut dossiers: Vec<_> = dossiers.map(|fact| format!("dossiers `{}`", fact.kind)).collect();
        dossiers.sort();
        areas.map(|area| area.code().to_owned()).chain(dossiers).collect()
    }
}

/// A dossier of each kind and, where only one's own is given, an occupancy in each kind of area, all as new
/// as can be; and the event that begins the purpose's leases.
fn facts(register: &Register, activity: &Activity, now: Timestamp) -> Facts {
    let today = DayRange::from(register.zone().day_of(now));
    let lived_in = AreaKind::ALL.into_iter().filter(|_| activity.own_only);
    let occupancies = (1..).zip(lived_in).map(|(number, area)| OccupancyFact {
        occupancy: OccupancyNo::new(number),
        subject: SOMEBODY,
        area,
        days: today,
    });
    let dossiers = (1..).zip(&activity.dossiers).map(|(number, kind)| DossierFact {
        dossier: DossierNo::new(number),
        subject: Some(SOMEBODY),
        kind: kind.clone(),
        opened: now,
    });
    let begun = activity.begins.map(|kind| SubjectEvent {
        subject: SOMEBODY,
        event: LeaseEvent { at: now, kind, matter: None, activity: None, days: None },
    });
    Facts {
        occupancies: occupancies.collect(),
        dossiers: dossiers.collect(),
        events: begun.into_iter().collect(),
    }
}

/// An instant at which the purpose is in force and in its hours, if there is one near its validity.
fn served_at(register: &Register, activity: &Activity) -> Option<Timestamp> {
    let valid = activity.valid;
    let looked_at = Span::new().days(DAYS_LOOKED_AT);
    let first = valid.start().max(DAY.min(valid.end().saturating_sub(looked_at)));
    let days = (0..DAYS_LOOKED_AT).map(|later| first.saturating_add(Span::new().days(later)));
    let noon = SignedDuration::from_hours(12);
    let (day, time) = days.filter(|day| valid.contains(*day)).find_map(|day| match &activity.hours {
        None => Some((day, noon)),
        Some(hours) => {
            let calendar = WorkingCalendar::shipped(&hours.calendar)?;
            let since_midnight = hours.from.duration_since(jiff::civil::Time::midnight());
            calendar.is_working(day).then_some((day, since_midnight))
        }
    })?;
    register.zone().day_start(day).checked_add(time).ok()
}

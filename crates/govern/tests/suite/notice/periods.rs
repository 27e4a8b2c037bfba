//! The periods a notice names are those that decisions keep.
//!
//! The end of each period is computed here, by plain date arithmetic on what the notice says; then `decide` is
//! asked a second before it and at it.

use std::fmt;

use jiff::civil::Date;
use jiff::{Span, Timestamp, ToSpan};
use tidstro_calendar::Amount;
use tidstro_govern::{
    Ask, Decision, DossierFact, Facts, KeepFor, KeepFrom, KeepRule, Language, LeaseEvent, LeaseEventKind,
    OccupancyFact, Operation, PurposePart, RefusalRule, Register, SubjectEvent, Target, decide,
};
use tidstro_model::{AreaKind, DayRange, DossierKind, DossierNo, OccupancyNo, SubjectNo};

use super::grants::granted;
use super::{shipped, whole};
use crate::town::day;

const SUBJECT: u32 = 1;

#[test]
fn each_period_of_the_notice_is_kept_to_its_end_and_no_longer() {
    for register in shipped() {
        let mut tested = 0;
        each_trial(&register, |trial, ask| tested += usize::from(trial.passes(&register, ask)));
        assert!(tested > 0, "{}", register.id());
    }
}

#[test]
fn no_event_that_the_notice_does_not_name_keeps_anything() {
    for register in shipped() {
        each_trial(&register, |trial, ask| {
            for &kind in LeaseEventKind::ALL.iter().filter(|kind| !trial.names(**kind)) {
                trial.with(kind).is_gone(&register, ask);
            }
        });
    }
}

/// Every rule of every purpose of the notice, in every kind of area and dossier, with an ask that is granted.
fn each_trial(register: &Register, mut test: impl FnMut(&Trial<'_>, &Ask)) {
    let granted = granted(register);
    let notice = whole(register, Language::English);
    for purpose in notice.controllers.iter().flat_map(|part| &part.purposes) {
        let Some(keep) = &purpose.keep else { continue };
        let of = granted.iter().map(|(ask, _)| ask).filter(|ask| ask.purpose == purpose.activity);
        let ask = usual(of).unwrap_or_else(|| panic!("{} grants nothing", purpose.activity));
        for rule in &keep.rules {
            let trials: Vec<_> = trials(register, purpose, rule).collect();
            assert!(!trials.is_empty(), "{} {}: {rule}", register.id(), purpose.activity);
            trials.iter().for_each(|trial| test(trial, ask));
        }
    }
}

/// An ask whose operation is allowed as long as data are kept at all, if there is one. A hold or restriction
/// is no use and reaches what is there, kept or not.
fn usual<'a>(asks: impl Iterator<Item = &'a Ask>) -> Option<&'a Ask> {
    let keeping = [Operation::Store, Operation::Collect, Operation::Erase];
    asks.filter(|ask| ask.operation != Operation::Restrict)
        .min_by_key(|ask| !keeping.contains(&ask.operation))
}

/// One matter of the purpose in which the event of one rule has happened, and what follows from the notice.
struct Trial<'p> {
    purpose: &'p PurposePart,
    rule: &'p KeepRule,
    facts: Facts,
    target: Target,
    days: DayRange,
    /// The last instant at which the notice says the data are kept for sure.
    kept: Timestamp,
    /// The first instant at which the notice says they are gone.
    gone: Timestamp,
}

fn trials<'p>(
    register: &Register,
    purpose: &'p PurposePart,
    rule: &'p KeepRule,
) -> impl Iterator<Item = Trial<'p>> {
    let activity = register.activity(&purpose.activity).unwrap();
    let (areas, dossiers) = (activity.areas.clone(), activity.dossiers.clone());
    let lived = areas.into_iter().map(|area| lived_in(register, purpose, rule, area));
    // No occupancy ends in a dossier.
    let opened = dossiers.into_iter().filter(|_| rule.from != KeepFrom::OccupancyEnd);
    lived.chain(opened.map(|kind| opened_dossier(register, purpose, rule, kind)))
}

/// The last local day of the occupancy, and the day on which dossiers are opened.
fn last_day() -> Date {
    day("2027-02-28")
}

fn lived_in<'p>(
    register: &Register,
    purpose: &'p PurposePart,
    rule: &'p KeepRule,
    area: AreaKind,
) -> Trial<'p> {
    let days = DayRange::new(day("2026-01-05"), last_day().tomorrow().unwrap()).unwrap();
    let subject = SubjectNo::new(SUBJECT);
    let occupancy = OccupancyFact { occupancy: OccupancyNo::new(1), subject, area, days };
    let ends = purpose.keep.iter().flat_map(|keep| &keep.rules).filter_map(|one| match one.from {
        KeepFrom::OccupancyEnd | KeepFrom::Registration => Some(end(register, one, Base::Day(last_day()))),
        KeepFrom::Event(_) => (one == rule).then(|| end(register, one, Base::At(happened()))),
    });
    // Nothing ends before the occupancy itself.
    let over = register.zone().day_start(days.end());
    let floor = End { kept: Some(over - 1.second()), gone: over };
    let End { kept, gone } = ends.fold(floor, End::or_later);
    Trial {
        purpose,
        rule,
        facts: Facts {
            occupancies: vec![occupancy],
            dossiers: Vec::new(),
            events: events(register, purpose, rule),
        },
        target: Target::Subject(subject),
        days: DayRange::new(last_day(), days.end()).unwrap(),
        kept: kept.unwrap_or(gone - 1.second()),
        gone,
    }
}

fn opened_dossier<'p>(
    register: &Register,
    purpose: &'p PurposePart,
    rule: &'p KeepRule,
    kind: DossierKind,
) -> Trial<'p> {
    let opened = opened();
    let dossier = DossierNo::new(1);
    let fact = DossierFact { dossier, subject: Some(SubjectNo::new(SUBJECT)), kind, opened };
    let ends = purpose.keep.iter().flat_map(|keep| &keep.rules).filter_map(|one| match one.from {
        KeepFrom::OccupancyEnd => None,
        KeepFrom::Registration => Some(end(register, one, Base::At(opened))),
        KeepFrom::Event(_) => (one == rule).then(|| end(register, one, Base::At(happened()))),
    });
    let End { kept, gone } = ends.reduce(End::or_later).unwrap();
    Trial {
        purpose,
        rule,
        facts: Facts {
            occupancies: Vec::new(),
            dossiers: vec![fact],
            events: events(register, purpose, rule),
        },
        target: Target::Subject(SubjectNo::new(SUBJECT)),
        days: DayRange::new(last_day(), last_day().tomorrow().unwrap()).unwrap(),
        kept: kept.unwrap_or(gone - 1.second()),
        gone,
    }
}

fn opened() -> Timestamp {
    "2027-02-28T08:00:00Z".parse().unwrap()
}

fn happened() -> Timestamp {
    "2027-05-11T10:00:00Z".parse().unwrap()
}

/// The event of the rule; that with which the activity begins; and an order that opens its lock.
fn events(register: &Register, purpose: &PurposePart, rule: &KeepRule) -> Vec<SubjectEvent> {
    let event = |kind, at| {
        let event = LeaseEvent { at, kind, matter: None, activity: None, days: None };
        SubjectEvent { subject: SubjectNo::new(SUBJECT), event }
    };
    let of_rule = match rule.from {
        KeepFrom::Event(kind) => Some(event(kind, happened())),
        KeepFrom::OccupancyEnd | KeepFrom::Registration => None,
    };
    let begins = purpose.begins.filter(|&kind| rule.from != KeepFrom::Event(kind));
    let begin = register.zone().day_start(day("2026-01-05"));
    let begins = begins.map(|kind| event(kind, begin));
    of_rule.into_iter().chain(begins).chain([event(LeaseEventKind::LockOpened, begin)]).collect()
}

#[derive(Clone, Copy)]
enum Base {
    Day(Date),
    At(Timestamp),
}

/// What one rule says.
#[derive(Clone, Copy)]
struct End {
    /// The last instant at which data are kept for its sake; `None` where it keeps nothing.
    kept: Option<Timestamp>,
    /// The first instant at which it keeps nothing any more.
    gone: Timestamp,
}

impl End {
    /// The longest counts.
    fn or_later(self, other: Self) -> Self {
        Self { kept: self.kept.max(other.kept), gone: self.gone.max(other.gone) }
    }

    fn exactly(gone: Timestamp) -> Self {
        Self { kept: Some(gone - 1.second()), gone }
    }
}

/// By what the notice says of a rule: exactly for a minimum, not later for a maximum.
fn end(register: &Register, rule: &KeepRule, base: Base) -> End {
    let zone = register.zone();
    let starts = |day: Date| zone.day_start(day);
    let mut base_day = match base {
        Base::Day(day) => day,
        Base::At(at) => zone.day_of(at),
    };
    if rule.end_of_year {
        base_day = Date::constant(base_day.year(), 12, 31);
    }
    let span = |text: &str| text.parse::<Span>().unwrap();
    match (&rule.keep_for, base) {
        (KeepFor::Periods(periods), _) => {
            let last = periods.iter().fold(base_day, |day, period| day + span(&period.to_string()));
            End::exactly(starts(last.tomorrow().unwrap()))
        }
        (KeepFor::AtOnce, Base::At(at)) if !rule.end_of_year => End { kept: None, gone: at },
        (KeepFor::AtOnce, _) => End::exactly(starts(base_day.tomorrow().unwrap())),
        (KeepFor::AtMost(Amount::Hours(hours)), Base::At(at)) => {
            End::exactly(at + i64::from(hours.count()).hours())
        }
        (KeepFor::AtMost(amount), _) => {
            let last = base_day + span(&amount.to_string());
            End { kept: Some(starts(last.yesterday().unwrap())), gone: starts(last.tomorrow().unwrap()) }
        }
    }
}

impl Trial<'_> {
    /// Asserts what the notice says; `false` where the purpose itself is no longer in force by then.
    fn passes(&self, register: &Register, ask: &Ask) -> bool {
        let last = register.zone().day_start(self.purpose.valid.end());
        if !self.purpose.valid.is_open() && last <= self.gone {
            return false;
        }
        if !self.ends_use_before_keeping() {
            let decision = self.at(register, ask, self.kept, -1);
            assert!(matches!(decision, Decision::Grant(_)), "{self}: at {} {decision:?}", self.kept);
        }
        self.is_gone(register, ask);
        true
    }

    fn is_gone(&self, register: &Register, ask: &Ask) {
        let decision = self.at(register, ask, self.gone, 1);
        assert!(matches!(decision, Decision::Refuse(_)), "{self}: at {} {decision:?}", self.gone);
    }

    /// Whether the notice says anything about a kind of event here.
    fn names(&self, kind: LeaseEventKind) -> bool {
        let rules = self.purpose.keep.iter().flat_map(|keep| &keep.rules);
        self.purpose.begins == Some(kind) || rules.into_iter().any(|rule| rule.from == KeepFrom::Event(kind))
    }

    /// The same, and an event of this kind has happened too.
    fn with(&self, kind: LeaseEventKind) -> Self {
        let event = LeaseEvent { at: happened(), kind, matter: None, activity: None, days: None };
        let mut facts = self.facts.clone();
        facts.events.push(SubjectEvent { subject: SubjectNo::new(SUBJECT), event });
        Self { facts, ..*self }
    }

    /// Withdrawn consent ends the use, and the retention runs on: only a keeping operation is granted then.
    fn ends_use_before_keeping(&self) -> bool {
        self.rule.from == KeepFrom::Event(LeaseEventKind::ConsentWithdrawn)
            && self.rule.keep_for != KeepFor::AtOnce
    }

    /// The decision at an instant, or at the nearest one on that side inside the purpose's hours.
    fn at(&self, register: &Register, ask: &Ask, at: Timestamp, side: i64) -> Decision {
        let ask = Ask { target: self.target, days: self.days, ..ask.clone() };
        let hours = (0..24 * 14).map(|hour| at + (side * hour).hours());
        let decisions = hours.map(|at| decide(register, &self.facts, &ask, at));
        let is_outside = |decision: &Decision| matches!(decision, Decision::Refuse(refuse) if refuse.rule == RefusalRule::OutsideHours);
        decisions.into_iter().find(|decision| !is_outside(decision)).unwrap()
    }
}

impl fmt::Display for Trial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events: Vec<_> = self.facts.events.iter().map(|event| event.event.kind.word()).collect();
        write!(f, "{}: {} ({})", self.purpose.activity, self.rule, events.join(", "))
    }
}

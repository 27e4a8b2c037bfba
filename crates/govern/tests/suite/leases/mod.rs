//! Leases: the retentions of the sources walked through time, and what is true of every lease.

mod accounts;
mod events;
mod periods;
mod properties;

use jiff::Timestamp;
use tidstro_govern::{
    Activity, Ground, Lease, LeaseEvent, LeaseEventKind, LeaseState, Matter, MatterFact, Register, lease,
};
use tidstro_model::{ActivityId, AreaKind, DossierKind, DossierNo, OccupancyNo};

use crate::town::days;

const DOSSIER: Matter = Matter::Dossier(DossierNo::new(1));
const FLAT: Matter = Matter::Occupancy(OccupancyNo::new(1));

/// A register of one activity called `it`, on flats and on dossiers called `affair`: its legal bases, and
/// whatever else is said of it.
fn register(bases: &[&str], others: &str) -> Register {
    register_of(&[activity("it", bases, others)])
}

fn register_of(activities: &[String]) -> Register {
    let head = r#"
        register = { id = "r", edition = "1", operator = "us" }
        party = [{ id = "us", name = "We", kind = "controller", country = "DK" }]
        category = [{ id = "words", subjects = ["person"], text = { da = "a", de = "b", en = "c" }, columns = [], finest = "full" }]
        role = [{ id = "clerk", text = { da = "a", de = "b", en = "c" } }]
        actor = [{ id = "staff:kim", roles = ["clerk"] }]
    "#;
    // A register begins with a table; these are the same tables, written shorter.
    let tables: toml::Table = head.parse().unwrap();
    let text = format!("{}\n{}", toml::to_string(&tables).unwrap(), activities.concat());
    Register::parse(&text, "r").unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

fn activity(id: &str, bases: &[&str], others: &str) -> String {
    let bases: Vec<_> = bases.iter().map(|basis| format!("{{ gdpr = \"{basis}\", cite = \"x\" }}")).collect();
    format!(
        "[[activity]]\nid = \"{id}\"\ntext = {{ da = \"a\", de = \"b\", en = \"c\" }}\ncontroller = \"us\"\n\
         basis = [{}]\nsubjects = [\"person\"]\nareas = [\"building\"]\ndossiers = [\"affair\"]\n\
         data = {{ words = \"full\" }}\ndo = [\"collect\", \"store\", \"read\"]\nroles = [\"clerk\"]\n{others}\n\n",
        bases.join(", ")
    )
}

/// The activity of a register of one.
fn it(register: &Register) -> &Activity {
    register.activity(&ActivityId::parse("it").unwrap()).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A dossier opened then.
fn affair(opened: &str) -> MatterFact {
    let kind = DossierKind::parse("affair").unwrap();
    MatterFact { matter: DOSSIER, ground: Ground::Dossier { kind, opened: at(opened) } }
}

/// An occupancy of these days.
fn flat(lived: &str) -> MatterFact {
    MatterFact { matter: FLAT, ground: Ground::Occupancy { area: AreaKind::Building, days: days(lived) } }
}

/// An event of everything the subject has.
fn event(kind: LeaseEventKind, when: &str) -> LeaseEvent {
    LeaseEvent { at: at(when), kind, matter: None, activity: None, days: None }
}

/// An account of these days.
fn account(of: &str, delivered: &str) -> LeaseEvent {
    LeaseEvent { days: Some(days(of)), ..event(LeaseEventKind::AccountDelivered, delivered) }
}

fn lease_of(register: &Register, matter: &MatterFact, events: &[LeaseEvent], now: &str) -> Lease {
    let events: Vec<_> = events.iter().collect();
    lease(it(register), matter, &events, at(now), register.zone()).expect("business with the matter")
}

/// The state at each instant must be the one beside it.
fn check(register: &Register, matter: &MatterFact, events: &[LeaseEvent], expected: &[(&str, LeaseState)]) {
    for (now, state) in expected {
        assert_eq!(lease_of(register, matter, events, now).state, *state, "at {now}");
    }
}

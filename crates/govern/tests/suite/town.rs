//! The register of the demo town and short ways to ask it.

use jiff::{SignedDuration, Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_govern::{
    Ask, Decision, Facts, Grant, OccupancyFact, Operation, Refuse, Register, Target, decide,
};
use tidstro_model::{
    ActivityId, ActorId, AreaKind, CategoryId, DayRange, OccupancyNo, Resolution, SubjectNo,
};

pub(crate) fn town() -> Register {
    let text = include_str!("../../../../registers/town.toml");
    Register::parse(text, "registers/town.toml").unwrap_or_else(|faults| panic!("{faults}"))
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// `2026-03-01..2026-04-01`, or `2026-03-01..` for an open end.
pub(crate) fn days(text: &str) -> DayRange {
    let (start, end) = text.split_once("..").unwrap();
    if end.is_empty() { DayRange::from(day(start)) } else { DayRange::new(day(start), day(end)).unwrap() }
}

/// An ask at month resolution for March 2026; change what matters.
pub(crate) fn ask(actor: &str, purpose: &str, operation: Operation, category: &str, target: Target) -> Ask {
    Ask {
        actor: ActorId::parse(actor).unwrap(),
        purpose: ActivityId::parse(purpose).unwrap(),
        operation,
        category: CategoryId::parse(category).unwrap(),
        target,
        days: days("2026-03-01..2026-04-01"),
        resolution: Resolution::P1M,
        recipient: None,
        factors: 1,
    }
}

/// Noon of a local day in Denmark.
pub(crate) fn noon(today: Date) -> Timestamp {
    Zone::copenhagen().day_start(today) + SignedDuration::from_hours(12)
}

/// `(occupancy, subject, days)`, in a building.
pub(crate) fn facts(occupancies: &[(u32, u32, &str)]) -> Facts {
    let fact = |&(occupancy, subject, range): &(u32, u32, &str)| OccupancyFact {
        occupancy: OccupancyNo::new(occupancy),
        subject: SubjectNo::new(subject),
        area: AreaKind::Building,
        days: days(range),
    };
    Facts { occupancies: occupancies.iter().map(fact).collect(), ..Facts::default() }
}

pub(crate) fn granted(register: &Register, facts: &Facts, ask: &Ask, today: &str) -> Grant {
    match decide(register, facts, ask, noon(day(today))) {
        Decision::Grant(grant) => grant,
        Decision::Refuse(refuse) => panic!("refused: {refuse:?}"),
    }
}

pub(crate) fn refused(register: &Register, facts: &Facts, ask: &Ask, today: &str) -> Refuse {
    match decide(register, facts, ask, noon(day(today))) {
        Decision::Grant(grant) => panic!("granted: {grant:?}"),
        Decision::Refuse(refuse) => refuse,
    }
}

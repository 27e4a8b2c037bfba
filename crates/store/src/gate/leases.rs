//! The leases of one subject, for whoever may see its occupancies or choices.

use crate::db::Connection;
use jiff::Timestamp;
use tidstro_govern::{
    Lease, LeaseEvent, LeaseHistory, MatterFact, Reach, Register, Target, history, leases, on_hold,
};

use super::Terms;
use super::known::of_subject;
use crate::StoreFault;

/// What every activity holds of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectLeases {
    /// Each lease as it is now.
    pub leases: Vec<Lease>,
    /// Each lease over time.
    pub histories: Vec<LeaseHistory>,
    /// Whether something may not be erased because of a hold.
    pub is_held: bool,
}

/// The leases on the matters that the permit reaches. Nothing for a permit that is not about one subject.
pub(crate) fn subject_leases(
    db: &Connection,
    register: &Register,
    terms: &Terms,
    now: Timestamp,
) -> Result<SubjectLeases, StoreFault> {
    let mut found = SubjectLeases { leases: Vec::new(), histories: Vec::new(), is_held: false };
    let Target::Subject(subject) = terms.target else { return Ok(found) };
    let facts = of_subject(db, subject)?;
    let events: Vec<&LeaseEvent> = facts.events.iter().map(|event| &event.event).collect();
    let matters = reached(&facts, terms);
    for matter in &matters {
        found.leases.extend(leases(register.activities(), matter, &events, now, register.zone()));
        let drawn = register.activities();
        found.histories.extend(drawn.filter_map(|one| history(one, matter, &events, register.zone())));
        found.is_held |= on_hold(matter.matter, &events, now);
    }
    Ok(found)
}

/// The occupancies and dossiers of the facts that the permit names.
fn reached(facts: &tidstro_govern::Facts, terms: &Terms) -> Vec<MatterFact> {
    let Reach::Occupancies(named) = &terms.scope().reach else { return Vec::new() };
    let occupancies =
        facts.occupancies.iter().filter(|fact| named.iter().any(|(no, _)| *no == fact.occupancy));
    let dossiers = facts.dossiers.iter().filter(|fact| terms.scope().dossiers.contains(&fact.dossier));
    occupancies
        .map(tidstro_govern::OccupancyFact::matter)
        .chain(dossiers.map(tidstro_govern::DossierFact::matter))
        .collect()
}

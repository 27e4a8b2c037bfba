//! Notice and decisions say the same, both ways.
//!
//! One side is read from the notice, the other from what `decide` grants when asked; neither looks into the
//! register for what the other says.

use std::collections::{BTreeMap, BTreeSet};

use tidstro_govern::{Ask, Finest, Grant, Language, Operation, PurposePart, Register, notice};
use tidstro_model::{ActivityId, Resolution};

use super::grants::granted;
use super::{shipped, whole};

fn purposes(register: &Register) -> BTreeMap<ActivityId, PurposePart> {
    let controllers = whole(register, Language::English).controllers;
    let purposes = controllers.into_iter().flat_map(|part| part.purposes);
    purposes.map(|purpose| (purpose.activity.clone(), purpose)).collect()
}

#[test]
fn what_the_notice_names_some_decision_grants() {
    for register in shipped() {
        let granted = granted(&register);
        for (id, purpose) in purposes(&register) {
            let of: Vec<_> = granted.iter().filter(|(ask, _)| ask.purpose == id).collect();
            let place = format!("{} {id}", register.id());
            named_is_granted(&place, &purpose, &of);
        }
    }
}

fn named_is_granted(place: &str, purpose: &PurposePart, granted: &[&(Ask, Grant)]) {
    for data in &purpose.data {
        let finest = match data.finest {
            Finest::Full => Resolution::Raw,
            Finest::Resolution(finest) => finest,
        };
        let grants =
            |(ask, grant): &&&(Ask, Grant)| ask.category == data.category && grant.scope.finest == finest;
        assert!(granted.iter().any(|pair| grants(&pair)), "{place}: {} at {}", data.category, data.finest);
    }
    for party in &purpose.recipients {
        let given = |ask: &Ask| ask.recipient.as_ref().is_some_and(|to| to.party == party.id);
        assert!(granted.iter().any(|(ask, _)| given(ask)), "{place}: recipient {}", party.id);
    }
    for operation in &purpose.operations {
        assert!(granted.iter().any(|(ask, _)| ask.operation == *operation), "{place}: {operation}");
    }
    let own = |ask: &Ask| ask.operation == Operation::Export && ask.recipient.is_none();
    assert_eq!(purpose.to_subject, granted.iter().any(|(ask, _)| own(ask)), "{place}: given to the subject");
}

#[test]
fn what_some_decision_grants_the_notice_names() {
    for register in shipped() {
        let purposes = purposes(&register);
        let granted = granted(&register);
        assert!(granted.len() > 500, "{}: {} asks granted", register.id(), granted.len());
        for (ask, grant) in granted {
            let purpose = purposes.get(&grant.activity).unwrap_or_else(|| panic!("{ask:?} is not told"));
            granted_is_named(&register, purpose, &ask, &grant);
        }
    }
}

fn granted_is_named(register: &Register, purpose: &PurposePart, ask: &Ask, grant: &Grant) {
    let data = purpose.data.iter().find(|data| data.category == ask.category);
    assert!(data.is_some_and(|data| data.finest.allows(grant.scope.finest)), "{ask:?}");
    assert!(purpose.operations.contains(&ask.operation), "{ask:?}");
    assert_eq!(purpose.basis, grant.basis, "{ask:?}");
    let roles: BTreeSet<_> = register.roles_of(&ask.actor).into_iter().collect();
    assert!(purpose.roles.iter().any(|role| roles.contains(&role.role)), "{ask:?}");
    match &ask.recipient {
        // What goes to nobody in particular goes to the subject, or does not leave.
        None => assert!(ask.operation != Operation::Export || purpose.to_subject, "{ask:?}"),
        Some(to) => {
            let party = purpose.recipients.iter().find(|party| party.id == to.party);
            let party = party.unwrap_or_else(|| panic!("{ask:?}"));
            let country = to.country.unwrap_or(party.country);
            // The notice names the recipient's country, and says of the others that they are inside.
            assert!(country == party.country || country.is_eea(), "{ask:?}");
            assert!(country.is_eea() || party.transfer.is_some(), "{ask:?}");
        }
    }
}

#[test]
fn every_activity_is_told_in_its_notice_and_in_the_whole() {
    for register in shipped() {
        let whole = purposes(&register);
        assert_eq!(whole.len(), register.activities().count());
        for activity in register.activities() {
            let Some(id) = &activity.notice else { continue };
            let part = notice(&register, Some(id), Language::English).unwrap();
            let told: Vec<_> = part.controllers.iter().flat_map(|part| &part.purposes).collect();
            let alike = told.iter().find(|purpose| purpose.activity == activity.id);
            assert_eq!(alike.copied(), whole.get(&activity.id), "{}", activity.id);
        }
    }
}

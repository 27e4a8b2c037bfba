//! The meaning of a register: names that lead somewhere, words that are known, nothing left out.
//!
//! What comes in: a register of the right shape. What goes out: a register of checked values, or all
//! faults of the meaning. Never: a guess at what was meant, or an end at the first fault.

mod activity;
mod whole;

use std::collections::BTreeMap;

use tidstro_model::NameFault;

use super::fault::{Fault, Found, Lines};
use super::written::{self, List, Text, Written};
use super::{Actor, Category, Party, Register, Residents, Role, Texts, listed};
use crate::{Country, Finest, PartyKind, RoleId};

/// The names of one noun, with the line of each.
type Names = BTreeMap<String, u32>;

/// Checks the meaning. The file's name and hash are left empty for the caller to fill in.
pub(super) fn check(written: &Written, lines: &Lines<'_>) -> Result<Register, Vec<Found>> {
    let mut checker = Checker::of(written, lines);
    let register = checker.register(written);
    checker.whole(written, &register);
    // A value is missing only where a fault was found, so one of the two is always there.
    if checker.found.is_empty() { register.ok_or(checker.found) } else { Err(checker.found) }
}

/// The names written, and the faults found so far.
struct Checker<'w> {
    lines: &'w Lines<'w>,
    parties: Names,
    roles: Names,
    categories: Names,
    found: Vec<Found>,
}

impl<'w> Checker<'w> {
    /// Collects the names first, so that a fault in one table is not also a dangling name in others.
    fn of(written: &Written, lines: &'w Lines<'w>) -> Self {
        let mut found = Vec::new();
        let mut names = |noun, ids: Vec<&Text>| names(noun, &ids, lines, &mut found);
        let parties = names("party", written.parties.iter().map(|party| &party.id).collect());
        let roles = names("role", written.roles.iter().map(|role| &role.id).collect());
        let categories = names("category", written.categories.iter().map(|category| &category.id).collect());
        names("activity", written.activities.iter().map(|activity| &activity.id).collect());
        names("actor", written.actors.iter().map(|actor| &actor.id).collect());
        Self { lines, parties, roles, categories, found }
    }

    /// All values of the register; `None` where a fault was found that leaves a value unknown.
    fn register(&mut self, written: &Written) -> Option<Register> {
        let operator = self.party_named(&written.head.operator);
        let parties: Vec<_> = written.parties.iter().map(|party| self.party(party)).collect();
        let roles: Vec<_> = written.roles.iter().map(|role| self.role(role)).collect();
        let categories: Vec<_> = written.categories.iter().map(|category| self.category(category)).collect();
        let activities: Vec<_> = written.activities.iter().map(|activity| self.activity(activity)).collect();
        let actors: Vec<_> = written.actors.iter().map(|actor| self.actor(actor)).collect();
        let residents = written.resident.as_ref().map(|resident| self.residents(resident));
        Some(Register {
            id: written.head.id.get_ref().clone(),
            edition: written.head.edition.get_ref().clone(),
            operator: operator?,
            file: String::new(),
            hash: [0; 32],
            parties: keyed(parties, |party| &party.id)?,
            roles: keyed(roles, |role| &role.id)?,
            categories: keyed(categories, |category| &category.id)?,
            activities: keyed(activities, |activity| &activity.id)?,
            actors: keyed(actors, |actor| &actor.id)?,
            residents: residents.map_or(Some(None), |residents| residents.map(Some))?,
        })
    }

    fn party(&mut self, written: &written::Party) -> Option<Party> {
        let kind = self.word(&written.kind, "a kind of party", PartyKind::from_word, &listed(PartyKind::ALL));
        let country = self.read(&written.country, Country::parse, |got| Fault::Country { got });
        let text = |text: &Option<Text>| text.as_ref().map(|text| text.get_ref().clone());
        Some(Party {
            id: parsed(&written.id, crate::PartyId::parse)?,
            name: written.name.get_ref().clone(),
            kind: kind?,
            country: country?,
            address: text(&written.address),
            registration_number: text(&written.registration_number),
            line: self.line(&written.id),
        })
    }

    fn role(&self, written: &written::Role) -> Option<Role> {
        let id = parsed(&written.id, RoleId::parse)?;
        Some(Role { id, text: texts(&written.text), line: self.line(&written.id) })
    }

    fn category(&mut self, written: &written::Category) -> Option<Category> {
        let subjects = self.subjects(&written.subjects);
        let finest = self.finest(&written.finest);
        for column in written.columns.get_ref() {
            self.column_form(column);
        }
        Some(Category {
            id: parsed(&written.id, tidstro_model::CategoryId::parse)?,
            subjects: subjects?,
            text: texts(&written.text),
            columns: written.columns.get_ref().iter().map(|column| column.get_ref().clone()).collect(),
            finest: finest?,
            line: self.line(&written.id),
        })
    }

    fn actor(&mut self, written: &written::Actor) -> Option<Actor> {
        let roles = self.roles_named(&written.roles);
        let id = parsed(&written.id, tidstro_model::ActorId::parse)?;
        if id.as_str().starts_with("resident:") {
            self.fault(&written.id, Fault::ResidentAsActor { actor: id.to_string() });
        }
        Some(Actor { id, roles: roles?, line: self.line(&written.id) })
    }

    fn residents(&mut self, written: &written::Resident) -> Option<Residents> {
        Some(Residents {
            roles: self.roles_named(&written.roles)?,
            line: self.lines.line(written.roles.span().start),
        })
    }

    fn column_form(&mut self, column: &Text) {
        let part = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        let right = column.get_ref().split_once('.').is_some_and(|(table, name)| part(table) && part(name));
        if !right {
            self.fault(column, Fault::Column { got: column.get_ref().clone() });
        }
    }

    fn finest(&mut self, text: &Text) -> Option<Finest> {
        let known = "`full`, `raw`, `PT15M`, `PT1H`, `P1D`, `P1M`, `P1Y`";
        self.word(text, "a resolution", Finest::from_word, known)
    }

    fn subjects(&mut self, list: &List) -> Option<Vec<crate::SubjectKind>> {
        let write = "write at least one kind of subjects, such as `resident`";
        self.each(list, "subjects", write, |checker, text| checker.name(text, crate::SubjectKind::parse))
    }

    fn roles_named(&mut self, list: &List) -> Option<Vec<RoleId>> {
        let write = "write at least one role";
        self.each(list, "roles", write, |checker, text| {
            let known = checker.dangling("role", text, &checker.roles);
            checker.found.extend(known);
            parsed(text, RoleId::parse)
        })
    }

    fn party_named(&mut self, text: &Text) -> Option<crate::PartyId> {
        let unknown = self.dangling("party", text, &self.parties);
        self.found.extend(unknown);
        parsed(text, crate::PartyId::parse)
    }

    /// Every entry of a list that must not be empty. All faults are found; then one is enough for `None`.
    fn each<T>(
        &mut self,
        list: &List,
        field: &'static str,
        write: &'static str,
        mut read: impl FnMut(&mut Self, &Text) -> Option<T>,
    ) -> Option<Vec<T>> {
        if list.get_ref().is_empty() {
            self.found.push(Found::new(&list.span(), Fault::Empty { field, write }));
        }
        let read: Vec<_> = list.get_ref().iter().map(|text| read(self, text)).collect();
        read.into_iter().collect()
    }

    /// The fault, if no thing of that noun has the name.
    fn dangling(&self, noun: &'static str, text: &Text, names: &Names) -> Option<Found> {
        if names.contains_key(text.get_ref()) {
            return None;
        }
        let known = listed(&names.keys().collect::<Vec<_>>());
        let fault = Fault::Dangling { noun, id: text.get_ref().clone(), known };
        Some(Found::new(&text.span(), fault))
    }

    fn word<T>(
        &mut self,
        text: &Text,
        what: &'static str,
        read: impl Fn(&str) -> Option<T>,
        known: &str,
    ) -> Option<T> {
        self.read(text, read, |got| Fault::Word { what, got, known: known.to_owned() })
    }

    fn read<T>(
        &mut self,
        text: &Text,
        read: impl Fn(&str) -> Option<T>,
        fault: impl FnOnce(String) -> Fault,
    ) -> Option<T> {
        let value = read(text.get_ref());
        if value.is_none() {
            self.fault(text, fault(text.get_ref().clone()));
        }
        value
    }

    fn name<T>(&mut self, text: &Text, parse: impl Fn(&str) -> Result<T, NameFault>) -> Option<T> {
        parse(text.get_ref()).map_err(|fault| self.fault(text, fault.into())).ok()
    }

    fn fault(&mut self, text: &Text, fault: Fault) {
        self.found.push(Found::new(&text.span(), fault));
    }

    fn line(&self, text: &Text) -> u32 {
        self.lines.line(text.span().start)
    }
}

/// The names of one noun with their lines; a name of the wrong form or used twice is a fault.
fn names(noun: &'static str, ids: &[&Text], lines: &Lines<'_>, found: &mut Vec<Found>) -> Names {
    let mut names = Names::new();
    for text in ids {
        let (id, span) = (text.get_ref(), text.span());
        if let Err(fault) = tidstro_model::ActivityId::parse(id) {
            found.push(Found::new(&span, fault.into()));
        }
        match names.get(id) {
            Some(&first) => found.push(Found::new(&span, Fault::Duplicate { noun, id: id.clone(), first })),
            None => {
                names.insert(id.clone(), lines.line(span.start));
            }
        }
    }
    names
}

/// The value, or `None` where the name's fault is already known.
fn parsed<T>(text: &Text, parse: impl Fn(&str) -> Result<T, NameFault>) -> Option<T> {
    parse(text.get_ref()).ok()
}

fn texts(written: &written::Languages) -> Texts {
    let text = |text: &Text| text.get_ref().clone();
    Texts { da: text(&written.da), de: text(&written.de), en: text(&written.en) }
}

fn keyed<K: Ord + Clone, V>(values: Vec<Option<V>>, key: impl Fn(&V) -> &K) -> Option<BTreeMap<K, V>> {
    values.into_iter().map(|value| value.map(|value| (key(&value).clone(), value))).collect()
}

//! The meaning of a register: names that lead somewhere, words that are known, nothing left out.
//!
//! What comes in: a register of the right shape. What goes out: a register of checked values, or all
//! faults of the meaning. Never: a guess at what was meant, or an end at the first fault.

mod activity;
mod duty;
mod keep;
mod login;
mod whole;

use std::collections::BTreeMap;

use jiff::civil::Date;
use tidstro_calendar::{Period, WorkingCalendar, Zone};
use tidstro_model::{CheckDigit, NameFault};

use super::fault::{Fault, Found};
use super::whole::Whole;
use super::written::{self, List, Text, Written};
use super::{Actor, Category, Party, Register, Residents, Role, StorePart, Texts, Transfer, listed};
use crate::{Country, Finest, PartyKind, RoleId, TransferGround};

/// The names of one noun, each with its `file:line`.
type Names = BTreeMap<String, String>;

/// Checks the meaning. The file's name and hash are left empty for the caller to fill in.
pub(super) fn check(written: &Written, whole: &Whole<'_>, is_kept: bool) -> Result<Register, Vec<Found>> {
    let mut checker = Checker { is_kept, ..Checker::of(written, whole) };
    let register = checker.register(written);
    checker.whole(written, &register);
    // A value is missing only where a fault was found, so one of the two is always there.
    if checker.found.is_empty() { register.ok_or(checker.found) } else { Err(checker.found) }
}

/// The names written, and the faults found so far.
struct Checker<'w> {
    lines: &'w Whole<'w>,
    parties: Names,
    roles: Names,
    categories: Names,
    notices: Names,
    activities: Names,
    found: Vec<Found>,
    /// It decided under an earlier program: what later ones ask for is not asked of it.
    is_kept: bool,
}

impl<'w> Checker<'w> {
    /// Collects the names first, so that a fault in one table is not also a dangling name in others.
    fn of(written: &Written, lines: &'w Whole<'w>) -> Self {
        let mut found = Vec::new();
        let mut names = |noun, ids: Vec<&Text>| names(noun, &ids, lines, &mut found);
        let parties = names("party", written.parties.iter().map(|party| &party.id).collect());
        let roles = names("role", written.roles.iter().map(|role| &role.id).collect());
        let categories = names("category", written.categories.iter().map(|category| &category.id).collect());
        let activities = names("activity", written.activities.iter().map(|activity| &activity.id).collect());
        names("actor", written.actors.iter().map(|actor| &actor.id).collect());
        names("obligation", written.obligations.iter().map(|obligation| &obligation.id).collect());
        names("control", written.controls.iter().map(|control| &control.id).collect());
        let notices = names("notice", written.notices.iter().map(|notice| &notice.id).collect());
        Self { lines, parties, roles, categories, notices, activities, found, is_kept: false }
    }

    /// All values of the register; `None` where a fault was found that leaves a value unknown.
    fn register(&mut self, written: &Written) -> Option<Register> {
        let head = self.head(&written.head);
        let parties: Vec<_> = written.parties.iter().map(|party| self.party(party)).collect();
        let roles: Vec<_> = written.roles.iter().map(|role| self.role(role)).collect();
        let categories: Vec<_> = written.categories.iter().map(|category| self.category(category)).collect();
        let activities: Vec<_> = written.activities.iter().map(|activity| self.activity(activity)).collect();
        let actors: Vec<_> = written.actors.iter().map(|actor| self.actor(actor)).collect();
        let residents = written.resident.as_ref().map(|resident| self.residents(resident));
        let login = written.login.as_ref().map(|login| self.login(login));
        let obligations: Vec<_> = written.obligations.iter().map(|duty| self.obligation(duty)).collect();
        let controls: Vec<_> = written.controls.iter().map(|control| self.control(control)).collect();
        let notices: Vec<_> = written.notices.iter().map(|notice| self.notice(notice)).collect();
        let open: Vec<_> = written.open.iter().map(|open| self.open(open)).collect();
        Some(Register {
            parties: keyed(parties, |party| &party.id)?,
            roles: keyed(roles, |role| &role.id)?,
            categories: keyed(categories, |category| &category.id)?,
            activities: keyed(activities, |activity| &activity.id)?,
            actors: keyed(actors, |actor| &actor.id)?,
            residents: present(residents)?,
            login: present(login)?,
            obligations: keyed(obligations, |obligation| &obligation.id)?,
            controls: keyed(controls, |control| &control.id)?,
            notices: keyed(notices, |notice| &notice.id)?,
            open: open.into_iter().collect::<Option<_>>()?,
            ..head?
        })
    }

    /// A register of the head alone.
    fn head(&mut self, written: &written::Head) -> Option<Register> {
        let id = self.filled(&written.id, "id", "write a name for the register");
        let edition =
            self.filled(&written.edition, "edition", "write which edition it is, such as `2026-01`");
        let operator = self.party_named(&written.operator);
        let authority = written.authority.as_ref().map(|text| self.party_named(text));
        let zone = self.zone(written);
        let parts = self.parts(written);
        let approvers = written.approvers.as_ref().map(|list| self.roles_named(list, "approvers"));
        let log_keep = written.log_keep.as_ref().map(|text| self.period(text));
        let unplaced_keep = written.unplaced_keep.as_ref().map(|text| self.period(text));
        let check_digits = self.check_digits(written);
        Some(Register {
            id: id?,
            edition: edition?,
            operator: operator?,
            authority: present(authority)?,
            zone: zone?,
            parts: parts?,
            approvers: present(approvers)?.unwrap_or_default(),
            log_keep: present(log_keep)?,
            unplaced_keep: present(unplaced_keep)?,
            check_digits: check_digits?,
            is_kept: false,
            files: Vec::new(),
            hash: [0; 32],
            parties: BTreeMap::new(),
            roles: BTreeMap::new(),
            categories: BTreeMap::new(),
            activities: BTreeMap::new(),
            actors: BTreeMap::new(),
            residents: None,
            login: None,
            obligations: BTreeMap::new(),
            controls: BTreeMap::new(),
            notices: BTreeMap::new(),
            open: Vec::new(),
        })
    }

    fn zone(&mut self, written: &written::Head) -> Option<Zone> {
        let Some(text) = &written.zone else { return Some(Zone::copenhagen()) };
        self.read(text, |name| Zone::named(name).ok(), |got| Fault::Zone { got })
    }

    fn check_digits(&mut self, written: &written::Head) -> Option<CheckDigit> {
        let Some(text) = &written.check_digits else { return Some(CheckDigit::Required) };
        self.word(text, "a rule for check digits", CheckDigit::from_word, &listed(CheckDigit::ALL))
    }

    fn parts(&mut self, written: &written::Head) -> Option<Vec<StorePart>> {
        let Some(list) = &written.parts else { return Some(StorePart::ALL.to_vec()) };
        let known = listed(StorePart::ALL);
        self.each(list, "parts", "write at least one part, such as `metering`", |checker, text| {
            checker.word(text, "a part of the store", StorePart::from_word, &known)
        })
    }

    fn party(&mut self, written: &written::Party) -> Option<Party> {
        let kind = self.word(&written.kind, "a kind of party", PartyKind::from_word, &listed(PartyKind::ALL));
        let name = self.filled(&written.name, "name", "write the name it has in the world");
        let country = self.read(&written.country, Country::parse, |got| Fault::Country { got });
        let transfer = written.transfer.as_ref().map(|transfer| self.transfer(transfer));
        Some(Party {
            id: parsed(&written.id, crate::PartyId::parse)?,
            name: name?,
            kind: kind?,
            country: country?,
            address: owned(&written.address),
            registration_number: owned(&written.registration_number),
            phone: owned(&written.phone),
            email: owned(&written.email),
            protection_officer: owned(&written.protection_officer),
            transfer: present(transfer)?,
            line: self.line(&written.id),
        })
    }

    fn transfer(&mut self, written: &written::Transfer) -> Option<Transfer> {
        let known = listed(TransferGround::ALL);
        let ground = self.word(&written.ground, "a ground of transfer", TransferGround::from_word, &known);
        let cite =
            self.filled(&written.cite, "cite", "cite the decision or contract that allows the transfer");
        Some(Transfer { ground: ground?, cite: cite? })
    }

    fn role(&mut self, written: &written::Role) -> Option<Role> {
        let text = self.texts(&written.text);
        Some(Role { id: parsed(&written.id, RoleId::parse)?, text: text?, line: self.line(&written.id) })
    }

    fn category(&mut self, written: &written::Category) -> Option<Category> {
        let subjects = self.subjects(&written.subjects);
        let text = self.texts(&written.text);
        let finest = self.finest(&written.finest);
        for column in written.columns.get_ref() {
            self.column_form(column);
        }
        Some(Category {
            id: parsed(&written.id, tidstro_model::CategoryId::parse)?,
            subjects: subjects?,
            text: text?,
            columns: written.columns.get_ref().iter().map(|column| column.get_ref().clone()).collect(),
            finest: finest?,
            fields: texts_of(written.fields.as_ref()),
            special: written.special.unwrap_or(false),
            line: self.line(&written.id),
        })
    }

    fn actor(&mut self, written: &written::Actor) -> Option<Actor> {
        let roles = self.roles_named(&written.roles, "roles");
        let id = parsed(&written.id, tidstro_model::ActorId::parse)?;
        if id.as_str().starts_with("resident:") {
            self.fault(&written.id, Fault::ResidentAsActor { actor: id.to_string() });
        }
        Some(Actor { id, roles: roles?, line: self.line(&written.id) })
    }

    fn residents(&mut self, written: &written::Resident) -> Option<Residents> {
        Some(Residents {
            roles: self.roles_named(&written.roles, "roles")?,
            line: self.lines.line(written.roles.span().start),
        })
    }

    fn period(&mut self, text: &Text) -> Option<Period> {
        Period::parse(text.get_ref()).map_err(|fault| self.fault(text, Fault::Period(fault))).ok()
    }

    fn date(&mut self, text: &Text) -> Option<Date> {
        let what = "a local day; write it like `2026-03-31`";
        self.read(text, |day| day.parse().ok(), |got| Fault::Time { what, got })
    }

    /// The name of a working calendar the program has.
    fn calendar(&mut self, text: &Text) -> Option<String> {
        let known = listed(&["dk-working", "dk-market", "de-working"]);
        let shipped = |name: &str| WorkingCalendar::shipped(name).map(|calendar| calendar.name().to_owned());
        self.read(text, shipped, |got| Fault::Calendar { got, known })
    }

    fn filled(&mut self, text: &Text, field: &'static str, write: &'static str) -> Option<String> {
        let filled = |text: &str| (!text.trim().is_empty()).then(|| text.to_owned());
        self.read(text, filled, |_| Fault::Empty { field, write })
    }

    /// A text that may be left out, and says something if it is there.
    fn filled_if_there(
        &mut self,
        text: Option<&Text>,
        field: &'static str,
        write: &'static str,
    ) -> Option<Option<String>> {
        present(text.map(|text| self.filled(text, field, write)))
    }

    /// What is empty in one language would be missing in that language's notice.
    fn texts(&mut self, written: &written::Languages) -> Option<Texts> {
        let [da, de, en] = [("da", &written.da), ("de", &written.de), ("en", &written.en)]
            .map(|(language, text)| self.filled(text, language, "write the text in this language too"));
        Some(Texts { da: da?, de: de?, en: en? })
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

    fn roles_named(&mut self, list: &List, field: &'static str) -> Option<Vec<RoleId>> {
        let write = "write at least one role";
        self.each(list, field, write, |checker, text| {
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

/// An optional value: absent, or there and right. `None` where it is there and a fault was found.
fn present<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    value.map_or(Some(None), |value| value.map(Some))
}

fn owned(text: &Option<Text>) -> Option<String> {
    text.as_ref().map(|text| text.get_ref().clone())
}

/// The texts of a list that may be absent.
fn texts_of(list: Option<&List>) -> Vec<String> {
    list.map_or_else(Vec::new, |list| list.get_ref().iter().map(|text| text.get_ref().clone()).collect())
}

/// The names of one noun with their places; a name of the wrong form or used twice is a fault.
fn names(noun: &'static str, ids: &[&Text], lines: &Whole<'_>, found: &mut Vec<Found>) -> Names {
    let mut names = Names::new();
    for text in ids {
        let (id, span) = (text.get_ref(), text.span());
        if let Err(fault) = tidstro_model::ActivityId::parse(id) {
            found.push(Found::new(&span, fault.into()));
        }
        match names.get(id) {
            Some(first) => {
                let fault = Fault::Duplicate { noun, id: id.clone(), first: first.clone() };
                found.push(Found::new(&span, fault));
            }
            None => {
                let (file, line, _) = lines.place(span.start);
                names.insert(id.clone(), format!("{file}:{line}"));
            }
        }
    }
    names
}

/// The value, or `None` where the name's fault is already known.
fn parsed<T>(text: &Text, parse: impl Fn(&str) -> Result<T, NameFault>) -> Option<T> {
    parse(text.get_ref()).ok()
}

fn keyed<K: Ord + Clone, V>(values: Vec<Option<V>>, key: impl Fn(&V) -> &K) -> Option<BTreeMap<K, V>> {
    values.into_iter().map(|value| value.map(|value| (key(&value).clone(), value))).collect()
}

//! The register as it is written: the shape of the TOML file, each value with its place.
//!
//! What comes in: text. What goes out: tables of texts with their byte ranges, nothing checked but
//! the shape; or every fault of the syntax, or one fault of the shape for each table. Never: a key
//! that is read and not known.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IntoDeserializer};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, Found};
use super::{listed, whole::Whole};

/// A text and where it is written.
pub(super) type Text = Spanned<String>;
/// Texts, each with its place, and the place of the list.
pub(super) type List = Spanned<Vec<Text>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    pub(super) id: Text,
    pub(super) edition: Text,
    pub(super) operator: Text,
    pub(super) authority: Option<Text>,
    pub(super) zone: Option<Text>,
    pub(super) parts: Option<List>,
    pub(super) approvers: Option<List>,
    pub(super) log_keep: Option<Text>,
    pub(super) unplaced_keep: Option<Text>,
    pub(super) check_digits: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Languages {
    pub(super) da: Text,
    pub(super) de: Text,
    pub(super) en: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Party {
    pub(super) id: Text,
    pub(super) name: Text,
    pub(super) kind: Text,
    pub(super) country: Text,
    pub(super) address: Option<Text>,
    pub(super) registration_number: Option<Text>,
    pub(super) phone: Option<Text>,
    pub(super) email: Option<Text>,
    pub(super) protection_officer: Option<Text>,
    pub(super) transfer: Option<Transfer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Transfer {
    pub(super) ground: Text,
    pub(super) cite: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Category {
    pub(super) id: Text,
    pub(super) subjects: List,
    pub(super) text: Languages,
    pub(super) columns: List,
    pub(super) finest: Text,
    pub(super) fields: Option<List>,
    pub(super) special: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Basis {
    pub(super) gdpr: Text,
    pub(super) cite: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keep {
    pub(super) from: Text,
    #[serde(rename = "for")]
    pub(super) periods: Option<List>,
    pub(super) at_most: Option<Text>,
    pub(super) at_once: Option<bool>,
    pub(super) end_of_year: Option<bool>,
    pub(super) then: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hours {
    pub(super) from: Text,
    pub(super) to: Text,
    pub(super) days: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Valid {
    pub(super) from: Option<Text>,
    pub(super) to: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Activity {
    pub(super) id: Text,
    pub(super) text: Languages,
    pub(super) controller: Text,
    pub(super) instruction: Option<Text>,
    pub(super) basis: Option<Vec<Basis>>,
    pub(super) subjects: List,
    pub(super) areas: Option<List>,
    pub(super) dossiers: Option<List>,
    pub(super) data: Spanned<BTreeMap<Text, Text>>,
    pub(super) uses: Option<List>,
    pub(super) excludes: Option<List>,
    #[serde(rename = "do")]
    pub(super) operations: List,
    pub(super) roles: List,
    pub(super) own_only: Option<Spanned<bool>>,
    pub(super) factors: Option<Spanned<u8>>,
    pub(super) hours: Option<Hours>,
    pub(super) valid: Option<Valid>,
    pub(super) to: Option<List>,
    pub(super) source: Option<Languages>,
    pub(super) mandatory: Option<bool>,
    pub(super) necessity: Option<Text>,
    pub(super) begins: Option<Text>,
    pub(super) despite_restriction: Option<Text>,
    pub(super) keep: Option<Spanned<Vec<Keep>>>,
    pub(super) lock_after: Option<Text>,
    pub(super) notice: Option<Text>,
    pub(super) serves: Option<List>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Role {
    pub(super) id: Text,
    pub(super) text: Languages,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Actor {
    pub(super) id: Text,
    pub(super) roles: List,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resident {
    pub(super) roles: List,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    pub(super) purpose: Text,
    pub(super) failures: Spanned<u8>,
    pub(super) two_factors: Option<List>,
    pub(super) password_max_age: Option<Text>,
    pub(super) review_every: Option<Text>,
    pub(super) staff: Session,
    pub(super) resident: Option<Session>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Session {
    pub(super) idle_minutes: Spanned<u16>,
    pub(super) absolute_minutes: Spanned<u16>,
    pub(super) fresh_minutes: Spanned<u16>,
    pub(super) closed_after: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClockTable {
    pub(super) within: Option<Text>,
    pub(super) before: Option<Text>,
    pub(super) profile: Option<Text>,
    pub(super) roll: Option<Text>,
    pub(super) calendar: Option<Text>,
    pub(super) not_before: Option<Text>,
    pub(super) extension: Option<Text>,
    pub(super) pause: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Obligation {
    pub(super) id: Text,
    pub(super) text: Languages,
    pub(super) when: Text,
    pub(super) who: Text,
    pub(super) clock: Option<Spanned<ClockTable>>,
    pub(super) proof: List,
    pub(super) recorded_by: Option<List>,
    pub(super) moved_by: Option<List>,
    pub(super) cite: Text,
    pub(super) serves: Option<List>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Control {
    pub(super) id: Text,
    pub(super) text: Languages,
    pub(super) probe: Option<Text>,
    pub(super) attestation: Option<Text>,
    pub(super) document: Option<Text>,
    pub(super) max_age: Option<Text>,
    pub(super) measure: Option<Spanned<u8>>,
    pub(super) cite: Option<Text>,
    pub(super) serves: Option<List>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Notice {
    pub(super) id: Text,
    pub(super) title: Languages,
    pub(super) date: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Open {
    pub(super) part: Text,
    pub(super) rows: List,
}

/// A register of the right shape.
pub(super) struct Written {
    pub(super) head: Head,
    pub(super) parties: Vec<Party>,
    pub(super) categories: Vec<Category>,
    pub(super) activities: Vec<Activity>,
    pub(super) roles: Vec<Role>,
    pub(super) actors: Vec<Actor>,
    pub(super) resident: Option<Resident>,
    pub(super) login: Option<Login>,
    pub(super) obligations: Vec<Obligation>,
    pub(super) controls: Vec<Control>,
    pub(super) notices: Vec<Notice>,
    pub(super) open: Vec<Open>,
}

/// Proves that each file is TOML by itself and begins with a table, so that none reads on in the next.
pub(super) fn each_stands_alone(whole: &Whole<'_>) -> Result<(), Vec<Found>> {
    let faults: Vec<_> = whole.files().flat_map(|(start, text)| faults_of_file(start, text)).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn faults_of_file(start: usize, text: &str) -> Vec<Found> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let moved = |found: Found| Found { at: found.at + start, ..found };
    let syntax = errors.iter().map(shape_fault);
    let loose = document
        .get_ref()
        .iter()
        .filter(|(_, value)| !matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_)));
    let loose = loose.map(|(key, _)| {
        let message = format!("`{}` stands before the first table; move it into one", key.get_ref());
        Found::new(&key.span(), Fault::Shape { message })
    });
    syntax.chain(loose).chain(continued(&document)).map(moved).collect()
}

/// A file that says `[activity.text]` before its first `[[activity]]` would read on in the file before.
fn continued(document: &Spanned<DeTable<'_>>) -> impl Iterator<Item = Found> {
    let tables = document.get_ref().iter();
    let single = tables.filter(|(key, value)| {
        let is_list = TABLES.contains(&key.get_ref().as_ref()) && !SINGLE.contains(&key.get_ref().as_ref());
        is_list && matches!(value.get_ref(), DeValue::Table(_))
    });
    single.map(|(key, _)| Found::new(&key.span(), not_a_list(key.get_ref())))
}

fn not_a_list(name: &str) -> Fault {
    Fault::Shape { message: format!("`{name}` is not a list of tables; write `[[{name}]]`") }
}

/// Reads the shape of a register.
pub(super) fn read(text: &str) -> Result<Written, Vec<Found>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().map(shape_fault).collect());
    }
    let mut tables = Tables { of: document.into_inner(), found: Vec::new() };
    let head = tables.one("register");
    if head.is_none() && tables.found.is_empty() {
        tables.found.push(Found { at: 0, fault: Fault::NoHead });
    }
    let written = head.map(|head| Written {
        head,
        parties: tables.many("party"),
        categories: tables.many("category"),
        activities: tables.many("activity"),
        roles: tables.many("role"),
        actors: tables.many("actor"),
        resident: tables.one("resident"),
        login: tables.one("login"),
        obligations: tables.many("obligation"),
        controls: tables.many("control"),
        notices: tables.many("notice"),
        open: tables.many("open"),
    });
    tables.refuse_the_rest();
    match written {
        Some(written) if tables.found.is_empty() => Ok(written),
        _ => Err(tables.found),
    }
}

/// The tables a register has.
const TABLES: [&str; 12] = [
    "register",
    "party",
    "category",
    "activity",
    "role",
    "actor",
    "resident",
    "login",
    "obligation",
    "control",
    "notice",
    "open",
];

/// The tables that are there once; the others are lists.
const SINGLE: [&str; 3] = ["register", "resident", "login"];

/// The tables of the file not yet read, and the faults found so far.
struct Tables<'t> {
    of: DeTable<'t>,
    found: Vec<Found>,
}

impl<'t> Tables<'t> {
    /// The table `[name]`, if it is there and of the right shape.
    fn one<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let value = self.of.remove(name)?;
        self.shaped(value)
    }

    /// The tables `[[name]]` of the right shape. Each of another shape leaves a fault.
    fn many<T: DeserializeOwned>(&mut self, name: &str) -> Vec<T> {
        let Some(value) = self.of.remove(name) else { return Vec::new() };
        let span = value.span();
        let DeValue::Array(items) = value.into_inner() else {
            self.found.push(Found::new(&span, not_a_list(name)));
            return Vec::new();
        };
        items.into_iter().filter_map(|item| self.shaped(item)).collect()
    }

    fn shaped<T: DeserializeOwned>(&mut self, value: Spanned<DeValue<'t>>) -> Option<T> {
        let span = value.span();
        T::deserialize(value.into_deserializer())
            .map_err(|error| {
                let fault = Fault::Shape { message: message_of(&error) };
                self.found.push(Found::new(&error.span().unwrap_or(span), fault));
            })
            .ok()
    }

    fn refuse_the_rest(&mut self) {
        // A table left over because the head is missing is no fault of its own.
        for key in self.of.keys().filter(|key| !TABLES.contains(&key.get_ref().as_ref())) {
            let known = listed(&TABLES);
            let fault = Fault::UnknownTable { table: key.get_ref().to_string(), known };
            self.found.push(Found::new(&key.span(), fault));
        }
    }
}

fn shape_fault(error: &toml::de::Error) -> Found {
    let at = error.span().map_or(0, |span| span.start);
    Found { at, fault: Fault::Shape { message: message_of(error) } }
}

fn message_of(error: &toml::de::Error) -> String {
    match error.message().trim_end() {
        "duplicate key" => "this is written twice; remove one of the two".to_owned(),
        "invalid type: map, expected a sequence" => "a list stands here; write it in `[ ]`".to_owned(),
        other => other.replace('\n', "; "),
    }
}

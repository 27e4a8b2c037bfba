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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Category {
    pub(super) id: Text,
    pub(super) subjects: List,
    pub(super) text: Languages,
    pub(super) columns: List,
    pub(super) finest: Text,
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
    pub(super) periods: List,
    pub(super) then: Text,
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
    pub(super) areas: List,
    pub(super) data: Spanned<BTreeMap<Text, Text>>,
    #[serde(rename = "do")]
    pub(super) operations: List,
    pub(super) roles: List,
    pub(super) own_only: Option<Spanned<bool>>,
    pub(super) to: Option<List>,
    pub(super) keep: Option<Spanned<Keep>>,
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

/// A register of the right shape.
pub(super) struct Written {
    pub(super) head: Head,
    pub(super) parties: Vec<Party>,
    pub(super) categories: Vec<Category>,
    pub(super) activities: Vec<Activity>,
    pub(super) roles: Vec<Role>,
    pub(super) actors: Vec<Actor>,
    pub(super) resident: Option<Resident>,
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
    let parties = tables.many("party");
    let categories = tables.many("category");
    let activities = tables.many("activity");
    let roles = tables.many("role");
    let actors = tables.many("actor");
    let resident = tables.one("resident");
    tables.refuse_the_rest();
    match head {
        Some(head) if tables.found.is_empty() => {
            Ok(Written { head, parties, categories, activities, roles, actors, resident })
        }
        _ => Err(tables.found),
    }
}

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
            let message = format!("`{name}` is not a list of tables; write `[[{name}]]`");
            self.found.push(Found::new(&span, Fault::Shape { message }));
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
        for key in self.of.keys() {
            let known = "`register`, `party`, `category`, `activity`, `role`, `actor`, `resident`".to_owned();
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
    error.message().trim_end().replace('\n', "; ")
}

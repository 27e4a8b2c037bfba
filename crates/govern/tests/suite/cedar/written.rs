//! The register as this test reads it: from its files, without the crate's own reader.
//!
//! What comes in: TOML. What goes out: what policies and leases need, as it is written. Never: a value
//! that the crate has interpreted.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Written {
    pub(super) register: Head,
    pub(super) party: Vec<Party>,
    pub(super) category: Vec<Named>,
    pub(super) activity: Vec<Activity>,
    pub(super) actor: Vec<Actor>,
    pub(super) resident: Option<Resident>,
}

#[derive(Deserialize)]
pub(super) struct Head {
    #[serde(default = "copenhagen")]
    pub(super) zone: String,
}

#[derive(Deserialize)]
pub(super) struct Party {
    pub(super) id: String,
    pub(super) country: String,
    pub(super) transfer: Option<toml::Table>,
}

#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) id: String,
}

#[derive(Deserialize)]
pub(super) struct Actor {
    pub(super) id: String,
    pub(super) roles: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Resident {
    pub(super) roles: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Activity {
    pub(super) id: String,
    pub(super) basis: Vec<Basis>,
    pub(super) data: BTreeMap<String, String>,
    #[serde(rename = "do")]
    pub(super) operations: Vec<String>,
    pub(super) roles: Vec<String>,
    pub(super) keep: Vec<Keep>,
    #[serde(default)]
    pub(super) areas: Vec<String>,
    #[serde(default)]
    pub(super) dossiers: Vec<String>,
    #[serde(default)]
    pub(super) to: Vec<String>,
    #[serde(default)]
    pub(super) own_only: bool,
    #[serde(default = "one")]
    pub(super) factors: i64,
    pub(super) hours: Option<Hours>,
    #[serde(default)]
    pub(super) valid: Valid,
    pub(super) begins: Option<String>,
    pub(super) despite_restriction: Option<String>,
    pub(super) lock_after: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Basis {
    pub(super) gdpr: String,
}

#[derive(Deserialize)]
pub(super) struct Keep {
    pub(super) from: String,
    #[serde(rename = "for")]
    pub(super) periods: Option<Vec<String>>,
    pub(super) at_most: Option<String>,
    #[serde(default)]
    pub(super) end_of_year: bool,
}

#[derive(Deserialize)]
pub(super) struct Hours {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) days: String,
}

#[derive(Deserialize, Default)]
pub(super) struct Valid {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
}

fn copenhagen() -> String {
    "Europe/Copenhagen".to_owned()
}

fn one() -> i64 {
    1
}

impl Activity {
    /// Consent alone: nothing begins before it is given.
    pub(super) fn rests_on_consent(&self) -> bool {
        self.basis.iter().all(|basis| basis.gdpr == "6(1)(a)")
    }

    /// A task or an interest alone: an objection ends it.
    pub(super) fn can_be_objected_to(&self) -> bool {
        self.basis.iter().all(|basis| matches!(basis.gdpr.as_str(), "6(1)(e)" | "6(1)(f)"))
    }

    /// The event its leases begin with, where they do not begin with the data. Without a basis beside consent
    /// that is the consent.
    pub(super) fn waits_for(&self) -> Option<&str> {
        let consent = self.rests_on_consent().then_some("consent-given");
        self.begins.as_deref().or(consent)
    }

    /// Whether it reaches a whole target, and not only what was there or asked for.
    pub(super) fn reaches_the_whole(&self) -> bool {
        !self.own_only && self.waits_for().is_none()
    }

    /// What only erases holds nothing.
    pub(super) fn only_erases(&self) -> bool {
        self.operations.iter().all(|operation| operation == "erase")
    }
}

impl Written {
    /// Reads one file, or every `*.toml` of a folder as one.
    pub(super) fn read(texts: &[&str]) -> Self {
        let mut whole = toml::Table::new();
        for text in texts {
            for (name, value) in text.parse::<toml::Table>().unwrap() {
                match (whole.get_mut(&name), value) {
                    (Some(toml::Value::Array(list)), toml::Value::Array(more)) => list.extend(more),
                    (_, value) => drop(whole.insert(name, value)),
                }
            }
        }
        whole.try_into().unwrap()
    }

    pub(super) fn activity(&self, id: &str) -> Option<&Activity> {
        self.activity.iter().find(|activity| activity.id == id)
    }
}

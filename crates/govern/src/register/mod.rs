//! The register: what is written about parties, categories, activities and actors, checked.
//!
//! What comes in: the text of one TOML file. What goes out: a [`Register`] in which every reference
//! leads somewhere and every activity has a basis, an instruction where one is due, and a retention,
//! or all faults at once, each with its place. Never: a register with a fault in it, in whole or
//! in part.

mod check;
mod columns;
mod fault;
mod written;

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};
use tidstro_model::{ActivityId, ActorId, AreaKind, CategoryId};

pub use columns::{ColumnFault, PersonalColumn};
pub use fault::{Fault, Located, RegisterFaults};

use crate::{Basis, Country, Finest, Keep, Operation, PartyId, PartyKind, RoleId, SubjectKind};

/// One text in the three languages of the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    /// Danish.
    pub da: String,
    /// German.
    pub de: String,
    /// English.
    pub en: String,
}

/// A party: who decides, processes, is given data, or supervises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Its name in the register.
    pub id: PartyId,
    /// Its name in the world.
    pub name: String,
    /// What it is.
    pub kind: PartyKind,
    /// Where it is.
    pub country: Country,
    /// Its postal address.
    pub address: Option<String>,
    /// Its number in the register of companies.
    pub registration_number: Option<String>,
    /// Line of the file, counted from 1.
    pub line: u32,
}

/// A category of personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Its name.
    pub id: CategoryId,
    /// The kinds of subjects it is about. At least one.
    pub subjects: Vec<SubjectKind>,
    /// What it is.
    pub text: Texts,
    /// The personal columns it covers, as `table.column`. Empty for a part of another category's
    /// column, which whoever opens that column tells apart.
    pub columns: Vec<String>,
    /// The finest resolution in which it exists.
    pub finest: Finest,
    /// Line of the file, counted from 1.
    pub line: u32,
}

/// What an activity may see of one category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryRule {
    /// The category.
    pub category: CategoryId,
    /// How finely.
    pub finest: Finest,
    /// Line of the file, counted from 1.
    pub line: u32,
}

/// A processing activity, which is one purpose (GDPR art. 5(1)(b), 30(1)(b)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Its name.
    pub id: ActivityId,
    /// The purpose in words.
    pub text: Texts,
    /// Who decides it.
    pub controller: PartyId,
    /// The controller's instruction (GDPR art. 28(3)(a)); always there when the operator is not the
    /// controller.
    pub instruction: Option<String>,
    /// The legal bases. At least one.
    pub basis: Vec<Basis>,
    /// The kinds of subjects it concerns. At least one.
    pub subjects: Vec<SubjectKind>,
    /// The kinds of areas it works in: grid planning has no business in a building. At least one.
    pub areas: Vec<AreaKind>,
    /// The categories it uses, and how finely. At least one.
    pub data: Vec<CategoryRule>,
    /// What it does with them. At least one.
    pub operations: Vec<Operation>,
    /// The roles it admits. At least one.
    pub roles: Vec<RoleId>,
    /// Whether it gives residents their own data and nobody anything else.
    pub own_only: bool,
    /// Whom it gives data to.
    pub recipients: Vec<PartyId>,
    /// How long it keeps them.
    pub keep: Keep,
    /// Where the file says so.
    pub lines: ActivityLines,
}

/// The lines of an activity's statements in the file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivityLines {
    /// The `id`.
    pub id: u32,
    /// `do`.
    pub operations: u32,
    /// `roles`.
    pub roles: u32,
    /// `data`.
    pub data: u32,
    /// `own_only`, or the `id` where it is not written.
    pub own_only: u32,
    /// `keep`.
    pub keep: u32,
}

impl Activity {
    /// What the activity may see of the category, if it uses it.
    #[must_use]
    pub fn rule_for(&self, category: &CategoryId) -> Option<&CategoryRule> {
        self.data.iter().find(|rule| rule.category == *category)
    }
}

/// A role: what staff and jobs are, apart from who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub id: RoleId,
    /// What it is.
    pub text: Texts,
    /// Line of the file, counted from 1.
    pub line: u32,
}

/// A member of the staff or a job, and its roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Its name.
    pub id: ActorId,
    /// Its roles. At least one.
    pub roles: Vec<RoleId>,
    /// Line of the file, counted from 1.
    pub line: u32,
}

/// What every resident is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Residents {
    pub(crate) roles: Vec<RoleId>,
    pub(crate) line: u32,
}

/// A register without a fault.
///
/// ```
/// use tidstro_govern::Register;
///
/// let faults = Register::parse("[register]\nid = 'town'\nedition = 1\noperator = 'me'", "town.toml").unwrap_err();
/// assert_eq!(
///     faults.to_string(),
///     "town.toml:3:11: invalid type: integer `1`, expected a string",
/// );
/// ```
#[derive(Debug, Clone)]
pub struct Register {
    id: String,
    edition: String,
    operator: PartyId,
    file: String,
    hash: [u8; 32],
    parties: BTreeMap<PartyId, Party>,
    roles: BTreeMap<RoleId, Role>,
    categories: BTreeMap<CategoryId, Category>,
    activities: BTreeMap<ActivityId, Activity>,
    actors: BTreeMap<ActorId, Actor>,
    residents: Option<Residents>,
}

impl Register {
    /// Reads and checks the text of a register. `file` is the name that faults and explanations cite.
    ///
    /// # Errors
    /// [`RegisterFaults`]: every fault of the syntax and the shape; or, when there is none, every fault
    /// of the meaning. One fault is enough to refuse the register as a whole.
    pub fn parse(text: &str, file: &str) -> Result<Self, RegisterFaults> {
        let lines = fault::Lines::of(text);
        let refused = |found| RegisterFaults::new(file, &lines, found);
        let written = written::read(text).map_err(refused)?;
        let checked = check::check(&written, &lines).map_err(refused)?;
        Ok(Self { file: file.to_owned(), hash: Sha256::digest(text.as_bytes()).into(), ..checked })
    }

    /// SHA-256 of the text: the version of the register, and of every notice made from it.
    #[must_use]
    pub const fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its edition, as written.
    #[must_use]
    pub fn edition(&self) -> &str {
        &self.edition
    }

    /// The party that runs this program.
    #[must_use]
    pub const fn operator(&self) -> &PartyId {
        &self.operator
    }

    /// The file it was read from, as it was named to [`Register::parse`].
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The activity of that name.
    #[must_use]
    pub fn activity(&self, id: &ActivityId) -> Option<&Activity> {
        self.activities.get(id)
    }

    /// All activities, by name.
    pub fn activities(&self) -> impl Iterator<Item = &Activity> {
        self.activities.values()
    }

    /// The category of that name.
    #[must_use]
    pub fn category(&self, id: &CategoryId) -> Option<&Category> {
        self.categories.get(id)
    }

    /// All categories, by name.
    pub fn categories(&self) -> impl Iterator<Item = &Category> {
        self.categories.values()
    }

    /// All staff and jobs, by name. Residents are not listed: every `resident:N` is one.
    pub fn actors(&self) -> impl Iterator<Item = &Actor> {
        self.actors.values()
    }

    /// All parties, by name.
    pub fn parties(&self) -> impl Iterator<Item = &Party> {
        self.parties.values()
    }

    /// The party of that name.
    #[must_use]
    pub fn party(&self, id: &PartyId) -> Option<&Party> {
        self.parties.get(id)
    }

    /// The role of that name.
    #[must_use]
    pub fn role(&self, id: &RoleId) -> Option<&Role> {
        self.roles.get(id)
    }

    /// The roles of an actor; empty for an actor the register does not know.
    #[must_use]
    pub fn roles_of(&self, actor: &ActorId) -> Vec<&RoleId> {
        self.roles_and_line(actor).map_or_else(Vec::new, |(roles, _)| roles.iter().collect())
    }

    /// The roles of an actor and the line that gives them, or `None` for an unknown actor.
    pub(crate) fn roles_and_line(&self, actor: &ActorId) -> Option<(&[RoleId], u32)> {
        if let Some(known) = self.actors.get(actor) {
            return Some((&known.roles, known.line));
        }
        // Only the canonical spelling is a resident: `resident:017` must not be a second name of 17.
        let subject = actor.subject().filter(|&subject| ActorId::resident(subject) == *actor);
        let residents = subject.and(self.residents.as_ref())?;
        Some((&residents.roles, residents.line))
    }
}

/// The names as a sentence lists them: `` `a`, `b` ``.
pub(crate) fn listed<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ")
}

//! The register: what is written about parties, categories, activities and actors, checked.
//!
//! What comes in: the text of one TOML file, or of several read as one. What goes out: a [`Register`] in which every reference
//! leads somewhere and every activity has a basis, an instruction where one is due, and a retention,
//! or all faults at once, each with its place. Never: a register with a fault in it, in whole or
//! in part.

mod check;
mod columns;
mod fault;
mod login;
mod nouns;
mod whole;
mod written;

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};
use tidstro_calendar::{Period, Zone};
use tidstro_model::{ActivityId, ActorId, CategoryId, CheckDigit, ControlId, NoticeId, ObligationId};

pub use columns::{ColumnFault, PersonalColumn};
pub use fault::{Fault, Located, RegisterFaults};
pub use login::{Login, SessionRule};
pub(crate) use nouns::Residents;
pub use nouns::{
    Activity, ActivityLines, Actor, Category, CategoryRule, ClockDirection, Control, ControlProof, Hours,
    NoticePart, Obligation, ObligationClock, OpenRows, Party, Role, Texts, Transfer,
};

use whole::Whole;

use crate::vocabulary::words;
use crate::{PartyId, RoleId};

words!(
    /// A part of the store that a register can leave out. A part left out must stay empty.
    StorePart {
        /// Metering points, occupancies, series, telegrams.
        Metering = "metering",
        /// Dossiers and their records.
        Dossiers = "dossiers",
    }
);

/// One file of a register: its name, and its text.
#[derive(Debug, Clone, Copy)]
pub struct RegisterFile<'t> {
    /// The name that faults and explanations cite.
    pub name: &'t str,
    /// The text.
    pub text: &'t str,
}

/// A file as it was read.
#[derive(Debug, Clone)]
struct ReadFile {
    /// Its first line in the whole, counted from 1.
    first_line: u32,
    name: String,
    text: String,
}

impl ReadFile {
    fn all(whole: &Whole<'_>, files: &[RegisterFile<'_>]) -> Vec<Self> {
        let read = whole.first_lines().into_iter().zip(files);
        read.map(|((first_line, name), file)| Self { first_line, name, text: file.text.to_owned() }).collect()
    }
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
    authority: Option<PartyId>,
    zone: Zone,
    parts: Vec<StorePart>,
    approvers: Vec<RoleId>,
    log_keep: Option<Period>,
    unplaced_keep: Option<Period>,
    check_digits: CheckDigit,
    is_kept: bool,
    files: Vec<ReadFile>,
    hash: [u8; 32],
    parties: BTreeMap<PartyId, Party>,
    roles: BTreeMap<RoleId, Role>,
    categories: BTreeMap<CategoryId, Category>,
    activities: BTreeMap<ActivityId, Activity>,
    actors: BTreeMap<ActorId, Actor>,
    residents: Option<Residents>,
    login: Option<Login>,
    obligations: BTreeMap<ObligationId, Obligation>,
    controls: BTreeMap<ControlId, Control>,
    notices: BTreeMap<NoticeId, NoticePart>,
    open: Vec<OpenRows>,
}

impl Register {
    /// Reads and checks the text of a register. `file` is the name that faults and explanations cite.
    ///
    /// # Errors
    /// [`RegisterFaults`]: every fault of the syntax and the shape; or, when there is none, every fault
    /// of the meaning. One fault is enough to refuse the register as a whole.
    pub fn parse(text: &str, file: &str) -> Result<Self, RegisterFaults> {
        Self::parse_files(&[RegisterFile { name: file, text }])
    }

    /// The same for a register of several files, which are read as one in the order given. Each file
    /// must be TOML by itself and begin with a table.
    ///
    /// # Errors
    /// As [`Register::parse`].
    pub fn parse_files(files: &[RegisterFile<'_>]) -> Result<Self, RegisterFaults> {
        Self::parse_as(files, false)
    }

    /// Reads a register that decided under an earlier program: what later ones ask for is not asked of it, or nobody could
    /// approve the register that follows it.
    ///
    /// # Errors
    /// As [`Register::parse`].
    pub fn parse_kept(files: &[RegisterFile<'_>]) -> Result<Self, RegisterFaults> {
        Self::parse_as(files, true)
    }

    fn parse_as(files: &[RegisterFile<'_>], is_kept: bool) -> Result<Self, RegisterFaults> {
        let whole = Whole::of(files);
        let refused = |found| RegisterFaults::new(&whole, found);
        written::each_stands_alone(&whole).map_err(refused)?;
        let written = written::read(whole.text()).map_err(refused)?;
        let checked = check::check(&written, &whole, is_kept).map_err(refused)?;
        Ok(Self {
            is_kept,
            files: ReadFile::all(&whole, files),
            hash: Sha256::digest(whole.text().as_bytes()).into(),
            ..checked
        })
    }

    /// Whether it was read by [`Register::parse_kept`].
    #[must_use]
    pub const fn is_kept(&self) -> bool {
        self.is_kept
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

    /// The supervisory authority that subjects may complain to (GDPR art. 13(2)(d)).
    #[must_use]
    pub fn authority(&self) -> Option<&Party> {
        self.parties.get(self.authority.as_ref()?)
    }

    /// The zone of local days and hours.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The parts of the store it covers.
    #[must_use]
    pub fn parts(&self) -> &[StorePart] {
        &self.parts
    }

    /// The roles that may approve a change that widens what may be read or kept.
    #[must_use]
    pub fn approvers(&self) -> &[RoleId] {
        &self.approvers
    }

    /// How long the log of uses is kept; `None` for as long as the store.
    #[must_use]
    pub const fn log_keep(&self) -> Option<Period> {
        self.log_keep
    }

    /// How long what meters say is kept while nobody has placed them; `None` if no activity reads such meters.
    #[must_use]
    pub const fn unplaced_keep(&self) -> Option<Period> {
        self.unplaced_keep
    }

    /// Whether the check digits of metering points and parties must be right where files name them.
    #[must_use]
    pub const fn check_digits(&self) -> CheckDigit {
        self.check_digits
    }

    /// The file it was read from, or the first of them, as it was named to [`Register::parse`].
    #[must_use]
    pub fn file(&self) -> &str {
        self.files.first().map_or("", |file| &file.name)
    }

    /// The files it was read from, in their order.
    pub fn files(&self) -> impl Iterator<Item = RegisterFile<'_>> {
        self.files.iter().map(|file| RegisterFile { name: &file.name, text: &file.text })
    }

    /// `file:line` of a line that a noun carries.
    #[must_use]
    pub fn place(&self, line: u32) -> String {
        let file = self.files.iter().rev().find(|file| file.first_line <= line);
        file.map_or_else(String::new, |file| format!("{}:{}", file.name, line - file.first_line + 1))
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

    /// Who gets in, and for how long; `None` where nobody logs in.
    #[must_use]
    pub const fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// All obligations, by name.
    pub fn obligations(&self) -> impl Iterator<Item = &Obligation> {
        self.obligations.values()
    }

    /// The obligation of that name.
    #[must_use]
    pub fn obligation(&self, id: &ObligationId) -> Option<&Obligation> {
        self.obligations.get(id)
    }

    /// All controls, by name.
    pub fn controls(&self) -> impl Iterator<Item = &Control> {
        self.controls.values()
    }

    /// The notices, by name; none where one notice tells everything.
    pub fn notices(&self) -> impl Iterator<Item = &NoticePart> {
        self.notices.values()
    }

    /// Rows of an obligations list that nothing serves yet.
    #[must_use]
    pub fn open_rows(&self) -> &[OpenRows] {
        &self.open
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

    /// All roles, by name.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
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

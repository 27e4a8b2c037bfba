//! The nouns of the register: party, category, activity, obligation, control, and what belongs to them.
//!
//! What comes in and goes out: checked values; [`Register::parse`](super::Register::parse) alone makes
//! them. Never: a reference that leads nowhere.

use jiff::civil::{Date, Time};
use tidstro_calendar::{Amount, Clock, Period};
use tidstro_model::{
    ActivityId, ActorId, AreaKind, CategoryId, ControlId, DayRange, DossierKind, NoticeId, ObligationId,
    TriggerId,
};

use crate::{
    Basis, Country, Finest, Keep, LeaseEventKind, Operation, PartyId, PartyKind, Probe, RoleId, SubjectKind,
    TransferGround,
};

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
    /// Its telephone number.
    pub phone: Option<String>,
    /// Its mail address.
    pub email: Option<String>,
    /// How to reach its data protection officer (GDPR art. 13(1)(b)).
    pub protection_officer: Option<String>,
    /// The ground on which data may go to it outside the European Economic Area.
    pub transfer: Option<Transfer>,
    /// Line of the file, counted from 1.
    pub line: u32,
}

/// The ground of a transfer to a third country (GDPR chapter V).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Which ground.
    pub ground: TransferGround,
    /// The decision, contract or rule it rests on.
    pub cite: String,
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
    /// The fields it has, by name, where purposes are held to them. Empty where they are not listed.
    pub fields: Vec<String>,
    /// Whether it is one of the special categories (GDPR art. 9(1)).
    pub special: bool,
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
    /// The kinds of areas it works in: grid planning has no business in a building. May be empty if it
    /// works on dossiers.
    pub areas: Vec<AreaKind>,
    /// The kinds of dossiers it works on. May be empty if it works in areas.
    pub dossiers: Vec<DossierKind>,
    /// The categories it uses, and how finely. At least one.
    pub data: Vec<CategoryRule>,
    /// The fields its purpose needs. Each is in one of its categories.
    pub uses: Vec<String>,
    /// The fields it says are never collected.
    pub excludes: Vec<String>,
    /// What it does with them. At least one.
    pub operations: Vec<Operation>,
    /// The roles it admits. At least one.
    pub roles: Vec<RoleId>,
    /// Whether it gives residents their own data and nobody anything else.
    pub own_only: bool,
    /// How many factors the actor's session must have proved: 1 or 2.
    pub factors: u8,
    /// The hours in which it is done, where it is not done at any time.
    pub hours: Option<Hours>,
    /// The local days on which it is in force, half open.
    pub valid: DayRange,
    /// Whom it gives data to.
    pub recipients: Vec<PartyId>,
    /// Where the data come from (GDPR art. 14(2)(f)).
    pub source: Option<Texts>,
    /// Whether the subject must provide the data (GDPR art. 13(2)(e)).
    pub mandatory: bool,
    /// Why less would not do.
    pub necessity: Option<String>,
    /// The event with which its leases begin, where they do not begin with the data. Always there where
    /// consent is the only basis.
    pub begins: Option<LeaseEventKind>,
    /// Why it goes on while processing is restricted (GDPR art. 18(2)), if it does.
    pub despite_restriction: Option<String>,
    /// How long it keeps them.
    pub keep: Keep,
    /// The notice it is told in, where the register has several.
    pub notice: Option<NoticeId>,
    /// The rows of an obligations list that it serves.
    pub serves: Vec<String>,
    /// Where the file says so.
    pub lines: ActivityLines,
}

/// The hours in which an activity is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// From this local clock time.
    pub from: Time,
    /// Until this one, exclusive.
    pub to: Time,
    /// On the working days of this calendar.
    pub calendar: String,
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
    /// `factors`, or the `id` where it is not written.
    pub factors: u32,
    /// `to`, or the `id` where it is not written.
    pub recipients: u32,
    /// `keep`.
    pub keep: u32,
}

impl Activity {
    /// Whether it may hold leases: what only erases is no reason to keep.
    #[must_use]
    pub fn is_keeper(&self) -> bool {
        self.operations.iter().any(|operation| *operation != Operation::Erase)
    }

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

/// Which way a clock counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockDirection {
    /// On from the trigger: done within.
    Within,
    /// Back from the trigger: told at least this long before.
    Before,
}

/// The clock of an obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObligationClock {
    /// On or back.
    pub direction: ClockDirection,
    /// How long, and by which rules it is counted.
    pub clock: Clock,
    /// The working calendar by name, where days count.
    pub calendar: Option<String>,
    /// The clock is not over before this local day.
    pub not_before: Option<Date>,
    /// By how much it can be extended once, such as the two months of GDPR art. 12(3).
    pub extension: Option<Amount>,
    /// The ground on which it may stand, such as GDPR art. 12(6); `None` where the law knows none.
    pub pause: Option<String>,
}

/// Something a party must do when something has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation {
    /// Its name.
    pub id: ObligationId,
    /// What must be done.
    pub text: Texts,
    /// What starts it.
    pub when: TriggerId,
    /// Who must do it.
    pub who: PartyId,
    /// By when; `None` where the law names no time.
    pub clock: Option<ObligationClock>,
    /// What proves that it is done: one event of each of these kinds. At least one.
    pub proof: Vec<TriggerId>,
    /// The roles that may record what starts it and what proves it. Nobody may where it is empty.
    pub recorded_by: Vec<RoleId>,
    /// The roles that may record an extension of its clock, a pause, and the end of one. Nobody may where it
    /// is empty.
    pub moved_by: Vec<RoleId>,
    /// Where the law or contract says so.
    pub cite: String,
    /// The rows of an obligations list that it serves.
    pub serves: Vec<String>,
    /// Line of the file, counted from 1.
    pub line: u32,
}

/// How a control is known to work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlProof {
    /// The program measures it.
    Probe(Probe),
    /// A person of this role says so.
    Attestation(RoleId),
    /// A document the program makes: the command that prints it.
    Document(String),
}

/// A measure, and how it is known to work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Its name.
    pub id: ControlId,
    /// What it is.
    pub text: Texts,
    /// How it is known to work.
    pub proof: ControlProof,
    /// How old the evidence may be.
    pub max_age: Option<Period>,
    /// Which of the ten measures of the NIS2 act, § 6, it belongs to: 1 to 10.
    pub measure: Option<u8>,
    /// Where the law or contract asks for it.
    pub cite: Option<String>,
    /// The rows of an obligations list that it serves.
    pub serves: Vec<String>,
    /// Line of the file, counted from 1.
    pub line: u32,
}

/// One of several privacy notices of a register, with its own date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticePart {
    /// Its name.
    pub id: NoticeId,
    /// Its title.
    pub title: Texts,
    /// The date it carries.
    pub date: Date,
    /// Line of the file, counted from 1.
    pub line: u32,
}

/// Rows of an obligations list that nothing serves yet, and the part of the product that will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRows {
    /// The part.
    pub part: String,
    /// The rows.
    pub rows: Vec<String>,
}

/// What every resident is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Residents {
    pub(crate) roles: Vec<RoleId>,
    pub(crate) line: u32,
}

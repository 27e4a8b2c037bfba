//! One purpose as a notice or record tells it, and the purposes of a register by controller.
//!
//! What comes in: a checked register and an activity of it. What goes out: the activity with everything it
//! refers to by name put in its place, in one language. Never: a statement about another activity, but where
//! the data come from.

use tidstro_model::{ActivityId, CategoryId, DayRange, RoleId, SubjectKind};

use super::record::ControllerPart;
use super::{Language, names};
use crate::register::{Activity, CategoryRule, Party, Register};
use crate::rights::{RightsOf, rights};
use crate::{Basis, Finest, Keep, LeaseEventKind, Operation};

/// A category of data, as far as one purpose uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataPart {
    /// The category.
    pub category: CategoryId,
    /// What it is.
    pub text: String,
    /// How finely the purpose sees it.
    pub finest: Finest,
    /// The fields it has, by name and in words. Empty where the register does not list them.
    pub fields: Vec<(String, String)>,
    /// Whether it is a special category (GDPR art. 9(1)).
    pub special: bool,
}

/// A role that has access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolePart {
    /// The role.
    pub role: RoleId,
    /// What it is.
    pub text: String,
}

/// Where the data of a purpose come from (GDPR art. 13, 14(2)(f)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourcePart {
    /// From where the register says.
    Told(String),
    /// From the subject.
    Subject,
    /// From other purposes, which collect them (art. 13(3)): their names and texts.
    Purposes(Vec<(ActivityId, String)>),
}

/// One purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurposePart {
    /// The activity.
    pub activity: ActivityId,
    /// The purpose in words.
    pub text: String,
    /// The controller's instruction, where the operator is its processor.
    pub instruction: Option<String>,
    /// The legal bases. At least one.
    pub basis: Vec<Basis>,
    /// Why less would not do, as the register writes it.
    pub necessity: Option<String>,
    /// The kinds of subjects, by name and in words. At least one.
    pub subjects: Vec<(SubjectKind, String)>,
    /// The categories of data. At least one.
    pub data: Vec<DataPart>,
    /// The fields that are never collected, by name and in words.
    pub excludes: Vec<(String, String)>,
    /// What is done with the data. At least one.
    pub operations: Vec<Operation>,
    /// Who has access. At least one.
    pub roles: Vec<RolePart>,
    /// To whom the data are given.
    pub recipients: Vec<Party>,
    /// Whether subjects are given their own data.
    pub to_subject: bool,
    /// Where the data come from.
    pub source: SourcePart,
    /// Whether the subject must provide them (art. 13(2)(e)); `None` where nothing is collected from anybody.
    pub mandatory: Option<bool>,
    /// The event that must happen first, where there is one.
    pub begins: Option<LeaseEventKind>,
    /// The local days on which the purpose is in force, half open.
    pub valid: DayRange,
    /// How long the data are kept; `None` for a purpose that only erases, which keeps nothing.
    pub keep: Option<Keep>,
    /// Why the purpose goes on while processing is restricted (art. 18(2)), if it does.
    pub despite_restriction: Option<String>,
    /// The rights of the subjects, from the bases.
    pub rights: RightsOf,
}

/// The controllers of the activities that `told` lets through, the operator first and the others by name,
/// each with its purposes by name.
pub(super) fn purposes_by_controller(
    register: &Register,
    language: Language,
    told: impl Fn(&Activity) -> bool,
) -> Vec<ControllerPart> {
    let of = |party: &Party| {
        let own = register.activities().filter(|activity| activity.controller == party.id && told(activity));
        own.map(|activity| purpose(register, activity, language)).collect::<Vec<_>>()
    };
    let parts =
        register.parties().map(|party| ControllerPart { controller: party.clone(), purposes: of(party) });
    let mut parts: Vec<_> = parts.filter(|part| !part.purposes.is_empty()).collect();
    parts.sort_by_key(|part| part.controller.id != *register.operator());
    parts
}

fn purpose(register: &Register, activity: &Activity, language: Language) -> PurposePart {
    let collects = activity.operations.contains(&Operation::Collect);
    PurposePart {
        activity: activity.id.clone(),
        text: activity.text.in_language(language).to_owned(),
        instruction: activity.instruction.clone(),
        basis: activity.basis.clone(),
        necessity: activity.necessity.clone(),
        subjects: activity.subjects.iter().map(|kind| named_subject(kind, language)).collect(),
        data: activity.data.iter().filter_map(|rule| data(register, rule, language)).collect(),
        excludes: named_fields(&activity.excludes, language),
        operations: activity.operations.clone(),
        roles: roles(register, activity, language),
        recipients: activity.recipients.iter().filter_map(|id| register.party(id).cloned()).collect(),
        to_subject: activity.own_only && activity.operations.contains(&Operation::Export),
        source: source(register, activity, language),
        mandatory: collects.then_some(activity.mandatory),
        begins: activity.begins,
        valid: activity.valid,
        keep: activity.is_keeper().then(|| activity.keep.clone()),
        despite_restriction: activity.despite_restriction.clone(),
        rights: rights(activity),
    }
}

fn named_subject(kind: &SubjectKind, language: Language) -> (SubjectKind, String) {
    (kind.clone(), names::subject(kind.as_str(), language))
}

fn named_fields(fields: &[String], language: Language) -> Vec<(String, String)> {
    fields.iter().map(|field| (field.clone(), names::field(field, language))).collect()
}

fn data(register: &Register, rule: &CategoryRule, language: Language) -> Option<DataPart> {
    let category = register.category(&rule.category)?;
    Some(DataPart {
        category: category.id.clone(),
        text: category.text.in_language(language).to_owned(),
        finest: rule.finest,
        // All of them: who may see a category may see every field of it.
        fields: named_fields(&category.fields, language),
        special: category.special,
    })
}

fn roles(register: &Register, activity: &Activity, language: Language) -> Vec<RolePart> {
    let role = |id| {
        let role = register.role(id)?;
        Some(RolePart { role: role.id.clone(), text: role.text.in_language(language).to_owned() })
    };
    activity.roles.iter().filter_map(role).collect()
}

/// What the register says; else, for a purpose that collects, the subject (art. 13 and not 14 applies); else
/// the purposes that collect what it uses.
fn source(register: &Register, activity: &Activity, language: Language) -> SourcePart {
    if let Some(told) = &activity.source {
        return SourcePart::Told(told.in_language(language).to_owned());
    }
    if activity.operations.contains(&Operation::Collect) {
        return SourcePart::Subject;
    }
    let shares = |other: &&Activity| {
        other.operations.contains(&Operation::Collect)
            && meets(other, activity)
            && activity.data.iter().any(|rule| other.rule_for(&rule.category).is_some())
    };
    let collecting = register.activities().filter(shares);
    SourcePart::Purposes(
        collecting.map(|other| (other.id.clone(), other.text.in_language(language).to_owned())).collect(),
    )
}

/// Whether two activities work on the same kinds of areas or dossiers.
fn meets(one: &Activity, other: &Activity) -> bool {
    one.areas.iter().any(|area| other.areas.contains(area))
        || one.dossiers.iter().any(|kind| other.dossiers.contains(kind))
}

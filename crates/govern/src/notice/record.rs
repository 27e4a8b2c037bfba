//! Records of processing activities (GDPR art. 30).
//!
//! What comes in: a checked register, whose record, a language. What goes out: the record of one controller
//! (art. 30(1)) or of the operator as a processor (art. 30(2)). Never: an activity of another controller in a
//! controller's record, or one of the operator's own in its record as a processor.

use tidstro_model::{ControlId, PartyId};

use super::purpose::{PurposePart, purposes_by_controller};
use super::{Language, NoticeFault, Version};
use crate::register::{Control, Party, Register};
use crate::{ControlProof, PartyKind};

/// Whose record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordOf {
    /// Of this controller (art. 30(1)).
    Controller(PartyId),
    /// Of the operator, as the processor of others (art. 30(2)).
    Processor,
}

impl RecordOf {
    /// The record the operator keeps first of all: as a processor if it acts for others, else as a controller.
    #[must_use]
    pub fn of_operator(register: &Register) -> Self {
        if register.activities().any(|activity| activity.controller != *register.operator()) {
            Self::Processor
        } else {
            Self::Controller(register.operator().clone())
        }
    }

    /// The record of a controller: of the one named, else of the operator, else of the only one there is.
    ///
    /// # Errors
    /// [`NoticeFault::SeveralControllers`] if none is named and there is a choice.
    pub fn of_controller(register: &Register, named: Option<PartyId>) -> Result<Self, NoticeFault> {
        if let Some(party) = named {
            return Ok(Self::Controller(party));
        }
        let known = controllers(register);
        match known.as_slice() {
            [only] => Ok(Self::Controller(only.clone())),
            _ if known.contains(register.operator()) => Ok(Self::Controller(register.operator().clone())),
            _ => Err(NoticeFault::SeveralControllers { known }),
        }
    }
}

/// A controller and its purposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControllerPart {
    /// Who decides.
    pub controller: Party,
    /// What for, by the names of the activities. At least one.
    pub purposes: Vec<PurposePart>,
}

/// A technical or organisational measure (art. 30(1)(g), (2)(d), 32(1)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasurePart {
    /// The control.
    pub control: ControlId,
    /// What it is.
    pub text: String,
    /// How it is known to work.
    pub proof: ControlProof,
    /// The role that attests it, in words, where one does.
    pub attested_by: Option<String>,
    /// Where law or contract asks for it.
    pub cite: Option<String>,
}

/// A record of processing activities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The language of every text in it.
    pub language: Language,
    /// Whose record it is.
    pub of: RecordOf,
    /// What it was made from.
    pub version: Version,
    /// Who keeps it: the controller, or the operator as a processor.
    pub keeper: Party,
    /// For a controller: itself. For a processor: each controller on whose behalf it acts. At least one.
    pub controllers: Vec<ControllerPart>,
    /// The processors that data are given to, by name, each once.
    pub processors: Vec<Party>,
    /// The recipients in third countries, by name, each once (art. 30(1)(e), (2)(c)).
    pub transfers: Vec<Party>,
    /// The measures of the register.
    pub measures: Vec<MeasurePart>,
}

/// Makes a record of processing activities.
///
/// # Errors
/// [`NoticeFault::NotAController`] or [`NoticeFault::NotAProcessor`] where there is nothing to record.
pub fn record(register: &Register, of: &RecordOf, language: Language) -> Result<Record, NoticeFault> {
    let (keeper, controllers) = match of {
        RecordOf::Controller(party) => of_controller(register, party, language)?,
        RecordOf::Processor => of_processor(register, language)?,
    };
    let given = |wanted: &dyn Fn(&Party) -> bool| given_to(register, &controllers, &keeper.id, wanted);
    Ok(Record {
        language,
        of: of.clone(),
        version: Version::of(register, None),
        processors: given(&|party| party.kind == PartyKind::Processor || party.id == *register.operator()),
        transfers: given(&|party| !party.country.is_eea()),
        measures: register.controls().map(|control| measure(register, control, language)).collect(),
        keeper: keeper.clone(),
        controllers,
    })
}

type Kept<'r> = (&'r Party, Vec<ControllerPart>);

fn of_controller<'r>(
    register: &'r Register,
    party: &PartyId,
    language: Language,
) -> Result<Kept<'r>, NoticeFault> {
    let own = purposes_by_controller(register, language, |activity| activity.controller == *party);
    let keeper = register
        .party(party)
        .filter(|_| !own.is_empty())
        .ok_or_else(|| NoticeFault::NotAController { party: party.clone(), known: controllers(register) })?;
    Ok((keeper, own))
}

fn of_processor(register: &Register, language: Language) -> Result<Kept<'_>, NoticeFault> {
    let operator = register.operator();
    let others = purposes_by_controller(register, language, |activity| activity.controller != *operator);
    let keeper = register
        .party(operator)
        .filter(|_| !others.is_empty())
        .ok_or_else(|| NoticeFault::NotAProcessor { operator: operator.clone() })?;
    Ok((keeper, others))
}

fn controllers(register: &Register) -> Vec<PartyId> {
    let decides = |party: &&Party| register.activities().any(|activity| activity.controller == party.id);
    register.parties().filter(decides).map(|party| party.id.clone()).collect()
}

/// The parties that some purpose of the record gives data to, by name. A processor also acts through the
/// operator, so the operator is one for a controller that is not the operator itself.
fn given_to(
    register: &Register,
    controllers: &[ControllerPart],
    keeper: &PartyId,
    wanted: &dyn Fn(&Party) -> bool,
) -> Vec<Party> {
    let purposes = || controllers.iter().flat_map(|part| &part.purposes);
    let receives =
        |party: &Party| purposes().any(|purpose| purpose.recipients.iter().any(|to| to.id == party.id));
    let acts = |party: &Party| party.id == *register.operator();
    let parties = register.parties().filter(|party| party.id != *keeper && (receives(party) || acts(party)));
    parties.filter(|party| wanted(party)).cloned().collect()
}

fn measure(register: &Register, control: &Control, language: Language) -> MeasurePart {
    let attested_by = match &control.proof {
        ControlProof::Attestation(role) => {
            register.role(role).map(|role| role.text.in_language(language).to_owned())
        }
        ControlProof::Probe(_) | ControlProof::Document(_) => None,
    };
    MeasurePart {
        control: control.id.clone(),
        text: control.text.in_language(language).to_owned(),
        proof: control.proof.clone(),
        attested_by,
        cite: control.cite.clone(),
    }
}

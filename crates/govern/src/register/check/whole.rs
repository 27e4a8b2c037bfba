//! What only the whole register can tell: how its tables fit together.
//!
//! What comes in: the register as written and as checked so far. What goes out: the faults between
//! its tables. Never: a fault that follows from another one already found.

use std::collections::BTreeMap;

use tidstro_model::{ActivityId, AreaKind, CategoryId};

use super::super::fault::{Fault, Found};
use super::super::written::{self, Written};
use super::super::{Activity, Register, listed};
use super::{Checker, parsed};
use crate::{Finest, Operation, PartyId, PartyKind};

impl Checker<'_> {
    /// Finds the faults between tables. Those that need checked values wait until all values are.
    pub(super) fn whole(&mut self, written: &Written, register: &Option<Register>) {
        self.columns_once(&written.categories);
        let Some(register) = register.as_ref().filter(|_| self.found.is_empty()) else { return };
        for written in &written.categories {
            self.kept(register, written);
            self.collected(register, written);
        }
        for written in &written.parties {
            self.third_country(register, written);
            self.sub_processor(register, written);
        }
        for written in &written.activities {
            let id = parsed(&written.id, ActivityId::parse);
            let Some(activity) = id.and_then(|id| register.activity(&id)) else { continue };
            self.controlled(register, activity, written);
            self.no_finer_than_categories(register, activity, written);
            self.subjects_have_data(register, activity, written);
            self.residents_see_their_own(register, activity, written);
            self.fields(register, activity, written);
            self.unplaced_ends(register, activity, written);
            self.no_inference(activity, written);
        }
        if let (Some(login), Some(written)) = (register.login(), &written.login) {
            self.login_keeps_accounts(register, login, written);
        }
    }

    fn columns_once(&mut self, categories: &[written::Category]) {
        let mut first: BTreeMap<&str, &str> = BTreeMap::new();
        for category in categories {
            for column in category.columns.get_ref() {
                let name = column.get_ref().as_str();
                if let Some(category) = first.insert(name, category.id.get_ref()) {
                    let fault = Fault::ColumnTwice { column: name.to_owned(), category: category.to_owned() };
                    self.found.push(Found::new(&column.span(), fault));
                }
            }
        }
    }

    /// Whose a meter is that nobody has placed, is not known: no lease of anybody ends what it says.
    fn unplaced_ends(&mut self, register: &Register, activity: &Activity, written: &written::Activity) {
        let collects = activity.operations.contains(&Operation::Collect);
        let reads_them = collects && activity.areas.contains(&AreaKind::Unassigned);
        if reads_them && !self.is_kept && register.unplaced_keep().is_none() {
            self.fault(&written.id, Fault::UnplacedWithoutEnd { activity: activity.id.to_string() });
        }
    }

    fn kept(&mut self, register: &Register, written: &written::Category) {
        let Some(id) = parsed(&written.id, CategoryId::parse) else { return };
        if !register.activities().any(|activity| activity.rule_for(&id).is_some()) {
            self.fault(&written.id, Fault::NotKept { category: id.to_string() });
        }
    }

    /// What nobody collects, nobody can use: the register contradicts itself.
    fn collected(&mut self, register: &Register, written: &written::Category) {
        let Some(id) = parsed(&written.id, CategoryId::parse) else { return };
        let users: Vec<_> = register.activities().filter(|user| user.rule_for(&id).is_some()).collect();
        let collects = |user: &&Activity| user.operations.contains(&Operation::Collect);
        if users.is_empty() || users.iter().any(collects) {
            return;
        }
        let activities = listed(&users.iter().map(|user| &user.id).collect::<Vec<_>>());
        self.fault(&written.id, Fault::NotCollected { category: id.to_string(), activities });
    }

    /// GDPR art. 44: no transfer to a third country without a ground.
    fn third_country(&mut self, register: &Register, written: &written::Party) {
        let Some(party) = parsed(&written.id, PartyId::parse).and_then(|id| register.party(&id)) else {
            return;
        };
        let receives = register.activities().any(|activity| activity.recipients.contains(&party.id));
        if receives && !party.country.is_eea() && party.transfer.is_none() {
            let (country, party) = (party.country.to_string(), party.id.to_string());
            self.fault(&written.country, Fault::NoTransferGround { party, country });
        }
    }

    /// GDPR art. 28(2) and 30(2)(a): a sub-processor is named so that it can be found.
    fn sub_processor(&mut self, register: &Register, written: &written::Party) {
        let Some(party) = parsed(&written.id, PartyId::parse).and_then(|id| register.party(&id)) else {
            return;
        };
        if party.kind != PartyKind::Processor || party.id == register.operator {
            return;
        }
        let is_empty = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
        for (missing, key, text) in [
            ("address", "address", &party.address),
            ("registration number", "registration_number", &party.registration_number),
        ] {
            if is_empty(text) {
                let party = party.id.to_string();
                self.fault(&written.id, Fault::IncompleteProcessor { party, missing, key });
            }
        }
    }

    /// A purpose may need only what its categories have, and may not have what it says it has not.
    fn fields(&mut self, register: &Register, activity: &Activity, written: &written::Activity) {
        let categories = || activity.data.iter().filter_map(|rule| register.category(&rule.category));
        let name = || activity.id.to_string();
        for text in written.uses.iter().flat_map(toml::Spanned::get_ref) {
            let field = text.get_ref().clone();
            if activity.excludes.contains(&field) {
                self.fault(text, Fault::FieldContradiction { activity: name(), field });
            } else if !categories().any(|category| category.fields.contains(&field)) {
                self.fault(text, Fault::FieldNotCollected { activity: name(), field });
            }
        }
        for text in written.excludes.iter().flat_map(toml::Spanned::get_ref) {
            let field = text.get_ref().clone();
            if let Some(category) = categories().find(|category| category.fields.contains(&field)) {
                let category = category.id.to_string();
                self.fault(text, Fault::FieldExcluded { activity: name(), field, category });
            }
        }
    }

    fn no_inference(&mut self, activity: &Activity, written: &written::Activity) {
        for (operation, text) in activity.operations.iter().zip(written.operations.get_ref()) {
            if *operation == Operation::Infer {
                self.fault(text, Fault::Inference { activity: activity.id.to_string() });
            }
        }
    }

    /// GDPR art. 28(3)(a): a processor acts on the documented instruction of the controller.
    fn controlled(&mut self, register: &Register, activity: &Activity, written: &written::Activity) {
        let Some(controller) = register.party(&activity.controller) else { return };
        if activity.controller != register.operator && activity.instruction.is_none() {
            let fault = Fault::NoInstruction {
                activity: activity.id.to_string(),
                controller: controller.id.to_string(),
                operator: register.operator.to_string(),
            };
            self.fault(&written.id, fault);
        }
        if controller.kind != PartyKind::Controller {
            let fault =
                Fault::NotAController { party: controller.id.to_string(), kind: controller.kind.word() };
            self.fault(&written.controller, fault);
        }
    }

    fn no_finer_than_categories(
        &mut self,
        register: &Register,
        activity: &Activity,
        written: &written::Activity,
    ) {
        for (name, finest) in written.data.get_ref() {
            let Some(id) = parsed(name, CategoryId::parse) else { continue };
            let (Some(category), Some(rule)) = (register.category(&id), activity.rule_for(&id)) else {
                continue;
            };
            if !within(rule.finest, category.finest) {
                let (category, wanted) = (category.finest.word(), rule.finest.word());
                let fault =
                    Fault::FinerThanCategory { category: id.to_string(), finest: category, got: wanted };
                self.fault(finest, fault);
            }
        }
    }

    fn subjects_have_data(&mut self, register: &Register, activity: &Activity, written: &written::Activity) {
        for (subject, text) in activity.subjects.iter().zip(written.subjects.get_ref()) {
            let mut categories = activity.data.iter().filter_map(|rule| register.category(&rule.category));
            if !categories.any(|category| category.subjects.contains(subject)) {
                let (activity, subject) = (activity.id.to_string(), subject.to_string());
                self.fault(text, Fault::SubjectWithoutData { activity, subject });
            }
        }
    }

    /// INVARIANT: a role that every resident has never leads to an activity that sees others.
    fn residents_see_their_own(
        &mut self,
        register: &Register,
        activity: &Activity,
        written: &written::Activity,
    ) {
        let Some(residents) = register.residents.as_ref().filter(|_| !activity.own_only) else { return };
        for (role, text) in activity.roles.iter().zip(written.roles.get_ref()) {
            if residents.roles.contains(role) {
                let (activity, role) = (activity.id.to_string(), role.to_string());
                self.fault(text, Fault::ResidentsSeeOthers { activity, role });
            }
        }
    }
}

/// Whether an activity's finest is one the category has.
fn within(wanted: Finest, finest: Finest) -> bool {
    match (wanted, finest) {
        (Finest::Full, Finest::Full) => true,
        (Finest::Resolution(wanted), Finest::Resolution(finest)) => wanted >= finest,
        (Finest::Full, Finest::Resolution(_)) | (Finest::Resolution(_), Finest::Full) => false,
    }
}

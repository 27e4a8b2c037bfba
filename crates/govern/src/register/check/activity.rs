//! The meaning of one activity.
//!
//! What comes in: an activity of the right shape. What goes out: a checked one, or its faults. Never:
//! an activity without basis, retention, or the instruction a processor needs.

use tidstro_calendar::Period;
use tidstro_model::{ActivityId, AreaKind, CategoryId};
use toml::Spanned;

use super::super::fault::{Fault, Found};
use super::super::written::{self, Text};
use super::super::{Activity, ActivityLines, CategoryRule, listed};
use super::{Checker, parsed, texts};
use crate::{Article6, Basis, Keep, KeepFrom, KeepThen, Operation, PartyId};

impl Checker<'_> {
    pub(super) fn activity(&mut self, written: &written::Activity) -> Option<Activity> {
        let controller = self.party_named(&written.controller);
        let basis = self.bases(written);
        let subjects = self.subjects(&written.subjects);
        let areas = self.areas(written);
        let data = self.data(&written.data);
        let operations = self.operations(written);
        let roles = self.roles_named(&written.roles);
        let recipients = self.recipients(written);
        let keep = self.keep(written);
        Some(Activity {
            id: parsed(&written.id, ActivityId::parse)?,
            text: texts(&written.text),
            controller: controller?,
            instruction: written.instruction.as_ref().map(|text| text.get_ref().clone()),
            basis: basis?,
            subjects: subjects?,
            areas: areas?,
            data: data?,
            operations: operations?,
            roles: roles?,
            own_only: written.own_only.as_ref().is_some_and(|own_only| *own_only.get_ref()),
            recipients: recipients?,
            keep: keep?,
            lines: self.lines_of(written),
        })
    }

    fn lines_of(&self, written: &written::Activity) -> ActivityLines {
        let id = self.line(&written.id);
        ActivityLines {
            id,
            operations: self.lines.line(written.operations.span().start),
            roles: self.lines.line(written.roles.span().start),
            data: self.lines.line(written.data.span().start),
            own_only: written.own_only.as_ref().map_or(id, |own_only| self.lines.line(own_only.span().start)),
            keep: written.keep.as_ref().map_or(id, |keep| self.lines.line(keep.span().start)),
        }
    }

    fn bases(&mut self, written: &written::Activity) -> Option<Vec<Basis>> {
        let activity = || written.id.get_ref().clone();
        let Some(bases) = written.basis.as_ref().filter(|bases| !bases.is_empty()) else {
            self.fault(&written.id, Fault::NoBasis { activity: activity() });
            return None;
        };
        let bases: Vec<_> = bases.iter().map(|basis| self.basis(basis)).collect();
        bases.into_iter().collect()
    }

    fn basis(&mut self, written: &written::Basis) -> Option<Basis> {
        let known = listed(Article6::ALL);
        let gdpr = self.word(&written.gdpr, "a legal basis", Article6::from_word, &known);
        let write = "cite the contract, act or task that the basis rests on";
        let cite = self.filled(&written.cite, "cite", write);
        Some(Basis { gdpr: gdpr?, cite: cite? })
    }

    fn filled(&mut self, text: &Text, field: &'static str, write: &'static str) -> Option<String> {
        let filled = |text: &str| (!text.trim().is_empty()).then(|| text.to_owned());
        self.read(text, filled, |_| Fault::Empty { field, write })
    }

    fn data(
        &mut self,
        written: &Spanned<std::collections::BTreeMap<Text, Text>>,
    ) -> Option<Vec<CategoryRule>> {
        if written.get_ref().is_empty() {
            let write = "write at least one category with its finest resolution";
            self.found.push(Found::new(&written.span(), Fault::Empty { field: "data", write }));
        }
        let rules: Vec<_> =
            written.get_ref().iter().map(|(category, finest)| self.category_rule(category, finest)).collect();
        rules.into_iter().collect()
    }

    fn category_rule(&mut self, category: &Text, finest: &Text) -> Option<CategoryRule> {
        let unknown = self.dangling("category", category, &self.categories);
        self.found.extend(unknown);
        let finest = self.finest(finest);
        let line = self.line(category);
        Some(CategoryRule { category: parsed(category, CategoryId::parse)?, finest: finest?, line })
    }

    fn operations(&mut self, written: &written::Activity) -> Option<Vec<Operation>> {
        let known = listed(Operation::ALL);
        self.each(
            &written.operations,
            "do",
            "write at least one operation, such as `read`",
            |checker, text| checker.word(text, "an operation", Operation::from_word, &known),
        )
    }

    fn areas(&mut self, written: &written::Activity) -> Option<Vec<AreaKind>> {
        let known = AreaKind::ALL.map(|kind| format!("`{}`", kind.code())).join(", ");
        self.each(
            &written.areas,
            "areas",
            "write at least one kind of area, such as `building`",
            |checker, text| checker.word(text, "a kind of area", AreaKind::from_code, &known),
        )
    }

    fn recipients(&mut self, written: &written::Activity) -> Option<Vec<PartyId>> {
        let recipients = written.to.as_ref().map_or(&[][..], |list| list.get_ref());
        let recipients: Vec<_> = recipients.iter().map(|text| self.party_named(text)).collect();
        recipients.into_iter().collect()
    }

    fn keep(&mut self, written: &written::Activity) -> Option<Keep> {
        let Some(keep) = written.keep.as_ref().map(Spanned::get_ref) else {
            let activity = written.id.get_ref().clone();
            self.fault(&written.id, Fault::NoRetention { activity });
            return None;
        };
        let from =
            self.word(&keep.from, "the begin of a retention", KeepFrom::from_word, &listed(KeepFrom::ALL));
        let then =
            self.word(&keep.then, "an end of a retention", KeepThen::from_word, &listed(KeepThen::ALL));
        let write = "write at least one period, such as `P5Y`";
        let periods = self.each(&keep.periods, "for", write, Self::period);
        Some(Keep { from: from?, periods: periods?, then: then? })
    }

    fn period(&mut self, text: &Text) -> Option<Period> {
        Period::parse(text.get_ref()).map_err(|fault| self.fault(text, Fault::Period(fault))).ok()
    }
}

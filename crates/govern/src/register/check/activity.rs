//! The meaning of one activity.
//!
//! What comes in: an activity of the right shape. What goes out: a checked one, or its faults. Never:
//! an activity without basis, retention, or the instruction a processor needs.

use jiff::civil::{Date, Time};
use tidstro_model::{ActivityId, AreaKind, CategoryId, DayRange, DossierKind, NoticeId};
use toml::Spanned;

use super::super::fault::{Fault, Found};
use super::super::written::{self, Text};
use super::super::{Activity, ActivityLines, CategoryRule, Hours, listed};
use super::{Checker, owned, parsed, present, texts_of};
use crate::{Article6, Basis, LeaseEventKind, Operation, PartyId};

impl Checker<'_> {
    pub(super) fn activity(&mut self, written: &written::Activity) -> Option<Activity> {
        let text = self.texts(&written.text);
        let source = written.source.as_ref().map(|source| self.texts(source));
        let controller = self.party_named(&written.controller);
        let instruction = self.filled_if_there(
            written.instruction.as_ref(),
            "instruction",
            "name the clause that gives it",
        );
        let basis = self.bases(written);
        let subjects = self.subjects(&written.subjects);
        let (areas, dossiers) = (self.areas(written), self.dossiers(written));
        let data = self.data(&written.data);
        let operations = self.operations(written);
        let roles = self.roles_named(&written.roles, "roles");
        let (factors, hours, valid) = (self.factors(written), self.hours(written), self.valid(written));
        let recipients = self.recipients(written);
        let begins = self.begins(written);
        let despite = self.filled_if_there(
            written.despite_restriction.as_ref(),
            "despite_restriction",
            "say why it goes on while processing is restricted",
        );
        let keep = self.keep(written);
        let notice = self.notice_named(written);
        Some(Activity {
            id: parsed(&written.id, ActivityId::parse)?,
            text: text?,
            controller: controller?,
            instruction: instruction?,
            begins: begins?.or_else(|| only_consent(basis.as_deref()?)),
            basis: basis?,
            subjects: subjects?,
            areas: areas?,
            dossiers: dossiers?,
            data: data?,
            uses: texts_of(written.uses.as_ref()),
            excludes: texts_of(written.excludes.as_ref()),
            operations: operations?,
            roles: roles?,
            own_only: written.own_only.as_ref().is_some_and(|own_only| *own_only.get_ref()),
            factors: factors?,
            hours: hours?,
            valid: valid?,
            recipients: recipients?,
            source: present(source)?,
            mandatory: written.mandatory.unwrap_or(false),
            necessity: owned(&written.necessity),
            despite_restriction: despite?,
            keep: keep?,
            notice: notice?,
            serves: texts_of(written.serves.as_ref()),
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
            factors: written.factors.as_ref().map_or(id, |factors| self.lines.line(factors.span().start)),
            recipients: written.to.as_ref().map_or(id, |to| self.lines.line(to.span().start)),
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
        let Some(list) = &written.areas else { return Some(Vec::new()) };
        let known = AreaKind::ALL.map(|kind| format!("`{}`", kind.code())).join(", ");
        self.each(list, "areas", "write at least one kind of area, such as `building`", |checker, text| {
            checker.word(text, "a kind of area", AreaKind::from_code, &known)
        })
    }

    fn dossiers(&mut self, written: &written::Activity) -> Option<Vec<DossierKind>> {
        let Some(list) = &written.dossiers else {
            if written.areas.is_none() {
                let activity = written.id.get_ref().clone();
                self.fault(&written.id, Fault::NoGround { activity });
            }
            return Some(Vec::new());
        };
        let write = "write at least one kind of dossier, such as `ticket`";
        self.each(list, "dossiers", write, |checker, text| checker.name(text, DossierKind::parse))
    }

    fn factors(&mut self, written: &written::Activity) -> Option<u8> {
        let Some(factors) = &written.factors else { return Some(1) };
        let (got, span) = (*factors.get_ref(), factors.span());
        if (1..=2).contains(&got) {
            return Some(got);
        }
        let fault = Fault::Number { field: "factors", got, write: "1 or 2" };
        self.found.push(Found::new(&span, fault));
        None
    }

    fn hours(&mut self, written: &written::Activity) -> Option<Option<Hours>> {
        let Some(hours) = &written.hours else { return Some(None) };
        let (from, to) = (self.clock_time(&hours.from), self.clock_time(&hours.to));
        let calendar = self.calendar(&hours.days);
        let (from, to) = (from?, to?);
        if to <= from {
            self.fault(&hours.to, Fault::EndBeforeBegin);
            return None;
        }
        Some(Some(Hours { from, to, calendar: calendar? }))
    }

    fn clock_time(&mut self, text: &Text) -> Option<Time> {
        let what = "a local clock time; write it like `07:30`";
        let read = |text: &str| if text.len() == 5 { text.parse().ok() } else { None };
        self.read(text, read, |got| Fault::Time { what, got })
    }

    fn valid(&mut self, written: &written::Activity) -> Option<DayRange> {
        let Some(valid) = &written.valid else { return Some(DayRange::always()) };
        let from = valid.from.as_ref().map(|text| self.date(text));
        let to = valid.to.as_ref().map(|text| self.date(text));
        let (from, to) = (present(from)?, present(to)?);
        let range = DayRange::new(from.unwrap_or(Date::MIN), to.unwrap_or(Date::MAX)).ok();
        let range = range.filter(|range| !range.is_empty());
        if range.is_none() {
            self.fault(valid.to.as_ref().unwrap_or(&written.id), Fault::EndBeforeBegin);
        }
        range
    }

    fn begins(&mut self, written: &written::Activity) -> Option<Option<LeaseEventKind>> {
        let Some(text) = &written.begins else { return Some(None) };
        let known = listed(LeaseEventKind::ALL);
        self.word(text, "an event that begins a lease", LeaseEventKind::from_word, &known).map(Some)
    }

    fn notice_named(&mut self, written: &written::Activity) -> Option<Option<NoticeId>> {
        let Some(text) = &written.notice else { return Some(None) };
        let unknown = self.dangling("notice", text, &self.notices);
        self.found.extend(unknown);
        parsed(text, NoticeId::parse).map(Some)
    }

    fn recipients(&mut self, written: &written::Activity) -> Option<Vec<PartyId>> {
        let recipients = written.to.as_ref().map_or(&[][..], |list| list.get_ref());
        let recipients: Vec<_> = recipients.iter().map(|text| self.party_named(text)).collect();
        recipients.into_iter().collect()
    }
}

/// Where consent is the only basis, nothing begins before it is given (GDPR art. 7(1)).
fn only_consent(bases: &[Basis]) -> Option<LeaseEventKind> {
    let only = bases.iter().all(|basis| basis.gdpr == Article6::Consent);
    only.then_some(LeaseEventKind::ConsentGiven)
}

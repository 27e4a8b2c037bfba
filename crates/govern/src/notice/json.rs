//! Notices and records as JSON.
//!
//! What comes in: the values. What goes out: objects whose keys do not change with the language; codes beside
//! words, so that a program reads the one and shows the other. Never: a key left out because it is empty; what
//! is not there is `null` or an empty list.

use serde_json::{Value, json};

use super::words::{Words, words_of};
use super::{
    ControllerPart, DataPart, Language, MeasurePart, Notice, PurposePart, Record, RecordOf, RolePart,
    SourcePart, Version, countries, keep,
};
use crate::register::Party;
use crate::rights::{Entitlement, RightOf};
use crate::{Basis, ControlProof, Keep, KeepFrom, KeepRule};

pub(super) fn notice(notice: &Notice) -> Value {
    let saying = Saying::of(notice.language);
    json!({
        "kind": "privacy-notice",
        "language": notice.language.word(),
        "notice": notice.id.as_ref().map(ToString::to_string),
        "title": notice.title,
        "version": version(&notice.version),
        "processor": notice.processor.as_ref().map(|party| saying.party(party)),
        "controllers": saying.controllers(&notice.controllers),
        "authority": notice.authority.as_ref().map(|party| saying.party(party)),
    })
}

pub(super) fn record(record: &Record) -> Value {
    let saying = Saying::of(record.language);
    let role = match record.of {
        RecordOf::Controller(_) => "controller",
        RecordOf::Processor => "processor",
    };
    json!({
        "kind": "record-of-processing",
        "role": role,
        "language": record.language.word(),
        "version": version(&record.version),
        "keeper": saying.party(&record.keeper),
        "controllers": saying.controllers(&record.controllers),
        "processors": saying.parties(&record.processors),
        "transfers": saying.parties(&record.transfers),
        "measures": record.measures.iter().map(measure).collect::<Vec<_>>(),
    })
}

fn version(version: &Version) -> Value {
    json!({
        "register": version.register,
        "edition": version.edition,
        "date": version.date.map(|date| date.to_string()),
        "short": version.short(),
        "hash": version.full(),
    })
}

/// The values that have words in the language of the text.
struct Saying {
    language: Language,
    words: &'static Words,
}

impl Saying {
    const fn of(language: Language) -> Self {
        Self { language, words: words_of(language) }
    }

    fn controllers(&self, parts: &[ControllerPart]) -> Vec<Value> {
        let one = |part: &ControllerPart| {
            let purposes: Vec<_> = part.purposes.iter().map(|purpose| self.purpose(purpose)).collect();
            json!({ "controller": self.party(&part.controller), "purposes": purposes })
        };
        parts.iter().map(one).collect()
    }

    fn parties(&self, parties: &[Party]) -> Vec<Value> {
        parties.iter().map(|party| self.party(party)).collect()
    }

    fn party(&self, party: &Party) -> Value {
        let transfer = party.transfer.as_ref().filter(|_| !party.country.is_eea());
        json!({
            "id": party.id.as_str(),
            "name": party.name,
            "kind": party.kind.word(),
            "country": party.country.code(),
            "country_name": countries::name(party.country, self.language),
            "in_eea": party.country.is_eea(),
            "address": party.address,
            "registration_number": party.registration_number,
            "phone": party.phone,
            "email": party.email,
            "protection_officer": party.protection_officer,
            "transfer": transfer.map(|to| json!({ "ground": to.ground.word(), "cite": to.cite })),
        })
    }

    fn purpose(&self, purpose: &PurposePart) -> Value {
        json!({
            "activity": purpose.activity.as_str(),
            "purpose": purpose.text,
            "instruction": purpose.instruction,
            "basis": purpose.basis.iter().map(|basis| self.basis(basis)).collect::<Vec<_>>(),
            "necessity": purpose.necessity,
            "subjects": named(&purpose.subjects),
            "data": purpose.data.iter().map(|data| self.data(data)).collect::<Vec<_>>(),
            "excludes": named(&purpose.excludes),
            "operations": purpose.operations.iter().map(|operation| operation.word()).collect::<Vec<_>>(),
            "roles": purpose.roles.iter().map(role).collect::<Vec<_>>(),
            "recipients": self.parties(&purpose.recipients),
            "given_to_subject": purpose.to_subject,
            "source": source(&purpose.source),
            "mandatory": purpose.mandatory,
            "begins": purpose.begins.map(|event| self.event(KeepFrom::Event(event))),
            "valid_from": day(purpose.valid.start(), jiff::civil::Date::MIN),
            "valid_to": day(purpose.valid.end(), jiff::civil::Date::MAX),
            "retention": purpose.keep.as_ref().map(|keep| self.retention(keep)),
            "despite_restriction": purpose.despite_restriction,
            "rights": purpose.rights.rights.iter().map(right).collect::<Vec<_>>(),
        })
    }

    fn basis(&self, basis: &Basis) -> Value {
        json!({
            "gdpr": basis.gdpr.word(),
            "text": (self.words.terms.basis)(basis.gdpr),
            "cite": basis.cite,
        })
    }

    fn data(&self, data: &DataPart) -> Value {
        json!({
            "category": data.category.as_str(),
            "text": data.text,
            "finest": data.finest.word(),
            "detail": (self.words.terms.finest)(data.finest),
            "fields": named(&data.fields),
            "special": data.special,
        })
    }

    fn event(&self, event: KeepFrom) -> Value {
        json!({ "event": event.word(), "text": (self.words.time.happens)(event) })
    }

    fn retention(&self, keep: &Keep) -> Value {
        let rule = |rule: &KeepRule| {
            json!({
                "from": rule.from.word(),
                "end_of_year": rule.end_of_year,
                "for": rule.keep_for.to_string(),
                "text": keep::in_words(rule, &self.words.time),
            })
        };
        json!({
            "rules": keep.rules.iter().map(rule).collect::<Vec<_>>(),
            "lock_after": keep.lock_after.map(|after| after.to_string()),
            "lock": keep::lock(keep, &self.words.time),
        })
    }
}

fn named<N: ToString>(named: &[(N, String)]) -> Vec<Value> {
    named.iter().map(|(name, text)| json!({ "name": name.to_string(), "text": text })).collect()
}

fn role(role: &RolePart) -> Value {
    json!({ "role": role.role.as_str(), "text": role.text })
}

fn source(source: &SourcePart) -> Value {
    match source {
        SourcePart::Told(text) => json!({ "kind": "told", "text": text, "activities": [] }),
        SourcePart::Subject => json!({ "kind": "subject", "text": null, "activities": [] }),
        SourcePart::Purposes(purposes) => {
            let ids: Vec<_> = purposes.iter().map(|(id, _)| id.as_str()).collect();
            json!({ "kind": "other-purposes", "text": null, "activities": ids })
        }
    }
}

fn day(day: jiff::civil::Date, open: jiff::civil::Date) -> Option<String> {
    (day != open).then(|| day.to_string())
}

fn right(of: &RightOf) -> Value {
    let by = |(basis, entitlement): (crate::Article6, Entitlement)| {
        let condition = match entitlement {
            Entitlement::If(condition) => Some(condition.word()),
            Entitlement::Yes | Entitlement::No => None,
        };
        json!({ "gdpr": basis.word(), "condition": condition })
    };
    json!({
        "right": of.right.word(),
        "article": of.right.article(),
        "given": of.is_given(),
        "in_part": of.is_partial(),
        "by": of.given().map(by).collect::<Vec<_>>(),
    })
}

fn measure(measure: &MeasurePart) -> Value {
    let (kind, name) = match &measure.proof {
        ControlProof::Probe(name) => ("probe", name.to_string()),
        ControlProof::Attestation(role) => ("attestation", role.to_string()),
        ControlProof::Document(command) => ("document", command.clone()),
    };
    json!({
        "control": measure.control.as_str(),
        "text": measure.text,
        "proof": { "kind": kind, "name": name },
        "cite": measure.cite,
    })
}

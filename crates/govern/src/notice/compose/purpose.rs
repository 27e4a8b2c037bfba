//! One purpose: what it is for, on what it rests, which data, to whom, how long.
//!
//! What comes in: a purpose. What goes out: facts, the table of its data, the table of its recipients. Never:
//! its rights, which are told together and by themselves.

use jiff::civil::Date;
use tidstro_model::DayRange;

use crate::notice::page::{Block, Facts, Table, capital};
use crate::notice::words::Words;
use crate::notice::{DataPart, Language, PurposePart, SourcePart, countries, keep};
use crate::register::Party;
use crate::{Basis, Finest, KeepFrom};

/// Everything about a purpose but its name and the rights.
pub(super) fn blocks(purpose: &PurposePart, language: Language, words: &Words) -> Vec<Block> {
    let mut blocks = vec![ground(purpose, words), data(&purpose.data, words)];
    blocks.push(handling(purpose, words));
    blocks.extend(recipients(purpose, language, words));
    blocks.push(time(purpose, words));
    blocks
}

fn ground(purpose: &PurposePart, words: &Words) -> Block {
    let labels = &words.labels;
    let mut facts = Facts::default();
    facts.many(labels.basis, purpose.basis.iter().map(|basis| in_words(basis, words)).collect());
    facts.maybe(labels.necessity, purpose.necessity.as_deref());
    facts.one(labels.subjects, listed(&purpose.subjects));
    facts.into_block()
}

fn in_words(basis: &Basis, words: &Words) -> String {
    let article = (words.terms.article)(basis.gdpr.word());
    capital(&format!("{} ({article}): {}", (words.terms.basis)(basis.gdpr), basis.cite))
}

fn listed<N>(named: &[(N, String)]) -> String {
    named.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(", ")
}

/// Without a column that would say nothing: where everything is seen whole, or no fields are listed.
fn data(parts: &[DataPart], words: &Words) -> Block {
    let labels = &words.labels;
    let has_detail = parts.iter().any(|part| part.finest != Finest::Full);
    let has_fields = parts.iter().any(|part| !part.fields.is_empty());
    if !has_detail && !has_fields {
        let mut facts = Facts::default();
        facts.many(labels.data, parts.iter().map(|part| name(part, words)).collect());
        return facts.into_block();
    }
    let row = |part: &DataPart| {
        let detail = has_detail.then(|| (words.terms.finest)(part.finest).to_owned());
        let fields = has_fields.then(|| listed(&part.fields));
        [name(part, words)].into_iter().chain(detail).chain(fields).collect()
    };
    let detail = has_detail.then_some(labels.detail);
    let head = [labels.category].into_iter().chain(detail).chain(has_fields.then_some(labels.fields));
    Block::Table(Table { caption: labels.data, head: head.collect(), rows: parts.iter().map(row).collect() })
}

fn name(part: &DataPart, words: &Words) -> String {
    if part.special { format!("{} – {}", part.text, words.sentences.is_special) } else { part.text.clone() }
}

fn handling(purpose: &PurposePart, words: &Words) -> Block {
    let (labels, sentences) = (&words.labels, &words.sentences);
    let operations: Vec<_> =
        purpose.operations.iter().map(|&operation| (words.terms.operation)(operation)).collect();
    let roles: Vec<_> = purpose.roles.iter().map(|role| role.text.as_str()).collect();
    let mandatory =
        purpose.mandatory.map(|must| if must { sentences.is_mandatory } else { sentences.is_voluntary });
    let mut facts = Facts::default();
    facts.maybe(labels.excludes, Some(listed(&purpose.excludes)).filter(|text| !text.is_empty()));
    facts.maybe(labels.source, source(&purpose.source, words));
    facts.maybe(labels.mandatory, mandatory);
    facts.one(labels.operations, operations.join(", "));
    facts.one(labels.roles, roles.join(", "));
    if !purpose.to_subject && purpose.recipients.is_empty() {
        facts.one(labels.recipients, sentences.no_recipient);
    }
    facts.into_block()
}

fn source(source: &SourcePart, words: &Words) -> Option<String> {
    match source {
        SourcePart::Told(text) => Some(text.clone()),
        SourcePart::Subject => Some(words.sentences.from_the_subject.to_owned()),
        SourcePart::Purposes(purposes) if purposes.is_empty() => None,
        SourcePart::Purposes(purposes) => {
            let texts: Vec<_> = purposes.iter().map(|(_, text)| text.as_str()).collect();
            Some((words.sentences.from_purposes)(&texts.join("; ")))
        }
    }
}

fn recipients(purpose: &PurposePart, language: Language, words: &Words) -> Option<Block> {
    let labels = &words.labels;
    let subject = || vec![words.sentences.the_subject.to_owned(), String::new(), String::new()];
    let mut rows: Vec<_> = purpose.to_subject.then(subject).into_iter().collect();
    rows.extend(purpose.recipients.iter().map(|party| recipient(party, language, words)));
    let head = vec![labels.name, labels.kind, labels.transfer];
    (!rows.is_empty()).then_some(Block::Table(Table { caption: labels.recipients, head, rows }))
}

fn recipient(party: &Party, language: Language, words: &Words) -> Vec<String> {
    vec![
        party.name.clone(),
        (words.terms.party_kind)(party.kind).to_owned(),
        where_to(party, language, words),
    ]
}

/// The country, and why data may go there (GDPR art. 13(1)(f)).
pub(super) fn where_to(party: &Party, language: Language, words: &Words) -> String {
    let country = countries::name(party.country, language);
    match &party.transfer {
        _ if party.country.is_eea() => format!("{country}, {}", words.terms.inside_eea),
        None => country,
        Some(transfer) => {
            format!("{country}: {} ({})", (words.terms.ground)(transfer.ground), transfer.cite)
        }
    }
}

fn time(purpose: &PurposePart, words: &Words) -> Block {
    let (labels, time) = (&words.labels, &words.time);
    let begins = purpose.begins.map(|event| (time.happens)(KeepFrom::Event(event)));
    let mut facts = Facts::default();
    facts.maybe(labels.begins, begins.map(words.sentences.begins_when));
    facts.maybe(labels.in_force, in_force(purpose.valid, words));
    let nothing = || vec![words.sentences.keeps_nothing.to_owned()];
    let retention = purpose.keep.as_ref().map_or_else(nothing, |keep| keep::retention(keep, time));
    facts.many(labels.retention, retention);
    facts.maybe(labels.lock, purpose.keep.as_ref().and_then(|keep| keep::lock(keep, time)));
    facts.maybe(labels.while_restricted, purpose.despite_restriction.as_deref().map(words.sentences.goes_on));
    facts.into_block()
}

/// Nothing for a purpose that is in force always.
fn in_force(valid: DayRange, words: &Words) -> Option<String> {
    let time = &words.time;
    let from = (valid.start() > Date::MIN).then(|| (time.from)(&(time.date)(valid.start())));
    let last = valid.end().yesterday().ok().filter(|_| !valid.is_open());
    let until = last.map(|last| (time.until)(&(time.date)(last)));
    let said: Vec<_> = from.into_iter().chain(until).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

//! The words of a notice, as every language must have them.
//!
//! What comes in: nothing. What goes out: the shape of one language. It is a struct and not a dictionary, so a
//! language with a word missing does not compile. The languages themselves are in `words_da.rs`,
//! `words_de.rs` and `words_en.rs`; they address the reader of a notice, and speak neutrally where a record
//! uses the same word. Never: a sentence glued together from words of two languages.

use jiff::civil::Date;

use super::{Language, words_da, words_de, words_en};
use crate::rights::{Condition, Right};
use crate::{Article6, Finest, KeepFrom, Operation, PartyKind, TransferGround};

/// One language.
pub(super) struct Words {
    pub(super) titles: Titles,
    pub(super) labels: Labels,
    pub(super) sentences: Sentences,
    pub(super) terms: Terms,
    pub(super) time: TimeWords,
    pub(super) rights: RightsWords,
}

/// Titles and headings.
pub(super) struct Titles {
    pub(super) notice: &'static str,
    pub(super) record_of_controller: &'static str,
    pub(super) record_of_processor: &'static str,
    pub(super) contents: &'static str,
    pub(super) controller: &'static str,
    pub(super) processor: &'static str,
    pub(super) purposes: &'static str,
    pub(super) rights: &'static str,
    pub(super) objection: &'static str,
    pub(super) complaint: &'static str,
    pub(super) sub_processors: &'static str,
    pub(super) transfers: &'static str,
    pub(super) measures: &'static str,
    pub(super) version: &'static str,
}

/// What stands before a value, and above a column.
pub(super) struct Labels {
    pub(super) address: &'static str,
    pub(super) registration_number: &'static str,
    pub(super) country: &'static str,
    pub(super) phone: &'static str,
    pub(super) email: &'static str,
    pub(super) protection_officer: &'static str,
    pub(super) instruction: &'static str,
    pub(super) basis: &'static str,
    pub(super) necessity: &'static str,
    pub(super) subjects: &'static str,
    pub(super) data: &'static str,
    pub(super) category: &'static str,
    pub(super) detail: &'static str,
    pub(super) fields: &'static str,
    pub(super) excludes: &'static str,
    pub(super) operations: &'static str,
    pub(super) roles: &'static str,
    pub(super) recipients: &'static str,
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) transfer: &'static str,
    pub(super) source: &'static str,
    pub(super) mandatory: &'static str,
    pub(super) begins: &'static str,
    pub(super) in_force: &'static str,
    pub(super) retention: &'static str,
    pub(super) lock: &'static str,
    pub(super) while_restricted: &'static str,
    pub(super) rights: &'static str,
    pub(super) measure: &'static str,
    pub(super) shown_by: &'static str,
    pub(super) source_of_law: &'static str,
    pub(super) register: &'static str,
    pub(super) edition: &'static str,
    pub(super) date: &'static str,
    pub(super) version: &'static str,
    pub(super) hash: &'static str,
}

/// Sentences, and parts of them that are filled in.
pub(super) struct Sentences {
    pub(super) notice_intro: &'static str,
    pub(super) record_of_controller_intro: &'static str,
    pub(super) record_of_processor_intro: &'static str,
    pub(super) version_intro: &'static str,
    /// The processor by name.
    pub(super) processed_by: fn(&str) -> String,
    pub(super) no_recipient: &'static str,
    pub(super) the_subject: &'static str,
    pub(super) from_the_subject: &'static str,
    /// The purposes for which the data were collected.
    pub(super) from_purposes: fn(&str) -> String,
    pub(super) is_mandatory: &'static str,
    pub(super) is_voluntary: &'static str,
    /// What must happen first, as [`TimeWords::happens`] says it.
    pub(super) begins_when: fn(&str) -> String,
    /// Why the purpose goes on under a restriction.
    pub(super) goes_on: fn(&str) -> String,
    pub(super) is_special: &'static str,
    pub(super) keeps_nothing: &'static str,
    pub(super) no_transfer: &'static str,
    pub(super) no_sub_processor: &'static str,
    pub(super) no_measure: &'static str,
    pub(super) complaint: &'static str,
    /// The competent authority by name.
    pub(super) competent_is: fn(&str) -> String,
    pub(super) proved_by_probe: &'static str,
    /// The role that attests.
    pub(super) proved_by_attestation: fn(&str) -> String,
    pub(super) proved_by_document: &'static str,
}

/// Words for the closed lists of the register.
pub(super) struct Terms {
    /// What a basis is, without its article.
    pub(super) basis: fn(Article6) -> &'static str,
    /// An article of the GDPR, from `6(1)(a)`, with the name of the regulation.
    pub(super) article: fn(&str) -> String,
    pub(super) operation: fn(Operation) -> &'static str,
    pub(super) finest: fn(Finest) -> &'static str,
    pub(super) party_kind: fn(PartyKind) -> &'static str,
    pub(super) inside_eea: &'static str,
    pub(super) ground: fn(TransferGround) -> &'static str,
    /// What national law takes from the rights, by the country of the controller.
    pub(super) national_limits: fn(&str) -> Option<&'static str>,
}

/// A unit of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Hours,
    Days,
    Weeks,
    Months,
    Years,
}

/// How long a rule keeps, in words already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length<'t> {
    Kept(&'t str),
    AtMost(&'t str),
    AtOnce,
}

/// Words of time.
pub(super) struct TimeWords {
    /// So many units, as a length: how long.
    pub(super) span: fn(u64, Unit) -> String,
    /// So many units, as a distance: after how long.
    pub(super) after: fn(u64, Unit) -> String,
    /// Between all lengths of a chain but the last two.
    pub(super) then: &'static str,
    /// Between the last two.
    pub(super) and_then: &'static str,
    /// The event as a clause for "as soon as".
    pub(super) happens: fn(KeepFrom) -> &'static str,
    /// One rule: how long, whether from the end of the year, and the event.
    pub(super) rule: fn(Length<'_>, bool, KeepFrom) -> String,
    /// Stands before several rules.
    pub(super) longest: &'static str,
    /// A lock after so long, as [`TimeWords::after`] says it.
    pub(super) locked: fn(&str) -> String,
    pub(super) date: fn(Date) -> String,
    /// From this day on.
    pub(super) from: fn(&str) -> String,
    /// Until this day, inclusive.
    pub(super) until: fn(&str) -> String,
}

/// Words about rights.
pub(super) struct RightsWords {
    pub(super) intro: &'static str,
    pub(super) name: fn(Right) -> &'static str,
    pub(super) text: fn(Right) -> &'static str,
    pub(super) condition: fn(Condition) -> &'static str,
    /// The part that rests on one of several bases, and its condition, if it has one.
    pub(super) part: fn(Article6, Option<&str>) -> String,
    /// One purpose by its number.
    pub(super) purpose: fn(&str) -> String,
    /// Several purposes by their numbers.
    pub(super) purposes: fn(&str) -> String,
    pub(super) every_purpose: &'static str,
    pub(super) given: &'static str,
    pub(super) not_given: &'static str,
    pub(super) no_purpose: &'static str,
}

/// The words of a language.
pub(super) const fn words_of(language: Language) -> &'static Words {
    match language {
        Language::Danish => &words_da::DANISH,
        Language::German => &words_de::GERMAN,
        Language::English => &words_en::ENGLISH,
    }
}

/// The parts of an article as the register writes it: `6(1)(a)` is `6`, `1`, `a`.
pub(super) fn parts_of_article(article: &str) -> impl Iterator<Item = &str> {
    article.split('(').map(|part| part.trim_end_matches(')'))
}

/// Whether a part of an article is the number of a paragraph, and not a letter.
pub(super) fn is_paragraph(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

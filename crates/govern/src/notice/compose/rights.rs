//! The rights of the reader, from the bases of the purposes.
//!
//! What comes in: a notice. What goes out: for each right what it is, and for which purposes it is given on
//! which condition, and for which not. The right to object stands apart, as GDPR art. 21(4) asks. Never: a right
//! promised for every purpose where a basis does not give it.

use crate::Article6;
use crate::notice::page::{Block, Fact, capital};
use crate::notice::words::Words;
use crate::notice::{Notice, PurposePart};
use crate::rights::{Entitlement, Right, RightOf};

/// The rights in one line, below a purpose.
pub(super) fn short(purpose: &PurposePart, words: &Words) -> Block {
    let given: Vec<_> = purpose.rights.given().map(|right| (words.rights.name)(right)).collect();
    Block::Facts(vec![Fact { label: words.labels.rights, values: vec![given.join(", ")] }])
}

/// The sections about rights.
pub(super) fn blocks(notice: &Notice, words: &Words) -> Vec<Block> {
    let mut blocks = vec![Block::section(words.titles.rights), Block::paragraph(words.rights.intro)];
    blocks.extend(national_limits(notice, words).into_iter().map(Block::paragraph));
    for &right in Right::ALL.iter().filter(|right| **right != Right::Objection) {
        blocks.push(Block::part(heading(right, words)));
        blocks.extend(one(notice, right, words));
    }
    blocks.push(Block::section(words.titles.objection));
    blocks.push(Block::paragraph(format!("{}:", heading(Right::Objection, words))));
    blocks.extend(one(notice, Right::Objection, words));
    blocks
}

fn heading(right: Right, words: &Words) -> String {
    format!("{} ({})", (words.rights.name)(right), (words.terms.article)(right.article()))
}

/// What national law takes away, once for each country of a controller.
fn national_limits(notice: &Notice, words: &Words) -> Vec<&'static str> {
    let countries = notice.controllers.iter().map(|part| part.controller.country);
    let mut limits: Vec<_> =
        countries.filter_map(|country| (words.terms.national_limits)(country.code())).collect();
    limits.sort_unstable();
    limits.dedup();
    limits
}

fn one(notice: &Notice, right: Right, words: &Words) -> Vec<Block> {
    let said = (words.rights.text)(right);
    let groups = groups(notice, right, words);
    if groups.iter().all(|group| group.phrase.is_none()) {
        return vec![Block::paragraph(format!("{said} {}", words.rights.no_purpose))];
    }
    let only = groups.len() == 1;
    let items = groups.iter().map(|group| item(group, only, words)).collect();
    vec![Block::paragraph(said), Block::List(items)]
}

/// The purposes for which a right holds on the same terms; `phrase` says which, `None` where it does not hold.
struct Group<'n> {
    phrase: Option<String>,
    purposes: Vec<&'n str>,
}

/// In the order of the purposes, those without the right last.
fn groups<'n>(notice: &'n Notice, right: Right, words: &Words) -> Vec<Group<'n>> {
    let mut groups: Vec<Group<'n>> = Vec::new();
    for purpose in notice.controllers.iter().flat_map(|part| &part.purposes) {
        let Some(of) = purpose.rights.of(right) else { continue };
        for phrase in phrases(of, words) {
            match groups.iter_mut().find(|group| group.phrase == phrase) {
                Some(group) => group.purposes.push(&purpose.text),
                None => groups.push(Group { phrase, purposes: vec![&purpose.text] }),
            }
        }
    }
    groups.sort_by_key(|group| group.phrase.is_none());
    groups
}

/// On what terms a right holds for one purpose: each basis gives it for what rests on that basis. Where all
/// bases say the same, they need no telling apart.
fn phrases(of: &RightOf, words: &Words) -> Vec<Option<String>> {
    let mut terms: Vec<_> = of.by.iter().map(|(_, entitlement)| *entitlement).collect();
    terms.dedup();
    match terms.as_slice() {
        [Entitlement::No] | [] => vec![None],
        [alike] => vec![Some(alone(*alike, words))],
        _ => of.given().map(|(basis, entitlement)| Some(part(basis, entitlement, words))).collect(),
    }
}

fn alone(entitlement: Entitlement, words: &Words) -> String {
    match entitlement {
        Entitlement::If(condition) => (words.rights.condition)(condition).to_owned(),
        Entitlement::Yes | Entitlement::No => String::new(),
    }
}

fn part(basis: Article6, entitlement: Entitlement, words: &Words) -> String {
    match entitlement {
        Entitlement::If(condition) => (words.rights.part)(basis, Some((words.rights.condition)(condition))),
        Entitlement::Yes | Entitlement::No => (words.rights.part)(basis, None),
    }
}

fn item(group: &Group<'_>, only: bool, words: &Words) -> String {
    let rights = &words.rights;
    let purposes = if only { rights.every_purpose.to_owned() } else { group.purposes.join("; ") };
    let text = match group.phrase.as_deref() {
        None => format!("{}: {purposes}", rights.not_these_purposes),
        Some("") if only => purposes,
        Some("") => format!("{}: {purposes}", rights.these_purposes),
        Some(phrase) => format!("{phrase}: {purposes}"),
    };
    capital(&text)
}

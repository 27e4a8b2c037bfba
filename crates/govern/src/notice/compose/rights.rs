//! The rights of the reader, from the bases of the purposes.
//!
//! What comes in: a notice. What goes out: for each right what it is, and for which purposes it is given on
//! which condition, and for which not. The right to object stands apart, as GDPR art. 21(4) asks. Never: a right
//! promised for every purpose where a basis does not give it.

use crate::Article6;
use crate::notice::page::{Block, Fact};
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
    let groups = groups(notice, right, words);
    if groups.iter().all(|group| group.terms == Terms::NotGiven) {
        return vec![Block::paragraph(words.rights.no_purpose)];
    }
    let of_all = numbered(notice).count();
    let items = groups.iter().map(|group| item(group, of_all, words)).collect();
    vec![Block::paragraph((words.rights.text)(right)), Block::List(items)]
}

/// On what terms a right holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Terms {
    Given,
    On(String),
    NotGiven,
}

/// The purposes, by number, for which a right holds on the same terms.
struct Group {
    terms: Terms,
    purposes: Vec<usize>,
}

/// In the order of the purposes, those without the right last.
fn groups(notice: &Notice, right: Right, words: &Words) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (number, purpose) in numbered(notice) {
        let Some(of) = purpose.rights.of(right) else { continue };
        for terms in terms(of, words) {
            match groups.iter_mut().find(|group| group.terms == terms) {
                Some(group) => group.purposes.push(number),
                None => groups.push(Group { terms, purposes: vec![number] }),
            }
        }
    }
    groups.sort_by_key(|group| group.terms == Terms::NotGiven);
    groups
}

/// The purposes with the numbers they carry in their headings.
fn numbered(notice: &Notice) -> impl Iterator<Item = (usize, &PurposePart)> {
    (1..).zip(notice.controllers.iter().flat_map(|part| &part.purposes))
}

/// Each basis gives a right for what rests on that basis. Where all bases say the same, they need no
/// telling apart.
fn terms(of: &RightOf, words: &Words) -> Vec<Terms> {
    let mut said: Vec<_> = of.by.iter().map(|(_, entitlement)| *entitlement).collect();
    said.dedup();
    match said.as_slice() {
        [Entitlement::No] | [] => vec![Terms::NotGiven],
        [Entitlement::Yes] => vec![Terms::Given],
        [Entitlement::If(condition)] => vec![Terms::On((words.rights.condition)(*condition).to_owned())],
        _ => of.given().map(|(basis, entitlement)| Terms::On(part(basis, entitlement, words))).collect(),
    }
}

fn part(basis: Article6, entitlement: Entitlement, words: &Words) -> String {
    match entitlement {
        Entitlement::If(condition) => (words.rights.part)(basis, Some((words.rights.condition)(condition))),
        Entitlement::Yes | Entitlement::No => (words.rights.part)(basis, None),
    }
}

fn item(group: &Group, of_all: usize, words: &Words) -> String {
    let rights = &words.rights;
    let purposes = match group.purposes.as_slice() {
        [one] if of_all > 1 => (rights.purpose)(&one.to_string()),
        all if all.len() == of_all => rights.every_purpose.to_owned(),
        several => (rights.purposes)(&ranges(several)),
    };
    let terms = match &group.terms {
        Terms::Given => rights.given,
        Terms::On(terms) => terms,
        Terms::NotGiven => rights.not_given,
    };
    format!("{purposes}: {terms}")
}

/// Rising numbers as people write them: `1–4, 7`.
fn ranges(numbers: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match runs.last_mut().filter(|(_, last)| *last + 1 == number) {
            Some((_, last)) => *last = number,
            None => runs.push((number, number)),
        }
    }
    let said = runs.iter().map(|&(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}–{last}"),
    });
    said.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_row_are_a_range() {
        assert_eq!(ranges(&[1, 2, 3, 5, 7, 8]), "1–3, 5, 7, 8");
        assert_eq!(ranges(&[4]), "4");
    }
}

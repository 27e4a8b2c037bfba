//! From values to what is said, in one order for every form.
//!
//! What comes in: a notice or a record. What goes out: a page of blocks in its language. Never: a value that is
//! not in the notice or record.

mod purpose;
mod record;
mod rights;

pub(super) use record::record_page;

use super::countries;
use super::page::{Block, Facts, Page};
use super::words::{Words, words_of};
use super::{ControllerPart, Language, Notice, Version};
use crate::register::Party;

/// The page of a notice.
pub(super) fn notice_page(notice: &Notice) -> Page {
    let words = words_of(notice.language);
    let mut blocks = vec![Block::paragraph(words.sentences.notice_intro)];
    let mut number = 0;
    for part in &notice.controllers {
        blocks.extend(controller(part, notice, &mut number, words));
    }
    blocks.extend(rights::blocks(notice, words));
    blocks.extend(complaint(notice, words));
    blocks.extend(version(&notice.version, words));
    Page { language: notice.language, title: notice.title.clone(), contents: words.titles.contents, blocks }
}

/// A controller and its purposes, which are numbered through the whole notice.
fn controller(part: &ControllerPart, notice: &Notice, number: &mut usize, words: &Words) -> Vec<Block> {
    let name = &part.controller.name;
    let mut blocks = vec![
        Block::section(format!("{}: {name}", words.titles.controller)),
        contact(&part.controller, notice.language, words),
    ];
    let processor = notice.processor.as_ref().filter(|processor| processor.id != part.controller.id);
    if let Some(processor) = processor {
        blocks.push(Block::paragraph((words.sentences.processed_by)(&processor.name)));
        blocks.push(contact(processor, notice.language, words));
    }
    for purpose in &part.purposes {
        *number += 1;
        blocks.push(Block::part(format!("{number}. {}", purpose.text)));
        blocks.extend(purpose::blocks(purpose, notice.language, words));
        blocks.push(rights::short(purpose, words));
    }
    blocks
}

/// How to reach a party: what the register says of it.
fn contact(party: &Party, language: Language, words: &Words) -> Block {
    let labels = &words.labels;
    let mut facts = Facts::default();
    facts.maybe(labels.address, party.address.as_deref());
    facts.one(labels.country, countries::name(party.country, language));
    facts.maybe(labels.registration_number, party.registration_number.as_deref());
    facts.maybe(labels.phone, party.phone.as_deref());
    facts.maybe(labels.email, party.email.as_deref());
    facts.maybe(labels.protection_officer, party.protection_officer.as_deref());
    facts.into_block()
}

/// GDPR art. 13(2)(d), 77.
fn complaint(notice: &Notice, words: &Words) -> Vec<Block> {
    let mut blocks =
        vec![Block::section(words.titles.complaint), Block::paragraph(words.sentences.complaint)];
    if let Some(authority) = &notice.authority {
        blocks.push(Block::paragraph((words.sentences.competent_is)(&authority.name)));
        blocks.push(contact(authority, notice.language, words));
    }
    blocks
}

fn version(version: &Version, words: &Words) -> Vec<Block> {
    let labels = &words.labels;
    let mut facts = Facts::default();
    facts.one(labels.register, &version.register);
    facts.one(labels.edition, &version.edition);
    facts.maybe(labels.date, version.date.map(words.time.date));
    facts.one(labels.version, version.short());
    facts.one(labels.hash, version.full());
    vec![
        Block::section(words.titles.version),
        Block::paragraph(words.sentences.version_intro),
        facts.into_block(),
    ]
}

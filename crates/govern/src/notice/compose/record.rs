//! The page of a record of processing activities (GDPR art. 30).
//!
//! What comes in: a record. What goes out: who keeps it, the purposes by controller, other processors,
//! transfers, measures. Never: a sentence that addresses the subject; a record is for the authority.

use super::{contact, purpose, version};
use crate::ControlProof;
use crate::notice::page::{Block, Facts, Page, Table};
use crate::notice::words::{Words, words_of};
use crate::notice::{ControllerPart, MeasurePart, Record, RecordOf, countries};
use crate::register::Party;

/// The page of a record.
pub(in crate::notice) fn record_page(record: &Record) -> Page {
    let words = words_of(record.language);
    let (title, intro) = match record.of {
        RecordOf::Controller(_) => {
            (words.titles.record_of_controller, words.sentences.record_of_controller_intro)
        }
        RecordOf::Processor => (words.titles.record_of_processor, words.sentences.record_of_processor_intro),
    };
    let mut blocks = vec![Block::paragraph(intro)];
    blocks.extend(keeper(record, words));
    for part in &record.controllers {
        blocks.extend(controller(part, record, words));
    }
    blocks.extend(processors(record, words));
    blocks.extend(transfers(record, words));
    blocks.extend(measures(&record.measures, words));
    blocks.extend(version(&record.version, words));
    let title = format!("{title}: {}", record.keeper.name);
    Page { language: record.language, title, contents: words.titles.contents, blocks }
}

fn keeper(record: &Record, words: &Words) -> [Block; 2] {
    let title = match record.of {
        RecordOf::Controller(_) => words.titles.controller,
        RecordOf::Processor => words.titles.processor,
    };
    let name = &record.keeper.name;
    [Block::section(format!("{title}: {name}")), contact(&record.keeper, record.language, words)]
}

fn controller(part: &ControllerPart, record: &Record, words: &Words) -> Vec<Block> {
    let mut blocks = match record.of {
        RecordOf::Controller(_) => vec![Block::section(words.titles.purposes)],
        RecordOf::Processor => vec![
            Block::section(format!("{}: {}", words.titles.controller, part.controller.name)),
            contact(&part.controller, record.language, words),
        ],
    };
    for purpose in &part.purposes {
        blocks.push(Block::part(&purpose.text));
        let mut facts = Facts::default();
        facts.maybe(words.labels.instruction, purpose.instruction.as_deref());
        if purpose.instruction.is_some() {
            blocks.push(facts.into_block());
        }
        blocks.extend(purpose::blocks(purpose, record.language, words));
    }
    blocks
}

/// GDPR art. 28(2), (4): who else processes, named so that it can be found.
fn processors(record: &Record, words: &Words) -> [Block; 2] {
    let labels = &words.labels;
    let row = |party: &Party| {
        let country = countries::name(party.country, record.language);
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![party.name.clone(), text(&party.address), text(&party.registration_number), country]
    };
    let head = vec![labels.name, labels.address, labels.registration_number, labels.country];
    let rows: Vec<_> = record.processors.iter().map(row).collect();
    let table = Table { caption: words.titles.sub_processors, head, rows };
    [Block::section(words.titles.sub_processors), or_said(table, words.sentences.no_sub_processor)]
}

fn transfers(record: &Record, words: &Words) -> [Block; 2] {
    let labels = &words.labels;
    let row = |party: &Party| vec![party.name.clone(), purpose::where_to(party, record.language, words)];
    let rows: Vec<_> = record.transfers.iter().map(row).collect();
    let table = Table { caption: words.titles.transfers, head: vec![labels.name, labels.transfer], rows };
    [Block::section(words.titles.transfers), or_said(table, words.sentences.no_transfer)]
}

fn measures(measures: &[MeasurePart], words: &Words) -> [Block; 2] {
    let labels = &words.labels;
    let row = |measure: &MeasurePart| {
        let cite = measure.cite.clone().unwrap_or_default();
        vec![measure.text.clone(), shown_by(measure, words), cite]
    };
    let head = vec![labels.measure, labels.shown_by, labels.source_of_law];
    let rows: Vec<_> = measures.iter().map(row).collect();
    let table = Table { caption: words.titles.measures, head, rows };
    [Block::section(words.titles.measures), or_said(table, words.sentences.no_measure)]
}

fn shown_by(measure: &MeasurePart, words: &Words) -> String {
    let sentences = &words.sentences;
    match &measure.proof {
        ControlProof::Probe(_) => sentences.proved_by_probe.to_owned(),
        ControlProof::Document(_) => sentences.proved_by_document.to_owned(),
        ControlProof::Attestation(role) => {
            (sentences.proved_by_attestation)(measure.attested_by.as_deref().unwrap_or(role.as_str()))
        }
    }
}

/// The table, or a sentence where it would be empty.
fn or_said(table: Table, said: &'static str) -> Block {
    if table.rows.is_empty() { Block::paragraph(said) } else { Block::Table(table) }
}

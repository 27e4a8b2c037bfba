//! What a text, whatever its form, consists of.
//!
//! What comes in: words. What goes out: blocks in their order, from which `text.rs` and `html.rs` make their
//! form. Never: markup; a block holds what is said, and each form marks it up and escapes it itself.

use super::Language;

/// A whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) language: Language,
    pub(super) title: String,
    /// What stands above the list of contents.
    pub(super) contents: &'static str,
    pub(super) blocks: Vec<Block>,
}

/// How deep a heading stands below the title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Section,
    Part,
}

/// One thing that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Heading(Level, String),
    Paragraph(String),
    List(Vec<String>),
    /// Labels, each with one value or several.
    Facts(Vec<Fact>),
    Table(Table),
}

/// A label and its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) label: &'static str,
    pub(super) values: Vec<String>,
}

/// A table. Every row has as many cells as the head; the first cell names the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) caption: &'static str,
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Block {
    pub(super) fn section(text: impl Into<String>) -> Self {
        Self::Heading(Level::Section, text.into())
    }

    pub(super) fn part(text: impl Into<String>) -> Self {
        Self::Heading(Level::Part, text.into())
    }

    pub(super) fn paragraph(text: impl Into<String>) -> Self {
        Self::Paragraph(text.into())
    }
}

/// Facts, as they are found: what has no value is not said.
#[derive(Debug, Default)]
pub(super) struct Facts(Vec<Fact>);

impl Facts {
    pub(super) fn one(&mut self, label: &'static str, value: impl Into<String>) -> &mut Self {
        self.many(label, vec![value.into()])
    }

    pub(super) fn maybe(&mut self, label: &'static str, value: Option<impl Into<String>>) -> &mut Self {
        self.many(label, value.into_iter().map(Into::into).collect())
    }

    pub(super) fn many(&mut self, label: &'static str, values: Vec<String>) -> &mut Self {
        if !values.is_empty() {
            self.0.push(Fact { label, values });
        }
        self
    }

    pub(super) fn into_block(self) -> Block {
        Block::Facts(self.0)
    }
}

/// The first letter as a capital: a phrase becomes a line of its own.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

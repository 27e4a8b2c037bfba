//! Fields of forms: label above, help below the label, what is wrong beside the field, in words.

use maud::{Markup, html};
use serde::Deserialize;

use crate::visit::Visit;

/// A field of a form.
pub(crate) struct Field<'a> {
    /// Its name in the form.
    pub(crate) name: &'a str,
    /// What it is called.
    pub(crate) label: String,
    /// What helps to fill it in; empty for nothing.
    pub(crate) help: String,
    /// `text`, `password`, `email`.
    pub(crate) kind: &'a str,
    /// What browsers may fill in (HTML, autofill).
    pub(crate) autocomplete: &'a str,
    /// What is wrong with what was given.
    pub(crate) wrong: Option<String>,
}

impl Field<'_> {
    /// The field with its words, empty, to be filled in.
    pub(crate) fn draw(&self) -> Markup {
        self.draw_with(None, true)
    }

    /// The field with its words and what was given before; it may be left empty where it is not required.
    pub(crate) fn draw_with(&self, value: Option<&str>, is_required: bool) -> Markup {
        let (help, wrong) = (format!("{}-help", self.name), format!("{}-wrong", self.name));
        let described = match (self.help.is_empty(), &self.wrong) {
            (true, None) => None,
            (false, None) => Some(help.clone()),
            (true, Some(_)) => Some(wrong.clone()),
            (false, Some(_)) => Some(format!("{wrong} {help}")),
        };
        html! {
            div.field {
                label for=(self.name) { (self.label) }
                @if !self.help.is_empty() { p.help id=(help) { (self.help) } }
                @if let Some(text) = &self.wrong { p.wrong id=(wrong) { (text) } }
                input id=(self.name) name=(self.name) type=(self.kind) autocomplete=(self.autocomplete) required[is_required] value=[value]
                    aria-describedby=[described] aria-invalid=[self.wrong.as_ref().map(|_| "true")];
            }
        }
    }
}

/// A form without fields.
#[derive(Deserialize)]
pub(crate) struct Nothing {}

/// A button that sends a few fields that are known already.
pub(crate) struct Press<'a> {
    /// Where it sends them.
    pub(crate) action: &'a str,
    /// What it sends.
    pub(crate) fields: &'a [(&'a str, &'a str)],
    /// What it says.
    pub(crate) label: String,
    /// How it looks: `quiet`, `second`, `danger`, or empty.
    pub(crate) class: &'a str,
}

impl Press<'_> {
    /// The button in a form of its own.
    pub(crate) fn draw(&self, visit: &Visit) -> Markup {
        html! {
            form method="post" action=(self.action) {
                (visit.token())
                @for (name, value) in self.fields { input type="hidden" name=(name) value=(value); }
                button class=[(!self.class.is_empty()).then_some(self.class)] { (self.label) }
            }
        }
    }
}

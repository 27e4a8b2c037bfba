//! Fields of forms: label above, help below the label, what is wrong beside the field, in words.

use maud::{Markup, html};

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
    /// The field with its words.
    pub(crate) fn draw(&self) -> Markup {
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
                input id=(self.name) name=(self.name) type=(self.kind) autocomplete=(self.autocomplete) required
                    aria-describedby=[described] aria-invalid=[self.wrong.as_ref().map(|_| "true")];
            }
        }
    }
}

//! The rows of an obligations list.
//!
//! What comes in: the text of a YAML file with a list `obligations`. What goes out: its rows, or the first
//! fault with its place. Never: a row without a name, or two with one.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::{Location, Spanned};

use crate::register::listed;
use crate::vocabulary::words;

words!(
    /// What kind of duty a row is.
    RowKind {
        /// Something must be done by a time.
        Deadline = "deadline",
        /// Data are kept so long, and no longer.
        Retention = "retention",
        /// A measure must be in place.
        Control = "control",
        /// Somebody may demand something.
        Right = "right",
        /// Something must be written down.
        Record = "record",
        /// Somebody must be told.
        Notice = "notice",
        /// Somebody must agree first.
        Approval = "approval",
        /// A result follows from given numbers.
        Calculation = "calculation",
        /// Something must be in the log.
        Log = "log",
    }
);

/// One duty: a row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name; the part before the first `.` says which source it is from.
    pub id: String,
    /// The source and its clause, where the list says so.
    pub source: Option<String>,
    /// What kind of duty.
    pub kind: RowKind,
    /// The duty in words.
    pub text: String,
}

impl Row {
    /// The part of the name that says which source the row is from.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.id.split('.').next().unwrap_or_default()
    }
}

/// Why a text is no obligations list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowsFault {
    /// Not YAML, or not of the form of such a list.
    #[error(
        "{place}: {message}; a list has `obligations`, and each of them `id`, `kind` and `text`, each a text"
    )]
    Form {
        /// `file:line:column`, or the file.
        place: String,
        /// What the parser says.
        message: String,
    },
    /// A row has no name.
    #[error("{place}: this row has an empty `id`; give it a name such as `agreement.erasure`")]
    NoName {
        /// `file:line:column`.
        place: String,
    },
    /// A kind that does not exist.
    #[error("{place}: `{got}` is not a kind of obligation; write one of {known}")]
    Kind {
        /// `file:line:column`.
        place: String,
        /// The word as written.
        got: String,
        /// The kinds there are.
        known: String,
    },
    /// Two rows with one name.
    #[error("{place}: row `{id}` is in line {first} already; give one of them another `id`")]
    Twice {
        /// `file:line:column` of the second.
        place: String,
        /// The name.
        id: String,
        /// The line of the first.
        first: u64,
    },
    /// A list without rows.
    #[error("{file}: there is no row below `obligations`; nothing can be covered")]
    Empty {
        /// The file.
        file: String,
    },
}

#[derive(Deserialize)]
struct WrittenList {
    obligations: Vec<WrittenRow>,
}

/// Other keys of a row, such as its parameters, say nothing about what serves it.
#[derive(Deserialize)]
struct WrittenRow {
    id: Spanned<String>,
    source: Option<String>,
    kind: Spanned<String>,
    text: String,
}

/// Reads an obligations list. `file` is the name that faults cite.
///
/// ```
/// let text = "obligations:\n- id: agreement.breach\n  kind: deadline\n  text: Tell within 48 hours.\n";
/// let rows = tidstro_govern::coverage::parse_rows(text, "list.yaml").unwrap();
/// assert_eq!((rows.len(), rows[0].prefix()), (1, "agreement"));
/// ```
///
/// # Errors
/// [`RowsFault`]: the first fault. One is enough to refuse the list as a whole.
pub fn parse_rows(text: &str, file: &str) -> Result<Vec<Row>, RowsFault> {
    let list: WrittenList = serde_saphyr::from_str(text).map_err(|fault| form(&fault, file))?;
    if list.obligations.is_empty() {
        return Err(RowsFault::Empty { file: file.to_owned() });
    }
    let mut first_lines = BTreeMap::new();
    list.obligations.into_iter().map(|written| row(written, file, &mut first_lines)).collect()
}

fn row(written: WrittenRow, file: &str, first_lines: &mut BTreeMap<String, u64>) -> Result<Row, RowsFault> {
    let (id, at) = (written.id.value, written.id.referenced);
    if id.trim().is_empty() {
        return Err(RowsFault::NoName { place: place(file, at) });
    }
    if let Some(first) = first_lines.insert(id.clone(), at.line()) {
        return Err(RowsFault::Twice { place: place(file, at), id, first });
    }
    let kind = RowKind::from_word(&written.kind.value).ok_or_else(|| RowsFault::Kind {
        place: place(file, written.kind.referenced),
        got: written.kind.value.clone(),
        known: listed(RowKind::ALL),
    })?;
    Ok(Row { id, source: written.source, kind, text: written.text })
}

fn place(file: &str, at: Location) -> String {
    format!("{file}:{}:{}", at.line(), at.column())
}

fn form(fault: &serde_saphyr::Error, file: &str) -> RowsFault {
    let said = fault.without_snippet().to_string();
    let Some(at) = fault.location() else {
        return RowsFault::Form { place: file.to_owned(), message: said };
    };
    // The parser tells the place at the end of its sentence; it stands in front here.
    let tail = format!(" at line {}, column {}", at.line(), at.column());
    let message = said.strip_suffix(&tail).unwrap_or(&said).to_owned();
    RowsFault::Form { place: place(file, at), message }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fault(text: &str) -> String {
        parse_rows(text, "list.yaml").unwrap_err().to_string()
    }

    #[test]
    fn rows_are_read_and_other_keys_passed_over() {
        let text = "version: 1\nobligations:\n- id: a.one\n  source: \"A 1\"\n  kind: log\n  text: \"Write it.\"\n  parameters: {within: P1M}\n- {id: b, kind: right, text: Ask.}\n";
        let rows = parse_rows(text, "list.yaml").unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].source.as_deref(), Some("A 1"));
        assert_eq!((rows[0].prefix(), rows[1].prefix()), ("a", "b"));
        assert_eq!((rows[0].kind, rows[1].kind), (RowKind::Log, RowKind::Right));
    }

    #[test]
    fn a_fault_says_where_and_what_to_write() {
        let missing = fault("obligations:\n- id: a\n  kind: log\n");
        assert!(missing.starts_with("list.yaml:3:3: missing field `text`; a list has"), "{missing}");
        let kind = fault("obligations:\n- id: a\n  kind: wish\n  text: x\n");
        assert!(kind.starts_with("list.yaml:3:9: `wish` is not a kind of obligation; write one of `dead"));
        let twice = "obligations:\n- {id: a, kind: log, text: x}\n- {id: a, kind: log, text: y}\n";
        assert_eq!(
            fault(twice),
            "list.yaml:3:8: row `a` is in line 2 already; give one of them another `id`"
        );
        assert!(fault("obligations:\n- {id: '', kind: log, text: x}\n").contains("empty `id`"));
        assert!(fault("obligations: []\n").starts_with("list.yaml: there is no row"));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in ["", "x", "[]", "rows: []", "obligations: {a: [", "obligations: &a [*a]", "\u{0}"] {
            assert!(matches!(parse_rows(text, "list.yaml"), Err(RowsFault::Form { .. })), "{text:?}");
        }
    }

    proptest! {
        /// A file from anywhere gives rows or a fault, never a panic and never two rows of one name.
        #[test]
        fn any_text_gives_rows_or_a_fault(text in r"(obligations:\n)?(- ?|id: |kind: |text: |log|\{|\}|\[|\]|&a |\*a|\n|  |: |\PC|'){0,40}") {
            if let Ok(rows) = parse_rows(&text, "list.yaml") {
                let names: std::collections::BTreeSet<_> = rows.iter().map(|row| &row.id).collect();
                prop_assert_eq!(names.len(), rows.len());
            }
        }
    }
}

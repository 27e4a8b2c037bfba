//! What can be wrong with a rules file, and where.
//!
//! What comes in: byte offsets of faults. What goes out: one line a fault, `line:column: what is wrong; what to write`.

use std::fmt;

use jiff::civil::Date;

/// A fault and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultInRules {
    /// Line from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub fault: RuleFault,
}

/// What is wrong with one place of a rules file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    /// Not TOML, or TOML of another shape: a missing or unknown key, a number for a text.
    #[error("{message}; see the files in `validation` for the form")]
    Shape {
        /// What the TOML reader says.
        message: String,
    },
    /// Not a date.
    #[error("`{got}` is not a date; write it as `YYYY-MM-DD`")]
    Day {
        /// The text as written.
        got: String,
    },
    /// Two classes with one name.
    #[error("class `{class}` is already at line {first}; give one of them another name")]
    Duplicate {
        /// The name.
        class: String,
        /// Line of the first one.
        first: usize,
    },
    /// A word outside its closed list.
    #[error("`{got}` is not a {what}; write one of {known}")]
    Word {
        /// What stands here.
        what: &'static str,
        /// The word as written.
        got: String,
        /// The words there are.
        known: String,
    },
    /// A list that must not be empty.
    #[error("`{field}` is empty; name at least one, or leave the line out")]
    Empty {
        /// The key.
        field: &'static str,
    },
    /// A text that is no number, or one below zero.
    #[error("`{field}` is `{got}`; write a number that is not below zero, such as `\"0.5\"`")]
    Number {
        /// The key.
        field: &'static str,
        /// The text as written.
        got: String,
    },
    /// A count or factor of 0.
    #[error("`{field}` is 0; write at least 1, or leave the rule out")]
    Nothing {
        /// The key.
        field: &'static str,
    },
    /// A class without limits.
    #[error("class `{class}` has no limits; add `[[class.limits]]`")]
    NoLimits {
        /// The class.
        class: String,
    },
    /// The first limits of a class begin at a day, so that earlier days have none.
    #[error("the first limits of class `{class}` have `since`; leave it out, they hold from the beginning")]
    FirstHasSince {
        /// The class.
        class: String,
    },
    /// Later limits of a class without a day.
    #[error("these limits of class `{class}` have no `since`; write the local day they begin to hold")]
    NoSince {
        /// The class.
        class: String,
    },
    /// Limits that do not begin after the ones before them.
    #[error("limits since {since} come after those since {before}; order them by day")]
    NotLater {
        /// First day of these limits.
        since: Date,
        /// First day of those before them.
        before: Date,
    },
    /// No class at all, or one with conditions as the last: some series would have no limits.
    #[error("the last class must have no conditions; add a class such as `other` for everything else")]
    NoOther,
    /// A class after one without conditions: no series would reach it.
    #[error("class `{class}` has no conditions, so none after it is ever used; move it to the end")]
    NotLast {
        /// The class without conditions.
        class: String,
    },
}

impl fmt::Display for FaultInRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.fault)
    }
}

impl std::error::Error for FaultInRules {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.fault)
    }
}

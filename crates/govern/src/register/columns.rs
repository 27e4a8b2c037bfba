//! The personal columns of a store against the categories of the register.
//!
//! What comes in: the columns a store marks as personal. What goes out: nothing, or each column that
//! no category covers; a store with such a column must not start. Never: a column taken for granted.

use super::{Category, Register};

/// A column of the store that holds personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonalColumn<'s> {
    /// The table.
    pub table: &'s str,
    /// The column.
    pub column: &'s str,
}

/// What is wrong between a personal column and the register.
///
/// A column in two categories, and a category that no activity keeps, are faults of the register
/// itself: [`Register::parse`] has refused them already.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColumnFault {
    /// No category covers the column.
    #[error(
        "column `{table}.{column}` holds personal data and is in no category of register `{register}`; add it to the `columns` of one"
    )]
    NoCategory {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The register.
        register: String,
    },
}

impl Register {
    /// Proves that each personal column belongs to exactly one category, which an activity keeps.
    ///
    /// # Errors
    /// One [`ColumnFault`] for each column without a category.
    pub fn check_columns(&self, columns: &[PersonalColumn<'_>]) -> Result<(), Vec<ColumnFault>> {
        let faults: Vec<_> = columns
            .iter()
            .filter(|column| self.category_of(column).is_none())
            .map(|column| ColumnFault::NoCategory {
                table: column.table.to_owned(),
                column: column.column.to_owned(),
                register: self.id().to_owned(),
            })
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// The category that covers the column.
    #[must_use]
    pub fn category_of(&self, column: &PersonalColumn<'_>) -> Option<&Category> {
        let covers = |written: &String| written.split_once('.') == Some((column.table, column.column));
        self.categories().find(|category| category.columns.iter().any(covers))
    }
}

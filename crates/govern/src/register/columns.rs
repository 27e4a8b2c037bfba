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
    /// The column's values belong to no subject, and no rule says when they end (GDPR art. 5(1)(e)).
    #[error(
        "category `{category}` covers column `{table}.{column}`, which belongs to no subject, and no activity that keeps it counts from `registration`; add such a rule to the `keep` of one"
    )]
    NoEnd {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The category.
        category: String,
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

    /// Proves that a column whose values belong to no subject has an end.
    ///
    /// # Errors
    /// [`ColumnFault`]: it has no category, or its category no rule that counts from registration.
    pub fn check_unowned(&self, column: &PersonalColumn<'_>) -> Result<(), Vec<ColumnFault>> {
        self.check_columns(&[*column])?;
        match self.category_of(column).filter(|category| !self.unowned_ends(&category.id)) {
            None => Ok(()),
            Some(category) => Err(vec![ColumnFault::NoEnd {
                table: column.table.to_owned(),
                column: column.column.to_owned(),
                category: category.id.to_string(),
            }]),
        }
    }

    /// The category that covers the column.
    #[must_use]
    pub fn category_of(&self, column: &PersonalColumn<'_>) -> Option<&Category> {
        let covers = |written: &String| written.split_once('.') == Some((column.table, column.column));
        self.categories().find(|category| category.columns.iter().any(covers))
    }
}

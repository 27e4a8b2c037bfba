//! Counts of a coverage.
//!
//! What comes in: covered rows. What goes out: how many stand how, by what the caller groups them by.
//! Never: a row that stands in two ways.

use std::collections::BTreeMap;

use super::{Coverage, CoveredRow, Means, Standing};

/// How many rows stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Served in whole.
    pub served: usize,
    /// Served, and open too.
    pub partly: usize,
    /// Open only.
    pub open: usize,
    /// Known to no register.
    pub unmapped: usize,
    /// Of the served and partly served: those that only a person attests.
    pub attested_only: usize,
}

impl Count {
    /// All rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.served + self.partly + self.open + self.unmapped
    }

    fn add(&mut self, row: &CoveredRow) {
        match row.standing() {
            Standing::Served => self.served += 1,
            Standing::Partly => self.partly += 1,
            Standing::Open => self.open += 1,
            Standing::Unmapped => self.unmapped += 1,
        }
        self.attested_only += usize::from(row.is_attested_only());
    }
}

impl Coverage {
    /// All rows in one count.
    #[must_use]
    pub fn count(&self) -> Count {
        let mut count = Count::default();
        self.rows.iter().for_each(|row| count.add(row));
        count
    }

    /// The rows by their kind, in the order of the words.
    #[must_use]
    pub fn by_kind(&self) -> BTreeMap<&str, Count> {
        self.counted(|row| row.row.kind.word())
    }

    /// The rows by their source: the part of the name before the first `.`.
    #[must_use]
    pub fn by_source(&self) -> BTreeMap<&str, Count> {
        self.counted(|row| row.row.prefix())
    }

    /// How many rows are served by each means; a row served by several counts for each.
    #[must_use]
    pub fn by_means(&self) -> BTreeMap<Means, usize> {
        let serves = |means: Means| {
            let by = |row: &&CoveredRow| row.served.iter().any(|server| server.means == means);
            self.rows.iter().filter(by).count()
        };
        Means::ALL.iter().map(|&means| (means, serves(means))).collect()
    }

    /// How many rows wait for each part of the product.
    #[must_use]
    pub fn by_part(&self) -> BTreeMap<&str, usize> {
        let mut parts: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &self.rows {
            let mut waits: Vec<_> = row.open.iter().map(|open| open.part.as_str()).collect();
            waits.sort_unstable();
            waits.dedup();
            waits.into_iter().for_each(|part| *parts.entry(part).or_default() += 1);
        }
        parts
    }

    fn counted<'c>(&'c self, group: impl Fn(&'c CoveredRow) -> &'c str) -> BTreeMap<&'c str, Count> {
        let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
        for row in &self.rows {
            counts.entry(group(row)).or_default().add(row);
        }
        counts
    }
}

//! What a change of the register changes.
//!
//! What comes in: two checked registers. What goes out: a [`RegisterDiff`], the list of what is different
//! in meaning: who may do more, what is kept longer, who is given data, and everything that became
//! narrower or only reads differently. Comments, white space and the order of things are no change.
//!
//! Two ways are taken, so that nothing is missed. Who may do what is asked of
//! [`decide`](crate::decide) itself, for every actor, purpose, operation, category and resolution of both
//! registers. What decides beside that (sessions, hours, recipients, leases) is compared noun by noun,
//! retention by the ends it gives and not by its words.
//!
//! Never: a widening that is called something else. Where it cannot be told, the change counts as one.
//! INVARIANT: if any ask is granted under the new register and refused under the old one, the diff widens;
//! the approval of changes leans on it.

mod access;
mod activity;
mod change;
mod duty;
mod lease;
mod login;
mod session;
mod step;
mod whole;

use std::fmt;

use crate::register::Register;

pub use change::{Aspect, Change, Effect};
pub use step::{Activation, Approval};

use change::Changes;

/// Which text of a register is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterVersion {
    /// Its name.
    pub id: String,
    /// Its edition.
    pub edition: String,
    /// SHA-256 of its text.
    pub hash: [u8; 32],
}

impl RegisterVersion {
    /// The version of a register.
    #[must_use]
    pub fn of(register: &Register) -> Self {
        Self { id: register.id().to_owned(), edition: register.edition().to_owned(), hash: register.hash() }
    }
}

impl fmt::Display for RegisterVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`, edition {}, {}", self.id, self.edition, crate::log::hex(&self.hash))
    }
}

/// Everything that is different in meaning between two registers. Shown as one line for each change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterDiff {
    /// The register it was.
    pub old: RegisterVersion,
    /// The register it becomes.
    pub new: RegisterVersion,
    /// The changes: what widens first, then by aspect, subject and words. Each once.
    pub changes: Vec<Change>,
}

impl RegisterDiff {
    /// Whether anything widens, so that the change needs an approval.
    #[must_use]
    pub fn widens(&self) -> bool {
        self.widenings().next().is_some()
    }

    /// The changes that widen.
    pub fn widenings(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.effect == Effect::Wider)
    }
}

impl fmt::Display for RegisterDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, change) in self.changes.iter().enumerate() {
            let newline = if index == 0 { "" } else { "\n" };
            write!(f, "{newline}{change}")?;
        }
        Ok(())
    }
}

/// Compares two registers. Pure and total; the same two give the same diff for ever.
#[must_use]
pub fn diff(old: &Register, new: &Register) -> RegisterDiff {
    let mut changes = Changes::default();
    access::compare(&mut changes, old, new);
    activity::compare(&mut changes, old, new);
    whole::compare(&mut changes, old, new);
    login::compare(&mut changes, old, new);
    duty::compare(&mut changes, old, new);
    RegisterDiff {
        old: RegisterVersion::of(old),
        new: RegisterVersion::of(new),
        changes: changes.into_sorted(),
    }
}

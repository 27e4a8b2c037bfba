//! A value on its way out.

use std::fmt;

use super::Permit;
use crate::StoreFault;

/// A personal value that left the store under a permit.
///
/// It cannot be printed, compared or serialised; it is opened, with the permit it was read under, in
/// the files of `flows` that `crates/flows/tests/doors.rs` lists, and nowhere else.
#[must_use = "a disclosure is in the log; use it or do not ask"]
pub struct Disclosed<T> {
    value: T,
    permit_seq: i64,
}

impl<T> Disclosed<T> {
    pub(crate) fn new(value: T, permit: &Permit) -> Self {
        Self { value, permit_seq: permit.seq() }
    }

    /// Takes the value out.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] if it was read under another permit.
    pub fn open(self, permit: &Permit) -> Result<T, StoreFault> {
        if permit.seq() == self.permit_seq {
            Ok(self.value)
        } else {
            Err(StoreFault::PermitForOther {
                permit: permit.to_string(),
                needed: format!("open what permit {} read", self.permit_seq),
            })
        }
    }
}

impl<T> fmt::Debug for Disclosed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Disclosed(redacted, permit {})", self.permit_seq)
    }
}

//! Who gets in: how long sessions last, how many failures are borne, which roles need two factors.
//!
//! What comes in and goes out: checked values; [`Register::parse`](super::Register::parse) alone makes them. Never: a
//! limit that the program has of its own.

use tidstro_calendar::Period;
use tidstro_model::{ActivityId, CategoryId, DossierKind, RoleId};

use super::{PersonalColumn, Register};

/// The column by which a category is known as that of accounts.
const ACCOUNT: PersonalColumn<'static> = PersonalColumn { table: "account", column: "sealed_name" };
/// The kind of dossier an account is.
const ACCOUNT_KIND: &str = "account";

/// Who gets in, and for how long: the table `[login]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The activity that keeps accounts and looks after access.
    pub purpose: ActivityId,
    /// Failures in a row, after which an account is locked until somebody unlocks it.
    pub failures: u8,
    /// Roles that work with two factors only.
    pub two_factors: Vec<RoleId>,
    /// How old a password may become; `None` where age alone changes none.
    pub password_max_age: Option<Period>,
    /// How often somebody looks at who has which role.
    pub review_every: Option<Period>,
    /// Sessions of staff.
    pub staff: SessionRule,
    /// Sessions of residents; `None` where they do not log in.
    pub resident: Option<SessionRule>,
    /// Line of the file, counted from 1.
    pub line: u32,
}

/// How long sessions last, in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRule {
    /// Without use.
    pub idle_minutes: u16,
    /// Whatever its use. Not less than `idle_minutes`.
    pub absolute_minutes: u16,
    /// How old a proof may be for what asks for a fresh one: exports, keys.
    pub fresh_minutes: u16,
    /// How long after the last occupancy a resident's account is closed; `None` for as long as there is one.
    pub closed_after: Option<Period>,
}

impl Login {
    /// The kind of dossier an account is.
    #[must_use]
    pub fn dossier_kind() -> Option<DossierKind> {
        DossierKind::parse(ACCOUNT_KIND).ok()
    }

    /// Whether somebody with these roles works with two factors only.
    #[must_use]
    pub fn needs_two_factors(&self, roles: &[&RoleId]) -> bool {
        roles.iter().any(|role| self.two_factors.contains(role))
    }
}

impl Register {
    /// The category of accounts, if the register has one.
    #[must_use]
    pub fn account_category(&self) -> Option<&CategoryId> {
        self.category_of(&ACCOUNT).map(|category| &category.id)
    }
}

//! Who asks, what for, and whether their token may name it.
//!
//! What comes in: a visit. What goes out: an actor, and the purpose they ask for. Never: a purpose outside the scopes of a token, nor one
//! of people's own data for staff, or the other way round.

use tidstro_flows::identity::Machine;
use tidstro_govern::{Activity, Operation, Register};
use tidstro_model::{ActivityId, ActorId, CategoryId, RoleId};

use super::asked;
use super::slip::Slip;
use crate::answered::Problem;
use crate::door::Purpose;
use crate::visit::Visit;

/// What the addresses of the API do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// Reads series, points and values.
    Series,
    /// Reads alarms.
    Alarms,
    /// Reads the board of operating days.
    Cycle,
    /// Reads the clocks of cases.
    Clocks,
    /// Reads what is kept of oneself.
    Own,
    /// Says what values are.
    Correct,
    /// Says what happened.
    Report,
}

impl Does {
    /// As the list of routes names it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Series => "api series",
            Self::Alarms => "api alarms",
            Self::Cycle => "api cycle",
            Self::Clocks => "api clocks",
            Self::Own => "api own",
            Self::Correct => "api correct",
            Self::Report => "api report",
        }
    }

    /// What must be allowed with which column.
    const fn work(self) -> (Operation, &'static str) {
        match self {
            Self::Series => (Operation::Read, "series_block.sealed"),
            Self::Alarms => (Operation::Read, "alarm.sealed"),
            Self::Cycle => (Operation::Compute, "series_block.sealed"),
            // Cases name nobody. Whoever answers the requests of people sees what is due.
            Self::Clocks => (Operation::Restrict, "subject_event.kind"),
            Self::Own => (Operation::Read, "occupancy.start_day"),
            Self::Correct => (Operation::Correct, "series_block.sealed"),
            Self::Report => (Operation::Correct, "subject_event.kind"),
        }
    }

    /// Whether only one's own data are meant.
    const fn is_own(self) -> bool {
        matches!(self, Self::Own)
    }
}

/// Who asks.
pub(crate) struct Caller<'v> {
    visit: &'v Visit,
    actor: &'v ActorId,
    roles: &'v [RoleId],
    /// The purposes a token may name; all of its roles' for a session.
    scopes: Option<&'v [ActivityId]>,
    factors: u8,
}

impl<'v> Caller<'v> {
    /// Whoever shows a good token, or is logged in.
    pub(crate) fn of(visit: &'v Visit) -> Result<Self, Problem> {
        if let Some(Machine { actor, roles, scopes, .. }) = visit.program() {
            // A program has one factor, and none to add.
            return Ok(Self { visit, actor, roles, scopes: Some(scopes), factors: 1 });
        }
        let there = visit.there()?;
        let session = there.session();
        if !session.may_work() {
            return Err(Problem::LogIn);
        }
        Ok(Self {
            visit,
            actor: there.actor(),
            roles: session.roles(),
            scopes: None,
            factors: session.factors(),
        })
    }

    pub(crate) const fn actor(&self) -> &ActorId {
        self.actor
    }

    pub(crate) const fn factors(&self) -> u8 {
        self.factors
    }

    /// What they are known as when a request is sent again: a token by its number, people by their account.
    pub(super) fn known_as(&self) -> String {
        match (self.visit.program(), self.visit.session()) {
            (Some(program), _) => format!("token {}", program.token.as_u32()),
            (None, Some(there)) => format!("account {}", there.session().account().as_u32()),
            (None, None) => String::new(),
        }
    }

    /// Whether some purpose of theirs does this.
    pub(crate) fn may(&self, does: Does) -> bool {
        self.suits(does, None).is_some()
    }

    /// The purpose named, if the token may; without one the first of the register that does this. The gate decides about either.
    pub(crate) fn purpose(
        &self,
        does: Does,
        (purpose, category): (Option<&str>, Option<&str>),
    ) -> Result<Purpose, Problem> {
        let (purpose, category) = (asked::purpose(purpose)?, asked::category(category)?);
        if let Some(purpose) = purpose.as_ref().filter(|purpose| !self.may_name(purpose)) {
            return Err(Slip::OutsideScopes { purpose: purpose.clone() }.into());
        }
        let category = category.or_else(|| category_of(self.register(), does)).ok_or(Problem::NotYours)?;
        let first = || self.suits(does, Some(&category)).map(|activity| activity.id.clone());
        let activity = purpose.or_else(first).ok_or(Problem::NotYours)?;
        Ok(Purpose { activity, category })
    }

    fn register(&self) -> &'v Register {
        self.visit.web().workspace().register()
    }

    fn may_name(&self, purpose: &ActivityId) -> bool {
        self.scopes.is_none_or(|scopes| scopes.contains(purpose))
    }

    fn suits(&self, does: Does, category: Option<&CategoryId>) -> Option<&'v Activity> {
        let (register, (operation, _)) = (self.register(), does.work());
        let of_column = category_of(register, does)?;
        let category = category.unwrap_or(&of_column);
        // Residents have purposes of their own, and those are nobody else's.
        let own = self.actor.subject().is_some();
        if does.is_own() && !own {
            return None;
        }
        register.activities().find(|activity| {
            activity.own_only == own
                && activity.operations.contains(&operation)
                && activity.rule_for(category).is_some()
                && activity.roles.iter().any(|role| self.roles.contains(role))
                && self.may_name(&activity.id)
        })
    }
}

/// The category that holds the column.
fn category_of(register: &Register, does: Does) -> Option<CategoryId> {
    let (_, column) = does.work();
    let holds = |held: &String| held == column;
    register
        .categories()
        .find(|category| category.columns.iter().any(holds))
        .map(|category| category.id.clone())
}

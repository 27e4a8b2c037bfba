//! Who may come in where.
//!
//! What comes in: the roles of whoever is there, as the register of processing activities gives them. What goes out: yes or no for a
//! page. A page that opens shows nothing by itself: each value on it is asked for at the gate, by purpose. Never: a role by
//! name; a register has roles of its own, and what opens a desk is what its roles may do with data.

use tidstro_govern::{Activity, Category, Operation, Register};
use tidstro_model::{ActivityId, AreaKind, CategoryId, RoleId};

use crate::api::caller::Does;

/// A desk of staff: pages for one kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Desk {
    /// Whoever judges and corrects metering data.
    MeterData,
    /// Whoever says who moves in and out of buildings.
    Buildings,
    /// Whoever answers for the protection of data.
    Governance,
    /// Whoever looks after the access of others.
    Access,
}

impl Desk {
    /// Every desk, in the order of the navigation.
    pub(crate) const ALL: [Self; 4] = [Self::MeterData, Self::Buildings, Self::Governance, Self::Access];

    /// Its first page.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::MeterData => "/desk/meter-data",
            Self::Buildings => "/desk/buildings",
            Self::Governance => "/desk/governance",
            Self::Access => "/desk/access",
        }
    }

    /// The name of its name in `languages/`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::MeterData => "way-meter-data",
            Self::Buildings => "way-buildings",
            Self::Governance => "way-governance",
            Self::Access => "way-access",
        }
    }

    /// What somebody must be allowed to do with which column, for one purpose, to work here. Whoever answers the requests of people may have
    /// values corrected too, and computes none.
    /// Whoever reads meters collects who lives where, and mends nothing.
    const fn work(self) -> (&'static [Operation], &'static str) {
        match self {
            Self::MeterData => (&[Operation::Compute, Operation::Correct], "series_block.sealed"),
            Self::Buildings => {
                (&[Operation::Collect, Operation::Read, Operation::Correct], "occupancy.start_day")
            }
            Self::Governance => (&[Operation::Restrict], "subject_event.kind"),
            Self::Access => (&[Operation::Collect, Operation::Correct], "account_secret.sealed"),
        }
    }

    /// Whether one of the roles does this desk's work in some activity of the register.
    pub(crate) fn admits(self, register: &Register, roles: &[RoleId]) -> bool {
        self.purpose(register, roles).is_some()
    }

    /// The first activity of the register in which one of the roles does this desk's work. A customer's move to another supplier is no
    /// matter of buildings.
    pub(crate) fn purpose(self, register: &Register, roles: &[RoleId]) -> Option<Purpose> {
        let in_place =
            |activity: &Activity| self != Self::Buildings || activity.areas.contains(&AreaKind::Building);
        purpose(register, roles, self.work(), |activity| !activity.own_only && in_place(activity))
    }
}

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// Anybody.
    Public,
    /// Whoever has an account and has begun to log in: the second factor is still to come, or a new password.
    Begun,
    /// Whoever is logged in.
    Account,
    /// A resident or electricity customer.
    Resident,
    /// Staff of a desk.
    Of(Desk),
    /// A program, or somebody logged in, one of whose purposes does this.
    Api(Does),
}

impl Door {
    /// As the list of routes names it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Begun => "begun",
            Self::Account => "account",
            Self::Resident => "resident",
            Self::Of(Desk::MeterData) => "meter-data",
            Self::Of(Desk::Buildings) => "buildings",
            Self::Of(Desk::Governance) => "governance",
            Self::Api(does) => does.word(),
            Self::Of(Desk::Access) => "access",
        }
    }
}

/// A purpose by which a page asks, and the category it asks for.
pub(crate) struct Purpose {
    /// The activity.
    pub(crate) activity: ActivityId,
    /// The category that holds the column.
    pub(crate) category: CategoryId,
}

/// The first activity of the register by which people do this with the column of their own data.
pub(crate) fn own_purpose(
    register: &Register,
    roles: &[RoleId],
    does: Operation,
    column: &str,
) -> Option<Purpose> {
    purpose(register, roles, (&[does], column), |activity| activity.own_only)
}

/// The first activity of the register by which staff of these roles does this with the column.
pub(crate) fn staff_purpose(
    register: &Register,
    roles: &[RoleId],
    does: Operation,
    column: &str,
) -> Option<Purpose> {
    purpose(register, roles, (&[does], column), |activity| !activity.own_only)
}

/// Every activity of the register by which staff of these roles does this with the column.
pub(crate) fn staff_purposes(
    register: &Register,
    roles: &[RoleId],
    does: Operation,
    column: &str,
) -> Vec<Purpose> {
    purposes(register, roles, (&[does], column), |activity| !activity.own_only)
}

fn purpose(
    register: &Register,
    roles: &[RoleId],
    work: (&[Operation], &str),
    also: impl Fn(&Activity) -> bool,
) -> Option<Purpose> {
    purposes(register, roles, work, also).into_iter().next()
}

fn purposes(
    register: &Register,
    roles: &[RoleId],
    (does, column): (&[Operation], &str),
    also: impl Fn(&Activity) -> bool,
) -> Vec<Purpose> {
    let holds = |category: &&Category| category.columns.iter().any(|held| held == column);
    let Some(category) = register.categories().find(holds) else { return Vec::new() };
    let suits = |activity: &&Activity| {
        also(activity)
            && does.iter().all(|does| activity.operations.contains(does))
            && activity.rule_for(&category.id).is_some()
            && activity.roles.iter().any(|role| roles.contains(role))
    };
    let found = register.activities().filter(suits);
    found.map(|activity| Purpose { activity: activity.id.clone(), category: category.id.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(actor: &str, desks: &[Desk]) {
        let register = Register::parse(include_str!("../../../registers/town.toml"), "town.toml").unwrap();
        let roles: Vec<RoleId> =
            register.roles_of(&tidstro_model::ActorId::parse(actor).unwrap()).into_iter().cloned().collect();
        let found: Vec<Desk> = Desk::ALL.into_iter().filter(|desk| desk.admits(&register, &roles)).collect();
        assert_eq!(found, desks, "{actor}");
    }

    #[test]
    fn desks_open_by_what_the_register_lets_roles_do() {
        check("staff:mikkel", &[Desk::MeterData]);
        check("staff:gitte", &[Desk::Buildings]);
        check("staff:dpo", &[Desk::Governance]);
        check("staff:anna", &[]);
        check("staff:sofie", &[]);
        check("staff:ivan", &[Desk::Access]);
        check("resident:1", &[]);
        check("staff:nobody", &[]);
    }
}

//! Why a decision is as it is.
//!
//! What comes in: the same as for a decision. What goes out: the decision, and before it each check
//! in its order with what the register says and in which line. Never: a second opinion. The
//! decision is made by [`decide`](crate::decide) alone; this module only reads out the register.

use std::fmt;

use jiff::{Timestamp, civil::Date};

use crate::register::{Activity, Register, listed};
use crate::vocabulary::words;
use crate::{Ask, Decision, Facts, Reach, RefusalRule, decide};

words!(
    /// The checks of a decision, in their order.
    Step {
        /// The actor is known.
        Actor = "actor",
        /// The purpose is known.
        Purpose = "purpose",
        /// The purpose is in force today.
        Force = "force",
        /// The actor has a role of the purpose.
        Role = "role",
        /// The session has the factors the purpose needs, and it is its hour.
        Session = "session",
        /// The purpose does the operation.
        Operation = "operation",
        /// The purpose uses the category.
        Category = "category",
        /// The purpose may see it that finely.
        Resolution = "resolution",
        /// Whoever is handed the data may have them.
        Recipient = "recipient",
        /// A resident asks for what is their own.
        OwnData = "own-data",
        /// Something of the target has a live lease.
        Lease = "lease",
        /// An asked day lies in what may be granted.
        Scope = "scope",
    }
);

impl RefusalRule {
    /// The check that this rule belongs to.
    #[must_use]
    pub const fn step(self) -> Step {
        match self {
            Self::UnknownActor => Step::Actor,
            Self::UnknownPurpose => Step::Purpose,
            Self::NotInForce => Step::Force,
            Self::RoleNotInPurpose => Step::Role,
            Self::SecondFactorMissing | Self::OutsideHours => Step::Session,
            Self::InferenceForbidden | Self::OperationNotInPurpose => Step::Operation,
            Self::UnknownCategory | Self::CategoryNotInPurpose => Step::Category,
            Self::ResolutionTooFine => Step::Resolution,
            Self::RecipientNotNamed | Self::RecipientNotInPurpose | Self::ThirdCountry => Step::Recipient,
            Self::NotOwnData => Step::OwnData,
            Self::NoLiveLease | Self::Restricted | Self::Locked => Step::Lease,
            Self::NothingInScope => Step::Scope,
        }
    }
}

/// One check of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which check.
    pub step: Step,
    /// Whether it passed. Only the last one of an explanation can have failed.
    pub passed: bool,
    /// What the register says.
    pub says: String,
    /// Where it says so, as `file:line`.
    pub place: Option<String>,
}

/// A decision with the checks that led to it. Shown as text of several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What was asked.
    pub ask: Ask,
    /// The instant of the decision.
    pub now: Timestamp,
    /// Its local day.
    pub today: Date,
    /// The checks in their order, up to the one that refused.
    pub checks: Vec<Check>,
    /// The decision: the same as [`decide`](crate::decide) gives.
    pub decision: Decision,
}

/// Decides, and says why.
#[must_use]
pub fn explain(register: &Register, facts: &Facts, ask: &Ask, now: Timestamp) -> Explanation {
    let decision = decide(register, facts, ask, now);
    let today = register.zone().day_of(now);
    let stopped = match &decision {
        Decision::Grant(_) => None,
        Decision::Refuse(refuse) => Some(refuse.rule.step()),
    };
    let reached = |step: &&Step| stopped.is_none_or(|stopped| **step <= stopped);
    let checks = Step::ALL.iter().filter(reached).map(|&step| {
        let (says, line) = said(register, ask, today, step);
        let place = line.map(|line| register.place(line));
        Check { step, passed: stopped != Some(step), says, place }
    });
    Explanation { ask: ask.clone(), now, today, checks: checks.collect(), decision }
}

/// What the register says on one check, and in which line.
fn said(register: &Register, ask: &Ask, today: Date, step: Step) -> (String, Option<u32>) {
    match (step, register.activity(&ask.purpose)) {
        (Step::Actor, _) => said_of_actor(register, ask),
        (_, None) => (format!("there is no activity `{}`", ask.purpose), None),
        (Step::Category | Step::Resolution, Some(activity)) => said_of_category(activity, ask),
        (_, Some(activity)) => said_of_activity(activity, ask, today, step),
    }
}

fn said_of_actor(register: &Register, ask: &Ask) -> (String, Option<u32>) {
    match register.roles_and_line(&ask.actor) {
        Some((roles, line)) => (format!("`{}` has {}", ask.actor, listed(roles)), Some(line)),
        None => (format!("there is no actor `{}`", ask.actor), None),
    }
}

fn said_of_category(activity: &Activity, ask: &Ask) -> (String, Option<u32>) {
    match activity.rule_for(&ask.category) {
        Some(rule) => {
            (format!("`{}` sees `{}` at `{}`", activity.id, rule.category, rule.finest), Some(rule.line))
        }
        None => {
            let categories: Vec<_> = activity.data.iter().map(|rule| &rule.category).collect();
            (format!("`{}` uses {}", activity.id, listed(&categories)), Some(activity.lines.data))
        }
    }
}

fn said_of_activity(activity: &Activity, ask: &Ask, today: Date, step: Step) -> (String, Option<u32>) {
    let (id, lines) = (&activity.id, activity.lines);
    match step {
        Step::Role => (format!("`{id}` admits {}", listed(&activity.roles)), Some(lines.roles)),
        Step::Force => (format!("`{id}` is in force {}", activity.valid), Some(lines.id)),
        Step::Session => (said_of_session(activity), Some(lines.factors)),
        Step::Recipient => (said_of_recipients(activity), Some(lines.recipients)),
        Step::Operation => (format!("`{id}` does {}", listed(&activity.operations)), Some(lines.operations)),
        Step::OwnData if activity.own_only => {
            (format!("`{id}` gives residents their own data only"), Some(lines.own_only))
        }
        Step::OwnData => (format!("`{id}` is not limited to the actor's own data"), Some(lines.own_only)),
        Step::Lease => (format!("`{id}` keeps {}; today is {today}", activity.keep), Some(lines.keep)),
        Step::Scope => (format!("asked was {} for {}", ask.target, ask.days), None),
        Step::Actor | Step::Purpose | Step::Category | Step::Resolution => {
            (format!("`{id}`: {}", activity.text.en), Some(lines.id))
        }
    }
}

fn said_of_session(activity: &Activity) -> String {
    let factors = if activity.factors > 1 { "a second factor" } else { "one factor" };
    match &activity.hours {
        None => format!("`{}` needs {factors}, at any hour", activity.id),
        Some(hours) => format!(
            "`{}` needs {factors}, on working days of `{}` from {} to {}",
            activity.id, hours.calendar, hours.from, hours.to
        ),
    }
}

fn said_of_recipients(activity: &Activity) -> String {
    match activity.recipients.as_slice() {
        [] => format!("`{}` gives data to nobody", activity.id),
        recipients => format!("`{}` gives data to {}", activity.id, listed(recipients)),
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ask { actor, purpose, operation, category, target, days, resolution, .. } = &self.ask;
        writeln!(
            f,
            "may `{actor}` {operation} `{category}` of {target}, {days} at {resolution}, for `{purpose}`, on {}?",
            self.today
        )?;
        for check in &self.checks {
            let mark = if check.passed { "yes" } else { "NO " };
            write!(f, "  {mark} {:<10}  {}", check.step.word(), check.says)?;
            match &check.place {
                Some(place) => writeln!(f, "  ({place})")?,
                None => writeln!(f)?,
            }
        }
        self.decision.fmt(f)
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refuse(refuse) => write!(f, "refused by {}: {}", refuse.rule, refuse.detail),
            Self::Grant(grant) => {
                let bases: Vec<_> =
                    grant.basis.iter().map(|basis| format!("{} ({})", basis.gdpr, basis.cite)).collect();
                let scope = &grant.scope;
                write!(
                    f,
                    "granted for `{}` on {}: {}, in {}, days {}, no finer than {}",
                    grant.activity,
                    bases.join(", "),
                    scope.reach,
                    scope.areas.iter().map(|kind| kind.code()).collect::<Vec<_>>().join(" and "),
                    scope.days,
                    scope.finest
                )
            }
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target { live_since, .. } => {
                write!(f, "the whole target, without what ended before {live_since}")
            }
            // How many, not whose or when: an explanation is no disclosure.
            Self::Occupancies(occupancies) => match occupancies.len() {
                1 => f.write_str("one occupancy, on its own days"),
                count => write!(f, "{count} occupancies, each on its own days"),
            },
        }
    }
}

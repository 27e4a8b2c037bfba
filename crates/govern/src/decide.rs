//! The decision: may this actor do this, for this purpose, to this, today?
//!
//! What comes in: a checked register, the facts of the target, the ask, the day. What goes out: a
//! grant with the narrowest scope that answers the ask, or a refusal with the rule that refused.
//! The function is total and its default is no: each check must find its answer written in the
//! register. Never: a scope beyond the asked days, or, for a resident, beyond their own
//! occupancies; a refusal that tells whether somebody exists.

use jiff::civil::Date;
use tidstro_model::{ActivityId, AreaKind, DayRange, OccupancyNo, Resolution, SubjectNo};

use crate::register::{Activity, Register, listed};
use crate::vocabulary::words;
use crate::{Ask, Basis, Facts, Finest, KeepFrom, OccupancyFact, RoleId, Target, live_since};

/// The answer to an [`Ask`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Yes, within a scope.
    Grant(Grant),
    /// No, by a rule.
    Refuse(Refuse),
}

/// A yes: under which activity, on which bases, how far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The activity (the purpose).
    pub activity: ActivityId,
    /// Its legal bases.
    pub basis: Vec<Basis>,
    /// How far the grant reaches.
    pub scope: Scope,
}

/// How far a grant reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Over whose data.
    pub reach: Reach,
    /// Over which local days: never more than was asked.
    pub days: DayRange,
    /// In which kinds of areas: the activity's.
    pub areas: Vec<AreaKind>,
    /// The finest resolution that may leave the gate: what was asked, which is never finer than what
    /// the activity allows. [`Resolution::Raw`] for a category that is seen whole.
    pub finest: Resolution,
}

/// Over whose data a grant reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Exactly these occupancies, each cut to the granted days and with a live lease. Never empty.
    Occupancies(Vec<(OccupancyNo, DayRange)>),
    /// The whole target, also while nobody lives there, without the occupancies whose lease has ended:
    /// those with `days.end() < live_since` ([`live_since`](crate::live_since)).
    Target {
        /// The earliest half-open end of an occupancy that still has a lease.
        live_since: Date,
    },
}

/// A no: which rule, and in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refuse {
    /// The rule that refused.
    pub rule: RefusalRule,
    /// What the register says against it. Names things of the register and of the ask only.
    pub detail: String,
}

words!(
    /// The rules that refuse, in the order in which they are asked. The first that applies is named.
    RefusalRule {
        /// The actor is not in the register, and not a resident.
        UnknownActor = "unknown-actor",
        /// The purpose is no activity of the register.
        UnknownPurpose = "unknown-purpose",
        /// None of the actor's roles is admitted to the activity.
        RoleNotInPurpose = "role-not-in-purpose",
        /// The activity does not do this.
        OperationNotInPurpose = "operation-not-in-purpose",
        /// The category is not in the register.
        UnknownCategory = "unknown-category",
        /// The activity does not use this category.
        CategoryNotInPurpose = "category-not-in-purpose",
        /// The activity may see the category only coarser (Radius: the resolution is part of the purpose).
        ResolutionTooFine = "resolution-too-fine",
        /// The activity gives residents their own data, and the target is not the actor's own.
        NotOwnData = "not-own-data",
        /// Nothing of the target has a live lease of this activity. Also the answer for a subject that
        /// does not exist, so that the two cannot be told apart.
        NoLiveLease = "no-live-lease",
        /// No asked day lies inside what could be granted.
        NothingInScope = "nothing-in-scope",
    }
);

impl RefusalRule {
    /// The code of the rule in events and answers: the same as its word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.word()
    }
}

/// Decides. Pure and total; the same arguments give the same answer for ever.
///
/// The order of the checks is fixed: actor, purpose, role, operation, category, resolution, own
/// data, lease, scope. A check is asked only when all before it have passed.
#[must_use]
pub fn decide(register: &Register, facts: &Facts, ask: &Ask, today: Date) -> Decision {
    match weigh(register, facts, ask, today) {
        Ok(grant) => Decision::Grant(grant),
        Err(refuse) => Decision::Refuse(refuse),
    }
}

fn weigh(register: &Register, facts: &Facts, ask: &Ask, today: Date) -> Result<Grant, Refuse> {
    let roles = roles_of_actor(register, ask)?;
    let activity = activity_asked(register, ask)?;
    admits_a_role(activity, roles)?;
    does_operation(activity, ask)?;
    let finest = finest_allowed(register, activity, ask)?;
    let resolution = resolution_granted(activity, finest, ask)?;
    let claim = claim(activity, facts, ask)?;
    let lease = Lease::of(activity, ask, today)?;
    let reach = lease.reach(activity, &claim)?;
    let scope = Scope { reach, days: lease.days, areas: activity.areas.clone(), finest: resolution };
    Ok(Grant { activity: activity.id.clone(), basis: activity.basis.clone(), scope })
}

fn refuse(rule: RefusalRule, detail: String) -> Refuse {
    Refuse { rule, detail }
}

fn roles_of_actor<'r>(register: &'r Register, ask: &Ask) -> Result<&'r [RoleId], Refuse> {
    register.roles_and_line(&ask.actor).map(|(roles, _)| roles).ok_or_else(|| {
        refuse(RefusalRule::UnknownActor, format!("actor `{}` is not in the register", ask.actor))
    })
}

fn activity_asked<'r>(register: &'r Register, ask: &Ask) -> Result<&'r Activity, Refuse> {
    register.activity(&ask.purpose).ok_or_else(|| {
        refuse(RefusalRule::UnknownPurpose, format!("purpose `{}` is not in the register", ask.purpose))
    })
}

fn admits_a_role(activity: &Activity, roles: &[RoleId]) -> Result<(), Refuse> {
    if roles.iter().any(|role| activity.roles.contains(role)) {
        return Ok(());
    }
    let detail = format!(
        "purpose `{}` admits {}; the actor has {}",
        activity.id,
        listed(&activity.roles),
        listed(roles)
    );
    Err(refuse(RefusalRule::RoleNotInPurpose, detail))
}

fn does_operation(activity: &Activity, ask: &Ask) -> Result<(), Refuse> {
    if activity.operations.contains(&ask.operation) {
        return Ok(());
    }
    let does = listed(&activity.operations);
    let detail = format!("purpose `{}` does {does}, not `{}`", activity.id, ask.operation);
    Err(refuse(RefusalRule::OperationNotInPurpose, detail))
}

fn finest_allowed(register: &Register, activity: &Activity, ask: &Ask) -> Result<Finest, Refuse> {
    if let Some(rule) = activity.rule_for(&ask.category) {
        return Ok(rule.finest);
    }
    if register.category(&ask.category).is_none() {
        let detail = format!("category `{}` is not in the register", ask.category);
        return Err(refuse(RefusalRule::UnknownCategory, detail));
    }
    let detail = format!("purpose `{}` does not use category `{}`", activity.id, ask.category);
    Err(refuse(RefusalRule::CategoryNotInPurpose, detail))
}

fn resolution_granted(activity: &Activity, finest: Finest, ask: &Ask) -> Result<Resolution, Refuse> {
    match finest {
        Finest::Full => Ok(Resolution::Raw),
        Finest::Resolution(_) if finest.allows(ask.resolution) => Ok(ask.resolution),
        Finest::Resolution(_) => {
            let detail = format!(
                "purpose `{}` sees `{}` no finer than `{finest}`, asked was `{}`; ask for `{finest}` or coarser",
                activity.id, ask.category, ask.resolution
            );
            Err(refuse(RefusalRule::ResolutionTooFine, detail))
        }
    }
}

/// What of the target the actor can claim, before leases.
enum Claim<'f> {
    /// The whole target, lived in or not.
    Whole,
    /// Only these occupancies.
    Occupancies(Vec<&'f OccupancyFact>),
}

fn claim<'f>(activity: &Activity, facts: &'f Facts, ask: &Ask) -> Result<Claim<'f>, Refuse> {
    let of = |subject: SubjectNo| facts.occupancies.iter().filter(move |fact| fact.subject == subject);
    match (activity.own_only, ask.target) {
        (true, target) => own_claim(activity, ask, target, of),
        (false, Target::Subject(subject)) => Ok(Claim::Occupancies(of(subject).collect())),
        (false, Target::Point(_) | Target::Area(_) | Target::Everything) => Ok(Claim::Whole),
    }
}

fn own_claim<'f, I: Iterator<Item = &'f OccupancyFact>>(
    activity: &Activity,
    ask: &Ask,
    target: Target,
    of: impl Fn(SubjectNo) -> I,
) -> Result<Claim<'f>, Refuse> {
    // The detail is the same whether the point or subject exists, belongs to somebody else, or to nobody.
    let not_own = || {
        let detail = format!("purpose `{}` gives residents their own data only", activity.id);
        refuse(RefusalRule::NotOwnData, detail)
    };
    let own = ask.actor.subject().ok_or_else(not_own)?;
    let occupancies: Vec<_> = of(own).collect();
    match target {
        Target::Subject(subject) if subject == own => Ok(Claim::Occupancies(occupancies)),
        Target::Point(_) if !occupancies.is_empty() => Ok(Claim::Occupancies(occupancies)),
        Target::Subject(_) | Target::Point(_) | Target::Area(_) | Target::Everything => Err(not_own()),
    }
}

/// The lease of one activity on one day: which occupancies are live, and which days.
struct Lease {
    live_since: Date,
    days: DayRange,
}

impl Lease {
    fn of(activity: &Activity, ask: &Ask, today: Date) -> Result<Self, Refuse> {
        let live_since = live_since(today, &activity.keep);
        let days = match activity.keep.from {
            KeepFrom::OccupancyEnd => Some(ask.days),
            // A value is registered on its own day or later, so a cut at its day never reaches further
            // than the lease that begins with its registration.
            KeepFrom::Registration => live_since.yesterday().map_or(Some(ask.days), |first| {
                DayRange::new(ask.days.start().max(first), ask.days.end()).ok()
            }),
        };
        days.map(|days| Self { live_since, days }).ok_or_else(|| no_live_lease(activity))
    }

    fn reach(&self, activity: &Activity, claim: &Claim<'_>) -> Result<Reach, Refuse> {
        match claim {
            Claim::Whole if self.days.is_empty() => Err(self.nothing_in_scope()),
            Claim::Whole => Ok(Reach::Target { live_since: self.live_since }),
            Claim::Occupancies(occupancies) => self.reach_of(activity, occupancies),
        }
    }

    fn reach_of(&self, activity: &Activity, occupancies: &[&OccupancyFact]) -> Result<Reach, Refuse> {
        let live: Vec<_> = occupancies.iter().filter(|fact| fact.days.end() >= self.live_since).collect();
        if live.is_empty() {
            return Err(no_live_lease(activity));
        }
        let cut = |fact: &&&OccupancyFact| Some((fact.occupancy, fact.days.intersect(self.days)?));
        let reached: Vec<_> = live.iter().filter_map(cut).collect();
        if reached.is_empty() { Err(self.nothing_in_scope()) } else { Ok(Reach::Occupancies(reached)) }
    }

    fn nothing_in_scope(&self) -> Refuse {
        let detail = format!("no day of {} can be granted; ask for other days", self.days);
        refuse(RefusalRule::NothingInScope, detail)
    }
}

fn no_live_lease(activity: &Activity) -> Refuse {
    let detail =
        format!("purpose `{}` keeps {}; nothing asked for is kept for it", activity.id, activity.keep);
    refuse(RefusalRule::NoLiveLease, detail)
}

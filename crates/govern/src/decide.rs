//! The decision: may this actor do this, for this purpose, to this, now?
//!
//! What comes in: a checked register, the facts of the target, the ask, the instant. What goes out: a
//! grant with the narrowest scope that answers the ask, or a refusal with the rule that refused.
//! The function is total and its default is no: each check must find its answer written in the
//! register. Never: a scope beyond the asked days, or, for a resident, beyond their own
//! occupancies; a refusal that tells whether somebody exists.

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::{WorkingCalendar, Zone};
use tidstro_model::{ActivityId, AreaKind, DayRange, DossierNo, OccupancyNo, Resolution, SubjectNo};

use crate::lease::{Lease, LeaseEvent, LeaseState, lease};
use crate::register::{Activity, Register, listed};
use crate::vocabulary::words;
use crate::{
    Ask, Basis, DossierFact, Facts, Finest, KeepFrom, OccupancyFact, Operation, Recipient, RoleId, Target,
};

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
    /// Over which dossiers: exactly these.
    pub dossiers: Vec<DossierNo>,
    /// Over which local days: never more than was asked.
    pub days: DayRange,
    /// In which kinds of areas: the activity's.
    pub areas: Vec<AreaKind>,
    /// The finest resolution that may leave the gate: what was asked, which is never finer than what
    /// the activity allows. [`Resolution::Raw`] for a category that is seen whole.
    pub finest: Resolution,
}

/// Over whose metering data a grant reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Exactly these occupancies, each cut to the granted days and with a live lease. May be empty only
    /// where the scope has dossiers.
    Occupancies(Vec<(OccupancyNo, DayRange)>),
    /// The whole target, also while nobody lives there, without the occupancies whose lease has ended:
    /// those with `days.end() < live_since`, and those in `cuts`.
    Target {
        /// The earliest half-open end of an occupancy that still has a lease by its days.
        live_since: Date,
        /// Occupancies of which only values from this local day on are reached: [`Date::MAX`] for none.
        cuts: Vec<(OccupancyNo, Date)>,
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
        /// The activity is not in force today.
        NotInForce = "not-in-force",
        /// None of the actor's roles is admitted to the activity.
        RoleNotInPurpose = "role-not-in-purpose",
        /// The activity needs a second factor, and the session has proved one.
        SecondFactorMissing = "second-factor-missing",
        /// The activity is done in its hours only.
        OutsideHours = "outside-hours",
        /// Special categories must not be derived from other data (GDPR art. 9(1); Radius).
        InferenceForbidden = "inference-forbidden",
        /// The activity does not do this.
        OperationNotInPurpose = "operation-not-in-purpose",
        /// The category is not in the register.
        UnknownCategory = "unknown-category",
        /// The activity does not use this category.
        CategoryNotInPurpose = "category-not-in-purpose",
        /// The activity may see the category only coarser (Radius: the resolution is part of the purpose).
        ResolutionTooFine = "resolution-too-fine",
        /// Data are handed to somebody outside, and nobody is named.
        RecipientNotNamed = "recipient-not-named",
        /// The activity does not give data to this party.
        RecipientNotInPurpose = "recipient-not-in-purpose",
        /// The data would leave the European Economic Area without a ground (GDPR art. 44).
        ThirdCountry = "third-country",
        /// The activity gives residents their own data, and the target is not the actor's own.
        NotOwnData = "not-own-data",
        /// Nothing of the target has a live lease of this activity. Also the answer for a subject that
        /// does not exist, so that the two cannot be told apart.
        NoLiveLease = "no-live-lease",
        /// Processing of everything in the target is restricted (GDPR art. 18).
        Restricted = "restricted",
        /// Everything in the target is locked; it is opened only by order.
        Locked = "locked",
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
/// The order of the checks is fixed: actor, purpose, force, role, session, operation, category,
/// resolution, recipient, own data, lease, scope. A check is asked only when all before it have passed.
#[must_use]
pub fn decide(register: &Register, facts: &Facts, ask: &Ask, now: Timestamp) -> Decision {
    match weigh(register, facts, ask, now) {
        Ok(grant) => Decision::Grant(grant),
        Err(refuse) => Decision::Refuse(refuse),
    }
}

fn weigh(register: &Register, facts: &Facts, ask: &Ask, now: Timestamp) -> Result<Grant, Refuse> {
    let zone = register.zone();
    let roles = roles_of_actor(register, ask)?;
    let activity = activity_asked(register, ask)?;
    in_force(activity, zone.day_of(now))?;
    admits_a_role(activity, roles)?;
    session_suffices(activity, ask, now, zone)?;
    does_operation(activity, ask)?;
    let finest = finest_allowed(register, activity, ask)?;
    let resolution = resolution_granted(activity, finest, ask)?;
    may_receive(register, activity, ask)?;
    let claim = claim(activity, facts, ask)?;
    let moment = Moment { activity, ask, facts, now, zone };
    let days = moment.days();
    let (reach, dossiers) = moment.reach(&claim, days)?;
    // Dossiers have no days of their own: of them nothing is cut.
    let days = days.unwrap_or(ask.days);
    let scope = Scope { reach, dossiers, days, areas: activity.areas.clone(), finest: resolution };
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

fn in_force(activity: &Activity, today: Date) -> Result<(), Refuse> {
    if activity.valid.contains(today) {
        return Ok(());
    }
    let detail = format!("purpose `{}` is in force {}", activity.id, activity.valid);
    Err(refuse(RefusalRule::NotInForce, detail))
}

fn session_suffices(activity: &Activity, ask: &Ask, now: Timestamp, zone: &Zone) -> Result<(), Refuse> {
    if ask.factors < activity.factors {
        let detail = format!("purpose `{}` needs a second factor; prove one and ask again", activity.id);
        return Err(refuse(RefusalRule::SecondFactorMissing, detail));
    }
    let Some(hours) = &activity.hours else { return Ok(()) };
    let (day, time) = zone.clock_of(now);
    let works = WorkingCalendar::shipped(&hours.calendar).is_some_and(|calendar| calendar.is_working(day));
    if works && (hours.from..hours.to).contains(&time) {
        return Ok(());
    }
    let detail = format!(
        "purpose `{}` is served on working days of `{}` from {} to {}",
        activity.id, hours.calendar, hours.from, hours.to
    );
    Err(refuse(RefusalRule::OutsideHours, detail))
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
    if ask.operation == Operation::Infer {
        let detail = format!("nothing may be inferred from `{}`, for any purpose", ask.category);
        return Err(refuse(RefusalRule::InferenceForbidden, detail));
    }
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

/// GDPR art. 44: to whom, and to which country.
fn may_receive(register: &Register, activity: &Activity, ask: &Ask) -> Result<(), Refuse> {
    let Some(recipient) = &ask.recipient else {
        if ask.operation != Operation::Export || activity.own_only {
            return Ok(());
        }
        let detail =
            format!("purpose `{}` exports to {}; name one", activity.id, listed(&activity.recipients));
        return Err(refuse(RefusalRule::RecipientNotNamed, detail));
    };
    if !activity.recipients.contains(&recipient.party) {
        let to = listed(&activity.recipients);
        let detail = format!("purpose `{}` gives data to {to}, not to `{}`", activity.id, recipient.party);
        return Err(refuse(RefusalRule::RecipientNotInPurpose, detail));
    }
    may_leave(register, recipient)
}

fn may_leave(register: &Register, recipient: &Recipient) -> Result<(), Refuse> {
    let party = register.party(&recipient.party);
    let country = recipient.country.or(party.map(|party| party.country));
    let has_ground =
        party.is_some_and(|party| party.transfer.is_some() && country.is_none_or(|to| to == party.country));
    if has_ground || country.is_some_and(|country| country.is_eea()) {
        return Ok(());
    }
    let to = country.map_or_else(String::new, |country| format!(" in `{country}`"));
    let detail = format!("`{}`{to} has no ground of transfer to a third country", recipient.party);
    Err(refuse(RefusalRule::ThirdCountry, detail))
}

/// What of the target the actor can claim, before leases.
enum Claim<'f> {
    /// The whole target, lived in or not.
    Whole,
    /// Only these occupancies and dossiers.
    Matters(Vec<&'f OccupancyFact>, Vec<&'f DossierFact>),
}

fn claim<'f>(activity: &Activity, facts: &'f Facts, ask: &Ask) -> Result<Claim<'f>, Refuse> {
    match (activity.own_only, ask.target) {
        (true, target) => own_claim(activity, facts, ask, target),
        (false, Target::Subject(subject)) => Ok(claim_of(facts, subject)),
        (false, Target::Dossier(_)) => Ok(Claim::Matters(Vec::new(), facts.dossiers.iter().collect())),
        // What waits for an event, such as consent, never reaches a whole target: each occupancy answers
        // for itself, and one that is not in the facts is not reached.
        (false, _) if activity.begins.is_some() => {
            Ok(Claim::Matters(facts.occupancies.iter().collect(), facts.dossiers.iter().collect()))
        }
        (false, Target::Point(_) | Target::Area(_) | Target::Everything) => Ok(Claim::Whole),
    }
}

fn claim_of(facts: &Facts, subject: SubjectNo) -> Claim<'_> {
    let occupancies = facts.occupancies.iter().filter(|fact| fact.subject == subject).collect();
    let dossiers = facts.dossiers.iter().filter(|fact| fact.subject == Some(subject)).collect();
    Claim::Matters(occupancies, dossiers)
}

fn own_claim<'f>(
    activity: &Activity,
    facts: &'f Facts,
    ask: &Ask,
    target: Target,
) -> Result<Claim<'f>, Refuse> {
    // The detail is the same whether the point or subject exists, belongs to somebody else, or to nobody.
    let not_own = || {
        let detail = format!("purpose `{}` gives residents their own data only", activity.id);
        refuse(RefusalRule::NotOwnData, detail)
    };
    let own = ask.actor.subject().ok_or_else(not_own)?;
    let claim = claim_of(facts, own);
    let Claim::Matters(occupancies, dossiers) = &claim else { return Err(not_own()) };
    match target {
        Target::Subject(subject) if subject == own => Ok(claim),
        Target::Point(_) if !occupancies.is_empty() => Ok(claim),
        Target::Dossier(_) if !dossiers.is_empty() => Ok(claim),
        Target::Subject(_) | Target::Point(_) | Target::Dossier(_) | Target::Area(_) | Target::Everything => {
            Err(not_own())
        }
    }
}

/// The leases of one activity at one instant.
struct Moment<'a> {
    activity: &'a Activity,
    ask: &'a Ask,
    facts: &'a Facts,
    now: Timestamp,
    zone: &'a Zone,
}

impl Moment<'_> {
    /// The asked days, without those of which no rule keeps a value any more, whoever they belong to; `None`
    /// if all of them are.
    fn days(&self) -> Option<DayRange> {
        if self.ask.operation == Operation::Restrict {
            return Some(self.ask.days);
        }
        let first = self.activity.keep.rules.iter().map(|rule| match rule.from {
            KeepFrom::Registration => rule.first_kept_day(self.now, self.zone),
            KeepFrom::OccupancyEnd | KeepFrom::Event(_) => Date::MIN,
        });
        let asked = self.ask.days;
        DayRange::new(asked.start().max(first.min().unwrap_or(Date::MIN)), asked.end()).ok()
    }

    /// The earliest half-open end of an occupancy that is live by its days: known where every rule counts
    /// from the occupancy's end or from registration; else every occupancy in question is in the facts.
    fn live_since(&self) -> Date {
        let since = self.activity.keep.rules.iter().map(|rule| match rule.from {
            KeepFrom::OccupancyEnd | KeepFrom::Registration => {
                rule.first_kept_day(self.now, self.zone).tomorrow().unwrap_or(Date::MAX)
            }
            KeepFrom::Event(_) => Date::MIN,
        });
        since.min().unwrap_or(Date::MIN)
    }

    fn reach(&self, claim: &Claim<'_>, days: Option<DayRange>) -> Result<(Reach, Vec<DossierNo>), Refuse> {
        match claim {
            Claim::Whole if days.is_none_or(DayRange::is_empty) => Err(self.nothing_in_scope(days)),
            Claim::Whole => {
                let cuts = self.facts.occupancies.iter().filter_map(|fact| self.cut(fact)).collect();
                let dossiers = self.usable_dossiers(self.facts.dossiers.iter());
                Ok((Reach::Target { live_since: self.live_since(), cuts }, dossiers))
            }
            Claim::Matters(occupancies, dossiers) => self.reach_of(occupancies, dossiers, days),
        }
    }

    fn reach_of(
        &self,
        occupancies: &[&OccupancyFact],
        dossiers: &[&DossierFact],
        days: Option<DayRange>,
    ) -> Result<(Reach, Vec<DossierNo>), Refuse> {
        let leases = occupancies.iter().filter_map(|fact| Some((*fact, self.lease_on_occupancy(fact)?)));
        let leases: Vec<_> = leases.collect();
        let usable = |(_, lease): &&(&OccupancyFact, Lease)| self.allows(lease.state);
        let reached: Vec<_> = leases
            .iter()
            .filter(usable)
            .filter_map(|(fact, lease)| {
                let kept = DayRange::new(self.reached_from(fact, lease), fact.days.end()).ok()?;
                Some((fact.occupancy, fact.days.intersect(kept)?.intersect(days?)?))
            })
            .collect();
        let granted = self.usable_dossiers(dossiers.iter().copied());
        if !reached.is_empty() || !granted.is_empty() {
            return Ok((Reach::Occupancies(reached), granted));
        }
        if leases.iter().any(|lease| usable(&lease)) {
            return Err(self.nothing_in_scope(days));
        }
        let of_dossiers = dossiers.iter().filter_map(|fact| Some(self.lease_on_dossier(fact)?.state));
        Err(self.why_none(leases.iter().map(|(_, lease)| lease.state).chain(of_dossiers)))
    }

    fn usable_dossiers<'f>(&self, facts: impl Iterator<Item = &'f DossierFact>) -> Vec<DossierNo> {
        let usable =
            |fact: &&DossierFact| self.lease_on_dossier(fact).is_some_and(|lease| self.allows(lease.state));
        facts.filter(usable).map(|fact| fact.dossier).collect()
    }

    /// From which day on the values of an occupancy are reached, where that is not from its first.
    fn cut(&self, fact: &OccupancyFact) -> Option<(OccupancyNo, Date)> {
        let cut = match self.lease_on_occupancy(fact) {
            Some(lease) if self.allows(lease.state) => lease.kept_from,
            Some(_) => Date::MAX,
            // The activity has no business in this kind of area; its scope says so already.
            None => return None,
        };
        (cut > fact.days.start()).then_some((fact.occupancy, cut))
    }

    fn lease_on_occupancy(&self, fact: &OccupancyFact) -> Option<Lease> {
        lease(self.activity, &fact.matter(), &self.events_of(Some(fact.subject)), self.now, self.zone)
    }

    fn lease_on_dossier(&self, fact: &DossierFact) -> Option<Lease> {
        lease(self.activity, &fact.matter(), &self.events_of(fact.subject), self.now, self.zone)
    }

    fn events_of(&self, subject: Option<SubjectNo>) -> Vec<&LeaseEvent> {
        let of = self.facts.events.iter().filter(|event| Some(event.subject) == subject);
        of.map(|event| &event.event).collect()
    }

    /// What is restricted or locked may still be taken in, kept and destroyed (GDPR art. 18(2)). What no
    /// lease keeps any more is still there until the next retention run, and a hold must be able to stop that.
    fn allows(&self, state: LeaseState) -> bool {
        match self.ask.operation {
            Operation::Restrict => true,
            Operation::Collect | Operation::Store | Operation::Erase => state.keeps(),
            _ => state.is_live(),
        }
    }

    /// The first day of an occupancy that the ask reaches; a hold is on all of it.
    fn reached_from(&self, fact: &OccupancyFact, lease: &Lease) -> Date {
        if self.ask.operation == Operation::Restrict { fact.days.start() } else { lease.kept_from }
    }

    /// One that is restricted or locked says so only if nothing else stands in the way.
    fn why_none(&self, states: impl Iterator<Item = LeaseState>) -> Refuse {
        let states: Vec<_> = states.collect();
        let id = &self.activity.id;
        if states.contains(&LeaseState::Restricted) {
            refuse(RefusalRule::Restricted, format!("purpose `{id}` may keep the data and not use them"))
        } else if states.contains(&LeaseState::Locked) {
            refuse(RefusalRule::Locked, format!("purpose `{id}` keeps the data locked; an order opens them"))
        } else {
            self.no_live_lease()
        }
    }

    fn nothing_in_scope(&self, days: Option<DayRange>) -> Refuse {
        let Some(days) = days else { return self.no_live_lease() };
        let detail = format!("no day of {days} can be granted; ask for other days");
        refuse(RefusalRule::NothingInScope, detail)
    }

    fn no_live_lease(&self) -> Refuse {
        let activity = self.activity;
        let detail =
            format!("purpose `{}` keeps {}; nothing asked for is kept for it", activity.id, activity.keep);
        refuse(RefusalRule::NoLiveLease, detail)
    }
}

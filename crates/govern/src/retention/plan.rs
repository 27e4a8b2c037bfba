//! The plan of one subject: everything held, and its fate.

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_model::{ActivityId, CategoryId, DayRange};

use crate::lease::{
    Ground, Lease, LeaseEvent, LeaseEventKind as Kind, LeaseState, Matter, MatterFact, lease, on_hold,
};
use crate::register::{Activity, Register};
use crate::vocabulary::words;

words!(
    /// What a retention run does with data that no activity keeps.
    Bucket {
        /// They are destroyed.
        Erase = "erase",
        /// Name or contact are destroyed, while values stay under the subject's number.
        Pseudonymise = "pseudonymise",
        /// They stay, because something forbids erasing them.
        Protected = "protected",
    }
);

words!(
    /// What forbids erasing data that no activity keeps.
    Protection {
        /// A claim, a court, an investigation (GDPR art. 17(3)(e)).
        Hold = "hold",
        /// The subject asked for restriction in the place of erasure (art. 18(1)(b) and (c)).
        Restriction = "restriction",
    }
);

/// What data belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Held {
    /// The subject itself: name, contact, its row and what moved its leases.
    Subject,
    /// One occupancy or dossier.
    Matter(Matter),
}

/// Data of one category that the store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding<'r> {
    /// The category.
    pub category: &'r CategoryId,
    /// For values of an occupancy: the first local day not erased yet; [`Date::MIN`] if none is.
    pub from: Date,
}

/// What the store holds of one occupancy or dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterHoldings<'r> {
    /// Which one, where and since when.
    pub fact: MatterFact,
    /// Values and records by category.
    pub holdings: Vec<Holding<'r>>,
    /// The category of the matter's own row, which stays as long as anything of the matter.
    pub frame: &'r CategoryId,
}

/// What the store holds of one subject.
#[derive(Debug, Clone, Copy)]
pub struct SubjectHoldings<'a, 'r> {
    /// Its occupancies and dossiers.
    pub matters: &'a [MatterHoldings<'r>],
    /// The categories of its name and contact, as far as they are still there.
    pub own: &'a [&'r CategoryId],
    /// The category of its own row, which stays as long as anything of the subject; `None` where nobody
    /// is identified.
    pub frame: Option<&'r CategoryId>,
    /// What moved its leases, in any order.
    pub events: &'a [&'a LeaseEvent],
}

/// What becomes of something held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate<'r> {
    /// An activity keeps it.
    Kept {
        /// The one that keeps it longest, or `None` for a row that other data need.
        by: Option<&'r ActivityId>,
        /// Until when, if that is known.
        until: Option<Timestamp>,
    },
    /// No activity keeps it.
    Over {
        /// What a run does with it.
        bucket: Bucket,
        /// Whose retention was the last to end; `None` if no activity ever kept it.
        rule: Option<&'r ActivityId>,
        /// When that was; `None` where days go one after the other.
        since: Option<Timestamp>,
        /// What forbids erasing it; there exactly when the bucket is [`Bucket::Protected`].
        protection: Option<Protection>,
    },
}

/// Something held, and its fate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanItem<'r> {
    /// What it belongs to.
    pub of: Held,
    /// Its category.
    pub category: &'r CategoryId,
    /// The local days of values, half open; always for what has no days.
    pub days: DayRange,
    /// Whether it is the row that holds the others together.
    pub is_frame: bool,
    /// What becomes of it.
    pub fate: Fate<'r>,
}

impl PlanItem<'_> {
    /// What a run does with it, if its time is over.
    #[must_use]
    pub const fn bucket(&self) -> Option<Bucket> {
        match &self.fate {
            Fate::Kept { .. } => None,
            Fate::Over { bucket, .. } => Some(*bucket),
        }
    }

    /// Whether it goes in a run.
    #[must_use]
    pub const fn goes(&self) -> bool {
        matches!(self.bucket(), Some(Bucket::Erase | Bucket::Pseudonymise))
    }
}

/// A register at an instant, ready to plan one subject after the other.
pub struct RetentionPlan<'r> {
    activities: Vec<&'r Activity>,
    zone: &'r Zone,
    now: Timestamp,
}

impl<'r> RetentionPlan<'r> {
    /// Plans by this register at this instant.
    #[must_use]
    pub fn new(register: &'r Register, now: Timestamp) -> Self {
        let activities = register.activities().filter(|activity| activity.is_keeper()).collect();
        Self { activities, zone: register.zone(), now }
    }

    /// Everything held of one subject, each part exactly once, with its fate.
    #[must_use]
    pub fn of(&self, subject: &SubjectHoldings<'_, 'r>) -> Vec<PlanItem<'r>> {
        let mut items = Vec::new();
        let mut kept_own: Vec<(Leased<'r>, usize)> = Vec::new();
        for matter in subject.matters {
            let one = OneMatter { plan: self, matter, events: subject.events };
            let leases = one.leases();
            one.plan_values(&leases, &mut items);
            kept_own.extend(one.keepers_of_own(&leases, subject.own));
        }
        self.plan_own(subject, &kept_own, &mut items);
        items
    }

    /// Name and contact stay while an activity that uses them keeps any matter; the subject's row while
    /// anything of it stays.
    fn plan_own(
        &self,
        subject: &SubjectHoldings<'_, 'r>,
        kept: &[(Leased<'r>, usize)],
        items: &mut Vec<PlanItem<'r>>,
    ) {
        let values_stay = items.iter().any(|item| !item.goes());
        let protection = subject
            .matters
            .iter()
            .find_map(|matter| protection(Some(matter.fact.matter), subject.events, self.now))
            .or_else(|| protection(None, subject.events, self.now));
        let first = items.len();
        for (index, category) in subject.own.iter().enumerate() {
            let leased: Vec<_> = kept.iter().filter(|(_, own)| *own == index).map(|(one, _)| one).collect();
            let over = || {
                let bucket = if values_stay { Bucket::Pseudonymise } else { Bucket::Erase };
                over_by(&leased, bucket, protection)
            };
            let fate = kept_by(&leased).unwrap_or_else(over);
            items.push(whole(Held::Subject, category, false, fate));
        }
        let Some(frame) = subject.frame else { return };
        let own_stays = items.iter().skip(first).any(|item| !item.goes());
        let fate = if values_stay || own_stays {
            Fate::Kept { by: None, until: None }
        } else {
            over_by(&[], Bucket::Erase, protection)
        };
        items.push(whole(Held::Subject, frame, true, fate));
    }
}

/// A lease and whose it is.
#[derive(Clone)]
struct Leased<'r> {
    activity: &'r Activity,
    lease: Lease,
}

struct OneMatter<'a, 'r> {
    plan: &'a RetentionPlan<'r>,
    matter: &'a MatterHoldings<'r>,
    events: &'a [&'a LeaseEvent],
}

impl<'r> OneMatter<'_, 'r> {
    fn leases(&self) -> Vec<Leased<'r>> {
        let RetentionPlan { activities, zone, now } = self.plan;
        let is_ahead = self.matter.fact.ground.begins(zone) > *now;
        let one = |activity: &&'r Activity| {
            let lease = lease(activity, &self.matter.fact, self.events, *now, zone)?;
            // What was registered in advance is nobody's past.
            let lease =
                if is_ahead { Lease { state: LeaseState::Kept, until: None, ..lease } } else { lease };
            Some(Leased { activity, lease })
        };
        activities.iter().filter_map(one).collect()
    }

    fn plan_values(&self, leases: &[Leased<'r>], items: &mut Vec<PlanItem<'r>>) {
        let first = items.len();
        let protection = protection(Some(self.matter.fact.matter), self.events, self.plan.now);
        for holding in &self.matter.holdings {
            let leased: Vec<_> =
                leases.iter().filter(|one| one.activity.rule_for(holding.category).is_some()).collect();
            self.plan_holding(holding, &leased, protection, items);
        }
        let something_stays = items.iter().skip(first).any(|item| !item.goes());
        let fate = self.frame_fate(leases, something_stays, protection);
        items.push(whole(Held::Matter(self.matter.fact.matter), self.matter.frame, true, fate));
    }

    /// Splits the days held of one category at the first day that is kept.
    fn plan_holding(
        &self,
        holding: &Holding<'r>,
        leased: &[&Leased<'r>],
        protection: Option<Protection>,
        items: &mut Vec<PlanItem<'r>>,
    ) {
        let of = Held::Matter(self.matter.fact.matter);
        let item = |days, fate| PlanItem { of, category: holding.category, days, is_frame: false, fate };
        let held = self.days_held(holding.from);
        let Some(kept) = kept_by(leased) else {
            items.push(item(held, over_by(leased, Bucket::Erase, protection)));
            return;
        };
        let keepers = leased.iter().filter(|one| one.lease.state.keeps());
        let longest = keepers.min_by_key(|one| one.lease.kept_from);
        let kept_from = longest.map_or(held.start(), |one| one.lease.kept_from).max(held.start());
        if let Ok(gone) = DayRange::new(held.start(), kept_from)
            && !gone.is_empty()
        {
            let rule = longest.map(|one| &one.activity.id);
            items.push(item(gone, over(Bucket::Erase, rule, None, protection)));
        }
        if let Ok(rest) = DayRange::new(kept_from, held.end()) {
            items.push(item(rest, kept));
        }
    }

    /// The local days of the matter's values that are not erased yet.
    fn days_held(&self, from: Date) -> DayRange {
        match self.matter.fact.ground {
            Ground::Occupancy { days, .. } => {
                DayRange::new(days.start().max(from).min(days.end()), days.end()).unwrap_or(days)
            }
            Ground::Dossier { .. } => DayRange::always(),
        }
    }

    /// The row of the matter stays while an activity keeps it, or anything that needs it.
    fn frame_fate(
        &self,
        leases: &[Leased<'r>],
        something_stays: bool,
        protection: Option<Protection>,
    ) -> Fate<'r> {
        let is_dossier = matches!(self.matter.fact.matter, Matter::Dossier(_));
        let uses = |one: &&Leased<'r>| is_dossier || one.activity.rule_for(self.matter.frame).is_some();
        let leased: Vec<_> = leases.iter().filter(uses).collect();
        let fate = kept_by(&leased);
        let needed = something_stays.then_some(Fate::Kept { by: None, until: None });
        fate.or(needed).unwrap_or_else(|| over_by(&leased, Bucket::Erase, protection))
    }

    /// The leases that keep or kept one of the subject's own categories, with its place in `own`.
    fn keepers_of_own(&self, leases: &[Leased<'r>], own: &[&'r CategoryId]) -> Vec<(Leased<'r>, usize)> {
        let of = |(index, category): (usize, &&'r CategoryId)| {
            let users = leases.iter().filter(|one| one.activity.rule_for(category).is_some());
            users.map(|one| (one.clone(), index)).collect::<Vec<_>>()
        };
        own.iter().enumerate().flat_map(of).collect()
    }
}

/// The activity that keeps longest, if one keeps.
fn kept_by<'r>(leased: &[&Leased<'r>]) -> Option<Fate<'r>> {
    let keepers = leased.iter().filter(|one| one.lease.state.keeps());
    let longest = keepers.max_by_key(|one| one.lease.until.unwrap_or(Timestamp::MAX))?;
    Some(Fate::Kept { by: Some(&longest.activity.id), until: longest.lease.until })
}

/// The end of the lease that ended last.
fn over_by<'r>(leased: &[&Leased<'r>], bucket: Bucket, protection: Option<Protection>) -> Fate<'r> {
    let ended = leased.iter().filter(|one| one.lease.state == LeaseState::Ended);
    let last = ended.max_by_key(|one| one.lease.until);
    over(bucket, last.map(|one| &one.activity.id), last.and_then(|one| one.lease.until), protection)
}

const fn over<'r>(
    bucket: Bucket,
    rule: Option<&'r ActivityId>,
    since: Option<Timestamp>,
    protection: Option<Protection>,
) -> Fate<'r> {
    let bucket = if protection.is_some() { Bucket::Protected } else { bucket };
    Fate::Over { bucket, rule, since, protection }
}

fn whole<'r>(of: Held, category: &'r CategoryId, is_frame: bool, fate: Fate<'r>) -> PlanItem<'r> {
    PlanItem { of, category, days: DayRange::always(), is_frame, fate }
}

/// What forbids erasing data of a matter, or of the subject itself.
fn protection(matter: Option<Matter>, events: &[&LeaseEvent], now: Timestamp) -> Option<Protection> {
    let concerns =
        |event: &&LeaseEvent| event.at <= now && (event.matter.is_none() || event.matter == matter);
    let is_set = |sets: Kind, lifts: Kind| {
        let of_kind =
            events.iter().copied().filter(concerns).filter(|event| [sets, lifts].contains(&event.kind));
        of_kind.map(|event| (event.at, event.kind == sets)).max().is_some_and(|(_, set)| set)
    };
    if matter.is_some_and(|matter| on_hold(matter, events, now)) || is_set(Kind::HoldSet, Kind::HoldLifted) {
        Some(Protection::Hold)
    } else if is_set(Kind::RestrictionSet, Kind::RestrictionLifted) {
        Some(Protection::Restriction)
    } else {
        None
    }
}

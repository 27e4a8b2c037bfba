//! One lease at one instant.
//!
//! What comes in: an activity, a matter, the subject's events, now. What goes out: the state of the
//! lease and the first local day it still keeps. Never: an event after now; a lease of an activity that
//! has no business with the matter.

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_model::ActivityId;

use super::{Ground, LeaseEvent, LeaseEventKind as Kind, Matter, MatterFact};
use crate::Article6;
use crate::keep::{Base, KeepFrom, KeepRule, lock_closes};
use crate::register::Activity;
use crate::vocabulary::words;

words!(
    /// What a lease allows.
    LeaseState {
        /// The event that begins it has not happened: nothing.
        NotBegun = "not begun",
        /// Everything the activity does.
        Live = "live",
        /// To keep, and nothing else, until the restriction is lifted (GDPR art. 18(2)).
        Restricted = "restricted",
        /// To keep, and nothing else, unless opened by order.
        Locked = "locked",
        /// To keep, and nothing else: its ground is gone, its retention still runs.
        Kept = "kept",
        /// Nothing, for ever, unless another event begins it anew.
        Ended = "ended",
    }
);

impl LeaseState {
    /// Whether the data may be used.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Live)
    }

    /// Whether the data must not be erased for this activity's sake.
    #[must_use]
    pub const fn keeps(self) -> bool {
        matches!(self, Self::Live | Self::Restricted | Self::Locked | Self::Kept)
    }
}

/// One activity's hold on one matter, at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose hold.
    pub activity: ActivityId,
    /// On what.
    pub matter: Matter,
    /// What it allows.
    pub state: LeaseState,
    /// For an occupancy: the first local day still kept. Values of earlier days are no longer leased.
    pub kept_from: Date,
    /// When it ends if nothing else happens; `None` if nothing that happened ends it.
    pub until: Option<Timestamp>,
}

/// The leases of every activity that has business with a matter, in the order of the activities.
#[must_use]
pub fn leases<'r>(
    activities: impl Iterator<Item = &'r Activity>,
    matter: &MatterFact,
    events: &[&LeaseEvent],
    now: Timestamp,
    zone: &Zone,
) -> Vec<Lease> {
    activities.filter_map(|activity| lease(activity, matter, events, now, zone)).collect()
}

/// The lease of one activity on one matter; `None` if it has no business with it, or only erases: what
/// only erases is no reason to keep.
///
/// `events` are the subject's, in any order. Those after `now` have not happened, those of another
/// matter or activity do not count.
#[must_use]
pub fn lease(
    activity: &Activity,
    matter: &MatterFact,
    events: &[&LeaseEvent],
    now: Timestamp,
    zone: &Zone,
) -> Option<Lease> {
    if !activity.is_keeper() || !matter.ground.is_of(activity) {
        return None;
    }
    let fold = Fold { activity, matter, events, now, zone };
    let until = fold.until();
    Some(Lease {
        activity: activity.id.clone(),
        matter: matter.matter,
        state: fold.state(until),
        kept_from: fold.kept_from(until),
        until,
    })
}

/// Whether a hold forbids erasing anything of the matter.
#[must_use]
pub fn on_hold(matter: Matter, events: &[&LeaseEvent], now: Timestamp) -> bool {
    let concerns = |event: &&LeaseEvent| event.at <= now && event.matter.is_none_or(|named| named == matter);
    is_set(events.iter().copied().filter(concerns), Kind::HoldSet, Kind::HoldLifted)
}

/// Whether the last of the two kinds of events is the one that sets. Of two at one instant the setting
/// one counts as the later: in doubt nothing is lost and nothing is used.
fn is_set<'e>(events: impl Iterator<Item = &'e LeaseEvent>, sets: Kind, lifts: Kind) -> bool {
    events
        .filter(|event| event.kind == sets || event.kind == lifts)
        .map(|event| (event.at, event.kind == sets))
        .max()
        .is_some_and(|(_, set)| set)
}

struct Fold<'a> {
    activity: &'a Activity,
    matter: &'a MatterFact,
    events: &'a [&'a LeaseEvent],
    now: Timestamp,
    zone: &'a Zone,
}

impl<'a> Fold<'a> {
    /// The events that have happened and concern this lease.
    fn happened(&self) -> impl Iterator<Item = &'a LeaseEvent> {
        let (activity, matter, now) = (&self.activity.id, self.matter.matter, self.now);
        self.events.iter().copied().filter(move |event| {
            event.at <= now
                && event.matter.is_none_or(|named| named == matter)
                && event.activity.as_ref().is_none_or(|named| named == activity)
        })
    }

    fn last(&self, kind: Kind) -> Option<&'a LeaseEvent> {
        self.happened().filter(|event| event.kind == kind).max_by_key(|event| event.at)
    }

    fn state(&self, until: Option<Timestamp>) -> LeaseState {
        if self.begins().is_none_or(|begin| begin > self.now) {
            LeaseState::NotBegun
        } else if until.is_some_and(|until| until <= self.now) {
            LeaseState::Ended
        } else if self.consent_is_withdrawn() {
            LeaseState::Kept
        } else if self.is_restricted() {
            LeaseState::Restricted
        } else if self.is_locked() {
            LeaseState::Locked
        } else {
            LeaseState::Live
        }
    }

    /// When the lease begins: with the data, or with the event the activity waits for.
    fn begins(&self) -> Option<Timestamp> {
        let data = self.matter.ground.begins(self.zone);
        match self.activity.begins {
            None => Some(data),
            Some(kind) => {
                let first = self.happened().filter(|event| event.kind == kind).map(|event| event.at).min();
                first.map(|first| first.max(data))
            }
        }
    }

    fn rests_on(&self, allowed: impl Fn(Article6) -> bool) -> bool {
        self.activity.basis.iter().all(|basis| allowed(basis.gdpr))
    }

    /// Several bases stand side by side, so consent counts only where it stands alone.
    fn consent_is_withdrawn(&self) -> bool {
        self.rests_on(|basis| basis == Article6::Consent)
            && is_set(self.happened(), Kind::ConsentWithdrawn, Kind::ConsentGiven)
    }

    /// GDPR art. 21(1): only tasks and interests can be objected to.
    fn objected_at(&self) -> Option<Timestamp> {
        let can = |basis| matches!(basis, Article6::PublicTask | Article6::LegitimateInterests);
        self.last(Kind::ObjectionUpheld).filter(|_| self.rests_on(can)).map(|event| event.at)
    }

    fn is_restricted(&self) -> bool {
        self.activity.despite_restriction.is_none()
            && is_set(self.happened(), Kind::RestrictionSet, Kind::RestrictionLifted)
    }

    fn is_locked(&self) -> bool {
        let (Some(after), Some(begin)) = (self.activity.keep.lock_after, self.begins()) else { return false };
        let at = |kind| self.last(kind).map(|event| event.at);
        // Opened and closed at one instant is closed: in doubt nothing is used.
        let is_open = at(Kind::LockOpened) > at(Kind::LockClosed);
        lock_closes(begin, after, self.zone) <= self.now && !is_open
    }

    /// When the lease ends by what has happened so far.
    fn until(&self) -> Option<Timestamp> {
        let kept = self.kept_until();
        match self.objected_at() {
            Some(objected) => Some(kept.map_or(objected, |kept| kept.min(objected))),
            None => kept,
        }
    }

    /// The latest end of the rules whose event has happened; `None` if none has, or if one waits for an
    /// occupancy that lasts.
    fn kept_until(&self) -> Option<Timestamp> {
        let mut latest = None;
        for rule in &self.activity.keep.rules {
            let moved_out = self.moved_out(rule)?;
            if let Some(base) = self.base(rule) {
                latest = latest.max(Some(rule.end(base, self.zone).max(moved_out)));
            }
        }
        latest
    }

    /// What is counted from an occupancy's days or its accounts does not end before the occupancy, which
    /// goes on to be read and accounted for; `None` while it lasts. What a withdrawn consent or a lapsed
    /// purpose ends is over at once, also while the subject lives there.
    fn moved_out(&self, rule: &KeepRule) -> Option<Timestamp> {
        let waits = match rule.from {
            KeepFrom::OccupancyEnd | KeepFrom::Registration => true,
            KeepFrom::Event(kind) => kind == Kind::AccountDelivered,
        };
        match &self.matter.ground {
            Ground::Occupancy { days, .. } if waits && days.is_open() => None,
            Ground::Occupancy { days, .. } if waits => Some(self.zone.day_start(days.end())),
            Ground::Occupancy { .. } | Ground::Dossier { .. } => Some(Timestamp::MIN),
        }
    }

    /// What the rule is counted from, if that has happened.
    fn base(&self, rule: &KeepRule) -> Option<Base> {
        match (rule.from, &self.matter.ground) {
            (KeepFrom::Event(Kind::ConsentWithdrawn), _) if !self.consent_is_withdrawn() => None,
            (KeepFrom::Event(kind), _) => self.last(kind).map(|event| Base::At(event.at)),
            (KeepFrom::Registration, Ground::Dossier { opened, .. }) => Some(Base::At(*opened)),
            (KeepFrom::OccupancyEnd | KeepFrom::Registration, Ground::Occupancy { days, .. }) => {
                let last_day = days.end().yesterday().ok().filter(|_| !days.is_open());
                last_day.map(Base::Day)
            }
            (KeepFrom::OccupancyEnd, Ground::Dossier { .. }) => None,
        }
    }

    /// The first local day still kept: the earliest that any rule keeps. A rule that waits for its event, or
    /// whose event is over, keeps nothing beside others; where there is no other, the whole lease decides.
    fn kept_from(&self, until: Option<Timestamp>) -> Date {
        let Ground::Occupancy { days, .. } = &self.matter.ground else { return Date::MIN };
        if until.is_some_and(|until| until <= self.now) {
            return days.end();
        }
        let first = self.activity.keep.rules.iter().filter_map(|rule| self.first_day_of(rule)).min();
        first.unwrap_or(days.start()).clamp(days.start(), days.end())
    }

    fn first_day_of(&self, rule: &KeepRule) -> Option<Date> {
        match rule.from {
            KeepFrom::Registration => Some(rule.first_kept_day(self.now, self.zone)),
            KeepFrom::OccupancyEnd => Some(Date::MIN),
            KeepFrom::Event(Kind::AccountDelivered) => Some(self.first_day_accounted(rule)),
            KeepFrom::Event(_) => {
                let runs = |base: &Base| rule.end(*base, self.zone) > self.now;
                self.base(rule).filter(runs).map(|_| Date::MIN)
            }
        }
    }

    /// The days of accounts whose retention is over go, from the first day of the occupancy and without a gap:
    /// what no account has used yet is still waited for. A day that several accounts use is kept for each.
    fn first_day_accounted(&self, rule: &KeepRule) -> Date {
        let Ground::Occupancy { days: lived, .. } = &self.matter.ground else { return Date::MIN };
        let delivered = self.happened().filter(|event| event.kind == Kind::AccountDelivered);
        let accounts = delivered.filter_map(|event| {
            Some((event.days?.intersect(*lived)?, rule.end(Base::At(event.at), self.zone) <= self.now))
        });
        let (mut over, running): (Vec<_>, Vec<_>) = accounts.partition(|(_, is_over)| *is_over);
        over.sort_by_key(|(days, _)| days.start());
        let mut first = lived.start();
        for (days, _) in over {
            // An account that begins later leaves a gap before it, and so do all after it.
            if days.start() <= first {
                first = first.max(days.end());
            }
        }
        let first = running.iter().map(|(days, _)| days.start()).fold(first, Date::min);
        if first == lived.end() {
            return first;
        }
        // The reading of the day before opens the next account.
        first.yesterday().unwrap_or(Date::MIN)
    }
}

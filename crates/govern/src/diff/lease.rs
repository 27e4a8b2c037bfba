//! Whether the leases of a purpose live longer, or are stopped by less.
//!
//! What comes in: one activity as it was and as it is. What goes out: changes of retention, begin, lock,
//! restriction and basis. Never: a comparison of the words of two retentions; `P12M` and `P1Y` are one,
//! and `P6W` then `P5Y` is not `P5Y` then `P6W`.

use jiff::{SignedDuration, Timestamp, civil::Date};
use tidstro_calendar::{Period, Zone};

use super::change::{Aspect, Changes, Effect, MORE_IS_WIDER};
use crate::keep::Base;
use crate::register::Activity;
use crate::{Article6, Basis, Keep, KeepFrom, KeepRule, LeaseEventKind};

pub(super) fn compare(changes: &mut Changes, subject: &str, (old, new): (&Activity, &Activity), zone: &Zone) {
    retention(changes, subject, (old, new), zone);
    begin(changes, subject, (old, new));
    lock(changes, subject, (old.keep.lock_after, new.keep.lock_after));
    restriction(changes, subject, (&old.despite_restriction, &new.despite_restriction));
    bases(changes, subject, (&old.basis, &new.basis));
}

/// The rules of a retention, without its lock.
pub(super) fn rules_in_words(keep: &Keep) -> String {
    Keep { lock_after: None, ..keep.clone() }.to_string()
}

fn retention(changes: &mut Changes, subject: &str, (old, new): (&Activity, &Activity), zone: &Zone) {
    if old.keep == new.keep && rests_on_consent(&old.basis) == rests_on_consent(&new.basis) {
        return;
    }
    let effect = if keeps_longer(old, new, zone) {
        Effect::Wider
    } else if keeps_longer(new, old, zone) {
        Effect::Narrower
    } else {
        // The same ends, whatever the words.
        return;
    };
    let words = (Some(rules_in_words(&old.keep)), Some(rules_in_words(&new.keep)));
    changes.note(Aspect::Retention, subject, words, effect);
}

/// What leases are on. The two differ in which events are sure to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// An occupancy: its end is the base of the rules from its end and of those from registration.
    Area,
    /// A dossier: it has no occupancy, and its registration has always happened.
    Dossier,
}

/// Whether there is a history of events in which the new leases last longer or reach further back. Places
/// that only one of the two has are not asked about: that they came or went is a change of its own.
fn keeps_longer(old: &Activity, new: &Activity, zone: &Zone) -> bool {
    let in_areas = !old.areas.is_empty() && !new.areas.is_empty();
    let in_dossiers = !old.dossiers.is_empty() && !new.dossiers.is_empty();
    in_areas && (ends_later(old, new, Place::Area, zone) || reaches_further_back(old, new, zone))
        || in_dossiers && ends_later(old, new, Place::Dossier, zone)
}

/// Of the rules whose event happened the longest counts, and while none happened the lease is open. Each
/// event can happen alone, and each can happen late. So the new leases end no later only if every one of
/// their events was one of the old ones' with an end no earlier, and every event that ended an old lease
/// leaves a new one that something is sure to end.
fn ends_later(old: &Activity, new: &Activity, place: Place, zone: &Zone) -> bool {
    let (was, is) = (events(old, place), events(new, place));
    if was.is_empty() {
        return false;
    }
    let sure = match place {
        Place::Area => KeepFrom::OccupancyEnd,
        Place::Dossier => KeepFrom::Registration,
    };
    let later = |from: &KeepFrom| {
        let (before, after) = (rules(old, place, *from), rules(new, place, *from));
        let is_day = place == Place::Area && *from == KeepFrom::OccupancyEnd;
        !was.contains(from) || later_somewhere(&before, &after, is_day, zone)
    };
    is.iter().any(later) || (!is.contains(&sure) && was.iter().any(|from| !is.contains(from)))
}

/// The events that end leases here, each once.
fn events(activity: &Activity, place: Place) -> Vec<KeepFrom> {
    let mut events = Vec::new();
    for rule in &activity.keep.rules {
        match counted_from(activity, rule, place) {
            Some(from) if !events.contains(&from) => events.push(from),
            _ => {}
        }
    }
    events
}

fn rules(activity: &Activity, place: Place, from: KeepFrom) -> Vec<&KeepRule> {
    let of_event = |rule: &&KeepRule| counted_from(activity, rule, place) == Some(from);
    activity.keep.rules.iter().filter(of_event).collect()
}

/// What a rule is counted from here; `None` where that never happens.
fn counted_from(activity: &Activity, rule: &KeepRule, place: Place) -> Option<KeepFrom> {
    match (place, rule.from) {
        (Place::Area, KeepFrom::Registration) => Some(KeepFrom::OccupancyEnd),
        (Place::Dossier, KeepFrom::OccupancyEnd) => None,
        // As far as leases go, consent beside another basis is never withdrawn.
        (_, KeepFrom::Event(LeaseEventKind::ConsentWithdrawn)) if !rests_on_consent(&activity.basis) => None,
        (_, from) => Some(from),
    }
}

/// Whether values further back are kept: a rule from the end of the occupancy keeps it from its first day, a
/// rule from registration keeps a window that moves with time. What other rules keep begins with their
/// event or account, and is compared by their ends.
fn reaches_further_back(old: &Activity, new: &Activity, zone: &Zone) -> bool {
    let keeps_all =
        |activity: &Activity| activity.keep.rules.iter().any(|rule| rule.from == KeepFrom::OccupancyEnd);
    if keeps_all(old) || keeps_all(new) {
        return !keeps_all(old);
    }
    let (before, after) = (windows(old), windows(new));
    !after.is_empty() && (before.is_empty() || later_somewhere(&before, &after, true, zone))
}

fn windows(activity: &Activity) -> Vec<&KeepRule> {
    activity.keep.rules.iter().filter(|rule| rule.from == KeepFrom::Registration).collect()
}

/// Whether the new rules end later than the old ones for some base.
fn later_somewhere(old: &[&KeepRule], new: &[&KeepRule], is_day: bool, zone: &Zone) -> bool {
    let end = |rules: &[&KeepRule], base: Base| rules.iter().map(|rule| rule.end(base, zone)).max();
    let later = |base: Base| end(new, base) > end(old, base);
    sampled_days()
        .any(|day| if is_day { later(Base::Day(day)) } else { instants_of(day, zone).into_iter().any(later) })
}

/// Whether the second period is longer than the first from some day on.
pub(super) fn is_longer(than: Period, this: Period) -> bool {
    sampled_days().any(|day| this.after(day) > than.after(day))
}

/// Every day of four years, so that every end of a month and every change of the clocks is among them; and
/// the first days of February and March around the year 2100, which has no leap day.
fn sampled_days() -> impl Iterator<Item = Date> {
    let four_years = Date::constant(2024, 1, 1).series(jiff::Span::new().days(1)).take(4 * 365 + 1);
    let around_2100 = (2096..=2101).flat_map(|year| [(year, 2), (year, 3)]);
    let first_days = around_2100.filter_map(|(year, month)| Date::new(year, month, 1).ok());
    four_years.chain(first_days)
}

/// The first instant of a day, its noon, and one in its last hours.
fn instants_of(day: Date, zone: &Zone) -> [Base; 3] {
    let start = zone.day_start(day);
    let at = |hours: i64| start.checked_add(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MAX);
    [Base::At(start), Base::At(at(12)), Base::At(at(22))]
}

/// A lease that begins later is open less, but where it is locked some time after its begin, it is also
/// locked later.
fn begin(changes: &mut Changes, subject: &str, (old, new): (&Activity, &Activity)) {
    let effect = match (old.begins, new.begins) {
        (None, Some(_)) if old.keep.lock_after.is_none() => Effect::Narrower,
        _ => Effect::Wider,
    };
    let words = |begins: Option<LeaseEventKind>| {
        Some(begins.map_or_else(|| "with the data".to_owned(), |kind| format!("with `{kind}`")))
    };
    changes.note(Aspect::Begin, subject, (words(old.begins), words(new.begins)), effect);
}

fn lock(changes: &mut Changes, subject: &str, (old, new): (Option<Period>, Option<Period>)) {
    let later = |before: Option<Period>, after: Option<Period>| match (before, after) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(before), Some(after)) => is_longer(before, after),
    };
    let effect = match (later(old, new), later(new, old)) {
        (true, _) => Effect::Wider,
        (false, true) => Effect::Narrower,
        (false, false) => return,
    };
    let words = |lock: Option<Period>| {
        Some(lock.map_or_else(|| "never".to_owned(), |after| format!("after {after}")))
    };
    changes.note(Aspect::Lock, subject, (words(old), words(new)), effect);
}

fn restriction(changes: &mut Changes, subject: &str, (old, new): (&Option<String>, &Option<String>)) {
    let effect = match (old, new) {
        (None, Some(_)) => Effect::Wider,
        (Some(_), None) => Effect::Narrower,
        _ => Effect::Neutral,
    };
    let words = |why: &Option<String>| {
        Some(why.as_ref().map_or_else(|| "stops".to_owned(), |why| format!("goes on: {why}")))
    };
    changes.note(Aspect::Restriction, subject, (words(old), words(new)), effect);
}

/// Consent stops a purpose when it is withdrawn, and a task or an interest when it is objected to, only
/// where nothing else carries it. So every basis added makes it wider.
fn bases(changes: &mut Changes, subject: &str, (old, new): (&[Basis], &[Basis])) {
    let letters = |bases: &[Basis]| bases.iter().map(|basis| basis.gdpr).collect::<Vec<Article6>>();
    changes.items(Aspect::Basis, subject, (&letters(old), &letters(new)), MORE_IS_WIDER);
    for letter in letters(new) {
        let cited = |bases: &[Basis]| {
            let mut cited: Vec<_> =
                bases.iter().filter(|basis| basis.gdpr == letter).map(|basis| basis.cite.clone()).collect();
            cited.sort();
            (!cited.is_empty()).then(|| cited.join("; "))
        };
        if letters(old).contains(&letter) {
            let subject = format!("{subject}, ground of {letter}");
            changes.note(Aspect::Text, &subject, (cited(old), cited(new)), Effect::Neutral);
        }
    }
}

fn rests_on_consent(bases: &[Basis]) -> bool {
    bases.iter().all(|basis| basis.gdpr == Article6::Consent)
}

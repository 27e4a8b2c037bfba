//! A small model of leases: a story is replayed from its begin, and what holds at its end is the answer.
//!
//! What comes in: an activity as written, a matter, events. What goes out: the word for the state of the
//! lease, and the first day still kept. Never: anything of the crate under test but the shape of its facts.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use tidstro_govern::{DossierFact, LeaseEvent, LeaseEventKind as Kind, Matter, OccupancyFact};
use tidstro_model::{DayRange, SubjectNo};

use super::written::{Activity, Keep};

/// What data belong to, with what is known of it.
#[derive(Clone, Copy)]
pub(super) enum Story<'f> {
    Occupancy(&'f OccupancyFact),
    Dossier(&'f DossierFact),
}

impl Story<'_> {
    pub(super) fn subject(self) -> Option<u32> {
        match self {
            Self::Occupancy(fact) => Some(fact.subject.as_u32()),
            Self::Dossier(fact) => fact.subject.map(SubjectNo::as_u32),
        }
    }

    pub(super) fn ground(self) -> String {
        match self {
            Self::Occupancy(fact) => fact.area.code().to_owned(),
            Self::Dossier(fact) => format!("dossier:{}", fact.kind),
        }
    }

    fn matter(self) -> Matter {
        match self {
            Self::Occupancy(fact) => Matter::Occupancy(fact.occupancy),
            Self::Dossier(fact) => Matter::Dossier(fact.dossier),
        }
    }

    /// The local days of an occupancy; a dossier has none.
    fn days(self) -> Option<DayRange> {
        match self {
            Self::Occupancy(fact) => Some(fact.days),
            Self::Dossier(_) => None,
        }
    }
}

/// Where and when the model is asked.
pub(super) struct Now<'z> {
    pub(super) at: Timestamp,
    pub(super) zone: &'z TimeZone,
}

impl Now<'_> {
    fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    fn begin_of(&self, day: Date) -> Timestamp {
        day.to_zoned(self.zone.clone()).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    }

    /// After the last moment of a day.
    fn after(&self, day: Date) -> Timestamp {
        day.tomorrow().map_or(Timestamp::MAX, |next| self.begin_of(next))
    }
}

/// From what a retention runs: a moment, or a whole day.
#[derive(Clone, Copy)]
enum Base {
    Moment(Timestamp),
    Day(Date),
}

/// What is left of a story when it has been told up to now.
#[derive(Default)]
struct Told {
    first: BTreeMap<&'static str, Timestamp>,
    last: BTreeMap<&'static str, Timestamp>,
    accounts: Vec<(DayRange, Timestamp)>,
    withdrawn: bool,
    restricted: bool,
    opened: bool,
}

fn tell(activity: &Activity, story: Story<'_>, events: &[&LeaseEvent], now: &Now<'_>) -> Told {
    let mut happened: Vec<_> = events
        .iter()
        .filter(|event| event.at <= now.at)
        .filter(|event| event.matter.is_none() || event.matter == Some(story.matter()))
        .filter(|event| event.activity.as_ref().is_none_or(|named| named.as_str() == activity.id))
        .collect();
    // Of two at one moment the one that forbids is told last, and so holds.
    happened.sort_by_key(|event| (event.at, forbids(event.kind)));
    let mut told = Told::default();
    for event in happened {
        told.first.entry(event.kind.word()).or_insert(event.at);
        told.last.insert(event.kind.word(), event.at);
        match event.kind {
            Kind::ConsentGiven => told.withdrawn = false,
            Kind::ConsentWithdrawn => told.withdrawn = true,
            Kind::RestrictionSet => told.restricted = true,
            Kind::RestrictionLifted => told.restricted = false,
            Kind::LockOpened => told.opened = true,
            Kind::LockClosed => told.opened = false,
            Kind::AccountDelivered => told.accounts.extend(event.days.map(|days| (days, event.at))),
            _ => {}
        }
    }
    told
}

fn forbids(kind: Kind) -> bool {
    matches!(kind, Kind::ConsentWithdrawn | Kind::RestrictionSet | Kind::LockClosed)
}

/// What the lease allows now.
pub(super) fn state(
    activity: &Activity,
    story: Story<'_>,
    events: &[&LeaseEvent],
    now: &Now<'_>,
) -> &'static str {
    let told = tell(activity, story, events, now);
    let Some(begin) = begin(activity, story, &told, now).filter(|begin| *begin <= now.at) else {
        return "not begun";
    };
    if over(activity, story, &told, now).is_some_and(|end| end <= now.at) {
        "ended"
    } else if told.withdrawn && activity.rests_on_consent() {
        "kept"
    } else if told.restricted && activity.despite_restriction.is_none() {
        "restricted"
    } else if is_locked(activity, begin, &told, now) {
        "locked"
    } else {
        "live"
    }
}

fn begin(activity: &Activity, story: Story<'_>, told: &Told, now: &Now<'_>) -> Option<Timestamp> {
    let data = match story {
        Story::Occupancy(fact) => now.begin_of(fact.days.start()),
        Story::Dossier(fact) => fact.opened,
    };
    let Some(waits_for) = activity.waits_for() else { return Some(data) };
    told.first.get(waits_for).map(|first| data.max(*first))
}

fn is_locked(activity: &Activity, begin: Timestamp, told: &Told, now: &Now<'_>) -> bool {
    let Some(period) = &activity.lock_after else { return false };
    let closes = now.after(add(now.day_of(begin), period));
    closes <= now.at && !told.opened
}

/// When it is over, as far as is known.
fn over(activity: &Activity, story: Story<'_>, told: &Told, now: &Now<'_>) -> Option<Timestamp> {
    let objected = told.last.get("objection-upheld").filter(|_| activity.can_be_objected_to()).copied();
    let moved_out = story.days().map(|days| match days.end() {
        Date::MAX => Timestamp::MAX,
        end => now.begin_of(end),
    });
    let rules = activity.keep.iter().filter_map(|rule| {
        // What is counted from days and accounts waits until the subject has moved out.
        let waits = matches!(rule.from.as_str(), "occupancy-end" | "registration" | "account-delivered");
        let earliest = moved_out.filter(|_| waits);
        if earliest == Some(Timestamp::MAX) {
            return earliest;
        }
        let counted = end(rule, base(activity, rule, story, told)?, now);
        Some(counted.max(earliest.unwrap_or(Timestamp::MIN)))
    });
    let kept = rules.max().filter(|end| *end < Timestamp::MAX);
    [kept, objected].into_iter().flatten().min()
}

fn base(activity: &Activity, rule: &Keep, story: Story<'_>, told: &Told) -> Option<Base> {
    let last_day =
        story.days().filter(|days| days.end() < Date::MAX).and_then(|days| days.end().yesterday().ok());
    match (rule.from.as_str(), story) {
        ("occupancy-end", _) | ("registration", Story::Occupancy(_)) => last_day.map(Base::Day),
        ("registration", Story::Dossier(fact)) => Some(Base::Moment(fact.opened)),
        ("consent-withdrawn", _) if !(told.withdrawn && activity.rests_on_consent()) => None,
        (event, _) => told.last.get(event).map(|at| Base::Moment(*at)),
    }
}

fn end(rule: &Keep, base: Base, now: &Now<'_>) -> Timestamp {
    let day = match base {
        Base::Moment(at) => now.day_of(at),
        Base::Day(day) => day,
    };
    let (base, day) = match rule.end_of_year {
        true => (Base::Day(jiff::civil::date(day.year(), 12, 31)), jiff::civil::date(day.year(), 12, 31)),
        false => (base, day),
    };
    match (&rule.periods, &rule.at_most, base) {
        (Some(periods), _, _) => now.after(periods.iter().fold(day, |day, period| add(day, period))),
        (None, Some(most), Base::Moment(at)) => match elapsed_hours(most) {
            Some(hours) => at.checked_add(hours.hours()).unwrap_or(Timestamp::MAX),
            None => now.after(add(day, most)),
        },
        (None, Some(most), Base::Day(day)) if most.starts_with("PT") => {
            now.begin_of(day).checked_add(elapsed_hours(most).unwrap().hours()).unwrap_or(Timestamp::MAX)
        }
        (None, Some(most), Base::Day(day)) => now.after(add(day, most)),
        (None, None, Base::Moment(at)) => at,
        (None, None, Base::Day(day)) => now.after(day),
    }
}

/// Number and unit of a period such as `P6W` or `PT24H`.
fn parts(period: &str) -> (i64, char) {
    let unit = period.chars().next_back().unwrap();
    (period.trim_start_matches(['P', 'T']).trim_end_matches(unit).parse().unwrap(), unit)
}

fn add(day: Date, period: &str) -> Date {
    let (number, unit) = parts(period);
    let span = match unit {
        'D' => number.days(),
        'W' => number.weeks(),
        'M' => number.months(),
        'Y' => number.years(),
        other => panic!("no calendar period: {other}"),
    };
    day.checked_add(span).unwrap_or(Date::MAX)
}

/// Hours, days and weeks as hours; nothing for months and years.
fn elapsed_hours(period: &str) -> Option<i64> {
    match parts(period) {
        (number, 'H') => Some(number),
        (number, 'D') => Some(number * 24),
        (number, 'W') => Some(number * 7 * 24),
        _ => None,
    }
}

/// Whether the values of a day of an occupancy are still kept, while its lease is. A rule whose event has not
/// happened, or is over, is silent; where all are silent the day is kept as long as the lease.
fn keeps_day(activity: &Activity, story: Story<'_>, told: &Told, day: Date, now: &Now<'_>) -> bool {
    let keeps = |rule: &Keep| match rule.from.as_str() {
        "registration" => Some(end(rule, Base::Day(day), now) > now.at),
        "account-delivered" => {
            Some(story.days().is_none_or(|lived| !is_accounted_and_over(rule, lived, told, day, now)))
        }
        "occupancy-end" => Some(true),
        _ => base(activity, rule, story, told).filter(|base| end(rule, *base, now) > now.at).map(|_| true),
    };
    activity.keep.iter().filter_map(keeps).reduce(|some, more| some || more).unwrap_or(true)
}

/// Whether no account needs the day any more, nor any day before the one after it: a day is needed while no
/// account that is over has used it, or one that is not over has.
fn is_accounted_and_over(rule: &Keep, lived: DayRange, told: &Told, day: Date, now: &Now<'_>) -> bool {
    let is_over = |at: Timestamp| end(rule, Base::Moment(at), now) <= now.at;
    let over = || told.accounts.iter().filter(|(_, at)| is_over(*at)).map(|(days, _)| *days);
    let running = || told.accounts.iter().filter(|(_, at)| !is_over(*at)).map(|(days, _)| *days);
    let is_needed =
        |day: &Date| !over().any(|days| days.contains(*day)) || running().any(|days| days.contains(*day));
    // Days become needed where one of these begins.
    let edges =
        [lived.start()].into_iter().chain(over().map(DayRange::end)).chain(running().map(DayRange::start));
    let first = edges.filter(|edge| *edge >= lived.start()).filter(is_needed).min();
    first.is_none_or(|first| first >= lived.end() || day.tomorrow().is_ok_and(|next| next < first))
}

/// The first day of an occupancy whose values are still kept; its end where none is.
pub(super) fn first_kept(
    activity: &Activity,
    story: Story<'_>,
    events: &[&LeaseEvent],
    now: &Now<'_>,
) -> Date {
    let told = tell(activity, story, events, now);
    let Some(days) = story.days() else { return Date::MIN };
    if over(activity, story, &told, now).is_some_and(|end| end <= now.at) {
        return days.end();
    }
    first(days, |day| keeps_day(activity, story, &told, day, now))
}

/// Whether some value of that day may still be kept, whoever it belongs to.
pub(super) fn may_keep_day(activity: &Activity, day: Date, now: &Now<'_>) -> bool {
    activity.keep.iter().any(|rule| rule.from != "registration" || end(rule, Base::Day(day), now) > now.at)
}

/// The first day of the range that is kept, where every day after a kept one is kept too.
fn first(days: DayRange, keeps: impl Fn(Date) -> bool) -> Date {
    let (mut low, mut high) = (number(days.start()), number(days.end()));
    while low < high {
        let middle = low + (high - low) / 2;
        if keeps(day_of(middle)) { high = middle } else { low = middle + 1 }
    }
    day_of(low)
}

fn number(day: Date) -> i64 {
    jiff::civil::date(1970, 1, 1).duration_until(day).as_hours() / 24
}

fn day_of(number: i64) -> Date {
    jiff::civil::date(1970, 1, 1).checked_add(number.days()).unwrap_or(Date::MAX)
}

//! What is true of every lease, whatever has happened.

use std::sync::OnceLock;

use jiff::{SignedDuration, Timestamp, ToSpan, civil::date};
use proptest::prelude::*;
use tidstro_govern::{
    Activity, Ground, Lease, LeaseEvent, LeaseEventKind as Kind, LeaseState, Matter, MatterFact, Register,
    history, lease, on_hold,
};
use tidstro_model::{DayRange, DossierKind};

use super::{DOSSIER, FLAT};
use crate::shipped::{Shipped, shipped};

/// Every register there is, and one with a condition of each kind.
fn registers() -> &'static [Register] {
    static REGISTERS: OnceLock<Vec<Register>> = OnceLock::new();
    REGISTERS.get_or_init(|| {
        let everything =
            Register::parse(include_str!("../cedar/everything.toml"), "everything.toml").unwrap();
        shipped().iter().map(Shipped::register).chain([everything]).collect()
    })
}

/// An activity that holds leases, its register, a matter it has business with, and what happened.
#[derive(Debug, Clone)]
struct Case {
    register: usize,
    activity: Activity,
    matter: MatterFact,
    events: Vec<LeaseEvent>,
}

impl Case {
    fn lease(&self, events: &[LeaseEvent], now: Timestamp) -> Lease {
        let zone = registers()[self.register].zone();
        let events: Vec<_> = events.iter().collect();
        lease(&self.activity, &self.matter, &events, now, zone).expect("business with the matter")
    }

    fn past(&self, now: Timestamp) -> Vec<LeaseEvent> {
        self.events.iter().filter(|event| event.at <= now).cloned().collect()
    }
}

/// An instant of thirty years, often one of a few, so that events meet.
fn instant() -> impl Strategy<Value = Timestamp> {
    let first = date(2010, 1, 1).in_tz("UTC").unwrap().timestamp();
    prop_oneof![
        1 => (0_i64..4).prop_map(move |years| first + SignedDuration::from_hours(24 * 365 * 5 * years)),
        3 => (0_i64..262_800 * 60).prop_map(move |minutes| first + SignedDuration::from_mins(minutes)),
    ]
}

fn some_days() -> impl Strategy<Value = DayRange> {
    (0_i64..4000, 1_i64..1500, any::<bool>()).prop_map(|(start, length, is_open)| {
        let start = date(2012, 1, 1).saturating_add(start.days());
        if is_open {
            DayRange::from(start)
        } else {
            DayRange::new(start, start.saturating_add(length.days())).unwrap()
        }
    })
}

fn events(activity: &Activity) -> impl Strategy<Value = Vec<LeaseEvent>> + use<> {
    let kind = prop::sample::select(Kind::ALL);
    let matter = prop_oneof![4 => Just(None), 1 => Just(Some(FLAT)), 1 => Just(Some(DOSSIER))];
    let activity = prop_oneof![Just(None), Just(Some(activity.id.clone()))];
    let event =
        (instant(), kind, matter, activity, some_days()).prop_map(|(at, kind, matter, activity, days)| {
            let days = (kind == Kind::AccountDelivered).then_some(days);
            LeaseEvent { at, kind, matter, activity, days }
        });
    prop::collection::vec(event, 0..12)
}

fn matter(activity: &Activity, opened: Timestamp, days: DayRange, in_a_flat: bool) -> MatterFact {
    match (activity.areas.first(), activity.dossiers.first()) {
        (Some(&area), dossier) if in_a_flat || dossier.is_none() => {
            MatterFact { matter: FLAT, ground: Ground::Occupancy { area, days } }
        }
        (_, dossier) => {
            let kind = dossier.cloned().unwrap_or_else(|| DossierKind::parse("affair").unwrap());
            MatterFact { matter: DOSSIER, ground: Ground::Dossier { kind, opened } }
        }
    }
}

fn case() -> impl Strategy<Value = Case> {
    let holders = registers().iter().enumerate().flat_map(|(register, of)| {
        of.activities()
            .filter(|activity| activity.is_keeper())
            .map(move |activity| (register, activity.clone()))
    });
    let holder = prop::sample::select(holders.collect::<Vec<_>>());
    (holder, instant(), some_days(), any::<bool>()).prop_flat_map(
        |((register, activity), opened, days, flat)| {
            let matter = matter(&activity, opened, days, flat);
            events(&activity).prop_map(move |events| Case {
                register,
                activity: activity.clone(),
                matter: matter.clone(),
                events,
            })
        },
    )
}

const MOMENT: SignedDuration = SignedDuration::from_nanos(1);

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_has_not_happened_changes_nothing(case in case(), now in instant()) {
        prop_assert_eq!(case.lease(&case.events, now), case.lease(&case.past(now), now));
    }

    #[test]
    fn the_order_of_arrival_changes_nothing(
        (case, arrived) in case().prop_flat_map(|case| {
            let arrived = Just(case.events.clone()).prop_shuffle();
            (Just(case), arrived)
        }),
        now in instant(),
    ) {
        prop_assert_eq!(case.lease(&case.events, now), case.lease(&arrived, now));
    }

    #[test]
    fn a_hold_changes_no_lease(case in case(), set in instant(), lifted in instant(), now in instant()) {
        let hold = |kind, at| LeaseEvent { at, kind, matter: None, activity: None, days: None };
        let held = [&case.events[..], &[hold(Kind::HoldSet, set), hold(Kind::HoldLifted, lifted)]].concat();
        prop_assert_eq!(case.lease(&case.events, now), case.lease(&held, now));
    }

    #[test]
    fn a_hold_stands_until_it_is_lifted(case in case(), set in instant(), now in instant()) {
        let mut events = case.events.clone();
        events.retain(|event| event.kind != Kind::HoldLifted);
        events.push(LeaseEvent { at: set, kind: Kind::HoldSet, matter: None, activity: None, days: None });
        let events: Vec<_> = events.iter().collect();
        prop_assert!(on_hold(case.matter.matter, &events, now) || now < set);
    }

    #[test]
    fn the_history_is_what_each_instant_says(case in case(), nows in prop::collection::vec(instant(), 8)) {
        let zone = registers()[case.register].zone();
        let known: Vec<_> = case.events.iter().collect();
        let spans = history(&case.activity, &case.matter, &known, zone).unwrap().spans;
        for pair in spans.windows(2) {
            prop_assert_eq!(pair[0].end, Some(pair[1].start));
            prop_assert!(pair[0].start < pair[1].start && pair[0].state != pair[1].state);
        }
        prop_assert_eq!(spans.last().unwrap().end, None);
        let edges = spans.iter().flat_map(|span| [span.start, span.start - MOMENT]);
        let of_events = case.events.iter().flat_map(|event| [event.at, event.at - MOMENT]);
        for now in nows.iter().copied().chain(edges).chain(of_events) {
            let drawn = spans.iter().rev().find(|span| span.start <= now).map_or(LeaseState::NotBegun, |span| span.state);
            prop_assert_eq!(drawn, case.lease(&case.events, now).state, "at {}", now);
        }
    }

    #[test]
    fn what_is_gone_stays_gone_while_nothing_happens(case in case(), one in instant(), other in instant()) {
        let (now, later) = (one.min(other), one.max(other));
        let past = case.past(now);
        let (before, after) = (case.lease(&past, now), case.lease(&past, later));
        prop_assert!(before.kept_from <= after.kept_from, "{:?} then {:?}", before, after);
        if before.state == LeaseState::Ended {
            prop_assert_eq!(after.state, LeaseState::Ended);
        }
    }

    #[test]
    fn until_is_the_instant_of_the_end(case in case(), now in instant()) {
        let past = case.past(now);
        let lease = case.lease(&past, now);
        let Some(until) = lease.until else {
            prop_assert_ne!(lease.state, LeaseState::Ended);
            return Ok(());
        };
        prop_assert_eq!(lease.state == LeaseState::Ended, until <= now && lease.state != LeaseState::NotBegun);
        if now < until {
            prop_assert_ne!(case.lease(&past, until - MOMENT).state, LeaseState::Ended);
            let end = case.lease(&past, until);
            prop_assert!(matches!(end.state, LeaseState::Ended | LeaseState::NotBegun), "{:?}", end);
            if let Ground::Occupancy { days, .. } = case.matter.ground {
                prop_assert_eq!(end.kept_from, days.end(), "nothing is kept of what has ended");
            }
        }
    }

    #[test]
    fn days_kept_are_days_lived(case in case(), now in instant()) {
        let lease = case.lease(&case.events, now);
        if let (Matter::Occupancy(_), Ground::Occupancy { days, .. }) = (lease.matter, &case.matter.ground) {
            prop_assert!(days.start() <= lease.kept_from && lease.kept_from <= days.end());
        }
    }
}

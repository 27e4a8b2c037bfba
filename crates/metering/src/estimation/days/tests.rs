//! Estimation over days: clock changes, sums, marks, and what stays untouched.

use jiff::civil::date;
use proptest::{collection::vec, option, prelude::*};
use tidstro_calendar::{WorkingCalendar, Zone};
use tidstro_model::{Decimal, Resolution};

use super::*;
use crate::Dial;

const WATT_HOURS: Dial = Dial { pulse: Decimal::new(1, 0), digits: Some(9) };

/// A point without a parent.
static NOBODY: BTreeMap<Date, FamilyDay> = BTreeMap::new();

/// A point without neighbours.
static ALONE: BTreeMap<Date, Vec<IntervalBlock>> = BTreeMap::new();

/// Hours of Copenhagen; like days, then a line over four hours, and spikes refused.
fn sources<'a>(zone: &'a Zone, candidates: &'a [(Date, &'a IntervalBlock)]) -> DaySources<'a> {
    let calendar = WorkingCalendar::shipped("dk-working").unwrap();
    DaySources {
        grid: Grid { zone, resolution: Resolution::PT1H, calendar },
        plan: &[Method::LikeDays, Method::Linear],
        linear_max: 4,
        candidates,
        like_days_count: 3,
        profile: None,
        family: &NOBODY,
        neighbours: &ALONE,
        refused: Findings::of(&[Rule::Spike, Rule::Negative]),
    }
}

fn block(values: &[Option<i64>]) -> IntervalBlock {
    let mut block = IntervalBlock::empty(0);
    values.iter().for_each(|value| block.push(*value, Quality::Measured).unwrap());
    block
}

fn passed(watt_hours: i64) -> Option<Passed> {
    Passed::between(Decimal::ZERO, Decimal::new(watt_hours, 0), WATT_HOURS)
}

fn between(zone: &Zone, first: Date, end: Date) -> Interval {
    Interval::new(zone.day_start(first), zone.day_start(end)).unwrap()
}

#[test]
fn a_missing_spring_day_is_filled_from_other_sundays() {
    let zone = Zone::copenhagen();
    let (sunday, like) = (date(2026, 3, 29), date(2026, 3, 22));
    let usual = block(&(0..24).map(|hour| Some(100 + hour)).collect::<Vec<_>>());
    let stretch = DayStretch { days: &[], between: between(&zone, sunday, date(2026, 3, 30)), passed: None };
    let made = estimate_days(&stretch, &sources(&zone, &[(like, &usual)])).unwrap();
    let [(day, filled)] = &made[..] else { panic!("one day changes") };
    assert_eq!((*day, filled.len(), filled.value(1), filled.value(2)), (sunday, 23, Some(101), Some(103)));
    let mark = Mark::estimated(Method::LikeDays).with(Rule::Completeness);
    assert!(filled.marks().iter().all(|got| *got == mark));
}

/// Worked: 8 h of 10 Wh measured, 110 Wh passed: 30 Wh are left, evenly over 16 hours.
#[test]
fn what_the_register_says_is_shared_out_with_carry() {
    let zone = Zone::copenhagen();
    let day = date(2026, 1, 7);
    let values: Vec<_> = (0..24).map(|hour| (hour < 8).then_some(10)).collect();
    let known = block(&values);
    let stretch = DayStretch {
        days: &[(day, &known)],
        between: between(&zone, day, date(2026, 1, 8)),
        passed: passed(110),
    };
    let made = estimate_days(&stretch, &sources(&zone, &[])).unwrap();
    let values: Vec<_> = made[0].1.slots().skip(8).map(|(value, _)| value.unwrap()).collect();
    assert_eq!(values, [2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2]);
    assert_eq!(made[0].1.mark(8).unwrap().method(), Some(Method::Even));
}

/// Worked: each hour the parent has 10 Wh more than its other child, and the register says 237 of 240 Wh: the running sum
/// grows by 9.875, so it is 40 after four hours (39.5, away from zero) and 49 after five (49.375).
#[test]
fn what_a_parent_leaves_is_fitted_to_the_register() {
    let zone = Zone::copenhagen();
    let day = date(2026, 1, 7);
    let hours = |more: i64| block(&(0..24).map(|hour| Some(hour + more)).collect::<Vec<_>>());
    let family = BTreeMap::from([(day, FamilyDay { parent: hours(10), others: vec![hours(0)] })]);
    let between = between(&zone, day, date(2026, 1, 8));
    let by = DaySources { plan: &[Method::Balance], family: &family, ..sources(&zone, &[]) };
    let made = |passed| estimate_days(&DayStretch { days: &[], between, passed }, &by).unwrap();
    let values = |made: &Given| made[0].1.slots().map(|(value, _)| value.unwrap()).collect::<Vec<_>>();
    assert_eq!(values(&made(None)), [10; 24]);
    let fitted = made(passed(237));
    let expected: Vec<_> = (0..24).map(|hour| if [4, 12, 20].contains(&hour) { 9 } else { 10 }).collect();
    assert_eq!((values(&fitted).iter().sum::<i64>(), values(&fitted)), (237, expected));
    assert!(fitted[0].1.marks().iter().all(|mark| mark.method() == Some(Method::Balance)));
}

/// Worked: two neighbours use 1 + 3 Wh at night (8 hours) and 2 + 6 by day (16 hours): 40 parts in the day. The register says
/// 4 000 Wh passed, so 100 Wh and 200 Wh. One that was silent for an hour does not count.
#[test]
fn neighbours_share_out_what_the_register_says() {
    let zone = Zone::copenhagen();
    let day = date(2026, 1, 7);
    let hours = |night: i64, daytime: i64| {
        block(&(0..24).map(|hour| Some(if hour < 8 { night } else { daytime })).collect::<Vec<_>>())
    };
    let mut silent = hours(900, 5);
    silent.set(3, 0, Quality::Missing).unwrap();
    let neighbours = BTreeMap::from([(day, vec![hours(1, 2), silent, hours(3, 6)])]);
    let between = between(&zone, day, date(2026, 1, 8));
    let by = DaySources { plan: &[Method::Neighbour], neighbours: &neighbours, ..sources(&zone, &[]) };
    let made = |days: &[(Date, &IntervalBlock)], passed| {
        estimate_days(&DayStretch { days, between, passed }, &by).unwrap()
    };
    let values = |made: &Given| made[0].1.slots().map(|(value, _)| value.unwrap()).collect::<Vec<_>>();
    let fitted = made(&[], passed(4_000));
    assert_eq!((&values(&fitted)[..8], &values(&fitted)[8..]), (&[100; 8][..], &[200; 16][..]));
    assert!(fitted[0].1.marks().iter().all(|mark| mark.method() == Some(Method::Neighbour)));
    assert!(made(&[], None).is_empty(), "neighbours alone have no height");
    // The night was measured: 50 Wh for each of its parts, so 100 Wh by day.
    let night = block(&(0..24).map(|hour| (hour < 8).then_some(50)).collect::<Vec<_>>());
    assert_eq!(values(&made(&[(day, &night)], None))[8..], [100; 16]);
}

/// Worked: an hourly profile of 1 at night (8 hours) and 2 by day (16 hours) has 40 parts; 4 000 Wh passed, so 100 and 200 Wh.
#[test]
fn a_profile_shares_out_what_the_register_says() {
    let zone = Zone::copenhagen();
    let day = date(2026, 1, 7);
    let start = |slot| zone.slot_start(day, Resolution::PT1H, slot).unwrap();
    let profile = Profile::of((0..24).map(|slot| (start(slot), if slot < 8 { 1 } else { 2 })));
    let between = between(&zone, day, date(2026, 1, 8));
    let by = DaySources { plan: &[Method::Profile], profile: Some(&profile), ..sources(&zone, &[]) };
    let made = estimate_days(&DayStretch { days: &[], between, passed: passed(4_000) }, &by).unwrap();
    let values: Vec<_> = made[0].1.slots().map(|(value, _)| value.unwrap()).collect();
    assert_eq!((&values[..8], &values[8..]), (&[100; 8][..], &[200; 16][..]));
    assert!(made[0].1.marks().iter().all(|mark| mark.method() == Some(Method::Profile)));
    let unread = estimate_days(&DayStretch { days: &[], between, passed: None }, &by).unwrap();
    assert!(unread.is_empty(), "a profile alone has no height");
}

#[test]
fn a_refused_value_is_replaced_and_says_so() {
    let zone = Zone::copenhagen();
    let day = date(2026, 1, 7);
    let mut known = block(&[Some(10); 24]);
    known.set(5, 90_000, Quality::Measured).unwrap();
    known.add_finding(Rule::Spike, |slot, _, _| slot == 5);
    known.put(9, 11, Mark::estimated(Method::Even).with(Rule::Completeness));
    known.set(12, 70, Quality::Estimated).unwrap();
    let stretch =
        DayStretch { days: &[(day, &known)], between: between(&zone, day, date(2026, 1, 8)), passed: None };
    let made = estimate_days(&stretch, &sources(&zone, &[])).unwrap().remove(0).1;
    let linear = Mark::estimated(Method::Linear);
    assert_eq!((made.value(5), made.mark(5)), (Some(10), Some(linear.with(Rule::Spike).corrected())));
    let again = linear.with(Rule::Completeness).corrected();
    assert_eq!((made.value(9), made.mark(9)), (Some(10), Some(again)), "an estimate is made anew");
    assert_eq!(made.value(12), Some(70), "an estimate from outside counts");
    // Merging says the same, and estimating once more changes nothing.
    assert_eq!(IntervalBlock::merge(&known, &made).unwrap(), Some(made.clone()));
    let once_more = DayStretch { days: &[(day, &made)], ..stretch };
    assert_eq!(estimate_days(&once_more, &sources(&zone, &[])), Ok(vec![]));
}

#[test]
fn readings_inside_a_day_bound_the_stretch() {
    let zone = Zone::copenhagen();
    let day = date(2026, 1, 7);
    let known = block(&[None; 24]);
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let stretch = |end: &str| DayStretch {
        days: &[],
        between: Interval::new(at("2026-01-07T10:00:00Z"), at(end)).unwrap(),
        passed: passed(40),
    };
    let days = [(day, &known)];
    let made =
        estimate_days(&DayStretch { days: &days, ..stretch("2026-01-07T14:00:00Z") }, &sources(&zone, &[]));
    let made = made.unwrap().remove(0).1;
    assert_eq!((0..24).filter(|slot| made.value(*slot) == Some(10)).collect::<Vec<_>>(), [11, 12, 13, 14]);
    assert_eq!(made.present(), 4);
    let fault = estimate_days(&stretch("2026-01-07T14:30:00Z"), &sources(&zone, &[])).unwrap_err();
    assert_eq!(fault, DayFault::NoBound { at: at("2026-01-07T14:30:00Z") });
}

#[test]
fn a_register_is_only_as_fine_as_its_pulse() {
    let zone = Zone::copenhagen();
    let day = date(2026, 1, 7);
    let mut values = vec![Some(100); 24];
    values[7] = None;
    let known = block(&values);
    let made = |kilowatt_hours: i64| {
        let dial = Dial { pulse: Decimal::new(1, 3), digits: None };
        let passed = Passed::between(Decimal::ZERO, Decimal::new(kilowatt_hours, 3), dial);
        let between = between(&zone, day, date(2026, 1, 8));
        let days = [(day, &known)];
        let made = estimate_days(&DayStretch { days: &days, between, passed }, &sources(&zone, &[]));
        made.map(|made| made[0].1.value(7))
    };
    assert_eq!(made(3), Ok(Some(700)));
    assert_eq!(made(2), Ok(Some(0)), "2300 Wh were measured, the register shows 2 kWh");
    assert_eq!(made(1), Err(DayFault::Fit(FitFault::MeasuredMore)));
}

#[test]
fn a_day_of_another_length_is_a_fault() {
    let zone = Zone::copenhagen();
    let day = date(2026, 3, 29);
    let long = block(&[None; 24]);
    let stretch =
        DayStretch { days: &[(day, &long)], between: between(&zone, day, date(2026, 3, 30)), passed: None };
    let fault = estimate_days(&stretch, &sources(&zone, &[])).unwrap_err();
    assert_eq!(fault, DayFault::Slots { day, expected: 23, got: 24 });
}

/// The clock changes of 2026 are in the middle of these five days.
fn first_day() -> impl Strategy<Value = Date> {
    prop_oneof![Just(date(2026, 3, 27)), Just(date(2026, 10, 23)), Just(date(2026, 1, 5))]
}

type Given = Vec<(Date, IntervalBlock)>;

/// Five days in a row with gaps and refused values.
fn five_days() -> impl Strategy<Value = Given> {
    let slot = (option::weighted(0.7, 0_i64..5_000), 0..10_u8);
    (first_day(), vec(vec(slot, 25), 5)).prop_map(|(first, days)| {
        let dated = first.series(jiff::ToSpan::day(1)).zip(days);
        let made = dated.map(|(day, slots)| {
            let count = Zone::copenhagen().slots(day, Resolution::PT1H).unwrap() as usize;
            let mut made = block(&slots[..count].iter().map(|slot| slot.0).collect::<Vec<_>>());
            made.add_finding(Rule::Spike, |slot, _, mark| {
                mark.quality() != Quality::Missing && slots[slot].1 == 0
            });
            (day, made)
        });
        made.collect()
    })
}

fn borrowed(days: &Given) -> Vec<(Date, &IntervalBlock)> {
    days.iter().map(|(day, block)| (*day, block)).collect()
}

/// Each method alone, and two together.
const PLANS: [&[Method]; 5] = [
    &[Method::LikeDays, Method::Linear],
    &[Method::Profile],
    &[Method::Balance],
    &[Method::Balance, Method::Profile],
    &[Method::Neighbour],
];

/// Hourly shares of the days, some of them 0, and a parent that is known on all days but the third.
fn profile_and_family(zone: &Zone, days: &Given) -> (Profile, BTreeMap<Date, FamilyDay>) {
    let start = |day, slot| zone.slot_start(day, Resolution::PT1H, u32::try_from(slot).unwrap()).unwrap();
    let number = |slot: usize| i64::try_from(slot).unwrap();
    let slots = days.iter().flat_map(|(day, block)| (0..block.len()).map(|slot| (*day, slot)));
    let profile = Profile::of(slots.map(|(day, slot)| (start(day, slot), number(slot) * 7 % 5)));
    let parent = |hours: &IntervalBlock| {
        block(&(0..hours.len()).map(|slot| Some(number(slot) * 9)).collect::<Vec<_>>())
    };
    let known = days.iter().enumerate().filter(|(index, _)| *index != 2);
    let family =
        known.map(|(_, (day, block))| (*day, FamilyDay { parent: parent(block), others: Vec::new() }));
    (profile, family.collect())
}

/// Measured values that count, from the second day to the fourth, and the result of estimating just these.
fn estimated(days: &Given, (plan, left): (usize, i64), reverse: bool) -> (i64, Result<Given, DayFault>) {
    let zone = Zone::copenhagen();
    let (profile, family) = profile_and_family(&zone, days);
    let refused = Findings::of(&[Rule::Spike, Rule::Negative]);
    let counted = |(value, mark): (Option<i64>, Mark)| value.filter(|_| !mark.findings().meets(refused));
    let measured: i64 = days[1..4].iter().flat_map(|(_, block)| block.slots().filter_map(counted)).sum();
    let (mut given, mut candidates) = (borrowed(days), borrowed(days));
    if reverse {
        given.reverse();
        candidates.rotate_left(2);
    }
    let stretch = DayStretch {
        days: &given,
        between: between(&zone, days[1].0, days[4].0),
        passed: passed(measured + left),
    };
    let sources = sources(&zone, &candidates);
    let neighbours =
        days[1..3].iter().map(|(day, block)| (*day, vec![block.clone(), family[&days[1].0].parent.clone()]));
    let neighbours = neighbours.collect();
    let sources = DaySources {
        plan: PLANS[plan],
        profile: Some(&profile),
        family: &family,
        neighbours: &neighbours,
        ..sources
    };
    (measured, estimate_days(&stretch, &sources))
}

proptest! {
    /// True to time: what counts stays, days outside the stretch are not touched, and all of it is what passed.
    #[test]
    fn no_estimate_changes_any_other_interval(days in five_days(), plan in 0..PLANS.len(), left in 0_i64..1_000_000) {
        let (measured, made) = estimated(&days, (plan, left), false);
        let made = made.unwrap();
        let after = |day: Date| made.iter().find(|(made, _)| *made == day).map(|(_, block)| block);
        prop_assert!(after(days[0].0).is_none() && after(days[4].0).is_none());
        let mut total = 0;
        for (day, before) in &days[1..4] {
            let after = after(*day).unwrap_or(before);
            prop_assert_eq!(after.len(), before.len());
            for slot in 0..before.len() {
                let (old, new) = (before.mark(slot).unwrap(), after.mark(slot).unwrap());
                if before.value(slot).is_some() && !old.findings().contains(Rule::Spike) {
                    prop_assert_eq!((before.value(slot), old), (after.value(slot), new));
                } else {
                    prop_assert!(new.method().is_some() && new.findings().meets(Findings::of(&[Rule::Spike, Rule::Completeness])));
                }
                total += after.value(slot).unwrap();
            }
        }
        prop_assert_eq!(total, if made.is_empty() { measured } else { measured + left });
    }

    #[test]
    fn the_order_of_days_tells_nothing(days in five_days(), plan in 0..PLANS.len(), left in 0_i64..1_000_000) {
        prop_assert_eq!(estimated(&days, (plan, left), false), estimated(&days, (plan, left), true));
    }
}

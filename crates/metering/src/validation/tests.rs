//! Validation as a whole: every rule is asked, no value changes.

use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*};
use tidstro_model::{Decimal, Mark, Method};

use super::{examples::*, *};

fn named(findings: &[Finding]) -> Vec<(Rule, u32)> {
    findings.iter().map(|finding| (finding.rule, finding.position)).collect()
}

#[test]
fn a_good_day_has_no_findings() {
    let mut block = intervals(&[Some(100); 23]);
    let before = block.clone();
    let mut findings = Vec::new();
    let (history, thresholds) = (history(30, 120), Thresholds::default());
    let context = IntervalContext { expected: 23, history: &history, thresholds: &thresholds };
    validate_intervals(&mut block, &context, &mut findings);
    assert_eq!((block, findings), (before, vec![]));
}

#[test]
fn a_bad_day_names_every_rule_and_keeps_its_values() {
    let mut block = intervals(&[Some(100), None, Some(-5), Some(90_000)]);
    let mut findings = Vec::new();
    let (history, thresholds) = (history(30, 1200), Thresholds::default());
    let context = IntervalContext { expected: 4, history: &history, thresholds: &thresholds };
    validate_intervals(&mut block, &context, &mut findings);
    let expected = [(Rule::Completeness, 1), (Rule::Negative, 2), (Rule::Spike, 3)];
    assert_eq!(named(&findings), expected);
    let values: Vec<_> = block.slots().map(|(value, _)| value).collect();
    assert_eq!(values, [Some(100), None, Some(-5), Some(90_000)]);
    for (rule, position) in expected {
        assert_eq!(marked(block.marks().iter().copied(), rule), [position as usize]);
    }
}

#[test]
fn instants_may_fall_and_be_negative() {
    let mut block = readings(&[5, -3, -9]);
    let mut findings = Vec::new();
    let (history, thresholds) = (History::NONE, Thresholds::default());
    let context =
        RegisterContext { before: Some(50), cumulative: false, thresholds: &thresholds, history: &history };
    validate_registers(&mut block, &context, &mut findings);
    assert_eq!(findings, []);
}

#[test]
fn a_register_is_judged_by_all_its_rules() {
    let mut block = readings(&[-10, 100, 90, 90_000]);
    let mut findings = Vec::new();
    let (history, thresholds) = (history(30, 120), Thresholds::default());
    let context =
        RegisterContext { before: Some(-20), cumulative: true, thresholds: &thresholds, history: &history };
    validate_registers(&mut block, &context, &mut findings);
    assert_eq!(named(&findings), [(Rule::Falling, 2), (Rule::Direction, 0), (Rule::Spike, 3)]);
    let (_, value, mark) = block.readings().nth(2).unwrap();
    assert_eq!((value, mark), (90, Mark::new(Quality::Measured).with(Rule::Falling)));
}

/// Every rule with a limit that random days reach.
fn limits() -> Thresholds {
    let floor = Decimal::new(50, 0);
    Thresholds {
        spike: Some(SpikeLimit { interval_factor: 2, register_factor: 2, floor, history_days: 1 }),
        jump: Some(JumpLimit { percent: 50, floor }),
        flat: Some(FlatLimit { intervals: 2, above: Decimal::ZERO }),
        sum: Some(SumLimit { pulses: 1, percent: Decimal::new(1, 0) }),
        zero_days: Some(1),
        inactive_above: Some(floor),
        clock_seconds: Some(60),
        prolonged_days: Some(1),
        replaced: Some(ReplacedLimit { percent: 10, floor }),
    }
}

fn day() -> impl Strategy<Value = IntervalBlock> {
    let quality = prop_oneof![
        6 => Just(Quality::Measured),
        2 => Just(Quality::Estimated),
        1 => Just(Quality::Missing),
        1 => Just(Quality::Calculated),
    ];
    let value = prop_oneof![2 => Just(0_i64), 2 => Just(70), 3 => -5_i64..2_000];
    vec((value, quality, any::<bool>()), 0..30).prop_map(|slots| {
        let mut block = IntervalBlock::empty(0);
        for (slot, (value, quality, is_own)) in slots.into_iter().enumerate() {
            block.push(Some(value), quality).unwrap();
            if is_own && quality == Quality::Estimated {
                block.put(slot, value, Mark::estimated(Method::Linear));
            }
        }
        block
    })
}

fn state() -> impl Strategy<Value = Option<ConnectionState>> {
    prop::option::of((0..4_usize).prop_map(|state| ConnectionState::ALL[state]))
}

proptest! {
    /// No rule changes a value, each finding is marked where it is, and no mark is without a finding.
    #[test]
    fn rules_remark_and_change_nothing(
        days in [day(), day()],
        released in day(),
        (state, clock_seconds) in (state(), prop::option::of(-100_i64..100)),
        (invalid, watt_hours) in (vec(0_u32..40, 0..4), 0_i64..20_000),
    ) {
        let [before, day] = days;
        let dial = Dial { pulse: Decimal::new(1, 0), digits: None };
        let mut past = History::NONE;
        past.observe(&before);
        let beside = Surroundings {
            tail: Tail::NONE.after(&before),
            passed: Passed::between(Decimal::ZERO, Decimal::new(watt_hours, 0), dial),
            state,
            bounds: None,
            clock_seconds,
            invalid: &invalid,
            released: Some(&released),
        };
        let (mut judged, mut findings) = (day.clone(), Vec::new());
        let limits = limits();
        let context = IntervalContext { expected: 24, history: &past, thresholds: &limits };
        explain_intervals(&mut judged, &context, &beside, &mut findings);
        prop_assert_eq!(judged.without_findings(), day);
        let marked: BTreeSet<Rule> = judged.marks().iter().flat_map(|mark| mark.findings().rules()).collect();
        // A day that ends too early has no interval to mark.
        let found: BTreeSet<Rule> = findings.iter().map(Explained::rule).collect();
        prop_assert!(found.difference(&marked).all(|rule| *rule == Rule::Completeness));
        prop_assert!(marked.is_subset(&found));
        for found in findings.iter().filter(|found| found.rule() != Rule::Completeness) {
            let mark = judged.mark(found.position as usize).unwrap();
            prop_assert!(mark.findings().contains(found.rule()) || WHOLE_DAY.contains(&found.rule()));
        }
    }
}

/// Rules about the whole day, which name position 0 whether or not it has a value.
const WHOLE_DAY: [Rule; 3] = [Rule::Sum, Rule::Zero, Rule::Clock];

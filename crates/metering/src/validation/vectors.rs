//! Every rule at its limit: one step below, at it, one step above, and without what it compares with.
//!
//! A step is the smallest there is: a watt hour, an interval, a day, a second. Each rule finds what is above its limit and nothing
//! else. A new rule does not compile here until it has its vectors.

use jiff::{SignedDuration, civil::date};
use tidstro_calendar::Zone;
use tidstro_model::{DayRange, Decimal, Quality, Resolution, Rule};

use super::examples::{history, intervals};
use super::*;

const FLAT: FlatLimit = FlatLimit { intervals: 4, above: Decimal::ZERO };
const FAR: ReplacedLimit = ReplacedLimit { percent: 0, floor: Decimal::new(100, 0) };
const JUMP: JumpLimit = JumpLimit { percent: 0, floor: Decimal::new(500, 0) };
const SPIKE: SpikeLimit =
    SpikeLimit { interval_factor: 5, register_factor: 10, floor: Decimal::ZERO, history_days: 7 };
const SUM: SumLimit = SumLimit { pulses: 2, percent: Decimal::ZERO };

/// What is judged: a local day of hours, and what is known beside it.
struct Given<'a> {
    block: IntervalBlock,
    history: History,
    thresholds: Thresholds,
    beside: Surroundings<'a>,
}

impl Given<'_> {
    fn of(values: &[Option<i64>], thresholds: Thresholds) -> Self {
        let (block, beside) = (intervals(values), Surroundings::default());
        Self { block, history: History::NONE, thresholds, beside }
    }

    fn finds(mut self, rule: Rule) -> bool {
        let expected = u32::try_from(self.block.len()).unwrap();
        let context = IntervalContext { expected, history: &self.history, thresholds: &self.thresholds };
        let mut found = Vec::new();
        explain_intervals(&mut self.block, &context, &self.beside, &mut found);
        let is_marked = self.block.marks().iter().any(|mark| mark.findings().contains(rule));
        let is_found = found.iter().any(|found| found.rule() == rule);
        assert_eq!(is_marked, is_found, "what {rule:?} finds stands in the marks");
        is_found
    }
}

fn estimates(count: i64) -> Tail {
    let mut day = IntervalBlock::empty(0);
    day.push(Some(7), Quality::Estimated).unwrap();
    (0..count).fold(Tail::NONE, |tail, _| tail.after(&day))
}

/// Whether the rule finds a value this many steps above its limit, or what it cannot compare; `None` for a rule that asks yes or
/// no, whose vectors are in its own file.
fn finds(rule: Rule, step: Option<i64>) -> Option<bool> {
    let above = step.unwrap_or(1);
    let is_known = step.is_some();
    let (none, zeros) = (Thresholds::NONE, intervals(&[Some(0)]));
    let released = intervals(&[Some(1_000)]);
    let zone = Zone::copenhagen();
    let given = match rule {
        Rule::Spike => {
            let given = Given::of(&[Some(500 + above)], Thresholds { spike: Some(SPIKE), ..none });
            Given { history: if is_known { history(30, 100) } else { History::NONE }, ..given }
        }
        Rule::Jump => {
            let given = Given::of(&[Some(600 + above)], Thresholds { jump: Some(JUMP), ..none });
            let before = if is_known { Some(100) } else { None };
            let tail = Tail::NONE.after(&intervals(&[before]));
            Given { beside: Surroundings { tail, ..given.beside }, ..given }
        }
        Rule::Flat => {
            let mut values = vec![Some(7); usize::try_from(4 + above).unwrap()];
            values.extend((!is_known).then_some(None));
            values.rotate_right(if is_known { 0 } else { 3 });
            Given::of(&values, Thresholds { flat: Some(FLAT), ..none })
        }
        Rule::Sum => {
            let given = Given::of(&[Some(1_002 + above)], Thresholds { sum: Some(SUM), ..none });
            let dial = Dial { pulse: Decimal::new(1, 0), digits: None };
            let passed = Passed::between(Decimal::ZERO, Decimal::new(1_000, 0), dial).filter(|_| is_known);
            Given { beside: Surroundings { passed, ..given.beside }, ..given }
        }
        Rule::Zero => {
            let value = is_known.then_some(0);
            let given = Given::of(&[value], Thresholds { zero_days: Some(3), ..none });
            let tail = (1..3 + above).fold(Tail::NONE, |tail, _| tail.after(&zeros));
            Given { beside: Surroundings { tail, ..given.beside }, ..given }
        }
        Rule::Inactive => {
            let limit = Some(Decimal::new(10, 0));
            let given = Given::of(&[Some(10 + above)], Thresholds { inactive_above: limit, ..none });
            let state = is_known.then_some(ConnectionState::Disconnected);
            Given { beside: Surroundings { state, ..given.beside }, ..given }
        }
        Rule::Clock => {
            let given = Given::of(&[Some(1)], Thresholds { clock_seconds: Some(60), ..none });
            let clock_seconds = is_known.then_some(60 + above);
            Given { beside: Surroundings { clock_seconds, ..given.beside }, ..given }
        }
        Rule::Prolonged => {
            let mut given = Given::of(&[], Thresholds { prolonged_days: Some(2), ..none });
            given.block.push(is_known.then_some(7), Quality::Estimated).unwrap();
            Given { beside: Surroundings { tail: estimates(1 + above), ..given.beside }, ..given }
        }
        Rule::Replaced => {
            let given = Given::of(&[Some(1_100 + above)], Thresholds { replaced: Some(FAR), ..none });
            let released = is_known.then_some(&released);
            return Some(Given { beside: Surroundings { released, ..given.beside }, ..given }.finds(rule));
        }
        Rule::Negative => Given::of(&[is_known.then_some(-above)], none),
        Rule::Outside => {
            let day = date(2026, 1, 7);
            let given = Given::of(&[Some(1); 24], none);
            let now = zone.day_start(date(2026, 1, 8)) - SignedDuration::from_secs(above);
            let bounds = Bounds::of_day((&zone, Resolution::PT1H), day, now, DayRange::always(), None);
            Given { beside: Surroundings { bounds: is_known.then_some(bounds), ..given.beside }, ..given }
        }
        Rule::Completeness
        | Rule::Falling
        | Rule::Unit
        | Rule::Direction
        | Rule::Conflict
        | Rule::Invalid
        | Rule::Overruled => return None,
    };
    Some(given.finds(rule))
}

#[test]
fn each_rule_finds_what_is_above_its_limit_and_nothing_else() {
    let mut judged = 0;
    for rule in Rule::ALL {
        for (step, expected) in [(Some(-1), false), (Some(0), false), (Some(1), true), (None, false)] {
            let Some(found) = finds(rule, step) else { continue };
            assert_eq!(found, expected, "{rule:?} {step:?}");
            judged += 1;
        }
    }
    assert_eq!(judged, 4 * 11);
}

//! Validation: what is wrong with a block, by rule. One file per rule.
//!
//! What comes in: a block of one local day, what its series looked like before, what is known of point and meter, and
//! limits ([`Rules`]). What goes out: findings with what was compared ([`Explained`]), and the same rules in the
//! marks of the values they concern. No rule changes or drops a value, and none decides what happens next: a
//! finding is a remark that stays with the value.

mod clock;
mod compare;
mod completeness;
mod direction;
mod explained;
mod falling;
mod flat;
mod history;
mod inactive;
mod invalid;
mod jump;
mod negative;
mod outside;
mod passed;
mod prolonged;
mod replaced;
mod rules;
mod spike;
mod sum;
mod surroundings;
mod tail;
mod thresholds;
mod unit;
mod zero;

use tidstro_model::{Finding, Quality, Rule};

pub use compare::{Changed, Comparison, Example, PastBlock, PastDay, compare};
pub use direction::{Direction, check_register_direction, explain_register_direction};
pub use explained::{Explained, Outside, Why};
pub use history::History;
pub use passed::{Dial, Passed};
pub use rules::{FaultInRules, RuleFault, Rules, SeriesTraits};
pub use sum::check_sum;
pub use surroundings::{Bounds, ConnectionState, RegisterSurroundings, Surroundings};
pub use tail::Tail;
pub use thresholds::{FlatLimit, JumpLimit, Limits, ReplacedLimit, SpikeLimit, SumLimit, Thresholds};
pub use unit::{check_unit, explain_unit};

use crate::{IntervalBlock, RegisterBlock};

/// What an interval block is judged against.
#[derive(Debug, Clone, Copy)]
pub struct IntervalContext<'a> {
    /// Intervals the local day has: 23, 24, 25, 92, 96 or 100; ask the calendar.
    pub expected: u32,
    /// The series' own past, this day not included.
    pub history: &'a History,
    /// Limits of the rules.
    pub thresholds: &'a Thresholds,
}

/// What a register block is judged against.
#[derive(Debug, Clone, Copy)]
pub struct RegisterContext<'a> {
    /// Last value of an earlier local day, at the block's exponent; `None` if there is none.
    pub before: Option<i64>,
    /// Whether the register only rises (energy, volume); no for instants such as temperature.
    pub cumulative: bool,
    /// Limits of the rules.
    pub thresholds: &'a Thresholds,
    /// The series' own past, this day not included.
    pub history: &'a History,
}

/// Judges the intervals of a local day by what it and its history say: completeness, negative, spike.
///
/// Findings are added to `findings` and to the marks of the block.
pub fn validate_intervals(
    block: &mut IntervalBlock,
    context: &IntervalContext<'_>,
    findings: &mut Vec<Finding>,
) {
    let mut explained = Vec::new();
    explain_intervals(block, context, &Surroundings::default(), &mut explained);
    findings.extend(explained.iter().map(Explained::finding));
}

/// Judges the intervals of a local day by every rule that has a limit, or needs none, and whose input is known.
///
/// Findings are added to `findings` with what was compared, and to the marks of the block.
pub fn explain_intervals(
    block: &mut IntervalBlock,
    context: &IntervalContext<'_>,
    beside: &Surroundings<'_>,
    findings: &mut Vec<Explained>,
) {
    let IntervalContext { expected, history, thresholds } = *context;
    completeness::check(block, expected, findings);
    negative::check(block, findings);
    spike::check_intervals(block, history, thresholds, findings);
    jump::check(block, (&beside.tail, history), thresholds, findings);
    flat::check(block, &beside.tail, thresholds, findings);
    zero::check(block, &beside.tail, thresholds, findings);
    prolonged::check(block, &beside.tail, thresholds, findings);
    sum::check(block, beside.passed, thresholds, findings);
    inactive::check_intervals(block, beside.state, thresholds, findings);
    outside::check(block, beside.bounds, findings);
    invalid::check(block, beside.invalid, findings);
    replaced::check(block, beside.released, thresholds, findings);
    if let Some(found) = clock::check(beside.clock_seconds, thresholds).filter(|_| block.present() > 0) {
        findings.push(found);
        block.add_finding(Rule::Clock, |_, _, mark| mark.quality() != Quality::Missing);
    }
}

/// Judges the readings of a local day: falling, spike, and energy below zero for cumulative
/// registers. Instants have no rule yet.
///
/// Findings are added to `findings` and to the marks of the block.
pub fn validate_registers(
    block: &mut RegisterBlock,
    context: &RegisterContext<'_>,
    findings: &mut Vec<Finding>,
) {
    let mut explained = Vec::new();
    explain_registers(block, context, RegisterSurroundings::default(), &mut explained);
    findings.extend(explained.iter().map(Explained::finding));
}

/// Judges the readings of a local day by every rule that has a limit, or needs none, and whose input is known.
///
/// Findings are added to `findings` with what was compared, and to the marks of the block.
pub fn explain_registers(
    block: &mut RegisterBlock,
    context: &RegisterContext<'_>,
    beside: RegisterSurroundings,
    findings: &mut Vec<Explained>,
) {
    if context.cumulative {
        falling::check(block, context.before, overflow(block, context, beside.dial), findings);
        direction::check_readings(block, findings);
        spike::check_registers(block, context, findings);
        inactive::check_registers(block, (beside.state, context.before), context.thresholds, findings);
    }
    if let Some(found) = clock::check(beside.clock_seconds, context.thresholds).filter(|_| !block.is_empty())
    {
        findings.push(found);
        (0..block.len()).for_each(|index| block.add_finding(index, Rule::Clock));
    }
}

/// How the register may begin at 0 again. A series without history has no usual rise: then a fall is a fall.
fn overflow(
    block: &RegisterBlock,
    context: &RegisterContext<'_>,
    dial: Option<Dial>,
) -> Option<falling::Overflow> {
    let capacity = dial?.capacity()?.in_steps_of(block.exponent())?;
    Some(falling::Overflow { capacity, highest_rise: spike::highest_rise(context, block.exponent())? })
}

/// A finding at an index of a block.
fn explained(index: usize, why: Why) -> Explained {
    Explained { position: u32::try_from(index).unwrap_or(u32::MAX), why }
}

/// Small inputs for the rules' worked vectors.
#[cfg(test)]
mod examples {
    use tidstro_model::Mark;

    use super::*;

    /// Measured intervals; `None` is missing.
    pub(super) fn intervals(values: &[Option<i64>]) -> IntervalBlock {
        let mut block = IntervalBlock::empty(0);
        for value in values {
            block.push(*value, Quality::Measured).unwrap();
        }
        block
    }

    /// Measured readings an hour apart.
    pub(super) fn readings(values: &[i64]) -> RegisterBlock {
        let mut block = RegisterBlock::empty(0);
        for (hour, value) in (0..).zip(values) {
            block.push(hour * 3600, *value, Mark::new(Quality::Measured)).unwrap();
        }
        block
    }

    /// A history of `days` days with this highest value.
    pub(super) fn history(days: i64, recent_max: i64) -> History {
        History::from_numbers([days, recent_max, 0]).unwrap()
    }

    /// The findings as rule and position.
    pub(super) fn listed(findings: &[Explained]) -> Vec<(Rule, u32)> {
        findings.iter().map(|found| (found.rule(), found.position)).collect()
    }

    /// The positions of the findings, which are of this rule and the only ones marked.
    pub(super) fn positions(block: &IntervalBlock, rule: Rule, findings: &[Explained]) -> Vec<u32> {
        assert!(findings.iter().all(|found| found.rule() == rule));
        let positions: Vec<u32> = findings.iter().map(|found| found.position).collect();
        let marks = marked(block.marks().iter().copied(), rule);
        assert!(positions.iter().map(|slot| *slot as usize).eq(marks), "marks are findings");
        positions
    }

    /// Positions of the marks that carry the rule.
    pub(super) fn marked(marks: impl Iterator<Item = Mark>, rule: Rule) -> Vec<usize> {
        marks.enumerate().filter(|(_, mark)| mark.findings().contains(rule)).map(|(index, _)| index).collect()
    }
}

#[cfg(test)]
mod tests {
    use tidstro_model::Mark;

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
        let context = RegisterContext {
            before: Some(50),
            cumulative: false,
            thresholds: &thresholds,
            history: &history,
        };
        validate_registers(&mut block, &context, &mut findings);
        assert_eq!(findings, []);
    }

    #[test]
    fn a_register_is_judged_by_all_its_rules() {
        let mut block = readings(&[-10, 100, 90, 90_000]);
        let mut findings = Vec::new();
        let (history, thresholds) = (history(30, 120), Thresholds::default());
        let context = RegisterContext {
            before: Some(-20),
            cumulative: true,
            thresholds: &thresholds,
            history: &history,
        };
        validate_registers(&mut block, &context, &mut findings);
        assert_eq!(named(&findings), [(Rule::Falling, 2), (Rule::Direction, 0), (Rule::Spike, 3)]);
        let (_, value, mark) = block.readings().nth(2).unwrap();
        assert_eq!((value, mark), (90, Mark::new(Quality::Measured).with(Rule::Falling)));
    }
}

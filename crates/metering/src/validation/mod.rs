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
mod judge;
mod jump;
mod memory;
mod negative;
mod outside;
mod overruled;
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

pub use compare::{Changed, Comparison, Example, compare};
pub use direction::{Direction, check_register_direction, explain_register_direction};
pub use explained::{Explained, Outside, Why};
pub use history::History;
pub use judge::{Judge, PastBlock, PastDay};
pub use memory::{Judging, Memory};
pub use overruled::explain_overruled;
pub use passed::{Dial, Passed};
pub use rules::{FaultInRules, RuleFault, Rules, SeriesTraits};
pub use sum::{check_sum, judge_sum};
pub use surroundings::{Bounds, RegisterSurroundings, Surroundings};
pub use tail::Tail;
pub use thresholds::{FlatLimit, JumpLimit, Limits, ReplacedLimit, SpikeLimit, SumLimit, Thresholds};
pub use tidstro_model::ConnectionState;
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
    sum::check((&mut *block, expected), beside.passed, thresholds, findings);
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

#[cfg(test)]
mod examples;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

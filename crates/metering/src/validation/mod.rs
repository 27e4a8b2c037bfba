//! Validation: what is wrong with a block, by rule. One file per rule.
//!
//! What comes in: a block of one local day, what its series looked like before, thresholds. What goes
//! out: findings, and the same rules in the marks of the values they concern. No rule changes or drops a value, and none
//! decides what happens next: a finding is a remark that stays with the value.

mod completeness;
mod direction;
mod falling;
mod history;
mod negative;
mod spike;
mod thresholds;
mod unit;

use tidstro_model::Finding;

pub use direction::{Direction, check_energy_direction, check_register_direction};
pub use history::History;
pub use thresholds::Thresholds;
pub use unit::check_unit;

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

/// Judges the intervals of a local day: completeness, negative, spike.
///
/// Findings are added to `findings` and to the marks of the block.
pub fn validate_intervals(
    block: &mut IntervalBlock,
    context: &IntervalContext<'_>,
    findings: &mut Vec<Finding>,
) {
    completeness::check(block, context.expected, findings);
    negative::check(block, findings);
    spike::check_intervals(block, context.history, context.thresholds, findings);
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
    if !context.cumulative {
        return;
    }
    falling::check(block, context.before, findings);
    direction::check_readings(block, findings);
    spike::check_registers(block, context, findings);
}

/// A finding at an index of a block.
fn finding(rule: tidstro_model::Rule, index: usize) -> Finding {
    Finding { rule, position: u32::try_from(index).unwrap_or(u32::MAX) }
}

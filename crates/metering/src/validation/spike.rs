//! Rule *spike*: a value far above the series' own recent past.
//!
//! What comes in: a block, the history of the series, thresholds. What goes out: a finding and a mark for
//! each interval, or each rise between two readings, above `factor × recent maximum` and above the floor. Without enough
//! history there is no finding: a new series has no normal yet.

use tidstro_model::{Finding, Rule};

use super::{History, RegisterContext, Thresholds, finding, history::decimal_at};
use crate::{IntervalBlock, RegisterBlock};

/// Adds a finding for each interval far above the recent maximum.
pub(super) fn check_intervals(
    block: &mut IntervalBlock,
    history: &History,
    thresholds: &Thresholds,
    findings: &mut Vec<Finding>,
) {
    let Some(limit) = limit(history, thresholds, thresholds.interval_spike_factor, block.exponent()) else {
        return;
    };
    let values = block.values_zero_if_missing();
    if values.iter().copied().fold(0, i64::max) <= limit {
        return;
    }
    let above = values.iter().enumerate().filter(|(_, value)| **value > limit);
    findings.extend(above.map(|(index, _)| finding(Rule::Spike, index)));
    block.add_finding(Rule::Spike, |_, value, _| value > limit);
}

/// Adds a finding for each rise far above the recent highest rise of a day.
pub(super) fn check_registers(
    block: &mut RegisterBlock,
    context: &RegisterContext<'_>,
    findings: &mut Vec<Finding>,
) {
    let factor = context.thresholds.register_spike_factor;
    let Some(limit) = limit(context.history, context.thresholds, factor, block.exponent()) else {
        return;
    };
    let mut last = context.before;
    for index in 0..block.len() {
        let Some(&value) = block.values().get(index) else { return };
        if last.is_some_and(|last| value.saturating_sub(last) > limit) {
            findings.push(finding(Rule::Spike, index));
            block.add_finding(index, Rule::Spike);
        }
        last = Some(value);
    }
}

/// The highest value that is no spike; `None` while the history is too short to say.
fn limit(history: &History, thresholds: &Thresholds, factor: u32, exponent: i8) -> Option<i64> {
    if history.days() < i64::from(thresholds.history_days) {
        return None;
    }
    let normal = history.recent_max_at(exponent).saturating_mul(i64::from(factor));
    Some(normal.max(decimal_at(thresholds.spike_floor, exponent)))
}

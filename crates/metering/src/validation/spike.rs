//! Rule *spike*: a value far above the series' own recent past.
//!
//! What comes in: a block, the history of the series, thresholds. What goes out: a finding and a mark
//! for each interval, or each rise of a register within the day, above `factor × recent maximum` and
//! above the floor. Without enough history there is no finding: a new series has no normal yet.

use tidstro_model::{Decimal, Rule};

use super::{
    Explained, History, RegisterContext, SpikeLimit, Thresholds, Why, explained, history::decimal_at,
};
use crate::{IntervalBlock, RegisterBlock};

/// Adds a finding for each interval far above the recent maximum.
pub(super) fn check_intervals(
    block: &mut IntervalBlock,
    history: &History,
    thresholds: &Thresholds,
    findings: &mut Vec<Explained>,
) {
    let Some(spike) = thresholds.spike else { return };
    let Some(limit) = limit(history, spike, spike.interval_factor, block.exponent()) else { return };
    let values = block.values_zero_if_missing();
    if values.iter().copied().fold(0, i64::max) <= limit {
        return;
    }
    let above = values.iter().enumerate().filter(|(_, value)| **value > limit);
    let said = |value: i64| why(history, value, limit, block.exponent());
    findings.extend(above.map(|(index, value)| explained(index, said(*value))));
    block.add_finding(Rule::Spike, |_, value, _| value > limit);
}

/// Adds a finding at each reading by which the register rose far above the recent highest rise of a day.
///
/// A burst pipe rises a little with each reading, a wrong digit at once: both count from the start of the
/// day. After a finding the count begins anew, so one jump is one finding.
pub(super) fn check_registers(
    block: &mut RegisterBlock,
    context: &RegisterContext<'_>,
    findings: &mut Vec<Explained>,
) {
    let Some(limit) = highest_rise(context, block.exponent()) else { return };
    let mut base = context.before;
    for index in 0..block.len() {
        let Some(&value) = block.values().get(index) else { return };
        let rise = value.saturating_sub(*base.get_or_insert(value));
        if rise > limit {
            findings.push(explained(index, why(context.history, rise, limit, block.exponent())));
            block.add_finding(index, Rule::Spike);
            base = Some(value);
        }
    }
}

/// The highest rise of a register in a day that is no spike; `None` while nothing says so.
pub(super) fn highest_rise(context: &RegisterContext<'_>, exponent: i8) -> Option<i64> {
    let spike = context.thresholds.spike?;
    limit(context.history, spike, spike.register_factor, exponent)
}

fn why(history: &History, value: i64, limit: i64, exponent: i8) -> Why {
    let [value, limit, normal] =
        [value, limit, history.recent_max_at(exponent)].map(|number| Decimal::new(number, exponent));
    Why::Spike { value, limit, normal }
}

/// The highest value that is no spike; `None` while the history is too short to say.
fn limit(history: &History, spike: SpikeLimit, factor: u32, exponent: i8) -> Option<i64> {
    if history.days() < i64::from(spike.history_days) {
        return None;
    }
    let normal = history.recent_max_at(exponent).saturating_mul(i64::from(factor));
    Some(normal.max(decimal_at(spike.floor, exponent)))
}

#[cfg(test)]
mod tests {
    use super::{
        super::examples::{history, intervals, listed, readings},
        *,
    };

    fn interval_spikes(values: &[i64], history: &History) -> Vec<u32> {
        let values: Vec<_> = values.iter().copied().map(Some).collect();
        let (mut block, mut findings) = (intervals(&values), Vec::new());
        check_intervals(&mut block, history, &Thresholds::default(), &mut findings);
        listed(&findings).into_iter().map(|(_, position)| position).collect()
    }

    #[test]
    fn a_spike_is_above_factor_and_floor() {
        // Five times 1.2 kWh is 6 kWh, above the floor of 5 kWh.
        assert_eq!(interval_spikes(&[6000, 6001, 100], &history(7, 1200)), [1]);
        // Five times 0.2 kWh is 1 kWh, but nothing up to 5 kWh is a spike.
        assert_eq!(interval_spikes(&[1001, 5000, 5001], &history(7, 200)), [2]);
        // Six days are no history.
        assert_eq!(interval_spikes(&[90_000], &history(6, 200)), []);
        // Too large to multiply: nothing is above it.
        assert_eq!(interval_spikes(&[i64::MAX], &history(7, i64::MAX)), []);
    }

    #[test]
    fn the_floor_is_counted_at_the_blocks_exponent() {
        let spike = SpikeLimit { floor: Decimal::new(5, -1), ..Thresholds::default().spike.unwrap() };
        let past = History::from_numbers([30, 10, -3]).unwrap();
        assert_eq!(limit(&past, spike, 5, -3), Some(500));
        assert_eq!(limit(&past, spike, 100, -3), Some(1000));
        assert_eq!(limit(&past, spike, 100, -5), Some(100_000));
    }

    #[test]
    fn a_register_spike_is_a_rise() {
        let (past, thresholds) = (history(30, 1000), Thresholds::default());
        for (before, values, found) in [
            (Some(50_000), vec![59_500, 60_000], vec![]),
            (Some(50_000), vec![60_001, 60_500, 99_000], vec![0, 2]),
            (None, vec![90_000, 90_100], vec![]),
            // A burst pipe: no step is large, the day is.
            (Some(50_000), vec![54_000, 58_000, 62_000, 66_000], vec![2]),
        ] {
            let (mut block, mut findings) = (readings(&values), Vec::new());
            let context =
                RegisterContext { before, cumulative: true, thresholds: &thresholds, history: &past };
            check_registers(&mut block, &context, &mut findings);
            let found: Vec<_> = found.into_iter().map(|position| (Rule::Spike, position)).collect();
            assert_eq!(listed(&findings), found, "{values:?}");
        }
    }
}

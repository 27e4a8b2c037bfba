//! Rule *sum*: the intervals add up to what the register says passed.
//!
//! What comes in: intervals in a row, what passed from the first one's start to the last one's end, a tolerance. What
//! goes out: a finding if they lie further apart. With intervals missing only too much can be told. A register
//! shows whole pulses, so each difference of two readings is true to one pulse at each end.

use tidstro_model::{Decimal, Findings, Rule};

use super::{Explained, Passed, SumLimit, Thresholds, Why, explained};
use crate::IntervalBlock;

/// What the register says against a local day's intervals.
pub(super) fn check(
    (block, expected): (&mut IntervalBlock, u32),
    passed: Option<Passed>,
    thresholds: &Thresholds,
    findings: &mut Vec<Explained>,
) {
    let Some((passed, limit)) = passed.zip(thresholds.sum) else { return };
    let Some(why) = check_sum([(&*block, expected)], passed, limit) else { return };
    findings.push(explained(0, why));
    block.add_finding(Rule::Sum, |_, _, mark| mark.quality() != tidstro_model::Quality::Missing);
}

/// Judges the intervals of a local day that lies stored by this rule alone: a finding that no longer holds goes, one that holds
/// is marked and returned. What other rules found stays.
pub fn judge_sum(
    (block, expected): (&mut IntervalBlock, u32),
    passed: Option<Passed>,
    thresholds: &Thresholds,
) -> Vec<Explained> {
    let mut findings = Vec::new();
    block.keep_findings(Findings::all_but(&[Rule::Sum]));
    check((block, expected), passed, thresholds, &mut findings);
    findings
}

/// Compares the intervals of local days in a row, each with how many the day has, with what the register says passed in
/// them. `None` if they agree, or
/// if nothing can be told: intervals are missing and the others are not too much, or a number does not fit in
/// 64 bits.
pub fn check_sum<'a>(
    blocks: impl IntoIterator<Item = (&'a IntervalBlock, u32)>,
    passed: Passed,
    limit: SumLimit,
) -> Option<Why> {
    let (mut intervals, mut is_complete) = (Decimal::ZERO, true);
    for (block, expected) in blocks {
        intervals = intervals.checked_add(total(block)?)?;
        is_complete &= block.present() == expected as usize;
    }
    let tolerance = tolerance(passed, limit)?;
    let register = passed.total();
    let exponent = intervals.exponent().min(register.exponent()).min(tolerance.exponent());
    let steps = |number: Decimal| number.in_steps_of(exponent).map(i128::from);
    let apart = steps(intervals)? - steps(register)?;
    let too_much = apart > steps(tolerance)?;
    let too_little = -apart > steps(tolerance)?;
    (too_much || (too_little && is_complete)).then_some(Why::Sum { intervals, register, tolerance })
}

/// Sum of the values that are there.
fn total(block: &IntervalBlock) -> Option<Decimal> {
    let values = block.values_zero_if_missing();
    let sum = values.iter().try_fold(0_i64, |sum, value| sum.checked_add(*value))?;
    Some(Decimal::new(sum, block.exponent()))
}

/// Pulses of each difference, and percent of what passed, cut to a thousandth of a pulse.
fn tolerance(passed: Passed, limit: SumLimit) -> Option<Decimal> {
    let times = i64::from(limit.pulses).checked_mul(i64::from(passed.differences()))?;
    let pulses = Decimal::new(passed.pulse().mantissa().checked_mul(times)?, passed.pulse().exponent());
    let exponent = passed.pulse().exponent().saturating_sub(3);
    let share = super::history::share(passed.total(), limit.percent, exponent)?;
    pulses.checked_add(Decimal::new(share, exponent))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Dial, examples::intervals},
        *,
    };

    const LIMIT: SumLimit = SumLimit { pulses: 2, percent: Decimal::new(1, -1) };

    /// A register of whole kilowatt hours, intervals in watt hours.
    fn found(values: &[Option<i64>], (start, end): (i64, i64)) -> Option<Why> {
        let expected = u32::try_from(values.len()).unwrap();
        let dial = Dial { pulse: Decimal::new(1, 3), digits: Some(6) };
        let passed = Passed::between(Decimal::new(start, 3), Decimal::new(end, 3), dial).unwrap();
        check_sum([(&intervals(values), expected)], passed, LIMIT)
    }

    /// Worked: 20 kWh passed, the tolerance is 2 kWh and 20 Wh.
    #[test]
    fn intervals_and_register_agree_within_pulses_and_percent() {
        for (values, is_found) in [
            ([Some(10_000), Some(10_000)], false),
            ([Some(10_000), Some(12_020)], false),
            ([Some(10_000), Some(12_021)], true),
            ([Some(10_000), Some(7_980)], false),
            ([Some(10_000), Some(7_979)], true),
            // With an interval missing, too little is no finding; too much is.
            ([Some(10_000), None], false),
            ([Some(22_021), None], true),
        ] {
            assert_eq!(found(&values, (999_990, 10)).is_some(), is_found, "{values:?}");
        }
    }

    #[test]
    fn the_numbers_compared_are_said() {
        let why = found(&[Some(1_000)], (0, 20)).unwrap();
        let number = |number| Decimal::new(number, 0);
        let expected =
            Why::Sum { intervals: number(1_000), register: number(20_000), tolerance: number(2_020) };
        assert_eq!(why, expected);
    }

    /// Each of two meters is true to its own pulses.
    #[test]
    fn a_meter_exchange_doubles_the_pulses() {
        let dial = Dial { pulse: Decimal::new(1, 3), digits: None };
        let one = Passed::between(Decimal::ZERO, Decimal::new(10, 3), dial).unwrap();
        let found = |watt_hours| {
            let block = intervals(&[Some(watt_hours)]);
            check_sum([(&block, 1)], one.and(one).unwrap(), LIMIT).is_some()
        };
        assert_eq!((found(24_020), found(24_021)), (false, true));
    }

    #[test]
    fn a_day_carries_the_finding_in_every_value() {
        let passed = Passed::between(
            Decimal::ZERO,
            Decimal::new(9, 3),
            Dial { pulse: Decimal::new(1, 3), digits: None },
        );
        let (mut block, mut findings) = (intervals(&[Some(1), Some(2)]), Vec::new());
        let thresholds = Thresholds { sum: Some(LIMIT), ..Thresholds::NONE };
        check((&mut block, 2), passed, &thresholds, &mut findings);
        assert_eq!(findings.len(), 1);
        assert!(block.marks().iter().all(|mark| mark.findings().contains(Rule::Sum)));
        check((&mut block, 2), passed, &Thresholds::NONE, &mut findings);
        check((&mut block, 2), None, &thresholds, &mut findings);
        check((&mut block, 3), passed, &thresholds, &mut findings);
        assert_eq!(findings.len(), 1, "without a limit, a register or the third interval nothing is judged");
    }

    #[test]
    fn a_finding_goes_when_the_sums_agree_and_others_stay() {
        let dial = Dial { pulse: Decimal::new(1, 3), digits: None };
        let passed = |kilowatt_hours| Passed::between(Decimal::ZERO, Decimal::new(kilowatt_hours, 3), dial);
        let thresholds = Thresholds { sum: Some(LIMIT), ..Thresholds::NONE };
        let mut block = intervals(&[Some(1), Some(2)]);
        block.add_finding(Rule::Jump, |slot, _, _| slot == 0);
        let before = block.clone();
        assert_eq!(judge_sum((&mut block, 2), passed(9), &thresholds).len(), 1);
        assert_eq!(judge_sum((&mut block, 2), passed(9), &thresholds).len(), 1, "it still holds");
        assert_ne!(block, before);
        assert_eq!(judge_sum((&mut block, 2), passed(0), &thresholds), []);
        assert_eq!(block, before);
        judge_sum((&mut block, 2), passed(9), &thresholds);
        assert_eq!(judge_sum((&mut block, 2), None, &thresholds), [], "the reading was withdrawn");
        assert_eq!(block, before);
    }
}

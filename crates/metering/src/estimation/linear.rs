//! Linear interpolation over a short gap.

use super::{Gap, fit::rounded};

/// Values on the line between the intervals before and after the gap; as the one of them where there is one only.
/// `None` for a gap longer than `max`, or with neither.
pub(super) fn values(values: &[Option<i64>], gap: Gap, max: usize) -> Option<Vec<i64>> {
    if gap.len > max {
        return None;
    }
    let before = gap.first.checked_sub(1).and_then(|slot| *values.get(slot)?);
    let after = values.get(gap.first + gap.len).copied().flatten();
    let (from, to) = (before.or(after)?, after.or(before)?);
    let steps = i128::try_from(gap.len).ok()? + 1;
    (1..steps).map(|step| on_line((from, to), (step, steps))).collect()
}

fn on_line((from, to): (i64, i64), (step, steps): (i128, i128)) -> Option<i64> {
    let sum = i128::from(from) * (steps - step) + i128::from(to) * step;
    i64::try_from(rounded(sum, steps)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked: from 10 to 22 in 3 steps; half away from zero; one side only; too long.
    #[test]
    fn values_lie_on_the_line() {
        let over =
            |stretch: &[Option<i64>], max| values(stretch, super::super::gaps(stretch).next().unwrap(), max);
        assert_eq!(over(&[Some(10), None, None, Some(22)], 2), Some(vec![14, 18]));
        assert_eq!(over(&[Some(1), None, Some(2)], 2), Some(vec![2]));
        assert_eq!(over(&[Some(-1), None, Some(-2)], 2), Some(vec![-2]));
        assert_eq!(over(&[Some(7), None, None], 2), Some(vec![7, 7]));
        assert_eq!(over(&[None, Some(7)], 2), Some(vec![7]));
        assert_eq!(over(&[None, None], 2), None);
        assert_eq!(over(&[Some(1), None, None, None, Some(1)], 2), None);
        assert_eq!(over(&[Some(i64::MAX), None, Some(i64::MAX)], 2), Some(vec![i64::MAX]));
    }
}

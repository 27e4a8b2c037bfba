//! The mean of like days.

use super::{Gap, fit::rounded};

/// The mean of each interval over the nearest `count` like days that have a value for it. `None` if an interval has
/// none.
pub(super) fn values(like_days: &[&[Option<i64>]], gap: Gap, count: usize) -> Option<Vec<i64>> {
    gap.slots().map(|slot| mean(like_days, slot, count)).collect()
}

fn mean(like_days: &[&[Option<i64>]], slot: usize, count: usize) -> Option<i64> {
    let said = like_days.iter().filter_map(|day| *day.get(slot)?).take(count);
    let (sum, days) = said.fold((0_i128, 0_i128), |(sum, days), value| (sum + i128::from(value), days + 1));
    if days == 0 { None } else { i64::try_from(rounded(sum, days)).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_days_that_have_a_value_count() {
        let days: [&[Option<i64>]; 4] =
            [&[Some(10), None], &[Some(20), Some(4)], &[None, Some(5)], &[Some(90), Some(9)]];
        let gap = Gap { first: 0, len: 2 };
        assert_eq!(values(&days, gap, 2), Some(vec![15, 5]), "4 and 5 make 4.5, half goes away from zero");
        assert_eq!(values(&days, gap, 3), Some(vec![40, 6]));
        assert_eq!(values(&days, gap, 0), None);
        assert_eq!(values(&days, Gap { first: 1, len: 2 }, 3), None, "nobody has the third interval");
    }
}

//! Gaps: intervals in a row without a value.

use std::ops::Range;

/// Intervals in a row without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Index of the first.
    pub first: usize,
    /// How many; never 0.
    pub len: usize,
}

impl Gap {
    /// The indices of its intervals.
    #[must_use]
    pub const fn slots(self) -> Range<usize> {
        self.first..self.first + self.len
    }

    /// The part of `other`, which is of the same intervals; `None` if it is shorter.
    pub(super) fn of<T>(self, other: &[T]) -> Option<&[T]> {
        other.get(self.slots())
    }
}

/// The gaps of a stretch, in order.
pub fn gaps(values: &[Option<i64>]) -> impl Iterator<Item = Gap> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = values.get(from..)?;
        let first = from + rest.iter().position(Option::is_none)?;
        let len = values.get(first..)?.iter().take_while(|value| value.is_none()).count();
        from = first + len;
        Some(Gap { first, len })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_interval_without_a_value_is_in_one_gap() {
        let values = [None, Some(1), None, None, Some(2), None];
        let found: Vec<Gap> = gaps(&values).collect();
        assert_eq!(found, [Gap { first: 0, len: 1 }, Gap { first: 2, len: 2 }, Gap { first: 5, len: 1 }]);
        assert_eq!((gaps(&[Some(1)]).count(), gaps(&[]).count()), (0, 0));
    }
}

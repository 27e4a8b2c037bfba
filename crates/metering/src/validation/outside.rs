//! Rule *outside*: a value is of a time it may be of.
//!
//! What comes in: a block and the intervals of its local day that may have a value. What goes out: a finding at the first
//! value in the future, before the point existed, or while nobody supplied it, and a mark on each. It needs no
//! limit: it follows from master data and from the time the values came.

use tidstro_model::{Quality, Rule};

use super::{Bounds, Explained, Why, explained};
use crate::IntervalBlock;

/// Adds a finding if there are values where none may be.
pub(super) fn check(block: &mut IntervalBlock, bounds: Option<Bounds>, findings: &mut Vec<Explained>) {
    let Some((slots, why)) = bounds.and_then(|bounds| bounds.outside(block.len())) else { return };
    let first = slots.clone().find(|slot| block.value(*slot).is_some());
    if let Some(first) = first {
        findings.push(explained(first, Why::Outside(why)));
        let is_there = |quality| quality != Quality::Missing;
        block.add_finding(Rule::Outside, |slot, _, mark| slots.contains(&slot) && is_there(mark.quality()));
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tidstro_calendar::Zone;
    use tidstro_model::{DayRange, Resolution};

    use super::{
        super::{
            Outside,
            examples::{intervals, marked},
        },
        *,
    };

    /// A day of 23 hours with values from hour 1 on, known at `now`.
    fn found(now: &str, exists: DayRange, supplies: Option<&[DayRange]>) -> Option<(Outside, usize, usize)> {
        let (zone, day) = (Zone::copenhagen(), date(2025, 3, 30));
        let grid = (&zone, Resolution::PT1H);
        let bounds = Bounds::of_day(grid, day, now.parse().unwrap(), exists, supplies);
        let mut values = vec![Some(5); 23];
        values[0] = None;
        let (mut block, mut findings) = (intervals(&values), Vec::new());
        check(&mut block, Some(bounds), &mut findings);
        let marks = marked(block.marks().iter().copied(), Rule::Outside);
        let Some(Explained { position, why: Why::Outside(why) }) = findings.first() else { return None };
        assert_eq!(marks.first().copied(), usize::try_from(*position).ok());
        Some((*why, marks[0], marks.len()))
    }

    #[test]
    fn values_have_a_time_they_may_be_of() {
        let (always, later) = (DayRange::always(), DayRange::from(date(2025, 3, 31)));
        let night = "2025-03-30T22:00:00Z";
        assert_eq!(found(night, always, None), None, "23 hours have ended at midnight");
        // 03:00 local summer time: the hour from 03:00 (slot 2) has not ended.
        assert_eq!(found("2025-03-30T01:00:00Z", always, None), Some((Outside::Future, 2, 21)));
        assert_eq!(found(night, later, None), Some((Outside::NoPoint, 1, 22)));
        let supplies = [DayRange::new(date(2024, 1, 1), date(2025, 3, 30)).unwrap(), later];
        assert_eq!(found(night, always, Some(&supplies)), Some((Outside::NoSupplier, 1, 22)));
        assert_eq!(found(night, always, Some(&[always])), None);
    }
}

//! How old estimates are: chains of them, and since when.
//!
//! What comes in: blocks of one series, one per local day, in order. What goes out: each chain of estimates without a
//! measured value between them. A gap neither ends a chain nor makes it longer.

use jiff::civil::Date;
use tidstro_calendar::epoch_day;
use tidstro_model::Quality;

use crate::IntervalBlock;

/// Estimates in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// Local day and slot of the first one.
    pub first: (Date, usize),
    /// Local day and slot of the last one.
    pub last: (Date, usize),
    /// How many.
    pub intervals: u64,
}

impl Chain {
    /// Local days from the first one's to the last one's, both counted.
    #[must_use]
    pub fn days(&self) -> u32 {
        days_between(self.first.0, self.last.0) + 1
    }

    /// Local days since the first one's: how long somebody has waited for a measured value.
    #[must_use]
    pub fn age_days(&self, today: Date) -> u32 {
        days_between(self.first.0, today)
    }
}

/// The chains of estimates in these days, in order.
pub fn chains<'a>(days: impl IntoIterator<Item = (Date, &'a IntervalBlock)>) -> Vec<Chain> {
    let (mut chains, mut open): (Vec<Chain>, Option<Chain>) = (Vec::new(), None);
    for (day, block) in days {
        for (slot, mark) in block.marks().iter().enumerate() {
            match mark.quality() {
                Quality::Estimated => open = Some(longer(open, (day, slot))),
                Quality::Missing => {}
                Quality::Measured | Quality::Calculated => chains.extend(open.take()),
            }
        }
    }
    chains.extend(open);
    chains
}

fn longer(open: Option<Chain>, last: (Date, usize)) -> Chain {
    let begun = open.unwrap_or(Chain { first: last, last, intervals: 0 });
    Chain { last, intervals: begun.intervals + 1, ..begun }
}

/// Local days from one to another; 0 if the other is earlier.
fn days_between(from: Date, to: Date) -> u32 {
    u32::try_from(epoch_day(to) - epoch_day(from)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tidstro_model::Quality::{Estimated, Measured, Missing};

    use super::*;

    fn day(qualities: &[Quality]) -> IntervalBlock {
        let mut block = IntervalBlock::empty(0);
        qualities.iter().for_each(|quality| block.push(Some(1), *quality).unwrap());
        block
    }

    #[test]
    fn chains_run_over_gaps_and_midnight() {
        let days = [
            day(&[Measured, Estimated]),
            day(&[Missing, Missing]),
            day(&[Estimated, Measured]),
            day(&[Measured, Estimated]),
        ];
        let dated = (1..).map(|day| date(2026, 1, day)).zip(&days);
        let first = Chain { first: (date(2026, 1, 1), 1), last: (date(2026, 1, 3), 0), intervals: 2 };
        let second = Chain { first: (date(2026, 1, 4), 1), last: (date(2026, 1, 4), 1), intervals: 1 };
        assert_eq!(chains(dated), [first, second]);
        assert_eq!((first.days(), first.age_days(date(2026, 1, 31))), (3, 30));
        assert_eq!((second.days(), second.age_days(date(2026, 1, 4))), (1, 0));
        assert_eq!(second.age_days(date(2026, 1, 1)), 0);
        assert_eq!(chains([(date(2026, 1, 1), &day(&[Measured, Missing]))]), []);
    }
}

//! What is known beside a block: of the point, the meter, the register, and the days before.
//!
//! What comes in: master data and what the meter said, as the caller found them. What goes out: what the rules of
//! state, time and sum compare with. What is not known is not judged.

use std::ops::Range;

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_model::{ConnectionState, DayRange, Resolution};

use super::{Dial, Outside, Passed, Tail};
use crate::IntervalBlock;

/// What is known beside an interval block.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// What the days before left.
    pub tail: Tail,
    /// What the register says passed on exactly this local day.
    pub passed: Option<Passed>,
    /// What the point was on this local day.
    pub state: Option<ConnectionState>,
    /// Which intervals may have a value.
    pub bounds: Option<Bounds>,
    /// Seconds the meter's clock is ahead of true time; negative if behind.
    pub clock_seconds: Option<i64>,
    /// Slots the meter itself marks as invalid, by its status flags.
    pub invalid: &'a [u32],
    /// What was released of this local day.
    pub released: Option<&'a IntervalBlock>,
}

/// What is known beside a register block.
#[derive(Debug, Clone, Copy, Default)]
pub struct RegisterSurroundings {
    /// How the register counts; without it an overflow is a fall.
    pub dial: Option<Dial>,
    /// What the point was on this local day.
    pub state: Option<ConnectionState>,
    /// Seconds the meter's clock is ahead of true time; negative if behind.
    pub clock_seconds: Option<i64>,
}

/// Which intervals of a local day may have a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How many intervals have ended.
    ended: usize,
    /// Why none of the day may, if so.
    closed: Option<Outside>,
}

impl Bounds {
    /// The bounds of a local day, as known at `now`: the point exists on the days `exists`, and is supplied on those of
    /// `supplies`; `None` for a point that needs no supplier.
    #[must_use]
    pub fn of_day(
        (zone, resolution): (&Zone, Resolution),
        day: Date,
        now: Timestamp,
        exists: DayRange,
        supplies: Option<&[DayRange]>,
    ) -> Self {
        let slots = zone.slots(day, resolution).unwrap_or(0);
        let length = i64::from(resolution.seconds().unwrap_or(0));
        let has_ended = |slot: &u32| {
            let start = zone.slot_start(day, resolution, *slot);
            start.is_some_and(|start| start.as_second().saturating_add(length) <= now.as_second())
        };
        let is_supplied = supplies.is_none_or(|days| days.iter().any(|supply| supply.contains(day)));
        let closed = match (exists.contains(day), is_supplied) {
            (false, _) => Some(Outside::NoPoint),
            (true, false) => Some(Outside::NoSupplier),
            (true, true) => None,
        };
        Self { ended: (0..slots).take_while(has_ended).count(), closed }
    }

    /// The slots of a block of `len` that may have no value, and why.
    pub(super) fn outside(self, len: usize) -> Option<(Range<usize>, Outside)> {
        match self.closed {
            Some(closed) => Some((0..len, closed)),
            None if self.ended < len => Some((self.ended..len, Outside::Future)),
            None => None,
        }
    }
}

//! What the rules remember of a series between local days, and judging one day with it.
//!
//! What comes in: a block of a local day, limits, and what is known beside it. What goes out: findings, the same rules in
//! the marks of the block, and the memory the next day is judged with. It must stay small: one is kept per series.

use tidstro_model::Decimal;

use super::{
    Explained, History, IntervalContext, RegisterContext, RegisterSurroundings, Surroundings, Tail,
    Thresholds, explain_intervals, explain_registers,
};
use crate::{IntervalBlock, RegisterBlock};

/// What the rules remember of a series: its recent maximum, and how its newest local day ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    history: History,
    edge: Edge,
}

/// How the newest local day ended; days are counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    /// No day has been seen.
    None,
    /// The last value of a register.
    Readings { day: i32, last: Decimal },
    /// What a day of intervals leaves.
    Intervals { day: i32, tail: Tail },
}

/// Which local day is judged, and by which limits.
#[derive(Debug, Clone, Copy)]
pub struct Judging<'a> {
    /// The local day, counted from 1970-01-01.
    pub day: i32,
    /// Whether the memory has the day in it already: its block has grown.
    pub is_known: bool,
    /// The limits of its series on this day.
    pub thresholds: &'a Thresholds,
}

impl Memory {
    /// Of a series nobody has seen yet.
    pub const NONE: Self = Self { history: History::NONE, edge: Edge::None };

    /// How many numbers a store keeps.
    pub const NUMBERS: usize = 10;

    /// The recent maximum.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// The memory of a series of which an earlier build has kept the recent maximum, and of a register its last value
    /// with the local day.
    #[must_use]
    pub const fn of_history(history: History, last: Option<(i32, Decimal)>) -> Self {
        match last {
            Some((day, last)) => Self { history, edge: Edge::Readings { day, last } },
            None => Self { history, edge: Edge::None },
        }
    }

    /// The numbers a store keeps: three of the history, the kind of edge (0 none, 1 readings, 2 intervals), its day, and
    /// mantissa and exponent of the last reading or the five of the tail.
    #[must_use]
    pub fn to_numbers(self) -> [i64; Self::NUMBERS] {
        let [days, recent_max, exponent] = self.history.to_numbers();
        let (kind, day, [a, b, c, d, e]) = match self.edge {
            Edge::None => (0, 0, [0; 5]),
            Edge::Readings { day, last } => (1, day, [last.mantissa(), last.exponent().into(), 0, 0, 0]),
            Edge::Intervals { day, tail } => (2, day, tail.to_numbers()),
        };
        [days, recent_max, exponent, kind, day.into(), a, b, c, d, e]
    }

    /// The memory with these numbers; `None` if [`Memory::to_numbers`] gives no such numbers.
    #[must_use]
    pub fn from_numbers(numbers: [i64; Self::NUMBERS]) -> Option<Self> {
        let [days, recent_max, exponent, kind, day, a, b, c, d, e] = numbers;
        let history = History::from_numbers([days, recent_max, exponent])?;
        let day = i32::try_from(day).ok()?;
        let edge = match (kind, [c, d, e]) {
            (0, _) if (day, a, b) == (0, 0, 0) => Edge::None,
            (1, [0, 0, 0]) => Edge::Readings { day, last: Decimal::new(a, i8::try_from(b).ok()?) },
            (2, _) => Edge::Intervals { day, tail: Tail::from_numbers([a, b, c, d, e])? },
            _ => return None,
        };
        Some(Self { history, edge })
    }

    /// Judges the intervals of a local day; returns what is remembered with them.
    ///
    /// The tail beside the block counts only for a day that is not after the newest one: of a later day the memory
    /// knows it itself.
    #[must_use]
    pub fn judge_intervals(
        &self,
        judging: &Judging<'_>,
        (block, expected): (&mut IntervalBlock, u32),
        beside: &Surroundings<'_>,
        findings: &mut Vec<Explained>,
    ) -> Self {
        let tail = self.tail_before(judging.day).unwrap_or(beside.tail);
        let context = IntervalContext { expected, history: &self.history, thresholds: judging.thresholds };
        explain_intervals(block, &context, &Surroundings { tail, ..*beside }, findings);
        let mut after = *self;
        if judging.is_known {
            after.history.extend(block);
        } else {
            after.history.observe(block);
        }
        if self.is_newest(judging.day) {
            after.edge = Edge::Intervals { day: judging.day, tail: tail.after(block) };
        }
        after
    }

    /// Judges the readings of a local day; returns what is remembered with them.
    #[must_use]
    pub fn judge_registers(
        &self,
        judging: &Judging<'_>,
        (block, cumulative): (&mut RegisterBlock, bool),
        beside: RegisterSurroundings,
        findings: &mut Vec<Explained>,
    ) -> Self {
        // A reading of a coarser scale than the last one cannot be compared exactly; the next one can.
        let before = self.last_before(judging.day).and_then(|last| last.in_steps_of(block.exponent()));
        let thresholds = judging.thresholds;
        let context = RegisterContext { before, cumulative, thresholds, history: &self.history };
        explain_registers(block, &context, beside, findings);
        let mut after = *self;
        match (cumulative, judging.is_known) {
            (true, false) => after.history.observe_registers(block, before),
            (true, true) => after.history.extend_registers(block, before),
            (false, _) => {}
        }
        if let Some(last) = block.last_value().filter(|_| self.is_newest(judging.day)) {
            after.edge = Edge::Readings { day: judging.day, last: block.decimal(last) };
        }
        after
    }

    const fn newest_day(&self) -> Option<i32> {
        match self.edge {
            Edge::None => None,
            Edge::Readings { day, .. } | Edge::Intervals { day, .. } => Some(day),
        }
    }

    fn is_newest(&self, day: i32) -> bool {
        self.newest_day().is_none_or(|newest| newest <= day)
    }

    /// What the days before leave to this one; `None` if this day is not after the newest one.
    fn tail_before(&self, day: i32) -> Option<Tail> {
        match self.edge {
            Edge::Intervals { day: newest, tail } if newest < day => {
                Some(if newest + 1 == day { tail } else { tail.over_gap() })
            }
            _ => None,
        }
    }

    fn last_before(&self, day: i32) -> Option<Decimal> {
        match self.edge {
            Edge::Readings { day: newest, last } if newest < day => Some(last),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{JumpLimit, examples::*},
        *,
    };

    const JUMP: Thresholds =
        Thresholds { jump: Some(JumpLimit { percent: 0, floor: Decimal::new(500, 0) }), ..Thresholds::NONE };

    /// What a day of intervals leaves, and how many findings it has; the day before a late one ended with `beside`.
    fn judged(memory: Memory, day: i32, values: &[i64], beside: Tail) -> (Memory, usize) {
        let values: Vec<_> = values.iter().copied().map(Some).collect();
        let (mut block, mut findings) = (intervals(&values), Vec::new());
        let expected = u32::try_from(values.len()).unwrap();
        let judging = Judging { day, is_known: false, thresholds: &JUMP };
        let beside = Surroundings { tail: beside, ..Surroundings::default() };
        let after = memory.judge_intervals(&judging, (&mut block, expected), &beside, &mut findings);
        (after, findings.len())
    }

    #[test]
    fn the_day_before_is_remembered_and_a_day_apart_is_not_it() {
        let (first, _) = judged(Memory::NONE, 10, &[100, 100], Tail::NONE);
        assert_eq!(judged(first, 11, &[9_000, 9_000], Tail::NONE).1, 1);
        assert_eq!(judged(first, 12, &[9_000, 9_000], Tail::NONE).1, 0);
    }

    #[test]
    fn a_late_day_is_judged_by_what_the_caller_found() {
        let (newest, _) = judged(Memory::NONE, 12, &[100, 100], Tail::NONE);
        let eve = Tail::NONE.after(&intervals(&[Some(9_000)]));
        let (late, found) = judged(newest, 11, &[100, 100], eve);
        assert_eq!(found, 1);
        assert_eq!(late.edge, newest.edge, "the newest day stays the newest");
        assert_eq!(judged(newest, 11, &[9_000, 9_000], Tail::NONE).1, 0);
    }

    #[test]
    fn the_numbers_are_the_memory() {
        let (intervals, _) = judged(Memory::NONE, 10, &[100, 0], Tail::NONE);
        let readings = Memory::of_history(history(3, 7), Some((20_000, Decimal::new(12_345, -3))));
        for memory in [Memory::NONE, intervals, readings, Memory::of_history(history(3, 7), None)] {
            assert_eq!(Memory::from_numbers(memory.to_numbers()), Some(memory));
        }
        for (index, wrong) in [(3, 3), (3, 0), (4, i64::MAX), (7, 9)] {
            let mut numbers = readings.to_numbers();
            numbers[index] = wrong;
            assert_eq!(Memory::from_numbers(numbers), None, "{index}");
        }
    }
}

//! Judging past local days again, one series at a time.
//!
//! What comes in: rules, and the days of a series in order. What goes out: each day as those rules would have left it, and
//! what they found with what was compared. Nothing is looked up: what is not given is not judged.

use jiff::civil::Date;
use tidstro_calendar::epoch_day;
use tidstro_model::SeriesNo;

use super::{Explained, Judging, Memory, RegisterSurroundings, Rules, SeriesTraits, Surroundings};
use crate::{Block, IntervalBlock, RegisterBlock};

/// A local day of a series as it was stored.
#[derive(Debug, Clone)]
pub struct PastDay<'a> {
    /// The series.
    pub series: SeriesNo,
    /// What it is classed by.
    pub traits: SeriesTraits,
    /// The local day.
    pub day: Date,
    /// Its values.
    pub block: PastBlock<'a>,
}

/// The values of a past local day, and what is known beside them.
#[derive(Debug, Clone)]
pub enum PastBlock<'a> {
    /// Intervals; the tail beside them is made here.
    Interval {
        /// The block; what rules found in it that judge again is not looked at.
        block: IntervalBlock,
        /// Intervals the local day has.
        expected: u32,
        /// What is known beside it.
        beside: Surroundings<'a>,
    },
    /// Readings of a register.
    Register {
        /// The block; what rules found in it that judge again is not looked at.
        block: RegisterBlock,
        /// Whether the register only rises.
        cumulative: bool,
        /// What is known beside it.
        beside: RegisterSurroundings,
    },
}

/// One rule set, and what it remembers of the series at hand.
#[derive(Debug, Clone)]
pub struct Judge<'r> {
    rules: &'r Rules,
    memory: Memory,
}

impl<'r> Judge<'r> {
    /// A judge of one series. What it has not seen of it is unknown to it: give it days enough before those that count.
    #[must_use]
    pub const fn of(rules: &'r Rules) -> Self {
        Self { rules, memory: Memory::NONE }
    }

    /// Judges the next local day: its block as it would have been registered, and what was found.
    pub fn judge(&mut self, past: &PastDay<'_>) -> (Block, Vec<Explained>) {
        let thresholds = self.rules.limits(&past.traits, past.day).thresholds;
        let judging = Judging { day: epoch_day(past.day), is_known: false, thresholds };
        let mut findings = Vec::new();
        let block = match &past.block {
            PastBlock::Interval { block, expected, beside } => {
                let mut block = block.clone();
                block.clear_judged();
                let given = (&mut block, *expected);
                self.memory = self.memory.judge_intervals(&judging, given, beside, &mut findings);
                Block::Interval(block)
            }
            PastBlock::Register { block, cumulative, beside } => {
                let mut block = block.clone();
                block.clear_judged();
                let given = (&mut block, *cumulative);
                self.memory = self.memory.judge_registers(&judging, given, *beside, &mut findings);
                Block::Register(block)
            }
        };
        (block, findings)
    }
}

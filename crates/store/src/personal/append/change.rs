//! What becomes of a local day: more of it arrives, or somebody or some job says what it is.
//!
//! What comes in: the newest version of a day and a change. What goes out: the block that is the next version, or nothing if
//! it would say what is said already. Never: a block of one kind in the place of another.

use tidstro_metering::{Block, IntervalBlock, RegisterBlock};

use crate::StoreFault;

/// How the next version of a local day comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DayChange {
    /// What arrived, laid over what is there.
    Merge(Block),
    /// The whole day as it is now, made from the newest version in the same transaction; to be judged.
    Replace(Block),
    /// The whole day with other marks, judged in the same transaction.
    Judged(Block),
}

impl DayChange {
    /// The next version before it is judged; `None` if nothing is new.
    pub(super) fn applied(self, current: Option<&Block>) -> Result<Option<Block>, StoreFault> {
        match self {
            Self::Merge(incoming) => merged(current, incoming),
            Self::Replace(block) | Self::Judged(block) => Ok((current != Some(&block)).then_some(block)),
        }
    }
}

fn merged(current: Option<&Block>, incoming: Block) -> Result<Option<Block>, StoreFault> {
    Ok(match (current, incoming) {
        (None, incoming) => Some(incoming),
        (Some(Block::Interval(current)), Block::Interval(incoming)) => {
            IntervalBlock::merge(current, &incoming)?.map(Block::Interval)
        }
        (Some(Block::Register(current)), Block::Register(incoming)) => {
            RegisterBlock::merge(current, &incoming)?.map(Block::Register)
        }
        (Some(_), _) => return Err(StoreFault::Row { what: "series_block.sealed is of the other kind" }),
    })
}

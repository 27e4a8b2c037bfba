//! What of an arriving block is news, where the day was changed since it was first said.
//!
//! What comes in: the versions of a local day with who made each, and what arrives of the same day from a meter. What goes
//! out: what arrives without what was said before and changed since, and which corrections it takes the place of. Never: a
//! person's correction undone by a file that was there before it, or a value nobody has said yet left out. One case is not told
//! apart: a file that says just what a person said leaves no version, so it is news again once the person withdraws that value.

use tidstro_model::{Decimal, Mark, Quality};

use super::{Block, BlockFault, IntervalBlock, RegisterBlock};

/// Who made a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maker {
    /// A telegram or a file: the meter, through whatever brought it.
    Source,
    /// A person, who corrected or withdrew values.
    Person,
    /// Rules or methods.
    Job,
}

/// A version of a local day and who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeVersion {
    /// Number of its registration.
    pub seq: i64,
    /// Who made it.
    pub maker: Maker,
    /// The whole day.
    pub block: Block,
}

/// What of an arriving block is news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The block without what is no news.
    pub block: Block,
    /// The corrections it takes the place of, in the order of their places.
    pub overruled: Vec<Overruled>,
}

/// A value somebody corrected, and another one of the meter that came later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overruled {
    /// Slot of the interval, or seconds of the reading since the day's first instant.
    pub place: u32,
    /// The registration of the correction.
    pub seq: i64,
    /// What it had been corrected to, in the unit of the series.
    pub corrected: Decimal,
}

/// What is said of one place; `None` where nothing is.
type Said = Option<(Decimal, Quality)>;

/// Whether the versions of a day must be looked at before `incoming` is merged: it would take the place of a value that
/// a person or a job may have made. `is_edited` says whether a person ever changed the series.
///
/// It looks at no history, and says no for what merely adds to a day.
#[must_use]
pub fn is_contested(current: &Block, incoming: &Block, is_edited: bool) -> bool {
    match (current, incoming) {
        (Block::Interval(current), Block::Interval(incoming)) => {
            // An estimate that corrects nothing fills a gap: what the meter says takes its place.
            let could_be = |slot: usize| {
                current
                    .mark(slot)
                    .is_some_and(|mark| is_edited || (mark.is_correction() && mark.method().is_some()))
            };
            let is_other = |slot: usize, said| {
                let known = said_in_slot(current, slot);
                // What a person withdrew is missing, and says so.
                let is_there = known.is_some() || current.mark(slot).is_some_and(Mark::is_correction);
                is_there && known != said
            };
            (0..incoming.len()).any(|slot| {
                let said = said_in_slot(incoming, slot);
                said.is_some() && could_be(slot) && is_other(slot, said)
            })
        }
        // A reading that was withdrawn leaves no trace in its day.
        (Block::Register(current), Block::Register(incoming)) => {
            let is_known = |place: &(u32, _)| places(current).any(|known| known == *place);
            is_edited && !places(incoming).all(|place| is_known(&place))
        }
        _ => false,
    }
}

impl News {
    /// What of `incoming` is news after these versions of the same day, the oldest first.
    ///
    /// No news is what a source said before and a person or a job changed since. Everything else is, also a value that
    /// takes the place of another source's, and a reading in the place of an estimate.
    ///
    /// # Errors
    /// [`BlockFault`] if `incoming` has a slot its days do not have.
    pub fn of(versions: &[MadeVersion], incoming: Block) -> Result<Self, BlockFault> {
        let mut known = Vec::new();
        let mut overruled = Vec::new();
        for (place, said) in all_places(&incoming) {
            match verdict(versions, place, said) {
                Verdict::News => {}
                Verdict::Known => known.push(place),
                Verdict::Overrules(by) => overruled.push(by),
            }
        }
        Ok(Self { block: without(incoming, &known)?, overruled })
    }
}

/// The corrections that the newest of these versions has something of a source in the place of.
#[must_use]
pub fn overruled_in(versions: &[MadeVersion]) -> Vec<Overruled> {
    let Some(newest) = versions.last() else { return Vec::new() };
    let of_place = |(place, said): (u32, (Decimal, Quality))| {
        let at = changes(versions, place).last().filter(|(_, made)| made.maker == Maker::Source)?;
        let before = versions.get(..at.0)?;
        match verdict(before, place, said) {
            Verdict::Overrules(by) => Some(by),
            Verdict::News | Verdict::Known => None,
        }
    };
    all_places(&newest.block).into_iter().filter_map(of_place).collect()
}

/// Whether a value is news.
enum Verdict {
    News,
    Known,
    Overrules(Overruled),
}

fn verdict(versions: &[MadeVersion], place: u32, new: (Decimal, Quality)) -> Verdict {
    let mut was_there = false;
    let mut by_source = false;
    let mut last: Option<(&MadeVersion, Said, bool)> = None;
    for (_, made) in changes(versions, place) {
        let said = said_at(&made.block, place);
        by_source |= made.maker == Maker::Source && said == Some(new);
        last = Some((made, said, was_there));
        was_there |= said.is_some();
    }
    match last {
        Some((made, ..)) if made.maker == Maker::Source => Verdict::News,
        Some(_) if by_source => Verdict::Known,
        Some((made, Some((corrected, quality)), replaced))
            if made.maker == Maker::Person
                && corrected != new.0
                // A person's estimate for a gap is an estimate: a reading takes its place.
                && (replaced || quality != Quality::Estimated) =>
        {
            Verdict::Overrules(Overruled { place, seq: made.seq, corrected })
        }
        _ => Verdict::News,
    }
}

/// The versions in which a place became something else, by their index.
fn changes(versions: &[MadeVersion], place: u32) -> impl Iterator<Item = (usize, &MadeVersion)> {
    let mut last: Said = None;
    versions.iter().enumerate().filter(move |(_, made)| {
        let said = said_at(&made.block, place);
        std::mem::replace(&mut last, said) != said
    })
}

fn said_in_slot(block: &IntervalBlock, slot: usize) -> Said {
    block.decimal(slot).zip(block.mark(slot)).map(|(value, mark)| (value, mark.quality()))
}

fn said_at(block: &Block, place: u32) -> Said {
    match block {
        Block::Interval(block) => said_in_slot(block, place as usize),
        Block::Register(block) => places(block).find(|(at, _)| *at == place).map(|(_, said)| said),
    }
}

fn places(block: &RegisterBlock) -> impl Iterator<Item = (u32, (Decimal, Quality))> {
    block.readings().map(|(at, value, mark)| (at, (block.decimal(value), mark.quality())))
}

/// Every place of a block of which something is said.
fn all_places(block: &Block) -> Vec<(u32, (Decimal, Quality))> {
    match block {
        Block::Interval(block) => {
            let slots = (0_u32..).zip(0..block.len());
            slots.filter_map(|(place, slot)| Some((place, said_in_slot(block, slot)?))).collect()
        }
        Block::Register(block) => places(block).collect(),
    }
}

/// The block without what is said of these places.
fn without(block: Block, known: &[u32]) -> Result<Block, BlockFault> {
    match block {
        Block::Interval(mut block) => {
            for slot in known {
                block.set(*slot, 0, Quality::Missing)?;
            }
            Ok(Block::Interval(block))
        }
        Block::Register(block) => {
            let mut rest = RegisterBlock::empty(block.exponent());
            for (at, value, mark) in block.readings().filter(|(at, ..)| !known.contains(at)) {
                rest.push(at, value, mark)?;
            }
            Ok(Block::Register(rest))
        }
    }
}

#[cfg(test)]
mod tests;

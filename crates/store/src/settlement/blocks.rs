//! The newest blocks of an area in one month, series by series.
//!
//! What comes in: a connection that sees one state of the data, the keys, an area with local days of one month, and which series
//! are wanted. What goes out, to a closure: each newest block of them, in memory that is used again. Series are gone over some
//! thousand at a time, in the order in which they are stored. Never: a block that is erased, or one of registers.

use tidstro_metering::IntervalBlock;
use tidstro_model::SeriesNo;

use super::computed::SERIES;
use super::part::Part;
use crate::StoreFault;
use crate::db::Connection;
use crate::personal::{Scan, ScanOf, Scanned};
use crate::reference::{SeriesMeta, SettledSeries, settled_series};
use crate::seal::Vault;

/// Whoever looks at blocks.
pub(super) trait LooksAtBlocks {
    /// Whether the blocks of a series are needed; others are not opened.
    fn needs(&self, series: &SeriesMeta) -> bool;

    /// Takes the newest block of a local day, counted from 1970-01-01.
    fn take(&mut self, series: &SeriesMeta, day: i32, block: &IntervalBlock) -> Result<(), StoreFault>;
}

/// Goes over the newest blocks of a part, some thousand series at a time.
pub(super) fn look_at_blocks(
    (db, vault): (&Connection, &mut Vault),
    part: Part,
    looking: &mut impl LooksAtBlocks,
) -> Result<(), StoreFault> {
    let mut eye = Eye::default();
    let mut after = None;
    loop {
        let series = settled_series(db, (part.area, part.days), after, SERIES)?;
        let Some(last) = series.last() else { return Ok(()) };
        after = Some(last.meta.series);
        eye.look_at((db, vault), (part, series), looking)?;
    }
}

/// What blocks are opened into, used again from one go to the next.
pub(super) struct Eye {
    scan: Scan,
    block: IntervalBlock,
}

impl Default for Eye {
    fn default() -> Self {
        Self { scan: Scan::default(), block: IntervalBlock::empty(0) }
    }
}

impl Eye {
    /// Goes over the newest blocks of some series, rising, in a part.
    pub(super) fn look_at(
        &mut self,
        (db, vault): (&Connection, &mut Vault),
        (part, mut series): (Part, Vec<SettledSeries>),
        looking: &mut impl LooksAtBlocks,
    ) -> Result<(), StoreFault> {
        series.retain(|series| looking.needs(&series.meta));
        let numbers: Vec<SeriesNo> = series.iter().map(|series| series.meta.series).collect();
        let of = ScanOf { period: part.month, days: part.days, series: &numbers };
        let Self { scan, block } = self;
        scan.newest((db, vault), &of, &mut |at, found| match series.get(at) {
            Some(series) => hand_over(series, found, block, looking),
            None => Ok(()),
        })?;
        // The keys of these series are not used again.
        vault.close_keys();
        Ok(())
    }
}

fn hand_over(
    SettledSeries { meta, .. }: &SettledSeries,
    found: Scanned<'_>,
    memory: &mut IntervalBlock,
    looking: &mut impl LooksAtBlocks,
) -> Result<(), StoreFault> {
    match found {
        Scanned::Month { first, month, positions } => {
            for (day, position) in (first..).zip(positions) {
                if month.interval_into(position, memory) {
                    looking.take(meta, day, memory)?;
                }
            }
            Ok(())
        }
        Scanned::Day { day, block: Some(block) } => looking.take(meta, day, block),
        Scanned::Day { block: None, .. } | Scanned::Erased { .. } => Ok(()),
    }
}

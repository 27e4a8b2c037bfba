//! The newest versions of many interval series in one month: what a settlement is made from anew.
//!
//! Series and local days come in; the newest version of each day goes to a closure, whole months at once where they lie so,
//! in the order in which they are stored and in memory that is used again. Never: a day twice, or an older version in the place
//! of one that is erased.

use rustc_hash::FxHashSet;
use tidstro_calendar::from_epoch_day;
use tidstro_metering::{Block, BlockFault, IntervalBlock, Month, MonthIndex};
use tidstro_model::{KeyNo, SeriesNo};
use zeroize::Zeroizing;

use std::ops::Range;

use super::month_rows::{Slot, month_row};
use super::newest::{KeyCuts, KeysInReach, Newest, Seen};
use crate::StoreFault;
use crate::db::{Connection, Row, params};
use crate::personal::block_row;
use crate::seal::Vault;

/// What to go over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScanOf<'a> {
    /// The first local day of the month, counted from 1970-01-01.
    pub(crate) period: i32,
    /// Local days of this month, half open.
    pub(crate) days: (i32, i32),
    /// Interval series, rising. Others that lie between them are passed over.
    pub(crate) series: &'a [SeriesNo],
}

/// What was found of a series.
pub(crate) enum Scanned<'a> {
    /// Newest versions of days that follow each other, from a local day on: those at these positions of an opened month.
    Month { first: i32, month: &'a Month, positions: Range<usize> },
    /// The newest version of one local day; no block if it is not one of intervals.
    Day { day: i32, block: Option<&'a IntervalBlock> },
    /// The newest version of a local day opens no more.
    Erased { day: i32 },
}

/// Memory of a scan, used again from month to month.
#[derive(Default)]
pub(crate) struct Scan {
    month: Month,
    plain: Zeroizing<Vec<u8>>,
    block: Option<IntervalBlock>,
    /// For each series and day of the month, the registration of the newest version that has a row of its own.
    own: Vec<i64>,
    /// Series with more than one row in the month: somebody moved, or a key forgets some of its days.
    several: FxHashSet<SeriesNo>,
}

/// Days of a month at most.
const MONTH_DAYS: usize = 31;
/// There is no version in a row of its own.
const NONE: i64 = i64::MIN;

impl Scan {
    /// Gives the newest version of each local day of each series to `each`, with the position of the series.
    pub(crate) fn newest(
        &mut self,
        (db, vault): (&Connection, &mut Vault),
        of: &ScanOf<'_>,
        each: &mut impl FnMut(usize, Scanned<'_>) -> Result<(), StoreFault>,
    ) -> Result<(), StoreFault> {
        if of.days.0 >= of.days.1 || of.series.is_empty() {
            return Ok(());
        }
        self.find_own(db, of)?;
        self.several.clear();
        if is_compacted(db, of.period)? {
            self.find_several(db, of)?;
            self.months((db, vault), of, each)?;
        }
        self.own_days((db, vault), of, each)?;
        self.series_apart((db, vault), of, each)
    }

    /// Notes which days have rows of their own.
    fn find_own(&mut self, db: &Connection, of: &ScanOf<'_>) -> Result<(), StoreFault> {
        self.own.clear();
        self.own.resize(of.series.len() * MONTH_DAYS, NONE);
        let mut statement = db.prepare_cached(
            "-- scan_own
             SELECT b.series_no, max(b.registered_seq) FROM series_block b
             WHERE b.period = ?1 AND b.series_no >= ?2 AND b.series_no <= ?3
             GROUP BY b.series_no ORDER BY b.series_no",
        )?;
        for day in of.days.0..of.days.1 {
            let mut walk = Walk::new(of.series);
            let mut rows = statement.query(params![day, of.first(), of.last()])?;
            while let Some(row) = rows.next()? {
                if let Some(own) = walk.to(SeriesNo::new(row.get(0)?)).and_then(|at| self.own_of(of, at, day))
                {
                    *own = row.get(1)?;
                }
            }
        }
        Ok(())
    }

    fn own_of(&mut self, of: &ScanOf<'_>, series: usize, day: i32) -> Option<&mut i64> {
        let day = usize::try_from(day - of.period).ok().filter(|day| *day < MONTH_DAYS)?;
        self.own.get_mut(series * MONTH_DAYS + day)
    }

    fn find_several(&mut self, db: &Connection, of: &ScanOf<'_>) -> Result<(), StoreFault> {
        let mut statement = db.prepare_cached(
            "-- scan_several
             SELECT m.series_no FROM series_month m
             WHERE m.period = ?1 AND m.series_no >= ?2 AND m.series_no <= ?3
             GROUP BY m.series_no HAVING count(*) > 1",
        )?;
        let mut rows = statement.query(params![of.period, of.first(), of.last()])?;
        while let Some(row) = rows.next()? {
            self.several.insert(SeriesNo::new(row.get(0)?));
        }
        Ok(())
    }

    fn months(
        &mut self,
        (db, vault): (&Connection, &mut Vault),
        of: &ScanOf<'_>,
        each: &mut impl FnMut(usize, Scanned<'_>) -> Result<(), StoreFault>,
    ) -> Result<(), StoreFault> {
        let mut statement = db.prepare_cached(
            "-- scan_months
             SELECT m.series_no, m.key_no, m.first_day, m.held, m.sealed FROM series_month m
             WHERE m.period = ?1 AND m.series_no >= ?2 AND m.series_no <= ?3 ORDER BY m.series_no",
        )?;
        let mut walk = Walk::new(of.series);
        let mut rows = statement.query(params![of.period, of.first(), of.last()])?;
        while let Some(row) = rows.next()? {
            let number = SeriesNo::new(row.get(0)?);
            let Some(at) = walk.to(number).filter(|_| !self.several.contains(&number)) else { continue };
            let slot = Slot { period: of.period, series: number, key: KeyNo::new(row.get(1)?) };
            self.month_row(vault, (of, at, slot), &row, each)?;
        }
        Ok(())
    }

    fn month_row(
        &mut self,
        vault: &mut Vault,
        (of, at, slot): (&ScanOf<'_>, usize, Slot),
        row: &Row<'_>,
        each: &mut impl FnMut(usize, Scanned<'_>) -> Result<(), StoreFault>,
    ) -> Result<(), StoreFault> {
        let held = blob(row, 3)?;
        let index = MonthIndex::decode(held)?;
        let mut taken = self.runs_taken((of, at, slot), &index).peekable();
        if taken.peek().is_none() {
            return Ok(());
        }
        let first_day: i32 = row.get(2)?;
        let is_open = match vault.key(slot.key, date(first_day)?) {
            Ok(key) => {
                key.open_into(&month_row(slot, first_day, held), blob(row, 4)?, &mut self.plain)?;
                self.month.read(&index, &self.plain)?;
                true
            }
            Err(fault) if fault.is_erased() => false,
            Err(fault) => return Err(fault),
        };
        for (first, positions) in taken {
            if is_open {
                each(at, Scanned::Month { first, month: &self.month, positions })?;
            } else {
                (first..).zip(positions).try_for_each(|(day, _)| each(at, Scanned::Erased { day }))?;
            }
        }
        Ok(())
    }

    /// The versions of a row that are the newest of their days: runs of days that follow each other, by the first day and the
    /// positions in the index. What has a row of its own that is older is done with.
    fn runs_taken(
        &mut self,
        (of, at, slot): (&ScanOf<'_>, usize, Slot),
        index: &MonthIndex,
    ) -> impl Iterator<Item = (i32, Range<usize>)> + use<> {
        let mut runs: Vec<(i32, Range<usize>)> = Vec::with_capacity(1);
        for (position, newest) in index.newest().iter().enumerate() {
            let day = slot.day(*newest);
            let Some(own) = self.own_of(of, at, day) else { continue };
            if !(of.days.0..of.days.1).contains(&day) || *own > newest.seq {
                continue;
            }
            *own = NONE;
            match runs.last_mut() {
                Some((first, run)) if run.end == position && day - *first == length(run) => run.end += 1,
                _ => runs.push((day, position..position + 1)),
            }
        }
        runs.into_iter()
    }

    /// The days whose newest version has a row of its own.
    fn own_days(
        &mut self,
        (db, vault): (&Connection, &mut Vault),
        of: &ScanOf<'_>,
        each: &mut impl FnMut(usize, Scanned<'_>) -> Result<(), StoreFault>,
    ) -> Result<(), StoreFault> {
        let mut statement = db.prepare_cached(
            "-- scan_own_days
             SELECT b.series_no, b.registered_seq, b.key_no, b.sealed FROM series_block b
             WHERE b.period = ?1 AND b.series_no >= ?2 AND b.series_no <= ?3 ORDER BY b.series_no",
        )?;
        for day in of.days.0..of.days.1 {
            let is_there = |at| self.own_of(of, at, day).is_some_and(|own| *own != NONE);
            if !(0..of.series.len()).any(is_there) {
                continue;
            }
            let mut walk = Walk::new(of.series);
            let mut rows = statement.query(params![day, of.first(), of.last()])?;
            while let Some(row) = rows.next()? {
                let (series, seq) = (SeriesNo::new(row.get(0)?), row.get(1)?);
                let Some(at) = walk.to(series).filter(|_| !self.several.contains(&series)) else { continue };
                if self.own_of(of, at, day).is_none_or(|own| *own != seq) {
                    continue;
                }
                let of_row = (day, series, seq, KeyNo::new(row.get(2)?));
                let scanned = self.open_own(vault, of_row, blob(&row, 3)?)?;
                each(at, scanned)?;
            }
        }
        Ok(())
    }

    fn open_own(
        &mut self,
        vault: &mut Vault,
        (day, series, seq, key): (i32, SeriesNo, i64, KeyNo),
        sealed: &[u8],
    ) -> Result<Scanned<'_>, StoreFault> {
        match vault.key(key, date(day)?) {
            Ok(sealing) => {
                sealing.open_into(&block_row(day, series, seq, key), sealed, &mut self.plain)?;
            }
            Err(fault) if fault.is_erased() => return Ok(Scanned::Erased { day }),
            Err(fault) => return Err(fault),
        }
        let block = self.block.get_or_insert_with(|| IntervalBlock::empty(0));
        match IntervalBlock::decode_into(&self.plain, block) {
            Ok(()) => Ok(Scanned::Day { day, block: Some(block) }),
            Err(BlockFault::UnknownKind { .. }) => {
                Block::decode(&self.plain)?;
                Ok(Scanned::Day { day, block: None })
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// Series with several rows, one after the other: seldom, so without haste.
    fn series_apart(
        &mut self,
        (db, vault): (&Connection, &mut Vault),
        of: &ScanOf<'_>,
        each: &mut impl FnMut(usize, Scanned<'_>) -> Result<(), StoreFault>,
    ) -> Result<(), StoreFault> {
        let cuts = KeyCuts::default();
        let seen = Seen { last_seq: i64::MAX, keys: KeysInReach::Every, cuts: &cuts };
        for (at, series) in of.series.iter().enumerate().filter(|(_, series)| self.several.contains(series)) {
            Newest::find(db, *series, of.days, seen)?.open_each(vault, |day, block| match &block {
                Some(Block::Interval(block)) => each(at, Scanned::Day { day, block: Some(block) }),
                Some(Block::Register(_)) => each(at, Scanned::Day { day, block: None }),
                None => each(at, Scanned::Erased { day }),
            })?;
        }
        Ok(())
    }
}

impl ScanOf<'_> {
    fn first(&self) -> u32 {
        self.series.first().map_or(0, |series| series.as_u32())
    }

    fn last(&self) -> u32 {
        self.series.last().map_or(0, |series| series.as_u32())
    }
}

/// Finds rising numbers in a rising list, in one pass over it.
struct Walk<'a> {
    series: &'a [SeriesNo],
    at: usize,
}

impl<'a> Walk<'a> {
    const fn new(series: &'a [SeriesNo]) -> Self {
        Self { series, at: 0 }
    }

    fn to(&mut self, number: SeriesNo) -> Option<usize> {
        while self.series.get(self.at).is_some_and(|series| *series < number) {
            self.at += 1;
        }
        self.series.get(self.at).filter(|series| **series == number).map(|_| self.at)
    }
}

fn length(run: &Range<usize>) -> i32 {
    i32::try_from(run.len()).unwrap_or(i32::MAX)
}

fn date(day: i32) -> Result<jiff::civil::Date, StoreFault> {
    from_epoch_day(day).ok_or(StoreFault::Row { what: "series_month.first_day" })
}

fn blob<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r [u8], StoreFault> {
    row.get_ref(column)?.as_blob().map_err(|_| StoreFault::Row { what: "series_month.sealed" })
}

/// Whether anything of a month may lie in a month's row.
fn is_compacted(db: &Connection, period: i32) -> Result<bool, StoreFault> {
    let sql = "-- scan_is_compacted\nSELECT EXISTS (SELECT 1 FROM compacted_month c WHERE c.period = ?1)";
    Ok(db.prepare_cached(sql)?.query_row([period], |row| row.get(0))?)
}

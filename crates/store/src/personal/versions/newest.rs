//! The newest versions of local days of series.
//!
//! What is there is found first, in the clear: which version of each day is the newest, in which row, under which key. Then
//! what is in reach is opened.

use rustc_hash::{FxHashMap, FxHashSet};
use tidstro_calendar::from_epoch_day;
use tidstro_metering::{Block, Month, VersionOf};
use tidstro_model::{KeyNo, SeriesNo};

use super::month_rows::{MonthRow, Slot, month_of, month_rows, months_of};
use crate::StoreFault;
use crate::db::{Connection, OptionalExtension, Things, params};
use crate::personal::{Writing, block_row};
use crate::seal::Vault;

/// A permit's reach as a condition on the key that sealed a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::personal) enum KeysInReach {
    /// Every key: for what the store does itself.
    Every,
    /// This occupancy's key.
    Only(KeyNo),
    /// Every key but those of occupancies whose half-open end lies before this local day.
    NotEndedBefore(i32),
}

impl KeysInReach {
    /// The two parameters of the condition.
    const fn parameters(self) -> (Option<u32>, Option<i32>) {
        match self {
            Self::Every => (None, None),
            Self::Only(key) => (Some(key.as_u32()), None),
            Self::NotEndedBefore(day) => (None, Some(day)),
        }
    }
}

/// The first local day still reached, by the keys of occupancies that are cut.
pub(in crate::personal) type KeyCuts = FxHashMap<KeyNo, i32>;

/// How far somebody sees.
#[derive(Clone, Copy)]
pub(in crate::personal) struct Seen<'a> {
    /// Versions of later registrations are not there yet.
    pub(in crate::personal) last_seq: i64,
    pub(in crate::personal) keys: KeysInReach,
    pub(in crate::personal) cuts: &'a KeyCuts,
}

/// The newest version of each local day of a range, found and not opened.
pub(in crate::personal) struct Newest<'a> {
    series: SeriesNo,
    seen: Seen<'a>,
    rows: Vec<OpenRow>,
    /// In the order of days.
    days: Vec<Found>,
}

/// A month's row, and what it holds once it was opened.
struct OpenRow {
    row: MonthRow,
    /// `None` before the first look; then the month, or nothing if it is erased.
    opened: Option<Option<Month>>,
}

/// The newest version of a day.
struct Found {
    day: i32,
    seq: i64,
    key: KeyNo,
    place: Place,
}

impl Found {
    const fn with(&self, block: Block) -> DayVersion {
        DayVersion { day: self.day, seq: self.seq, block }
    }
}

/// An opened version of a local day.
pub(in crate::personal) struct DayVersion {
    /// The local day, counted from 1970-01-01.
    pub(in crate::personal) day: i32,
    /// Number of its registration.
    pub(in crate::personal) seq: i64,
    /// Its values.
    pub(in crate::personal) block: Block,
}

enum Place {
    /// A row of its own; its bytes, if the key is in reach.
    Day(Option<Vec<u8>>),
    /// In this row of a month.
    Month(usize),
}

impl<'a> Newest<'a> {
    /// Finds the newest versions of local days, half open.
    pub(in crate::personal) fn find(
        db: &Connection,
        series: SeriesNo,
        days: (i32, i32),
        seen: Seen<'a>,
    ) -> Result<Self, StoreFault> {
        Ok(Self::find_all(db, &[series], days, seen)?.pop().unwrap_or_else(|| Self::none(series, seen)))
    }

    /// Finds the newest versions of local days, half open, of many series; in the order of the series.
    pub(in crate::personal) fn find_all(
        db: &Connection,
        series: &[SeriesNo],
        days: (i32, i32),
        seen: Seen<'a>,
    ) -> Result<Vec<Self>, StoreFault> {
        let mut found: Vec<Self> = series.iter().map(|series| Self::none(*series, seen)).collect();
        if days.0 < days.1 {
            let places: FxHashMap<SeriesNo, usize> = series.iter().copied().zip(0..).collect();
            let of = |series| places.get(&series).copied();
            for (series, day) in day_versions(db, series, days, &seen)? {
                if let Some(newest) = of(series).and_then(|place| found.get_mut(place)) {
                    newest.days.push(day);
                }
            }
            for period in months_of(days)? {
                for row in rows_in_reach(db, (period, series), seen.keys)? {
                    if let Some(newest) = of(row.slot.series).and_then(|place| found.get_mut(place)) {
                        newest.add_row(row, days);
                    }
                }
            }
            found.iter_mut().for_each(Self::order);
        }
        Ok(found)
    }

    const fn none(series: SeriesNo, seen: Seen<'a>) -> Self {
        Self { series, seen, rows: Vec::new(), days: Vec::new() }
    }

    fn order(&mut self) {
        self.days.sort_unstable_by_key(|found| (found.day, std::cmp::Reverse(found.seq)));
        self.days.dedup_by_key(|found| found.day);
    }

    /// The keys that seal what was found.
    pub(in crate::personal) fn keys(&self) -> impl Iterator<Item = KeyNo> {
        self.days.iter().map(|found| found.key)
    }

    fn add_row(&mut self, row: MonthRow, (start, end): (i32, i32)) {
        let place = self.rows.len();
        for of in row.index.newest() {
            let day = row.slot.day(*of);
            let newest = row.index.newest_at(of.day, self.seen.last_seq);
            if let Some(newest) = newest.filter(|_| (start..end).contains(&day)) {
                self.days.push(Found { day, seq: newest.seq, key: row.slot.key, place: Place::Month(place) });
            }
        }
        self.rows.push(OpenRow { row, opened: None });
    }

    /// Opens all days in reach, in order.
    pub(in crate::personal) fn open_all(mut self, vault: &mut Vault) -> Result<Vec<DayVersion>, StoreFault> {
        let mut opened = Vec::with_capacity(self.days.len());
        for found in std::mem::take(&mut self.days) {
            opened.extend(self.open(vault, &found)?.map(|block| found.with(block)));
        }
        Ok(opened)
    }

    /// Opens each day and gives it to `each`, in order; no block if it is erased.
    pub(super) fn open_each(
        mut self,
        vault: &mut Vault,
        mut each: impl FnMut(i32, Option<Block>) -> Result<(), StoreFault>,
    ) -> Result<(), StoreFault> {
        for found in std::mem::take(&mut self.days) {
            let block = self.open(vault, &found)?;
            each(found.day, block)?;
        }
        Ok(())
    }

    /// Opens the last day in reach.
    pub(in crate::personal) fn open_last(
        mut self,
        vault: &mut Vault,
    ) -> Result<Option<DayVersion>, StoreFault> {
        for found in std::mem::take(&mut self.days).iter().rev() {
            if let Some(block) = self.open(vault, found)? {
                return Ok(Some(found.with(block)));
            }
        }
        Ok(None)
    }

    fn open(&mut self, vault: &mut Vault, found: &Found) -> Result<Option<Block>, StoreFault> {
        if self.seen.cuts.get(&found.key).is_some_and(|from| found.day < *from) {
            return Ok(None);
        }
        match &found.place {
            Place::Day(None) => Ok(None),
            Place::Day(Some(sealed)) => {
                open_day(vault, (found.day, self.series, found.seq, found.key), sealed)
            }
            Place::Month(place) => match self.rows.get_mut(*place) {
                Some(row) => row.open(vault, found),
                None => Ok(None),
            },
        }
    }
}

impl OpenRow {
    fn open(&mut self, vault: &mut Vault, found: &Found) -> Result<Option<Block>, StoreFault> {
        if self.opened.is_none() {
            let mut month = Month::default();
            self.opened = Some(self.row.open(vault, &mut month)?.then_some(month));
        }
        let Some(Some(month)) = &self.opened else { return Ok(None) };
        let of = VersionOf { day: self.row.slot.day_of_month(found.day)?, seq: found.seq };
        version_in(&self.row, month, of).map(Some)
    }
}

/// A version of an opened month.
fn version_in(row: &MonthRow, month: &Month, of: VersionOf) -> Result<Block, StoreFault> {
    let gone = StoreFault::Row { what: "series_month.held" };
    if let Ok(position) = row.index.newest().binary_search(&of) {
        return month.newest(position).ok_or(gone);
    }
    let older = month.older(&row.index)?.into_iter().find(|version| version.of == of);
    older.map(|version| version.block).ok_or(gone)
}

/// Opens a day's own row; `None` if it is erased: the day is as if it had never been stored.
pub(super) fn open_day(
    vault: &mut Vault,
    (period, series, seq, key): (i32, SeriesNo, i64, KeyNo),
    sealed: &[u8],
) -> Result<Option<Block>, StoreFault> {
    let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "series_block.period" })?;
    let plain = match vault.key(key, day) {
        Ok(sealing) => sealing.open(&block_row(period, series, seq, key), sealed)?,
        Err(fault) if fault.is_erased() => return Ok(None),
        Err(fault) => return Err(fault),
    };
    Ok(Some(Block::decode(&plain)?))
}

/// The newest version of each day that has a row of its own. The scope is in the statement: bytes out of reach are never
/// fetched. One search for each day, in one statement: the rows lie by day.
fn day_versions(
    db: &Connection,
    series: &[SeriesNo],
    (start, end): (i32, i32),
    seen: &Seen<'_>,
) -> Result<Vec<(SeriesNo, Found)>, StoreFault> {
    let (only, ended_before) = seen.keys.parameters();
    // SQLite is asked series by series, and then finds the row by its whole key.
    let same = if db.postgres().is_some() { "b.series_no" } else { "?1" };
    let sql = format!(
        "-- day_versions
         WITH RECURSIVE day (period) AS (
             SELECT CAST(?2 AS BIGINT) UNION ALL SELECT d.period + 1 FROM day d WHERE d.period + 1 < ?3)
         SELECT b.series_no, b.period, b.registered_seq, b.key_no,
                CASE WHEN (CAST(?5 AS BIGINT) IS NULL OR b.key_no = ?5)
                      AND (CAST(?6 AS BIGINT) IS NULL OR NOT EXISTS (
                            SELECT 1 FROM occupancy o
                            WHERE (o.consumption_key_no = b.key_no OR o.climate_key_no = b.key_no)
                              AND o.end_day < ?6))
                     THEN b.sealed END
         FROM day d CROSS JOIN series_block b
         WHERE b.series_no = ?1 AND b.period = d.period
           AND b.registered_seq = (SELECT max(n.registered_seq) FROM series_block n
                                   WHERE n.period = d.period AND n.series_no = {same} AND n.registered_seq <= ?4)"
    );
    let more = params![start, end, seen.last_seq, only, ended_before];
    db.query_each(&sql, Things::Numbers(&numbers(series)), more, |row| {
        let place = Place::Day(row.get(4)?);
        let found = Found { day: row.get(1)?, seq: row.get(2)?, key: KeyNo::new(row.get(3)?), place };
        Ok((SeriesNo::new(row.get(0)?), found))
    })
}

fn numbers(series: &[SeriesNo]) -> Vec<i64> {
    series.iter().map(|series| series.as_u32().into()).collect()
}

/// The rows of series in one month; the bytes only of those in reach.
fn rows_in_reach(
    db: &Connection,
    (period, series): (i32, &[SeriesNo]),
    keys: KeysInReach,
) -> Result<Vec<MonthRow>, StoreFault> {
    let (only, ended_before) = keys.parameters();
    let sql = "-- month_versions
         SELECT m.series_no, m.key_no, m.first_day, m.held,
                CASE WHEN (CAST(?3 AS BIGINT) IS NULL OR m.key_no = ?3)
                      AND (CAST(?4 AS BIGINT) IS NULL OR NOT EXISTS (
                            SELECT 1 FROM occupancy o
                            WHERE (o.consumption_key_no = m.key_no OR o.climate_key_no = m.key_no)
                              AND o.end_day < ?4))
                     THEN m.sealed END
         FROM series_month m WHERE m.series_no = ?1 AND m.period = ?2";
    db.query_each(sql, Things::Numbers(&numbers(series)), params![period, only, ended_before], |row| {
        let slot = Slot { period, series: SeriesNo::new(row.get(0)?), key: KeyNo::new(row.get(1)?) };
        MonthRow::new(slot, row.get(2)?, row.get(3)?, row.get(4)?)
    })
}

/// The newest version of a local day, whoever it belongs to; `None` if there is none, or if it is erased.
pub(in crate::personal) fn newest_of_day(
    db: &Connection,
    vault: &mut Vault,
    (period, series): (i32, SeriesNo),
) -> Result<Option<DayVersion>, StoreFault> {
    let cuts = KeyCuts::default();
    let seen = Seen { last_seq: i64::MAX, keys: KeysInReach::Every, cuts: &cuts };
    Newest::find(db, series, (period, period + 1), seen)?.open_last(vault)
}

/// The newest version of a local day, whoever it belongs to.
pub(in crate::personal) struct Version {
    /// Number of its registration.
    pub(in crate::personal) seq: i64,
    /// What seals it.
    pub(in crate::personal) key: KeyNo,
    /// Its values; `None` if they are erased.
    pub(in crate::personal) block: Option<Block>,
}

/// The newest version of one local day.
pub(in crate::personal) fn current_version(
    writing: &mut Writing,
    (period, series): (i32, SeriesNo),
) -> Result<Option<Version>, StoreFault> {
    let own = own_row(&writing.db, (period, series))?;
    current_beside(writing, (period, series), own)
}

/// The newest version of each of many local days that has one. Nothing is asked about days of which no row lies among
/// those of these series, and a server is asked once for all others.
pub(in crate::personal) fn current_versions(
    writing: &mut Writing,
    days: &[(i32, SeriesNo)],
) -> Result<FxHashMap<(i32, SeriesNo), Version>, StoreFault> {
    let begun = begun_periods(&writing.db, days)?;
    let mut rows = match writing.db.postgres() {
        Some(_) => Some(own_rows(&writing.db, days.iter().filter(|day| begun.contains(&day.0)))?),
        None => None,
    };
    let mut current = FxHashMap::default();
    for day in days {
        let own = match &mut rows {
            Some(rows) => rows.remove(day),
            None if begun.contains(&day.0) => own_row(&writing.db, *day)?,
            None => None,
        };
        if let Some(version) = current_beside(writing, *day, own)? {
            current.entry(*day).or_insert(version);
        }
    }
    Ok(current)
}

/// The local days of which there is a row between the first and the last of their series.
fn begun_periods(db: &Connection, days: &[(i32, SeriesNo)]) -> Result<FxHashSet<i32>, StoreFault> {
    let mut ranges: FxHashMap<i32, (SeriesNo, SeriesNo)> = FxHashMap::default();
    for (period, series) in days {
        let (first, last) = ranges.entry(*period).or_insert((*series, *series));
        (*first, *last) = ((*first).min(*series), (*last).max(*series));
    }
    let mut is_begun = db.prepare_cached(
        "-- is_begun
         SELECT EXISTS (SELECT 1 FROM series_block b WHERE b.period = ?1 AND b.series_no BETWEEN ?2 AND ?3)",
    )?;
    let mut begun = FxHashSet::default();
    for (period, (first, last)) in ranges {
        if is_begun.query_row(params![period, first.as_u32(), last.as_u32()], |row| row.get(0))? {
            begun.insert(period);
        }
    }
    Ok(begun)
}

/// The newest version of a day: the one of its own row, or one among the month's rows.
fn current_beside(
    writing: &mut Writing,
    (period, series): (i32, SeriesNo),
    own: Option<OwnRow>,
) -> Result<Option<Version>, StoreFault> {
    if writing.is_compacted(month_of(period)?)? {
        let own_seq = own.as_ref().map_or(i64::MIN, |(seq, ..)| *seq);
        if let Some(version) = month_version(writing, (period, series), own_seq)? {
            return Ok(Some(version));
        }
    }
    let Some((seq, key, sealed)) = own else { return Ok(None) };
    let block = open_day(&mut writing.vault, (period, series, seq, key), &sealed)?;
    Ok(Some(Version { seq, key, block }))
}

/// The newest row of a day in `series_block`: number of its registration, key, sealed block.
type OwnRow = (i64, KeyNo, Vec<u8>);

/// The newest row of each of these days, from PostgreSQL.
fn own_rows<'d>(
    db: &Connection,
    days: impl Iterator<Item = &'d (i32, SeriesNo)>,
) -> Result<FxHashMap<(i32, SeriesNo), OwnRow>, StoreFault> {
    let (periods, series): (Vec<i64>, Vec<i64>) =
        days.map(|(period, series)| (i64::from(*period), i64::from(series.as_u32()))).unzip();
    if periods.is_empty() {
        return Ok(FxHashMap::default());
    }
    let rows = db
        .prepare_cached(
            "-- current_blocks
             SELECT w.period, w.series_no, b.registered_seq, b.key_no, b.sealed
             FROM unnest(CAST(?1 AS BIGINT[]), CAST(?2 AS BIGINT[])) AS w (period, series_no)
                  CROSS JOIN LATERAL (
                      SELECT k.registered_seq, k.key_no, k.sealed FROM series_block k
                      WHERE k.period = w.period AND k.series_no = w.series_no
                      ORDER BY k.registered_seq DESC LIMIT 1) b",
        )?
        .query_map(params![periods, series], |row| {
            let day = (row.get(0)?, SeriesNo::new(row.get(1)?));
            Ok((day, (row.get(2)?, KeyNo::new(row.get(3)?), row.get(4)?)))
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn own_row(db: &Connection, (period, series): (i32, SeriesNo)) -> Result<Option<OwnRow>, StoreFault> {
    let found = db
        .prepare_cached(
            "-- current_block
             SELECT registered_seq, key_no, sealed FROM series_block
             WHERE period = ?1 AND series_no = ?2 ORDER BY registered_seq DESC LIMIT 1",
        )?
        .query_row(params![period, series.as_u32()], |row| {
            Ok((row.get(0)?, KeyNo::new(row.get(1)?), row.get(2)?))
        })
        .optional()?;
    Ok(found)
}

/// The newest version of a day among the month's rows, if it is newer than `own_seq`.
fn month_version(
    writing: &mut Writing,
    (period, series): (i32, SeriesNo),
    own_seq: i64,
) -> Result<Option<Version>, StoreFault> {
    let mut newest: Option<(VersionOf, MonthRow)> = None;
    for row in month_rows(&writing.db, (month_of(period)?, series))? {
        let of = row.index.newest_at(row.slot.day_of_month(period)?, i64::MAX);
        let least = newest.as_ref().map_or(own_seq, |(of, _)| of.seq);
        if let Some(of) = of.filter(|of| of.seq > least) {
            newest = Some((of, row));
        }
    }
    let Some((of, row)) = newest else { return Ok(None) };
    let mut month = Month::default();
    let is_open = row.open(&mut writing.vault, &mut month)?;
    let block = if is_open { Some(version_in(&row, &month, of)?) } else { None };
    Ok(Some(Version { seq: of.seq, key: row.slot.key, block }))
}

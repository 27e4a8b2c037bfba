//! Reading series under a permit.
//!
//! A permit and a query come in; spans at the resolution asked for go out, coarsened here, so that
//! nothing finer than the permit leaves the store. The permit's scope is in the statements of what
//! fetches blocks (`versions`): one outside it is never fetched.

mod energy;

use std::collections::BTreeSet;

use crate::db::{Connection, OptionalExtension, Things, params, params_from_iter};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use tidstro_calendar::{Zone, epoch_day, from_epoch_day};
use tidstro_govern::{Reach, Target};
use tidstro_metering::{
    Block, IntervalBlock, RegisterBlock, Span, coarsen_instants, coarsen_intervals, coarsen_registers,
    register_readings,
};
use tidstro_model::{
    DayRange, Decimal, KeyNo, Mark, Mounting, PointNo, Quality, Resolution, SeriesNo, Timeline,
};

use super::cover::cuts_of;
use super::place::keys_of_occupancy;
use super::versions::{DayVersion, KeyCuts, KeysInReach, Newest, Seen};
use crate::StoreFault;
use crate::gate::Terms;
use crate::reference::{
    ENTRY_COLUMNS, KnownAt, SeriesCategory, SeriesEntry, SeriesKind, entry_from, mounted,
};
use crate::seal::Vault;

/// Which values to read. What the permit does not cover is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesQuery {
    /// One series, or every series in scope.
    pub series: Option<SeriesNo>,
    /// The local days.
    pub days: DayRange,
    /// The resolution of the answer; at least as coarse as the permit's.
    pub resolution: Resolution,
    /// The versions as they were known at this moment; `None` for now.
    pub as_of: Option<Timestamp>,
}

/// One series as disclosed. It has no `Debug`: nothing prints a person's values.
#[derive(Clone)]
pub struct DisclosedSeries {
    /// Which series.
    pub entry: SeriesEntry,
    /// The local days in scope.
    pub days: DayRange,
    /// The values, in order of time.
    pub spans: Vec<Span>,
}

/// A part of a series the permit reaches, and the keys it reaches with.
pub(super) struct Window {
    pub(super) entry: SeriesEntry,
    pub(super) days: DayRange,
    pub(super) keys: KeysInReach,
}

/// The series the permit reaches.
pub(crate) fn list_series(db: &Connection, terms: &Terms) -> Result<Vec<SeriesEntry>, StoreFault> {
    let mut entries: Vec<SeriesEntry> = Vec::new();
    for window in windows(db, terms, DayRange::always(), None)? {
        if !entries.iter().any(|entry| entry.meta.series == window.entry.meta.series) {
            entries.push(window.entry);
        }
    }
    Ok(entries)
}

/// The values the permit reaches, at the query's resolution.
pub(crate) fn read_series(
    db: &Connection,
    vault: &mut Vault,
    zone: &Zone,
    terms: &Terms,
    query: &SeriesQuery,
) -> Result<Vec<DisclosedSeries>, StoreFault> {
    let finest = terms.scope().finest;
    let cuts = key_cuts(db, &terms.scope().reach)?;
    if query.resolution < finest {
        return Err(StoreFault::FinerThanPermit { finest, asked: query.resolution });
    }
    let last_seq = seq_as_of(db, query.as_of)?;
    let mut disclosed = Vec::new();
    for window in closed_windows(db, terms, query)? {
        let spans = window_spans(db, vault, (&window, &cuts), (terms, query, last_seq), zone)?;
        disclosed.push(DisclosedSeries { entry: window.entry, days: window.days, spans });
    }
    Ok(disclosed)
}

/// The values of a window whose days end, at the query's resolution.
pub(super) fn window_spans(
    db: &Connection,
    vault: &mut Vault,
    (window, cuts): (&Window, &KeyCuts),
    (terms, query, last_seq): (&Terms, &SeriesQuery, i64),
    zone: &Zone,
) -> Result<Vec<Span>, StoreFault> {
    let days = (epoch_day(window.days.start()), epoch_day(window.days.end()));
    let seen = Seen { last_seq, keys: window.keys, cuts };
    let found = Newest::find(db, window.entry.meta.series, days, seen)?;
    found_spans((db, vault), (window, seen, found), (terms, query), zone)
}

/// The values of a window whose newest versions were found, at the query's resolution.
pub(super) fn found_spans(
    (db, vault): (&Connection, &mut Vault),
    (window, seen, found): (&Window, Seen<'_>, Newest<'_>),
    (terms, query): (&Terms, &SeriesQuery),
    zone: &Zone,
) -> Result<Vec<Span>, StoreFault> {
    let before = needs_reading_before(terms, window, query);
    let blocks = stored_days((db, vault), (window, seen, found), before)?;
    let mounted = mounted(db, &window.entry.meta, KnownAt::instant(db, query.as_of)?)?;
    spans(window, blocks, (query.resolution, &mounted), zone)
}

/// The most values an answer may have: about a gigabyte in memory.
const VALUES_MAX: u64 = 10_000_000;

/// The windows of a query, with days that end; not more of them than an answer can hold.
pub(super) fn closed_windows(
    db: &Connection,
    terms: &Terms,
    query: &SeriesQuery,
) -> Result<Vec<Window>, StoreFault> {
    let per_day = match query.resolution {
        Resolution::PT15M => 96,
        Resolution::PT1H => 24,
        Resolution::Raw | Resolution::P1D | Resolution::P1M | Resolution::P1Y => 1,
    };
    let mut closed = Vec::new();
    let mut values = 0_u64;
    for window in windows(db, terms, query.days, query.series)? {
        let Some(days) = window.closed_days(db, query.days)? else { continue };
        let length = epoch_day(days.end()) - epoch_day(days.start());
        values += u64::from(length.unsigned_abs()) * per_day;
        closed.push(Window { days, ..window });
    }
    if values > VALUES_MAX { Err(StoreFault::TooMuch { values, most: VALUES_MAX }) } else { Ok(closed) }
}

/// The windows of these series, with days that end, in the order of series; not more of them than an answer can hold. The
/// query's own series does not count.
pub(super) fn closed_windows_of(
    db: &Connection,
    terms: &Terms,
    query: &SeriesQuery,
    series: &[SeriesNo],
) -> Result<Vec<Window>, StoreFault> {
    let Reach::Target { live_since, .. } = &terms.scope().reach else {
        let mut windows = Vec::with_capacity(series.len());
        for series in series {
            windows.extend(closed_windows(
                db,
                terms,
                &SeriesQuery { series: Some(*series), ..query.clone() },
            )?);
        }
        return Ok(windows);
    };
    let Some(days) = terms.scope().days.intersect(query.days) else { return Ok(Vec::new()) };
    let keys = KeysInReach::NotEndedBefore(epoch_day(*live_since));
    let mut windows = Vec::with_capacity(series.len());
    for entry in
        target_entries_of(db, terms.target, series)?.into_iter().filter(|entry| in_scope(terms, entry))
    {
        let window = Window { entry, days, keys };
        let closed = window.closed_days(db, query.days)?;
        windows.extend(closed.map(|days| Window { days, ..window }));
    }
    Ok(windows)
}

/// These series as far as they are of the target, in order.
fn target_entries_of(
    db: &Connection,
    target: Target,
    series: &[SeriesNo],
) -> Result<Vec<SeriesEntry>, StoreFault> {
    let (point, area) = target_numbers(target);
    let sql = format!(
        "-- target_series_of
         SELECT {ENTRY_COLUMNS}
         FROM series s JOIN point p ON p.point_no = s.point_no JOIN area a ON a.area_no = p.area_no
         WHERE s.series_no = ?1 AND (CAST(?2 AS BIGINT) IS NULL OR s.point_no = ?2)
               AND (CAST(?3 AS BIGINT) IS NULL OR p.area_no = ?3)"
    );
    let numbers: Vec<i64> = series.iter().map(|series| series.as_u32().into()).collect();
    let mut entries = db.query_each(&sql, Things::Numbers(&numbers), params![point, area], entry_from)?;
    entries.sort_by_key(|entry| entry.meta.series);
    Ok(entries)
}

/// The newest versions of the days of windows, and of so many local days before and after, window by window. The keys that seal
/// them are looked up too, where every statement is a way to a server and back.
pub(super) fn newest_of_windows<'c>(
    (db, vault): (&Connection, &mut Vault),
    windows: &[Window],
    (before, after): (i32, i32),
    (last_seq, cuts): (i64, &'c KeyCuts),
) -> Result<Vec<Newest<'c>>, StoreFault> {
    let mut newest = Vec::with_capacity(windows.len());
    for alike in windows.chunk_by(|one, next| (one.days, one.keys) == (next.days, next.keys)) {
        let Some(Window { days, keys, .. }) = alike.first() else { continue };
        let days = (epoch_day(days.start()) - before, epoch_day(days.end()) + after);
        let series: Vec<SeriesNo> = alike.iter().map(|window| window.entry.meta.series).collect();
        let seen = Seen { last_seq, keys: *keys, cuts };
        newest.extend(Newest::find_all(db, &series, days, seen)?);
    }
    if db.postgres().is_some() {
        let keys: BTreeSet<KeyNo> = newest.iter().flat_map(Newest::keys).collect();
        vault.look_up(keys.into_iter())?;
    }
    Ok(newest)
}

/// Query ∩ scope, series by series: only of the permit's category, only in areas its purpose works in.
pub(super) fn windows(
    db: &Connection,
    terms: &Terms,
    days: DayRange,
    series: Option<SeriesNo>,
) -> Result<Vec<Window>, StoreFault> {
    let mut windows = windows_in_reach(db, (terms, terms.target), days, series)?;
    windows.retain(|window| in_scope(terms, &window.entry));
    Ok(windows)
}

/// The windows of one point that the permit reaches, with days that end. The point is one of a window of the permit.
pub(super) fn windows_at(
    db: &Connection,
    terms: &Terms,
    query: &SeriesQuery,
    point: PointNo,
) -> Result<Vec<Window>, StoreFault> {
    let mut closed = Vec::new();
    for window in windows_in_reach(db, (terms, Target::Point(point)), query.days, query.series)? {
        let days = window.closed_days(db, query.days)?.filter(|_| in_scope(terms, &window.entry));
        closed.extend(days.map(|days| Window { days, ..window }));
    }
    Ok(closed)
}

/// Whether a series is of the permit's category and in an area its purpose works in.
pub(super) fn in_scope(terms: &Terms, entry: &SeriesEntry) -> bool {
    SeriesCategory::of(entry.meta.quantity).id() == terms.category.as_str()
        && terms.scope().areas.contains(&entry.area_kind)
}

fn windows_in_reach(
    db: &Connection,
    (terms, target): (&Terms, Target),
    days: DayRange,
    series: Option<SeriesNo>,
) -> Result<Vec<Window>, StoreFault> {
    let mut found = Vec::new();
    each_window(db, (terms, target), (days, series), |window| found.push(window))?;
    Ok(found)
}

/// The numbers of the series the permit reaches, in order, each once. Only numbers are held: an area may have millions.
pub(super) fn series_numbers(
    db: &Connection,
    terms: &Terms,
    asked: (DayRange, Option<SeriesNo>),
    counts: impl Fn(&SeriesEntry) -> bool,
) -> Result<Vec<SeriesNo>, StoreFault> {
    let mut numbers = Vec::new();
    each_window(db, (terms, terms.target), asked, |Window { entry, .. }| {
        if in_scope(terms, &entry) && counts(&entry) {
            numbers.push(entry.meta.series);
        }
    })?;
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

fn each_window(
    db: &Connection,
    (terms, target): (&Terms, Target),
    (days, series): (DayRange, Option<SeriesNo>),
    mut each: impl FnMut(Window),
) -> Result<(), StoreFault> {
    let Some(days) = terms.scope().days.intersect(days) else { return Ok(()) };
    match &terms.scope().reach {
        Reach::Occupancies(occupancies) => {
            for (occupancy, reach) in occupancies {
                if let Some(days) = days.intersect(*reach) {
                    let found = occupancy_windows(db, target, *occupancy, days, series)?;
                    found.into_iter().for_each(&mut each);
                }
            }
            Ok(())
        }
        Reach::Target { live_since, .. } => {
            let keys = KeysInReach::NotEndedBefore(epoch_day(*live_since));
            each_target_entry(db, target, series, |entry| each(Window { entry, days, keys }))
        }
    }
}

/// The days looked at: before the first are no radio meters, after the last is nobody's plan.
const DAYS_THERE_ARE: (Date, Date) = (date(1990, 1, 1), date(2100, 1, 1));

impl Window {
    /// The days of the answer: where the query leaves a side open, the series' own first or last day
    /// with a block stands for it. What others have does not show. `None` if no day is left.
    fn closed_days(&self, db: &Connection, asked: DayRange) -> Result<Option<DayRange>, StoreFault> {
        let is_closed = asked.start() != Date::MIN && !asked.is_open();
        let own = if is_closed { None } else { self.own_days(db)? };
        let start = if asked.start() == Date::MIN { own.map(DayRange::start) } else { Some(asked.start()) };
        let end = if asked.is_open() { own.map(DayRange::end) } else { Some(asked.end()) };
        let (Some(start), Some(end)) = (start, end) else { return Ok(None) };
        let closed = DayRange::new(start.max(DAYS_THERE_ARE.0), end.min(DAYS_THERE_ARE.1)).ok();
        Ok(closed.and_then(|closed| closed.intersect(self.days)))
    }

    /// From the series' first to its last local day with a block.
    fn own_days(&self, db: &Connection) -> Result<Option<DayRange>, StoreFault> {
        let found: Option<(i32, i32)> = db
            .prepare_cached(
                "-- own_days
                 SELECT first_day, last_day FROM series_state WHERE series_no = ?1",
            )?
            .query_row([self.entry.meta.series.as_u32()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let days = |(first, last)| DayRange::new(from_epoch_day(first)?, from_epoch_day(last + 1)?).ok();
        Ok(found.and_then(days))
    }
}

/// How many local days back the reading before a range is looked for.
const DAYS_BACK: i32 = 31;

/// Whether consumption from the first day on needs the reading before it. It is used for the
/// difference and not disclosed; where the lease cut the days, it is not used either.
fn needs_reading_before(terms: &Terms, window: &Window, query: &SeriesQuery) -> bool {
    let meta = &window.entry.meta;
    let is_difference = meta.kind == SeriesKind::Register && meta.is_cumulative();
    let lease_is_whole = terms.scope().days.start() == terms.asked_days.start();
    is_difference && lease_is_whole && query.resolution != Resolution::Raw
}

pub(super) fn occupancy_windows(
    db: &Connection,
    target: Target,
    occupancy: tidstro_model::OccupancyNo,
    days: DayRange,
    series: Option<SeriesNo>,
) -> Result<Vec<Window>, StoreFault> {
    let keys = keys_of_occupancy(db, occupancy)?;
    let (point, area) = target_numbers(target);
    let sql = format!(
        "-- occupancy_series
         SELECT {ENTRY_COLUMNS}
         FROM occupancy_point o JOIN series s USING (point_no) JOIN point p USING (point_no) JOIN area a USING (area_no)
         WHERE o.occupancy_no = ?1 AND {} AND (CAST(?3 AS BIGINT) IS NULL OR p.area_no = ?3) AND {}
         ORDER BY s.series_no",
        only("s.point_no", "?2", point),
        only("s.series_no", "?4", series.map(SeriesNo::as_u32))
    );
    let numbers = params![occupancy.as_u32(), point, area, series.map(SeriesNo::as_u32)];
    let mut statement = db.prepare_cached(&sql)?;
    let entries = statement.query_and_then(numbers, entry_from)?;
    let window = |entry: SeriesEntry| {
        let key = keys.of_series(SeriesCategory::of(entry.meta.quantity));
        Window { entry, days, keys: KeysInReach::Only(key) }
    };
    entries.map(|entry| Ok(window(entry?))).collect()
}

/// The condition on a column that a number is wanted in, if one is. Without an `OR` the row is looked up by its key: area-wide jobs
/// ask for one series after the other.
fn only(column: &str, parameter: &str, wanted: Option<u32>) -> String {
    match wanted {
        Some(_) => format!("{column} = {parameter}"),
        None => format!("CAST({parameter} AS BIGINT) IS NULL"),
    }
}

fn each_target_entry(
    db: &Connection,
    target: Target,
    series: Option<SeriesNo>,
    mut each: impl FnMut(SeriesEntry),
) -> Result<(), StoreFault> {
    let (point, area) = target_numbers(target);
    let series = series.map(SeriesNo::as_u32);
    let sql = format!(
        "-- target_series
         SELECT {ENTRY_COLUMNS}
         FROM series s JOIN point p USING (point_no) JOIN area a USING (area_no)
         WHERE {} AND (CAST(?2 AS BIGINT) IS NULL OR p.area_no = ?2) AND {}
         ORDER BY s.series_no",
        only("s.point_no", "?1", point),
        only("s.series_no", "?3", series)
    );
    let numbers = [point, area, series];
    let mut statement = db.prepare_cached(&sql)?;
    for entry in statement.query_and_then(params_from_iter(numbers), entry_from)? {
        each(entry?);
    }
    Ok(())
}

/// The series of a point, whoever they belong to: for what the store does itself.
pub(super) fn entries_at(db: &Connection, point: PointNo) -> Result<Vec<SeriesEntry>, StoreFault> {
    let mut entries = Vec::new();
    each_target_entry(db, Target::Point(point), None, |entry| entries.push(entry))?;
    Ok(entries)
}

pub(super) fn target_numbers(target: Target) -> (Option<u32>, Option<u32>) {
    match target {
        Target::Point(point) => (Some(PointNo::as_u32(point)), None),
        Target::Area(area) => (None, Some(area.as_u32())),
        Target::Subject(_) | Target::Dossier(_) | Target::Everything => (None, None),
    }
}

pub(super) fn key_cuts(db: &Connection, reach: &Reach) -> Result<KeyCuts, StoreFault> {
    let mut cuts = KeyCuts::default();
    for (occupancy, from) in cuts_of(reach) {
        let keys = keys_of_occupancy(db, occupancy)?;
        cuts.insert(keys.consumption, from);
        cuts.insert(keys.indoor_climate, from);
    }
    Ok(cuts)
}

/// The last registration at or before a moment, or of all.
pub(super) fn last_registration(db: &Connection, as_of: Option<Timestamp>) -> Result<i64, StoreFault> {
    if as_of.is_some() {
        return seq_as_of(db, as_of);
    }
    let sql = "-- last_registration\nSELECT coalesce(max(registered_seq), 0) FROM registration";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// The last registration at or before a moment.
pub(super) fn seq_as_of(db: &Connection, as_of: Option<Timestamp>) -> Result<i64, StoreFault> {
    let Some(as_of) = as_of else { return Ok(i64::MAX) };
    let seq: Option<i64> = db
        .prepare_cached(
            "-- seq_as_of
             SELECT max(registered_seq) FROM registration WHERE registered_ms <= ?1",
        )?
        .query_row(params![as_of.as_millisecond()], |row| row.get(0))?;
    Ok(seq.unwrap_or(0))
}

/// The newest versions of the window's days, which were found, and of the last day before it that has one.
fn stored_days(
    (db, vault): (&Connection, &mut Vault),
    (window, seen, found): (&Window, Seen<'_>, Newest<'_>),
    with_reading_before: bool,
) -> Result<Vec<(Date, Block)>, StoreFault> {
    let start = epoch_day(window.days.start());
    let series = window.entry.meta.series;
    let mut days = Vec::new();
    if with_reading_before {
        days.extend(Newest::find(db, series, (start - DAYS_BACK, start), seen)?.open_last(vault)?);
    }
    days.extend(found.open_all(vault)?);
    let dated = |version: DayVersion| {
        let day = from_epoch_day(version.day).ok_or(StoreFault::Row { what: "series_block.period" })?;
        Ok((day, version.block))
    };
    days.into_iter().map(dated).collect()
}

/// The newest version of one local day of a window, if it is in reach.
pub(super) fn stored_day(
    db: &Connection,
    vault: &mut Vault,
    (window, cuts): (&Window, &KeyCuts),
    period: i32,
    last_seq: i64,
) -> Result<Option<DayVersion>, StoreFault> {
    let seen = Seen { last_seq, keys: window.keys, cuts };
    let found = Newest::find(db, window.entry.meta.series, (period, period + 1), seen)?;
    Ok(found.open_all(vault)?.pop())
}

/// Series that are read at once.
const AT_ONCE: usize = 256;

/// One local day of an interval series in reach.
pub(super) struct DayInReach {
    pub(super) entry: SeriesEntry,
    /// The newest version and its registration; `None` if nothing is there.
    pub(super) newest: Option<(i64, IntervalBlock)>,
}

/// Hands on one local day of every interval series in reach, one after the other. Their values are for the store only: they are
/// finer than the permit may be.
pub(super) fn each_interval_day(
    (db, vault): (&Connection, &mut Vault),
    terms: &Terms,
    day: Date,
    mut each: impl FnMut(DayInReach) -> Result<(), StoreFault>,
) -> Result<(), StoreFault> {
    let cuts = key_cuts(db, &terms.scope().reach)?;
    let Some(days) = day.tomorrow().ok().and_then(|next| DayRange::new(day, next).ok()) else {
        return Ok(());
    };
    let of_intervals = |entry: &SeriesEntry| entry.meta.kind == SeriesKind::Interval;
    let query = SeriesQuery { series: None, days, resolution: Resolution::P1D, as_of: None };
    // Numbers first: what else is known of a million series is too much at once.
    for series in series_numbers(db, terms, (days, None), of_intervals)?.chunks(AT_ONCE) {
        let windows = closed_windows_of(db, terms, &query, series)?;
        let found = newest_of_windows((db, &mut *vault), &windows, (0, 0), (i64::MAX, &cuts))?;
        for (window, newest) in windows.into_iter().zip(found) {
            let newest = newest.open_last(vault)?.and_then(|version| match version.block {
                Block::Interval(block) => Some((version.seq, block)),
                Block::Register(_) => None,
            });
            each(DayInReach { entry: window.entry, newest })?;
        }
    }
    Ok(())
}

pub(super) fn spans(
    window: &Window,
    days: Vec<(Date, Block)>,
    (resolution, mounted): (Resolution, &Timeline<Mounting>),
    zone: &Zone,
) -> Result<Vec<Span>, StoreFault> {
    let meta = &window.entry.meta;
    match meta.kind {
        SeriesKind::Interval => {
            let days: Vec<(Date, IntervalBlock)> = days.into_iter().filter_map(interval_day).collect();
            let to = if resolution == Resolution::Raw { meta.resolution } else { resolution };
            Ok(coarsen_intervals(&days, meta.resolution, to, zone, window.days)?)
        }
        SeriesKind::Register => {
            let days: Vec<(Date, RegisterBlock)> = days.into_iter().filter_map(register_day).collect();
            match resolution {
                Resolution::Raw => {
                    Ok(register_readings(&days, zone, window.days).into_iter().map(instant_span).collect())
                }
                _ if meta.is_cumulative() => {
                    Ok(coarsen_registers(&days, resolution, zone, window.days, mounted)?)
                }
                _ => Ok(coarsen_instants(&days, resolution, zone, window.days)?),
            }
        }
    }
}

/// A reading as a span without length.
fn instant_span((at, value, mark): (Timestamp, Decimal, Mark)) -> Span {
    Span {
        start: at,
        end: at,
        value: Some(value),
        quality: mark.quality(),
        expected: 1,
        present: 1,
        estimated: u32::from(mark.quality() == Quality::Estimated),
        method: mark.method(),
        findings: mark.findings(),
        corrected: mark.is_correction(),
    }
}

fn interval_day((day, block): (Date, Block)) -> Option<(Date, IntervalBlock)> {
    if let Block::Interval(block) = block { Some((day, block)) } else { None }
}

fn register_day((day, block): (Date, Block)) -> Option<(Date, RegisterBlock)> {
    if let Block::Register(block) = block { Some((day, block)) } else { None }
}

//! Following master data: what a changed period moves from one group to another.
//!
//! What comes in: what points counted in before master data changed. What goes out, into memory: for each local day on which
//! a point counts in something else now, its block is taken out of the old groups and put into the new ones. Every other
//! day stays untouched, so that a late change of supplier costs the days it changes.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::{Connection, Things};
use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_model::{DayRange, Interval, PointNo, SeriesNo};

use super::changed::exchange;
use super::point::{SettledPeriod, SettledPoint, settled_point};
use crate::StoreFault;
use crate::personal::{Writing, current_block};
use crate::reference::KnownAt;

/// Settles again what a change of master data has touched. `before` is what was known before it. Call in the transaction
/// that changed them.
pub(crate) fn resettle(
    writing: &mut Writing,
    touched: &[(PointNo, DayRange)],
    before: KnownAt,
) -> Result<(), StoreFault> {
    writing.settling.forget_points();
    if writing.settled_from()?.is_none() {
        return Ok(());
    }
    let points: BTreeSet<PointNo> = touched.iter().map(|(point, _)| *point).collect();
    let series = stored_series(&writing.db, &points)?;
    series.iter().try_for_each(|(point, series)| resettle_point(writing, (*point, before), series))
}

fn resettle_point(
    writing: &mut Writing,
    (point, before): (PointNo, KnownAt),
    series: &[StoredSeries],
) -> Result<(), StoreFault> {
    let Some(new) = writing.settled_point(point)? else { return Ok(()) };
    let old = settled_point(&writing.db, &writing.zone, (point, before))?;
    for span in changed_spans(&old, &new) {
        let days = days_of(writing, span);
        for series in series {
            resettle_days(writing, series, days, (&old, &new))?;
        }
    }
    Ok(())
}

/// The spans of time in which a point counts in something else than before, in order.
fn changed_spans(old: &SettledPoint, new: &SettledPoint) -> Vec<Interval> {
    let periods = || old.periods.iter().chain(&new.periods);
    let mut borders: Vec<Timestamp> =
        periods().flat_map(|one| [one.period.valid.start(), one.period.valid.end()]).collect();
    borders.sort_unstable();
    borders.dedup();
    let spans = borders.windows(2).filter_map(|pair| match pair {
        [start, end] => Interval::new(*start, *end).ok(),
        _ => None,
    });
    spans.filter(|span| counts_in(old, *span) != counts_in(new, *span)).collect()
}

/// The periods that hold in a span that no border cuts, without their length.
fn counts_in(point: &SettledPoint, span: Interval) -> Vec<SettledPeriod> {
    let holds = |one: &&SettledPeriod| one.period.valid.contains(span.start());
    let mut cut: Vec<_> = point.periods.iter().filter(holds).copied().collect();
    cut.iter_mut().for_each(|one| one.period.valid = span);
    cut
}

/// The local days a span touches, half open.
fn days_of(writing: &Writing, span: Interval) -> (i32, i32) {
    let start = epoch_day(writing.zone.day_of(span.start()));
    if span.end() == Timestamp::MAX {
        return (start, i32::MAX);
    }
    let last = writing.zone.day_of(span.end());
    let is_whole = writing.zone.day_start(last) == span.end();
    (start, epoch_day(last) + i32::from(!is_whole))
}

fn resettle_days(
    writing: &mut Writing,
    stored: &StoredSeries,
    days: (i32, i32),
    (old, new): (&SettledPoint, &SettledPoint),
) -> Result<(), StoreFault> {
    let kept_from = writing.settled_from()?.unwrap_or(i32::MAX);
    let (number, first, last) = *stored;
    let series = writing.meta(number)?;
    for period in days.0.max(first).max(kept_from)..days.1.min(last.saturating_add(1)) {
        let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "series_state.first_day" })?;
        let current = current_block(writing, day, number)?;
        // An erased block stays counted where it was: nobody can take it out.
        let Some((_, Some(block))) = current else { continue };
        exchange(writing, &series, day, Some((old, &block)), Some((new, &block)))?;
    }
    Ok(())
}

/// A series with its first and last local day that has a block.
type StoredSeries = (SeriesNo, i32, i32);

/// The interval series of points that have blocks, each point's in order. A point without one is left out.
fn stored_series(
    db: &Connection,
    points: &BTreeSet<PointNo>,
) -> Result<BTreeMap<PointNo, Vec<StoredSeries>>, StoreFault> {
    let sql = "-- settled_series
               SELECT s.point_no, s.series_no, t.first_day, t.last_day
               FROM series s JOIN series_state t ON t.series_no = s.series_no
               WHERE s.point_no = ?1 AND s.kind = 'interval' ORDER BY s.series_no";
    let points: Vec<i64> = points.iter().map(|point| point.as_u32().into()).collect();
    let rows = db.query_each(sql, Things::Numbers(&points), &[], |row| {
        let series = (SeriesNo::new(row.get(1)?), row.get(2)?, row.get(3)?);
        Ok::<_, StoreFault>((PointNo::new(row.get(0)?), series))
    })?;
    let mut found: BTreeMap<PointNo, Vec<StoredSeries>> = BTreeMap::new();
    for (point, series) in rows {
        found.entry(point).or_default().push(series);
    }
    Ok(found)
}

/// The first and the last local day of any interval series.
pub(super) fn stored_days(db: &Connection) -> Result<Option<(Date, Date)>, StoreFault> {
    let days: (Option<i32>, Option<i32>) = db
        .prepare_cached(
            "-- settled_days
             SELECT min(t.first_day), max(t.last_day)
             FROM series s JOIN series_state t ON t.series_no = s.series_no WHERE s.kind = 'interval'",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(days.0.and_then(from_epoch_day).zip(days.1.and_then(from_epoch_day)))
}

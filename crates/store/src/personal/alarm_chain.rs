//! Alarms of series that are estimated for too long (decision 0040).
//!
//! What comes in: the series of a batch that may have such an alarm, and under which permits alarms are kept. What goes
//! out: events, sealed as those of meters are, in the transaction that registers the values. Only these series are read
//! again. Never: an event that no permit to collect alarms covers, or one of a day that is no longer kept.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use rustc_hash::FxHashSet;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_govern::Operation;
use tidstro_metering::alarms::{AlarmEvent, Change, MeterAlarms, NewestDays};
use tidstro_metering::{Block, IntervalBlock};
use tidstro_model::{CategoryId, Quality, SeriesNo};

use super::Writing;
use super::alarm::{Admitted, AlarmCounts, AlarmOf, admitted, insert_event, note_events, stored_events};
use super::append::Registrar;
use super::cover::Cover;
use super::state::{series_days, traits_of};
use super::versions::{KeyCuts, KeysInReach, Newest, Seen};
use crate::db::Connection;
use crate::gate::Terms;
use crate::reference::SeriesMeta;
use crate::{Permit, Store, StoreFault};

/// How many of the newest days are read at first: most estimates are of a day or two.
const FIRST_DAYS: i32 = 4;

/// Under which permits alarms of chains are kept; under none, none are.
#[derive(Clone, Default)]
pub(crate) struct ChainTerms {
    category: Option<CategoryId>,
    terms: Vec<Arc<Terms>>,
}

impl ChainTerms {
    /// The terms of permits to collect alarms.
    pub(crate) fn of(store: &Store, permits: &[Permit], now: Timestamp) -> Result<Self, StoreFault> {
        let Some(category) = store.alarm_category().filter(|_| !permits.is_empty()) else {
            return Ok(Self::default());
        };
        let terms = permits.iter().map(|permit| permit.must_allow(Operation::Collect, category, now));
        Ok(Self { category: Some(category.clone()), terms: terms.collect::<Result<_, _>>()? })
    }

    /// The category of alarms, if any are kept.
    pub(crate) fn category(&self) -> Option<CategoryId> {
        self.category.clone()
    }

    /// What the permit of values covers, and what those of alarms do.
    pub(crate) fn covers(&self, values: &Arc<Terms>) -> Vec<Cover> {
        [values].into_iter().chain(&self.terms).map(Cover::of).collect()
    }
}

impl Store {
    /// Whether alarms of chains of estimates may come or go: limits that judge say how long a chain may be, or an alarm of one
    /// is stored. Only then permits to collect alarms are of use to those who register values.
    ///
    /// # Errors
    /// [`StoreFault`] if the store fails.
    pub async fn watches_chains(&self) -> Result<bool, StoreFault> {
        if self.alarm_category().is_none() {
            return Ok(false);
        }
        let (rules, _) = self.rules().await?;
        let stored = self.threads.read(|reading| any_chain_alarm(&reading.db));
        Ok(rules.has_chain_limit() || stored.await?)
    }
}

fn any_chain_alarm(db: &Connection) -> Result<bool, StoreFault> {
    let found = db
        .prepare_cached(
            "-- any_chain_alarm
             SELECT EXISTS (SELECT 1 FROM alarm e WHERE e.series_no <> 0)",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(found)
}

/// Whether alarms of chains are kept under these permits.
pub(super) fn watches(registrar: &Registrar, covers: &[Cover]) -> bool {
    let category = registrar.alarms.as_ref();
    category.is_some_and(|category| covers.iter().any(|cover| cover.is_for(category)))
}

/// Whether the alarm of a series may change with this version of a local day: it ends with an estimate, where a limit says how
/// long these may go on, or something is stored of the series' alarm.
pub(super) fn is_watched(
    writing: &mut Writing,
    (meta, day): (&SeriesMeta, Date),
    block: &Block,
) -> Result<bool, StoreFault> {
    let Block::Interval(block) = block else { return Ok(false) };
    let is_estimated = ends_estimated(block) && limit(writing, (meta, day))?.is_some();
    Ok(is_estimated || writing.had_chain(meta.series)?)
}

fn ends_estimated(block: &IntervalBlock) -> bool {
    let mut said = block.marks().iter().rev().map(|mark| mark.quality());
    said.find(|quality| *quality != Quality::Missing) == Some(Quality::Estimated)
}

fn has_measured(block: &IntervalBlock) -> bool {
    block.marks().iter().any(|mark| matches!(mark.quality(), Quality::Measured | Quality::Calculated))
}

/// How many local days a series may be estimated.
fn limit(writing: &mut Writing, (meta, day): (&SeriesMeta, Date)) -> Result<Option<u32>, StoreFault> {
    Ok(writing.rules()?.limits(&traits_of(meta), day).thresholds.prolonged_days)
}

/// Finds what became of the alarms of these series and keeps it. Call inside [`Writing::transact`], after their rows are
/// written.
pub(super) fn watch_chains(
    writing: &mut Writing,
    registrar: &Registrar,
    covers: &[Cover],
    series: &[SeriesNo],
) -> Result<AlarmCounts, StoreFault> {
    let mut counts = AlarmCounts::default();
    let Some(category) = &registrar.alarms else { return Ok(counts) };
    let series: FxHashSet<SeriesNo> = series.iter().copied().collect();
    for series in series {
        let mut watching =
            Watching { writing: &mut *writing, granted: (covers, category), counts: &mut counts };
        watching.series(series)?;
    }
    note_events(writing, registrar, covers, &counts)?;
    Ok(counts)
}

struct Watching<'a> {
    writing: &'a mut Writing,
    granted: (&'a [Cover], &'a CategoryId),
    counts: &'a mut AlarmCounts,
}

impl Watching<'_> {
    fn series(&mut self, series: SeriesNo) -> Result<(), StoreFault> {
        let meta = self.writing.meta(series)?;
        let mut alarms = self.stored(series)?;
        let since = alarms.standing().map(|alarm| alarm.since).min();
        let days = self.newest_days(series, since)?;
        let Some((last, _)) = days.last() else { return Ok(()) };
        let limit = limit(self.writing, (&meta, *last))?;
        let zone = self.writing.zone.clone();
        let newest = NewestDays { days: &days, grid: (&zone, meta.resolution), series: meta.series.as_u32() };
        for event in newest.watched(&mut alarms, limit) {
            self.keep(&meta, event, newest.last_value())?;
        }
        Ok(())
    }

    fn stored(&mut self, series: SeriesNo) -> Result<MeterAlarms, StoreFault> {
        let mut alarms = MeterAlarms::default();
        if self.writing.had_chain(series)? {
            let events = stored_events(self.writing, AlarmOf::Series(series))?;
            events.iter().for_each(|event| alarms.restore(event));
        }
        Ok(alarms)
    }

    /// The newest days of a series: back to the beginning of the alarm that stands, and to a day with a measured value, or to
    /// the first one.
    fn newest_days(
        &mut self,
        series: SeriesNo,
        since: Option<Timestamp>,
    ) -> Result<Vec<(Date, IntervalBlock)>, StoreFault> {
        let Some((first, last)) = series_days(&self.writing.db, series)? else { return Ok(Vec::new()) };
        let known = since.map(|since| last + 1 - epoch_day(self.writing.zone.day_of(since)));
        let mut count = known.unwrap_or(0).max(FIRST_DAYS);
        loop {
            let start = first.max(last.saturating_add(1).saturating_sub(count));
            let days = self.days(series, (start, last.saturating_add(1)))?;
            if start == first || days.iter().any(|(_, block)| has_measured(block)) {
                return Ok(days);
            }
            count = count.saturating_mul(2);
        }
    }

    /// The newest versions of local days, half open; whoever they belong to.
    fn days(&mut self, series: SeriesNo, days: (i32, i32)) -> Result<Vec<(Date, IntervalBlock)>, StoreFault> {
        let cuts = KeyCuts::default();
        let seen = Seen { last_seq: i64::MAX, keys: KeysInReach::Every, cuts: &cuts };
        let found = Newest::find(&self.writing.db, series, days, seen)?;
        let opened = found.open_all(&mut self.writing.vault)?;
        let of_day = |(day, block)| match block {
            Block::Interval(block) => Some((from_epoch_day(day)?, block)),
            Block::Register(_) => None,
        };
        Ok(opened.into_iter().filter_map(|version| of_day((version.day, version.block))).collect())
    }

    /// Keeps an event. Where the beginning of a chain is no longer kept, its alarm begins with the last value.
    fn keep(
        &mut self,
        meta: &SeriesMeta,
        event: AlarmEvent,
        last: Option<Timestamp>,
    ) -> Result<(), StoreFault> {
        let found = admitted(self.writing, self.granted, (meta.point, event.at))?;
        let later = last.filter(|_| event.signal.change == Change::Raised);
        let (event, (place, may_be)) = match (found, later) {
            ((_, Admitted::TooOld), Some(at)) => {
                (AlarmEvent { at, ..event }, admitted(self.writing, self.granted, (meta.point, at))?)
            }
            (found, _) => (event, found),
        };
        match may_be {
            Admitted::Yes => {
                insert_event(self.writing, (AlarmOf::Series(meta.series), &place), &event)?;
                self.counts.count(event.signal.change);
            }
            Admitted::TooOld => self.counts.too_old += 1,
            Admitted::NotPermitted => self.counts.not_permitted += 1,
        }
        Ok(())
    }
}

impl Writing {
    /// Whether anything is stored of the alarm of a series.
    fn had_chain(&mut self, series: SeriesNo) -> Result<bool, StoreFault> {
        if self.chained.is_none() {
            self.chained = Some(series_with_alarms(&self.db)?);
        }
        Ok(self.chained.as_ref().is_some_and(|known| !known.is_empty() && known.contains(&series)))
    }
}

fn series_with_alarms(db: &Connection) -> Result<FxHashSet<SeriesNo>, StoreFault> {
    let series = db
        .prepare_cached(
            "-- series_with_alarms
             SELECT DISTINCT e.series_no FROM alarm e WHERE e.series_no <> 0",
        )?
        .query_map([], |row| row.get(0).map(SeriesNo::new))?
        .collect::<Result<_, _>>()?;
    Ok(series)
}

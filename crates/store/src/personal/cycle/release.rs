//! Releasing: the newest version of a day becomes the one that goes out.
//!
//! A permit to export and days of an area come in; for each series whose day is ready a row goes out that names the
//! version. The version itself is not touched, as no version ever is: what changes later is another one, and says that it
//! corrects. Never: a day with a gap or an open finding, unless its state was named.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::epoch_day;
use tidstro_govern::Operation;
use tidstro_metering::cycle::DayState;
use tidstro_model::{AreaNo, SeriesNo};

use super::counts::CycleChanges;
use super::only_area;
use super::state::{last_release, newest_intervals, state_with};
use crate::db::{Connection, params};
use crate::gate::Terms;
use crate::log;
use crate::personal::place::Kind;
use crate::personal::{Cover, Writing};
use crate::reference::{SeriesCategory, SeriesMeta};
use crate::{Permit, Store, StoreFault};

/// How many series are released in one transaction: others write in between.
const CHUNK: usize = 16_384;

/// An operating day to release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseDay {
    /// The day.
    pub day: Date,
    /// By when it should have been out.
    pub due: Timestamp,
}

/// What a release came to, in days of series.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Released {
    /// Released for the first time.
    pub first: u64,
    /// Corrections of what was released before.
    pub corrections: u64,
    /// Whose newest version was out already.
    pub unchanged: u64,
    /// Not released because of their state; `None` is a day of which nothing is there.
    pub left: BTreeMap<Option<DayState>, u64>,
    /// Not released because the permit does not reach whoever lives there.
    pub not_reached: u64,
}

impl Released {
    fn add(&mut self, other: Self) {
        self.first += other.first;
        self.corrections += other.corrections;
        self.unchanged += other.unchanged;
        self.not_reached += other.not_reached;
        for (state, count) in other.left {
            *self.left.entry(state).or_default() += count;
        }
    }
}

/// One release: who, when, which states go out.
#[derive(Clone)]
struct Releasing {
    terms: Arc<Terms>,
    number: i64,
    also: Arc<[DayState]>,
    now: Timestamp,
}

impl Store {
    /// Releases days of the area the permit is about: those whose values are ready, and those in a state that `also`
    /// names. Some may be durable when this fails; the same call again goes on.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to export consumption of one area.
    pub async fn release_days(
        &self,
        permit: &Permit,
        days: Vec<ReleaseDay>,
        also: Vec<DayState>,
        now: Timestamp,
    ) -> Result<Released, StoreFault> {
        let terms = permit.must_allow(Operation::Export, self.columns.series()?, now)?;
        let area = only_area(&terms)?;
        let series = self.threads.read(move |reading| series_of_area(&reading.db, area)).await?;
        let begun = Arc::clone(&terms);
        let number = self
            .threads
            .write(move |writing| writing.transact(|writing| begin(writing, &begun, now)))
            .await?;
        let releasing = Releasing { terms, number, also: also.into(), now };
        let mut released = Released::default();
        for day in days {
            for chunk in series.chunks(CHUNK) {
                let (releasing, chunk) = (releasing.clone(), chunk.to_vec());
                let job = move |writing: &mut Writing| {
                    writing.transact(|writing| release_chunk(writing, &releasing, day, &chunk))
                };
                released.add(self.threads.write(job).await?);
            }
        }
        Ok(released)
    }
}

/// The interval series of an area, in order.
fn series_of_area(db: &Connection, area: AreaNo) -> Result<Vec<SeriesNo>, StoreFault> {
    let series = db
        .prepare_cached(
            "-- interval_series_of_area
             SELECT s.series_no FROM series s JOIN point p ON p.point_no = s.point_no
             WHERE p.area_no = ?1 AND s.kind = 'interval' ORDER BY s.series_no",
        )?
        .query_map([area.as_u32()], |row| row.get(0).map(SeriesNo::new))?
        .collect::<Result<_, _>>()?;
    Ok(series)
}

fn begin(writing: &Writing, terms: &Terms, now: Timestamp) -> Result<i64, StoreFault> {
    let recipient = terms.recipient.as_ref().map(ToString::to_string);
    let number = writing
        .db
        .prepare_cached(
            "-- begin_release
             INSERT INTO release (released_ms, permit_seq, recipient) VALUES (?1, ?2, ?3) RETURNING release_no",
        )?
        .query_row(params![now.as_millisecond(), terms.seq, recipient], |row| row.get(0))?;
    Ok(number)
}

fn release_chunk(
    writing: &mut Writing,
    releasing: &Releasing,
    day: ReleaseDay,
    series: &[SeriesNo],
) -> Result<Released, StoreFault> {
    let cover = Cover::of(&releasing.terms);
    let mut changes = CycleChanges::default();
    let mut done = Released::default();
    for series in series {
        release_one(writing, (releasing, &cover), (day, *series), &mut changes, &mut done)?;
    }
    changes.save(&writing.db)?;
    let count = done.first + done.corrections;
    if count > 0 {
        let Releasing { terms, number, now, .. } = releasing;
        let detail = format!("release {number}: {count} days of series of {}, of {}", day.day, terms.target);
        log::append(writing, terms.registered(detail, *now))?;
    }
    Ok(done)
}

fn release_one(
    writing: &mut Writing,
    (releasing, cover): (&Releasing, &Cover),
    (day, series): (ReleaseDay, SeriesNo),
    changes: &mut CycleChanges,
    done: &mut Released,
) -> Result<(), StoreFault> {
    let period = epoch_day(day.day);
    let meta = writing.meta(series)?;
    if !is_reached(writing, cover, &meta, period)? {
        done.not_reached += 1;
        return Ok(());
    }
    let Some((seq, block)) = newest_intervals(&writing.db, &mut writing.vault, (day.day, series))? else {
        let is_expected = writing.expected_in(&meta, period)?.is_some();
        *done.left.entry(None).or_default() += u64::from(is_expected);
        return Ok(());
    };
    let values = DayState::of_values(&block);
    let last = last_release(&writing.db, (period, series))?;
    if last.is_some_and(|last| last.seq == seq) {
        done.unchanged += 1;
        return Ok(());
    }
    if !values.is_some_and(|state| state.is_ready() || releasing.also.contains(&state)) {
        *done.left.entry(values).or_default() += 1;
        return Ok(());
    }
    let is_late = last.map_or(releasing.now >= day.due, |last| last.is_late);
    insert(&writing.db, (series, period), (releasing.number, seq, is_late))?;
    let out = if is_late { DayState::ReleasedLate } else { DayState::Released };
    if let Some(area) = writing.expected_in(&meta, period)? {
        changes.moved((area, period), state_with(values, seq, last), Some(out));
    }
    *(if last.is_some() { &mut done.corrections } else { &mut done.first }) += 1;
    Ok(())
}

/// Whether the permit reaches whoever lives at the point of a series on a local day.
fn is_reached(
    writing: &mut Writing,
    cover: &Cover,
    meta: &SeriesMeta,
    period: i32,
) -> Result<bool, StoreFault> {
    let category = SeriesCategory::of(meta.quantity);
    let owner = writing.owner_of(meta.point, Kind::Series(category), period)?;
    let kind = writing.area_of(meta.point)?;
    Ok(cover.covers(category.id(), kind) && cover.reaches(owner.occupancy, period) && !owner.is_over)
}

fn insert(
    db: &Connection,
    (series, period): (SeriesNo, i32),
    (release, seq, is_late): (i64, i64, bool),
) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- insert_released
         INSERT INTO released (series_no, period, release_no, registered_seq, is_late) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![series.as_u32(), period, release, seq, i64::from(is_late)])?;
    Ok(())
}

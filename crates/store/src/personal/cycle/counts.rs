//! Counts of days by their state, kept up as differences.
//!
//! What comes in: the state of a day of a series before a change and after it. What goes out: one row for each area, day
//! and state that changed, however many series did. Never: a count that is not the sum of what is stored.

use rustc_hash::FxHashMap;
use tidstro_metering::cycle::DayState;
use tidstro_metering::{Block, IntervalBlock};
use tidstro_model::AreaNo;

use super::state::{LastRelease, last_release, state_with};
use crate::StoreFault;
use crate::db::{Connection, params};
use crate::personal::Writing;
use crate::reference::{SeriesKind, SeriesMeta};

/// Changes of counts, gathered in one transaction.
#[derive(Default)]
pub(in crate::personal) struct CycleChanges {
    days: FxHashMap<(AreaNo, i32), DayChange>,
}

/// What changes of one area on one local day.
#[derive(Default)]
struct DayChange {
    /// By state, in the order of [`DayState::ALL`].
    by_state: [i64; DayState::ALL.len()],
    /// Whether anything of the day was ever released; `None` if nobody asked yet.
    has_releases: Option<bool>,
}

impl DayChange {
    fn add(&mut self, state: Option<DayState>, count: i64) {
        let place = DayState::ALL.iter().position(|of| Some(*of) == state);
        if let Some(sum) = place.and_then(|place| self.by_state.get_mut(place)) {
            *sum += count;
        }
    }
}

impl CycleChanges {
    /// A day of one series of an area goes from one state to another; `None` is a day of which nothing is there.
    pub(in crate::personal) fn moved(
        &mut self,
        (area, period): (AreaNo, i32),
        from: Option<DayState>,
        to: Option<DayState>,
    ) {
        if from != to {
            let change = self.days.entry((area, period)).or_default();
            change.add(from, -1);
            change.add(to, 1);
        }
    }

    /// What was released of a day of a series before. One small read for each area and day tells whether anything was.
    pub(in crate::personal) fn last_release(
        &mut self,
        writing: &mut Writing,
        meta: &SeriesMeta,
        period: i32,
    ) -> Result<Option<LastRelease>, StoreFault> {
        if meta.kind == SeriesKind::Register {
            return Ok(None);
        }
        let day_key = (period, meta.series);
        let Some(area) = writing.expected_in(meta, period)? else {
            return last_release(&writing.db, day_key);
        };
        let change = self.days.entry((area, day_key.0)).or_default();
        let has_releases = match change.has_releases {
            Some(known) => known,
            None => *change.has_releases.insert(has_releases(&writing.db, area, day_key.0)?),
        };
        if has_releases { last_release(&writing.db, day_key) } else { Ok(None) }
    }

    /// A day of a series at a point has a new version: the one before with its registration, and what was released.
    pub(in crate::personal) fn version_added(
        &mut self,
        writing: &mut Writing,
        (meta, period): (&SeriesMeta, i32),
        before: Option<(i64, &Block)>,
        last: Option<LastRelease>,
        new: &Block,
    ) -> Result<(), StoreFault> {
        let Block::Interval(new) = new else { return Ok(()) };
        let Some(area) = writing.expected_in(meta, period)? else { return Ok(()) };
        let from = before.and_then(|(seq, block)| match block {
            Block::Interval(block) => state_with(DayState::of_values(block), seq, last),
            Block::Register(_) => None,
        });
        self.moved((area, period), from, after_change(new, last));
        Ok(())
    }

    /// Writes what changed. Call inside [`Writing::transact`], in the transaction of the change itself.
    pub(in crate::personal) fn save(self, db: &Connection) -> Result<(), StoreFault> {
        let mut days: Vec<_> = self.days.into_iter().collect();
        // The same order in every transaction, so that no two wait for each other in a circle.
        days.sort_unstable_by_key(|(day, _)| *day);
        for (day, change) in days {
            for (state, count) in DayState::ALL.into_iter().zip(change.by_state) {
                if count != 0 {
                    add(db, day, state, count)?;
                }
            }
        }
        Ok(())
    }
}

/// The state of a version that was just added: what was released is never the newest then.
fn after_change(new: &IntervalBlock, last: Option<LastRelease>) -> Option<DayState> {
    last.map_or_else(|| DayState::of_values(new), |_| Some(DayState::Corrected))
}

fn has_releases(db: &Connection, area: AreaNo, period: i32) -> Result<bool, StoreFault> {
    let released: i64 = db
        .prepare_cached(
            "-- has_releases
             SELECT count(*) FROM cycle_day c
             WHERE c.area_no = ?1 AND c.period = ?2 AND c.state IN ('released', 'released-late', 'corrected')",
        )?
        .query_row(params![area.as_u32(), period], |row| row.get(0))?;
    Ok(released > 0)
}

fn add(
    db: &Connection,
    (area, period): (AreaNo, i32),
    state: DayState,
    count: i64,
) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- add_cycle_day
         INSERT INTO cycle_day (area_no, period, state, series) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (area_no, period, state) DO UPDATE SET series = cycle_day.series + excluded.series",
    )?
    .execute(params![area.as_u32(), period, state.code(), count])?;
    Ok(())
}

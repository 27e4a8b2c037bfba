//! One change of master data: its number and time, and what it did.

use jiff::Timestamp;
use tidstro_model::{Dated, DayRange, PointNo, SourceNo, TimelineDifference};

use super::KnownAt;
use crate::StoreFault;
use crate::db::{Connection, params};
use crate::reference::fresh::Fresh;

/// What a change did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct MasterDone {
    /// Rows that are new.
    pub(crate) added: u64,
    /// Rows that hold no longer.
    pub(crate) retired: u64,
    /// The days of points on which the market's data changed: what was settled by them is to be settled anew.
    pub(crate) touched: Vec<(PointNo, DayRange)>,
}

/// A thing, and what holds of it otherwise now.
pub(crate) type Otherwise<K, T> = (K, TimelineDifference<T>);

/// A change that goes on: it gets its number with the first row that is new.
pub(crate) struct MasterChange {
    permit: i64,
    source: Option<SourceNo>,
    now: Timestamp,
    seq: Option<i64>,
    pub(crate) done: MasterDone,
    /// What it makes.
    pub(crate) fresh: Fresh,
}

impl MasterChange {
    /// A change under the permit of this number. Call inside a transaction.
    pub(crate) fn begin(permit: i64, source: Option<SourceNo>, now: Timestamp) -> Self {
        Self { permit, source, now, seq: None, done: MasterDone::default(), fresh: Fresh::default() }
    }

    /// Its number; none while nothing is new.
    pub(crate) const fn number(&self) -> Option<i64> {
        self.seq
    }

    /// What was known before this change; `None` if it has changed nothing.
    pub(crate) fn before(&self) -> Option<KnownAt> {
        self.seq.map(|seq| KnownAt(seq - 1))
    }

    /// Notes that a point has other market data on these days.
    pub(super) fn touch(&mut self, point: PointNo, days: &[DayRange]) {
        self.done.touched.extend(days.iter().map(|days| (point, *days)));
    }

    /// Retires and adds what holds otherwise now, all rows of a table at once. `retire` and `add` get the number of the change.
    pub(super) fn keep<K: Copy, T>(
        &mut self,
        db: &Connection,
        others: &[Otherwise<K, T>],
        retire: impl FnOnce(i64, &[(K, &Dated<T>)]) -> Result<(), StoreFault>,
        add: impl FnOnce(i64, &[(K, &Dated<T>)]) -> Result<(), StoreFault>,
    ) -> Result<(), StoreFault> {
        let (mut retired, mut added) = (Vec::new(), Vec::with_capacity(others.len()));
        for (of, difference) in others {
            retired.extend(difference.retired.iter().map(|row| (*of, row)));
            added.extend(difference.added.iter().map(|row| (*of, row)));
        }
        if retired.is_empty() && added.is_empty() {
            return Ok(());
        }
        let seq = self.seq(db)?;
        retire(seq, &retired)?;
        add(seq, &added)?;
        self.done.retired += retired.len() as u64;
        self.done.added += added.len() as u64;
        Ok(())
    }

    /// Its number, which it gets with the first row that is new.
    pub(super) fn seq(&mut self, db: &Connection) -> Result<i64, StoreFault> {
        if let Some(seq) = self.seq {
            return Ok(seq);
        }
        let seq = insert_change(db, (self.permit, self.source, self.now))?;
        self.seq = Some(seq);
        Ok(seq)
    }
}

/// Changes have strictly rising times, also when the clock goes back or stands: what was known at a moment is one answer.
fn insert_change(
    db: &Connection,
    (permit, source, now): (i64, Option<SourceNo>, Timestamp),
) -> Result<i64, StoreFault> {
    let (last, at): (i64, i64) = db
        .prepare_cached(
            "-- last_change
             SELECT coalesce(max(change_seq), 0), coalesce(max(changed_ms), -1) FROM master_change",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let at = now.as_millisecond().max(at.saturating_add(1));
    db.prepare_cached(
        "-- insert_change
         INSERT INTO master_change (change_seq, changed_ms, source_no, permit_seq) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![last + 1, at, source.map(SourceNo::as_u32), permit])?;
    Ok(last + 1)
}

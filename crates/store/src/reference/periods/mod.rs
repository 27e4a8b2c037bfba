//! Master data with two times: the local days a row is about, and when it was known.
//!
//! What comes in: what somebody states of a point, its suppliers or a device for some local days. What goes out: the rows
//! that hold from then on, the rows they retire, and which days of which points changed; and, at any later time, what was
//! known at a moment about a day. Never: a row changed or deleted, or two rows that hold on the same day.

mod change;
mod charges;
mod degree_days;
mod door;
mod family;
mod from_instants;
mod history;
mod installations;
mod known;
mod prices;
mod shares;
mod states;
mod supplies;
#[cfg(test)]
mod tests;

pub(crate) use change::MasterChange;
pub(crate) use charges::{
    LinkKey, charge_links_of_all, charge_no, charge_terms, charges_in, ensure_charge, key_from, links_in,
    state_charge, state_links,
};
pub(crate) use degree_days::{degree_days_at, degree_days_of, state_degree_days};
pub(crate) use family::{Family, children_of, families_of};
pub use history::InstallationEntry;
pub(crate) use installations::{
    all_installations, devices_after, hangs, hangs_all, installations_of, mounted, named_hangs_all,
    register_digits, state_installations,
};
pub use known::{KnownPeriod, Which};
pub(crate) use known::{over_area, point_periods, points_of, retirements};
pub(crate) use prices::{prices_at, prices_in, state_prices};
pub(crate) use shares::{shares_at, shares_of, state_shares};
pub(crate) use states::{state_points, states_of, states_of_all};
pub(crate) use supplies::{state_supplies, supplies_of, supplies_of_all};

use std::hash::Hash;

use crate::StoreFault;
use crate::db::{Connection, DbFault, Row};
use jiff::Timestamp;
use rustc_hash::FxHashMap;
use tidstro_calendar::from_epoch_day;
use tidstro_model::{Dated, DayRange, Factor, PointNo, Timeline};

/// A moment of knowledge: rows made by then and not retired by then hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KnownAt(pub(super) i64);

impl KnownAt {
    /// What is known now.
    pub(crate) const NOW: Self = Self(i64::MAX);

    /// What was known at an instant; now, without one.
    pub(crate) fn instant(db: &Connection, at: Option<Timestamp>) -> Result<Self, StoreFault> {
        let Some(at) = at else { return Ok(Self::NOW) };
        let seq = db
            .prepare_cached(
                "-- known_at
                 SELECT coalesce(max(change_seq), 0) FROM master_change WHERE changed_ms <= ?1",
            )?
            .query_row([at.as_millisecond()], |row| row.get(0))?;
        Ok(Self(seq))
    }

    /// What is known by now, so that it can be asked for later: changes that come after it are not in it.
    pub(crate) fn newest(db: &Connection) -> Result<Self, StoreFault> {
        let sql = "-- known_by_now\nSELECT coalesce(max(m.change_seq), 0) FROM master_change m";
        Ok(Self(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?))
    }

    /// The moment after a change, by its number.
    pub(crate) const fn after_change(seq: i64) -> Self {
        Self(seq)
    }

    /// The number of the last change that is known.
    pub(crate) const fn last_change(self) -> i64 {
        self.0
    }
}

/// Numbers of points, as they are asked about at once.
fn numbers(points: &[PointNo]) -> Vec<i64> {
    points.iter().map(|point| point.as_u32().into()).collect()
}

/// The point whose number is in the first column.
fn point_from(row: &Row<'_>) -> Result<PointNo, DbFault> {
    row.get(0).map(PointNo::new)
}

/// Rows of many things as the timeline of each; `damaged` says what it means that two of one thing share a day.
fn timelines<K: Eq + Hash, T: Clone + PartialEq>(
    rows: Vec<(K, Dated<T>)>,
    damaged: &'static str,
) -> Result<FxHashMap<K, Timeline<T>>, StoreFault> {
    let mut periods: FxHashMap<K, Vec<Dated<T>>> = FxHashMap::default();
    for (of, row) in rows {
        periods.entry(of).or_default().push(row);
    }
    let timeline = |(of, rows)| Ok((of, Timeline::of(rows).ok_or(StoreFault::Row { what: damaged })?));
    periods.into_iter().map(timeline).collect()
}

/// The days in two columns from `first` on.
fn days_from(row: &Row<'_>, first: usize) -> Result<DayRange, StoreFault> {
    let day = |number: i32| from_epoch_day(number).ok_or(StoreFault::Row { what: "days of master data" });
    let (start, end) = (day(row.get(first)?)?, day(row.get(first + 1)?)?);
    DayRange::new(start, end).map_err(|_| StoreFault::Row { what: "days of master data" })
}

/// A factor in thousandths in a column.
fn factor_from(row: &Row<'_>, column: usize) -> Result<Factor, StoreFault> {
    let thousandths: i64 = row.get(column)?;
    Factor::of_thousandths(thousandths).map_err(|_| StoreFault::Row { what: "factor of master data" })
}

/// A code in a column, read by `from`.
fn code_from<T>(
    row: &Row<'_>,
    column: usize,
    what: &'static str,
    from: impl Fn(&str) -> Option<T>,
) -> Result<T, StoreFault> {
    let code: String = row.get(column)?;
    from(&code).ok_or(StoreFault::Row { what })
}

/// A code in a column that may be empty.
fn code_if<T>(
    row: &Row<'_>,
    column: usize,
    what: &'static str,
    from: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, StoreFault> {
    let code: Option<String> = row.get(column)?;
    code.map(|code| from(&code).ok_or(StoreFault::Row { what })).transpose()
}

/// Whether a column of an outer join holds anything.
fn is_there(row: &Row<'_>, column: usize) -> Result<bool, DbFault> {
    Ok(row.get::<_, Option<i64>>(column)?.is_some())
}

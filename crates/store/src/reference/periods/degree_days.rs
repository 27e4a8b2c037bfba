//! Rows of `degree_day` and `normal_degree_day`: how cold a month of an area was, and how cold it is normally.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_model::{DegreeDays, StatedDegreeDays};

use super::from_instants::FromInstants;
use super::{KnownAt, MasterChange};
use crate::StoreFault;
use crate::db::{Bound, Connection, params};

/// What there was, in tenths, by the name of the area.
const ACTUAL: FromInstants = FromInstants {
    known: "-- degree_days_at
            SELECT d.from_ms, d.tenths FROM degree_day d
            WHERE d.from_ms = ?1 AND d.area = ?2 AND d.retired_seq IS NULL",
    retire: "-- retire_degree_days
             UPDATE degree_day SET retired_seq = ?3
             WHERE area = ?1 AND from_ms = ?2 AND retired_seq IS NULL",
    table: "degree_day (area, from_ms, created_seq, tenths)",
    column: "degree_day.from_ms",
};

/// What there is normally, in tenths, by the name of the area.
const NORMAL: FromInstants = FromInstants {
    known: "-- normal_degree_days_at
            SELECT d.from_ms, d.tenths FROM normal_degree_day d
            WHERE d.from_ms = ?1 AND d.area = ?2 AND d.retired_seq IS NULL",
    retire: "-- retire_normal_degree_days
             UPDATE normal_degree_day SET retired_seq = ?3
             WHERE area = ?1 AND from_ms = ?2 AND retired_seq IS NULL",
    table: "normal_degree_day (area, from_ms, created_seq, tenths)",
    column: "normal_degree_day.from_ms",
};

/// What is known of the months of an area that begin at these instants.
pub(crate) fn degree_days_at(
    db: &Connection,
    area: &str,
    instants: &[Timestamp],
) -> Result<BTreeMap<Timestamp, DegreeDays>, StoreFault> {
    let actual = ACTUAL.known_at(db, Bound::Text(area), instants)?;
    let normal = NORMAL.known_at(db, Bound::Text(area), instants)?;
    let both = actual.into_iter().filter_map(|(at, actual)| {
        let normal = *normal.get(&at)?;
        Some((at, DegreeDays { actual, normal }))
    });
    Ok(both.collect())
}

/// Puts what is said of months in the place of what is known; without anything, that is withdrawn.
pub(crate) fn state_degree_days(
    db: &Connection,
    change: &mut MasterChange,
    stated: &[StatedDegreeDays],
) -> Result<(), StoreFault> {
    let mut by_area = BTreeMap::<&str, (BTreeMap<_, _>, BTreeMap<_, _>)>::new();
    for StatedDegreeDays { area, at, days } in stated {
        let (actual, normal) = by_area.entry(area).or_default();
        actual.insert(*at, days.map(|days| days.actual));
        normal.insert(*at, days.map(|days| days.normal));
    }
    by_area.into_iter().try_for_each(|(area, (actual, normal))| {
        ACTUAL.state(db, change, Bound::Text(area), &actual)?;
        NORMAL.state(db, change, Bound::Text(area), &normal)
    })
}

/// The months of an area, or of all, in order of area and time.
pub(crate) fn degree_days_of(
    db: &Connection,
    area: Option<&str>,
    known: KnownAt,
) -> Result<Vec<StatedDegreeDays>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- degree_days_of
         SELECT d.area, d.from_ms, d.tenths, n.tenths FROM degree_day d
         JOIN normal_degree_day n ON n.area = d.area AND n.from_ms = d.from_ms
             AND n.created_seq <= ?1 AND (n.retired_seq IS NULL OR n.retired_seq > ?1)
         WHERE (?2 = '' OR d.area = ?2)
             AND d.created_seq <= ?1 AND (d.retired_seq IS NULL OR d.retired_seq > ?1)
         ORDER BY d.area, d.from_ms",
    )?;
    let rows = statement.query_and_then(params![known.0, area.unwrap_or_default()], |row| {
        let days = DegreeDays { actual: row.get(2)?, normal: row.get(3)? };
        Ok(StatedDegreeDays { area: row.get(0)?, at: ACTUAL.instant(row, 1)?, days: Some(days) })
    })?;
    rows.collect()
}

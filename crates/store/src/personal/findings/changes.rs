//! Rows of `open_finding`, kept up as versions are added.
//!
//! What comes in: a day's version before a change and after it. What goes out: a row for each rule that became open, and none for
//! each that is open no more, a batch at a time. A day in which nothing is open before and after costs a look at its marks.

use rustc_hash::FxHashMap;
use tidstro_metering::Block;
use tidstro_model::{AreaNo, Findings, Resolution, Rule, SeriesNo};

use crate::StoreFault;
use crate::db::{Connection, params};
use crate::personal::Writing;
use crate::reference::{SeriesCategory, SeriesMeta};

/// Changes of what is open, gathered in one transaction.
#[derive(Default)]
pub(in crate::personal) struct FindingChanges {
    days: FxHashMap<(SeriesNo, i32), DayChange>,
}

/// What is open in one local day, before the transaction and after it.
struct DayChange {
    of: Cause,
    before: Findings,
    after: Findings,
}

/// What the rows of a series have in common.
#[derive(Clone, Copy)]
struct Cause {
    area: AreaNo,
    category: SeriesCategory,
    resolution: Resolution,
}

/// A row that comes or goes.
struct Row {
    series: SeriesNo,
    period: i32,
    rule: Rule,
    of: Cause,
}

impl FindingChanges {
    /// A local day of a series has a new version.
    pub(in crate::personal) fn version_added(
        &mut self,
        writing: &mut Writing,
        day: (&SeriesMeta, i32),
        before: Option<&Block>,
        new: &Block,
    ) -> Result<(), StoreFault> {
        let before = before.map_or(Findings::NONE, Block::open_findings);
        self.changed(writing, day, (before, new.open_findings()))
    }

    /// Other rules are open in a local day than before.
    pub(super) fn changed(
        &mut self,
        writing: &mut Writing,
        (meta, period): (&SeriesMeta, i32),
        (before, after): (Findings, Findings),
    ) -> Result<(), StoreFault> {
        if before == after {
            return Ok(());
        }
        let of = Cause {
            area: writing.area_no_of(meta.point)?,
            category: SeriesCategory::of(meta.quantity),
            resolution: meta.resolution,
        };
        let change = self.days.entry((meta.series, period)).or_insert(DayChange { of, before, after });
        change.after = after;
        Ok(())
    }

    /// Writes what changed. Call inside [`Writing::transact`], in the transaction of the change itself.
    pub(in crate::personal) fn save(self, db: &Connection) -> Result<(), StoreFault> {
        if self.days.is_empty() {
            return Ok(());
        }
        let mut days: Vec<_> = self.days.into_iter().collect();
        // The same order in every transaction, so that no two wait for each other in a circle.
        days.sort_unstable_by_key(|(day, _)| *day);
        let rows = |of: fn(&DayChange) -> Findings| -> Vec<Row> {
            let of_day = |((series, period), change): &((SeriesNo, i32), DayChange)| {
                let (series, period, cause) = (*series, *period, change.of);
                of(change).rules().map(move |rule| Row { series, period, rule, of: cause })
            };
            days.iter().flat_map(of_day).collect()
        };
        delete(db, &rows(|change| change.before.without(change.after)))?;
        insert(db, &rows(|change| change.after.without(change.before)))
    }
}

fn delete(db: &Connection, rows: &[Row]) -> Result<(), StoreFault> {
    if db.postgres().is_some() && !rows.is_empty() {
        let (series, periods, rules) = keys(rows);
        db.prepare_cached(
            "-- close_findings
             DELETE FROM open_finding f
             USING unnest(CAST(?1 AS BIGINT[]), CAST(?2 AS BIGINT[]), CAST(?3 AS TEXT[])) AS g (series_no, period, rule)
             WHERE f.series_no = g.series_no AND f.period = g.period AND f.rule = g.rule",
        )?
        .execute(params![series, periods, rules])?;
        return Ok(());
    }
    let mut delete = db.prepare_cached(
        "-- close_finding
         DELETE FROM open_finding WHERE series_no = ?1 AND period = ?2 AND rule = ?3",
    )?;
    for Row { series, period, rule, .. } in rows {
        delete.execute(params![series.as_u32(), period, rule.code()])?;
    }
    Ok(())
}

fn insert(db: &Connection, rows: &[Row]) -> Result<(), StoreFault> {
    if db.postgres().is_some() && !rows.is_empty() {
        return insert_all(db, rows);
    }
    let mut insert = db.prepare_cached(
        "-- open_finding
         INSERT INTO open_finding (series_no, period, rule, area_no, category, resolution)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
    )?;
    for Row { series, period, rule, of } in rows {
        let Cause { area, category, resolution } = of;
        let place = (area.as_u32(), category.id(), resolution.code());
        insert.execute(params![series.as_u32(), period, rule.code(), place.0, place.1, place.2])?;
    }
    Ok(())
}

fn insert_all(db: &Connection, rows: &[Row]) -> Result<(), StoreFault> {
    let (series, periods, rules) = keys(rows);
    let areas: Vec<i64> = rows.iter().map(|row| row.of.area.as_u32().into()).collect();
    let categories: Vec<String> = rows.iter().map(|row| row.of.category.id().to_owned()).collect();
    let resolutions: Vec<String> = rows.iter().map(|row| row.of.resolution.code().to_owned()).collect();
    db.prepare_cached(
        "-- open_findings
         INSERT INTO open_finding (series_no, period, rule, area_no, category, resolution)
         SELECT * FROM unnest(CAST(?1 AS BIGINT[]), CAST(?2 AS BIGINT[]), CAST(?3 AS TEXT[]), CAST(?4 AS BIGINT[]),
                              CAST(?5 AS TEXT[]), CAST(?6 AS TEXT[]))
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![series, periods, rules, areas, categories, resolutions])?;
    Ok(())
}

/// The key columns of rows, one after the other.
fn keys(rows: &[Row]) -> (Vec<i64>, Vec<i64>, Vec<String>) {
    let series = rows.iter().map(|row| row.series.as_u32().into()).collect();
    let periods = rows.iter().map(|row| row.period.into()).collect();
    (series, periods, rows.iter().map(|row| row.rule.code().to_owned()).collect())
}

/// Takes out what waits of a series on local days, half open; returns how many rows that were.
pub(crate) fn forget_findings(
    db: &Connection,
    series: SeriesNo,
    days: (i32, i32),
) -> Result<u64, StoreFault> {
    let rows = db
        .prepare_cached(
            "-- forget_findings
             DELETE FROM open_finding WHERE series_no = ?1 AND period >= ?2 AND period < ?3",
        )?
        .execute(params![series.as_u32(), days.0, days.1])?;
    Ok(rows as u64)
}

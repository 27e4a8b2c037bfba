//! Calculations: settlements that were run, and stay as they were.
//!
//! What comes in: a kind, an area and its days. What is kept: a run with its version, and the sums of each day as they were at
//! that moment, those counted as missing whose block never came. What goes out, under a permit: the runs, and the sums of one
//! of them. Corrections change the kept sums and never a run. Never: a run without all of its days.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::db::{Connection, OptionalExtension, Row, params};
use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::{Zone, epoch_day, from_epoch_day};
use tidstro_govern::Operation;
use tidstro_metering::settlement::{CalculationKind, CalculationRun, DaySums, GridArea, settled_resolution};
use tidstro_model::{DayRange, Interval};

use super::SettledDay;
use super::amounts::keep_amounts;
use super::point::grid_loss_periods;
use super::sums::{class_of, day_in, group_from, group_no, open_sum, seal_sum};
use super::view::{area_of, permit_target, settled_days};
use crate::gate::{Disclosed, Permit, Terms};
use crate::personal::Writing;
use crate::reference::KnownAt;
use crate::seal::{SealingKey, Vault};
use crate::sqlite::Reading;
use crate::{Store, StoreFault, log};

impl Store {
    /// Runs a calculation: keeps the sums of the permit's area on some local days as they are now. Gives its version.
    ///
    /// # Errors
    /// As [`Store::settlement`], for a permit to compute.
    pub async fn run_settlement(
        &self,
        permit: &Permit,
        (kind, is_internal): (CalculationKind, bool),
        days: DayRange,
        now: Timestamp,
    ) -> Result<u64, StoreFault> {
        let terms = permit.must_allow(Operation::Compute, self.columns.settled()?, now)?;
        let job = move |writing: &mut Writing| {
            writing.transact(|writing| run(writing, &terms, (kind, is_internal), days, now))
        };
        self.threads.write(job).await
    }

    /// Every calculation of the permit's area, in the order of their versions.
    ///
    /// # Errors
    /// As [`Store::settlement`].
    pub async fn settlement_runs(
        &self,
        permit: &Permit,
        now: Timestamp,
    ) -> Result<Vec<CalculationRun>, StoreFault> {
        let terms = permit.must_allow(Operation::Read, self.columns.settled()?, now)?;
        let zone = self.zone.clone();
        self.threads
            .read(move |reading| {
                let area = area_of(&reading.db, permit_target(&terms)?)?;
                runs(&reading.db, &zone, area)
            })
            .await
    }

    /// The sums of the permit's area as a calculation left them, on the days the permit reaches.
    ///
    /// # Errors
    /// As [`Store::settlement`], and [`StoreFault::NoSuchRun`].
    pub async fn settled_in_run(
        &self,
        permit: &Permit,
        version: u64,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<SettledDay>>, StoreFault> {
        let terms = permit.must_allow(Operation::Read, self.columns.settled()?, now)?;
        let zone = self.zone.clone();
        let reading = move |reading: &mut Reading| run_days(reading, &zone, &terms, version);
        Ok(Disclosed::new(self.threads.read(reading).await?, permit))
    }
}

fn run(
    writing: &mut Writing,
    terms: &Arc<Terms>,
    (kind, is_internal): (CalculationKind, bool),
    days: DayRange,
    now: Timestamp,
) -> Result<u64, StoreFault> {
    let area = area_of(&writing.db, permit_target(terms)?)?;
    let days = terms.scope().days.intersect(days).ok_or(StoreFault::NoDays)?;
    let zone = writing.zone.clone();
    let settled = settled_days(&writing.db, &writing.vault, &zone, (area, days))?;
    let number: i64 = writing
        .db
        .prepare_cached(
            "-- insert_settlement_run
             INSERT INTO settlement_run (kind, area, start_day, end_day, is_internal, run_ms, permit_seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING run_no",
        )?
        .query_row(
            params![
                kind.word(),
                area.to_string(),
                epoch_day(days.start()),
                epoch_day(days.end()),
                i64::from(is_internal),
                now.as_millisecond(),
                terms.seq
            ],
            |row| row.get(0),
        )?;
    for day in &settled {
        freeze(writing, number, &day.sums)?;
    }
    if kind.has_amounts() {
        keep_amounts(writing, number, (area, days), &settled)?;
    }
    let detail = format!("settlement {number}: {} of {} days", kind.word(), settled.len());
    log::append(writing, terms.registered(detail, now))?;
    u64::try_from(number).map_err(|_| StoreFault::Row { what: "settlement_run.run_no" })
}

fn freeze(writing: &mut Writing, run: i64, sums: &DaySums) -> Result<(), StoreFault> {
    let period = epoch_day(sums.day());
    let key = writing.vault.ensure_class(&class_of(sums.day()))?;
    for (group, sum) in sums.groups() {
        let group = group_no(writing, group)?;
        let sealed = seal_sum(writing, &key, &frozen_row(run, (group, period)), sum)?;
        writing
            .db
            .prepare_cached(
                "-- freeze_settlement
                 INSERT INTO settlement_frozen (group_no, run_no, period, sealed) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![group, run, period, sealed])?;
    }
    Ok(())
}

/// Key columns of a sum of a run.
fn frozen_row(run: i64, (group, period): (i64, i32)) -> Vec<u8> {
    let numbers = [run.to_be_bytes(), group.to_be_bytes()].concat();
    [b"settlement run".as_slice(), &numbers, &period.to_be_bytes()].concat()
}

fn runs(db: &Connection, zone: &Zone, area: GridArea) -> Result<Vec<CalculationRun>, StoreFault> {
    db.prepare_cached(
        "-- settlement_runs
         SELECT r.run_no, r.kind, r.start_day, r.end_day, r.is_internal, r.run_ms
         FROM settlement_run r WHERE r.area = ?1 ORDER BY r.run_no",
    )?
    .query_and_then([area.to_string()], |row| run_from(row, zone, area))?
    .collect()
}

fn run_from(row: &Row<'_>, zone: &Zone, area: GridArea) -> Result<CalculationRun, StoreFault> {
    let damaged = |what| StoreFault::Row { what };
    let (version, kind, is_internal): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(4)?);
    let days = days_from(row)?;
    let period = Interval::new(zone.day_start(days.start()), zone.day_start(days.end()));
    Ok(CalculationRun {
        kind: CalculationKind::from_word(&kind).ok_or(damaged("settlement_run.kind"))?,
        version: version.unsigned_abs(),
        period: period.map_err(|_| damaged("settlement_run.start_day"))?,
        areas: vec![area],
        is_internal: is_internal == 1,
        succeeded_at: Timestamp::from_millisecond(row.get(5)?).ok(),
    })
}

fn days_from(row: &Row<'_>) -> Result<DayRange, StoreFault> {
    let day = |number| from_epoch_day(number).ok_or(StoreFault::Row { what: "settlement_run.start_day" });
    let days = DayRange::new(day(row.get(2)?)?, day(row.get(3)?)?);
    days.map_err(|_| StoreFault::Row { what: "settlement_run.end_day" })
}

fn run_days(
    reading: &mut Reading,
    zone: &Zone,
    terms: &Terms,
    version: u64,
) -> Result<Vec<SettledDay>, StoreFault> {
    let (number, area, days) = run_area_days(&reading.db, terms, version)?;
    let Some(days) = days else { return Ok(Vec::new()) };
    let run_ms = run_moment(&reading.db, number)?;
    let known = KnownAt::instant(&reading.db, Timestamp::from_millisecond(run_ms).ok())?;
    let loss = grid_loss_periods(&reading.db, zone, (area, days), known)?;
    let mut frozen = frozen_days(&reading.db, &reading.vault, zone, (number, days))?;
    let each = days.start().series(jiff::Span::new().days(1)).take_while(|day| *day < days.end());
    let settled = each.map(|day| {
        let sums = match frozen.remove(&day) {
            Some(sums) => sums,
            None => DaySums::new(zone, day, settled_resolution(day))?,
        };
        let of_day = loss.iter().filter(|period| !sums.part(period.valid).is_empty());
        let grid_loss = of_day.copied().collect();
        Ok(SettledDay { area, sums, grid_loss, left: Vec::new() })
    });
    settled.collect()
}

/// The number of a run, its area, and the days of it that the permit reaches.
pub(super) fn run_area_days(
    db: &Connection,
    terms: &Terms,
    version: u64,
) -> Result<(i64, GridArea, Option<DayRange>), StoreFault> {
    let area = area_of(db, permit_target(terms)?)?;
    let number = i64::try_from(version).unwrap_or(i64::MAX);
    let found = db
        .prepare_cached(
            "-- settlement_run
             SELECT r.run_no, r.kind, r.start_day, r.end_day FROM settlement_run r
             WHERE r.run_no = ?1 AND r.area = ?2",
        )?
        .query_row(params![number, area.to_string()], |row| Ok(days_from(row)))
        .optional()?;
    let days = found.ok_or(StoreFault::NoSuchRun { version })??;
    Ok((number, area, terms.scope().days.intersect(days)))
}

/// When a calculation was run, in milliseconds.
fn run_moment(db: &Connection, number: i64) -> Result<i64, StoreFault> {
    let sql = "-- settlement_run_moment\nSELECT r.run_ms FROM settlement_run r WHERE r.run_no = ?1";
    Ok(db.prepare_cached(sql)?.query_row([number], |row| row.get(0))?)
}

fn frozen_days(
    db: &Connection,
    vault: &Vault,
    zone: &Zone,
    (run, days): (i64, DayRange),
) -> Result<BTreeMap<Date, DaySums>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- settlement_frozen
         SELECT g.area, g.kind, g.neighbour, g.method, g.supplier, g.balance_responsible, f.group_no, f.period, f.sealed
         FROM settlement_frozen f JOIN settlement_group g ON g.group_no = f.group_no
         WHERE f.run_no = ?1 AND f.period >= ?2 AND f.period < ?3 ORDER BY f.period",
    )?;
    let mut rows = statement.query(params![run, epoch_day(days.start()), epoch_day(days.end())])?;
    let mut found: BTreeMap<Date, DaySums> = BTreeMap::new();
    let mut keys: BTreeMap<String, Option<SealingKey>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (group, period, sealed): (i64, i32, Vec<u8>) = (row.get(6)?, row.get(7)?, row.get(8)?);
        let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "settlement_frozen.period" })?;
        let class = class_of(day);
        if !keys.contains_key(&class) {
            keys.insert(class.clone(), vault.class(&class)?);
        }
        // A month whose key is gone has ended.
        let Some(key) = keys.get(&class).and_then(Option::as_ref) else { continue };
        let sum = open_sum(key, &frozen_row(run, (group, period)), &sealed)?;
        day_in(&mut found, zone, day)?.add_sum(group_from(&row, 0)?, &sum)?;
    }
    Ok(found)
}

//! Calculations: settlements that were run, and stay as they were.
//!
//! What comes in: a kind, an area and its days. What is kept: a run with its version, and the sums of each day, those counted as
//! missing whose block never came, with what suppliers owe. A month is read at once, beside the writer, as it was at one moment,
//! and its days are kept one by one, so that nobody waits for long. What goes out, under a permit: the runs, and the sums of one of
//! them. Corrections change the kept sums and never a run. Never: a run without all of its days taken for a calculation.

use std::sync::Arc;

use crate::db::{Connection, OptionalExtension, Row, params};
use jiff::Timestamp;
use tidstro_calendar::{Zone, epoch_day, from_epoch_day};
use tidstro_govern::Operation;
use tidstro_metering::settlement::{
    CalculationKind, CalculationRun, ChargeAmount, DaySums, GridArea, settled_resolution,
};
use tidstro_model::{AreaNo, DayRange, Interval, PointPeriod};

use super::SettledDay;
use super::amounts::freeze_amounts;
use super::frozen::{freeze_sums, frozen_days};
use super::owed::owed;
use super::part::{MonthPart, Part, parts_in_reach, parts_of};
use super::point::grid_loss_periods;
use super::view::{area_of, each_day, must_be_kept, permit_target, settled_days};
use crate::gate::{Disclosed, Permit, Terms};
use crate::personal::Writing;
use crate::reference::KnownAt;
use crate::seal::Vault;
use crate::sqlite::Reading;
use crate::{Store, StoreFault, log};

/// The state of a run that has all of its days.
const FINISHED: &str = "finished";

/// A calculation that was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledRun {
    /// Its version.
    pub version: u64,
    /// Versions of runs that were begun before and never finished: what they had left is removed.
    pub removed: Vec<u64>,
}

impl Store {
    /// Runs a calculation: keeps the sums of the permit's area on some local days as they are now, and for kinds with amounts what
    /// suppliers owe. Each month is kept as it was at one moment.
    ///
    /// It is begun, gets its days in a transaction each, and is finished at the end. Stopped before, it is no calculation and shown
    /// nowhere; the next one of the same kind, area and days removes what it left.
    ///
    /// # Errors
    /// As [`Store::settlement`], for a permit to compute; [`StoreFault::RunRemoved`] if the same was begun again meanwhile.
    pub async fn run_settlement(
        &self,
        permit: &Permit,
        (kind, is_internal): (CalculationKind, bool),
        days: DayRange,
        now: Timestamp,
    ) -> Result<SettledRun, StoreFault> {
        let terms = permit.must_allow(Operation::Compute, self.columns.settled()?, now)?;
        let days = terms.scope().days.intersect(days).filter(|days| !days.is_empty());
        let days = days.ok_or(StoreFault::NoDays)?;
        let running = Running { area: permit_target(&terms)?, kind, is_internal, days, terms, now };
        let running = Arc::new(running);
        let of = Arc::clone(&running);
        let begin = move |writing: &mut Writing| writing.transact(|writing| begin(writing, &of));
        let (number, removed) = self.threads.write(begin).await?;
        match self.fill_and_finish(&running, number).await {
            Ok(()) => Ok(SettledRun { version: version_of(number), removed }),
            Err(fault) => {
                // The first fault is the one to report; what cannot be removed now, the next run removes.
                let remove =
                    move |writing: &mut Writing| writing.transact(|writing| remove(&writing.db, number));
                let _ = self.threads.write(remove).await;
                Err(fault)
            }
        }
    }

    async fn fill_and_finish(&self, running: &Arc<Running>, number: i64) -> Result<(), StoreFault> {
        for month in parts_in_reach(&running.terms, running.days)? {
            let (of, zone) = (Arc::clone(running), self.zone.clone());
            let read = move |reading: &mut Reading| of.month(reading, &zone, month);
            let (known, days) = self.threads.read(read).await?;
            for day in days {
                let bite = move |writing: &mut Writing| {
                    writing.transact(|writing| keep_day(writing, (number, month.month, known), &day))
                };
                self.threads.write(bite).await?;
            }
        }
        let of = Arc::clone(running);
        let finish = move |writing: &mut Writing| writing.transact(|writing| finish(writing, number, &of));
        self.threads.write(finish).await
    }

    /// Every calculation of the permit's area, in the order of their versions; one that is not finished has no moment of success, and
    /// one that was removed is left out.
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
    /// As [`Store::settlement`], [`StoreFault::NoSuchRun`] and [`StoreFault::RunNotFinished`].
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

/// A calculation under way.
struct Running {
    area: AreaNo,
    kind: CalculationKind,
    is_internal: bool,
    days: DayRange,
    terms: Arc<Terms>,
    now: Timestamp,
}

/// A local day of a calculation, not yet kept.
struct RunDay {
    sums: DaySums,
    amounts: Vec<ChargeAmount>,
}

impl Running {
    /// The days of a month, and what was known of master data: one state of the data.
    fn month(
        &self,
        reading: &mut Reading,
        zone: &Zone,
        month: MonthPart,
    ) -> Result<(KnownAt, Vec<RunDay>), StoreFault> {
        let snapshot = reading.db.snapshot()?;
        let part = month.of(area_of(&snapshot, self.area)?);
        let known = KnownAt::newest(&snapshot)?;
        Ok((known, self.days_of((&snapshot, &mut reading.vault, zone), part)?))
    }

    fn days_of(
        &self,
        (db, vault, zone): (&Connection, &mut Vault, &Zone),
        part: Part,
    ) -> Result<Vec<RunDay>, StoreFault> {
        let settled = settled_days(db, vault, zone, (part.area, part.dates()?))?;
        let amounts = if self.kind.has_amounts() {
            owed((db, vault, zone), (part, self.days), &settled)?
        } else {
            settled.iter().map(|_| Vec::new()).collect()
        };
        let days = settled.into_iter().zip(amounts);
        Ok(days.map(|(settled, amounts)| RunDay { sums: settled.sums, amounts }).collect())
    }
}

fn version_of(number: i64) -> u64 {
    number.unsigned_abs()
}

/// Begins a run: gives it a number, and removes runs of the same that were never finished.
fn begin(writing: &mut Writing, running: &Running) -> Result<(i64, Vec<u64>), StoreFault> {
    must_be_kept(&writing.db)?;
    let area = area_of(&writing.db, running.area)?;
    let unfinished = unfinished(&writing.db, area, running)?;
    for number in &unfinished {
        remove(&writing.db, *number)?;
        let detail = format!("settlement {number} removed: it was never finished");
        log::append(writing, running.terms.registered(detail, running.now))?;
    }
    let Running { kind, is_internal, days, terms, now, .. } = running;
    let number = writing
        .db
        .prepare_cached(
            "-- insert_settlement_run
             INSERT INTO settlement_run (kind, area, start_day, end_day, is_internal, run_ms, permit_seq, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'begun') RETURNING run_no",
        )?
        .query_row(
            params![
                kind.word(),
                area.to_string(),
                epoch_day(days.start()),
                epoch_day(days.end()),
                i64::from(*is_internal),
                now.as_millisecond(),
                terms.seq
            ],
            |row| row.get(0),
        )?;
    Ok((number, unfinished.into_iter().map(version_of).collect()))
}

/// Runs of the same kind and area with a day of these that were begun and never finished.
fn unfinished(db: &Connection, area: GridArea, running: &Running) -> Result<Vec<i64>, StoreFault> {
    let Running { kind, is_internal, days, .. } = running;
    let (start, end) = (epoch_day(days.start()), epoch_day(days.end()));
    let numbers = db
        .prepare_cached(
            "-- unfinished_settlement_runs
             SELECT r.run_no FROM settlement_run r
             WHERE r.area = ?1 AND r.kind = ?2 AND r.is_internal = ?3 AND r.state = 'begun'
                   AND r.start_day < ?5 AND r.end_day > ?4
             ORDER BY r.run_no",
        )?
        .query_map(params![area.to_string(), kind.word(), i64::from(*is_internal), start, end], |row| {
            row.get(0)
        })?
        .collect::<Result<_, _>>()?;
    Ok(numbers)
}

/// Takes the days of an unfinished run away. Its number stays taken. Rows are as many as groups and charges on its days, however many
/// points there are, so they go at once.
fn remove(db: &Connection, number: i64) -> Result<(), StoreFault> {
    let removed = "-- remove_settlement_run
                   UPDATE settlement_run SET state = 'removed' WHERE run_no = ?1 AND state = 'begun'";
    if db.prepare_cached(removed)?.execute([number])? == 0 {
        return Ok(());
    }
    for sql in [
        "-- remove_settlement_frozen\nDELETE FROM settlement_frozen WHERE run_no = ?1",
        "-- remove_settlement_amounts\nDELETE FROM settlement_amount WHERE run_no = ?1",
        "-- remove_settlement_run_months\nDELETE FROM settlement_run_month WHERE run_no = ?1",
    ] {
        db.prepare_cached(sql)?.execute([number])?;
    }
    Ok(())
}

/// Keeps a day of a run that is under way.
fn keep_day(
    writing: &mut Writing,
    (number, month, known): (i64, i32, KnownAt),
    day: &RunDay,
) -> Result<(), StoreFault> {
    must_be_begun(&writing.db, number)?;
    writing
        .db
        .prepare_cached(
            "-- settlement_run_sees
             INSERT INTO settlement_run_month (run_no, month, known_seq) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute(params![number, month, known.last_change()])?;
    freeze_sums(writing, number, &day.sums)?;
    freeze_amounts(writing, (number, day.sums.day()), &day.amounts)
}

/// Makes a run that has all of its days a calculation.
fn finish(writing: &mut Writing, number: i64, running: &Running) -> Result<(), StoreFault> {
    must_be_begun(&writing.db, number)?;
    let sql = "-- finish_settlement_run\nUPDATE settlement_run SET state = 'finished' WHERE run_no = ?1";
    writing.db.prepare_cached(sql)?.execute([number])?;
    let days = each_day(running.days).count();
    let detail = format!("settlement {number}: {} of {days} days", running.kind.word());
    log::append(writing, running.terms.registered(detail, running.now))?;
    Ok(())
}

/// Refuses to go on with a run that somebody else has removed.
fn must_be_begun(db: &Connection, number: i64) -> Result<(), StoreFault> {
    let sql = "-- settlement_run_state\nSELECT r.state FROM settlement_run r WHERE r.run_no = ?1";
    let state: String = db.prepare_cached(sql)?.query_row([number], |row| row.get(0))?;
    if state == "begun" { Ok(()) } else { Err(StoreFault::RunRemoved { version: version_of(number) }) }
}

fn runs(db: &Connection, zone: &Zone, area: GridArea) -> Result<Vec<CalculationRun>, StoreFault> {
    db.prepare_cached(
        "-- settlement_runs
         SELECT r.run_no, r.kind, r.start_day, r.end_day, r.is_internal, r.run_ms, r.state
         FROM settlement_run r WHERE r.area = ?1 AND r.state <> 'removed' ORDER BY r.run_no",
    )?
    .query_and_then([area.to_string()], |row| run_from(row, zone, area))?
    .collect()
}

fn run_from(row: &Row<'_>, zone: &Zone, area: GridArea) -> Result<CalculationRun, StoreFault> {
    let damaged = |what| StoreFault::Row { what };
    let (version, kind, is_internal): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(4)?);
    let (days, state): (DayRange, String) = (days_from(row)?, row.get(6)?);
    let run_at = Timestamp::from_millisecond(row.get(5)?).ok();
    let period = Interval::new(zone.day_start(days.start()), zone.day_start(days.end()));
    Ok(CalculationRun {
        kind: CalculationKind::from_word(&kind).ok_or(damaged("settlement_run.kind"))?,
        version: version_of(version),
        period: period.map_err(|_| damaged("settlement_run.start_day"))?,
        areas: vec![area],
        is_internal: is_internal == 1,
        succeeded_at: run_at.filter(|_| state == FINISHED),
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
    let loss = grid_losses(&reading.db, zone, (number, area, days))?;
    let mut frozen = frozen_days(&reading.db, &reading.vault, zone, (number, days))?;
    let settled = each_day(days).map(|day| {
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
             SELECT r.run_no, r.kind, r.start_day, r.end_day, r.state FROM settlement_run r
             WHERE r.run_no = ?1 AND r.area = ?2",
        )?
        .query_row(params![number, area.to_string()], |row| Ok((days_from(row), row.get(4)?)))
        .optional()?;
    let (days, state): (_, String) = found.ok_or(StoreFault::NoSuchRun { version })?;
    if state != FINISHED {
        return Err(StoreFault::RunNotFinished { version });
    }
    let days = days?;
    Ok((number, area, terms.scope().days.intersect(days)))
}

/// The periods of the points that stood for grid loss, as they were known when a calculation took the days of each month.
fn grid_losses(
    db: &Connection,
    zone: &Zone,
    (number, area, days): (i64, GridArea, DayRange),
) -> Result<Vec<PointPeriod>, StoreFault> {
    let mut periods = Vec::new();
    for month in parts_of((epoch_day(days.start()), epoch_day(days.end())))? {
        let known = known_in(db, (number, month.month))?;
        periods.extend(grid_loss_periods(db, zone, (area, month.of(area).dates()?), known)?);
    }
    Ok(periods)
}

/// What a calculation knew of master data when it took the days of a month.
fn known_in(db: &Connection, (number, month): (i64, i32)) -> Result<KnownAt, StoreFault> {
    let seq: Option<i64> = db
        .prepare_cached(
            "-- settlement_run_saw
             SELECT m.known_seq FROM settlement_run_month m WHERE m.run_no = ?1 AND m.month = ?2",
        )?
        .query_row(params![number, month], |row| row.get(0))
        .optional()?;
    match seq {
        Some(seq) => Ok(KnownAt::after_change(seq)),
        // Before schema 32 a run was one transaction.
        None => KnownAt::instant(db, Timestamp::from_millisecond(run_moment(db, number)?).ok()),
    }
}

/// When a calculation was run, in milliseconds.
fn run_moment(db: &Connection, number: i64) -> Result<i64, StoreFault> {
    let sql = "-- settlement_run_moment\nSELECT r.run_ms FROM settlement_run r WHERE r.run_no = ?1";
    Ok(db.prepare_cached(sql)?.query_row([number], |row| row.get(0))?)
}

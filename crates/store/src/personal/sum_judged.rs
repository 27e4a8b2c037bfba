//! The rule *sum* as values come: judged as soon as the register was read at both ends of a local day.
//!
//! What comes in: the points and local days of a batch on which intervals or readings of a register are new. What goes out: a new
//! version of each day whose marks of this rule change, as if somebody had judged it anew (decision 0037). Only points that have
//! both, and only where a limit asks for it. Never: a changed value, a day that others were given, or a register of another
//! owner's days.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use rustc_hash::FxHashSet;
use tidstro_calendar::from_epoch_day;
use tidstro_metering::{Block, Passed, judge_sum};
use tidstro_model::{DayRange, PointNo, Rule, SeriesNo};

use super::append::{Appended, Registrar};
use super::cover::Cover;
use super::cycle::last_release;
use super::read::{Window, entries_at};
use super::register::Register;
use super::state::traits_of;
use super::versions::{KeyCuts, KeysInReach, current_version};
use super::{Cause, CauseKind, DayChange, NewVersion, Writing, append_versions};
use crate::StoreFault;
use crate::db::Connection;
use crate::reference::{RegisterOf, SeriesEntry, SeriesKind, SeriesMeta, ensure_source};

/// Points and local days on which the sum may be judged now, days counted from 1970-01-01.
pub(super) type SumDays = BTreeSet<(PointNo, i32)>;

/// Whether sums are judged after what this registrar registers: a limit asks for it, and it is not the judging itself.
pub(super) fn judges_sums(writing: &mut Writing, registrar: &Registrar) -> Result<bool, StoreFault> {
    Ok(registrar.cause.kind != CauseKind::Validation && writing.rules()?.has_sum_limit())
}

impl Writing {
    /// Notes the days whose sum a new version may complete: its own; of a reading at midnight the one before too.
    pub(super) fn note_sum_days(
        &mut self,
        (meta, day): (&SeriesMeta, i32),
        block: &Block,
        days: &mut SumDays,
    ) -> Result<(), StoreFault> {
        if !self.has_both(meta.point)? {
            return Ok(());
        }
        days.insert((meta.point, day));
        if let Block::Register(block) = block
            && block.readings().next().is_some_and(|(offset, ..)| offset == 0)
        {
            days.insert((meta.point, day - 1));
        }
        Ok(())
    }

    /// Whether a point has intervals and a register.
    fn has_both(&mut self, point: PointNo) -> Result<bool, StoreFault> {
        if self.summed.is_none() {
            self.summed = Some(points_with_both(&self.db)?);
        }
        Ok(self.summed.as_ref().is_some_and(|known| known.contains(&point)))
    }

    /// Takes in that a point has a register.
    pub(super) fn note_register(&mut self, register: &RegisterOf) -> Result<(), StoreFault> {
        if let Some(known) = &mut self.summed
            && !known.contains(&register.point)
            && has_intervals(&self.db, register.point)?
        {
            known.insert(register.point);
        }
        Ok(())
    }
}

fn points_with_both(db: &Connection) -> Result<FxHashSet<PointNo>, StoreFault> {
    let points = db
        .prepare_cached(
            "-- points_with_both
             SELECT DISTINCT r.point_no FROM series r JOIN series i ON i.point_no = r.point_no
             WHERE r.kind = 'register' AND i.kind = 'interval'",
        )?
        .query_map([], |row| row.get(0).map(PointNo::new))?
        .collect::<Result<_, _>>()?;
    Ok(points)
}

fn has_intervals(db: &Connection, point: PointNo) -> Result<bool, StoreFault> {
    let found = db
        .prepare_cached(
            "-- has_intervals
             SELECT EXISTS (SELECT 1 FROM series s WHERE s.point_no = ?1 AND s.kind = 'interval')",
        )?
        .query_row([point.as_u32()], |row| row.get(0))?;
    Ok(found)
}

/// Judges the sums of these days and registers what changes; findings are added to `done`. Call inside
/// [`Writing::transact`], after the rows of the batch are written.
pub(super) fn judge_sums(
    writing: &mut Writing,
    registrar: &Registrar,
    covers: &[Cover],
    (days, done): (&SumDays, &mut Appended),
) -> Result<(), StoreFault> {
    let mut versions = Vec::new();
    for (point, day) in days {
        for entry in entries_at(&writing.db, *point)? {
            if entry.meta.kind == SeriesKind::Interval {
                versions.extend(judged(writing, &entry, *day, done)?);
            }
        }
    }
    if versions.is_empty() {
        return Ok(());
    }
    let cause =
        Cause { kind: CauseKind::Validation, made_by: Some(format!("rules `{}`", writing.rules()?.name())) };
    let source = ensure_source(&writing.db, "validation")?;
    let terms = Arc::clone(&registrar.terms);
    let judging = Registrar { source, terms, now: registrar.now, alarms: registrar.alarms.clone(), cause };
    append_versions(writing, &judging, covers, versions.into_iter())?;
    Ok(())
}

/// The day with its sum judged; `None` if its marks stay as they are, or may not change.
fn judged(
    writing: &mut Writing,
    entry: &SeriesEntry,
    period: i32,
    done: &mut Appended,
) -> Result<Option<NewVersion>, StoreFault> {
    let series: SeriesNo = entry.meta.series;
    let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "series_block.period" })?;
    let thresholds = *writing.rules()?.limits(&traits_of(&entry.meta), day).thresholds;
    if thresholds.sum.is_none() || last_release(&writing.db, (period, series))?.is_some() {
        return Ok(None);
    }
    let Some(version) = current_version(writing, (period, series))? else { return Ok(None) };
    let Some(Block::Interval(stored)) = version.block else { return Ok(None) };
    let passed = passed_on(writing, entry, (day, KeysInReach::Only(version.key)))?;
    let expected = writing.zone.slots(day, entry.meta.resolution).unwrap_or(0);
    let mut block = stored.clone();
    let found = judge_sum((&mut block, expected), passed, &thresholds);
    if block == stored {
        return Ok(None);
    }
    *done.findings.entry(Rule::Sum).or_default() += found.len() as u64;
    let change = DayChange::Judged(Block::Interval(block));
    Ok(Some(NewVersion { series, day, change, note: None }))
}

/// What the register of the point says passed on a local day of this owner.
fn passed_on(
    writing: &mut Writing,
    entry: &SeriesEntry,
    (day, keys): (Date, KeysInReach),
) -> Result<Option<Passed>, StoreFault> {
    let Some(days) = day.tomorrow().ok().and_then(|next| DayRange::new(day, next).ok()) else {
        return Ok(None);
    };
    let window = |entry: SeriesEntry| Window { entry, days, keys };
    let registers = entries_at(&writing.db, entry.meta.point)?.into_iter();
    let registers: Vec<_> =
        registers.filter(|other| other.meta.kind == SeriesKind::Register).map(window).collect();
    let (window, cuts) = (window(entry.clone()), KeyCuts::default());
    let Writing { db, vault, zone, .. } = writing;
    let register = Register::of((db, vault, zone), (&window, &registers), (&cuts, 1))?;
    Ok(register.passed((zone.day_start(day), zone.day_start(days.end())), zone))
}

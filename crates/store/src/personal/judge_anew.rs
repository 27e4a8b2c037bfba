//! Judging what is stored anew by the rules that judge now, and keeping what they say.
//!
//! What comes in: a permit to correct, local days and some series. What goes out: a new version of each day whose marks change, and
//! how many those were. Series are judged day after day from long before, as if everything had come in order. Days are read
//! and versions added in one transaction. Never: a changed value, or a day that others were given, unless somebody says why.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_govern::Operation;
use tidstro_metering::{Judge, Rules};
use tidstro_model::{DayRange, Mark, Resolution, Rule, SeriesNo};

use super::beside::{Beside, BesideAll};
use super::cycle::last_release;
use super::judging::{days_to_judge, marks_of};
use super::read::{SeriesQuery, Window, closed_windows_of, key_cuts, series_numbers};
use super::versions::{KeyCuts, Newest};
use super::{Cause, CauseKind, ChainTerms, DayChange, NewVersion, Note, Registrar, Writing, append_versions};
use crate::gate::{Permit, Terms};
use crate::reference::ensure_source;
use crate::{Store, StoreFault};

/// What is judged anew.
#[derive(Clone, PartialEq, Eq)]
pub struct AnewJob {
    /// The local days.
    pub days: DayRange,
    /// Why days that others were given are judged anew too; without a reason they stay as they are.
    pub reopen: Option<String>,
}

/// What judging anew came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JudgedAnew {
    /// Local days of series that have a new version.
    pub changed: u64,
    /// Days whose marks would change, left because others were given them.
    pub released: u64,
    /// Days that may not be changed: erased, or out of reach.
    pub not_kept: u64,
    /// How many values got the mark of each rule.
    pub came: BTreeMap<Rule, u64>,
    /// How many values lost it.
    pub went: BTreeMap<Rule, u64>,
}

impl JudgedAnew {
    /// Adds what was done before.
    pub fn add(&mut self, other: Self) {
        self.changed += other.changed;
        self.released += other.released;
        self.not_kept += other.not_kept;
        for (sums, counts) in [(&mut self.came, other.came), (&mut self.went, other.went)] {
            counts.into_iter().for_each(|(rule, count)| *sums.entry(rule).or_default() += count);
        }
    }

    fn count(&mut self, (old, new): (&[Mark], &[Mark])) {
        for (old, new) in old.iter().zip(new) {
            for rule in Rule::ALL {
                match (old.findings().contains(rule), new.findings().contains(rule)) {
                    (false, true) => *self.came.entry(rule).or_default() += 1,
                    (true, false) => *self.went.entry(rule).or_default() += 1,
                    _ => {}
                }
            }
        }
    }
}

impl Store {
    /// The series in scope that have values on the days, in order: what [`Store::judge_anew`] takes some of at a time.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct.
    pub async fn series_to_change(
        &self,
        permit: &Permit,
        (days, series): (DayRange, Option<SeriesNo>),
        now: Timestamp,
    ) -> Result<Vec<SeriesNo>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Correct, now)?;
        let asked = (days, series);
        self.threads.read(move |reading| series_numbers(&reading.db, &terms, asked, |_| true)).await
    }

    /// Judges the days in scope of these series anew by the rules that judge now: one transaction. Alarms of series that are
    /// estimated for too long are kept under the permits for `alarms`.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct; nothing is kept on an error.
    pub async fn judge_anew(
        &self,
        (permit, alarms): (&Permit, &[Permit]),
        job: AnewJob,
        series: Vec<SeriesNo>,
        now: Timestamp,
    ) -> Result<JudgedAnew, StoreFault> {
        let terms = permit.must_allow_series(Operation::Correct, now)?;
        let chains = ChainTerms::of(self, alarms, now)?;
        self.threads
            .write(move |writing| {
                writing.transact(|writing| {
                    let (rules, done) = (writing.rules()?, JudgedAnew::default());
                    let granted = (&terms, &chains);
                    let mut judging = Anew { granted, job: &job, rules: &rules, now, done };
                    judging.all(writing, &series)?;
                    Ok(judging.done)
                })
            })
            .await
    }
}

/// A judging anew under way.
struct Anew<'a> {
    granted: (&'a Arc<Terms>, &'a ChainTerms),
    job: &'a AnewJob,
    rules: &'a Rules,
    now: Timestamp,
    done: JudgedAnew,
}

impl Anew<'_> {
    fn all(&mut self, writing: &mut Writing, series: &[SeriesNo]) -> Result<(), StoreFault> {
        let mut versions = Vec::new();
        let cuts = key_cuts(&writing.db, &self.granted.0.scope().reach)?;
        let query =
            SeriesQuery { series: None, days: self.job.days, resolution: Resolution::P1D, as_of: None };
        let windows = closed_windows_of(&writing.db, self.granted.0, &query, series)?;
        let all = BesideAll::of(&writing.db, &windows, &[self.rules])?;
        let newest = days_to_judge((&writing.db, &mut writing.vault), &windows, &cuts)?;
        for (window, newest) in windows.iter().zip(newest) {
            self.series(writing, (window, &cuts), (newest, &all), &mut versions)?;
        }
        self.register(writing, versions)
    }

    /// The days of a window whose marks change.
    fn series(
        &mut self,
        writing: &mut Writing,
        (window, cuts): (&Window, &KeyCuts),
        (newest, all): (Newest<'_>, &BesideAll),
        versions: &mut Vec<NewVersion>,
    ) -> Result<(), StoreFault> {
        let zone = writing.zone.clone();
        let Writing { db, vault, .. } = &mut *writing;
        let beside =
            Beside::of((db, vault, &zone), (window, cuts), (self.granted.0, &[self.rules], all), self.now)?;
        let mut judge = Judge::of(self.rules);
        for stored in newest.open_all(vault)? {
            let day = from_epoch_day(stored.day).ok_or(StoreFault::Row { what: "series_block.period" })?;
            let (judged, _) = judge.judge(&beside.past_day(day, stored.block.clone()));
            if stored.day < epoch_day(window.days.start()) || judged == stored.block {
                continue;
            }
            let series = window.entry.meta.series;
            if self.job.reopen.is_none() && last_release(db, (stored.day, series))?.is_some() {
                self.done.released += 1;
                continue;
            }
            self.done.count((&marks_of(&stored.block), &marks_of(&judged)));
            versions.push(NewVersion { series, day, change: DayChange::Judged(judged), note: self.note() });
        }
        Ok(())
    }

    fn note(&self) -> Option<Note> {
        let reason = self.job.reopen.clone()?;
        Some(Note { actor: self.granted.0.actor.clone(), reason })
    }

    fn register(&mut self, writing: &mut Writing, versions: Vec<NewVersion>) -> Result<(), StoreFault> {
        if versions.is_empty() {
            return Ok(());
        }
        let made_by = Some(format!("rules `{}`", self.rules.name()));
        let cause = Cause { kind: CauseKind::Validation, made_by };
        let source = ensure_source(&writing.db, "validation")?;
        let (terms, chains) = self.granted;
        let (alarms, covers) = (chains.category(), chains.covers(terms));
        let registrar = Registrar { source, terms: Arc::clone(terms), now: self.now, alarms, cause };
        let done = append_versions(writing, &registrar, &covers, versions.into_iter())?;
        self.done.changed += done.changed;
        self.done.not_kept += done.too_old + done.not_permitted;
        Ok(())
    }
}

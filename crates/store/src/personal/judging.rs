//! Judging what is stored once more: by the rules it is judged by, and by others.
//!
//! What comes in: a permit to compute, days, two rule sets. What goes out: what either would find, with what was compared,
//! and what stands in the marks. Nothing is changed. The days before are judged too, so that the rules know what came
//! before. Never: a number that is finer than the permit.

mod overruled;

use std::sync::Arc;

use crate::db::Connection;
use jiff::{Timestamp, civil::Date};
use tidstro_calendar::{Zone, epoch_day, from_epoch_day};
use tidstro_govern::Operation;
use tidstro_metering::{Block, Explained, Judge, PastDay, Rules};
use tidstro_model::{DayRange, Mark, Resolution, Rule, SeriesNo};

use super::beside::{Beside, BesideAll};
use super::read::{SeriesQuery, Window, closed_windows_of, key_cuts, newest_of_windows, series_numbers};
use super::versions::{DayVersion, KeyCuts, Newest};
use crate::gate::{Disclosed, Permit, Terms};
use crate::reference::SeriesEntry;
use crate::seal::Vault;
use crate::{Store, StoreFault};
use overruled::{has_overruled, overruled_on};

/// How many local days before those asked for are judged too: longer than the recent maximum takes to halve, and than
/// most limits of days in a row.
const DAYS_BEFORE: i32 = 62;

/// What is found in a series. It has no `Debug`: sentences have values that belong to people.
#[derive(Clone, PartialEq, Eq)]
pub struct JudgedSeries {
    /// The series.
    pub entry: SeriesEntry,
    /// In the order of days.
    pub found: Vec<JudgedFinding>,
}

/// One rule at one position of a local day.
#[derive(Clone, PartialEq, Eq)]
pub struct JudgedFinding {
    /// The local day.
    pub day: Date,
    /// The rule.
    pub rule: Rule,
    /// Index of the value in its day, from 0.
    pub position: u32,
    /// Whether the first rules find it.
    pub by_old: bool,
    /// Whether the second rules find it.
    pub by_new: bool,
    /// How many values of the day have the rule in their stored marks.
    pub marked: u32,
    /// What was compared, or why that is not said.
    pub sentence: Result<String, Unsaid>,
}

/// Why it is not said what a rule compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsaid {
    /// It compared values that are finer than the permit.
    #[error(
        "its values are `{series}`, and the purpose sees none finer than `{finest}`; ask for a purpose that sees them to know what was compared"
    )]
    TooFine {
        /// The resolution of the values.
        series: Resolution,
        /// The finest that the permit allows.
        finest: Resolution,
    },
    /// No rule finds it now, and the values it was found by are not these any more.
    #[error(
        "it was found when the value came, and the rules do not find it now; what was compared then is not kept"
    )]
    Past,
}

impl Store {
    /// The series in scope that have values on the days, in order: what [`Store::judge_again`] takes some of at a time.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to compute.
    pub async fn series_to_judge(
        &self,
        permit: &Permit,
        asked: (DayRange, Option<SeriesNo>),
        now: Timestamp,
    ) -> Result<Vec<SeriesNo>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Compute, now)?;
        self.threads.read(move |reading| series_numbers(&reading.db, &terms, asked, |_| true)).await
    }

    /// What two rule sets find in the days in scope of these series, as known now, and what is marked there.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to compute, [`StoreFault::TooMuch`].
    pub async fn judge_again(
        &self,
        permit: &Permit,
        (days, series): (DayRange, Vec<SeriesNo>),
        (old, new): (Arc<Rules>, Arc<Rules>),
        now: Timestamp,
    ) -> Result<Disclosed<Vec<JudgedSeries>>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Compute, now)?;
        let zone = self.zone.clone();
        let judged = self
            .threads
            .read(move |reading| {
                let judging = Both { zone: &zone, old: &old, new: &new, terms: &terms, now };
                judging.all((&reading.db, &mut reading.vault), days, &series)
            })
            .await?;
        Ok(Disclosed::new(judged, permit))
    }
}

/// Two rule sets that judge the same days.
struct Both<'a> {
    zone: &'a Zone,
    old: &'a Rules,
    new: &'a Rules,
    terms: &'a Terms,
    now: Timestamp,
}

impl Both<'_> {
    fn all(
        &self,
        (db, vault): (&Connection, &mut Vault),
        days: DayRange,
        series: &[SeriesNo],
    ) -> Result<Vec<JudgedSeries>, StoreFault> {
        let terms = self.terms;
        let cuts = key_cuts(db, &terms.scope().reach)?;
        let query = SeriesQuery { series: None, days, resolution: Resolution::P1D, as_of: None };
        let windows = closed_windows_of(db, terms, &query, series)?;
        let all = BesideAll::of(db, &windows, &[self.old, self.new])?;
        let newest = days_to_judge((db, &mut *vault), &windows, &cuts)?;
        let mut judged = Vec::new();
        for (window, newest) in windows.into_iter().zip(newest) {
            let (series, finest) = (window.entry.meta.resolution, terms.scope().finest);
            let unsaid = (series < finest).then_some(Unsaid::TooFine { series, finest });
            let found = self.series((db, &mut *vault), (&window, &cuts), (newest, &all), unsaid)?;
            if !found.is_empty() {
                judged.push(JudgedSeries { entry: window.entry, found });
            }
        }
        Ok(judged)
    }

    fn series(
        &self,
        (db, vault): (&Connection, &mut Vault),
        (window, cuts): (&Window, &KeyCuts),
        (newest, all): (Newest<'_>, &BesideAll),
        unsaid: Option<Unsaid>,
    ) -> Result<Vec<JudgedFinding>, StoreFault> {
        let start = epoch_day(window.days.start());
        let stored = newest.open_all(vault)?;
        let rules = [self.old, self.new];
        let beside = Beside::of((db, vault, self.zone), (window, cuts), (self.terms, &rules, all), self.now)?;
        let (mut by_old, mut by_new) = (Judge::of(self.old), Judge::of(self.new));
        let mut found = Vec::new();
        for DayVersion { day: period, seq, block } in stored {
            let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "series_block.period" })?;
            let marks = marks_of(&block);
            let replaced = if unsaid.is_none() && period >= start && has_overruled(&marks) {
                let of = ((period, window.entry.meta.series), seq);
                overruled_on((db, &mut *vault), of, &block)?
            } else {
                Vec::new()
            };
            let past = beside.past_day(day, block);
            let ((_, gone), (_, come)) = (by_old.judge(&past), by_new.judge(&past));
            if period >= start {
                let told = Told { past: &past, marks: &marks, replaced: &replaced, unsaid };
                found.extend(self.told(&told, &gone, &come));
            }
        }
        Ok(found)
    }

    /// What both found on a day, once each, and what is only marked.
    fn told(&self, told: &Told<'_>, gone: &[Explained], come: &[Explained]) -> Vec<JudgedFinding> {
        let is_in = |found: &Explained, others: &[Explained]| {
            others.iter().any(|other| other.finding() == found.finding())
        };
        let by_new = come.iter().map(|found| told.finding(found, self.new, (is_in(found, gone), true)));
        let only_old = gone.iter().filter(|found| !is_in(found, come));
        let by_old = only_old.map(|found| told.finding(found, self.old, (true, false)));
        let replaced = told.replaced.iter().map(|found| told.finding(found, self.new, (false, false)));
        let mut findings: Vec<_> = by_new.chain(by_old).chain(replaced).collect();
        let only_marked: Vec<_> = Rule::ALL
            .into_iter()
            .filter(|rule| !findings.iter().any(|found| found.rule == *rule))
            .filter_map(|rule| told.marked(rule))
            .collect();
        findings.extend(only_marked);
        findings
    }
}

/// The stored days of each window, and those before it that the rules must know.
pub(super) fn days_to_judge<'c>(
    of: (&Connection, &mut Vault),
    windows: &[Window],
    cuts: &'c KeyCuts,
) -> Result<Vec<Newest<'c>>, StoreFault> {
    newest_of_windows(of, windows, (DAYS_BEFORE, 0), (i64::MAX, cuts))
}

/// A local day and how it may be told of.
struct Told<'a> {
    past: &'a PastDay<'static>,
    marks: &'a [Mark],
    /// Corrections that values of the day took the place of. No rule finds them again: they are known by the versions.
    replaced: &'a [Explained],
    /// Why nothing may be said of what was compared; `None` where it may.
    unsaid: Option<Unsaid>,
}

impl Told<'_> {
    fn finding(&self, found: &Explained, by: &Rules, (by_old, by_new): (bool, bool)) -> JudgedFinding {
        let limits = by.limits(&self.past.traits, self.past.day);
        let said = || found.sentence(self.past.traits.unit, &limits);
        let sentence = self.unsaid.map_or_else(|| Ok(said()), Err);
        let (rule, position) = (found.rule(), found.position);
        let marked = self.count(rule);
        JudgedFinding { day: self.past.day, rule, position, by_old, by_new, marked, sentence }
    }

    /// A rule that stands in marks only.
    fn marked(&self, rule: Rule) -> Option<JudgedFinding> {
        let first = self.marks.iter().position(|mark| mark.findings().contains(rule))?;
        let position = u32::try_from(first).unwrap_or(u32::MAX);
        let (by_old, by_new, marked) = (false, false, self.count(rule));
        let sentence = Err(self.unsaid.unwrap_or(Unsaid::Past));
        Some(JudgedFinding { day: self.past.day, rule, position, by_old, by_new, marked, sentence })
    }

    fn count(&self, rule: Rule) -> u32 {
        let count = self.marks.iter().filter(|mark| mark.findings().contains(rule)).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

pub(super) fn marks_of(block: &Block) -> Vec<Mark> {
    match block {
        Block::Interval(block) => block.marks().to_vec(),
        Block::Register(block) => block.readings().map(|(.., mark)| mark).collect(),
    }
}

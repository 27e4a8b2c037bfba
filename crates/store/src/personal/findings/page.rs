//! The days of one cause, a page at a time.
//!
//! A permit to read one area comes in, and a cause; days that wait for a decision go out, the oldest first, with what is there of each. A
//! row is a way to a day and no answer: what the permit does not reach, or is open no more, is left out.

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_govern::Operation;
use tidstro_metering::Block;
use tidstro_model::{AreaNo, DayRange, Findings, Quality, Resolution, Rule, SeriesNo};

use crate::db::{Connection, params};
use crate::gate::{Disclosed, Terms};
use crate::personal::cycle::only_area;
use crate::personal::read::{key_cuts, windows};
use crate::personal::versions::{KeyCuts, Newest, Seen};
use crate::reference::SeriesEntry;
use crate::seal::Vault;
use crate::{Permit, Store, StoreFault};

/// Which days of which cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingQuery {
    /// The rule.
    pub rule: Rule,
    /// The resolution of the series.
    pub resolution: Resolution,
    /// Local days before this one: one that still runs waits for its values.
    pub before: Date,
    /// Which of them.
    pub wanted: WantedFindings,
}

/// Which days are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WantedFindings {
    /// So many, after one.
    Page {
        /// Where the page before ended; `None` for the first.
        after: Option<FindingCursor>,
        /// How many.
        limit: usize,
    },
    /// These, as far as they still wait.
    These(Vec<FindingCursor>),
}

/// A day of a series: where a page ended, or one that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FindingCursor {
    /// The local day.
    pub day: Date,
    /// The series.
    pub series: SeriesNo,
}

/// A page.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct FindingsPage {
    /// The days, the oldest first.
    pub found: Vec<OpenFinding>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<FindingCursor>,
}

/// A day of a series in which a rule is open. It has no `Debug`: with its place it is about a home.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenFinding {
    /// Which series, at which point.
    pub entry: SeriesEntry,
    /// The local day.
    pub day: Date,
    /// The registration of the version that is open.
    pub seq: i64,
    /// How many values the rule is open in, missing ones too.
    pub failed: u32,
    /// How many values the day has.
    pub present: u32,
    /// How many it should have; of registers as many as it has.
    pub expected: u32,
    /// Every rule that is open in the day.
    pub open: Findings,
}

impl Store {
    /// Days in the area the permit is about that wait for a decision, as far as it reaches.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read series of one area.
    pub async fn open_findings(
        &self,
        permit: &Permit,
        query: FindingQuery,
        now: Timestamp,
    ) -> Result<Disclosed<FindingsPage>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Read, now)?;
        let area = only_area(&terms)?;
        let page = self
            .threads
            .read(move |reading| {
                let cuts = key_cuts(&reading.db, &terms.scope().reach)?;
                let mut looking =
                    Looking { db: &reading.db, vault: &mut reading.vault, terms: &terms, cuts: &cuts };
                match &query.wanted {
                    WantedFindings::Page { after, limit } => looking.page(&query, area, (*after, *limit)),
                    WantedFindings::These(these) => looking.these(&query, these),
                }
            })
            .await?;
        Ok(Disclosed::new(page, permit))
    }
}

/// What days are looked at with.
pub(super) struct Looking<'a> {
    pub(super) db: &'a Connection,
    pub(super) vault: &'a mut Vault,
    pub(super) terms: &'a Terms,
    pub(super) cuts: &'a KeyCuts,
}

impl Looking<'_> {
    fn page(
        &mut self,
        query: &FindingQuery,
        area: AreaNo,
        (after, limit): (Option<FindingCursor>, usize),
    ) -> Result<FindingsPage, StoreFault> {
        let (mut page, mut after) = (FindingsPage::default(), after);
        while page.found.len() < limit {
            let wanted = limit - page.found.len();
            let rows = self.rows(query, area, (after, wanted + 1))?;
            let is_last = rows.len() <= wanted;
            for row in rows.into_iter().take(wanted) {
                after = Some(row);
                page.found.extend(self.open(row, query.rule)?);
            }
            page.next = after.filter(|_| !is_last);
            if is_last {
                break;
            }
        }
        Ok(page)
    }

    fn these(&mut self, query: &FindingQuery, these: &[FindingCursor]) -> Result<FindingsPage, StoreFault> {
        let mut page = FindingsPage::default();
        for row in these.iter().filter(|row| row.day < query.before) {
            let found = self.open(*row, query.rule)?;
            page.found.extend(found.filter(|found| found.entry.meta.resolution == query.resolution));
        }
        Ok(page)
    }

    /// Rows of a cause after one, by day and series.
    fn rows(
        &self,
        query: &FindingQuery,
        area: AreaNo,
        (after, limit): (Option<FindingCursor>, usize),
    ) -> Result<Vec<FindingCursor>, StoreFault> {
        let before = query.before.min(self.terms.scope().days.end());
        let start = epoch_day(self.terms.scope().days.start());
        let (day, series) =
            after.map_or((start, -1_i64), |after| (epoch_day(after.day), i64::from(after.series.as_u32())));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.db
            .prepare_cached(
                "-- open_findings_of_cause
                 SELECT f.period, f.series_no FROM open_finding f
                 WHERE f.area_no = ?1 AND f.category = ?2 AND f.rule = ?3 AND f.resolution = ?4 AND f.period < ?5
                       AND (f.period, f.series_no) > (?6, ?7)
                 ORDER BY f.period, f.series_no LIMIT ?8",
            )?
            .query_and_then(
                params![
                    area.as_u32(),
                    self.terms.category.as_str(),
                    query.rule.code(),
                    query.resolution.code(),
                    epoch_day(before),
                    day,
                    series,
                    limit
                ],
                |row| {
                    let day = from_epoch_day(row.get(0)?);
                    let day = day.ok_or(StoreFault::Row { what: "open_finding.period" })?;
                    Ok(FindingCursor { day, series: SeriesNo::new(row.get(1)?) })
                },
            )?
            .collect()
    }

    /// The day itself; `None` if it is out of reach, or the rule is open in it no more.
    pub(super) fn open(&mut self, row: FindingCursor, rule: Rule) -> Result<Option<OpenFinding>, StoreFault> {
        let found = self.newest(row)?;
        Ok(found.and_then(|(entry, seq, block)| finding((entry, row.day, seq), &block, rule)))
    }

    /// The newest version of a day in reach.
    pub(super) fn newest(
        &mut self,
        FindingCursor { day, series }: FindingCursor,
    ) -> Result<Option<(SeriesEntry, i64, Block)>, StoreFault> {
        let days = day.tomorrow().ok().and_then(|next| DayRange::new(day, next).ok());
        let Some(days) = days else { return Ok(None) };
        for window in windows(self.db, self.terms, days, Some(series))? {
            let (period, seen) =
                (epoch_day(day), Seen { last_seq: i64::MAX, keys: window.keys, cuts: self.cuts });
            let found = Newest::find(self.db, series, (period, period + 1), seen)?;
            if let Some(version) = found.open_last(self.vault)? {
                return Ok(Some((window.entry, version.seq, version.block)));
            }
        }
        Ok(None)
    }
}

fn finding((entry, day, seq): (SeriesEntry, Date, i64), block: &Block, rule: Rule) -> Option<OpenFinding> {
    let (open, marks) = (block.open_findings(), block.marks());
    let count = |of: &dyn Fn(Quality) -> bool| {
        u32::try_from(marks.iter().filter(|mark| of(mark.quality())).count()).unwrap_or(u32::MAX)
    };
    open.contains(rule).then(|| OpenFinding {
        entry,
        day,
        seq,
        failed: block.count_open(rule),
        present: count(&|quality| quality != Quality::Missing),
        expected: count(&|_| true),
        open,
    })
}

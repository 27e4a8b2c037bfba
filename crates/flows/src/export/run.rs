//! Exports that have begun: what they read, page by page or month by month.
//!
//! This file opens what the store discloses (see `tests/doors.rs`): series under pseudonyms, and sums; both go on into files.

use rustc_hash::FxHashSet;
use tidstro_model::{DayRange, Resolution};
use tidstro_store::{ExportCount, ExportPage, ExportRun, Pseudonym, SeriesQuery, StoreFault};

use super::held::HeldPermit;
use super::month_file::{MonthFile, Wrote};
use super::series_rows::SeriesRows;
use super::settlement_rows::SettlementRows;
use super::{ExportAsk, ExportReport};
use crate::answer::given;
use crate::ingest::Clock;
use crate::settle::lines;
use crate::{Answer, FlowFault, Workspace};

/// An export of series that has begun.
pub(super) struct SeriesExport<'a> {
    held: HeldPermit<'a>,
    run: ExportRun,
    resolution: Resolution,
    points: FxHashSet<Pseudonym>,
    rows: u64,
}

impl<'a> SeriesExport<'a> {
    /// Asks the gate, and begins.
    pub(super) async fn begin(
        workspace: &'a Workspace,
        asked: &ExportAsk,
        clock: Clock<'a>,
    ) -> Result<Answer<Self>, FlowFault> {
        let held = given!(HeldPermit::begin(workspace, asked, &asked.category, clock).await?);
        let run = workspace.store.begin_export(&held.permit, asked.as_of, held.permitted).await?;
        let (resolution, points) = (asked.resolution, FxHashSet::default());
        Ok(Answer::Given(Self { held, run, resolution, points, rows: 0 }))
    }

    /// What each file says about itself.
    pub(super) fn notes(&self) -> Vec<(&'static str, String)> {
        let key = ("pseudonym_key", self.run.pseudonym_key().to_string());
        self.held.notes().into_iter().chain([key]).collect()
    }

    /// Writes the values of a month, page by page.
    pub(super) async fn write_month(
        &mut self,
        days: DayRange,
        file: &mut MonthFile<SeriesRows>,
        progress: &dyn Fn(u64),
    ) -> Result<Answer<()>, FlowFault> {
        let query = SeriesQuery { series: None, days, resolution: self.resolution, as_of: None };
        let mut from = None;
        loop {
            let now = given!(self.held.renewed().await?);
            let (store, permit) = (&self.held.workspace.store, &self.held.permit);
            let page = store.export_page(permit, self.run, (query.clone(), from), now).await?;
            let ExportPage { series, next } = page.open(permit)?;
            for series in &series {
                file.add(|rows| rows.push(series))?;
                self.points.insert(series.pseudonym);
                self.rows += series.spans.len() as u64;
            }
            progress(self.rows);
            match next {
                Some(_) => from = next,
                None => return Ok(Answer::Given(())),
            }
        }
    }

    /// Tells the log what was written, before anybody finds the files.
    pub(super) async fn record(&self, wrote: Wrote) -> Result<ExportReport, FlowFault> {
        let key = Some(self.run.pseudonym_key());
        record(&self.held, wrote, (self.points.len() as u64, key)).await
    }
}

/// An export of settlement that has begun.
pub(super) struct SettlementExport<'a> {
    held: HeldPermit<'a>,
}

impl<'a> SettlementExport<'a> {
    /// Asks the gate.
    pub(super) async fn begin(
        workspace: &'a Workspace,
        asked: &ExportAsk,
        clock: Clock<'a>,
    ) -> Result<Answer<Self>, FlowFault> {
        let category = workspace.store.settlement_category().ok_or(StoreFault::SettlementLeftOut)?;
        let held = given!(HeldPermit::begin(workspace, asked, category, clock).await?);
        Ok(Answer::Given(Self { held }))
    }

    /// What each file says about itself.
    pub(super) fn notes(&self) -> Vec<(&'static str, String)> {
        self.held.notes()
    }

    /// Writes the results of a month.
    pub(super) async fn write_month(
        &mut self,
        days: DayRange,
        file: &mut MonthFile<SettlementRows>,
    ) -> Result<Answer<()>, FlowFault> {
        let now = given!(self.held.renewed().await?);
        let HeldPermit { workspace, permit, .. } = &self.held;
        let settled = workspace.store.exported_settlement(permit, days, now).await?.open(permit)?;
        for day in &settled {
            for line in lines(day, None) {
                file.add(|rows| {
                    rows.push(&line, workspace.zone());
                    Ok(())
                })?;
            }
        }
        Ok(Answer::Given(()))
    }

    /// Tells the log what was written, before anybody finds the files.
    pub(super) async fn record(&self, wrote: Wrote) -> Result<ExportReport, FlowFault> {
        record(&self.held, wrote, (0, None)).await
    }
}

async fn record(
    held: &HeldPermit<'_>,
    wrote: Wrote,
    (points, pseudonym_key): (u64, Option<u64>),
) -> Result<ExportReport, FlowFault> {
    let Wrote { files, rows, bytes } = wrote;
    let (count, now) = (ExportCount { files, rows, points }, (held.clock)());
    held.workspace.store.record_export(&held.permit, pseudonym_key, count, now).await?;
    Ok(ExportReport { files, rows, points, bytes, pseudonym_key })
}

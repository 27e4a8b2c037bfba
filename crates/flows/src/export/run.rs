//! An export that has begun: its permit, and the pages it reads.
//!
//! This file opens what the store discloses (see `tests/doors.rs`): series under pseudonyms, which go on into files.

use jiff::{SignedDuration, Timestamp};
use rustc_hash::FxHashSet;
use tidstro_govern::{Ask, Operation};
use tidstro_model::{DayRange, Resolution};
use tidstro_store::{Decided, ExportCount, ExportPage, ExportRun, Permit, Pseudonym, SeriesQuery};

use super::month_file::{MonthFile, Wrote};
use super::{ExportAsk, ExportReport};
use crate::answer::{given, granted};
use crate::disclose::target_of;
use crate::ingest::Clock;
use crate::{Answer, FlowFault, Workspace};

/// The permit is asked for anew after this, well before it expires.
const RENEW_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// An export that has begun.
pub(super) struct Export<'a> {
    workspace: &'a Workspace,
    clock: Clock<'a>,
    ask: Ask,
    permit: Permit,
    permitted: Timestamp,
    run: ExportRun,
    resolution: Resolution,
    points: FxHashSet<Pseudonym>,
    rows: u64,
}

impl<'a> Export<'a> {
    /// Asks the gate, and begins.
    pub(super) async fn begin(
        workspace: &'a Workspace,
        asked: &ExportAsk,
        clock: Clock<'a>,
    ) -> Result<Answer<Self>, FlowFault> {
        let ask = ask(workspace, asked).await?;
        let permitted = clock();
        let permit = granted!(workspace.store.permit(ask.clone(), permitted).await?);
        let run = workspace.store.begin_export(&permit, asked.as_of, permitted).await?;
        Ok(Answer::Given(Self {
            workspace,
            clock,
            ask,
            permit,
            permitted,
            run,
            resolution: asked.resolution,
            points: FxHashSet::default(),
            rows: 0,
        }))
    }

    /// What each file says about itself.
    pub(super) fn notes(&self, asked: &ExportAsk) -> Vec<(&'static str, String)> {
        let recipient = asked.recipient.as_ref().map(|recipient| ("recipient", recipient.party.to_string()));
        let notes = [
            ("purpose", asked.purpose.to_string()),
            ("category", asked.category.to_string()),
            ("resolution", asked.resolution.to_string()),
            ("exported", self.permitted.to_string()),
            ("permit", self.permit.seq().to_string()),
            ("pseudonym_key", self.run.pseudonym_key().to_string()),
        ];
        notes.into_iter().chain(recipient).collect()
    }

    /// Writes the values of a month, page by page.
    pub(super) async fn write_month(
        &mut self,
        days: DayRange,
        file: &mut MonthFile,
        progress: &dyn Fn(u64),
    ) -> Result<Answer<()>, FlowFault> {
        let query = SeriesQuery { series: None, days, resolution: self.resolution, as_of: None };
        let mut from = None;
        loop {
            let now = (self.clock)();
            given!(self.renew(now).await?);
            let page = self.workspace.store.export_page(&self.permit, self.run, (query.clone(), from), now);
            let ExportPage { series, next } = page.await?.open(&self.permit)?;
            for series in &series {
                file.push(series)?;
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

    /// A long export outlives its permit: it asks again, and stops where the answer has become no.
    async fn renew(&mut self, now: Timestamp) -> Result<Answer<()>, FlowFault> {
        if now.duration_since(self.permitted) >= RENEW_AFTER {
            match self.workspace.store.permit(self.ask.clone(), now).await? {
                Decided::Granted(permit) => (self.permit, self.permitted) = (permit, now),
                Decided::Refused(refuse) => return Ok(Answer::Refused(refuse)),
            }
        }
        Ok(Answer::Given(()))
    }

    /// What was exported, given what was written.
    pub(super) fn report(&self, wrote: Wrote) -> ExportReport {
        let Wrote { files, rows, bytes } = wrote;
        let points = self.points.len() as u64;
        ExportReport { files, rows, points, bytes, pseudonym_key: self.run.pseudonym_key() }
    }

    /// Tells the log, before anybody finds the files.
    pub(super) async fn record(&self, report: &ExportReport) -> Result<(), FlowFault> {
        let count = ExportCount { files: report.files, rows: report.rows, points: report.points };
        let now = (self.clock)();
        Ok(self.workspace.store.record_export(&self.permit, self.run, count, now).await?)
    }
}

async fn ask(workspace: &Workspace, asked: &ExportAsk) -> Result<Ask, FlowFault> {
    Ok(Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation: Operation::Export,
        category: asked.category.clone(),
        target: target_of(workspace, &asked.actor, (None, Some(&asked.area))).await?,
        days: asked.days,
        resolution: asked.resolution,
        recipient: asked.recipient.clone(),
        factors: asked.factors,
    })
}

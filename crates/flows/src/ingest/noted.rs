//! An input that is noted: that it begins, and what became of it.
//!
//! What comes in: an input that the gate let through, and its report. What goes out: a line of `tidstro inputs`. One that is cut short
//! stays without an end.

use tidstro_store::{InputCounts, InputNo, RefusedLines};

use super::report::Refused;
use super::{Clock, IngestReport};
use crate::{FlowFault, Workspace};

/// An input that has begun.
pub(super) struct Noted<'a> {
    workspace: &'a Workspace,
    clock: Clock<'a>,
    input: InputNo,
}

impl<'a> Noted<'a> {
    pub(super) async fn begin(
        workspace: &'a Workspace,
        source: &str,
        clock: Clock<'a>,
    ) -> Result<Self, FlowFault> {
        let input = workspace.store.begin_input(source.to_owned(), clock()).await?;
        Ok(Self { workspace, clock, input })
    }

    pub(super) async fn end(self, report: &IngestReport) -> Result<(), FlowFault> {
        Ok(self.workspace.store.end_input(self.input, counts(report), (self.clock)()).await?)
    }
}

fn counts(report: &IngestReport) -> InputCounts {
    let lines = |refused: &Refused| RefusedLines {
        count: refused.count,
        first: refused.lines.first().copied().unwrap_or_default(),
    };
    InputCounts {
        lines: report.lines,
        readings: report.readings + report.intervals,
        days_added: report.days_added,
        days_changed: report.days_changed,
        days_unchanged: report.days_unchanged,
        refused: report.refused.iter().map(|(kind, refused)| ((*kind).to_owned(), lines(refused))).collect(),
    }
}

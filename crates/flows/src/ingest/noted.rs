//! An input that is noted: that it begins, and what became of it.
//!
//! What comes in: an input that the gate let through, and its report. What goes out: a line of `tidstro inputs`. One that is cut short
//! stays without an end.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tidstro_store::{InputCounts, InputNo, RefusedLines};

use super::report::Refused;
use super::{Clock, IngestReport};
use crate::{FlowFault, Workspace};

/// Which line of `tidstro inputs` an input gets.
pub(super) enum Noting<'n> {
    /// One of its own.
    Apart,
    /// The one of its source and local day: a request says little, and a line for each would hide the rest.
    OfDay(&'n mut InputsOfDay),
}

/// The inputs that go on until the end of their local day, by source. As many as there are sources; a listener that begins anew
/// begins new ones.
#[derive(Default)]
pub(super) struct InputsOfDay(BTreeMap<String, (Date, InputNo)>);

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
        (clock, noting): (Clock<'a>, Noting<'_>),
    ) -> Result<Self, FlowFault> {
        let now = clock();
        let today = workspace.zone().day_of(now);
        let known = match &noting {
            Noting::OfDay(inputs) => inputs.0.get(source).filter(|(day, _)| *day == today),
            Noting::Apart => None,
        };
        if let Some((_, input)) = known {
            workspace.store.go_on_with_input(*input).await?;
            return Ok(Self { workspace, clock, input: *input });
        }
        let input = workspace.store.begin_input(source.to_owned(), now).await?;
        if let Noting::OfDay(inputs) = noting {
            inputs.0.insert(source.to_owned(), (today, input));
        }
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

//! What rules find in what is stored: the exceptions, and what a change of rules would change.
//!
//! What comes in: who asks, what for, of which place and days, and rules. What goes out: findings series by series, with
//! what was compared as far as the purpose sees values so fine. Nothing is changed. This file opens what the store
//! discloses (see `tests/doors.rs`).

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use tidstro_govern::Operation;
use tidstro_metering::Rules;
use tidstro_model::Rule;
use tidstro_store::{JudgedFinding, JudgedSeries};

use crate::answer::granted;
use crate::correct::finest;
use crate::disclose::{SeriesAsk, SeriesLine, ask_for, line};
use crate::{Answer, FlowFault, Workspace};

/// What is found in a series. It has no `Debug`: sentences have values that belong to people.
#[derive(Clone, PartialEq, Eq)]
pub struct SeriesFindings {
    /// The series.
    pub line: SeriesLine,
    /// In the order of days.
    pub found: Vec<FoundLine>,
}

/// One rule at one position of a local day.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundLine {
    /// The local day.
    pub day: Date,
    /// The rule.
    pub rule: Rule,
    /// Index of the value in its day, from 0.
    pub position: u32,
    /// Against what holds now.
    pub change: FindingChange,
    /// How many values of the day have the rule in their marks.
    pub marked: u32,
    /// What was compared; `None` where the purpose does not see values so fine, or it is not known any more.
    pub sentence: Option<String>,
}

/// What other rules do to a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingChange {
    /// They find it, and the rules that judge now do not.
    Comes,
    /// The rules that judge now find it, and they do not.
    Goes,
    /// Both find it.
    Stays,
    /// Neither finds it; it was marked when the value came, or by another version of the rules.
    Marked,
}

impl FindingChange {
    /// The word used in answers and screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Comes => "comes",
            Self::Goes => "goes",
            Self::Stays => "stays",
            Self::Marked => "marked",
        }
    }
}

/// What rules find in the days asked for, beside what the rules that judge find. Of the ask count actor, purpose,
/// category, point or area, series and days. Without rules, those that judge.
///
/// # Errors
/// [`FlowFault`] for an unknown area, or if the store fails.
pub async fn validate_again(
    workspace: &Workspace,
    asked: &SeriesAsk,
    rules: Option<Rules>,
    now: Timestamp,
) -> Result<Answer<Vec<SeriesFindings>>, FlowFault> {
    let resolution = finest(workspace, &asked.purpose, &asked.category);
    let ask = ask_for(workspace, &SeriesAsk { resolution, ..asked.clone() }, Operation::Compute).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let old = Arc::new(workspace.store.rules().await?.0);
    let new = rules.map_or_else(|| Arc::clone(&old), Arc::new);
    let of = (asked.days, asked.series);
    let judged = workspace.store.judge_again(&permit, of, (old, new), now).await?.open(&permit)?;
    Ok(Answer::Given(judged.into_iter().map(series).collect()))
}

fn series(judged: JudgedSeries) -> SeriesFindings {
    SeriesFindings { line: line(judged.entry), found: judged.found.into_iter().map(found).collect() }
}

fn found(finding: JudgedFinding) -> FoundLine {
    let JudgedFinding { day, rule, position, by_old, by_new, marked, sentence } = finding;
    let change = match (by_old, by_new) {
        (false, true) => FindingChange::Comes,
        (true, false) => FindingChange::Goes,
        (true, true) => FindingChange::Stays,
        (false, false) => FindingChange::Marked,
    };
    FoundLine { day, rule, position, change, marked, sentence }
}

//! What rules find in what is stored: the exceptions, and what a change of rules would change.
//!
//! What comes in: who asks, what for, of which place and days, and rules. What goes out: findings series by series, with
//! what was compared as far as the purpose sees values so fine. Nothing is changed. This file opens what the store
//! discloses (see `tests/doors.rs`).

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use tidstro_metering::Rules;
use tidstro_model::{DayRange, Rule};
use tidstro_store::{JudgedFinding, JudgedSeries};

pub use tidstro_store::Unsaid;

use crate::answer::given;
use crate::disclose::{SeriesAsk, SeriesLine, line};
use crate::series_steps::{SeriesSteps, Which};
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
    /// What was compared, or why that is not said.
    pub sentence: Result<String, Unsaid>,
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

/// A judging under way: some series at a time, so that an area of millions is no matter of memory. It changes nothing.
pub struct Validation<'w> {
    steps: SeriesSteps<'w>,
    days: DayRange,
    old: Arc<Rules>,
    new: Arc<Rules>,
}

impl<'w> Validation<'w> {
    /// Asks for what it needs. Rules are compared with those that judge; without any, they are those. Of the ask count actor,
    /// purpose, category, point or area, series and days.
    ///
    /// # Errors
    /// [`FlowFault`] for an unknown area, or if the store fails.
    pub async fn begin(
        workspace: &'w Workspace,
        asked: SeriesAsk,
        rules: Option<Rules>,
        now: Timestamp,
    ) -> Result<Answer<Self>, FlowFault> {
        let days = asked.days;
        let steps = given!(SeriesSteps::begin(workspace, asked, Which::ToJudge, now).await?);
        let old = Arc::new(workspace.store.rules().await?.0);
        let new = rules.map_or_else(|| Arc::clone(&old), Arc::new);
        Ok(Answer::Given(Self { steps, days, old, new }))
    }

    /// What is found in some series more; `None` when there are no others.
    ///
    /// # Errors
    /// [`FlowFault`] if the store fails.
    pub async fn step(&mut self, now: Timestamp) -> Result<Answer<Option<Vec<SeriesFindings>>>, FlowFault> {
        if let Some(refuse) = self.steps.renew(now).await? {
            return Ok(Answer::Refused(refuse));
        }
        let series = self.steps.series();
        if series.is_empty() {
            return Ok(Answer::Given(None));
        }
        let (store, permit, count) = (&self.steps.workspace.store, self.steps.permit(), series.len());
        let rules = (Arc::clone(&self.old), Arc::clone(&self.new));
        let judged = store.judge_again(permit, (self.days, series), rules, now).await?.open(permit)?;
        self.steps.did(count);
        Ok(Answer::Given(Some(judged.into_iter().map(self::series).collect())))
    }

    /// How many series were judged, and how many there are.
    #[must_use]
    pub const fn progress(&self) -> (usize, usize) {
        self.steps.progress()
    }
}

/// What rules find in the days asked for, told at once: for places that are not large.
///
/// # Errors
/// As [`Validation::begin`] and [`Validation::step`].
pub async fn validate_again(
    workspace: &Workspace,
    asked: &SeriesAsk,
    rules: Option<Rules>,
    now: Timestamp,
) -> Result<Answer<Vec<SeriesFindings>>, FlowFault> {
    let mut judging = given!(Validation::begin(workspace, asked.clone(), rules, now).await?);
    let mut found = Vec::new();
    while let Some(more) = given!(judging.step(now).await?) {
        found.extend(more);
    }
    Ok(Answer::Given(found))
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

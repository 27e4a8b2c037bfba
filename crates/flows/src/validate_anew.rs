//! What is stored is judged anew by the rules that judge now, and what they say is kept.
//!
//! What comes in: who asks, what for, of which place and days. What goes out: how many days changed, and by which rules. It is a
//! step at a time, each a short transaction, so that it can be stopped at any point; the same call again finds what is left to
//! do. Nothing is disclosed. Never: a changed value.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_model::Rule;
use tidstro_store::{AnewJob, JudgedAnew};

use crate::answer::given;
use crate::disclose::SeriesAsk;
use crate::series_steps::{SeriesSteps, Which};
use crate::{Answer, FlowFault, Workspace};

/// What is judged anew.
#[derive(Clone, PartialEq, Eq)]
pub struct AnewAsk {
    /// Of these count actor, purpose, category, point or area, series and days.
    pub asked: SeriesAsk,
    /// Why days that others were given are judged anew too; without a reason they stay as they are.
    pub reopen: Option<String>,
}

/// What was done so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnewReport {
    /// Series there are to judge.
    pub series: usize,
    /// Series that were judged.
    pub judged: usize,
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

/// A judging anew under way. Dropped at any point, what was done stays; a new one does what is left.
pub struct ValidationAnew<'w> {
    steps: SeriesSteps<'w>,
    job: AnewJob,
    done: JudgedAnew,
}

impl<'w> ValidationAnew<'w> {
    /// Asks for what it needs; nothing is done yet.
    ///
    /// # Errors
    /// [`FlowFault`] for an unknown area, or if the store fails.
    pub async fn begin(
        workspace: &'w Workspace,
        asked: AnewAsk,
        now: Timestamp,
    ) -> Result<Answer<Self>, FlowFault> {
        let AnewAsk { asked, reopen } = asked;
        let job = AnewJob { days: asked.days, reopen };
        let steps = given!(SeriesSteps::begin(workspace, asked, Which::Every, now).await?);
        Ok(Answer::Given(Self { steps, job, done: JudgedAnew::default() }))
    }

    /// Judges some series more. Whether there are others.
    ///
    /// # Errors
    /// [`FlowFault`] if the store fails; what was done before stays.
    pub async fn step(&mut self, now: Timestamp) -> Result<Answer<bool>, FlowFault> {
        if let Some(refuse) = self.steps.renew(now).await? {
            return Ok(Answer::Refused(refuse));
        }
        let series = self.steps.series();
        if !series.is_empty() {
            let (store, count) = (&self.steps.workspace.store, series.len());
            self.done.add(store.judge_anew(self.steps.permits(), self.job.clone(), series, now).await?);
            self.steps.did(count);
        }
        let (judged, series) = self.steps.progress();
        Ok(Answer::Given(judged < series))
    }

    /// What was done so far.
    #[must_use]
    pub fn report(&self) -> AnewReport {
        let JudgedAnew { changed, released, not_kept, came, went } = self.done.clone();
        let (judged, series) = self.steps.progress();
        AnewReport { series, judged, changed, released, not_kept, came, went }
    }
}

/// Judges everything that was asked for.
///
/// # Errors
/// As [`ValidationAnew::step`].
pub async fn validate_kept(
    workspace: &Workspace,
    asked: AnewAsk,
    now: Timestamp,
) -> Result<Answer<AnewReport>, FlowFault> {
    let mut judging = given!(ValidationAnew::begin(workspace, asked, now).await?);
    while given!(judging.step(now).await?) {}
    Ok(Answer::Given(judging.report()))
}

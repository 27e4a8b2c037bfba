//! What is stored is judged anew by the rules that judge now, and what they say is kept.
//!
//! What comes in: who asks, what for, of which place and days. What goes out: how many days changed, and by which rules. It is a
//! step at a time, each a short transaction, so that it can be stopped at any point; the same call again finds what is left to
//! do. Nothing is disclosed. Never: a changed value.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tidstro_govern::Operation;
use tidstro_model::{Rule, SeriesNo};
use tidstro_store::{AnewJob, Decided, JudgedAnew, Permit};

use crate::correct::finest;
use crate::disclose::{SeriesAsk, ask_for};
use crate::{Answer, FlowFault, Workspace};

/// Permits are asked for anew after this, well before they expire.
const RENEW_AFTER: SignedDuration = SignedDuration::from_mins(30);
/// Series of one step: a year of their days is a transaction of some seconds.
const STEP_SERIES: usize = 32;

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
    workspace: &'w Workspace,
    asked: AnewAsk,
    permit: Permit,
    permitted: Timestamp,
    series: Vec<SeriesNo>,
    judged: usize,
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
        let permit = match permit(workspace, &asked.asked, now).await? {
            Decided::Granted(permit) => permit,
            Decided::Refused(refuse) => return Ok(Answer::Refused(refuse)),
        };
        let of = (asked.asked.days, asked.asked.series);
        let series = workspace.store.series_to_change(&permit, of, now).await?;
        let done = JudgedAnew::default();
        Ok(Answer::Given(Self { workspace, asked, permit, permitted: now, series, judged: 0, done }))
    }

    /// Judges some series more. Whether there are others.
    ///
    /// # Errors
    /// [`FlowFault`] if the store fails; what was done before stays.
    pub async fn step(&mut self, now: Timestamp) -> Result<Answer<bool>, FlowFault> {
        if now.duration_since(self.permitted) > RENEW_AFTER {
            match permit(self.workspace, &self.asked.asked, now).await? {
                Decided::Granted(permit) => (self.permit, self.permitted) = (permit, now),
                Decided::Refused(refuse) => return Ok(Answer::Refused(refuse)),
            }
        }
        let series: Vec<_> = self.series.iter().skip(self.judged).take(STEP_SERIES).copied().collect();
        if !series.is_empty() {
            let job = AnewJob { days: self.asked.asked.days, reopen: self.asked.reopen.clone() };
            let count = series.len();
            self.done.add(self.workspace.store.judge_anew(&self.permit, job, series, now).await?);
            self.judged += count;
        }
        Ok(Answer::Given(self.judged < self.series.len()))
    }

    /// What was done so far.
    #[must_use]
    pub fn report(&self) -> AnewReport {
        let JudgedAnew { changed, released, not_kept, came, went } = self.done.clone();
        AnewReport { series: self.series.len(), judged: self.judged, changed, released, not_kept, came, went }
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
    let mut judging = match ValidationAnew::begin(workspace, asked, now).await? {
        Answer::Given(judging) => judging,
        Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
    };
    loop {
        match judging.step(now).await? {
            Answer::Given(true) => {}
            Answer::Given(false) => return Ok(Answer::Given(judging.report())),
            Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
        }
    }
}

async fn permit(workspace: &Workspace, asked: &SeriesAsk, now: Timestamp) -> Result<Decided, FlowFault> {
    let resolution = finest(workspace, &asked.purpose, &asked.category);
    let ask = ask_for(workspace, &SeriesAsk { resolution, ..asked.clone() }, Operation::Correct).await?;
    Ok(workspace.store.permit(ask, now).await?)
}

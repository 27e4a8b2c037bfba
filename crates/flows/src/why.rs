//! Where a value comes from: its versions, each with when, why, from where and by whom.
//!
//! What comes in: who asks, what for, which point and instant. What goes out: the versions of that value, series by series.
//! What people wrote as their reason is in it: it is for those who may see the series. This file opens what the store
//! discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use tidstro_govern::Operation;
use tidstro_model::{Decimal, Mark};
use tidstro_store::{ValueHistory, ValueVersion, WhyQuery};

use crate::answer::granted;
use crate::correct::finest;
use crate::disclose::{SeriesAsk, SeriesLine, ask_for, line};
use crate::{Answer, FlowFault, Workspace};

/// The versions of one value. It has no `Debug`: nothing prints a person's values.
#[derive(Clone, PartialEq, Eq)]
pub struct ValueStory {
    /// Its series.
    pub line: SeriesLine,
    /// Whether the purpose sees values this fine; otherwise they are left out.
    pub is_shown: bool,
    /// The versions, the oldest first.
    pub versions: Vec<StoryVersion>,
}

/// A version in which a value became something else.
#[derive(Clone, PartialEq, Eq)]
pub struct StoryVersion {
    /// Number of the registration.
    pub registered_seq: i64,
    /// When it was registered.
    pub registered: Timestamp,
    /// What made it: `source`, `validation`, `estimation`, `correction` or `cancellation`.
    pub cause: &'static str,
    /// The file or upload it came from, or the kind of job.
    pub source: String,
    /// The lines of a file that say the same, from 1, where one was looked at (see [`crate::find_lines`]).
    pub lines: Vec<u64>,
    /// The rules or methods, by name.
    pub made_by: Option<String>,
    /// Who registered it, as far as the log still says so.
    pub actor: Option<String>,
    /// Why, where a person said so.
    pub reason: Option<String>,
    /// The value; `None` where it is missing or not shown.
    pub value: Option<Decimal>,
    /// Its quality, whether it corrects, the rules it failed, the method of an estimate.
    pub mark: Mark,
}

/// Where the value of an instant comes from. Of the ask count actor, purpose, category, point or area, series and `as_of`.
///
/// # Errors
/// [`FlowFault`] for an unknown area, or if the store fails.
pub async fn why_value(
    workspace: &Workspace,
    asked: &SeriesAsk,
    at: Timestamp,
    now: Timestamp,
) -> Result<Answer<Vec<ValueStory>>, FlowFault> {
    let resolution = finest(workspace, &asked.purpose, &asked.category);
    let ask = ask_for(workspace, &SeriesAsk { resolution, ..asked.clone() }, Operation::Read).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let query = WhyQuery { series: asked.series, at, as_of: asked.as_of };
    let told = workspace.store.why(&permit, query, now).await?.open(&permit)?;
    Ok(Answer::Given(told.into_iter().map(story).collect()))
}

fn story(history: ValueHistory) -> ValueStory {
    let versions = history.versions.into_iter().map(version).collect();
    ValueStory { line: line(history.entry), is_shown: history.is_shown, versions }
}

fn version(version: ValueVersion) -> StoryVersion {
    let (said_by, reason) = version.note.map(|note| (note.actor.to_string(), note.reason)).unzip();
    StoryVersion {
        registered_seq: version.registered_seq,
        registered: version.registered,
        cause: version.cause.word(),
        source: version.source,
        lines: Vec::new(),
        made_by: version.made_by,
        actor: said_by.or(version.actor),
        reason,
        value: version.value,
        mark: version.mark,
    }
}

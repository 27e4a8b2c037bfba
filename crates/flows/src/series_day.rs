//! One local day of a series at the desk: every version of it, with who made it and why, and which went out.
//!
//! This file opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_govern::{Ask, Operation, Target};
use tidstro_model::{DayRange, SeriesNo};
use tidstro_store::DayStage;

use crate::answer::granted;
use crate::correct::finest;
use crate::disclose::{SeriesLine, SeriesValue, line, value};
use crate::findings::FindingsAsk;
use crate::{Answer, FlowFault, Workspace};

/// A day of a series. It has no `Debug`: nothing prints a person's values.
#[derive(Clone, PartialEq, Eq)]
pub struct SeriesDay {
    /// The series.
    pub line: SeriesLine,
    /// Whether the purpose sees values this fine; otherwise they are left out.
    pub is_shown: bool,
    /// The versions, the oldest first.
    pub versions: Vec<SeriesDayVersion>,
}

/// A version of a day.
#[derive(Clone, PartialEq, Eq)]
pub struct SeriesDayVersion {
    /// Number of the registration.
    pub registered_seq: i64,
    /// When it was registered.
    pub registered: Timestamp,
    /// What made it: `source`, `validation`, `estimation`, `correction`, `cancellation` or `acceptance`.
    pub cause: &'static str,
    /// The file or upload it came from, or the kind of job.
    pub source: String,
    /// The rules or methods, by name.
    pub made_by: Option<String>,
    /// Who registered it, as far as the log still says so.
    pub actor: Option<String>,
    /// Why, where a person said so.
    pub reason: Option<String>,
    /// Whether it was released.
    pub is_released: bool,
    /// Values that are other than in the version before, by number or mark.
    pub changed: u32,
    /// Whether somebody accepted a value of it as it is.
    pub has_accepted: bool,
    /// The values in order of time, no finer than the purpose sees.
    pub values: Vec<SeriesValue>,
}

/// The versions of a local day of a series; `None` if nothing of it is in the asker's scope.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn series_day(
    workspace: &Workspace,
    asked: &FindingsAsk,
    (series, day): (SeriesNo, Date),
    now: Timestamp,
) -> Result<Answer<Option<SeriesDay>>, FlowFault> {
    let ask = Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation: Operation::Read,
        category: asked.category.clone(),
        target: Target::Everything,
        days: DayRange::new(day, day.tomorrow().unwrap_or(Date::MAX))?,
        resolution: finest(workspace, &asked.purpose, &asked.category),
        recipient: None,
        factors: asked.factors,
    };
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let history = workspace.store.day_history(&permit, (series, day), now).await?.open(&permit)?;
    Ok(Answer::Given(history.map(|history| SeriesDay {
        line: line(history.entry),
        is_shown: history.is_shown,
        versions: history.versions.into_iter().map(version).collect(),
    })))
}

fn version(stage: DayStage) -> SeriesDayVersion {
    let DayStage { seq, registration, note, is_released, changed, has_accepted, spans } = stage;
    let (said_by, reason) = note.map(|note| (note.actor.to_string(), note.reason)).unzip();
    SeriesDayVersion {
        registered_seq: seq,
        registered: registration.registered,
        cause: registration.cause.word(),
        source: registration.source,
        made_by: registration.made_by,
        actor: said_by.or(registration.actor),
        reason,
        is_released,
        changed,
        has_accepted,
        values: spans.into_iter().map(value).collect(),
    }
}

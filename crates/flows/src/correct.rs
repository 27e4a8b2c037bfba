//! What people say a value is: corrections and cancellations, each at its own moment.
//!
//! What comes in: who says so, what for, and values with their reasons, one by one or as rows of a file. What goes out: for
//! each what it was and what became of it. A row that cannot be is refused by line; the others go through. This file opens
//! what the store discloses (see `tests/doors.rs`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_govern::{Ask, Finest, Operation, Target};
use tidstro_model::{
    ActivityId, ActorId, CategoryId, DayRange, Decimal, PointNo, Quality, Resolution, SeriesNo, Unit,
};
use tidstro_store::{Corrected, Correction, CorrectionOutcome};

use crate::alarms::permits_to_watch;
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Who corrects, what for, and what.
#[derive(Clone, PartialEq, Eq)]
pub struct CorrectAsk {
    /// Who says so.
    pub actor: ActorId,
    /// What for: an activity that corrects.
    pub purpose: ActivityId,
    /// Category of the series.
    pub category: CategoryId,
    /// The values.
    pub values: Vec<ValueGiven>,
    /// Only tell what would happen.
    pub is_dry: bool,
}

/// What one value is, in somebody's word. It has no `Debug`: a reason may name people.
#[derive(Clone, PartialEq, Eq)]
pub struct ValueGiven {
    /// Line of the file, from 1.
    pub line: u64,
    /// The metering point, by its own identifier or GSRN.
    pub point: String,
    /// Which of its series; needed where it has several.
    pub series: Option<SeriesNo>,
    /// Start of the interval, or instant of the reading.
    pub at: Timestamp,
    /// What it is, in kWh or MJ of energy, else in the unit of the series; `None` cancels the value.
    pub value: Option<(Decimal, Quality)>,
    /// Why.
    pub reason: String,
}

/// What became of a value that was given.
#[derive(Clone, PartialEq, Eq)]
pub struct ValueTaken {
    /// Line of the file, from 1.
    pub line: u64,
    /// The metering point.
    pub point: String,
    /// Start of the interval, or instant of the reading.
    pub at: Timestamp,
    /// Unit of the series; `None` where there is no series.
    pub unit: Option<Unit>,
    /// What it was, in that unit; `None` if it was missing, or is finer than the purpose sees.
    pub before: Option<Decimal>,
    /// What became of it.
    pub outcome: ValueOutcome,
}

/// What became of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueOutcome {
    /// A new version has it; in a dry run, would have it.
    Changed,
    /// It was that already.
    AsItWas,
    /// It cannot be, and why.
    Refused(String),
}

/// Corrects values.
///
/// # Errors
/// [`FlowFault`] if the store fails; nothing is kept then.
pub async fn correct(
    workspace: &Workspace,
    asked: CorrectAsk,
    now: Timestamp,
) -> Result<Answer<Vec<ValueTaken>>, FlowFault> {
    let points = points_of(workspace, &asked.values).await?;
    let permit = granted!(workspace.store.permit(ask_of(workspace, &asked, &points), now).await?);
    let given = asked.values.iter();
    let corrections = given.clone().map(|value| Correction {
        point: points.get(value.point.as_str()).copied().unwrap_or(PointNo::new(0)),
        series: value.series,
        at: value.at,
        value: value.value,
        reason: value.reason.clone(),
    });
    let alarms = permits_to_watch(workspace, &asked.actor, now).await?;
    let corrections = corrections.collect();
    let done = workspace.store.correct((&permit, &alarms), corrections, asked.is_dry, now).await?;
    let done = done.open(&permit)?;
    Ok(Answer::Given(given.zip(done).map(taken).collect()))
}

fn taken((given, done): (&ValueGiven, Corrected)) -> ValueTaken {
    ValueTaken {
        line: given.line,
        point: given.point.clone(),
        at: given.at,
        unit: done.entry.map(|entry| entry.meta.unit),
        before: done.before,
        outcome: match done.outcome {
            CorrectionOutcome::Changed => ValueOutcome::Changed,
            CorrectionOutcome::AsItWas => ValueOutcome::AsItWas,
            CorrectionOutcome::Refused(why) => ValueOutcome::Refused(why.to_string()),
        },
    }
}

/// The numbers of the points; one that nobody has becomes a point that does not exist, and the gate decides about it.
async fn points_of<'a>(
    workspace: &Workspace,
    values: &'a [ValueGiven],
) -> Result<BTreeMap<&'a str, PointNo>, FlowFault> {
    let mut points = BTreeMap::new();
    for value in values {
        if !points.contains_key(value.point.as_str()) {
            let number = workspace.store.named_point(value.point.clone()).await?;
            points.insert(value.point.as_str(), number.unwrap_or(PointNo::new(0)));
        }
    }
    Ok(points)
}

/// One ask for all values: of their point, or where there are several of everything.
fn ask_of(workspace: &Workspace, asked: &CorrectAsk, points: &BTreeMap<&str, PointNo>) -> Ask {
    let mut numbers = points.values();
    let target = match (numbers.next(), numbers.next()) {
        (Some(point), None) => Target::Point(*point),
        _ => Target::Everything,
    };
    let days = || asked.values.iter().map(|value| workspace.zone().day_of(value.at));
    let range = days().min().zip(days().max().and_then(|last| last.tomorrow().ok()));
    let range = range.and_then(|(first, end)| DayRange::new(first, end).ok());
    Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation: Operation::Correct,
        category: asked.category.clone(),
        target,
        days: range.unwrap_or(DayRange::always()),
        resolution: finest(workspace, &asked.purpose, &asked.category),
        recipient: None,
        factors: 1,
    }
}

/// The finest resolution in which a purpose sees a category; raw where it sees none, which the gate refuses.
pub(crate) fn finest(workspace: &Workspace, purpose: &ActivityId, category: &CategoryId) -> Resolution {
    let activity = workspace.register().activity(purpose);
    let rule = activity.and_then(|activity| activity.data.iter().find(|rule| rule.category == *category));
    match rule.map(|rule| rule.finest) {
        Some(Finest::Resolution(resolution)) => resolution,
        Some(Finest::Full) | None => Resolution::Raw,
    }
}

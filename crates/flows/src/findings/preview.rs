//! What a decision would do, day by day, with a hash by which it is named.
//!
//! What comes in: a cause, the days that were chosen, a decision. What goes out: each day that still waits with what would become of
//! it. The hash is over all of that: who decides names it, and what is other by then is not done. This file opens what the store
//! discloses (see `tests/doors.rs`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use tidstro_govern::{Operation, Refuse};
use tidstro_model::{DayRange, Decimal, Findings, Resolution, Rule, SeriesNo};
use tidstro_store::{
    Decided, EstimateJob, EstimatedSeries, FindingCursor, Permit, ProfileChoice, WantedFindings,
};

use super::causes::look;
use super::{FindingCause, FindingsAsk, OpenFindingLine, ask_of};
use crate::alarms::permits_to_watch;
use crate::answer::given;
use crate::correct::finest;
use crate::estimate::{CHAIN_DAYS, EstimateMethod};
use crate::{Answer, FlowFault, Workspace};

/// Who decides what about which days.
#[derive(Clone, PartialEq, Eq)]
pub struct DecisionAsk {
    /// Who, and what for.
    pub asked: FindingsAsk,
    /// The cause.
    pub cause: FindingCause,
    /// The days.
    pub chosen: Vec<FindingCursor>,
    /// What about them.
    pub decision: Decision,
}

/// A decision about days that wait. It has no `Debug`: a reason may name people.
#[derive(Clone, PartialEq, Eq)]
pub enum Decision {
    /// Values are made in the place of those that failed the rule, and of all that the day misses.
    Estimate(EstimateMethod),
    /// The values, or their absence, stand as they are.
    Accept {
        /// Why, in the own words of whoever says so; sealed with each day.
        reason: String,
    },
}

/// What a decision would do.
#[derive(Clone, PartialEq, Eq)]
pub struct DecisionPreview {
    /// The days that still wait, in the order chosen.
    pub lines: Vec<DecisionLine>,
    /// How many chosen days wait no more, or are out of reach.
    pub gone: usize,
    /// SHA-256 over all of this and the decision, in hexadecimal digits.
    pub hash: String,
}

/// What would become of a day.
#[derive(Clone, PartialEq, Eq)]
pub struct DecisionLine {
    /// The day.
    pub found: OpenFindingLine,
    /// What would become of it.
    pub effect: DecisionEffect,
}

/// What would become of a day. It has no `Debug`: sums belong to people.
#[derive(Clone, PartialEq, Eq)]
pub enum DecisionEffect {
    /// So many values would be accepted.
    Accepts(u32),
    /// Values would be made.
    Makes {
        /// How many.
        made: u32,
        /// How many are still missing then.
        left: u32,
        /// Sum of the day afterwards, in the unit of the series; `None` where intervals are finer than the purpose sees.
        sum: Option<Decimal>,
    },
    /// No value can be made.
    Nothing,
}

impl DecisionEffect {
    /// Whether the day would get a version.
    #[must_use]
    pub const fn is_something(&self) -> bool {
        matches!(self, Self::Accepts(1..) | Self::Makes { made: 1.., .. })
    }
}

/// What a decision would do, and the hash it is named by.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn preview_decision(
    workspace: &Workspace,
    asked: &DecisionAsk,
    now: Timestamp,
) -> Result<Answer<DecisionPreview>, FlowFault> {
    let mut chosen = asked.chosen.clone();
    chosen.sort_unstable();
    chosen.dedup();
    let wanted = WantedFindings::These(chosen.clone());
    let waiting = given!(look(workspace, &asked.asked, (&asked.cause, wanted), now).await?).lines;
    let effects = match &asked.decision {
        Decision::Accept { .. } => {
            waiting.iter().map(|found| DecisionEffect::Accepts(found.failed)).collect()
        }
        Decision::Estimate(method) => {
            given!(estimated(workspace, (asked, *method), (&waiting, true), now).await?)
        }
    };
    let gone = chosen.len().saturating_sub(waiting.len());
    let lines: Vec<DecisionLine> =
        waiting.into_iter().zip(effects).map(|(found, effect)| DecisionLine { found, effect }).collect();
    let hash = hash(asked, &lines);
    Ok(Answer::Given(DecisionPreview { lines, gone, hash }))
}

/// What was looked at and what would be done, as bytes that differ where something does.
fn hash(asked: &DecisionAsk, lines: &[DecisionLine]) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    let FindingCause { area, rule, resolution } = asked.cause;
    let FindingsAsk { purpose, category, .. } = &asked.asked;
    add(&format!("{purpose} {category} {area} {} {}", rule.code(), resolution.code()));
    match &asked.decision {
        Decision::Estimate(method) => add(method.word()),
        Decision::Accept { reason } => add(reason),
    }
    for DecisionLine { found, effect } in lines {
        let (kind, first, second, sum) = match effect {
            DecisionEffect::Accepts(count) => ("accepts", *count, 0, None),
            DecisionEffect::Makes { made, left, sum } => ("makes", *made, *left, *sum),
            DecisionEffect::Nothing => ("nothing", 0, 0, None),
        };
        let sum = sum.map(|sum| sum.to_string()).unwrap_or_default();
        add(&format!("{} {} {} {kind} {first} {second} {sum}", found.line.series, found.day, found.seq));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Estimates each of the days by itself, or tells what that would make.
pub(super) async fn estimated(
    workspace: &Workspace,
    (asked, method): (&DecisionAsk, EstimateMethod),
    (waiting, is_dry): (&[OpenFindingLine], bool),
    now: Timestamp,
) -> Result<Answer<Vec<DecisionEffect>>, FlowFault> {
    let (permit, alarms) = match permits(workspace, asked, waiting, now).await? {
        Some(Ok(permits)) => permits,
        Some(Err(refuse)) => return Ok(Answer::Refused(refuse)),
        None => return Ok(Answer::Given(Vec::new())),
    };
    let mut made = BTreeMap::new();
    for (day, series) in by_day(waiting) {
        let job = job((method, asked.cause.rule), day, is_dry)?;
        let done = workspace.store.estimate((&permit, &alarms), job, series, now).await?.open(&permit)?;
        made.extend(done.series.into_iter().map(|told| ((day, told.entry.meta.series), effect(&told))));
    }
    let effects = waiting.iter().map(|found| {
        let effect = made.remove(&(found.day, found.line.series));
        effect.unwrap_or(DecisionEffect::Nothing)
    });
    Ok(Answer::Given(effects.collect()))
}

/// Permits to correct these days, and to keep alarms of series that are estimated for too long; none where there is no day.
pub(super) async fn permits(
    workspace: &Workspace,
    asked: &DecisionAsk,
    waiting: &[OpenFindingLine],
    now: Timestamp,
) -> Result<Option<Result<(Permit, Vec<Permit>), Refuse>>, FlowFault> {
    let days = || waiting.iter().map(|found| found.day);
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return Ok(None) };
    let days = DayRange::new(first, last.tomorrow().unwrap_or(Date::MAX))?;
    let FindingsAsk { actor, purpose, category, .. } = &asked.asked;
    let resolution: Resolution = finest(workspace, purpose, category);
    let what = (Operation::Correct, days, resolution);
    let ask = ask_of((&asked.asked, Some(asked.cause.area)), what);
    Ok(Some(match workspace.store.permit(ask, now).await? {
        Decided::Granted(permit) => Ok((permit, permits_to_watch(workspace, actor, now).await?)),
        Decided::Refused(refuse) => Err(refuse),
    }))
}

fn by_day(waiting: &[OpenFindingLine]) -> BTreeMap<Date, Vec<SeriesNo>> {
    let mut days: BTreeMap<Date, Vec<SeriesNo>> = BTreeMap::new();
    for found in waiting {
        days.entry(found.day).or_default().push(found.line.series);
    }
    days
}

fn job((method, rule): (EstimateMethod, Rule), day: Date, is_dry: bool) -> Result<EstimateJob, FlowFault> {
    Ok(EstimateJob {
        days: DayRange::new(day, day.tomorrow().unwrap_or(Date::MAX))?,
        plan: method.plan(),
        profile: ProfileChoice::ByClass(BTreeMap::new()),
        check_meter: None,
        rejected: Findings::of(&[rule]),
        chain_days: CHAIN_DAYS,
        is_dry,
    })
}

fn effect(told: &EstimatedSeries) -> DecisionEffect {
    let made = told.days.iter().flat_map(|day| &day.made).map(|(_, count)| count).sum();
    let left = told.days.iter().map(|day| day.left).sum();
    match made {
        0 => DecisionEffect::Nothing,
        _ => DecisionEffect::Makes { made, left, sum: told.days.first().and_then(|day| day.sum) },
    }
}

//! Disclosing series: to a resident their own, to staff what their purpose allows.
//!
//! This file opens what the store discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use tidstro_govern::{Ask, Operation, Recipient, Target};
use tidstro_metering::Span;
use tidstro_model::{
    ActivityId, ActorId, AreaKind, CategoryId, Commodity, DayRange, Decimal, Findings, Method, Quality,
    QuantityKind, Resolution, SeriesNo, Unit,
};
use tidstro_store::{DisclosedSeries, SeriesEntry, SeriesQuery};

use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Who asks for which series, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesAsk {
    /// Who asks.
    pub actor: ActorId,
    /// What for: an activity of the register.
    pub purpose: ActivityId,
    /// Which category of data.
    pub category: CategoryId,
    /// One metering point, by its own identifier or GSRN.
    pub point: Option<String>,
    /// One building or grid area, by name.
    pub area: Option<String>,
    /// One series.
    pub series: Option<SeriesNo>,
    /// The local days.
    pub days: DayRange,
    /// The resolution of the answer.
    pub resolution: Resolution,
    /// The versions as they were known then; `None` for now.
    pub as_of: Option<Timestamp>,
    /// To whom the answer would be handed, for an export to somebody outside.
    pub recipient: Option<Recipient>,
    /// How many factors the actor's session has proved: 1 or 2.
    pub factors: u8,
}

/// A series in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesLine {
    /// Its number.
    pub series: SeriesNo,
    /// The point's own identifier or GSRN.
    pub point: String,
    /// Building or grid area.
    pub area: String,
    /// Kind of the area.
    pub area_kind: AreaKind,
    /// What the point delivers or observes.
    pub commodity: Commodity,
    /// Flat, if the point lies in one.
    pub flat: Option<String>,
    /// Room, if the point lies in one.
    pub room: Option<String>,
    /// What is measured.
    pub quantity: QuantityKind,
    /// Unit of the values.
    pub unit: Unit,
    /// Resolution of interval values; raw for registers.
    pub resolution: Resolution,
    /// Whether values are differences of a register that counts up.
    pub is_cumulative: bool,
}

/// A value of a series for a period.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SeriesValue {
    /// First instant of the period; the instant itself for a raw reading.
    pub start: Timestamp,
    /// First instant after the period.
    pub end: Timestamp,
    /// The value; `None` where it is missing.
    pub value: Option<Decimal>,
    /// Its quality.
    pub quality: Quality,
    /// Parts that are there, of those the period has.
    pub present: u32,
    /// Parts the period has: intervals, or local days of a register.
    pub expected: u32,
    /// Parts that are there and estimated.
    pub estimated: u32,
    /// How the estimated parts were made, where all were made here and in one way.
    pub method: Option<Method>,
    /// Rules that failed.
    pub findings: Findings,
    /// Whether it replaced another value.
    pub corrected: bool,
}

/// A series with its values, for the one who asked.
#[derive(Clone, PartialEq, Eq)]
pub struct SeriesView {
    /// Which series.
    pub line: SeriesLine,
    /// The local days that were in scope.
    pub days: DayRange,
    /// The values in order of time.
    pub values: Vec<SeriesValue>,
}

/// The series in scope, without values.
///
/// # Errors
/// [`FlowFault`] for an unknown area, or if the store fails.
pub async fn list_series(
    workspace: &Workspace,
    asked: &SeriesAsk,
    now: Timestamp,
) -> Result<Answer<Vec<SeriesLine>>, FlowFault> {
    let ask = ask_for(workspace, asked, Operation::Read).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let entries = workspace.store.series_list(&permit, now).await?.open(&permit)?;
    Ok(Answer::Given(entries.into_iter().map(line).collect()))
}

/// The values in scope, at the resolution asked for. What the permit does not reach is not in the
/// answer, in any resolution.
///
/// # Errors
/// [`FlowFault`] for an unknown area, a resolution finer than the series, or if the store fails.
pub async fn show_series(
    workspace: &Workspace,
    asked: &SeriesAsk,
    now: Timestamp,
) -> Result<Answer<Vec<SeriesView>>, FlowFault> {
    let ask = ask_for(workspace, asked, Operation::Read).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let query = SeriesQuery {
        series: asked.series,
        days: asked.days,
        resolution: asked.resolution,
        as_of: asked.as_of,
    };
    let series = workspace.store.series(&permit, query, now).await?.open(&permit)?;
    Ok(Answer::Given(series.into_iter().map(view).collect()))
}

/// Some days of the scope at a resolution: a part of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesPart {
    /// The local days.
    pub days: DayRange,
    /// The resolution of the part.
    pub resolution: Resolution,
}

/// What a page shows of the series in scope.
#[derive(Clone, PartialEq, Eq)]
pub struct SeriesPage {
    /// The series, also those without values.
    pub lines: Vec<SeriesLine>,
    /// The values of each part, in the order asked.
    pub parts: Vec<Vec<SeriesView>>,
}

/// Several parts at once, asked for once: the ask names all days and the finest resolution of them, and is one entry in the log.
///
/// # Errors
/// [`FlowFault`] for an unknown area, a resolution finer than the series, or if the store fails.
pub async fn show_series_page(
    workspace: &Workspace,
    asked: &SeriesAsk,
    parts: &[SeriesPart],
    now: Timestamp,
) -> Result<Answer<SeriesPage>, FlowFault> {
    let ask = ask_for(workspace, asked, Operation::Read).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let lines = workspace.store.series_list(&permit, now).await?.open(&permit)?;
    let mut page = SeriesPage { lines: lines.into_iter().map(line).collect(), parts: Vec::new() };
    for SeriesPart { days, resolution } in parts.iter().copied() {
        let query = SeriesQuery { series: asked.series, days, resolution, as_of: asked.as_of };
        let series = workspace.store.series(&permit, query, now).await?.open(&permit)?;
        page.parts.push(series.into_iter().map(view).collect());
    }
    Ok(Answer::Given(page))
}

/// A resident's own name.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn own_name(
    workspace: &Workspace,
    actor: &ActorId,
    now: Timestamp,
) -> Result<Answer<String>, FlowFault> {
    let asked = SeriesAsk {
        actor: actor.clone(),
        purpose: ActivityId::parse("own-view")?,
        category: CategoryId::parse("identity")?,
        point: None,
        area: None,
        series: None,
        days: DayRange::always(),
        resolution: Resolution::Raw,
        as_of: None,
        recipient: None,
        factors: 1,
    };
    let ask = ask_for(workspace, &asked, Operation::Read).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let names = workspace.store.names(&permit, now).await?.open(&permit)?;
    Ok(Answer::Given(names.into_iter().map(|named| named.name).next().unwrap_or_default()))
}

/// The gate's ask. Without a point or area, residents mean themselves and staff mean everything.
pub(crate) async fn ask_for(
    workspace: &Workspace,
    asked: &SeriesAsk,
    operation: Operation,
) -> Result<Ask, FlowFault> {
    let target = target_of(workspace, &asked.actor, (asked.point.as_deref(), asked.area.as_deref())).await?;
    Ok(Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation,
        category: asked.category.clone(),
        target,
        days: asked.days,
        resolution: asked.resolution,
        recipient: asked.recipient.clone(),
        factors: asked.factors,
    })
}

/// What an actor means by a point or an area; without one, residents mean themselves and staff mean everything.
pub(crate) async fn target_of(
    workspace: &Workspace,
    actor: &ActorId,
    (point, area): (Option<&str>, Option<&str>),
) -> Result<Target, FlowFault> {
    match (point, area) {
        (Some(own_id), _) => workspace.point_target(own_id).await,
        (None, Some(name)) => area_target(workspace, name).await,
        (None, None) => Ok(actor.subject().map_or(Target::Everything, Target::Subject)),
    }
}

/// The area of a name.
pub(crate) async fn area_target(workspace: &Workspace, name: &str) -> Result<Target, FlowFault> {
    let areas = workspace.store.areas().await?;
    let found = areas.iter().find(|area| area.name == name);
    found.map(|area| Target::Area(area.area)).ok_or_else(|| FlowFault::UnknownArea { name: name.to_owned() })
}

/// A series as lists show it.
pub(crate) fn line(entry: SeriesEntry) -> SeriesLine {
    SeriesLine {
        series: entry.meta.series,
        point: entry.own_id,
        area: entry.area,
        area_kind: entry.area_kind,
        commodity: entry.meta.commodity,
        flat: entry.flat,
        room: entry.room,
        quantity: entry.meta.quantity,
        unit: entry.meta.unit,
        resolution: entry.meta.resolution,
        is_cumulative: entry.meta.is_cumulative(),
    }
}

pub(crate) fn view(series: DisclosedSeries) -> SeriesView {
    let values = series.spans.into_iter().map(value).collect();
    SeriesView { days: series.days, values, line: line(series.entry) }
}

/// A value as answers show it.
pub(crate) const fn value(span: Span) -> SeriesValue {
    SeriesValue {
        start: span.start,
        end: span.end,
        value: span.value,
        quality: span.quality,
        present: span.present,
        expected: span.expected,
        estimated: span.estimated,
        method: span.method,
        findings: span.findings,
        corrected: span.corrected,
    }
}

/// The actor that is the person master data call by this reference.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn resident_called(workspace: &Workspace, reference: &str) -> Result<Option<ActorId>, FlowFault> {
    Ok(workspace.store.referenced_subject(reference.to_owned()).await?.map(ActorId::resident))
}

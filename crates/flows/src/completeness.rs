//! How complete the readings of each building and grid area are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tidstro_model::{
    ActivityId, ActorId, AreaKind, CategoryId, ConnectionState, DayRange, GridArea, PointState, Resolution,
    SubType,
};
use tidstro_store::{AreaEntry, Which};

use crate::disclose::{SeriesAsk, SeriesView, show_series};
use crate::{Answer, FlowFault, Workspace};

/// What came in of what should have, for one area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaCompleteness {
    /// Building or grid area.
    pub area: String,
    /// Kind of the area.
    pub kind: AreaKind,
    /// Metering points that send values.
    pub points: u64,
    /// Metering points of which nothing came in at all.
    pub silent: u64,
    /// Parts expected: intervals in a grid area, days with a reading of each point in a building.
    pub expected: u64,
    /// Parts that are there.
    pub present: u64,
    /// Local days of a point that are whole, of `point_days`.
    pub whole_days: u64,
    /// Points times local days.
    pub point_days: u64,
}

/// Completeness per area over some local days, for an actor who validates.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn completeness(
    workspace: &Workspace,
    actor: &ActorId,
    days: DayRange,
    now: Timestamp,
) -> Result<Answer<Vec<AreaCompleteness>>, FlowFault> {
    let mut found = Vec::new();
    for mut area in workspace.store.areas().await? {
        let mut series = Vec::new();
        let sending = sending_days(workspace, &area, days).await?;
        for category in categories(area.kind) {
            let asked = daily(actor, &area, category, days)?;
            match show_series(workspace, &asked, now).await? {
                Answer::Given(views) => series.extend(views),
                Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
            }
        }
        series.iter_mut().for_each(|view| retain_sending(workspace, view, &sending));
        let sends_never = sending.iter().filter(|(_, days)| days.is_empty()).map(|(point, _)| point.as_str());
        let sends_never: BTreeSet<&str> = sends_never.collect();
        series.retain(|view| !sends_never.contains(view.line.point.as_str()));
        area.points = area.points.saturating_sub(sends_never.len() as u64);
        found.push(of_area(area, &series));
    }
    Ok(Answer::Given(found))
}

/// The days on which points of a grid area send values, by what the market knows of them; other points are not in it.
async fn sending_days(
    workspace: &Workspace,
    area: &AreaEntry,
    days: DayRange,
) -> Result<BTreeMap<String, Vec<DayRange>>, FlowFault> {
    let (Some(code), AreaKind::GridArea) = (GridArea::parse(&area.name), area.kind) else {
        return Ok(BTreeMap::new());
    };
    let mut sending: BTreeMap<String, Vec<DayRange>> = BTreeMap::new();
    for period in workspace.store.point_periods(Which::Area(code), DayRange::always(), None).await? {
        if period.state.area == code {
            let of_point = sending.entry(period.gsrn.to_string()).or_default();
            of_point.extend(period.days.intersect(days).filter(|_| sends(&period.state)));
        }
    }
    Ok(sending)
}

/// Whether somebody sends values of such a point: what the market computes, and what is not connected, sends none.
fn sends(state: &PointState) -> bool {
    state.connection == ConnectionState::Connected && state.sub_type != SubType::Calculated
}

/// Leaves the days on which the point sends.
fn retain_sending(workspace: &Workspace, view: &mut SeriesView, sending: &BTreeMap<String, Vec<DayRange>>) {
    let Some(days) = sending.get(&view.line.point) else { return };
    let sends = |day| days.iter().any(|days| days.contains(day));
    view.values.retain(|value| sends(workspace.zone().day_of(value.start)));
}

/// The categories of series an area has.
const fn categories(kind: AreaKind) -> &'static [&'static str] {
    match kind {
        AreaKind::GridArea => &["consumption"],
        AreaKind::Building | AreaKind::Unassigned => &["consumption", "indoor-climate"],
    }
}

fn daily(actor: &ActorId, area: &AreaEntry, category: &str, days: DayRange) -> Result<SeriesAsk, FlowFault> {
    let purpose = if area.kind == AreaKind::GridArea { "correctness-control" } else { "validation" };
    Ok(SeriesAsk {
        actor: actor.clone(),
        purpose: ActivityId::parse(purpose)?,
        category: CategoryId::parse(category)?,
        point: None,
        area: Some(area.name.clone()),
        series: None,
        days,
        resolution: Resolution::P1D,
        as_of: None,
        recipient: None,
        factors: 1,
    })
}

/// What one point had on one local day; the best of its series counts.
#[derive(Default, Clone, Copy)]
struct PointDay {
    present: u32,
    expected: u32,
}

fn of_area(area: AreaEntry, series: &[SeriesView]) -> AreaCompleteness {
    let AreaEntry { name: area, kind, points, .. } = area;
    let mut by_point: BTreeMap<&str, BTreeMap<Timestamp, PointDay>> = BTreeMap::new();
    let mut day_count = 0;
    for view in series {
        day_count = day_count.max(view.values.len() as u64);
        let days = by_point.entry(&view.line.point).or_default();
        for value in &view.values {
            let day = days.entry(value.start).or_default();
            day.present = day.present.max(value.present);
            day.expected = day.expected.max(value.expected);
        }
    }
    let seen = by_point.values().flat_map(BTreeMap::values);
    let heard = by_point.values().filter(|days| days.values().any(|day| day.present > 0));
    let silent = points.saturating_sub(heard.count() as u64);
    let unseen = points.saturating_sub(by_point.len() as u64);
    AreaCompleteness {
        area,
        kind,
        points,
        silent,
        expected: seen.clone().map(|day| u64::from(day.expected)).sum::<u64>() + unseen * day_count,
        present: seen.clone().map(|day| u64::from(day.present)).sum(),
        whole_days: seen.filter(|day| day.expected > 0 && day.present == day.expected).count() as u64,
        point_days: points * day_count,
    }
}

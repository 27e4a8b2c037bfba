//! How complete the readings of each building and grid area are.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_model::{ActivityId, ActorId, AreaKind, CategoryId, DayRange, Resolution};
use tidstro_store::AreaEntry;

use crate::disclose::{SeriesAsk, SeriesView, show_series};
use crate::{Answer, FlowFault, Workspace};

/// What came in of what should have, for one area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaCompleteness {
    /// Building or grid area.
    pub area: String,
    /// Kind of the area.
    pub kind: AreaKind,
    /// Metering points.
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
    for area in workspace.store.areas().await? {
        let mut series = Vec::new();
        for category in categories(area.kind) {
            let asked = daily(actor, &area, category, days)?;
            match show_series(workspace, &asked, now).await? {
                Answer::Given(views) => series.extend(views),
                Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
            }
        }
        found.push(of_area(area, &series));
    }
    Ok(Answer::Given(found))
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
    let silent =
        points - by_point.values().filter(|days| days.values().any(|day| day.present > 0)).count() as u64;
    let unseen = points - by_point.len() as u64;
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

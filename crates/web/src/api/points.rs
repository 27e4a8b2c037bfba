//! `/api/v1/points`: the metering points in scope, each with what lies there and its series.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde::Serialize;
use tidstro_flows::SeriesLine;
use utoipa::ToSchema;

use super::Answered;
use super::answer::json;
use super::asked::Asked;
use super::page::{Page, Piece, Place};
use super::series::{SeriesItem, SeriesQuery, lines};
use crate::visit::Visit;

/// One metering point.
#[derive(Serialize, ToSchema)]
#[schema(as = Point)]
pub(crate) struct PointItem {
    /// Its own identifier or GSRN.
    point: String,
    /// Building or grid area.
    area: String,
    /// `building`, `grid-area` or `unassigned`.
    area_kind: &'static str,
    /// Flat, if it lies in one.
    flat: Option<String>,
    /// Room, if it lies in one.
    room: Option<String>,
    /// What it delivers or observes.
    commodity: &'static str,
    /// Its series of the category asked for, by their numbers. At least one.
    series: Vec<SeriesItem>,
}

/// The metering points in scope that have a series, by the number of their first one.
#[utoipa::path(get, operation_id = "listPoints", path = "/api/v1/points", tag = "series", params(SeriesQuery),
    responses((status = 200, description = "A piece of the list.", body = Page<PointItem>)))]
pub(crate) async fn list(visit: Visit, Asked(asked): Asked<SeriesQuery>) -> Answered {
    let piece = Piece::asked(asked.limit, asked.cursor.as_deref())?;
    let mut points: BTreeMap<(String, String), Vec<SeriesLine>> = BTreeMap::new();
    for line in lines(&visit, asked).await? {
        points.entry((line.area.clone(), line.point.clone())).or_default().push(line);
    }
    let first = |lines: &Vec<SeriesLine>| {
        Place(lines.iter().map(|line| u64::from(line.series.as_u32())).min().unwrap_or_default(), 0)
    };
    json(StatusCode::OK, &piece.of(points.into_values(), first, point))
}

/// A point of its series, of which there is one at least.
fn point(lines: Vec<SeriesLine>) -> PointItem {
    let first = lines.first();
    PointItem {
        point: first.map(|line| line.point.clone()).unwrap_or_default(),
        area: first.map(|line| line.area.clone()).unwrap_or_default(),
        area_kind: first.map(|line| line.area_kind.code()).unwrap_or_default(),
        flat: first.and_then(|line| line.flat.clone()),
        room: first.and_then(|line| line.room.clone()),
        commodity: first.map(|line| line.commodity.code()).unwrap_or_default(),
        series: lines.into_iter().map(SeriesItem::from).collect(),
    }
}

//! `/api/v1/series`: the series in scope.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tidstro_flows::{SeriesAsk, SeriesLine, list_series};
use tidstro_model::{DayRange, Resolution};
use utoipa::ToSchema;

use super::Answered;
use super::answer::json;
use super::asked::{Asked, text};
use super::caller::{Caller, Does};
use super::page::{Page, Piece, Place};
use super::slip::Slip;
use crate::answered::Problem;
use crate::portal::given;
use crate::visit::Visit;

/// Which series.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SeriesQuery {
    /// One metering point, by its own identifier or GSRN.
    #[param(min_length = 1, max_length = 100, pattern = "^[ -~]+$")]
    point: Option<String>,
    /// One building or grid area, by name.
    #[param(min_length = 1, max_length = 100, pattern = "^[ -~]+$")]
    area: Option<String>,
    /// What for: an activity of the register. Without it, the first that suits.
    #[param(pattern = "^[a-z][a-z0-9:.-]{0,63}$")]
    purpose: Option<String>,
    /// Which category of data; without it, consumption.
    #[param(pattern = "^[a-z][a-z0-9:.-]{0,63}$")]
    category: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000)]
    pub(super) limit: Option<u32>,
    /// `next` of the piece before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    pub(super) cursor: Option<String>,
}

/// One series.
#[derive(Serialize, ToSchema)]
#[schema(as = Series)]
pub(crate) struct SeriesItem {
    /// Its number, a pseudonym.
    series: u32,
    /// The metering point's own identifier or GSRN.
    point: String,
    /// Building or grid area.
    area: String,
    /// `building`, `grid-area` or `unassigned`.
    area_kind: &'static str,
    /// Flat, if the point lies in one.
    flat: Option<String>,
    /// Room, if the point lies in one.
    room: Option<String>,
    /// What the point delivers or observes.
    commodity: &'static str,
    /// What is measured.
    quantity: &'static str,
    /// Unit of the values.
    unit: &'static str,
    /// Resolution of interval values; `raw` for registers.
    resolution: &'static str,
    /// Whether values are differences of a register that counts up.
    is_cumulative: bool,
}

impl From<SeriesLine> for SeriesItem {
    fn from(line: SeriesLine) -> Self {
        Self {
            series: line.series.as_u32(),
            area_kind: line.area_kind.code(),
            commodity: line.commodity.code(),
            quantity: line.quantity.code(),
            unit: line.unit.code(),
            resolution: line.resolution.code(),
            is_cumulative: line.is_cumulative,
            point: line.point,
            area: line.area,
            flat: line.flat,
            room: line.room,
        }
    }
}

/// The series in scope, by their numbers.
#[utoipa::path(get, operation_id = "listSeries", path = "/api/v1/series", tag = "series", params(SeriesQuery),
    responses((status = 200, description = "A piece of the list.", body = Page<SeriesItem>)))]
pub(crate) async fn list(visit: Visit, Asked(asked): Asked<SeriesQuery>) -> Answered {
    let piece = Piece::asked(asked.limit, asked.cursor.as_deref())?;
    let lines = lines(&visit, asked).await?;
    json(StatusCode::OK, &piece.of(lines, |line| Place(line.series.as_u32().into(), 0), SeriesItem::from))
}

/// The series the caller may see.
pub(super) async fn lines(visit: &Visit, asked: SeriesQuery) -> Result<Vec<SeriesLine>, Problem> {
    let caller = Caller::of(visit)?;
    let named = (asked.purpose.as_deref(), asked.category.as_deref());
    let purpose = caller.purpose(Does::Series, named)?;
    let ask = SeriesAsk {
        actor: caller.actor().clone(),
        purpose: purpose.activity,
        category: purpose.category,
        point: text("point", asked.point)?,
        area: text("area", asked.area)?,
        series: None,
        days: DayRange::always(),
        // What is in a list is told in any resolution.
        resolution: Resolution::P1Y,
        as_of: None,
        recipient: None,
        factors: caller.factors(),
    };
    let listed = list_series(visit.web().workspace(), &ask, visit.now).await;
    given(listed.map_err(Slip::of_area)?)
}

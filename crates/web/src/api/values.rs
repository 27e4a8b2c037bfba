//! `/api/v1/series/{series}/values`: what one series says.

use axum::extract::Path;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tidstro_flows::{SeriesAsk, SeriesValue, show_series};
use tidstro_model::{Resolution, Rule, SeriesNo};
use utoipa::ToSchema;

use super::Answered;
use super::answer::json;
use super::asked::{Asked, days, instant, resolution};
use super::caller::{Caller, Does};
use super::page::{Page, Piece, Place};
use super::slip::Slip;
use crate::answered::Problem;
use crate::portal::given;
use crate::visit::Visit;

/// Which values.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ValuesQuery {
    /// The first local day.
    #[param(format = Date)]
    from: Option<String>,
    /// The first local day after the last.
    #[param(format = Date)]
    to: Option<String>,
    /// `raw`, `PT15M`, `PT1H`, `P1D`, `P1M` or `P1Y`; without it, days.
    #[param(pattern = "^(raw|PT15M|PT1H|P1D|P1M|P1Y)$")]
    resolution: Option<String>,
    /// The values as they were known at this instant; without it, now.
    #[param(format = DateTime)]
    as_of: Option<String>,
    /// What for: an activity of the register. Without it, the first that suits.
    #[param(pattern = "^[a-z][a-z0-9:.-]{0,63}$")]
    purpose: Option<String>,
    /// Which category of data; without it, consumption.
    #[param(pattern = "^[a-z][a-z0-9:.-]{0,63}$")]
    category: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next` of the piece before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    cursor: Option<String>,
}

/// The value of one period.
#[derive(Serialize, ToSchema)]
#[schema(as = Value)]
pub(crate) struct ValueItem {
    /// First instant of the period; the instant itself for a raw reading.
    #[schema(format = DateTime)]
    start: String,
    /// First instant after the period.
    #[schema(format = DateTime)]
    end: String,
    /// The value in the unit of the series, as a decimal; null where it is missing.
    #[schema(pattern = "^-?[0-9]+(\\.[0-9]+)?$")]
    value: Option<String>,
    /// Its quality: `measured`, `estimated`, `calculated`, `missing`.
    quality: &'static str,
    /// Parts that are there, of those the period has.
    present: u32,
    /// Parts the period has.
    expected: u32,
    /// Whether it replaced another value.
    corrected: bool,
    /// Rules of validation that it failed.
    findings: Vec<&'static str>,
}

impl From<SeriesValue> for ValueItem {
    fn from(value: SeriesValue) -> Self {
        Self {
            start: value.start.to_string(),
            end: value.end.to_string(),
            value: value.value.map(|value| value.to_string()),
            quality: value.quality.word(),
            present: value.present,
            expected: value.expected,
            corrected: value.corrected,
            findings: value.findings.rules().map(Rule::code).collect(),
        }
    }
}

/// The values of one series, in order of time. A series of somebody else is answered like one that is not there.
#[utoipa::path(get, operation_id = "listValues", path = "/api/v1/series/{series}/values", tag = "series",
    params(("series" = u32, Path, description = "Number of the series."), ValuesQuery),
    responses((status = 200, description = "A piece of the values.", body = Page<ValueItem>)))]
pub(crate) async fn list(
    visit: Visit,
    Path(series): Path<String>,
    Asked(asked): Asked<ValuesQuery>,
) -> Answered {
    let piece = Piece::asked(asked.limit, asked.cursor.as_deref())?;
    let ask = ask(&visit, &series, &asked)?;
    let views = show_series(visit.web().workspace(), &ask, visit.now).await.map_err(Slip::of_area)?;
    let views = given(views)?;
    if views.is_empty() {
        return Err(Problem::NotFound);
    }
    // Somebody who moved out and in again has two stretches of one series.
    let values = views.into_iter().flat_map(|view| view.values);
    json(
        StatusCode::OK,
        &piece.of(values, |value| Place::at(value.start.as_millisecond(), ""), ValueItem::from),
    )
}

fn ask(visit: &Visit, series: &str, asked: &ValuesQuery) -> Result<SeriesAsk, Problem> {
    let caller = Caller::of(visit)?;
    let named = (asked.purpose.as_deref(), asked.category.as_deref());
    let purpose = caller.purpose(Does::Series, named)?;
    Ok(SeriesAsk {
        actor: caller.actor().clone(),
        purpose: purpose.activity,
        category: purpose.category,
        point: None,
        area: None,
        series: Some(SeriesNo::new(series.parse().map_err(|_| Problem::NotFound)?)),
        days: days(asked.from.as_deref(), asked.to.as_deref())?,
        resolution: asked.resolution.as_deref().map_or(Ok(Resolution::P1D), resolution)?,
        as_of: asked.as_of.as_deref().map(|given| instant("as_of", given)).transpose()?,
        recipient: None,
        factors: caller.factors(),
    })
}

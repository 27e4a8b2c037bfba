//! `/api/v1/alarms`: what meters say about themselves and the grid.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tidstro_flows::{AlarmAsk, AlarmLine, show_alarms};
use tidstro_metering::alarms::Phase;
use tidstro_model::SeriesNo;
use utoipa::ToSchema;

use super::Answered;
use super::answer::json;
use super::asked::{Asked, days, text};
use super::caller::{Caller, Does};
use super::page::{Page, Piece, Place};
use super::slip::Slip;
use crate::portal::given;
use crate::visit::Visit;

/// Which alarms.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AlarmsQuery {
    /// One metering point, by its own identifier or GSRN.
    #[param(min_length = 1, max_length = 100, pattern = "^[ -~]+$")]
    point: Option<String>,
    /// One building or grid area, by name.
    #[param(min_length = 1, max_length = 100, pattern = "^[ -~]+$")]
    area: Option<String>,
    /// The first local day on which something happened.
    #[param(format = Date)]
    from: Option<String>,
    /// The first local day after the last.
    #[param(format = Date)]
    to: Option<String>,
    /// Only what stands.
    #[serde(default)]
    #[param(required = false)]
    standing: bool,
    /// What for: an activity of the register. Without it, the first that suits.
    #[param(pattern = "^[a-z][a-z0-9:.-]{0,63}$")]
    purpose: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next` of the piece before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    cursor: Option<String>,
}

/// One alarm.
#[derive(Serialize, ToSchema)]
#[schema(as = Alarm)]
pub(crate) struct AlarmItem {
    /// What it says.
    code: &'static str,
    /// Which phase, where it is about one.
    phase: Option<&'static str>,
    /// How severe it is.
    severity: &'static str,
    /// Since when.
    #[schema(format = DateTime)]
    since: String,
    /// When it ended: the same instant for what only happened, null while it stands.
    #[schema(format = DateTime)]
    until: Option<String>,
    /// Identifier of its metering point.
    point: String,
    /// Building or grid area of the point.
    area: String,
    /// Flat, if the point lies in one.
    flat: Option<String>,
    /// The meter; null where the alarm is about a series.
    meter: Option<String>,
    /// The series that is estimated for too long; null where the alarm is a meter's.
    series: Option<u32>,
    /// Where its beginning was read.
    source: &'static str,
    /// The byte, the flags or the number as the meter gave it, in decimal digits.
    raw: String,
}

impl From<AlarmLine> for AlarmItem {
    fn from(line: AlarmLine) -> Self {
        Self {
            code: line.code.word(),
            phase: line.phase.map(Phase::word),
            severity: line.severity.word(),
            since: line.since.to_string(),
            until: line.until.map(|until| until.to_string()),
            meter: line.meter.map(|meter| meter.to_string()),
            series: line.series.map(SeriesNo::as_u32),
            source: line.source.word(),
            raw: line.raw.to_string(),
            point: line.point,
            area: line.area,
            flat: line.flat,
        }
    }
}

/// Alarms in scope, the newest first.
#[utoipa::path(get, operation_id = "listAlarms", path = "/api/v1/alarms", tag = "operation", params(AlarmsQuery),
    responses((status = 200, description = "A piece of the list.", body = Page<AlarmItem>)))]
pub(crate) async fn list(visit: Visit, Asked(asked): Asked<AlarmsQuery>) -> Answered {
    let piece = Piece::asked(asked.limit, asked.cursor.as_deref())?;
    let caller = Caller::of(&visit)?;
    let ask = AlarmAsk {
        actor: caller.actor().clone(),
        purpose: caller.purpose(Does::Alarms, (asked.purpose.as_deref(), None))?.activity,
        days: days(asked.from.as_deref(), asked.to.as_deref())?,
        point: text("point", asked.point)?,
        area: text("area", asked.area)?,
        standing: asked.standing,
    };
    let shown = show_alarms(visit.web().workspace(), &ask, visit.now).await.map_err(Slip::of_area)?;
    json(StatusCode::OK, &piece.of(given(shown)?.alarms, place, AlarmItem::from))
}

/// Alarms that began at once are told apart by their meter, code and phase.
fn place(line: &AlarmLine) -> Place {
    let whose = line.meter.map(|meter| meter.to_string()).unwrap_or_default();
    let series = line.series.map(SeriesNo::as_u32).unwrap_or_default();
    let phase = line.phase.map(Phase::word).unwrap_or_default();
    let what = format!("{whose} {series} {} {phase} {}", line.code.word(), line.raw);
    Place::newest_first(line.since.as_millisecond(), &what)
}

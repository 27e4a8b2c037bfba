//! `/api/v1/clocks`: what the law asks for in each case, by when to plan it and when it ends.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tidstro_flows::case_clocks;
use tidstro_govern::{ClockView, Moment};
use tidstro_model::CaseId;
use utoipa::ToSchema;

use super::Answered;
use super::answer::json;
use super::asked::Asked;
use super::page::{Page, Piece, Place};
use super::slip::{Slip, cut};
use crate::visit::Visit;

/// Which clocks.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ClocksQuery {
    /// One case.
    #[param(pattern = "^[a-z][a-z0-9:.-]{0,63}$")]
    case: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next` of the piece before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    cursor: Option<String>,
}

/// One clock of one case.
#[derive(Serialize, ToSchema)]
#[schema(as = Clock)]
pub(crate) struct ClockItem {
    /// The case.
    case: String,
    /// The obligation of the register.
    obligation: String,
    /// What must be done, in English.
    text: String,
    /// How it stands.
    state: &'static str,
    /// What started it.
    started_by: String,
    /// When that happened: an instant, or a local day where that is all that is known.
    started: String,
    /// The strict end, to plan by; null where the law names no time.
    #[schema(format = DateTime)]
    plan_by: Option<String>,
    /// The outer bound by law.
    #[schema(format = DateTime)]
    ends_at: Option<String>,
    /// The event to record when the next step is done; null when all is done.
    next: Option<String>,
    /// Law and article.
    cite: String,
}

/// The clocks of cases, those first that are to be planned by soonest. Those without a time come last.
#[utoipa::path(get, operation_id = "listClocks", path = "/api/v1/clocks", tag = "governance", params(ClocksQuery),
    responses((status = 200, description = "A piece of the list.", body = Page<ClockItem>)))]
pub(crate) async fn list(visit: Visit, Asked(asked): Asked<ClocksQuery>) -> Answered {
    let piece = Piece::asked(asked.limit, asked.cursor.as_deref())?;
    let case = asked
        .case
        .as_deref()
        .map(|given| CaseId::parse(given).map_err(|_| Slip::Name { name: "case", given: cut(given) }));
    let clocks = case_clocks(visit.web().workspace(), case.transpose()?, visit.now).await?;
    json(StatusCode::OK, &piece.of(clocks, place, |clock| item(&clock)))
}

fn place(clock: &ClockView<'_>) -> Place {
    let plan_by =
        clock.counted.as_ref().map_or(i64::MAX, |counted| counted.deadline.plan_by.as_millisecond());
    Place::at(plan_by, &format!("{} {}", clock.case, clock.obligation.id))
}

fn item(clock: &ClockView<'_>) -> ClockItem {
    let deadline = clock.counted.as_ref().map(|counted| counted.deadline);
    ClockItem {
        case: clock.case.to_string(),
        obligation: clock.obligation.id.to_string(),
        text: clock.obligation.text.en.clone(),
        state: clock.state.word(),
        started_by: clock.obligation.when.to_string(),
        started: moment(clock.started),
        plan_by: deadline.map(|deadline| deadline.plan_by.to_string()),
        ends_at: deadline.and_then(|deadline| deadline.ends_at).map(|end| end.to_string()),
        next: clock.next().map(|(trigger, _)| trigger.to_string()),
        cite: clock.obligation.cite.clone(),
    }
}

fn moment(at: Moment) -> String {
    match at {
        Moment::Instant(at) => at.to_string(),
        Moment::Day(day) => day.to_string(),
    }
}

//! `/api/v1/events`: what happened to a subject or in a case, as another program reports it (`docs/EVENTS.md`).

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tidstro_flows::{SubjectAsk, record_case_event, record_lease_event};
use tidstro_govern::Recorded;
use tidstro_govern::log::{Reported, read_report};
use utoipa::ToSchema;

use super::Answered;
use super::body::{Sent, whole};
use super::caller::{Caller, Does};
use super::slip::Slip;
use crate::answered::Problem;
use crate::portal::given;
use crate::visit::Visit;

/// What happened. Fields that a kind has no use for make it unreadable.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Event)]
pub(crate) struct EventBody {
    /// `lease-event` (to a subject) or `case-event` (in a case).
    #[schema(pattern = "^(lease-event|case-event)$")]
    kind: String,
    /// What happened: a trigger of the register, `extension`, `pause`, `resume`; or to a subject `consent-given`, `tenancy-end`, …
    #[schema(pattern = "^[a-z][a-z0-9:.-]{0,63}$")]
    what: String,
    /// The instant at which it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    at: Option<String>,
    /// Or the local day, where the clock time is not known. Exactly one of the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    on: Option<String>,
    /// The case; a new name opens one. Not a person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[a-z][a-z0-9:.-]{0,63}$")]
    case: Option<String>,
    /// The local day something announced starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    starts: Option<String>,
    /// Whose clock is moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[a-z][a-z0-9:.-]{0,63}$")]
    obligation: Option<String>,
    /// By how much, such as `P2M`.
    #[serde(skip_serializing_if = "Option::is_none")]
    extend: Option<String>,
    /// Why, without names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    reason: Option<String>,
    /// What master data call the subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100, pattern = "^[ -~]+$")]
    subject: Option<String>,
    /// What the reporter acts for: an activity of the register.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[a-z][a-z0-9:.-]{0,63}$")]
    purpose: Option<String>,
    /// The number of the occupancy it is about; none for all.
    #[serde(default, deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    occupancy: Option<u32>,
    /// Or of the dossier.
    #[serde(default, deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    dossier: Option<u32>,
    /// The one activity it is about; none for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[a-z][a-z0-9:.-]{0,63}$")]
    activity: Option<String>,
    /// The first local day accounted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    from: Option<String>,
    /// The first local day after them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    to: Option<String>,
}

/// What became of a report.
#[derive(Serialize, ToSchema)]
#[schema(as = EventOutcome)]
pub(crate) struct EventOutcome {
    /// Whether it is an event of the log now.
    recorded: bool,
    /// Its number in the facts of the log, if it is.
    fact: Option<i64>,
    /// Why it is kept aside instead, in a word.
    aside: Option<&'static str>,
    /// The same, and what to do.
    because: Option<String>,
}

/// Records what happened, by the same rules as `event record`; what the rules do not admit is kept aside as evidence and answered
/// with 202. Sent again under the same `Idempotency-Key`, it is answered as the first time.
#[utoipa::path(post, operation_id = "report", path = "/api/v1/events", tag = "governance", request_body = EventBody,
    responses(
        (status = 201, description = "It is recorded.", body = EventOutcome),
        (status = 202, description = "It is kept aside.", body = EventOutcome)
    ))]
pub(crate) async fn post(visit: Visit, sent: Sent<EventBody>) -> Answered {
    sent.once(&visit, async |body| Ok(outcome(record(&visit, &body).await?))).await
}

async fn record(visit: &Visit, body: &EventBody) -> Result<Recorded, Problem> {
    let (caller, workspace) = (Caller::of(visit)?, visit.web().workspace());
    let report = serde_json::to_vec(body).unwrap_or_default();
    let reported = read_report(&report, caller.actor(), visit.now, workspace.zone());
    match reported.map_err(|why| Slip::Report { why: why.word() })? {
        Reported::Case(event) => Ok(record_case_event(workspace, event, visit.now).await?),
        Reported::Lease(lease) => {
            let named = Some(lease.purpose.as_str());
            let purpose = caller.purpose(Does::Report, (named, None))?.activity;
            let ask = SubjectAsk {
                actor: caller.actor().clone(),
                purpose,
                reference: lease.reference,
                factors: caller.factors(),
            };
            given(record_lease_event(workspace, &ask, lease.event, visit.now).await?)
        }
    }
}

fn outcome(recorded: Recorded) -> (StatusCode, EventOutcome) {
    match recorded {
        Recorded::Kept(fact) => (
            StatusCode::CREATED,
            EventOutcome { recorded: true, fact: Some(fact), aside: None, because: None },
        ),
        Recorded::Aside(why) => {
            let (aside, because) = (Some(why.aside().word()), Some(why.to_string()));
            (StatusCode::ACCEPTED, EventOutcome { recorded: false, fact: None, aside, because })
        }
    }
}

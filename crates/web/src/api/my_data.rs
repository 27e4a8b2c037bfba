//! `/api/v1/my-data`: what is kept of a person, for which purpose, until when.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tidstro_flows::subject_leases;
use tidstro_govern::{Lease, Register};
use utoipa::ToSchema;

use super::Answered;
use super::answer::json;
use super::asked::Asked;
use super::caller::{Caller, Does};
use crate::portal::given;
use crate::visit::Visit;

/// There is nothing to choose.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// What is kept of the caller.
#[derive(Serialize, ToSchema)]
pub(crate) struct MyData {
    /// Whether something may not be erased because of a hold.
    is_held: bool,
    /// Each purpose that keeps something, or did.
    leases: Vec<LeaseItem>,
}

/// What one purpose keeps.
#[derive(Serialize, ToSchema)]
#[schema(as = Lease)]
pub(crate) struct LeaseItem {
    /// The purpose: an activity of the register.
    purpose: String,
    /// The same in words, in English.
    text: String,
    /// Who decides it.
    controller: String,
    /// Laws and contracts it rests on.
    basis: Vec<String>,
    /// What it may still do.
    state: &'static str,
    /// The first local day still kept.
    #[schema(format = Date)]
    kept_from: String,
    /// When it ends if nothing else happens; null if nothing that happened ends it.
    #[schema(format = DateTime)]
    until: Option<String>,
}

/// What is kept of whoever is logged in. A program has nothing of its own.
#[utoipa::path(get, operation_id = "showMyData", path = "/api/v1/my-data", tag = "own",
    responses((status = 200, description = "All of it.", body = MyData)))]
pub(crate) async fn show(visit: Visit, _: Asked<Nothing>) -> Answered {
    let (caller, workspace) = (Caller::of(&visit)?, visit.web().workspace());
    let purpose = caller.purpose(Does::Own, (None, None))?.activity;
    let asked = (&purpose, caller.factors());
    let view = given(subject_leases(workspace, caller.actor(), asked, None, visit.now).await?)?;
    let leases = view.leases.iter().map(|lease| item(lease, workspace.register()));
    json(StatusCode::OK, &MyData { is_held: view.is_held, leases: leases.collect() })
}

fn item(lease: &Lease, register: &Register) -> LeaseItem {
    let activity = register.activity(&lease.activity);
    let controller = activity.and_then(|activity| register.party(&activity.controller));
    let basis = activity.map(|activity| activity.basis.iter().map(|basis| basis.cite.clone()).collect());
    LeaseItem {
        purpose: lease.activity.to_string(),
        text: activity.map(|activity| activity.text.en.clone()).unwrap_or_default(),
        controller: controller.map(|party| party.name.clone()).unwrap_or_default(),
        basis: basis.unwrap_or_default(),
        state: lease.state.word(),
        kept_from: lease.kept_from.to_string(),
        until: lease.until.map(|until| until.to_string()),
    }
}

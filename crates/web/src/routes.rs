//! Every address there is, and who may come in: one table.
//!
//! What comes in: nothing. What goes out: the router, and the same table as a list to read (`tests/golden/routes.txt`). A route is in
//! the router only with its door, so that none is forgotten.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post};

use crate::door::{Desk, Door};
use crate::visit::{self, API, Visit};
use crate::{Web, answered, api, asset, portal};

/// The largest form.
const BODY_BYTES: usize = 64 << 10;
/// How long an answer may take, with the body it waits for.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// One address.
pub(crate) struct Route {
    pub(crate) path: &'static str,
    pub(crate) methods: &'static str,
    pub(crate) door: Door,
    pub(crate) answer: MethodRouter<Web>,
}

/// Every address of pages.
fn routes() -> Vec<Route> {
    use Door::{Account, Begun, Of, Public, Resident};
    use portal::governance::candidate;
    let route = |path, methods, door, answer| Route { path, methods, door, answer };
    vec![
        route("/", "GET", Public, get(portal::front::page)),
        route("/assets/{file}", "GET", Public, get(asset::answer)),
        route("/privacy", "GET", Public, get(portal::notices::list)),
        route("/privacy/{notice}", "GET", Public, get(portal::notices::page)),
        route("/cookies", "GET", Public, get(portal::notices::cookies)),
        route("/language", "POST", Public, post(portal::language::choose)),
        route("/log-in", "GET POST", Public, get(portal::log_in::page).post(portal::log_in::password)),
        route("/log-in/code", "GET POST", Begun, get(portal::log_in::second).post(portal::log_in::totp)),
        route("/log-out", "POST", Begun, post(portal::log_in::out)),
        route("/activate", "GET POST", Public, get(portal::activate::page).post(portal::activate::activate)),
        route("/account", "GET", Account, get(portal::account::page)),
        route("/account/devices", "POST", Account, post(portal::account::log_out)),
        route("/account/proof", "GET POST", Account, get(portal::proof::page).post(portal::proof::prove)),
        route(
            "/account/password",
            "GET POST",
            Begun,
            get(portal::password::page).post(portal::password::change),
        ),
        route(
            "/account/second-factor",
            "GET POST",
            Begun,
            get(portal::second_factor::page).post(portal::second_factor::confirm),
        ),
        route("/home", "GET", Resident, get(portal::home::page)),
        route("/home/{series}", "GET", Resident, get(portal::series::page)),
        route("/my-data", "GET", Resident, get(portal::my_data::page)),
        route("/my-data/leases.svg", "GET", Resident, get(portal::my_data::drawn)),
        route(Desk::MeterData.path(), "GET", Of(Desk::MeterData), get(portal::meter_data::page)),
        route(Desk::Governance.path(), "GET", Of(Desk::Governance), get(portal::governance::clocks::page)),
        route(
            "/desk/governance/subject",
            "GET POST",
            Of(Desk::Governance),
            get(portal::governance::subject::page).post(portal::governance::subject::show),
        ),
        route(
            "/desk/governance/register",
            "GET",
            Of(Desk::Governance),
            get(portal::governance::register::page),
        ),
        route(
            "/desk/governance/register/candidate",
            "GET POST",
            Of(Desk::Governance),
            get(candidate::page).post(candidate::preview).layer(DefaultBodyLimit::max(candidate::FORM_BYTES)),
        ),
        route(
            "/desk/governance/register/approval",
            "POST",
            Of(Desk::Governance),
            post(candidate::approve).layer(DefaultBodyLimit::max(candidate::FORM_BYTES)),
        ),
        route(
            "/desk/governance/activities/{activity}",
            "GET",
            Of(Desk::Governance),
            get(portal::governance::activity::page),
        ),
        route(
            "/desk/governance/records/{party}",
            "GET",
            Of(Desk::Governance),
            get(portal::governance::register::record_of),
        ),
    ]
}

/// Every address, of pages and of programs.
fn all_routes() -> impl Iterator<Item = Route> {
    routes().into_iter().chain(api::routes::routes())
}

/// The table as lines: method, path, door.
#[must_use]
pub fn route_list() -> String {
    let line = |route: Route| format!("{:<9} {:<28} {}\n", route.methods, route.path, route.door.word());
    all_routes().map(line).collect()
}

/// The router: each route behind its door, and what every answer has around all of them.
pub(crate) fn router(web: &Web) -> Router {
    let behind_doors = all_routes().fold(Router::new(), |router, Route { path, door, answer, .. }| {
        let guard = move |visit: Visit, request: Request, next: Next| async move {
            match visit.refused_at(door) {
                None => next.run(request).await,
                Some(problem) => problem.into_response(),
            }
        };
        let answer = if path.starts_with(API) { api::routes::wrapped(answer, web) } else { answer };
        router.route(path, answer.layer(middleware::from_fn_with_state(web.clone(), guard)))
    });
    // The first to see a request stands last.
    behind_doors
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(web.clone(), visit::from_here))
        .layer(middleware::from_fn_with_state(web.clone(), answered::problem::in_words))
        .layer(middleware::from_fn_with_state(web.clone(), answered::headers::add))
        .layer(middleware::from_fn_with_state(web.clone(), access))
        .with_state(web.clone())
}

/// The log of accesses, after the route is known.
async fn access(state: State<Web>, request: Request, next: Next) -> Response {
    answered::access_log::write(state, request, next).await
}

async fn in_time(request: Request, next: Next) -> Response {
    tokio::time::timeout(ANSWER_TIME, next.run(request))
        .await
        .unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}

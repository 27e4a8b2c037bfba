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

/// Every address of pages, in the order people meet them.
fn routes() -> Vec<Route> {
    [outside(), account(), own(), meter_data(), buildings(), governance(), access()]
        .into_iter()
        .flatten()
        .collect()
}

const fn route(path: &'static str, methods: &'static str, door: Door, answer: MethodRouter<Web>) -> Route {
    Route { path, methods, door, answer }
}

/// Before anybody is known.
fn outside() -> Vec<Route> {
    vec![
        route("/", "GET", Door::Public, get(portal::front::page)),
        route("/assets/{file}", "GET", Door::Public, get(asset::answer)),
        route("/privacy", "GET", Door::Public, get(portal::notices::list)),
        route("/privacy/{notice}", "GET", Door::Public, get(portal::notices::page)),
        route("/cookies", "GET", Door::Public, get(portal::notices::cookies)),
        route("/language", "POST", Door::Public, post(portal::language::choose)),
        route("/log-in", "GET POST", Door::Public, get(portal::log_in::page).post(portal::log_in::password)),
        route(
            "/log-in/code",
            "GET POST",
            Door::Begun,
            get(portal::log_in::second).post(portal::log_in::totp),
        ),
        route("/log-out", "POST", Door::Begun, post(portal::log_in::out)),
        route(
            "/activate",
            "GET POST",
            Door::Public,
            get(portal::activate::page).post(portal::activate::activate),
        ),
    ]
}

/// One's own account.
fn account() -> Vec<Route> {
    vec![
        route("/account", "GET", Door::Account, get(portal::account::page)),
        route("/account/devices", "POST", Door::Account, post(portal::account::log_out)),
        route(
            "/account/proof",
            "GET POST",
            Door::Account,
            get(portal::proof::page).post(portal::proof::prove),
        ),
        route(
            "/account/password",
            "GET POST",
            Door::Begun,
            get(portal::password::page).post(portal::password::change),
        ),
        route(
            "/account/second-factor",
            "GET POST",
            Door::Begun,
            get(portal::second_factor::page).post(portal::second_factor::confirm),
        ),
    ]
}

/// One's own consumption and data.
fn own() -> Vec<Route> {
    vec![
        route("/home", "GET", Door::Resident, get(portal::home::page)),
        route("/home/{series}", "GET", Door::Resident, get(portal::series::page)),
        route("/my-data", "GET", Door::Resident, get(portal::my_data::page)),
        route("/my-data/copy.json", "GET", Door::Resident, get(portal::my_copy::json)),
        route("/my-data/copy.csv", "GET", Door::Resident, get(portal::my_copy::csv)),
        route("/my-data/leases.svg", "GET", Door::Resident, get(portal::my_data::drawn)),
        route("/my-data/log", "GET", Door::Resident, get(portal::looked::page)),
    ]
}

/// The meter-data desk.
fn meter_data() -> Vec<Route> {
    use portal::meter_data;
    const METER_DATA: Door = Door::Of(Desk::MeterData);
    vec![
        route(Desk::MeterData.path(), "GET", METER_DATA, get(meter_data::board::page)),
        route("/desk/meter-data/findings", "GET", METER_DATA, get(meter_data::findings::page)),
        route("/desk/meter-data/findings/days", "GET", METER_DATA, get(meter_data::findings::days)),
        route("/desk/meter-data/findings/preview", "POST", METER_DATA, post(meter_data::decision::preview)),
        route("/desk/meter-data/findings/decision", "POST", METER_DATA, post(meter_data::decision::act)),
        route("/desk/meter-data/series/{series}", "GET", METER_DATA, get(meter_data::series::page)),
        route("/desk/meter-data/alarms", "GET", METER_DATA, get(meter_data::alarms::page)),
        route("/desk/meter-data/silent", "GET", METER_DATA, get(meter_data::silent::page)),
        route("/desk/meter-data/telegrams", "GET", METER_DATA, get(meter_data::telegrams::page)),
    ]
}

/// The desk of whoever administers buildings.
fn buildings() -> Vec<Route> {
    use portal::buildings::{building, letters, list, moves, unit};
    const BUILDINGS: Door = Door::Of(Desk::Buildings);
    vec![
        route(Desk::Buildings.path(), "GET", BUILDINGS, get(list::page)),
        route("/desk/buildings/letters", "GET POST", BUILDINGS, get(letters::page).post(letters::file)),
        route("/desk/buildings/{area}", "GET", BUILDINGS, get(building::page)),
        route("/desk/buildings/{area}/{unit}", "GET", BUILDINGS, get(unit::page)),
        route("/desk/buildings/{area}/{unit}/preview", "POST", BUILDINGS, post(moves::preview)),
        route("/desk/buildings/{area}/{unit}/moves", "POST", BUILDINGS, post(moves::make)),
    ]
}

/// The governance desk.
fn governance() -> Vec<Route> {
    use portal::governance::{self, candidate};
    const GOVERNANCE: Door = Door::Of(Desk::Governance);
    vec![
        route(Desk::Governance.path(), "GET", GOVERNANCE, get(governance::clocks::page)),
        route(
            "/desk/governance/subject",
            "GET POST",
            GOVERNANCE,
            get(governance::subject::page).post(governance::subject::show),
        ),
        route("/desk/governance/register", "GET", GOVERNANCE, get(governance::register::page)),
        route(
            "/desk/governance/register/candidate",
            "GET POST",
            GOVERNANCE,
            get(candidate::page).post(candidate::preview).layer(DefaultBodyLimit::max(candidate::FORM_BYTES)),
        ),
        route(
            "/desk/governance/register/approval",
            "POST",
            GOVERNANCE,
            post(candidate::approve).layer(DefaultBodyLimit::max(candidate::FORM_BYTES)),
        ),
        route("/desk/governance/activities/{activity}", "GET", GOVERNANCE, get(governance::activity::page)),
        route("/desk/governance/records/{party}", "GET", GOVERNANCE, get(governance::register::record_of)),
        route(
            "/desk/governance/log",
            "GET POST",
            GOVERNANCE,
            get(governance::log::page).post(governance::log::find),
        ),
        route("/desk/governance/log/check", "POST", GOVERNANCE, post(governance::log_whole::check)),
        route("/desk/governance/log/bundle", "POST", GOVERNANCE, post(governance::log_whole::bundle)),
        route("/desk/governance/retention", "GET", GOVERNANCE, get(governance::retention::page)),
        route(
            "/desk/governance/retention/approval",
            "POST",
            GOVERNANCE,
            post(governance::retention::approve),
        ),
        route(
            "/desk/governance/retention/{preview}/certificate",
            "GET",
            GOVERNANCE,
            get(governance::retention::certificate),
        ),
    ]
}

/// The desk of access.
fn access() -> Vec<Route> {
    use portal::access;
    const ACCESS: Door = Door::Of(Desk::Access);
    vec![
        route(Desk::Access.path(), "GET", ACCESS, get(access::accounts::list)),
        route("/desk/access/add", "POST", ACCESS, post(access::accounts::add)),
        route("/desk/access/act", "POST", ACCESS, post(access::accounts::act)),
        route("/desk/access/approve", "POST", ACCESS, post(access::accounts::approve)),
        route("/desk/access/review", "GET", ACCESS, get(access::review::show)),
        route("/desk/access/review/begin", "POST", ACCESS, post(access::review::begin)),
        route("/desk/access/review/decide", "POST", ACCESS, post(access::review::decide)),
        route("/desk/access/tokens", "GET", ACCESS, get(access::tokens::list)),
        route("/desk/access/tokens/issue", "POST", ACCESS, post(access::tokens::issue)),
        route("/desk/access/tokens/withdraw", "POST", ACCESS, post(access::tokens::withdraw)),
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
        .layer(middleware::from_fn_with_state(web.clone(), api::rate::limited))
        .layer(middleware::from_fn_with_state(web.clone(), answered::problem::in_words))
        .layer(middleware::from_fn_with_state(web.clone(), answered::headers::add))
        .layer(middleware::from_fn_with_state(web.clone(), told))
        .with_state(web.clone())
}

/// The log of accesses, after the route is known.
async fn told(state: State<Web>, request: Request, next: Next) -> Response {
    answered::access_log::write(state, request, next).await
}

async fn in_time(request: Request, next: Next) -> Response {
    tokio::time::timeout(ANSWER_TIME, next.run(request))
        .await
        .unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}

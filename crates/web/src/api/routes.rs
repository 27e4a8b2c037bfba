//! The addresses of programs, and what is around all of their answers.

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};

use super::caller::Does::{Alarms, Clocks, Correct, Cycle, Own, Report, Series};
use super::{
    alarms, answer, body, clocks, corrections, cycle, description, events, my_data, points, series, values,
};
use crate::Web;
use crate::door::Door;
use crate::routes::Route;

/// Every address of programs.
pub(crate) fn routes() -> Vec<Route> {
    let read = |path, door, answer| Route { path, methods: "GET", door, answer };
    let large = || DefaultBodyLimit::max(body::BODY_BYTES);
    let change = |path, door, answer: MethodRouter<Web>| Route {
        path,
        methods: "POST",
        door,
        answer: answer.layer(large()),
    };
    vec![
        read(description::PATH, Door::Public, get(description::document)),
        read("/api/v1/series", Door::Api(Series), get(series::list)),
        read("/api/v1/series/{series}/values", Door::Api(Series), get(values::list)),
        read("/api/v1/points", Door::Api(Series), get(points::list)),
        read("/api/v1/alarms", Door::Api(Alarms), get(alarms::list)),
        read("/api/v1/cycle", Door::Api(Cycle), get(cycle::list)),
        read("/api/v1/clocks", Door::Api(Clocks), get(clocks::list)),
        read("/api/v1/my-data", Door::Api(Own), get(my_data::show)),
        change("/api/v1/corrections", Door::Api(Correct), post(corrections::post)),
        change("/api/v1/events", Door::Api(Report), post(events::post)),
    ]
}

/// An answer with what all of them have.
pub(crate) fn wrapped(answer: MethodRouter<Web>, web: &Web) -> MethodRouter<Web> {
    answer.layer(from_fn_with_state(web.clone(), answer::tagged))
}

//! The addresses of programs, and what is around all of their answers.

use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get};

use super::caller::Does::{Alarms, Clocks, Cycle, Own, Series};
use super::{alarms, answer, clocks, cycle, description, my_data, points, series, values};
use crate::Web;
use crate::door::Door;
use crate::routes::Route;

/// Every address of programs.
pub(crate) fn routes() -> Vec<Route> {
    let read = |path, door, answer| Route { path, methods: "GET", door, answer };
    vec![
        read(description::PATH, Door::Public, get(description::document)),
        read("/api/v1/series", Door::Api(Series), get(series::list)),
        read("/api/v1/series/{series}/values", Door::Api(Series), get(values::list)),
        read("/api/v1/points", Door::Api(Series), get(points::list)),
        read("/api/v1/alarms", Door::Api(Alarms), get(alarms::list)),
        read("/api/v1/cycle", Door::Api(Cycle), get(cycle::list)),
        read("/api/v1/clocks", Door::Api(Clocks), get(clocks::list)),
        read("/api/v1/my-data", Door::Api(Own), get(my_data::show)),
    ]
}

/// An answer with what all of them have.
pub(crate) fn wrapped(answer: MethodRouter<Web>, web: &Web) -> MethodRouter<Web> {
    answer.layer(from_fn_with_state(web.clone(), answer::tagged))
}

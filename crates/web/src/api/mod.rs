//! `/api/v1`: the uses of the pages and commands once more, for programs.
//!
//! What comes in: requests with the token of a program, or in the session of somebody who is logged in. What goes out: JSON, with
//! decimals as text, instants in UTC and local days, or a problem document that says what to do. Never: a use that no page or command
//! has, a purpose outside the scopes of a token, or a value without the gate's leave.
//!
//! `caller` is who asks and what for; `asked` reads parameters; `slip` is what callers get wrong; `page` cuts lists; `answer` writes
//! JSON, `body` reads it and does a request once; `rate` counts requests; `description` is all of it as OpenAPI. Each other file is one address.

pub(crate) mod alarms;
pub(crate) mod answer;
pub(crate) mod asked;
pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod clocks;
pub(crate) mod corrections;
pub(crate) mod cycle;
pub(crate) mod description;
pub(crate) mod events;
pub(crate) mod my_data;
pub(crate) mod page;
pub(crate) mod points;
pub(crate) mod rate;
pub(crate) mod routes;
pub(crate) mod series;
pub(crate) mod slip;
pub(crate) mod values;

use axum::response::Response;

use crate::answered::Problem;

/// What an address of the API answers.
pub(crate) type Answered = Result<Response, Problem>;

//! Pages, one file each, in the order people meet them.

pub(crate) mod access;
pub(crate) mod account;
pub(crate) mod activate;
pub(crate) mod buildings;
pub(crate) mod form;
pub(crate) mod front;
pub(crate) mod governance;
mod hints;
pub(crate) mod home;
mod known;
pub(crate) mod language;
pub(crate) mod log_in;
pub(crate) mod looked;
pub(crate) mod meter_data;
pub(crate) mod my_copy;
pub(crate) mod my_data;
pub(crate) mod notices;
pub(crate) mod own;
pub(crate) mod password;
pub(crate) mod proof;
pub(crate) mod second_factor;
pub(crate) mod series;

use axum::response::Response;
use tidstro_flows::Answer;

use crate::answered::Problem;

/// What a page answers.
pub(crate) type Page = Result<Response, Problem>;

/// What the gate gave, or its refusal as the page's answer.
pub(crate) fn given<T>(answer: Answer<T>) -> Result<T, Problem> {
    match answer {
        Answer::Given(value) => Ok(value),
        Answer::Refused(refuse) => Err(Problem::Refused(refuse)),
    }
}

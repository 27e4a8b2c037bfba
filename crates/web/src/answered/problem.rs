//! What is answered when a page cannot be: one place where faults become statuses, for people and for programs (RFC 9457).
//!
//! What comes in: what went wrong in a page. What goes out: what to do, and a number by which the operator finds the fault in the
//! program's messages. Never: what a fault says of the inside, a person's value, or whether something exists that the visitor
//! may not see.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use tidstro_flows::FlowFault;
use tidstro_govern::Refuse;

use crate::Web;
use crate::api::description::ProblemDocument;
use crate::api::slip::{Slip, advice};
use crate::onward::with_return;
use crate::page::{Frame, Here};
use crate::visit::{API, Visit};

/// Why a page is not answered.
#[derive(Debug)]
pub(crate) enum Problem {
    /// Nothing is there, or nothing the visitor may know of.
    NotFound,
    /// Somebody must log in first.
    LogIn,
    /// The visitor must prove again who they are, and comes back to this page of ours.
    Prove(String),
    /// The desk is not the visitor's.
    NotYours,
    /// The gate said no.
    Refused(Refuse),
    /// A form that is not as the page sent it, or comes from another site.
    BadForm,
    /// What was to be changed was changed meanwhile: look again.
    Conflict,
    /// A program asked for something that cannot be.
    Slip(Slip),
    /// The program could not do its part.
    Fault(FlowFault),
}

impl From<FlowFault> for Problem {
    fn from(fault: FlowFault) -> Self {
        Self::Fault(fault)
    }
}

impl Problem {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::LogIn => StatusCode::UNAUTHORIZED,
            Self::Prove(_) => StatusCode::SEE_OTHER,
            Self::NotYours | Self::Refused(_) => StatusCode::FORBIDDEN,
            Self::BadForm => StatusCode::BAD_REQUEST,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Slip(slip) => slip.status(),
            Self::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// What a status says to people: the name of a title and of what to do, in `languages/`.
fn said(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => ("problem-not-found", "problem-not-found-do"),
        StatusCode::UNAUTHORIZED => ("problem-log-in", "problem-log-in-do"),
        StatusCode::FORBIDDEN => ("problem-not-yours", "problem-not-yours-do"),
        StatusCode::METHOD_NOT_ALLOWED => ("problem-method", "problem-method-do"),
        StatusCode::CONFLICT => ("problem-conflict", "problem-conflict-do"),
        StatusCode::PAYLOAD_TOO_LARGE => ("problem-too-large", "problem-too-large-do"),
        StatusCode::REQUEST_TIMEOUT => ("problem-slow", "problem-slow-do"),
        status if status.is_server_error() => ("problem-fault", "problem-fault-do"),
        _ => ("problem-form", "problem-form-do"),
    }
}

/// What is said besides the status.
#[derive(Clone, Default)]
struct Told {
    /// The rule of the register that refused, in its own words.
    rule: Option<&'static str>,
    /// What a program is told besides: a code, and what to do.
    slip: Option<(&'static str, String)>,
    /// By what the operator finds a fault.
    number: Option<String>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let rule = match &self {
            Self::Refused(refuse) => Some(refuse.rule.code()),
            _ => None,
        };
        if let Self::Prove(then) = self {
            return Redirect::to(&with_return("/account/proof", &then)).into_response();
        }
        let slip = match &self {
            Self::Slip(slip) => Some((slip.code(), slip.to_string())),
            Self::Refused(refuse) => Some(("refused", refuse.detail.clone())),
            _ => None,
        };
        let retry_after = match &self {
            Self::Slip(slip) => slip.retry_after(),
            _ => None,
        };
        let mut response = self.status().into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Self::Fault(fault) = self {
            response.extensions_mut().insert(Failed(std::sync::Arc::new(fault)));
        }
        response.extensions_mut().insert(Told { rule, slip, number: None });
        response
    }
}

/// A fault on its way to the program's messages.
#[derive(Clone)]
struct Failed(std::sync::Arc<FlowFault>);

/// Gives every bare status of fault its words: a page, or a problem document where a program asks.
pub(crate) async fn in_words(State(web): State<Web>, request: Request, next: Next) -> Response {
    let for_program = request.uri().path().starts_with(API);
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let (mut parts, body) = request.into_parts();
    let visit = Visit::of(&web, &mut parts).await;
    let response = next.run(Request::from_parts(parts, body)).await;
    let status = response.status();
    let went_well = !(status.is_client_error() || status.is_server_error());
    if went_well || has_words(&response) {
        return response;
    }
    let failed = response.extensions().get::<Failed>();
    let mut told = response.extensions().get::<Told>().cloned().unwrap_or_default();
    told.number = match failed {
        Some(failed) => Some(web.tell_fault(&failed.0)),
        None if for_program => {
            Some(web.tell_problem(status.as_u16(), &route, told.slip.as_ref().map(|(code, _)| *code)))
        }
        None => None,
    };
    let mut worded = if for_program { document(status, &told, &visit) } else { page(status, &told, &visit) };
    *worded.status_mut() = status;
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            worded.headers_mut().insert(name.clone(), value.clone());
        }
    }
    worded
}

/// Whether a page says itself what is wrong, as a form does beside its fields.
fn has_words(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain"))
}

fn page(status: StatusCode, told: &Told, visit: &Visit) -> Response {
    let words = visit.words();
    let (title, what) = said(status);
    let body = html! {
        p { (words.say(what)) }
        @if let Some(rule) = told.rule { p.faint { (words.say("problem-rule")) " " code { (rule) } } }
        @if let Some(number) = &told.number { p.faint { (words.say("problem-number")) " " code { (number) } } }
        @if status == StatusCode::UNAUTHORIZED { p { a.button href="/log-in" { (words.say("frame-log-in")) } } }
    };
    Frame { visit, title: words.say(title), here: Here::Outside }.around(&body)
}

/// RFC 9457, section 3. What to do is told in English, as the description of the API is.
fn document(status: StatusCode, told: &Told, visit: &Visit) -> Response {
    let words = visit.words();
    let (title, _) = said(status);
    let (code, detail) = match &told.slip {
        Some((code, detail)) => (Some(*code), detail.as_str()),
        None => (None, advice(status)),
    };
    let problem = ProblemDocument {
        kind: code.map_or_else(|| "about:blank".to_owned(), |code| format!("urn:tidstro:problem:{code}")),
        title: words.say(title),
        status: status.as_u16(),
        detail: detail.to_owned(),
        rule: told.rule,
        instance: told.number.clone(),
    };
    let body = serde_json::to_string(&problem).unwrap_or_default();
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    let mut response = ([kind], body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

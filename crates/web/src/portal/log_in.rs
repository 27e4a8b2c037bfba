//! Logging in and out.
//!
//! What comes in: a name and a password, then a code. What goes out: a cookie with the token of a session, new at each step. Never: a word that
//! tells whether an account exists.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_flows::identity::{self, LogIn, LoggedIn, Need, NewSession};
use zeroize::Zeroizing;

use super::Page;
use super::form::{Field, Nothing};
use crate::answered::Problem;
use crate::page::{Frame, Here};
use crate::visit::{Posted, Visit, session_cookie};

/// `GET /log-in`.
pub(crate) async fn page(visit: Visit) -> Page {
    Ok(first(&visit, None))
}

/// What somebody filled in.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    name: Zeroizing<String>,
    password: Zeroizing<String>,
}

/// `POST /log-in`.
pub(crate) async fn password(visit: Visit, Posted(given): Posted<Credentials>) -> Page {
    let Credentials { name, password } = given;
    let asked = LogIn { name, password, origin: visit.origin.clone(), browser: visit.browser.clone() };
    let came = identity::log_in(visit.web().workspace(), asked, visit.now).await?;
    Ok(answer(&visit, came, first))
}

/// `GET /log-in/code`.
pub(crate) async fn second(visit: Visit) -> Page {
    Ok(code(&visit, None))
}

/// A code of six digits, or one for recovery.
#[derive(Deserialize)]
pub(crate) struct Code {
    code: Zeroizing<String>,
}

/// `POST /log-in/code`.
pub(crate) async fn totp(visit: Visit, Posted(given): Posted<Code>) -> Page {
    let token = visit.there()?.token();
    let came = identity::log_in_totp(visit.web().workspace(), token, given.code, visit.now).await?;
    Ok(answer(&visit, came, code))
}

/// `POST /log-out`.
pub(crate) async fn out(visit: Visit, Posted(Nothing {}): Posted<Nothing>) -> Page {
    identity::log_out(visit.web().workspace(), visit.there()?.token(), visit.now).await?;
    let gone = cookie(&visit, "", "Max-Age=0")?;
    Ok(([(header::SET_COOKIE, gone)], Redirect::to("/")).into_response())
}

fn answer(visit: &Visit, came: LoggedIn, again: fn(&Visit, Option<&str>) -> Response) -> Response {
    let words = visit.words();
    match came {
        LoggedIn::In(new) => entered(visit, &new).unwrap_or_else(axum::response::IntoResponse::into_response),
        LoggedIn::Refused => again(visit, Some(&words.say("log-in-wrong"))),
        LoggedIn::Slowed { .. } => again(visit, Some(&words.say("log-in-slowed"))),
    }
}

/// Gives the browser its new token, and leads to the next step or to the first page.
pub(crate) fn entered(visit: &Visit, new: &NewSession) -> Result<Response, Problem> {
    let next = match new.session.need() {
        None => "/",
        Some(Need::Totp) => "/log-in/code",
        Some(Need::EnrolTotp) => "/account/second-factor",
        Some(Need::NewPassword) => "/account/password",
    };
    let set = cookie(visit, &new.token, "HttpOnly")?;
    Ok(([(header::SET_COOKIE, set)], Redirect::to(next)).into_response())
}

/// A page that comes with a new token.
pub(crate) fn keeping(visit: &Visit, new: &NewSession, mut page: Response) -> Page {
    page.headers_mut().insert(header::SET_COOKIE, cookie(visit, &new.token, "HttpOnly")?);
    Ok(page)
}

/// The cookie of the session. It ends with the browser; its own end is kept with the session.
fn cookie(visit: &Visit, token: &str, more: &str) -> Result<HeaderValue, Problem> {
    let is_encrypted = visit.web().is_encrypted();
    let secure = if is_encrypted { "; Secure" } else { "" };
    let text = Zeroizing::new(format!(
        "{}={token}; Path=/; SameSite=Lax; {more}{secure}",
        session_cookie(is_encrypted)
    ));
    let mut value = HeaderValue::from_str(&text).map_err(|_| Problem::BadForm)?;
    value.set_sensitive(true);
    Ok(value)
}

fn first(visit: &Visit, wrong: Option<&str>) -> Response {
    let words = visit.words();
    let name = Field {
        name: "name",
        label: words.say("log-in-name"),
        help: words.say("log-in-name-help"),
        kind: "text",
        autocomplete: "username",
        wrong: None,
    };
    let password = Field {
        name: "password",
        label: words.say("log-in-password"),
        help: String::new(),
        kind: "password",
        autocomplete: "current-password",
        wrong: None,
    };
    let body = html! {
        form.narrow method="post" action="/log-in" {
            (told(wrong))
            (name.draw()) (password.draw())
            button { (words.say("frame-log-in")) }
        }
        p { a href="/activate" { (words.say("front-activate")) } }
    };
    shown(visit, "frame-log-in", wrong.is_some(), &body)
}

fn code(visit: &Visit, wrong: Option<&str>) -> Response {
    let words = visit.words();
    let code = Field {
        name: "code",
        label: words.say("log-in-code"),
        help: words.say("log-in-code-help"),
        kind: "text",
        autocomplete: "one-time-code",
        wrong: None,
    };
    let body = html! {
        form.narrow method="post" action="/log-in/code" {
            (visit.token()) (told(wrong)) (code.draw())
            button { (words.say("log-in-go-on")) }
        }
    };
    shown(visit, "log-in-second", wrong.is_some(), &body)
}

/// What is wrong with the whole form, said to screen readers at once.
pub(crate) fn told(wrong: Option<&str>) -> Markup {
    html! { @if let Some(text) = wrong { p.note.bad role="alert" { (text) } } }
}

fn shown(visit: &Visit, title: &str, is_wrong: bool, body: &Markup) -> Response {
    let mut page = Frame { visit, title: visit.words().say(title), here: Here::Outside }.around(body);
    if is_wrong {
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    page
}

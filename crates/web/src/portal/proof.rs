//! `/account/proof`: proving again who one is, before something that asks for a fresh proof.
//!
//! What comes in: where to go on to, and a code or the password. What goes out: the same session under a new token, on the page it was
//! asked from.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::html;
use serde::Deserialize;
use tidstro_flows::identity::{LoggedIn, Proof, step_up};
use zeroize::Zeroizing;

use super::Page;
use super::form::Field;
use super::log_in::{keeping, told};
use crate::onward::own_page;
use crate::page::{Frame, Here};
use crate::visit::{Posted, Visit};

/// Where to go on to.
#[derive(Deserialize)]
pub(crate) struct Onward {
    #[serde(default)]
    then: String,
}

/// What proves it, and where to go on to.
#[derive(Deserialize)]
pub(crate) struct Given {
    then: String,
    proof: Zeroizing<String>,
}

/// `GET /account/proof`.
pub(crate) async fn page(visit: Visit, Query(Onward { then }): Query<Onward>) -> Page {
    form(&visit, &then, None)
}

/// `POST /account/proof`.
pub(crate) async fn prove(visit: Visit, Posted(Given { then, proof }): Posted<Given>) -> Page {
    let (words, there) = (visit.words(), visit.there()?);
    let proof = if has_second(&visit)? { Proof::Totp(proof) } else { Proof::Password(proof) };
    match step_up(visit.web().workspace(), there.token(), proof, visit.now).await? {
        LoggedIn::In(new) => {
            let onward = Redirect::to(own_page(&then).unwrap_or("/account"));
            keeping(&visit, &new, onward.into_response())
        }
        LoggedIn::Refused => form(&visit, &then, Some(words.say("proof-wrong"))),
        LoggedIn::Slowed { .. } => form(&visit, &then, Some(words.say("log-in-slowed"))),
    }
}

/// Whoever has a second factor proves themselves by it.
fn has_second(visit: &Visit) -> Result<bool, crate::answered::Problem> {
    Ok(visit.there()?.session().factors() >= 2)
}

fn form(visit: &Visit, then: &str, wrong: Option<String>) -> Page {
    let words = visit.words();
    let is_wrong = wrong.is_some();
    let proof = if has_second(visit)? {
        Field {
            name: "proof",
            label: words.say("log-in-code"),
            help: words.say("log-in-code-help"),
            kind: "text",
            autocomplete: "one-time-code",
            wrong,
        }
    } else {
        Field {
            name: "proof",
            label: words.say("log-in-password"),
            help: String::new(),
            kind: "password",
            autocomplete: "current-password",
            wrong,
        }
    };
    let body = html! {
        p { (words.say("proof-why")) }
        form.narrow method="post" action="/account/proof" {
            (visit.token()) (told(None))
            input type="hidden" name="then" value=(own_page(then).unwrap_or("/account"));
            (proof.draw())
            button { (words.say("log-in-go-on")) }
        }
    };
    let mut page: Response =
        Frame { visit, title: words.say("proof-title"), here: Here::Account }.around(&body);
    if is_wrong {
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(page)
}

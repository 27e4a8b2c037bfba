//! `/activate`: the first time, with the code of a letter.

use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use serde::Deserialize;
use tidstro_flows::identity::{self, Activation, ActivationOutcome};
use zeroize::Zeroizing;

use super::Page;
use super::form::Field;
use super::log_in::{entered, told};
use crate::page::{Frame, Here};
use crate::visit::{Posted, Visit};

/// What somebody filled in.
#[derive(Deserialize)]
pub(crate) struct Given {
    code: Zeroizing<String>,
    name: Zeroizing<String>,
    password: Zeroizing<String>,
}

/// What is wrong, and with which field.
#[derive(Default)]
struct Wrong {
    form: Option<String>,
    code: Option<String>,
    name: Option<String>,
    password: Option<String>,
}

/// `GET /activate`.
pub(crate) async fn page(visit: Visit) -> Page {
    Ok(form(&visit, Wrong::default(), StatusCode::OK))
}

/// `POST /activate`.
pub(crate) async fn activate(visit: Visit, Posted(given): Posted<Given>) -> Page {
    let name = (!given.name.trim().is_empty()).then_some(given.name);
    let asked = Activation {
        code: given.code,
        name,
        password: Some(given.password),
        origin: visit.origin.clone(),
        browser: visit.browser.clone(),
    };
    let words = visit.words();
    let wrong = match identity::activate(visit.web().workspace(), asked, visit.now).await? {
        ActivationOutcome::In(new) => return entered(&visit, &new),
        ActivationOutcome::Mistyped(_) => {
            Wrong { code: Some(words.say("activate-mistyped")), ..Wrong::default() }
        }
        ActivationOutcome::Refused => Wrong { form: Some(words.say("activate-wrong")), ..Wrong::default() },
        ActivationOutcome::PasswordRefused(_) | ActivationOutcome::PasswordMissing => {
            Wrong { password: Some(words.say("password-refused")), ..Wrong::default() }
        }
        ActivationOutcome::NameRefused => {
            Wrong { name: Some(words.say("activate-name-refused")), ..Wrong::default() }
        }
    };
    Ok(form(&visit, wrong, StatusCode::UNPROCESSABLE_ENTITY))
}

fn form(visit: &Visit, wrong: Wrong, status: StatusCode) -> Response {
    let words = visit.words();
    let code = Field {
        name: "code",
        label: words.say("activate-code"),
        help: words.say("activate-code-help"),
        kind: "text",
        autocomplete: "off",
        wrong: wrong.code,
    };
    let name = Field {
        name: "name",
        label: words.say("activate-name"),
        help: words.say("activate-name-help"),
        kind: "email",
        autocomplete: "username",
        wrong: wrong.name,
    };
    let password = Field {
        name: "password",
        label: words.say("activate-password"),
        help: words.say("password-help"),
        kind: "password",
        autocomplete: "new-password",
        wrong: wrong.password,
    };
    let body = html! {
        p { (words.say("activate-what")) }
        form.narrow method="post" action="/activate" {
            (told(wrong.form.as_deref()))
            (code.draw()) (name.draw()) (password.draw())
            button { (words.say("activate-do")) }
        }
    };
    let mut page = Frame { visit, title: words.say("front-activate"), here: Here::Outside }.around(&body);
    *page.status_mut() = status;
    page
}

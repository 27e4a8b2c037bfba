//! `/account/password`: a new password, by wish or because the register says how old one may become.

use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use serde::Deserialize;
use tidstro_flows::identity::{PasswordChange, change_password};
use zeroize::Zeroizing;

use super::Page;
use super::form::Field;
use super::log_in::{entered, told};
use crate::page::{Frame, Here};
use crate::visit::{Posted, Visit};

/// What somebody filled in.
#[derive(Deserialize)]
pub(crate) struct Given {
    old: Zeroizing<String>,
    password: Zeroizing<String>,
}

/// What is wrong: with the whole form, or with the new password.
#[derive(Default)]
struct Wrong {
    form: Option<String>,
    password: Option<String>,
}

/// `GET /account/password`.
pub(crate) async fn page(visit: Visit) -> Page {
    Ok(form(&visit, Wrong::default(), StatusCode::OK))
}

/// `POST /account/password`.
pub(crate) async fn change(visit: Visit, Posted(given): Posted<Given>) -> Page {
    let (words, token) = (visit.words(), visit.there()?.token());
    let changed =
        change_password(visit.web().workspace(), token, (given.old, given.password), visit.now).await?;
    let wrong = match changed {
        PasswordChange::Changed(new) => return entered(&visit, &new),
        PasswordChange::Wrong => Wrong { form: Some(words.say("log-in-wrong")), ..Wrong::default() },
        PasswordChange::Slowed { .. } => Wrong { form: Some(words.say("log-in-slowed")), ..Wrong::default() },
        PasswordChange::Refused(_) => {
            Wrong { password: Some(words.say("password-refused")), ..Wrong::default() }
        }
    };
    Ok(form(&visit, wrong, StatusCode::UNPROCESSABLE_ENTITY))
}

fn form(visit: &Visit, wrong: Wrong, status: StatusCode) -> Response {
    let words = visit.words();
    let old = Field {
        name: "old",
        label: words.say("password-old"),
        help: String::new(),
        kind: "password",
        autocomplete: "current-password",
        wrong: None,
    };
    let new = Field {
        name: "password",
        label: words.say("password-title"),
        help: words.say("password-help"),
        kind: "password",
        autocomplete: "new-password",
        wrong: wrong.password,
    };
    let body = html! {
        form.narrow method="post" action="/account/password" {
            (visit.token()) (told(wrong.form.as_deref()))
            (old.draw()) (new.draw())
            p.help { (words.say("password-others-end")) }
            button { (words.say("password-change")) }
        }
    };
    let mut page = Frame { visit, title: words.say("password-title"), here: Here::Account }.around(&body);
    *page.status_mut() = status;
    page
}

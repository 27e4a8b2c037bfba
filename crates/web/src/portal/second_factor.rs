//! `/account/second-factor`: an authenticator program becomes the second step of logging in.

use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use serde::Deserialize;
use tidstro_flows::identity::{TotpConfirmed, TotpOffer, begin_totp, confirm_totp, offered_totp};
use zeroize::Zeroizing;

use super::Page;
use super::form::Field;
use super::log_in::{keeping, told};
use crate::answered::Problem;
use crate::page::{Frame, Here};
use crate::visit::{Posted, Visit};

/// The code the program shows.
#[derive(Deserialize)]
pub(crate) struct Given {
    code: Zeroizing<String>,
}

/// `GET /account/second-factor`: offers a secret. Each look makes another; only the last one counts. Whoever replaces one proves
/// themselves by it first.
pub(crate) async fn page(visit: Visit) -> Page {
    let there = visit.there()?;
    if there.session().may_work() {
        visit.proven("/account/second-factor")?;
    }
    let offer = begin_totp(visit.web().workspace(), there.token(), visit.now).await?;
    Ok(form(&visit, &offer.ok_or(Problem::LogIn)?, None))
}

/// `POST /account/second-factor`.
pub(crate) async fn confirm(visit: Visit, Posted(given): Posted<Given>) -> Page {
    let (workspace, token) = (visit.web().workspace(), visit.there()?.token());
    match confirm_totp(workspace, token, given.code, visit.now).await? {
        TotpConfirmed::Confirmed { session, recovery } => keeping(&visit, &session, done(&visit, &recovery)),
        // The entry in the app is right as it is: the same secret stays.
        TotpConfirmed::Wrong => {
            let offer = offered_totp(workspace, token, visit.now).await?.ok_or(Problem::LogIn)?;
            Ok(form(&visit, &offer, Some(visit.words().say("second-wrong"))))
        }
    }
}

fn form(visit: &Visit, offer: &TotpOffer, wrong: Option<String>) -> Response {
    let words = visit.words();
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let code = Field {
        name: "code",
        label: words.say("log-in-code"),
        help: String::new(),
        kind: "text",
        autocomplete: "one-time-code",
        wrong,
    };
    let body = html! {
        p { (words.say("second-what")) }
        p { code.key { (*offer.secret) } }
        p { a href=(*offer.url) { (words.say("second-open")) } }
        form.narrow method="post" action="/account/second-factor" {
            (visit.token()) (told(None)) (code.draw())
            button { (words.say("second-confirm")) }
        }
    };
    let mut page = Frame { visit, title: words.say("second-title"), here: Here::Account }.around(&body);
    *page.status_mut() = status;
    page
}

fn done(visit: &Visit, recovery: &[Zeroizing<String>]) -> Response {
    let words = visit.words();
    let body = html! {
        p { (words.say("second-recovery")) }
        ul { @for code in recovery { li { code { (**code) } } } }
        p { a.button href="/" { (words.say("log-in-go-on")) } }
    };
    Frame { visit, title: words.say("second-done"), here: Here::Account }.around(&body)
}

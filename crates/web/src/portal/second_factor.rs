//! `/account/second-factor`: an authenticator program becomes the second step of logging in.

use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use serde::Deserialize;
use tidstro_flows::identity::{TotpConfirmed, begin_totp, confirm_totp};
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

/// `GET /account/second-factor`: offers a secret. Each look makes another; only the last one counts.
pub(crate) async fn page(visit: Visit) -> Page {
    form(&visit, None, StatusCode::OK).await
}

/// `POST /account/second-factor`.
pub(crate) async fn confirm(visit: Visit, Posted(given): Posted<Given>) -> Page {
    let token = visit.there()?.token();
    match confirm_totp(visit.web().workspace(), token, given.code, visit.now).await? {
        TotpConfirmed::Confirmed { session, recovery } => keeping(&visit, &session, done(&visit, &recovery)),
        TotpConfirmed::Wrong => {
            form(&visit, Some(visit.words().say("second-wrong")), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn form(visit: &Visit, wrong: Option<String>, status: StatusCode) -> Page {
    let words = visit.words();
    let offer = begin_totp(visit.web().workspace(), visit.there()?.token(), visit.now).await?;
    let offer = offer.ok_or(Problem::LogIn)?;
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
    Ok(page)
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

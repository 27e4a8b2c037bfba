//! Choosing a language.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect};
use serde::Deserialize;
use tidstro_govern::Language;

use super::Page;
use crate::answered::Problem;
use crate::onward::own_page;
use crate::visit::{LANGUAGE_COOKIE, Posted};

#[derive(Deserialize)]
pub(crate) struct Choice {
    language: String,
}

/// `POST /language`: remembers the choice and goes back to the page it was made on.
pub(crate) async fn choose(headers: HeaderMap, Posted(choice): Posted<Choice>) -> Page {
    let language = Language::from_word(&choice.language).ok_or(Problem::BadForm)?;
    let cookie = format!("{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax", language.word());
    let cookie = HeaderValue::from_str(&cookie).map_err(|_| Problem::BadForm)?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&back(&headers))).into_response())
}

/// The path of the page somebody comes from. Only its path: an address of another site is never followed.
fn back(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let uri: Option<axum::http::Uri> = referer.parse().ok();
    let path = uri.as_ref().and_then(|uri| uri.path_and_query()).map(ToString::to_string).unwrap_or_default();
    own_page(&path).unwrap_or("/").to_owned()
}

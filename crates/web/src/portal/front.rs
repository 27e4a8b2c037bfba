//! `/`: what this is, and where to go on.

use axum::response::{IntoResponse as _, Redirect};
use maud::html;

use super::Page;
use crate::door::Desk;
use crate::page::{Frame, Here};
use crate::visit::Visit;

/// `GET /`: whoever is logged in comes to their first page.
pub(crate) async fn page(visit: Visit) -> Page {
    if let Some(there) = visit.session() {
        let desk = Desk::ALL.into_iter().find(|desk| there.may_enter(*desk));
        let first = if there.is_resident() { "/home" } else { desk.map_or("/account", Desk::path) };
        return Ok(Redirect::to(first).into_response());
    }
    let words = visit.words();
    let body = html! {
        p { (words.say("front-what")) }
        p { a.button href="/log-in" { (words.say("frame-log-in")) } " " a href="/activate" { (words.say("front-activate")) } }
        h2 { (words.say("front-your-data")) }
        p { (words.say("front-law")) }
        p { a href="/privacy" { (words.say("way-privacy")) } }
    };
    Ok(Frame { visit: &visit, title: words.say("front-title"), here: Here::Outside }.around(&body))
}

//! The desk of whoever looks after the access of others: accounts, reviews, tokens of other programs.
//!
//! What comes in: asks of staff whom the door let in. What goes out: lists without a secret, and codes and tokens once, on a page that is kept
//! nowhere. Never: an act without a fresh proof; a person's name or address, which accounts do not show.

pub(crate) mod accounts;
pub(crate) mod review;
pub(crate) mod tokens;

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::door::Desk;
use crate::page::amount::day;
use crate::page::{Frame, Here, rooms};
use crate::visit::Visit;

/// The rooms of the desk.
const ROOMS: [(&str, &str); 3] =
    [(ACCOUNTS, "access-accounts"), (REVIEW, "access-review"), (TOKENS, "access-tokens")];
const ACCOUNTS: &str = "/desk/access";
const REVIEW: &str = "/desk/access/review";
const TOKENS: &str = "/desk/access/tokens";

/// A page of a room.
fn page(visit: &Visit, room: &str, body: &Markup) -> Response {
    let words = visit.words();
    let title = ROOMS.iter().find(|(path, _)| *path == room).map_or("way-access", |(_, name)| name);
    let body = html! { (rooms(words, Desk::Access, &ROOMS, room)) (body) };
    Frame { visit, title: words.say(title), here: Here::At(Desk::Access) }.around(&body)
}

/// A page of a room that says why nothing was done.
fn refused(visit: &Visit, room: &str, why: &str) -> Response {
    let words = visit.words();
    let body = html! { p.note.bad role="alert" { (words.say(why)) } p { a.button href=(room) { (words.say("access-back")) } } };
    let mut page = page(visit, room, &body);
    *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    page
}

/// A secret, shown once.
fn secret(visit: &Visit, room: &str, (title, what): (&str, &str), text: &str, until: Timestamp) -> Response {
    let (words, zone) = (visit.words(), visit.web().workspace().zone());
    let body = html! {
        h2 { (words.say(title)) }
        p { (words.say(what)) }
        p { code.key { (text) } }
        p { (words.say("access-until")) " " (day(zone.day_of(until), words)) }
        p { a.button href=(room) { (words.say("access-back")) } }
    };
    page(visit, room, &body)
}

/// A day, or a word where there is none.
fn day_or(at: Option<Timestamp>, none: &str, visit: &Visit) -> String {
    let zone = visit.web().workspace().zone();
    at.map_or_else(|| visit.words().say(none), |at| day(zone.day_of(at), visit.words()))
}

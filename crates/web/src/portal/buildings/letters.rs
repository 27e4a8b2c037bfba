//! `/desk/buildings/letters`: who gets the information of the month on paper: to print, or as a file for the recipient who posts it.

use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;
use maud::{Markup, html};
use tidstro_flows::{Letters, export_letters, letters};
use tidstro_govern::Recipient;

use super::{asked, page as framed};
use crate::answered::Problem;
use crate::page::amount::{day, month};
use crate::portal::form::Nothing;
use crate::portal::{Page, given};
use crate::visit::{Posted, Visit};
use crate::words::Words;

/// Where the list is; whoever proves themselves comes back here.
const PATH: &str = "/desk/buildings/letters";

/// `GET /desk/buildings/letters`.
pub(crate) async fn page(visit: Visit) -> Page {
    let words = visit.words();
    let found = given(letters(visit.web().workspace(), &asked(&visit)?, visit.now).await?)?;
    let body = html! {
        p { a href="/desk/buildings" { (words.say("building-back")) } }
        p { (words.say_with("letters-what", [("month", month(found.month, words).into()), ("by", day(found.by, words).into())])) }
        @if found.lines.is_empty() { p.note { (words.say("letters-none")) } }
        @else {
            (table(&found, words))
            form method="post" action=(PATH) { (visit.token()) button.second { (words.say("letters-file")) } }
            p.help { (words.say("letters-file-what")) }
        }
    };
    Ok(framed(&visit, words.say("letters-title"), &body))
}

fn table(found: &Letters, words: &Words) -> Markup {
    html! {
        div.wide tabindex="0" { table {
            caption { (words.say_with("letters-caption", [("count", found.lines.len().into())])) }
            thead { tr {
                th scope="col" { (words.say("buildings-building")) }
                th scope="col" { (words.say("building-unit")) }
                th scope="col" { (words.say("unit-name")) }
                th scope="col" { (words.say("letters-contact")) }
            } }
            tbody { @for line in &found.lines { tr {
                td { (line.building) }
                td { (line.flat.as_deref().unwrap_or_default()) }
                th scope="row" { (line.name) }
                td { (line.contact) }
            } } }
        } }
    }
}

/// `POST /desk/buildings/letters`: the file, for the controller of the purpose, from whoever has just proved who they are.
pub(crate) async fn file(visit: Visit, Posted(Nothing {}): Posted<Nothing>) -> Page {
    visit.proven(PATH)?;
    let (asked, workspace) = (asked(&visit)?, visit.web().workspace());
    let activity = workspace.register().activity(&asked.people).ok_or(Problem::NotYours)?;
    let recipient = Recipient { party: activity.controller.clone(), country: None };
    let text = given(export_letters(workspace, &asked, recipient, visit.now).await?)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"letters.csv\"")),
    ];
    Ok((headers, text).into_response())
}

//! `/desk/governance/subject`: what is kept of one person, for which purpose and until when.
//!
//! Whom it is about is sent in a form and stands in no address. A reference that nobody has is answered like a person of whom nothing is kept.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;
use tidstro_flows::{Answer, LeasesView, subject_leases};
use tidstro_govern::{Lease, LeaseState, Matter, Operation};
use zeroize::Zeroizing;

use super::super::Page;
use super::super::form::Field;
use super::Room;
use crate::answered::Problem;
use crate::door::staff_purpose;
use crate::page::amount::{day, until};
use crate::visit::{Posted, Visit};
use crate::words::Words;

/// The column by which somebody asks what is kept of another's time somewhere.
const COLUMN: &str = "occupancy.start_day";

/// Whom somebody asks about.
#[derive(Deserialize)]
pub(crate) struct Given {
    reference: Zeroizing<String>,
}

/// `GET /desk/governance/subject`.
pub(crate) async fn page(visit: Visit) -> Page {
    let body = form(&visit, None);
    Ok(Room::Subject.page(&visit, &body))
}

/// `POST /desk/governance/subject`: answered at once, since nothing is changed and an address would have to name somebody.
pub(crate) async fn show(visit: Visit, Posted(given): Posted<Given>) -> Page {
    match leases(&visit, given.reference.trim()).await? {
        Answer::Given(view) => Ok(Room::Subject.page(&visit, &kept(&visit, &view))),
        Answer::Refused(_) => Ok(nobody(&visit)),
    }
}

async fn leases(visit: &Visit, reference: &str) -> Result<Answer<LeasesView>, Problem> {
    let (there, workspace) = (visit.there()?, visit.web().workspace());
    let session = there.session();
    let purpose = staff_purpose(workspace.register(), session.roles(), Operation::Read, COLUMN);
    let purpose = purpose.ok_or(Problem::NotYours)?;
    let asked = (&purpose.activity, session.factors());
    Ok(subject_leases(workspace, there.actor(), asked, Some(reference), visit.now).await?)
}

fn nobody(visit: &Visit) -> Response {
    let body = form(visit, Some(visit.words().say("subject-nobody")));
    let mut page = Room::Subject.page(visit, &body);
    *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    page
}

fn form(visit: &Visit, wrong: Option<String>) -> Markup {
    let words = visit.words();
    let reference = Field {
        name: "reference",
        label: words.say("subject-reference"),
        help: words.say("subject-reference-help"),
        kind: "text",
        autocomplete: "off",
        wrong,
    };
    html! {
        p { (words.say("subject-what")) }
        form.narrow method="post" action="/desk/governance/subject" {
            (visit.token()) (reference.draw())
            button { (words.say("subject-show")) }
        }
    }
}

fn kept(visit: &Visit, view: &LeasesView) -> Markup {
    let words = visit.words();
    html! {
        @if view.is_held { p.note.mark { (words.say("my-data-held")) } }
        h2 #kept { (words.say("my-data-kept")) }
        (table(visit, &view.leases))
        figure.drawn {
            figcaption { (words.say("my-data-drawn")) }
            div.wide { (PreEscaped(view.chart.svg())) }
        }
        h2 { (words.say("subject-another")) }
        (form(visit, None))
    }
}

fn table(visit: &Visit, leases: &[Lease]) -> Markup {
    let words = visit.words();
    html! {
        div.wide { table aria-labelledby="kept" {
            thead { tr {
                th scope="col" { (words.say("my-data-purpose")) }
                th scope="col" { (words.say("subject-matter")) }
                th scope="col" { (words.say("subject-state")) }
                th scope="col" { (words.say("subject-from")) }
                th scope="col" { (words.say("my-data-until")) }
                th scope="col" { (words.say("my-data-basis")) }
            } }
            tbody { @for lease in leases { (row(visit, lease)) } }
        } }
    }
}

fn row(visit: &Visit, lease: &Lease) -> Markup {
    let (words, workspace) = (visit.words(), visit.web().workspace());
    let activity = workspace.register().activity(&lease.activity);
    html! { tr {
        th scope="row" {
            @if let Some(activity) = activity { (activity.text.in_language(words.language())) br; }
            code { (lease.activity) }
        }
        td { (matter(lease.matter, words)) }
        td { (state(lease.state, words)) }
        td { @if matches!(lease.matter, Matter::Occupancy(_)) { (day(lease.kept_from, words)) } }
        td { @match lease.until {
            Some(end) => (until(end, workspace.zone(), words)),
            None => (words.say("subject-no-end")),
        } }
        td { @for basis in activity.iter().flat_map(|activity| &activity.basis) { div { (basis.gdpr) " " (basis.cite) } } }
    } }
}

/// By its number, which names nobody.
fn matter(matter: Matter, words: &Words) -> String {
    match matter {
        Matter::Occupancy(number) => {
            words.say_with("subject-occupancy", [("number", number.to_string().into())])
        }
        Matter::Dossier(number) => words.say_with("subject-dossier", [("number", number.to_string().into())]),
    }
}

fn state(state: LeaseState, words: &Words) -> Markup {
    let class = match state {
        LeaseState::Live => "tag good",
        LeaseState::Restricted | LeaseState::Locked => "tag bad",
        LeaseState::NotBegun | LeaseState::Kept | LeaseState::Ended => "tag",
    };
    html! { span class=(class) { (words.say(&format!("lease-{}", state.word().replace(' ', "-")))) } }
}
